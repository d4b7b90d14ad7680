package store_test

import (
	"fmt"
	"testing"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Somebody's drafts are found by each address of theirs, the present one, that which they asked
// for and those before, however its letters are written; and the drafts of others are not read
// for that, however many there are.
func TestDraftsAreFoundByWhoseTheyAre(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	id := enrolment.ID(b.Programme.Salt, programme.Client, "first@example.org")
	draft := func(c *store.Commit, name, address string) {
		c.CreateDraft(b.Programme, &store.Draft{ID: name, Role: programme.Client, Form: enrolment.Form{Email: address}, ExpireAt: b.Now().Add(store.DraftLife)})
	}
	c := b.Store.Commit()
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: id, Role: programme.Client, State: enrolment.Confirmed,
		Person: enrolment.Person{Email: "present@example.org"}, NewEmail: "asked@example.org", NewEmailAt: b.Now(), FormerEmail: "former@example.org"})
	want := map[string]bool{}
	for name, address := range map[string]email.Address{"first": "First@Example.org", "present": "PRESENT@example.org", "asked": " asked@example.org ", "former": "former@example.ORG"} {
		draft(c, name, string(address))
		want[name] = true
	}
	draft(c, "nothing-yet", "")
	draft(c, "moved", "present@example.org")
	b.Commit(c)
	found := func() (ids map[string]bool, reads int) {
		t.Helper()
		ctx, meter := cost.Start(t.Context())
		who, err := b.Store.Person(ctx, b.Programme, id)
		if err != nil {
			t.Fatal(err)
		}
		all, err := b.Store.Theirs(ctx, who)
		if err != nil {
			t.Fatal(err)
		}
		ids = map[string]bool{}
		for _, d := range all {
			if d.Collection() == "drafts" {
				ids[d.ID()] = true
			}
		}
		return ids, meter.Cost().Reads
	}
	want["moved"] = true
	if ids, _ := found(); fmt.Sprint(ids) != fmt.Sprint(want) {
		t.Errorf("found %v, want %v", ids, want)
	}
	// Another address takes a draft to whoever has that.
	moved, err := b.Store.Draft(t.Context(), "pilot", "moved")
	if err != nil {
		t.Fatal(err)
	}
	moved.Form.Email = "stranger@example.org"
	c = b.Store.Commit()
	c.UpdateDraft(b.Programme, moved)
	b.Commit(c)
	delete(want, "moved")
	ids, before := found()
	if fmt.Sprint(ids) != fmt.Sprint(want) {
		t.Errorf("once one was moved: found %v, want %v", ids, want)
	}
	c = b.Store.Commit()
	for i := range 100 {
		draft(c, fmt.Sprint("of-a-stranger-", i), fmt.Sprintf("stranger-%d@example.org", i))
	}
	b.Commit(c)
	if ids, after := found(); after != before || len(ids) != len(want) {
		t.Errorf("with 100 more it reads %d documents, and before %d; found %d", after, before, len(ids))
	}
}
