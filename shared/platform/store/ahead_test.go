package store_test

import (
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// What a link names is read with its owner, in one round trip; at hand until something is
// written, so that a second try sees what has come first; and nothing that is not there is made up.
func TestWhatALinkNamesIsReadAhead(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	c := b.Store.Commit()
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: "alex", Role: programme.Client, State: enrolment.Ready})
	b.Commit(c)
	l := &store.Link{Purpose: string(purpose.Pairing), Programme: "pilot", Person: "alex", IDs: outbox.IDs{Pairing: "none"}}
	ctx, meter := cost.Start(t.Context())
	e, err := b.Store.Owner(ctx, l, store.Page{Below: []string{"notice"}})
	if err != nil || e.ID != "alex" {
		t.Fatalf("%+v, %v", e, err)
	}
	with := l.With(ctx)
	if p, err := b.Store.Programme(with, "pilot"); err != nil || p.ID != "pilot" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := b.Store.Pairing(with, "pilot", "none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a pairing that is not there: %v", err)
	}
	if got := meter.Cost(); got.Trips != 1 || got.Reads != 3 {
		t.Errorf("it cost %+v, want one round trip", got)
	}

	// All of it is at hand until something is written, also where that comes too late.
	for range 2 {
		if once, err := b.Store.Enrolment(with, "pilot", "alex"); err != nil || once.State != enrolment.Ready || meter.Cost().Trips != 1 {
			t.Errorf("at hand: %+v, %v, %+v", once, err, meter.Cost())
		}
	}
	e.State = enrolment.Withdrawn
	c = b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
	late := b.Store.Commit()
	late.UpdateEnrolment("pilot", e)
	if err := late.Do(with); !store.IsConflict(err) {
		t.Errorf("what another change came before: %v", err)
	}
	again, err := b.Store.Enrolment(with, "pilot", "alex")
	if err != nil || again.State != enrolment.Withdrawn {
		t.Errorf("read again: %+v, %v", again, err)
	}
	if all, err := b.Store.EnrolmentsOf(with, "pilot", []string{"alex", "nobody"}); err != nil || len(all) != 1 || all["alex"].State != enrolment.Withdrawn {
		t.Errorf("read with others: %+v, %v", all, err)
	}
	if _, err := b.Store.Owner(ctx, &store.Link{Programme: "pilot", Person: "a/b"}, store.Page{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("an id that is none: %v", err)
	}
}
