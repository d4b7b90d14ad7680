package enrolment

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestNew(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	for _, role := range programme.Roles {
		e, err := New(p, role, acceptable(role), "pseudonym", noon)
		if err != nil {
			t.Fatal(err)
		}
		want := &Enrolment{
			ID: ID("salt", role, "alex@example.org"), Role: role,
			Person: Person{"Alex Sample", "alex@example.org", "020 7946 0000"},
			Organisation: Organisation{
				Name: "Example Trust", Number: "GB-CHC-1000430", Postcode: "LS6 2AB", Region: "Yorkshire and the Humber", Categories: []string{"HE", "SC"}},
			Skills: map[string]int{"board": 1, "fundraising": 3}, Availability: []string{"mon-am"}, Capacity: 1, Conflicts: []string{"Another Trust"},
			Consent: Consent{"2026-11", noon}, State: Unconfirmed, Respondent: "pseudonym", Digest: e.Digest, Schema: 1, CreatedAt: noon, UpdatedAt: noon,
		}
		if role == programme.Consultant {
			want.Capacity = 2
		}
		if !reflect.DeepEqual(e, want) {
			t.Errorf("enrolment %+v\nwant %+v", e, want)
		}
	}
	if e, err := New(p, programme.Client, Form{}, "", noon); e != nil || len(wrong(t, err)) == 0 {
		t.Errorf("of an empty form: %+v, %v", e, err)
	}
}

func TestDigestTellsFormsApart(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	digest := func(change func(*Form)) string {
		f := acceptable(programme.Client)
		change(&f)
		e, err := New(p, programme.Client, f, "", noon)
		if err != nil {
			t.Fatal(err)
		}
		return e.Digest
	}
	same := digest(func(*Form) {})
	for name, change := range map[string]func(*Form){
		"spaces": func(f *Form) { f.Name = " Alex  Sample" }, "case of the postcode": func(f *Form) { f.Postcode = "LS6 2AB" },
		"a register's prefix": func(f *Form) { f.Number = "GB-CHC-1000430" }, "a blank conflict": func(f *Form) { f.Conflicts = append(f.Conflicts, " ") },
	} {
		if digest(change) != same {
			t.Errorf("%s make another form", name)
		}
	}
	for name, change := range map[string]func(*Form){
		"a name": func(f *Form) { f.Name = "Alex Example" }, "a level": func(f *Form) { f.Skills["board"] = 2 }, "a conflict": func(f *Form) { f.Conflicts = nil },
	} {
		if digest(change) == same {
			t.Errorf("%s makes no other form", name)
		}
	}
}

func TestID(t *testing.T) {
	t.Parallel()
	id := ID("salt", programme.Client, "alex@example.org")
	if len(id) != 26 || strings.ToLower(id) != id || id != ID("salt", programme.Client, "Alex@Example.ORG") {
		t.Errorf("id %q", id)
	}
	for _, other := range []string{
		ID("other", programme.Client, "alex@example.org"), ID("salt", programme.Consultant, "alex@example.org"), ID("salt", programme.Client, "sam@example.org"),
	} {
		if other == id {
			t.Errorf("two people have the id %s", id)
		}
	}
	if strings.Contains(id, "alex") {
		t.Error("the id holds the address")
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		r                  Readiness
		client, consultant bool
	}{
		{Readiness{}, false, false},
		{Readiness{Workshop: true}, true, false},
		{Readiness{Trained: true}, false, false},
		{Readiness{Supervised: true}, false, false},
		{Readiness{Trained: true, Supervised: true}, false, true},
		{Readiness{Workshop: true, Trained: true, Supervised: true}, true, true},
	} {
		for role, want := range map[programme.Role]bool{programme.Client: row.client, programme.Consultant: row.consultant} {
			e := &Enrolment{Role: role, State: Unconfirmed}
			if err := e.Prepare(row.r); !fault.Is(err, fault.Conflict) || e.State != Unconfirmed || e.Readiness != (Readiness{}) {
				t.Errorf("an unconfirmed %s: %v, %+v", role, err, e)
			}
			e.Confirm()
			if err := e.Prepare(row.r); err != nil || (e.State == Ready) != want || e.Readiness != row.r {
				t.Errorf("%s with %+v: %v, %s", role, row.r, err, e.State)
			}
			state := e.State
			e.Confirm() // pressed again later
			if e.State != state {
				t.Errorf("confirming again makes it %s", e.State)
			}
		}
	}
}

// Whatever the person and the coordinator do in whatever order, an enrolment is
// ready exactly when it is confirmed and its role's preparation is complete.
func TestReadyIsConfirmedAndPrepared(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := &Enrolment{Role: rapid.SampledFrom(programme.Roles).Draw(t, "role"), State: Unconfirmed}
		confirmed := false
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "confirm") {
				e.Confirm()
				confirmed = true
			} else {
				err := e.Prepare(Readiness{rapid.Bool().Draw(t, "w"), rapid.Bool().Draw(t, "t"), rapid.Bool().Draw(t, "s")})
				if (err == nil) != confirmed {
					t.Fatalf("prepared with %v, confirmed %v", err, confirmed)
				}
			}
			if (e.State == Unconfirmed) == confirmed || (e.State == Ready) != (confirmed && e.Readiness.Complete(e.Role)) {
				t.Fatalf("confirmed %v: %+v", confirmed, e)
			}
		}
	})
}

func TestHalfDays(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, h := range HalfDays {
		day, part, ok := strings.Cut(h.ID, "-")
		want := map[string]string{"am": "morning", "pm": "afternoon"}[part]
		if !ok || !strings.HasPrefix(strings.ToLower(h.Name), day) || !strings.HasSuffix(h.Name, want) || slices.Contains(ids, h.ID) {
			t.Errorf("half-day %+v", h)
		}
		ids = append(ids, h.ID)
	}
	if len(ids) != 10 {
		t.Errorf("%d half-days in five days", len(ids))
	}
}
