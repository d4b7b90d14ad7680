package store

import (
	"context"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/agenda"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// TakingPart is all that somebody takes part in, and with whom.
type TakingPart struct {
	agenda.Facts
	others map[string]*enrolment.Enrolment
}

// With is who is on the other side of a match or a pairing, by the id of their enrolment;
// enrolment.Gone where they are not there any more.
func (t *TakingPart) With(id string) *enrolment.Enrolment {
	if e := t.others[id]; e != nil {
		return e
	}
	return enrolment.Gone
}

// TakingPart reads what the person of an enrolment takes part in, in two round trips: a
// document for each role, match, pairing, session, invitation and other person. In the second it
// is known which pairings there are, and what else is asked for is read at the same time.
func (s *Store) TakingPart(ctx context.Context, p *programme.Programme, enrolmentID string, also ...func(context.Context, *TakingPart) error) (*TakingPart, error) {
	t := &TakingPart{Facts: agenda.Facts{Programme: p}}
	ids := inAnyRole(enrolmentID)
	var mine map[string]*enrolment.Enrolment
	read := []func(context.Context) error{
		func(ctx context.Context) (err error) { mine, err = s.EnrolmentsOf(ctx, p.ID, ids); return err },
		func(ctx context.Context) (err error) {
			t.Pairings, err = s.PairingsWith(ctx, p.ID, enrolmentID)
			return err
		},
		func(ctx context.Context) (err error) {
			t.Invitations, err = s.InvitationsOf(ctx, p.ID, enrolmentID)
			return err
		},
	}
	released := make([][]*pairing.Match, len(programme.Roles))
	for i, role := range programme.Roles {
		read = append(read, func(ctx context.Context) (err error) {
			released[i], err = s.ReleasedWith(ctx, p.ID, role, ids...)
			return err
		})
	}
	if err := InParallel(ctx, read...); err != nil {
		return nil, err
	}
	var others, pairings []string
	for _, id := range ids {
		if e := mine[id]; e != nil {
			t.Enrolments = append(t.Enrolments, e)
		}
	}
	t.Matches = slices.Concat(released...)
	for _, m := range t.Matches {
		others = append(others, m.Both()...)
	}
	for _, pair := range t.Pairings {
		others, pairings = append(others, pair.Client, pair.Consultant), append(pairings, pair.ID)
	}
	slices.Sort(others)
	others = slices.DeleteFunc(slices.Compact(others), func(id string) bool { return mine[id] != nil })
	// What else is asked for looks at what is there meanwhile, so that these two are added after it.
	var with map[string]*enrolment.Enrolment
	var sessions []*pairing.Session
	then := []func(context.Context) error{
		func(ctx context.Context) (err error) { with, err = s.EnrolmentsOf(ctx, p.ID, others); return err },
		func(ctx context.Context) (err error) {
			sessions, err = s.SessionsFrom(ctx, p.ID, pairings, time.Time{})
			return err
		},
	}
	for _, f := range also {
		then = append(then, func(ctx context.Context) error { return f(ctx, t) })
	}
	err := InParallel(ctx, then...)
	t.others, t.Sessions = with, sessions
	slices.SortFunc(t.Sessions, func(a, b *pairing.Session) int { return a.StartsAt.Compare(b.StartsAt) })
	return t, err
}
