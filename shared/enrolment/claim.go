package enrolment

import (
	"crypto/sha256"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/id"
	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Claim is what a form says of whoever reads an address. Anybody can write anybody's address
// into a form, so that it is nobody's word until they have confirmed it: then an enrolment
// comes of it. Several may wait for one address, side by side.
type Claim struct {
	ID string `firestore:"-"`
	// Enrolment is the id of the enrolment that it becomes: the same for all that are sent
	// with one address in one role.
	Enrolment string         `firestore:"enrolment"`
	Role      programme.Role `firestore:"role"`
	// Form is as it was sent, normalised and acceptable.
	Form Form `firestore:"form"`
	// Nomination is that by which they take the place of who led their organisation before, see
	// Handover; "" for whoever enrols for themselves.
	Nomination string `firestore:"nomination,omitempty"`
	// Language is that in which they had the programme's home page, and are asked to confirm.
	Language language.Language `firestore:"language,omitempty"`
	// DueAt is when reminders look at it next; the zero time when nothing is owed.
	DueAt time.Time `firestore:"dueAt,omitempty"`
	// ExpireAt is when it is deleted; one past it is treated as gone.
	ExpireAt  time.Time `firestore:"expireAt"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// ClaimLife is for how long a claim waits to be confirmed, and is kept: as long as the link
// to it opens.
const ClaimLife = 30 * 24 * time.Hour

// NewClaim makes the claim of an acceptable form, under an id.
func NewClaim(p *programme.Programme, role programme.Role, f Form, id string, now time.Time) (*Claim, error) {
	f = f.Normalised(p)
	if err := f.Check(p, role); err != nil {
		return nil, err
	}
	return &Claim{
		ID: id, Enrolment: ID(p.Salt, role, email.Address(f.Email)), Role: role, Form: f,
		DueAt: now, ExpireAt: now.Add(ClaimLife), CreatedAt: now, UpdatedAt: now,
	}, nil
}

// ClaimID is the same for the same form, so that a program which sends one twice makes one
// claim. The salt keeps it from being guessed.
func ClaimID(p *programme.Programme, role programme.Role, f Form) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{p.Salt, string(role), f.Normalised(p).digest()}, "\x00")))
	return id.FromHash(sum[:])
}

// Address is where the form says that its person is written to.
func (c *Claim) Address() email.Address { return email.Address(c.Form.Email) }

// Digest tells what the claim says from what another does.
func (c *Claim) Digest() string { return c.Form.digest() }

// Waits reports whether it can still be confirmed.
func (c *Claim) Waits(now time.Time) bool { return now.Before(c.ExpireAt) }

// Confirmed is the enrolment that comes of a claim at the word of whoever reads its address:
// they have read all that it says, and a version of the privacy notice to which they agree
// now.
func (c *Claim) Confirmed(p *programme.Programme, notice string, now time.Time) *Enrolment {
	f := c.Form
	if len(f.Languages) == 0 {
		f.Languages = p.Spoken()[:1]
	}
	f.Region = f.Where(p)
	capacity := max(1, f.Capacity)
	if c.Role == programme.Client {
		capacity = 1
	}
	return &Enrolment{
		ID:     c.Enrolment,
		Role:   c.Role,
		Person: Person{Name: f.Name, Email: email.Address(f.Email), Phone: f.Phone},
		Organisation: Organisation{
			Name: f.Organisation, Number: f.Number, Postcode: geography.Postcode(f.Postcode),
			Region: f.Region, Categories: f.Categories, Income: f.Income,
		},
		Strengths:    f.Strengths,
		Skills:       f.Skills,
		Experience:   f.Experience,
		Availability: f.Availability,
		Meeting:      f.Meeting,
		Languages:    f.Languages,
		Capacity:     capacity,
		Conflicts:    f.Conflicts,
		Situation:    f.Situation,
		Hopes:        f.Hopes,
		Offering:     f.Offering,
		Introduction: f.Introduction,
		Heard:        f.Heard,
		Mention:      f.Mention,
		Bids:         f.Bids,
		Extra:        f.Extra,
		Fits:         f.Fits,
		Consent:      Consent{Version: notice, At: now},
		Agreements:   Agreed(f, notice, now),
		State:        Confirmed,
		Invite:       programme.Baseline,
		Digest:       f.digest(),
		ConfirmedAt:  now,
		DueAt:        now,
		CreatedAt:    now,
		UpdatedAt:    now,
	}
}

// ClaimOf is what an enrolment says that an earlier version stored before anybody had
// confirmed it. It has the enrolment's id, under which it is moved.
func ClaimOf(e *Enrolment) *Claim {
	return &Claim{
		ID: e.ID, Enrolment: e.ID, Role: e.Role,
		Form: Form{
			Name: e.Person.Name, Email: string(e.Person.Email), Phone: e.Person.Phone,
			Organisation: e.Organisation.Name, Number: e.Organisation.Number, Postcode: string(e.Organisation.Postcode), Region: e.Organisation.Region,
			Income: e.Organisation.Income, Categories: e.Organisation.Categories, Skills: e.Skills, Experience: e.Experience,
			Availability: e.Availability, Meeting: e.Meeting, Languages: e.Languages, Capacity: e.Capacity, Conflicts: e.Conflicts, Consent: e.Consent.Version,
		},
		DueAt: e.DueAt, ExpireAt: e.CreatedAt.Add(ClaimLife), CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
	}
}
