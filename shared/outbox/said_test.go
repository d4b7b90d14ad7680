package outbox

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Bounces as servers and SendGrid word them. What a row lacks, the event lacks, too.
func TestBounces(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		reason, status, class, kind string
		want                        Outcome
	}{
		// The address takes no emails.
		{"550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces.", "5.1.1", "Invalid Address", "bounce", Bounced},
		{"550 5.1.1 The email account that you tried to reach does not exist.", "5.1.1", "", "bounce", Bounced},
		{"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "5.1.10", "", "bounce", Bounced},
		{"550 5.4.1 Recipient address rejected: Access denied. [AM0EUR02FT012.eop-EUR02.prod.protection.outlook.com]", "5.4.1", "Invalid Address", "bounce", Bounced},
		{"550 5.4.1 Recipient address rejected: Access denied.", "5.4.1", "", "bounce", Bounced},
		{"550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).", "5.5.0", "Invalid Address", "bounce", Bounced},
		{"550 5.5.0 Requested action not taken: mailbox unavailable", "5.5.0", "", "bounce", Bounced},
		{"554 delivery error: dd This user doesn't have a yahoo.com account (x@example.org) [0] - mta1.example.org", "5.0.0", "Unclassified", "bounce", Bounced},
		{"550 No such user here", "5.0.0", "", "bounce", Bounced},
		{"550 No such user here", "", "", "", Bounced},
		{"No such user", "", "", "bounce", Bounced},
		{"550 5.2.1 The email account that you tried to reach is inactive.", "5.2.1", "Mailbox Unavailable", "bounce", Bounced},
		{"550 5.2.1 The email account that you tried to reach is disabled.", "", "", "bounce", Bounced},
		{"553 5.3.0 <x@example.org>... User unknown", "5.3.0", "", "bounce", Bounced},
		{"551 not our customer", "", "", "bounce", Bounced},
		{"smtp; 550 5.1.1 <x@example.org>: Recipient address rejected: User unknown in virtual mailbox table", "", "", "bounce", Bounced},
		{"host mx.example.org[192.0.2.1] said: 550 5.1.1 unknown user (in reply to RCPT TO command)", "", "", "bounce", Bounced},
		{"550-5.1.1 The email account that you tried to reach does not exist", "", "", "bounce", Bounced},
		{"556 5.1.10 Domain does not accept mail (nullMX)", "5.1.10", "", "bounce", Bounced},
		{"550 5.1.0 Address rejected.", "5.1.0", "", "bounce", Bounced},
		{"550 Requested action not taken: mailbox unavailable", "550", "", "bounce", Bounced},
		{"Unknown recipient", "5.0.0", "Invalid Address", "bounce", Bounced},
		{"550 cuda_nsu", "5.0.0", "Invalid Address", "bounce", Bounced},
		{"550", "", "", "bounce", Bounced},
		{"", "5.1.1", "", "bounce", Bounced},
		{"", "", "Invalid Address", "bounce", Bounced},
		{"525 5.7.13 User account disabled", "5.7.13", "", "bounce", Bounced},

		// A box without room.
		{"452 4.2.2 The email account that you tried to reach is over quota. Please direct the recipient to clear some space.", "4.2.2", "Mailbox Unavailable", "blocked", BoxFull},
		{"552 5.2.2 The email account that you tried to reach is over quota.", "5.2.2", "Mailbox Unavailable", "bounce", BoxFull},
		{"552 1 Requested mail action aborted, mailbox not found: storage limit exceeded", "", "", "bounce", BoxFull},
		{"552 Requested mail action aborted: exceeded storage allocation", "5.0.0", "", "bounce", BoxFull},
		{"550 5.1.1 <x@example.org> Mailbox is full", "5.1.1", "", "bounce", BoxFull},
		{"554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", "5.2.2", "Unclassified", "bounce", BoxFull},
		{"550 The user's mailbox is full", "5.0.0", "Mailbox Unavailable", "bounce", BoxFull},
		{"452 Insufficient system storage", "4.3.1", "", "blocked", BoxFull},
		{"422 the recipient's mailbox has exceeded its storage limit", "", "", "", BoxFull},
		{"", "5.2.2", "", "bounce", BoxFull},
		{"552", "", "", "bounce", BoxFull},

		// For now.
		{"450 4.2.0 greylisted, try again", "4.2.0", "Technical Failure", "bounce", PutOff},
		{"451 4.7.1 Greylisting in action, please come back later", "4.7.1", "", "blocked", PutOff},
		{"450 4.7.1 <x@example.org>: Recipient address rejected: Greylisted", "", "", "bounce", PutOff},
		{"421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints", "4.7.0", "Reputation", "blocked", PutOff},
		{"450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.", "4.2.1", "Frequency or Volume Too High", "blocked", PutOff},
		{"450 4.1.1 <x@example.org>: Recipient address rejected: unverified address: User unknown", "4.1.1", "", "bounce", PutOff},
		{"550 4.4.7 QUEUE.Expired; message expired", "5.0.0", "", "bounce", PutOff},
		{"451 4.3.0 Mail server temporarily rejected message", "", "", "", PutOff},
		{"421 Service not available", "", "", "bounce", PutOff},
		{"421", "5.0.0", "", "bounce", PutOff},
		{"", "4.0.0", "", "bounce", PutOff},
		{"", "4.4.2", "Unclassified", "blocked", PutOff},
		{"", "421", "", "bounce", PutOff},
		{"unable to get mx info: failed to get IPs from PTR record: lookup <nil>: unrecognized address", "5.0.0", "Technical Failure", "bounce", PutOff},
		{"unable to get mx info: failed to get IPs from PTR record: lookup <nil>: unrecognized address", "", "Unclassified", "blocked", PutOff},
		{"error dialing remote address: dial tcp 10.10.10.10:0->192.0.2.7:25: i/o timeout", "", "Technical Failure", "blocked", PutOff},
		{"Delivery time expired", "", "", "expired", PutOff},
		{"", "", "", "expired", PutOff},
		{"550 Too many connections", "5.0.0", "Frequency or Volume Too High", "blocked", PutOff},
		{"554 5.3.2 System not accepting network messages", "5.3.2", "", "bounce", PutOff},
		{"550 5.4.4 Unable to route", "5.4.4", "", "bounce", PutOff},
		{"", "", "Technical Failure", "bounce", PutOff},
		{"", "", "Technical", "bounce", PutOff},
		{"", "", "Frequency/Volume", "blocked", PutOff},
		{"550 rejected", "5.0.0", "Mailbox Unavailable", "bounce", PutOff},
		{"554 Service unavailable; try later", "", "", "bounce", PutOff},

		// The email, or whence it came.
		{"550 5.7.1 Unfortunately, messages from [192.0.2.9] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).", "5.7.1", "Reputation", "blocked", Blocked},
		{"554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org", "5.7.1", "", "blocked", Blocked},
		{"550 5.7.1 Message rejected as spam by Content Filtering.", "5.7.1", "Content", "blocked", Blocked},
		{"550 5.7.1 <x@example.org>: Recipient address rejected: blocked by spam policy", "5.7.1", "", "bounce", Blocked},
		{"554 Message rejected because of unacceptable content.", "5.0.0", "Content", "blocked", Blocked},
		{"552 5.3.4 Message size exceeds fixed limit", "5.3.4", "", "bounce", Blocked},
		{"552 5.2.3 Message length exceeds administrative limit", "5.2.3", "", "bounce", Blocked},
		{"550 5.6.0 Lone CR or LF in headers", "5.6.0", "", "blocked", Blocked},
		{"554 5.7.1 <x@example.org>: Relay access denied", "5.7.1", "", "bounce", Blocked},
		{"", "", "Reputation", "blocked", Blocked},
		{"", "", "", "blocked", Blocked},
		{"550 rejected", "", "", "blocked", Blocked},

		// The host's own records.
		{"550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.", "5.7.26", "Reputation", "blocked", Held},
		{"550 5.7.1 Unauthenticated email from example.org is not accepted due to domain's DMARC policy.", "5.7.1", "Reputation", "blocked", Held},
		{"550 5.7.515 Access denied, sending domain example.org does not meet the required authentication level.", "5.7.515", "", "bounce", Held},
		{"550 5.1.8 <host@example.org>: Sender address rejected: Domain not found", "5.1.8", "Technical Failure", "bounce", Held},
		{"550 SPF check failed", "5.0.0", "", "blocked", Held},

		// Nobody can tell: nobody is stopped.
		{"", "", "", "bounce", Unclear},
		{"", "", "", "", Unclear},
		{"", "5.0.0", "Unclassified", "bounce", Unclear},
		{"554", "5.0.0", "", "bounce", Unclear},
		{"554 transaction failed", "", "", "bounce", Unclear},
		{"something new", "new", "Something New", "bounce", Unclear},
		{"500 unrecognised command", "5.5.1", "", "bounce", Unclear},
	} {
		got, dropped, fault, ok := Said{Event: "bounce", Type: row.kind, Reason: row.reason, Status: row.status, Classification: row.class}.Meaning()
		if got != row.want || dropped || !ok || (fault != NoFault) != (got == Held) {
			t.Errorf("%s %q (%q, %q): %q with fault %q, want %q", row.kind, row.reason, row.status, row.class, got, fault, row.want)
		}
	}
}

func TestDrops(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]struct {
		Outcome
		Fault
	}{
		// SendGrid's own list, and what it and its libraries write beside.
		"Bounced Address": {Dropped, ""}, "Spam Reporting Address": {SpamReport, ""}, "Unsubscribed Address": {Unsubscribed, ""}, "Invalid": {Invalid, ""},
		"Recipient List over Package Quota": {Held, OverQuota}, "Invalid SMTPAPI header": {Held, BadSettings}, "Spam Content": {Held, SpamCheck},
		"Spam Content (if spam checker app enabled)": {Held, SpamCheck}, "bounced": {Dropped, ""}, "BOUNCED ADDRESS": {Dropped, ""}, " Bounced  Address ": {Dropped, ""},
		"Previously bounced": {Dropped, ""}, "Spam Reported": {SpamReport, ""}, "Marked as spam": {SpamReport, ""}, "Unsubscribed": {Unsubscribed, ""},
		"User unsubscribed": {Unsubscribed, ""}, "Group Unsubscribe": {Unsubscribed, ""}, "Invalid Address": {Invalid, ""}, "Invalid email": {Invalid, ""}, "invalid smtpapi header": {Held, BadSettings},
		"Invalid X-SMTPAPI": {Held, BadSettings}, "Maximum credits exceeded": {Held, OverQuota}, "Daily limit exceeded": {Held, OverQuota}, "Over quota": {Held, OverQuota},
		"Account suspended": {Held, Suspended}, "Account under review": {Held, Suspended}, "Account disabled": {Held, Suspended}, "Unauthorized": {Held, Unauthorised}, "Unauthorised sender": {Held, Unauthorised},
		"The from address does not match a verified Sender Identity": {Held, Unauthorised}, "Sender not verified": {Held, Unauthorised},
		// Nobody knows it: nobody is stopped.
		"": {Unclear, ""}, "Expired": {Unclear, ""}, "Suppressed": {Unclear, ""}, "Something new": {Unclear, ""},
	} {
		got, dropped, fault, ok := Said{Event: "dropped", Reason: reason, Status: "5.0.0"}.Meaning()
		if got != want.Outcome || fault != want.Fault || !dropped || !ok {
			t.Errorf("%q: %q, %q, want %v", reason, got, fault, want)
		}
	}
}

func TestOtherEvents(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		event, kind string
		want        Outcome
		fault       Fault
		ok          bool
	}{
		{"processed", "", Taken, "", true}, {"deferred", "", Taken, "", true}, {"delivered", "", Delivered, "", true},
		{"spamreport", "", SpamReport, "", true}, {"unsubscribe", "", Unsubscribed, "", true}, {"group_unsubscribe", "", Unsubscribed, "", true},
		{"open", "", Unknown, "", false}, {"click", "", Unknown, "", false}, {"group_resubscribe", "", Unknown, "", false}, {"", "", Unknown, "", false},
		{"blocked", "", Blocked, "", true},
		{"account_status_change", "compliance_suspend", Unknown, Suspended, true}, {"account_status_change", "compliance_deactivate", Unknown, Suspended, true},
		{"account_status_change", "financial_suspend", Unknown, Suspended, true}, {"account_status_change", "reactivate", Unknown, "", false}, {"account_status_change", "", Unknown, "", false},
	} {
		got, _, fault, ok := Said{Event: row.event, Type: row.kind}.Meaning()
		if got != row.want || fault != row.fault || ok != row.ok {
			t.Errorf("%s %s: %q, %q, %v", row.event, row.kind, got, fault, ok)
		}
	}
}

// Whatever a server writes: a code for now stops nobody, and only drops and bounces that
// say so do.
func TestNobodyIsStoppedForNow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := Said{
			Event: "bounce", Type: rapid.SampledFrom([]string{"bounce", "blocked", "expired", ""}).Draw(t, "type"),
			Classification: rapid.SampledFrom([]string{"", "Unclassified", "Invalid Address", "Content", "Technical Failure"}).Draw(t, "class"),
			Status:         rapid.SampledFrom([]string{"", "5.0.0", "4.0.0"}).Draw(t, "status"),
			Reason: rapid.StringMatching(`4[0-9]{2}[ -]4\.[0-9]{1,2}\.[0-9]{1,2} `).Draw(t, "codes") +
				rapid.SampledFrom(append(append([]string{}, goneWords...), rapid.String().Draw(t, "words"))).Draw(t, "reason"),
		}
		if o, _, _, _ := s.Meaning(); !o.Returns() {
			t.Fatalf("%+v: %q", s, o)
		}
	})
}

// What comes back for now goes again with pauses, and not for ever; what comes back for
// the account's fault, for as long as that lasts.
func TestWhatComesBackGoesAgain(t *testing.T) {
	t.Parallel()
	for outcome, bounded := range map[Outcome]bool{PutOff: true, BoxFull: true, Blocked: true, Held: false} {
		m, now := &Message{State: Pending}, noon
		began, times, last := now, 0, time.Duration(0)
		for m.State == Pending && times < 100 {
			now = now.Add(max(0, m.DueAt.Sub(now)))
			m.Claim(now, Usual)
			m.Took("id", now)
			if !m.Report(Report{Attempt: m.Attempts, Outcome: outcome, Dropped: outcome == Held, Fault: map[bool]Fault{true: OverQuota}[outcome == Held], At: now}, 0, now) {
				t.Fatalf("%s: %+v", outcome, m)
			}
			if m.Report(Report{Attempt: m.Attempts, Outcome: Delivered, At: now}, 0, now) || m.Report(Report{Attempt: m.Attempts, Outcome: outcome, At: now}, 0, now) {
				t.Fatalf("%s: it counts twice: %+v", outcome, m)
			}
			if m.State == Pending {
				if pause := m.DueAt.Sub(now); pause < 15*time.Minute || bounded && pause < last || !bounded && pause > time.Hour {
					t.Errorf("%s: a pause of %v", outcome, pause)
				} else {
					last = pause
				}
				if !m.TriedAt.IsZero() || m.Again() != (times > 0) {
					t.Errorf("%s: %+v", outcome, m)
				}
			}
			times++
		}
		if took := now.Sub(began); bounded && (m.State != SetAside || times != MostReturns+1 || took < 3*24*time.Hour || took > 5*24*time.Hour || m.Outcome != outcome) {
			t.Errorf("%s: %d times in %v, then %+v", outcome, times, took, m)
		}
		if !bounded && (m.State != Pending || m.Fault != OverQuota) {
			t.Errorf("%s: given up: %+v", outcome, m)
		}
		if bounded {
			if err := m.TryAgain(now); err != nil || m.Returned != 0 {
				t.Errorf("%s: %v, %+v", outcome, err, m)
			}
		}
	}
}

// A fault at the door is waited out: the message is not given up, and what is said of an
// earlier attempt still counts.
func TestHeldAtTheDoor(t *testing.T) {
	t.Parallel()
	m, now := &Message{State: Pending}, noon
	m.Claim(now, Usual)
	m.Doubt("no answer", 0, now, now, Usual)
	for range 3 * MaxAttempts {
		now = now.Add(max(0, m.DueAt.Sub(now)))
		m.Claim(now, Usual)
		m.Hold(WrongKey, "the provider answered 401", 0, now)
		if pause := m.DueAt.Sub(now); m.State != Pending || m.Fault != WrongKey || pause > 30*time.Minute {
			t.Fatalf("%+v", m)
		}
	}
	if !m.Report(Report{Attempt: 1, Outcome: Delivered, At: now}, 0, now) || m.State != Sent || m.Fault != NoFault {
		t.Errorf("%+v", m)
	}
}
