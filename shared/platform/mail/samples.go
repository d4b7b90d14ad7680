package mail

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Sample is a letter with facts of nobody, to read what people will read: in
// golden files, and on a page of the local stack.
type Sample struct {
	// Case tells apart the samples of a kind whose letters say different things.
	Case string
	Enclosure
}

// Samples are a letter as a programme's people read it, in every variant: those of
// each role in turn, or one for the staff.
func Samples(kind outbox.Kind, p *programme.Programme) (samples []Sample) {
	for _, role := range programme.Roles {
		for _, example := range examples(kind) {
			f := sampleFacts(p, role)
			if class := message.ClassOf(kind); class == message.Answer || class == message.AtOnce { // nobody chooses it
				f.Choices = ""
			}
			if !message.LeadsToAll(kind) {
				f.My = ""
			}
			if message.ForStaff(kind) {
				f.Role, f.Choices = "", ""
			}
			if example.change != nil {
				example.change(&f)
			}
			samples = append(samples, Sample{example.name, Enclosure{kind, f}})
		}
		if message.ForStaff(kind) {
			break
		}
	}
	return samples
}

// example is a case in which a kind's letters say something else.
type example struct {
	name   string
	change func(*Facts)
}

// examples are the cases of a kind: the usual one alone, unless more stand here. Every
// letter is shown in one.
func examples(kind outbox.Kind) []example {
	switch kind {
	case message.KindMatchReleased:
		return []example{{}, {"where no need is met", func(f *Facts) { f.Match.Reasons.Met = nil }}, {"before names", unnamed}, {"where somebody else leads the organisation now", func(f *Facts) { f.Match.Continues = "w" }}}
	case message.KindMatchChosen:
		return []example{{}, {"where no need is met", func(f *Facts) { f.Match.Reasons.Met = nil }}}
	case message.KindPassedOn:
		return []example{{}, {"asked once more", askedAgain}, {"to who leads an organisation now", toLeader}, {"to who leads an organisation now, asked once more", func(f *Facts) { toLeader(f); askedAgain(f) }}}
	case message.KindHasLeft:
		return []example{{}, {"where somebody else leads the organisation now", func(f *Facts) { f.Person.Handover.TakenAt = f.Session.StartsAt }}}
	case message.KindConfirmEnrolment, message.KindFinishWaits, message.KindGetReady, message.KindAgreeExpectations, message.KindLogYourSession:
		return []example{{}, {"asked once more", askedAgain}}
	case message.KindBookSession:
		return []example{{"the first", func(f *Facts) { f.Pairing.Dates = nil }}, {"", nil}, {"asked once more", askedAgain}}
	case message.KindAnswerMatch:
		return []example{{}, {"asked once more", askedAgain}, {"before names", unnamed}}
	case message.KindMatchLapsed:
		return []example{{"by the other", func(f *Facts) { f.Match.Side(f.Role).Answer = pairing.Yes }}, {"by the reader", nil}}
	case message.KindPairingStarted:
		return []example{{"", func(f *Facts) { f.Pairing.Dates = nil }}, {"where the first session is booked already", nil}, {"where somebody else leads the organisation now", func(f *Facts) { f.Pairing.Continues = "w" }}}
	case message.KindQuestionnaireWaits:
		return []example{{"at the start", nil}, {"at the end, asked once more", func(f *Facts) { atTheEnd(f); askedAgain(f) }},
			{"at the start, asked once more", askedAgain}, {"at the end", atTheEnd}}
	case message.KindFurtherRefused:
		return []example{{"by the other", further(pairing.FurtherAsPlanned)}, {"by the coordinator", further(pairing.FurtherRefused)}}
	case message.KindDailyDigest:
		return []example{{"of all", nil}, {"of one", func(f *Facts) {
			f.Concerns = message.Concerns{Enrolled: 1, Declined: 1, Lapsed: 1, Stopped: 1, Proposed: 1, Unclear: 1, Unanswered: 1, Unbooked: 1, Unready: 1, SetAside: 1, Requests: 1, LateRequests: 1, OwnRequests: 1, RequestDue: f.Concerns.RequestDue, Further: 1, LateFurther: 1, FurtherDue: f.Concerns.FurtherDue}
		}}}
	case message.KindEnrolmentConfirmed:
		return []example{{}, {"where they take the place of who led before", func(f *Facts) { f.Person.Succeeds, f.Person.State = "w", enrolment.Ready }}, {"where both sides say whom they prefer", func(f *Facts) {
			ranked := *f.Programme
			ranked.Mode = programme.Ranked
			f.Programme = &ranked
		}}}
	case message.KindQuestionnaireInvited:
		return []example{{"at the start", nil}, {"at the end", atTheEnd}}
	case message.KindPairingStopped:
		return []example{
			{"by the other", stopped(func(f *Facts) pairing.Ender { return pairing.Ender(f.Role.Other()) })},
			{"by the reader", stopped(func(f *Facts) pairing.Ender { return pairing.Ender(f.Role) })},
			{"by the coordinator", stopped(func(*Facts) pairing.Ender { return pairing.Coordinator })},
		}
	case message.KindSessionMoved:
		return []example{
			// The same time of day, a day later, after the clocks went forward.
			{"to another time", moved(func(s *pairing.Session) { s.Was.StartsAt = s.Was.StartsAt.Add(-23 * time.Hour) })},
			{"to another length and place", moved(func(s *pairing.Session) { s.Minutes, s.Place = 60, "https://meet.example.org/a?b=c" })},
		}
	case message.KindSessionCancelled:
		return []example{
			{"for a reason", cancelled("I have been called to a funders’ meeting that day", pairing.Active)},
			{"for none, after the pairing ended", cancelled("", pairing.Completed)},
			{"for none", cancelled("", pairing.Active)},
			{"since the reader has left", func(f *Facts) { cancelled("", pairing.Stopped)(f); f.Person.State = enrolment.Withdrawn }},
			{"for a reason, after the pairing ended", cancelled("We have found our own way", pairing.Completed)},
		}
	}
	return []example{{}}
}

func unnamed(f *Facts) { f.Match.Neutral = true }

func toLeader(f *Facts) { f.Nomination.Takes = programme.Client }

func askedAgain(f *Facts) { f.Step = 2 }

func atTheEnd(f *Facts) { f.Invitation.Moment = programme.Closing }

func further(state pairing.FurtherState) func(*Facts) {
	return func(f *Facts) { f.Pairing.Further.State = state }
}

func stopped(by func(*Facts) pairing.Ender) func(*Facts) {
	return func(f *Facts) { f.Pairing.State, f.Pairing.EndedBy = pairing.Stopped, by(f) }
}

func moved(change func(*pairing.Session)) func(*Facts) {
	return func(f *Facts) {
		f.Session.Was, f.Session.Sequence = f.Session.Booking(), 1
		change(f.Session)
	}
}

func cancelled(reason string, state pairing.State) func(*Facts) {
	return func(f *Facts) {
		f.Session.State, f.Session.Sequence, f.Session.Reason = pairing.Cancelled, 1, reason
		f.Pairing.State = state
	}
}

// SampleBundles are emails that hold several letters.
func SampleBundles(p *programme.Programme, role programme.Role) map[string][]Enclosure {
	f := sampleFacts(p, role)
	four := []Enclosure{{message.KindMatchReleased, f}, {message.KindSessionTomorrow, f}, {message.KindQuestionnaireInvited, f}, {message.KindLogYourSession, f}}
	return map[string][]Enclosure{"of two": {four[1], four[3]}, "of four": four}
}
