package enrolment

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Cascade is how what somebody learnt as a client came to be offered to others.
type Cascade struct {
	// From is the id of the pairing in which they were the client; "" of who was not.
	From string `firestore:"from,omitempty"`
	// Generation is 2 for who was helped by one of the first, and one more with each step; 0 of
	// the first, see InGeneration.
	Generation int `firestore:"generation,omitempty"`
}

// InGeneration is which generation of those who help somebody is of, from 1.
func (e *Enrolment) InGeneration() int { return max(1, e.Cascade.Generation) }

// Onward is a form by which a client enrols on the other side, with what they have told already:
// who they are, what they said that they could offer, and in their own words what they take along.
func Onward(p *programme.Programme, client *Enrolment, takes string) Form {
	f := FormOf(client)
	f.Skills, f.Strengths, f.Experience, f.Capacity = map[string]int{}, nil, nil, 1
	for _, id := range client.Strengths {
		if known(p, id) {
			f.Skills[id] = 1
		}
	}
	if f.Offering == "" {
		f.Offering = takes
	}
	// What they need and hope for is of the side on which they were helped.
	f.Situation, f.Hopes, f.Introduction, f.Consent, f.Fits = "", "", "", "", nil
	asked := p.Asks(programme.Consultant)
	extra := map[string]string{}
	for id, answer := range f.Extra {
		if slices.ContainsFunc(asked, func(q programme.Question) bool { return q.ID == id }) {
			extra[id] = answer
		}
	}
	f.Extra = extra
	return f
}

// Cascaded is the enrolment that comes of an acceptable form of Onward, of the same person: their
// address was confirmed long before. from is the pairing in which they were the client, and
// helper who helped them there.
func Cascaded(p *programme.Programme, client *Enrolment, f Form, from string, helper *Enrolment, now time.Time) (*Enrolment, error) {
	f = f.Normalised(p)
	// Who they are was accepted before, and is not asked here.
	if err := f.Check(p, programme.Consultant, "skills", "capacity", "offering", "extra", "fits", "consent"); err != nil {
		return nil, err
	}
	// The id is the person's, whatever address they have since.
	c := &Claim{Enrolment: of(PersonOf(client.ID), programme.Consultant), Role: programme.Consultant, Form: f}
	e := c.Confirmed(p, f.Consent, now)
	e.Person, e.Organisation = client.Person, client.Organisation
	e.Cascade = Cascade{From: from, Generation: helper.InGeneration() + 1}
	e.Generation = client.Generation
	e.Invite = "" // they were asked as they first enrolled
	return e, nil
}
