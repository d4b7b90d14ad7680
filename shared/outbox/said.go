package outbox

import (
	"regexp"
	"strings"
)

// Said is what SendGrid's event webhook says of one email, in its words.
type Said struct {
	Event string
	// Type is of a bounce: bounce, blocked or expired; and of a change of the account.
	Type string
	// Reason is the recipient's server's answer, or why the provider did not try.
	Reason string
	// Status is an enhanced status code (RFC 3463), often a general one, and often none.
	Status string
	// Classification is the provider's own reading of the reason.
	Classification string
}

// Fault is what is wrong with the host's account at the provider, or with how it is set
// up: no recipient is to blame, and no email.
type Fault string

// The faults of an account.
const (
	NoFault      Fault = ""
	OverQuota    Fault = "quota"        // no more emails are in the account's plan
	WrongKey     Fault = "key"          // the provider does not take the key
	Suspended    Fault = "suspended"    // the provider has closed the account
	BadSettings  Fault = "settings"     // what the account adds to emails is malformed
	SpamCheck    Fault = "spam check"   // the account's own check of content refuses emails
	Unauthorised Fault = "unauthorised" // the sender's domain is not set up for the provider
)

// Faults are all of them.
var Faults = []Fault{OverQuota, WrongKey, Suspended, BadSettings, SpamCheck, Unauthorised}

// Meaning is what an event says in this project's words: the outcome, whether the provider
// did not even try, and the fault where the host's account is to blame. ok is false where
// it says nothing of use.
//
// Nobody is written to no more on a guess: only where the words, or a code that means
// nothing else, say that the address takes no emails.
func (s Said) Meaning() (o Outcome, dropped bool, f Fault, ok bool) {
	switch s.Event {
	case "processed", "deferred":
		return Taken, false, NoFault, true // it tries again by itself
	case "delivered":
		return Delivered, false, NoFault, true
	case "spamreport":
		return SpamReport, false, NoFault, true
	case "unsubscribe", "group_unsubscribe":
		return Unsubscribed, false, NoFault, true
	case "dropped":
		o, f = drop(words(s.Reason))
		return o, true, f, true
	case "bounce", "blocked":
		o, f = s.bounce()
		return o, false, f, true
	case "account_status_change":
		if contains(words(s.Type), "suspend", "deactivat", "ban", "terminat") && !contains(words(s.Type), "reactivat", "unsuspend") {
			return Unknown, false, Suspended, true
		}
	}
	return Unknown, false, NoFault, false
}

// words are a text as it is looked through.
func words(text string) string {
	return " " + strings.Join(strings.Fields(strings.ToLower(text)), " ") + " "
}

func contains(text string, any ...string) bool {
	for _, part := range any {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// drop is why the provider did not try. What is about the recipient is a short list;
// whatever else it says, nobody is stopped for it.
func drop(reason string) (Outcome, Fault) {
	switch {
	case contains(reason, "quota", "credit", "package", "plan limit", "sending limit", "daily limit", "monthly limit", "limit exceeded"):
		return Held, OverQuota
	case contains(reason, "smtpapi", "x-smtpapi"):
		return Held, BadSettings
	case contains(reason, "spam report", "spam-report", "spamreport", "reported as spam", "marked as spam", "complain"):
		return SpamReport, NoFault
	case contains(reason, "spam content", "spam check", "content"):
		return Held, SpamCheck
	case contains(reason, "suspend", "deactivated", "banned", "account disabled", "account is disabled", "under review"):
		return Held, Suspended
	case contains(reason, "unauthori", "not authori", "unauthenticated", "not authenticated", "unverified", "not verified", "sender identity", "from address", "sender address", "permission", "api key"):
		return Held, Unauthorised
	case contains(reason, "unsubscrib", "opted out", "opt-out"):
		return Unsubscribed, NoFault
	case contains(reason, "bounce"):
		return Dropped, NoFault
	case contains(reason, "invalid"):
		return Invalid, NoFault
	}
	return Unclear, NoFault
}

var (
	// enhanced is an enhanced status code where a server writes one, and basic a reply
	// code, with which an answer begins.
	enhanced = regexp.MustCompile(`(?:^|[^0-9.])([245])\.(\d{1,3})\.(\d{1,3})(?:[^0-9.]|\.?$|\. )`)
	basic    = regexp.MustCompile(`^\W*(?:smtp;\s*|smtp error:?\s*|error:?\s*|host [^:]{1,200}said:\s*)?([245]\d\d)(?:[^0-9.]|$)`)
)

// codes are the reply code and the enhanced status code of a bounce, "" for none. The
// server's answer is heard before the status, which is mostly made from it.
func (s Said) codes() (reply, status string) {
	reason := strings.TrimSpace(strings.ToLower(s.Reason))
	if m := basic.FindStringSubmatch(reason); m != nil {
		reply = m[1]
	}
	for _, text := range []string{reason, strings.TrimSpace(s.Status)} {
		if m := enhanced.FindStringSubmatch(text); m != nil && status == "" {
			status = m[1] + "." + m[2] + "." + m[3]
		}
	}
	if m := basic.FindStringSubmatch(strings.TrimSpace(s.Status)); m != nil && reply == "" {
		reply = m[1]
	}
	return reply, status
}

// The words by which a server's answer is known. Each list is looked at only where those
// before it in bounce say nothing.
var (
	// fullWords are of a box that has no room.
	fullWords = []string{
		"mailbox full", "mailbox is full", "mailboxfull", "mail box full", "inbox full", "inbox is full", "mailbox has exceeded", "mailbox exceeded", "mailbox size", "over quota", "overquota",
		"over the quota", "over its quota", "over disk quota", "exceeded quota", "exceeds quota", "exceeded its quota", "exceeded their quota", "exceeded storage", "exceeded its storage", "exceed the storage", "exceeds allowed quota", "exceeded the quota",
		"exceeds the quota", "quota exceed", "quota is exceed", "quota full", "quota violation", "quotaexceeded", "out of storage", "out of space", "storage full", "storage limit", "storage quota", "storage allocation", "not enough space", "not enough storage",
		"no space left", "insufficient storage", "insufficient system storage", "insufficient disk", "disk quota", "disk full", "box is full", "box full", "user is over", "account is full", "account full", "recipient full", "message store full", "too much mail",
	}
	// senderWords are of a sender whom the recipient's server does not take for who it says:
	// the host's records in the DNS, or the domain that it sends by.
	senderWords = []string{
		"dmarc", "dkim", " spf", "(spf", "spf)", "unauthenticated", "sender is unauthenticated", "not authenticated", "sender not authenticated", "sender address rejected", "sender domain", "sender verify", "sender verification", "sender denied", "sender rejected",
		"domain of sender", "unauthorized sender", "unauthorised sender", "sender is not authorized", "not authorized to send", "not authorised to send", "not permitted to send", "sender not authorized", "sender is not allowed", "from domain", "from: header", "from header",
	}
	// netWords are of a server that could not be found or spoken to: the domain's fault, or
	// the line's, mostly for a while.
	netWords = []string{
		"unable to get mx", "get mx info", "no mx", "mx record", "mx lookup", "dns", "nxdomain", "servfail", "failed to get ips", "lookup <nil>", "could not resolve", "cannot resolve", "unable to resolve", "host not found", "host or domain name not found", "name or service not known",
		"no such host", "domain not found", "no route to host", "unrouteable mail domain", "network is unreachable", "host unreachable", "host unknown", "connection refused", "connection reset", "connection timed out", "connection timeout", "connection closed", "connection lost", "connection dropped", "connection failed", "error dialing", "dial tcp", "i/o timeout",
		"timed out", "timeout", "time out", "tls handshake", "starttls", "unexpected eof", "broken pipe", "lost connection", "unable to connect", "could not connect", "cannot connect", "failed to connect", "delivery time expired", "message expired", "queue time", "expired after", "retry time", "mail loop", "too many hops", "routing loop",
	}
	// laterWords are of a server that takes it another time.
	laterWords = []string{
		"greylist", "graylist", "grey list", "grey-list", "gray-list", "try again", "try later", "retry later", "retry in", "come back later", "please retry", "temporar", "tempfail", "deferred", "deferring", "rate limit", "ratelimit", "rate-limit", "rate that prevents", "throttl", "too many", "too fast", "too frequent", "volume", "concurrent",
		"resources", "busy", "overload", "high load", "maintenance", "service unavailable; try", "service not available", "not accepting messages", "local error", "internal error", "system not accepting", "server error", "system error", "processing error", "not available at this time", "currently unavailable", "currently not",
	}
	// goneWords are of an address that takes no emails, now or later.
	goneWords = []string{
		"does not exist", "doesn't exist", "doesnt exist", "do not exist", "not exist", "no longer exist", "user unknown", "unknown user", "unknown recipient", "recipient unknown", "unknown address", "address unknown", "unknown account", "unknown mailbox", "unknown local", "unknown or illegal",
		"no such user", "no such recipient", "no such mailbox", "no such address", "no such account", "no such person", "no such local", "no such email", "no mailbox", "no user", "no account", "no valid recipient", "user not found", "recipient not found", "recipientnotfound", "mailbox not found", "address not found", "account not found", "email address was not found", "could not be found", "couldn't be found", "not found by smtp",
		"invalid recipient", "invalid mailbox", "invalid address", "invalid user", "invalid email", "invalid local", "bad recipient", "bad address", "bad destination mailbox", "illegal user", "not a valid", "not a known", "not a local", "not our customer", "is not known", "isn't known", "recipient rejected", "recipient address rejected", "address rejected", "recipient refused", "recipient denied", "recipient not accepted", "user doesn't have", "doesn't have a", "does not have a", "do not have a", "user does not", "this user doesn't",
		"mailbox disabled", "mailbox is disabled", "mailbox inactive", "mailbox is inactive", "mailbox closed", "mailbox suspended", "mailbox is unavailable", "account disabled", "account is disabled", "account has been disabled", "account that you tried to reach is disabled", "account inactive", "account is inactive", "account that you tried to reach is inactive", "account closed", "account has been closed", "account is closed", "account suspended", "account has been suspended", "account deactivated", "account has been deactivated", "account expired", "account terminated", "account is locked", "account has been locked", "user disabled", "user is disabled", "user inactive", "user suspended", "user has moved", "no longer valid", "no longer accept", "no longer available", "no longer active", "no longer in use", "no longer employed", "no longer work", "has left", "address is no longer", "unrouteable address", "unroutable address", "undeliverable address", "address is administratively disabled", "recipient is disabled", "inactive user", "inactive recipient", "disabled user", "disabled recipient", "deactivated mailbox", "delivery not authorized to this", "null mx", "does not accept mail", "domain does not accept", "host does not accept",
	}
	// policyWords are of a server that thinks ill of the email or of whom it came from.
	policyWords = []string{
		"spam", "unsolicited", "policy", "reputation", "blacklist", "blocklist", "block list", "black list", "blocked", "block-list", "denylist", "deny list", "rbl", "dnsbl", "spamhaus", "spamcop", "barracuda", "proofpoint", "mimecast", "sorbs", "junk", "content", "virus", "malware", "phish", "banned", "bulk", "listed", "prohibited", "not permitted",
		"access denied", "permission denied", "relay", "message rejected", "mail rejected", "message refused", "message size", "message too large", "too large", "size exceeds", "size limit", "message is too", "attachment", "s3150", "s3140", "client host rejected", "ip address", "refused by", "poor", "abuse", "suspicious", "security", "rejected due to", "administrative",
	}
)

// goneCodes mean nothing else than that the address takes no emails: bad mailbox, bad
// domain, bad syntax, moved, null MX; disabled; owner changed; account disabled.
var goneCodes = []string{"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.7.13", "5.7.17", "5.7.18"}

// senderCodes are of the sender's address or of what proves whose it is (RFC 3463, RFC
// 7372, and those that large hosts of mailboxes use): SPF, DKIM, DMARC, reverse DNS.
var senderCodes = []string{"5.1.7", "5.1.8", "5.7.20", "5.7.21", "5.7.22", "5.7.23", "5.7.24", "5.7.25", "5.7.26", "5.7.27", "5.7.29", "5.7.30", "5.7.509", "5.7.515"}

// bounce is what a bounce means. Codes of a class for now are for now, whatever they stand
// beside; then the more exact is heard before the more general: the server's words, its
// enhanced code, the provider's class, the reply code, and last the provider's type.
func (s Said) bounce() (Outcome, Fault) {
	reason := words(s.Reason)
	reply, status := s.codes()
	full, net := contains(reason, fullWords...), contains(reason, netWords...)
	message := contains(reason, "message size", "message too large", "message is too large", "message exceeds", "message length", "size exceeds maximum message")
	switch {
	case full && !message, strings.HasSuffix(status, ".2.2") && !message:
		return BoxFull, NoFault
	case strings.HasPrefix(status, "4."), strings.HasPrefix(reply, "4"):
		return PutOff, NoFault
	case within(status, senderCodes), contains(reason, senderWords...):
		return Held, Unauthorised
	case net:
		return PutOff, NoFault
	case within(status, goneCodes):
		return Bounced, NoFault
	case contains(reason, laterWords...):
		return PutOff, NoFault
	case message, within(status, []string{"5.2.3", "5.3.4"}):
		return Blocked, NoFault
	}
	class := words(s.Classification)
	switch {
	case contains(class, "invalid address"):
		return Bounced, NoFault
	case contains(class, "mailbox unavailable", "technical", "frequency", "volume"):
		return PutOff, NoFault
	case contains(class, "reputation", "content"):
		return Blocked, NoFault
	case contains(reason, goneWords...) && !contains(reason, "spam", "reputation", "blocked", "block list", "blocklist", "blacklist", "policy"):
		return Bounced, NoFault
	case contains(reason, policyWords...):
		return Blocked, NoFault
	}
	switch {
	case strings.HasPrefix(status, "5.3."), strings.HasPrefix(status, "5.4."):
		return PutOff, NoFault // the system, or the way to it
	case strings.HasPrefix(status, "5.6."), strings.HasPrefix(status, "5.7."):
		return Blocked, NoFault // the content, or who may send
	case reply == "552":
		return BoxFull, NoFault
	case reply == "556", strings.HasPrefix(status, "5.1.") && status != "5.1.0", contains(reason, "mailbox unavailable", "mailbox not available"):
		return Bounced, NoFault
	case s.Event == "blocked" || s.Type == "blocked":
		return Blocked, NoFault // SendGrid: not for the address
	case s.Type == "expired":
		return PutOff, NoFault // it was put off until the provider gave up
	case within(reply, []string{"550", "551", "553"}):
		return Bounced, NoFault
	}
	return Unclear, NoFault
}

func within(code string, all []string) bool {
	for _, c := range all {
		if c == code {
			return true
		}
	}
	return false
}
