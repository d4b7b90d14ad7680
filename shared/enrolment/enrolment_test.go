package enrolment

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestNew(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	for _, role := range programme.Roles {
		f := acceptable(role)
		if role == programme.Client {
			f.Experience = map[string]int{"board": 2}
		}
		e, err := New(p, role, f, noon)
		if err != nil {
			t.Fatal(err)
		}
		want := &Enrolment{
			ID: ID("salt", role, "alex@example.org"), Role: role,
			Person: Person{"Alex Sample", "alex@example.org", "020 7946 0000"},
			Organisation: Organisation{
				Name: "Example Trust", Number: "GB-CHC-1000430", Postcode: "LS6 2AB", Region: "Yorkshire and the Humber", Categories: []string{"HE", "SC"}, Income: 250_000},
			Skills: map[string]int{"board": 1, "fundraising": 3}, Availability: []string{"mon-am"}, Meeting: []string{"video", "phone"}, Languages: []string{"English", "Welsh"}, Capacity: 1, Conflicts: []string{"Another Trust"},
			Situation: "We have grown. What now?", Hopes: "To see further.", Offering: "Ten years of boards.", Heard: "peer", Mention: "Example Fund", Bids: []string{"Example Council"},
			Consent: Consent{Version: "2026-11", At: noon}, State: Confirmed, ConfirmedAt: noon, Invite: programme.Baseline, Digest: e.Digest, DueAt: noon, CreatedAt: noon, UpdatedAt: noon,
		}
		if role == programme.Consultant {
			want.Capacity = 2
		} else {
			want.Experience = map[string]int{"board": 2}
		}
		if !reflect.DeepEqual(e, want) {
			t.Errorf("enrolment %+v\nwant %+v", e, want)
		}
	}
	if e, err := New(p, programme.Client, Form{}, noon); e != nil || len(wrong(t, err)) == 0 {
		t.Errorf("of an empty form: %+v, %v", e, err)
	}
}

func TestDigestTellsFormsApart(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	digest := func(change func(*Form)) string {
		f := acceptable(programme.Client)
		change(&f)
		e, err := New(p, programme.Client, f, noon)
		if err != nil {
			t.Fatal(err)
		}
		return e.Digest
	}
	same := digest(func(*Form) {})
	for name, change := range map[string]func(*Form){
		"spaces": func(f *Form) { f.Name = " Alex  Sample" }, "case of the postcode": func(f *Form) { f.Postcode = "LS6 2AB" },
		"a register's prefix": func(f *Form) { f.Number = "GB-CHC-1000430" }, "a blank conflict": func(f *Form) { f.Conflicts = append(f.Conflicts, " ") },
		"no experience": func(f *Form) { f.Experience = map[string]int{} },
	} {
		if digest(change) != same {
			t.Errorf("%s make another form", name)
		}
	}
	for name, change := range map[string]func(*Form){
		"a name": func(f *Form) { f.Name = "Alex Example" }, "a level": func(f *Form) { f.Skills["board"] = 2 }, "a conflict": func(f *Form) { f.Conflicts = nil },
		"an income": func(f *Form) { f.Income++ }, "a way to meet": func(f *Form) { f.Meeting = f.Meeting[:1] }, "a language": func(f *Form) { f.Languages = f.Languages[:1] },
		"experience": func(f *Form) { f.Experience = map[string]int{"board": 1} },
	} {
		if digest(change) == same {
			t.Errorf("%s makes no other form", name)
		}
	}
}

func TestID(t *testing.T) {
	t.Parallel()
	id := ID("salt", programme.Client, "alex@example.org")
	if id != "qgfblbz6bb4zxbbsb23wcnchri-seek" || id != ID("salt", programme.Client, "Alex@Example.ORG") { // as those that are stored
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

// Somebody with one address is one person in both roles, and nobody else is.
func TestPersonIsOneInBothRoles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		address := rapid.StringMatching(`[a-c]{1,3}@example\.org`)
		a, b := email.Address(address.Draw(t, "a")), email.Address(address.Draw(t, "b"))
		var ids []string
		for _, role := range programme.Roles {
			ids = append(ids, ID("salt", role, a))
			for _, other := range programme.Roles {
				if one := PersonOf(ID("salt", role, a)) == PersonOf(ID("salt", other, b)); one != (a == b) {
					t.Errorf("%s and %s: one person %v", a, b, one)
				}
			}
		}
		if got := IDs(PersonOf(ids[0])); !slices.Equal(got, ids) {
			t.Errorf("a person's enrolments are %v, want %v", got, ids)
		}
		if p := PersonOf(ids[0]); PersonOf(p) != p {
			t.Errorf("the person of %s is %s", p, PersonOf(p))
		}
	})
}

// Who leaves the languages out has the programme's usual one, said or not.
func TestLanguageLeftOutIsTheUsualOne(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	p.Languages = []string{"Cymraeg", "English"}
	var digests []string
	for _, languages := range [][]string{nil, {"Cymraeg"}} {
		f := acceptable(programme.Client)
		f.Languages = languages
		e, err := New(p, programme.Client, f, noon)
		if err != nil || !slices.Equal(e.Languages, []string{"Cymraeg"}) {
			t.Fatalf("%+v, %v", e, err)
		}
		digests = append(digests, e.Digest)
	}
	if digests[0] != digests[1] {
		t.Error("they are two forms")
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		r                  Readiness
		supervisor         string
		client, consultant bool
	}{
		{Readiness{}, "", false, false},
		{Readiness{Workshop: true}, "", true, false},
		{Readiness{Trained: true}, "", false, false},
		{Readiness{}, "robin", false, false},
		{Readiness{Trained: true}, "robin", false, true},
		{Readiness{Workshop: true, Trained: true}, "", true, false},
		{Readiness{Workshop: true, Trained: true}, "robin", true, true},
	} {
		for role, want := range map[programme.Role]bool{programme.Client: row.client, programme.Consultant: row.consultant} {
			e := &Enrolment{Role: role, State: Unconfirmed}
			if err := e.Prepare(row.r, row.supervisor, noon); !fault.Is(err, fault.Conflict) || e.State != Unconfirmed || e.Readiness != (Readiness{}) || e.Supervisor != "" {
				t.Errorf("an unconfirmed %s: %v, %+v", role, err, e)
			}
			e.State = Confirmed
			if err := e.Prepare(row.r, row.supervisor, noon); err != nil || (e.State == Ready) != want || e.Readiness != row.r {
				t.Errorf("%s with %+v and %q: %v, %s", role, row.r, row.supervisor, err, e.State)
			}
			if supervised := e.Supervisor != ""; supervised != (role == programme.Consultant && row.supervisor != "") {
				t.Errorf("a %s has the supervisor %q", role, e.Supervisor)
			}
		}
	}
}

// Whatever the coordinator does in whatever order, an enrolment is ready exactly when its
// role's preparation is complete; and no consultant is ready without a supervisor.
func TestReadyIsPrepared(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := &Enrolment{Role: rapid.SampledFrom(programme.Roles).Draw(t, "role"), State: Confirmed}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			if err := e.Prepare(Readiness{rapid.Bool().Draw(t, "w"), rapid.Bool().Draw(t, "t")}, rapid.SampledFrom([]string{"", "robin"}).Draw(t, "s"), noon); err != nil {
				t.Fatal(err)
			}
			if (e.State == Ready) != e.Prepared() {
				t.Fatalf("%+v", e)
			}
			if e.State == Ready && e.Role == programme.Consultant && e.Supervisor == "" {
				t.Fatalf("ready without a supervisor: %+v", e)
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
