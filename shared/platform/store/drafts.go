package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Draft is a form that someone is filling in, kept for DraftLife. Its id is a
// hash of the token in the person's cookie.
type Draft struct {
	ID   string         `firestore:"-"`
	Role programme.Role `firestore:"role"`
	Form enrolment.Form `firestore:"form"`
	// Person is the id of who takes part with the form's address, or would: by it the draft is
	// found for them. It is "" without an address, and in drafts of versions before, which live
	// for DraftLife.
	Person string `firestore:"person,omitempty"`
	// Nomination is that by which they take the place of who led their organisation before, or "".
	Nomination string `firestore:"nomination,omitempty"`
	// Sent says that the form became a claim. Its answers stay, so that the address
	// can be corrected.
	Sent bool `firestore:"sent"`
	// Claim is the id of the one that it became.
	Claim string `firestore:"claim,omitempty"`
	// Asked are when the email that asks to confirm was asked for.
	Asked enrolment.Sendings `firestore:"asked,omitempty"`
	// ExpireAt is the time-to-live field; a draft past it is treated as gone.
	ExpireAt  time.Time `firestore:"expireAt"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	Version   time.Time `firestore:"-"`
}

// draftsOfClaims names what a draft became by its new name.
var draftsOfClaims = Migration{
	Collection: "drafts", To: 2, Why: "so that the address can be corrected of what is a claim now", Drops: []string{"enrolment"},
	Change: func(fields map[string]any) error {
		if became, ok := fields["enrolment"]; ok {
			fields["claim"] = became
		}
		return nil
	},
}

// DraftLife is how long a draft is kept after its last change.
const DraftLife = 48 * time.Hour

func (s *Store) drafts(p string) *firestore.CollectionRef { return s.in(p, "drafts") }

// Draft reads one draft.
func (s *Store) Draft(ctx context.Context, p, id string) (*Draft, error) {
	d := new(Draft)
	snap, err := read(ctx, document(s.drafts(p), id), "draft", d)
	if err != nil {
		return nil, err
	}
	d.ID, d.Version = snap.Ref.ID, snap.UpdateTime
	return d, nil
}

// CreateDraft adds a new draft.
func (c *Commit) CreateDraft(p *programme.Programme, d *Draft) {
	d.name(p)
	c.create(document(c.store.drafts(p.ID), d.ID), d)
}

// UpdateDraft writes a draft as it was read and changed.
func (c *Commit) UpdateDraft(p *programme.Programme, d *Draft) {
	d.name(p)
	c.update(document(c.store.drafts(p.ID), d.ID), d, d.Version)
}

// RemoveDraft takes a draft away, where it is there yet.
func (c *Commit) RemoveDraft(p, id string) { c.remove(document(c.store.drafts(p), id)) }

// name says whose the form would be.
func (d *Draft) name(p *programme.Programme) {
	if d.Person = ""; d.Form.Email != "" {
		d.Person = personAt(p, email.Read(d.Form.Email))
	}
}

// personAt is the id of who enrolled with an address, or would.
func personAt(p *programme.Programme, address email.Address) string {
	return enrolment.PersonOf(enrolment.ID(p.Salt, programme.Client, address))
}
