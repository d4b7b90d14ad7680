package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/evaluation"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/retention"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// The command says of each programme how long it keeps things, counts what would be deleted,
// deletes nothing before it is due, and then all of it.
func TestRetentionIsSeenAndCarriedOut(t *testing.T) {
	s := project(t)
	ctx := t.Context()
	ran(t, ran(t, "", "programme", "settings", "pilot-2016"), "programme", "create", "north", "--settings", "-")
	says(t, ran(t, "", "retention"), "north, Cascading Leadership pilot: it has no dates")
	c := s.Commit()
	c.CreateEnrolment("north", &enrolment.Enrolment{ID: "alex-seek", Role: programme.Client, State: enrolment.Confirmed})
	if err := c.Do(ctx); err != nil {
		t.Fatal(err)
	}
	ran(t, "", "staff", "add", "--programme", "north", "--name", "Morgan Sample", "--email", "morgan@example.org")
	ended := time.Now().AddDate(-1, 0, 10).Format(time.DateOnly)
	ran(t, "", "programme", "dates", "north", "--starts", "2020-01-01", "--ends", ended, "--apply")
	says(t, ran(t, "", "retention", "north"), "ends on "+ended, "not announced yet", "1  enrolments: a leader", "1  staff: ")

	_, err := run(t, "", "retention", "north", "--apply", "--reason", "Now")
	refuses(t, "before it is announced", err, "nothing is due", "not announced")
	if err := retention.Scheduled(s, clock.Real).Do(ctx); err != nil {
		t.Fatal(err)
	}
	says(t, ran(t, "", "retention"), "as was announced on")
	_, err = run(t, "", "retention", "north", "--apply", "--reason", "Now")
	refuses(t, "before its day", err, "nothing is due", "as was announced on")
	for args, wrong := range map[string][]string{"--reason": {"retention", "north", "--apply"}, "name it": {"retention", "--apply", "--reason", "Now"}} {
		_, err = run(t, "", wrong...)
		refuses(t, args, err, args)
	}

	p, err := s.Programme(ctx, "north")
	if err != nil {
		t.Fatal(err)
	}
	p.Retention.DueAt = time.Now().Add(-time.Minute)
	c = s.Commit()
	c.UpdateProgramme(p)
	if err := c.Do(ctx); err != nil {
		t.Fatal(err)
	}
	says(t, ran(t, "", "retention", "north", "--apply", "--reason", "The schedule did not run"), "nothing was left", "nothing to be deleted")
	if found, err := s.EnrolmentsOf(ctx, "north", []string{"alex-seek"}); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
	if all, err := s.AllStaff(ctx); err != nil || len(all) > 0 {
		t.Errorf("%v, %v", all, err)
	}
	_, err = run(t, "", "programme", "dates", "north", "--ends", "2040-01-01", "--apply")
	refuses(t, "once it is gone", err, "cannot be moved any more")
}

// A programme is deleted with all that it stores, and nothing of another one; not by mistake,
// and not as long as it keeps what is about people, unless that is said.
func TestAProgrammeIsDeleted(t *testing.T) {
	s := project(t)
	ctx := t.Context()
	answers, err := openAnswers(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer answers.Close()
	for _, id := range []string{"north", "north0", "south"} {
		ran(t, ran(t, "", "programme", "settings", "pilot-2016"), "programme", "create", id, "--settings", "-")
		ran(t, "", "staff", "add", "--programme", id, "--name", "Morgan Sample", "--email", "morgan@example.org")
		c := s.Commit()
		c.CreateEnrolment(id, &enrolment.Enrolment{ID: "alex-seek", Role: programme.Client, State: enrolment.Confirmed, DueAt: time.Now().AddDate(0, 0, 5)})
		c.Bury("hash-"+id, &erasure.Tombstone{Programme: id})
		if err := c.Do(ctx); err != nil {
			t.Fatal(err)
		}
		a := answers.Commit()
		a.CreateRelease(id, &evaluation.Release{Release: disclosure.Release{Number: 1}}, &evaluation.Basis{})
		if err := a.Do(ctx); err != nil {
			t.Fatal(err)
		}
	}
	stored := func(of string) (all []string) {
		each := func(path string, doc any, err error) error {
			if strings.Contains(path+"/", "/"+of+"/") || strings.HasSuffix(path, "hash-"+of) {
				all = append(all, path)
			}
			if d, ok := doc.(*store.Due); ok && strings.HasPrefix(d.Path, "programmes/"+of+"/") {
				all = append(all, path)
			}
			return err
		}
		if err := errors.Join(s.Everything(ctx, each), answers.Everything(ctx, each)); err != nil {
			t.Fatal(err)
		}
		return all
	}
	c := s.Commit()
	c.SaveCompared(&erasure.Compared{Tombstones: 3})
	if err := c.Do(ctx); err != nil {
		t.Fatal(err)
	}
	before := len(stored("north"))
	if before != len(stored("south")) || before < 7 {
		t.Fatalf("%q", stored("north"))
	}
	_, err = run(t, "", "programme", "delete", "north")
	refuses(t, "with people", err, "--with-people")
	says(t, ran(t, "", "programme", "delete", "north", "--with-people"), "1  enrolments", "1  releases", "1  erased", "Nothing was deleted")
	for input, x := range map[string]struct {
		wrong string
		args  []string
	}{
		"south\n": {"not its id", []string{"--with-people", "--apply", "--reason", "A trial"}},
		"north\n": {"--reason", []string{"--with-people", "--apply"}},
		"":        {"--with-people", []string{"--apply", "--reason", "A trial"}},
	} {
		_, err := run(t, input, append([]string{"programme", "delete", "north"}, x.args...)...)
		refuses(t, x.wrong, err, x.wrong)
	}
	if len(stored("north")) != before {
		t.Error("something was deleted all the same")
	}
	says(t, ran(t, "north\n", "programme", "delete", "north", "--with-people", "--apply", "--reason", "A trial"), "is deleted")
	if left := stored("north"); len(left) > 0 {
		t.Errorf("%q are left", left)
	}
	for _, other := range []string{"north0", "south"} {
		if len(stored(other)) != before {
			t.Errorf("of %s there is %q", other, stored(other))
		}
	}
	if waits, err := s.BroughtBack(ctx); err != nil || waits {
		t.Errorf("emails wait as if a backup had been loaded: %v, %v", waits, err)
	}
	m, err := s.StaffByEmail(ctx, "morgan@example.org")
	if err != nil || m == nil || len(m.Roles) != 2 {
		t.Errorf("%+v, %v", m, err)
	}
	trail, err := s.AuditEntries(ctx, store.AuditWanted{Programme: "north", Most: 50})
	if err != nil || len(trail.Entries) < 5 || !strings.Contains(trail.Entries[0].Did, "deleted the programme: A trial") {
		t.Errorf("%+v, %v", trail.Entries, err)
	}
}
