package mail

import (
	"slices"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// kindOf is what the letters of one kind of message can name, and which of them is
// written.
type kindOf struct {
	// fields are those that its letters name beside those that all can: what the kind
	// is about, and no more than its reader may know by then. Each is used by one of
	// its letters at least.
	fields []string
	// variants are its letters. The first that applies is written.
	variants []variant
}

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
	return slices.Contains(kinds[kind].fields, field) || slices.Contains(forAll, field) || !message.ForStaff(kind) && slices.Contains(forParticipants, field)
}

// usual is the letter where nothing else applies.
var usual = variant{}

// kinds is the one place that decides which letter is written.
var kinds = map[outbox.Kind]kindOf{
	message.KindConfirmEnrolment: {[]string{"link"}, []variant{{"again", again}, usual}},
	message.KindAlreadyEnrolled:  {nil, []variant{{"after-leaving", left}, usual}},
	message.KindEnrolmentConfirmed: {nil, []variant{
		{"client-directory", both(client, directory)}, {"client-ranked", both(client, ranked)}, {"client", client},
		{"consultant-directory", directory}, {"consultant-ranked", ranked}, {"consultant", nil},
	}},
	message.KindGetReady: {[]string{"missing"}, []variant{{"again", again}, usual}},

	message.KindChooseNow: {[]string{"link"}, []variant{{"directory", chooses}, usual}},
	message.KindMatchReleased: {[]string{"other", "other-organisation", "near", "needs-met", "link"},
		[]variant{{"no-needs-met", noNeedsMet}, {"client", client}, {"consultant", nil}}},
	message.KindMatchChosen:       {[]string{"other", "other-organisation", "needs-met", "link"}, []variant{{"no-needs-met", noNeedsMet}, usual}},
	message.KindAnswerMatch:       {[]string{"other", "other-organisation", "link"}, []variant{{"again", again}, usual}},
	message.KindAgreeExpectations: {[]string{"other", "other-organisation", "link"}, []variant{{"again", again}, usual}},
	message.KindMatchDeclined:     {[]string{"link"}, []variant{{"who-chose", chooses}, {"who-was-chosen", directory}, usual}},
	message.KindMatchWithdrawn:    {[]string{"link"}, []variant{{"who-chose", chooses}, {"who-was-chosen", directory}, usual}},

	message.KindPairingStarted: {[]string{"other", "other-email", "minimum-sessions", "link"}, []variant{{"first-is-booked", hasBooked}, usual}},
	message.KindBookSession: {[]string{"other", "other-email", "link"},
		[]variant{{"again", again}, {"next", hasBooked}, {"first", nil}}},
	message.KindSessionBooked: {[]string{"session", "other", "when", "length", "place", "link"}, []variant{usual}},
	message.KindSessionMoved: {[]string{"session", "other", "other-email", "when", "when-before", "length-and-before", "place-and-before", "link"},
		[]variant{{"same-time", sameTime}, usual}},
	message.KindSessionCancelled: {[]string{"session", "other", "when", "reason", "link"},
		[]variant{{"ended-reason", both(ended, hasReason)}, {"ended", ended}, {"reason", hasReason}, usual}},
	message.KindSessionInAWeek:  {[]string{"session", "other", "when", "place", "link"}, []variant{usual}},
	message.KindSessionTomorrow: {[]string{"session", "other", "when", "place", "link"}, []variant{usual}},
	message.KindLogYourSession:  {[]string{"session", "when", "link"}, []variant{{"again", again}, usual}},
	message.KindFollowUp:        {[]string{"session", "other", "other-email", "when", "link"}, []variant{usual}},

	message.KindQuestionnaireInvited: {[]string{"link"}, []variant{{"closing", closing}, {"baseline", nil}}},
	message.KindQuestionnaireWaits: {[]string{"link"}, []variant{
		{"closing-again", both(closing, again)}, {"closing", closing}, {"baseline-again", again}, {"baseline", nil},
	}},

	message.KindStaffSignIn: {[]string{"link"}, []variant{usual}},
	message.KindDailyDigest: {[]string{"concerns", "link"}, []variant{usual}},
}

func again(f *Facts) bool      { return f.Step > 1 }
func left(f *Facts) bool       { return f.Left }
func closing(f *Facts) bool    { return f.Closing }
func client(f *Facts) bool     { return f.Role == programme.Client }
func ranked(f *Facts) bool     { return f.Programme.Mode == programme.Ranked }
func directory(f *Facts) bool  { return f.Programme.Mode == programme.Directory }
func chooses(f *Facts) bool    { return f.FromDirectory() }
func noNeedsMet(f *Facts) bool { return len(f.Reasons.Met) == 0 }
func hasBooked(f *Facts) bool  { return len(f.Pairing.Dates) > 0 }
func sameTime(f *Facts) bool   { return f.Session.Was.StartsAt.Equal(f.Session.StartsAt) }
func hasReason(f *Facts) bool  { return f.Session.Reason != "" }

// ended reports that no other session can be booked.
func ended(f *Facts) bool { return f.Pairing.State != pairing.Active }

func both(a, b func(*Facts) bool) func(*Facts) bool {
	return func(f *Facts) bool { return a(f) && b(f) }
}
