package pairing

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Notebook is what the two of a pairing keep together and both write: goals, actions,
// follow-ups, and whether each shares their phone number. Nobody else reads it.
type Notebook struct {
	Pairing string `firestore:"pairing"`
	// Client and Consultant are the enrolments' ids.
	Client     string          `firestore:"client"`
	Consultant string          `firestore:"consultant"`
	Goals      []Goal          `firestore:"goals,omitempty"`
	Actions    []Action        `firestore:"actions,omitempty"`
	FollowUps  []FollowUpEntry `firestore:"followUps,omitempty"`
	// From is the enrolment of the organisation's leader before, where they passed on what is
	// marked so, and Programme theirs: by that it goes once they are forgotten.
	From      string `firestore:"from,omitempty"`
	Programme string `firestore:"programme,omitempty"`
	// Rings says by role who shares their phone number with the other.
	Rings     map[string]bool `firestore:"rings,omitempty"`
	CreatedAt time.Time       `firestore:"createdAt"`
	UpdatedAt time.Time       `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next; zero of one
	// that was never written.
	Version time.Time `firestore:"-"`
}

// Goal is what a client would like to come to, in their words, which may be "explore": it has
// no measure and no date.
type Goal struct {
	ID   string    `firestore:"id"`
	Text string    `firestore:"text"`
	At   time.Time `firestore:"at"`
	// Before says that it is of the organisation's leader before, who passed it on.
	Before bool `firestore:"before,omitempty"`
}

// Action is something that one of the two is going to do.
type Action struct {
	ID    string         `firestore:"id"`
	Text  string         `firestore:"text"`
	Owner programme.Role `firestore:"owner"`
	State ActionState    `firestore:"state,omitempty"`
	At    time.Time      `firestore:"at"`
	// Before says that it is of the organisation's leader before, who passed it on.
	Before bool `firestore:"before,omitempty"`
}

// ActionState is what became of an action.
type ActionState string

// The states of an action.
const (
	Open    ActionState = ""
	Done    ActionState = "done"
	Dropped ActionState = "dropped"
)

// FollowUpEntry is a contact of the two by email or phone between sessions, which counts as none.
type FollowUpEntry struct {
	ID   string         `firestore:"id"`
	By   programme.Role `firestore:"by"`
	On   time.Time      `firestore:"on"`
	How  Channel        `firestore:"how"`
	Line string         `firestore:"line,omitempty"`
}

// Channel is how somebody was in contact.
type Channel string

// The channels of a follow-up.
const (
	EmailChannel Channel = "email"
	PhoneChannel Channel = "phone"
)

// Channels are the choices of how somebody was in contact.
var Channels = []Choice{{string(EmailChannel), "By email"}, {string(PhoneChannel), "By phone"}}

// mostEntries bounds each list of a notebook, so that it stays a document.
const mostEntries = 100

// NewNotebook is the empty notebook of a pairing.
func NewNotebook(p *Pairing) *Notebook {
	return &Notebook{Pairing: p.ID, Client: p.Client, Consultant: p.Consultant}
}

// line says what to correct in one line of a list that has n entries.
func (n *Notebook) line(field, text string, entries int, needed bool) (invalid fault.Invalid) {
	switch {
	case needed && text == "":
		invalid.Add(field, "Enter a few words")
	case len([]rune(text)) > MaxReason:
		invalid.Add(field, "This must be %d characters or fewer", MaxReason)
	case !programme.Plain(text):
		invalid.Add(field, "Enter this on one line, without special codes")
	case entries >= mostEntries:
		invalid.Add(field, "There are %d already, which are the most", mostEntries)
	}
	return invalid
}

// AddGoal adds a goal. Sent twice, it is one.
func (n *Notebook) AddGoal(id, text string, now time.Time) error {
	if slices.ContainsFunc(n.Goals, func(g Goal) bool { return g.ID == id }) {
		return nil
	}
	invalid := n.line("goal", text, len(n.Goals), true)
	if err := invalid.Err(); err != nil {
		return err
	}
	n.Goals = append(n.Goals, Goal{ID: id, Text: text, At: now})
	return nil
}

// RemoveGoal takes a goal out: they change, and nobody counts that.
func (n *Notebook) RemoveGoal(id string) {
	n.Goals = slices.DeleteFunc(n.Goals, func(g Goal) bool { return g.ID == id })
}

// AddAction adds an action of an owner, who is the client unless it is said otherwise. Sent
// twice, it is one.
func (n *Notebook) AddAction(id, text string, owner programme.Role, now time.Time) error {
	if slices.ContainsFunc(n.Actions, func(a Action) bool { return a.ID == id }) {
		return nil
	}
	if owner != programme.Consultant {
		owner = programme.Client
	}
	invalid := n.line("action", text, len(n.Actions), true)
	if err := invalid.Err(); err != nil {
		return err
	}
	n.Actions = append(n.Actions, Action{ID: id, Text: text, Owner: owner, At: now})
	return nil
}

// Turn says what became of an action.
func (n *Notebook) Turn(id string, to ActionState, now time.Time) error {
	i := slices.IndexFunc(n.Actions, func(a Action) bool { return a.ID == id })
	if i < 0 || to != Open && to != Done && to != Dropped {
		return fault.New(fault.NotFound, "There is no such action.")
	}
	if n.Actions[i].State != to {
		n.Actions[i].State, n.Actions[i].At = to, now
	}
	return nil
}

// AddFollowUp records a contact by email or phone. Sent twice, it is one.
func (n *Notebook) AddFollowUp(f FollowUpEntry, now time.Time) error {
	if slices.ContainsFunc(n.FollowUps, func(x FollowUpEntry) bool { return x.ID == f.ID }) {
		return nil
	}
	invalid := n.line("line", f.Line, len(n.FollowUps), false)
	if !chosen(Channels, string(f.How)) {
		invalid.Add("how", "Select whether it was by email or by phone")
	}
	if f.On.IsZero() {
		invalid.Add("date", "Enter the date, like 27 3 2027")
	} else if f.On.After(now) {
		invalid.Add("date", "The date must not be in the future")
	}
	if err := invalid.Err(); err != nil {
		return err
	}
	n.FollowUps = append(n.FollowUps, f)
	slices.SortStableFunc(n.FollowUps, func(a, b FollowUpEntry) int { return a.On.Compare(b.On) })
	return nil
}

// Ring says whether one of the two shares their phone number with the other.
func (n *Notebook) Ring(r programme.Role, shared bool) {
	if n.Rings == nil {
		n.Rings = map[string]bool{}
	}
	n.Rings[string(r)] = shared
}

// Forget takes out of a notebook what is of the enrolments with some ids, and reports whether
// nobody is left whom it is about. Who wrote its lines is not known, and so none stays.
func (n *Notebook) Forget(ids []string) (nobody bool) {
	if slices.Contains(ids, n.From) {
		n.From = ""
		n.Goals = slices.DeleteFunc(n.Goals, func(g Goal) bool { return g.Before })
		n.Actions = slices.DeleteFunc(n.Actions, func(a Action) bool { return a.Before })
	}
	for role, id := range map[programme.Role]*string{programme.Client: &n.Client, programme.Consultant: &n.Consultant} {
		if forget(id, ids) {
			n.Goals, n.Actions, n.FollowUps = nil, nil, nil
			delete(n.Rings, string(role))
		}
	}
	return n.Client == Forgotten && n.Consultant == Forgotten
}

// Only is a notebook without who the other is and whether they share their number.
func (n Notebook) Only(ids []string) any {
	n.From = ""
	rings := map[string]bool{}
	for _, role := range programme.Roles {
		id := &n.Client
		if role == programme.Consultant {
			id = &n.Consultant
		}
		if slices.Contains(ids, *id) {
			if shared, ok := n.Rings[string(role)]; ok {
				rings[string(role)] = shared
			}
		} else {
			*id = ""
		}
	}
	n.Rings = rings
	return &n
}

// Follow takes down that the two were in contact on a day, and reports whether that is new.
func (p *Pairing) Follow(on time.Time) (changed bool) {
	if !on.After(p.FollowedOn) {
		return false
	}
	p.FollowedOn = on
	return true
}

// FollowedUp reports whether the two were in contact on the day of a session or since.
func (p *Pairing) FollowedUp(s *Session) bool {
	return !p.FollowedOn.IsZero() && p.FollowedOn.AddDate(0, 0, 1).After(s.EndsAt())
}
