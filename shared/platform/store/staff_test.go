package store

import (
	"reflect"
	"slices"
	"testing"

	"github.com/cascading-leadership/cascade/shared/access"
)

// Staff of both shapes stand beside each other: this version reads and finds both, and
// the one before reads what this one writes.
func TestStaffWithOneRoleAndWithSeveral(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), t.Context()
	for id, roles := range map[string]map[string]string{
		"kit": {"p": "coordinator", "q": "evaluator"}, "eve": {"p": "evaluator"}, "nora": nil,
	} {
		if _, err := s.staff().Doc(id).Set(ctx, map[string]any{"name": id, "email": id + "@example.org", "roles": roles, "schema": 1}); err != nil {
			t.Fatal(err)
		}
	}
	add(t, s, func(c *Commit) {
		both := NewStaff("Sam", "Sam@example.org", s.now())
		for _, r := range []access.Role{access.Supervisor, access.Evaluator, access.Coordinator} {
			both.Roles.Grant("p", r)
		}
		both.Roles.Grant("q", access.Supervisor)
		both.ID = "sam"
		c.SaveStaff(both, s.now())
	})

	check := func(when string) {
		t.Helper()
		for id, want := range map[string]access.ByProgramme{
			"kit": {"p": {access.Coordinator}, "q": {access.Evaluator}}, "eve": {"p": {access.Evaluator}}, "nora": {},
			"sam": {"p": {access.Coordinator, access.Evaluator, access.Supervisor}, "q": {access.Supervisor}},
		} {
			m, err := s.StaffByEmail(ctx, "nobody@example.org")
			if err != nil || m != nil {
				t.Fatalf("nobody is %+v, %v", m, err)
			}
			if m, err = s.StaffMember(ctx, id); err != nil || !reflect.DeepEqual(m.Roles, want) {
				t.Errorf("%s: %s is %+v, %v", when, id, m, err)
			}
			var before struct {
				Roles map[string]string `firestore:"roles"`
			}
			snap, err := s.staff().Doc(id).Get(ctx)
			if err == nil {
				err = snap.DataTo(&before)
			}
			if err != nil || len(before.Roles) != len(want) {
				t.Errorf("%s: the version before reads of %s %v, %v", when, id, before.Roles, err)
			}
			for p, all := range want {
				if before.Roles[p] != string(all[0]) {
					t.Errorf("%s: the version before reads of %s %v", when, id, before.Roles)
				}
			}
		}
		found, err := s.Coordinators(ctx, "p")
		var ids []string
		for _, m := range found {
			ids = append(ids, m.ID)
		}
		if slices.Sort(ids); err != nil || !slices.Equal(ids, []string{"kit", "sam"}) {
			t.Errorf("%s: coordinators %q, %v", when, ids, err)
		}
		if found, err := s.Coordinators(ctx, "q"); err != nil || len(found) > 0 {
			t.Errorf("%s: coordinators of another programme %v, %v", when, found, err)
		}
	}
	check("before")
	quiet := func(string, int, int) {}
	for _, want := range []int{3, 0} {
		done, err := s.Migrate(ctx, []Migration{severalRoles}, true, quiet)
		n := 0
		for _, m := range done {
			if n += m.Documents; len(m.Failed) > 0 {
				t.Error(m.Failed)
			}
		}
		if err != nil || n != want {
			t.Fatalf("%d migrated, %v, want %d", n, err, want)
		}
		check("after")
	}

	kit, err := s.StaffMember(ctx, "kit")
	if err != nil {
		t.Fatal(err)
	}
	kit.Roles.Revoke("p", access.Coordinator)
	add(t, s, func(c *Commit) { c.SaveStaff(kit, s.now()) })
	if found, err := s.Coordinators(ctx, "p"); err != nil || len(found) != 1 || found[0].ID != "sam" {
		t.Errorf("a role that was taken away: %v, %v", found, err)
	}
}
