package mail

import (
	"slices"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// variant is one of the letters of a kind: its file is named after both, as in
// answer-match--again.md, or after the kind alone if its name is "".
type variant struct {
	name    string
	applies func(*Facts) bool // nil: whenever none before it does
}

// letter is the name of the variant's file, without .md.
func (v variant) letter(kind outbox.Kind) string {
	if v.name == "" {
		return string(kind)
	}
	return string(kind) + "--" + v.name
}

// mayName reports whether letters of a kind can name a field.
func mayName(kind outbox.Kind, field string) bool {
	if field == "name" && message.ToUnconfirmed(kind) {
		return false
	}
	return slices.Contains(message.Fields(kind), field) || slices.Contains(forAll, field) || !message.ForStaff(kind) && slices.Contains(forParticipants, field)
}

// usual is the letter where nothing else applies.
var usual = variant{}

// variants is the one place that decides which letter is written: the first that
// applies. A kind that is not here has the usual one alone.
var variants = map[outbox.Kind][]variant{
	message.KindConfirmEnrolment: {{"again", again}, usual},
	message.KindPassedOn:         {{"leads-again", both(leads, again)}, {"leads", leads}, {"again", again}, usual},
	message.KindHasLeft:          {{"succeeded", succeeded}, usual},
	message.KindEnrolmentConfirmed: {
		{"takes-over", both(client, takesOver)}, {"seeking-directory", both(client, directory)}, {"seeking-ranked", both(client, ranked)}, {"seeking", client},
		{"offering-directory", directory}, {"offering-ranked", ranked}, {"offering", nil},
	},
	message.KindGetReady:             {{"again", again}, usual},
	message.KindChooseNow:            {{"directory", chooses}, usual},
	message.KindMatchReleased:        {{"goes-on-seeking", both(client, goesOn)}, {"goes-on-offering", goesOn}, {"neutral", neutral}, {"no-needs-met", noNeedsMet}, {"seeking", client}, {"offering", nil}},
	message.KindMatchChosen:          {{"no-needs-met", noNeedsMet}, usual},
	message.KindAnswerMatch:          {{"neutral", neutral}, {"again", again}, usual},
	message.KindAgreeExpectations:    {{"again", again}, usual},
	message.KindMatchDeclined:        {{"who-chose", chooses}, {"who-was-chosen", directory}, usual},
	message.KindMatchLapsed:          {{"silent-from-directory", both(silent, directory)}, {"silent", silent}, {"who-chose", chooses}, usual},
	message.KindMatchWithdrawn:       {{"who-chose", chooses}, {"who-was-chosen", directory}, usual},
	message.KindPairingStarted:       {{"goes-on", continues}, {"first-is-booked", hasBooked}, usual},
	message.KindBookSession:          {{"again", again}, {"next", hasBooked}, {"first", nil}},
	message.KindSessionMoved:         {{"same-time", sameTime}, usual},
	message.KindSessionCancelled:     {{"left", left}, {"ended-reason", both(ended, hasReason)}, {"ended", ended}, {"reason", hasReason}, usual},
	message.KindPairingStopped:       {{"by-you", stoppedByReader}, {"by-host", stoppedByHost}, {"by-the-other", nil}},
	message.KindFurtherRefused:       {{"as-planned", asPlanned}, usual},
	message.KindPairingCompleted:     {{"passes-on", passesOn}, usual},
	message.KindFinishWaits:          {{"again", again}, usual},
	message.KindLogYourSession:       {{"again", again}, usual},
	message.KindQuestionnaireInvited: {{"closing", closing}, {"baseline", nil}},
	message.KindQuestionnaireWaits: {
		{"closing-again", both(closing, again)}, {"closing", closing}, {"baseline-again", again}, {"baseline", nil},
	},
}

// variantsOf are the letters of a kind; none of one that there is not.
func variantsOf(kind outbox.Kind) []variant {
	if !slices.Contains(message.Kinds(), kind) {
		return nil
	}
	if several, ok := variants[kind]; ok {
		return several
	}
	return []variant{usual}
}

func again(f *Facts) bool      { return f.Step > 1 }
func left(f *Facts) bool       { return f.Left() }
func closing(f *Facts) bool    { return f.Closing() }
func client(f *Facts) bool     { return f.Role == programme.Client }
func ranked(f *Facts) bool     { return f.Programme.Mode == programme.Ranked }
func directory(f *Facts) bool  { return f.Programme.Mode == programme.Directory }
func chooses(f *Facts) bool    { return f.FromDirectory() }
func noNeedsMet(f *Facts) bool { return len(f.Match.Reasons.Met) == 0 }
func hasBooked(f *Facts) bool  { return len(f.Pairing.Dates) > 0 }

// passesOn reports that the reader is invited, once, to offer what they learnt.
func passesOn(f *Facts) bool { return f.Role == programme.Client && !f.Programme.Peers }

// leads reports that the invitation is to who leads an organisation now.
func leads(f *Facts) bool { return f.Nomination.Takes != "" }

// succeeded reports that somebody else leads the reader's organisation now.
func succeeded(f *Facts) bool { return f.Person.Handover.Taken() }

// takesOver reports that the reader takes the place of an organisation that was ready.
func takesOver(f *Facts) bool { return f.Person.Succeeds != "" && f.Person.State == enrolment.Ready }

// goesOn reports that the two may go on, since the organisation has another leader now, and
// continues that they do.
func goesOn(f *Facts) bool    { return f.Match.Continues != "" }
func continues(f *Facts) bool { return f.Pairing.Continues != "" }

// silent reports that the reader has not answered a match.
func silent(f *Facts) bool { return f.Match.Silent(f.Role) }

// neutral reports that the two may not know yet who the other is.
func neutral(f *Facts) bool { return !f.Match.Named() }

// asPlanned reports that the other did not agree to a further session.
func asPlanned(f *Facts) bool { return f.Pairing.Further.State == pairing.FurtherAsPlanned }

func sameTime(f *Facts) bool  { return f.Session.Was.StartsAt.Equal(f.Session.StartsAt) }
func hasReason(f *Facts) bool { return f.Session.Reason != "" }

func stoppedByReader(f *Facts) bool { return f.Pairing.EndedBy == pairing.Ender(f.Role) }
func stoppedByHost(f *Facts) bool   { return f.Pairing.EndedBy == pairing.Coordinator }

// ended reports that no other session can be booked.
func ended(f *Facts) bool { return f.Pairing.State != pairing.Active }

func both(a, b func(*Facts) bool) func(*Facts) bool {
	return func(f *Facts) bool { return a(f) && b(f) }
}
