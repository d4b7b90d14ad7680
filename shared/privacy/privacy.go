// Package privacy is what a host says of the data that it holds: the notice that people
// read before the first question, and the papers that its own organisation needs. Both are
// made from the register of what is stored and from the settings, so that neither can
// promise what is not done.
package privacy

import (
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/register"
)

// Basis is why personal data may be used (UK GDPR, article 6).
type Basis string

// The bases that purposes have.
const (
	Interests  Basis = "legitimate interests"
	Consent    Basis = "consent"
	Obligation Basis = "legal obligation"
)

// PurposeID names a purpose where it is stored and in forms.
type PurposeID string

// The purposes.
const (
	TakingPart  PurposeID = "taking-part"
	Writing     PurposeID = "writing"
	Notes       PurposeID = "notes"
	Learning    PurposeID = "learning"
	Safety      PurposeID = "safety"
	Forgetting  PurposeID = "forgetting"
	Interview   PurposeID = "interview"
	StaffDesk   PurposeID = "staff"
	notPersonal PurposeID = ""
)

// Purpose is what some of the data is for, and why it may be used for that.
type Purpose struct {
	ID PurposeID
	// Title says it as people read it, and Why what is balanced, or what is asked.
	Title, Why string
	Basis      Basis
	// Documents are the types of documents that are for this above all, by what their paths
	// end or begin with; whatever is personal and named by none is for taking part.
	Documents []string
	// Staff: it is about those who work for the host, and not about those who take part.
	Staff bool
}

// Purposes are all of them, in the order in which people read of them.
var Purposes = []Purpose{
	{ID: TakingPart, Basis: Interests, Title: "To find you a suitable match, and to run your sessions",
		Why: "You have asked to take part, and the host runs the programme: neither can be done without knowing who you are, where, and what you need or offer. What is not needed is not asked."},
	{ID: Writing, Basis: Interests, Title: "To write to you about your part in it", Documents: []string{"contacts/*", "outbox/*", "messages/*"},
		Why: "You need to know of your match and your sessions. What you can do without you can decline, in each email and for good."},
	{ID: Notes, Basis: Interests, Title: "To keep what you write about your sessions, for you", Documents: []string{"logs/*", "shared/*", "notebooks/*", "endings/*"},
		Why: "You see how your work together goes. Nobody else reads what you write, but for what you choose to share with the person you are matched with, and what the two of you keep together."},
	{ID: Learning, Basis: Interests, Title: "To learn whether the programme helps", Documents: []string{"invitations/*", "responses/*", "answers/*", "releases/*", "marks/*"},
		Why: "The host and its funder have to know whether it does. You never have to answer, you can decline being asked, and what you answer is kept apart from your name."},
	{ID: Safety, Basis: Interests, Title: "To keep your data safe, and to be able to say who did what", Documents: []string{"links/*", "codes/*", "devices/*", "audit/*", "audit*/*", "seals/*", "budgets/*"},
		Why: "Without it a stranger could read what is yours, and nobody could find out."},
	{ID: Forgetting, Basis: Obligation, Title: "To forget what you asked to be forgotten, and to keep it forgotten", Documents: []string{"erasures/*", "erased/*", "tombstones/*"},
		Why: "The law gives you that right, and a copy that is restored must not bring back what was erased."},
	{ID: Interview, Basis: Consent, Title: "To ask you for an interview about how it went",
		Why: "A coordinator then sees that you may be asked, until you take it back. It changes nothing else."},
	{ID: StaffDesk, Basis: Interests, Title: "To let those in who work for the host", Documents: []string{"staff/*", "staffSessions/*", "digests/*", "passes/*"}, Staff: true,
		Why: "Only they may see what they are shown, and it has to be known who they are."},
}

// Asked are the purposes whose basis is consent, each of which is asked by itself.
func Asked() []Purpose {
	return slices.DeleteFunc(slices.Clone(Purposes), func(p Purpose) bool { return p.Basis != Consent })
}

// Of is a purpose by its id; false for one that there is not.
func Of(id PurposeID) (Purpose, bool) {
	i := slices.IndexFunc(Purposes, func(p Purpose) bool { return p.ID == id })
	if i < 0 {
		return Purpose{}, false
	}
	return Purposes[i], true
}

// Stored is one type of document with its register.
type Stored struct {
	// Path is where its documents stand, with a star for each id.
	Path string
	*register.Document
	// Apart: it is in the database of answers.
	Apart bool
}

// Personal reports whether anything in it is about a person.
func (s Stored) Personal() bool {
	return slices.ContainsFunc(s.Rows, func(r register.Row) bool { return r.Class != register.Technical })
}

// For is what a type of documents is for above all.
func (s Stored) For() PurposeID {
	if !s.Personal() {
		return notPersonal
	}
	collection := strings.TrimSuffix(s.Path, "/*")
	if i := strings.LastIndexByte(collection, '/'); i >= 0 {
		collection = collection[i+1:]
	}
	for _, p := range Purposes {
		for _, d := range p.Documents {
			name := strings.TrimSuffix(d, "/*")
			if begins, open := strings.CutSuffix(name, "*"); collection == name || open && strings.HasPrefix(collection, begins) {
				return p.ID
			}
		}
	}
	return TakingPart
}
