package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// enrolmentFields are what matching and the directory read, with the number of the shape.
var enrolmentFields = append([]string{"schema"}, matching.EnrolmentFields...)

// regionsOfDistricts puts everybody where their postcode district lies. Before, the first
// letters of a postcode decided, and nobody was asked.
var regionsOfDistricts = Migration{
	Collection: "enrolments", To: 2, Why: "so that people are in the region of their postcode district, not of its first letters",
	Change: func(fields map[string]any) error {
		organisation, _ := fields["organisation"].(map[string]any)
		postcode, _ := organisation["postcode"].(string)
		if region := geography.UK().Usual(geography.Postcode(postcode)); region != "" {
			organisation["region"] = region
		}
		return nil
	},
}

// askedWhenConfirmed has those asked the first questionnaire whose enrolment was confirmed when
// that was asked at the start of a pairing, and forgets the pseudonym that led to answers.
var askedWhenConfirmed = Migration{
	Collection: "enrolments", To: 4, Why: "so that people are asked the first questionnaire before they prepare, and nothing leads from them to answers",
	Drops: []string{"respondent"},
	Change: func(fields map[string]any) error {
		if state := fields["state"]; state == string(enrolment.Confirmed) || state == string(enrolment.Ready) {
			fields["invite"] = string(programme.Baseline)
		}
		return nil
	},
}

func (s *Store) enrolments(p string) *firestore.CollectionRef { return s.in(p, "enrolments") }

func enrolmentAt(e *enrolment.Enrolment, snap *firestore.DocumentSnapshot) {
	e.ID, e.Version = snap.Ref.ID, snap.UpdateTime
}

// Enrolment is one enrolment of a programme.
func (h *BatchReader) Enrolment(p, id string) (*enrolment.Enrolment, error) {
	return take(h, document(h.store.enrolments(p), id), "enrolment", enrolmentAt)
}

// Enrolment reads one enrolment of a programme.
func (s *Store) Enrolment(ctx context.Context, p, id string) (*enrolment.Enrolment, error) {
	e := new(enrolment.Enrolment)
	snap, err := read(ctx, document(s.enrolments(p), id), "enrolment", e)
	if err != nil {
		return nil, err
	}
	enrolmentAt(e, snap)
	return e, nil
}

// Enrolments lists all enrolments of a programme by name.
func (s *Store) Enrolments(ctx context.Context, p string) ([]*enrolment.Enrolment, error) {
	return list(ctx, s.enrolments(p).OrderBy("person.name", firestore.Asc), "enrolments", enrolmentAt)
}

// EnrolmentsOf reads enrolments of a programme by id, into a map that lacks those
// which are not there.
func (s *Store) EnrolmentsOf(ctx context.Context, p string, ids []string) (map[string]*enrolment.Enrolment, error) {
	return byID(ctx, s, s.enrolments(p), ids, "enrolments", enrolmentAt, func(e *enrolment.Enrolment) string { return e.ID })
}

// EnrolmentsAt lists the enrolments of a programme whose address is one, however its letters
// are written: one in each role, at most. It asks for as many documents whether anybody is
// there or not, so that whoever typed the address cannot tell by how long that takes.
func (s *Store) EnrolmentsAt(ctx context.Context, p *programme.Programme, address email.Address) ([]*enrolment.Enrolment, error) {
	// Who enrolled with it has an id that tells so; who has it since, not.
	var found map[string]*enrolment.Enrolment
	others := make([]*enrolment.Enrolment, len(programme.Roles))
	all := []func(context.Context) error{func(ctx context.Context) (err error) {
		found, err = s.EnrolmentsOf(ctx, p.ID, enrolment.IDs(enrolment.PersonOf(enrolment.ID(p.Salt, programme.Client, address))))
		return err
	}}
	for i, role := range programme.Roles {
		all = append(all, func(ctx context.Context) (err error) {
			others[i], err = s.EnrolmentWith(ctx, p.ID, role, address)
			return err
		})
	}
	if err := InParallel(ctx, all...); err != nil {
		return nil, err
	}
	for _, e := range others {
		if e != nil {
			found[e.ID] = e
		}
	}
	maps.DeleteFunc(found, func(_ string, e *enrolment.Enrolment) bool { return !e.Person.Email.Same(address) })
	return slices.SortedFunc(maps.Values(found), func(a, b *enrolment.Enrolment) int { return strings.Compare(a.ID, b.ID) }), nil
}

// EnrolmentWith is the enrolment in a role whose address is one by now, however its letters are
// written; nil for nobody. It is one document read, whether there is any or not.
func (s *Store) EnrolmentWith(ctx context.Context, p string, role programme.Role, address email.Address) (*enrolment.Enrolment, error) {
	written := []email.Address{address, email.Address(address.Folded())}
	found, err := list(ctx, s.enrolments(p).Where("person.email", "in", written).Where("role", "==", role).Limit(1), "enrolments", enrolmentAt)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// LedBefore is whose place an invitation is to take, or was taken by it; nil where that is taken
// back or they were forgotten.
func (s *Store) LedBefore(ctx context.Context, p, invitation string) (*enrolment.Enrolment, error) {
	found, err := list(ctx, s.enrolments(p).Where("handover.nomination", "==", invitation).Limit(1), "enrolments", enrolmentAt)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// Stages lists all enrolments of a programme by their ids and states alone.
func (s *Store) Stages(ctx context.Context, p string) ([]*enrolment.Enrolment, error) {
	return listAll(ctx, s.enrolments(p).Select("schema", "state"), time.Time{}, "enrolments", enrolmentAt)
}

// CountEnrolments counts a programme's enrolments in any of the states.
func (s *Store) CountEnrolments(ctx context.Context, p string, states ...enrolment.State) (int, error) {
	return count(ctx, s.enrolments(p).Where("state", "in", states), "enrolments")
}

// ToInvite lists up to n enrolments whose people are to be invited to a questionnaire.
func (s *Store) ToInvite(ctx context.Context, p string, n int) ([]*enrolment.Enrolment, error) {
	return list(ctx, s.enrolments(p).Where("invite", "==", programme.Baseline).Limit(n), "enrolments", enrolmentAt)
}

// CreateEnrolment adds a new enrolment.
func (c *Commit) CreateEnrolment(p string, e *enrolment.Enrolment) {
	ref := document(c.store.enrolments(p), e.ID)
	c.create(ref, e)
	c.due(ref, e.DueAt)
}

// DeleteEnrolment takes away an enrolment as it was read.
func (c *Commit) DeleteEnrolment(p string, e *enrolment.Enrolment) {
	c.delete(document(c.store.enrolments(p), e.ID), e.Version)
}

// UpdateEnrolment writes an enrolment as it was read and changed.
func (c *Commit) UpdateEnrolment(p string, e *enrolment.Enrolment) {
	ref := document(c.store.enrolments(p), e.ID)
	c.update(ref, e, e.Version)
	c.due(ref, e.DueAt)
}
