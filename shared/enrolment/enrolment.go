// Package enrolment is a leader and their organisation in one programme in one
// role: what the form asks, what makes an answer acceptable, and the steps from
// what an unconfirmed address claims to someone who is ready to be matched.
package enrolment

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/id"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// State is how far an enrolment has come.
type State string

// The states. An enrolment begins with Confirmed, when its address's owner has confirmed a
// Claim, and is matched from Ready on; a Withdrawn one counts no more. An Unconfirmed one is
// what an earlier version stored in the place of a claim, until it is migrated.
const (
	Unconfirmed State = "unconfirmed"
	Confirmed   State = "confirmed"
	Ready       State = "ready"
	Withdrawn   State = "withdrawn"
)

// Enrolment is the document of one leader in one programme in one role.
type Enrolment struct {
	ID           string         `firestore:"-"`
	Role         programme.Role `firestore:"role"`
	Person       Person         `firestore:"person"`
	Organisation Organisation   `firestore:"organisation,omitempty"`
	// Strengths are the skills, by id, that a client could offer others one day.
	Strengths []string `firestore:"strengths,omitempty"`
	// Skills hold 1 to 3 by skill id: how much a client needs it (priority), how
	// well a consultant can offer it (level).
	Skills map[string]int `firestore:"skills,omitempty"`
	// Experience are a client's own levels, 1 to 3 by skill id, where they are known.
	Experience map[string]int `firestore:"experience,omitempty"`
	// Availability are half-days such as "mon-am", see HalfDays.
	Availability []string `firestore:"availability,omitempty"`
	// Meeting are the ways of meeting, see Meetings. None, as in a document from before
	// they were asked, is all of them; no Languages is English.
	Meeting   []string `firestore:"meeting,omitempty"`
	Languages []string `firestore:"languages,omitempty"`
	// Capacity is how many pairings at once; always 1 for a client.
	Capacity int `firestore:"capacity,omitempty"`
	// Places are the ids of the matches and pairings that take up places of this
	// person, see Take.
	Places []string `firestore:"places,omitempty"`
	// NotNow says that this person wants no other match until they say so.
	NotNow bool `firestore:"notNow,omitempty"`
	// Conflicts are organisations not to be matched with, in the person's words.
	// They are for matching and the coordinator alone, and never disclosed.
	Conflicts []string `firestore:"conflicts,omitempty"`
	// Situation, Hopes and Offering are in the person's own words.
	Situation string `firestore:"situation,omitempty"`
	Hopes     string `firestore:"hopes,omitempty"`
	Offering  string `firestore:"offering,omitempty"`
	// Introduction is one sentence about themselves, for those who can choose them from a list.
	Introduction string `firestore:"introduction,omitempty"`
	// Heard is how they heard of the programme, see Routes.
	Heard string `firestore:"heard,omitempty"`
	// Mention is the funder who mentioned it to them, and Bids those to whom they bid. Like
	// Conflicts they are for matching and the coordinator alone.
	Mention string   `firestore:"mention,omitempty"`
	Bids    []string `firestore:"bids,omitempty"`
	// Extra are the answers to the programme's own questions, by their ids.
	Extra map[string]string `firestore:"extra,omitempty"`
	// Fits are the ids of the programme's rules of eligibility that they said are so of them when
	// they enrolled.
	Fits []string `firestore:"fits,omitempty"`
	// Settled is what a coordinator said about some of the conflicts: whom they mean.
	Settled []organisation.Settlement `firestore:"settled,omitempty"`
	// Preferences are the ids of the enrolments on the other side that this person
	// would like to work with, the most wanted first, see Prefer. They are for matching
	// and the coordinator alone: nobody learns who asked for them.
	Preferences []string `firestore:"preferences,omitempty"`
	Consent     Consent  `firestore:"consent,omitempty"`
	// Agreements are to purposes that need the person's consent, each by itself.
	Agreements []Agreement `firestore:"agreements,omitempty"`
	State      State       `firestore:"state"`
	// WithdrawnFrom is the state that somebody had who has withdrawn.
	WithdrawnFrom State     `firestore:"withdrawnFrom,omitempty"`
	Readiness     Readiness `firestore:"readiness,omitempty"`
	// TrainedAt is when a coordinator recorded that they were trained; the zero time where they
	// were not, or it was recorded before that was kept.
	TrainedAt time.Time `firestore:"trainedAt,omitempty"`
	// Cascade is how what they learnt as a client came to be offered to others.
	Cascade Cascade `firestore:"cascade,omitempty"`
	// Handover is that somebody else is asked to lead the organisation's place on.
	Handover Handover `firestore:"handover,omitempty"`
	// Succeeds is the invitation by which this person took the place of who led before, see
	// Handover; "" of whoever enrolled for themselves. TakesOver says that the other's place is
	// still to end.
	Succeeds  string `firestore:"succeeds,omitempty"`
	TakesOver bool   `firestore:"takesOver,omitempty"`
	// Supervisor is the id of a consultant's, or "".
	Supervisor string `firestore:"supervisor,omitempty"`
	// Invite is the questionnaire to which the person is still to be invited, or "": it is
	// cleared in the commit that does so.
	Invite programme.Moment `firestore:"invite,omitempty"`
	// Generation counts how often the person's links were closed: what was sent before
	// opens nothing any more.
	Generation int `firestore:"generation,omitempty"`
	// NewEmail is the address that the person wants to have instead, once it is confirmed,
	// since NewEmailAt, and NewEmails how many were asked for on that day; FormerEmail is the
	// one that they had before the last change.
	NewEmail    email.Address `firestore:"newEmail,omitempty"`
	NewEmailAt  time.Time     `firestore:"newEmailAt,omitempty"`
	NewEmails   int           `firestore:"newEmails,omitempty"`
	FormerEmail email.Address `firestore:"formerEmail,omitempty"`
	// Assistant is who picks times for them.
	Assistant Assistant `firestore:"assistant,omitempty"`
	// Digest tells the same form sent twice from another form by the same person.
	Digest      string    `firestore:"digest,omitempty"`
	ConfirmedAt time.Time `firestore:"confirmedAt,omitempty"`
	// DueAt is when reminders look at it next; the zero time when nothing is owed.
	// Overdue says that it waits for the coordinator, since for too long nothing was done.
	DueAt     time.Time `firestore:"dueAt,omitempty"`
	Overdue   bool      `firestore:"overdue,omitempty"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Person is the leader.
type Person struct {
	Name  string        `firestore:"name"`
	Email email.Address `firestore:"email"`
	Phone string        `firestore:"phone,omitempty"`
}

// Organisation is the charity that the leader leads.
type Organisation struct {
	Name string `firestore:"name"`
	// Number is the register's number with its register, such as "GB-CHC-1000430";
	// empty for an organisation that is on none.
	Number   string             `firestore:"number,omitempty"`
	Postcode geography.Postcode `firestore:"postcode,omitempty"`
	// Region is where they said that they are, one of the programme's.
	Region string `firestore:"region,omitempty"`
	// Categories are the codes of its main kinds of service, one to three.
	Categories []string `firestore:"categories,omitempty"`
	// Income is what it had last year in GBP; 0 where that is not known.
	Income int `firestore:"income,omitempty"`
	// Joined are names or numbers of other records that are the same organisation, as a
	// coordinator said.
	Joined []string `firestore:"joined,omitempty"`
}

// Consent is to one version of the privacy notice.
type Consent struct {
	Version string `firestore:"version"`
	// Facts are a hash of what it said, see privacy.Notice; "" from before it was kept.
	Facts string    `firestore:"facts,omitempty"`
	At    time.Time `firestore:"at"`
}

// Readiness is what the coordinator has seen done.
type Readiness struct {
	Workshop bool `firestore:"workshop"`
	Trained  bool `firestore:"trained"`
}

// Prepared reports whether someone has all that a programme asks of their role
// before matching. No consultant is without a supervisor.
func (e *Enrolment) Prepared() bool {
	if e.Role == programme.Client {
		return e.Readiness.Workshop
	}
	return e.Readiness.Trained && e.Supervisor != ""
}

// ID is the same for the same address in the same role of a programme, so that a
// second form finds the first enrolment; the salt keeps an id, which logs may
// carry, from being traced back to an address. It stays when the address changes. It is
// made of the domain in its own letters, in which it was stored before it was in Punycode.
func ID(salt string, role programme.Role, address email.Address) string {
	sum := sha256.Sum256([]byte(salt + "\x00" + strings.ToLower(address.Shown())))
	return of(id.FromHash(sum[:16]), role)
}

func of(person string, role programme.Role) string { return person + "-" + role.Side() }

// PersonOf is the id of the person whose enrolment has an id: one for somebody who
// takes part in both roles.
func PersonOf(id string) string {
	for _, role := range programme.Roles {
		if person, ok := strings.CutSuffix(id, of("", role)); ok {
			return person
		}
	}
	return id
}

// IDs are the ids of the enrolments that a person has or could have, one for each role.
func IDs(person string) []string {
	ids := make([]string, len(programme.Roles))
	for i, role := range programme.Roles {
		ids[i] = of(person, role)
	}
	return ids
}

// New makes the enrolment that comes of an acceptable form whose address is confirmed: what
// people send is a Claim before. now is the time of consent.
func New(p *programme.Programme, role programme.Role, f Form, now time.Time) (*Enrolment, error) {
	c, err := NewClaim(p, role, f, "", now)
	if err != nil {
		return nil, err
	}
	return c.Confirmed(p, c.Form.Consent, now), nil
}

// digest is a hash of the form's normalised content.
func (f Form) digest() string {
	text, err := json.Marshal(f) // maps are written in the order of their keys
	if err != nil {
		panic(err) // a Form holds nothing that JSON cannot
	}
	sum := sha256.Sum256(text)
	return strings.ToUpper(id.FromHash(sum[:16])) // as it is stored
}

// Prepare records what the coordinator has seen done and who supervises a
// consultant, and makes the enrolment ready, or no longer ready, accordingly. A
// client has no supervisor.
func (e *Enrolment) Prepare(r Readiness, supervisor string, now time.Time) error {
	if e.State == Unconfirmed {
		return fault.New(fault.Conflict, "This person has not confirmed their email address yet.")
	}
	if e.State == Withdrawn {
		return fault.New(fault.Conflict, "This person has left the programme.")
	}
	switch {
	case !r.Trained:
		e.TrainedAt = time.Time{}
	case !e.Readiness.Trained:
		e.TrainedAt = now
	}
	e.Readiness, e.Supervisor, e.State, e.DueAt = r, "", Confirmed, programme.DueNow(e.DueAt, now)
	if e.Role == programme.Consultant {
		e.Supervisor = supervisor
	}
	if e.Prepared() {
		e.State, e.Overdue = Ready, false
		if !e.TakesOver { // which reminders have yet to do
			e.DueAt = time.Time{}
		}
	}
	return nil
}

// Withdraw takes someone out of the programme: they are not matched and not written to any
// more. What they were in is ended in the same commit, see platform/matches. It may be asked
// twice.
func (e *Enrolment) Withdraw() {
	if e.State != Withdrawn {
		e.Generation++
		e.DismissAssistant(false)
		e.WithdrawnFrom, e.State, e.DueAt, e.Overdue = e.State, Withdrawn, time.Time{}, false
	}
}

// Return takes someone in again who had withdrawn, as they were before.
func (e *Enrolment) Return(now time.Time) {
	if e.State != Withdrawn {
		return
	}
	e.State, e.WithdrawnFrom, e.Handover = e.WithdrawnFrom, "", Handover{}
	if e.State != Unconfirmed { // they may have left before they were invited
		e.Invite = programme.Baseline
	}
	if e.State != Ready { // reminders look at it again
		e.DueAt = now
	}
}

// Forget takes enrolments out of those with whom somebody would like to work. It is always
// still about the one whose it is.
func (e *Enrolment) Forget(ids []string) (nobody bool) {
	e.Preferences = slices.DeleteFunc(e.Preferences, func(id string) bool { return slices.Contains(ids, id) })
	return false
}

// Gone stands in for somebody who was forgotten, wherever somebody else's pages and emails
// name them.
var Gone = &Enrolment{
	Person:       Person{Name: "Someone who has left"},
	Organisation: Organisation{Name: "no longer enrolled", Region: "no longer enrolled"},
}

// Meeting is a way of meeting.
type Meeting struct{ ID, Name string }

// Meetings are the ways of meeting in which two people can have one in common.
var Meetings = []Meeting{{"in-person", "In person"}, {"video", "By video"}, {"phone", "By phone"}}

// Levels are the words for how much of a skill a client needs or a consultant offers, from 0
// to 3.
func Levels(role programme.Role) []string {
	if role == programme.Client {
		return []string{"Not needed", "Would help", "Important", "Most important"}
	}
	return []string{"Not offered", "Some experience", "Experienced", "Could teach it"}
}

// Own are the words for how much a client knows of what they need, from 0 to 3.
var Own = []string{"New to it", "Some experience", "Experienced", "Could teach it"}

// HalfDay is a part of the week in which someone can usually meet.
type HalfDay struct{ ID, Name string }

// HalfDays are the parts of the week in order.
var HalfDays = []HalfDay{
	{"mon-am", "Monday morning"}, {"mon-pm", "Monday afternoon"},
	{"tue-am", "Tuesday morning"}, {"tue-pm", "Tuesday afternoon"},
	{"wed-am", "Wednesday morning"}, {"wed-pm", "Wednesday afternoon"},
	{"thu-am", "Thursday morning"}, {"thu-pm", "Thursday afternoon"},
	{"fri-am", "Friday morning"}, {"fri-pm", "Friday afternoon"},
}
