package message_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/reminder"
	"github.com/cascading-leadership/cascade/shared/sealed"
)

// The id of no message changes: one that was written by an earlier version would be
// written, and sent, a second time. testdata/ids.txt has them as they were when they
// were first put together in one place: for each kind its step, its id, and that of the
// message that it reminds of.
func TestIDsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("testdata/ids.txt")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	kinds := map[outbox.Kind]bool{}
	for _, m := range messages(t) {
		kinds[m.Kind] = true
		if m.Programme != "pilot" || m.Person != enrolment.PersonOf(m.To) || (m.Role == "") != message.ForStaff(m.Kind) {
			t.Errorf("%s is to %q, the person %q, the role %q, in %q", m.Kind, m.To, m.Person, m.Role, m.Programme)
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %d %s %s", m.Kind, m.To, m.Step, m.ID, m.After)))
	}
	slices.Sort(lines)
	if got := strings.Join(slices.Compact(lines), "\n") + "\n"; got != string(want) {
		t.Errorf("ids are\n%s\nwant\n%s", got, want)
	}
	for _, k := range message.Kinds() {
		if !kinds[k] {
			t.Errorf("no message of kind %s is made", k)
		}
	}
}

// messages are one of every kind at least: those that what people do causes, and those
// that are found to be due.
func messages(t *testing.T) []outbox.Message {
	t.Helper()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p.ID = "pilot"
	now := time.Date(2026, time.November, 24, 12, 0, 0, 123456789, time.UTC)
	client := &enrolment.Enrolment{ID: "alex-seek", Role: programme.Client, State: enrolment.Confirmed, CreatedAt: now, ConfirmedAt: now}
	claim := &enrolment.Claim{ID: "claim", Enrolment: client.ID, Role: client.Role, ExpireAt: now.Add(enrolment.ClaimLife), CreatedAt: now}
	consultant := &enrolment.Enrolment{ID: "zoe-offer", Role: programme.Consultant, State: enrolment.Confirmed, CreatedAt: now, ConfirmedAt: now}
	match := &pairing.Match{ID: "m", Run: "r", Programme: p.ID, State: pairing.Released, ReleasedAt: now,
		Client: pairing.Side{Enrolment: client.ID}, Consultant: pairing.Side{Enrolment: consultant.ID}}
	chosen := *match
	chosen.ID, chosen.Run = "d", pairing.Directory
	x := &pairing.Pairing{ID: "x", State: pairing.Active, Client: client.ID, Consultant: consultant.ID, StartedAt: now}
	session := &pairing.Session{ID: "s", Programme: p.ID, Pairing: x.ID, Client: client.ID, Consultant: consultant.ID, State: pairing.Booked,
		BookedAt: now, StartsAt: now.AddDate(0, 0, 20), Minutes: 90}
	moved := *session
	moved.Sequence = 1
	held := moved
	held.State = pairing.Held
	invitation := &questionnaire.Invitation{ID: "i", Enrolment: client.ID, Role: programme.Client, Pairing: x.ID, CreatedAt: now}

	complained := &complaint.Complaint{ID: "c", Enrolment: client.ID, Role: client.Role, State: complaint.Received, DueAt: now.AddDate(0, 0, 24)}
	passed := &nomination.Nomination{ID: "n", Person: "lee", CreatedAt: now, ExpireAt: now.Add(nomination.Life)}
	letter := &sealed.Letter{ID: "alex", Enrolment: client.ID, Role: client.Role, ReturnAt: now.AddDate(0, 6, 0)}
	all := caused(p, claim, client, match, &chosen, x, session, &moved, invitation, now)

	cal := calendar.Of(p, "London", "")
	who := reminder.Calendars{programme.Client: cal, programme.Consultant: cal}
	finishing := *x
	finishing.FinishBy, finishing.FinishAt = programme.Consultant, now
	answered := *match
	answered.Consultant.Answer = pairing.Yes
	for _, due := range []func(since, now time.Time) reminder.Due{
		func(since, now time.Time) reminder.Due { return reminder.OfClaim(p, claim, cal, since, now) },
		func(since, now time.Time) reminder.Due { return reminder.OfEnrolment(p, client, cal, since, now) },
		func(since, now time.Time) reminder.Due { return reminder.OfEnrolment(p, consultant, cal, since, now) },
		func(since, now time.Time) reminder.Due { return reminder.OfMatch(p, match, who, since, now) },
		func(since, now time.Time) reminder.Due { return reminder.OfMatch(p, &chosen, who, since, now) },
		func(since, now time.Time) reminder.Due { return reminder.OfMatch(p, &answered, who, since, now) },
		func(since, now time.Time) reminder.Due { return reminder.OfPairing(p, x, who, since, now) },
		func(since, now time.Time) reminder.Due { return reminder.OfPairing(p, &finishing, who, since, now) },
		func(since, now time.Time) reminder.Due { return reminder.OfSession(p, session, x, who, since, now) },
		func(since, now time.Time) reminder.Due { return reminder.OfSession(p, &moved, x, who, since, now) },
		func(since, now time.Time) reminder.Due { return reminder.OfSession(p, &held, x, who, since, now) },
		func(since, now time.Time) reminder.Due {
			return reminder.OfComplaint(p, complained, since, now)
		},
		func(since, now time.Time) reminder.Due { return reminder.OfSealedLetter(p, letter, since, now) },
		func(since, now time.Time) reminder.Due { return reminder.OfNomination(p, passed, cal, since, now) },
		func(since, now time.Time) reminder.Due { return reminder.OfInvitation(p, invitation, cal, since, now) },
	} {
		for since, at := now, now; !at.IsZero(); {
			d := due(since, at)
			all = append(all, d.Owed...)
			since, at = d.Next, d.Next
		}
	}
	morning := time.Date(2026, time.November, 25, 9, 0, 0, 0, time.UTC)
	return append(all, reminder.OfDigest(p, message.Concerns{Unready: 1}, []string{"morgan"}, now, morning).Owed...)
}

// caused are the messages that follow from what people do.
func caused(p *programme.Programme, claim *enrolment.Claim, client *enrolment.Enrolment, match, chosen *pairing.Match,
	x *pairing.Pairing, session, moved *pairing.Session, invitation *questionnaire.Invitation, now time.Time) []outbox.Message {
	moving := *client
	moving.NewEmailAt = now
	asking := *match
	asking.Questions, asking.Look = []pairing.Question{{By: programme.Client}}, pairing.Look{By: programme.Client}
	paused := *x
	paused.PausedAt, paused.PausedUntil, paused.FinishAt, paused.Proposal.ID = now, now.AddDate(0, 0, 9), now, "proposed"
	further := *x
	further.Further.AskedAt = now
	complained := &complaint.Complaint{ID: "c", Enrolment: client.ID, Role: client.Role, State: complaint.Acknowledged}
	return []outbox.Message{
		message.ConfirmEnrolment(p, claim), message.EnrolmentConfirmed(p, client), message.ChooseNow(p, client, now),
		message.MatchReleased(p, match, programme.Client), message.MatchReleased(p, match, programme.Consultant),
		message.MatchLapsed(p, match, programme.Client), message.MatchLapsed(p, match, programme.Consultant), message.MatchLapsed(p, chosen, programme.Client),
		message.MatchNamed(p, match, programme.Client), message.MatchAsked(p, &asking, 0), message.MatchReplied(p, &asking, 0), message.MatchLookedAt(p, &asking),
		message.MatchWithdrawn(p, match, programme.Client), message.MatchWithdrawn(p, match, programme.Consultant), message.MatchWithdrawn(p, chosen, programme.Client),
		message.MatchDeclined(p, match, programme.Client), message.MatchChosen(p, chosen, programme.Consultant),
		message.PairingStarted(p, x, match, programme.Client), message.PairingStarted(p, x, match, programme.Consultant),
		message.PairingPaused(p, &paused, programme.Client), message.PairingResumed(p, &paused, programme.Client), message.PairingStopped(p, x, programme.Client),
		message.PairingCompleted(p, x, programme.Client), message.TimesProposed(p, &paused, programme.Client), message.AssistantAsked(p, client), message.AssistantTimes(p, &paused, programme.Client), message.FinishProposed(p, &paused, programme.Client), message.FinishDeclined(p, x, programme.Client, now), message.HasLeft(p, client, now),
		message.YourLink(p, client, "", now), message.YourLink(p, client, invitation.ID, now), message.ConfirmEnrolmentAsked(p, claim, now), message.YourData(p, client, now), message.ConfirmErasure(p, client, now), message.ErasureConfirmed(p, client, now), message.ErasureAskedFor(p, client, now), message.ConfirmAddress(p, &moving), message.AddressAsked(p, &moving), message.AddressChanged(p, &moving, now), message.AddressTaken(p, client, &moving),
		message.SessionBooked(p, session, programme.Client), message.SessionBooked(p, session, programme.Consultant),
		message.SessionMoved(p, moved, programme.Client), message.SessionCancelled(p, moved, programme.Client),
		message.QuestionnaireInvited(p, invitation), message.StaffSignIn(p.ID, "morgan", "NONCE", now), message.StaffSignIn(p.ID, "morgan", "ANOTHER", now),
		message.FurtherAsked(p, &further, programme.Client), message.FurtherGranted(p, &further, programme.Client), message.FurtherRefused(p, &further, programme.Client),
		message.ComplaintReceived(p, complained), message.ComplaintArrived(p, complained), message.ComplaintNews(p, complained),
		message.CallWanted(p, client, complaint.Host), message.CallWanted(p, client, complaint.Recipient),
		message.PassedOn(p, &nomination.Nomination{ID: "n", Person: "lee"}),
		message.DeviceCode(p, client.ID, client.Role, "NONCE", "042817", now),
	}
}
