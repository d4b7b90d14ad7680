package store

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// Supervisors whom an earlier version's desk added, or gave another address, become
// members of staff: those of several programmes with one address one member, with what
// they were before. A dry run counts them and changes nothing, a second run has nothing
// to do, and whoever writes a supervisor meanwhile loses nothing.
func TestSupervisorsOfBeforeBecomeStaff(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), t.Context()
	member := func(address email.Address) *Staff {
		t.Helper()
		m, err := s.StaffByEmail(ctx, address)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	add(t, s, func(c *Commit) {
		kit := NewStaff("Kit", "kit@example.org", s.now())
		kit.Roles.Grant("q", access.Coordinator)
		c.SaveStaff(kit, s.now())
		old := NewStaff("Sage", "old@example.org", s.now())
		old.Roles.Grant("p", access.Supervisor)
		old.Roles.Grant("q", access.Supervisor)
		c.SaveStaff(old, s.now())
		for _, row := range []struct {
			programme, id string
			address       email.Address
			staff         string
		}{
			{"p", "robin", "Robin@example.org", ""}, {"q", "robin", "robin@example.org", ""}, {"p", "kit", "kit@example.org", ""}, {"p", "sage", "sage@example.org", old.ID}, {"q", "sage", "old@example.org", old.ID},
		} {
			c.CreateSupervisor(row.programme, &supervision.Supervisor{ID: row.id, Name: row.id, Email: row.address, Staff: row.staff, Capacity: 9})
		}
	})
	if n, err := s.AppointSupervisors(ctx, "test", false); n != 4 || err != nil || member("robin@example.org") != nil {
		t.Fatalf("a dry run: %d, %v, and made %+v", n, err, member("robin@example.org"))
	}

	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if _, err := s.AppointSupervisors(ctx, "test", true); err != nil {
				t.Error(err)
			}
		})
	}
	both.Go(func() {
		for places := 0; places < 5; {
			x, err := s.Supervisor(ctx, "p", "robin")
			if err != nil {
				t.Error(err)
				return
			}
			x.Places, x.UpdatedAt = append(x.Places, "m"), time.Now()
			c := s.Commit()
			c.UpdateSupervisor("p", x)
			if err := c.Do(ctx); err == nil {
				places++
			} else if !IsConflict(err) {
				t.Error(err)
				return
			}
		}
	})
	both.Wait()
	if n, err := s.AppointSupervisors(ctx, "test", true); n != 0 || err != nil {
		t.Errorf("a second run: %d, %v", n, err)
	}
	for address, want := range map[email.Address]access.ByProgramme{
		"robin@example.org": {"p": {access.Supervisor}, "q": {access.Supervisor}}, "kit@example.org": {"p": {access.Supervisor}, "q": {access.Coordinator}},
		"sage@example.org": {"p": {access.Supervisor}}, "old@example.org": {"q": {access.Supervisor}},
	} {
		m := member(address)
		if m == nil || len(m.Roles) != len(want) || !slices.Equal(m.Roles["p"], want["p"]) || !slices.Equal(m.Roles["q"], want["q"]) {
			t.Errorf("%s is %+v, want %v", address, m, want)
		}
	}
	x, err := s.Supervisor(ctx, "p", "robin")
	if err != nil || len(x.Places) != 5 || x.Staff != member("robin@example.org").ID {
		t.Errorf("%+v, %v", x, err)
	}
}
