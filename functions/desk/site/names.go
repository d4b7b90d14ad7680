package site

import (
	"context"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Names are a programme's people by the ids of their enrolments.
type Names map[string]*enrolment.Enrolment

// ReadNames reads everybody who enrolled in a programme: a document each.
func ReadNames(ctx context.Context, db *store.Store, p *programme.Programme) (Names, error) {
	people, err := db.Enrolments(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	byID := make(Names, len(people))
	for _, e := range people {
		byID[e.ID] = e
	}
	return byID, nil
}

// Of is one of them, or a stand-in.
func (n Names) Of(id string) *enrolment.Enrolment {
	if e := n[id]; e != nil {
		return e
	}
	return enrolment.Gone
}

// Any is one of them, or nil for nobody.
func (n Names) Any(id string) *enrolment.Enrolment {
	if id == "" {
		return nil
	}
	return n.Of(id)
}
