package testbed_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// everything reads all documents of a bed by path, without what says when and in which
// shape they were written last.
func everything(t *testing.T, b *testbed.Bed) map[string]any {
	t.Helper()
	all := map[string]any{}
	if err := b.Store.Everything(t.Context(), func(path string, doc any, err error) error {
		if err != nil {
			t.Error(err)
		}
		all[path] = doc
		v := reflect.ValueOf(doc).Elem()
		if f := v.FieldByName("Version"); f.IsValid() {
			f.SetZero()
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// paths are those of all documents that the emulator has, by name.
func paths(t *testing.T, b *testbed.Bed) (all []string) {
	t.Helper()
	documents := "/v1/projects/" + b.Project + "/databases/(default)/documents"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+os.Getenv("FIRESTORE_EMULATOR_HOST")+documents+":runQuery",
		strings.NewReader(`{"structuredQuery": {"from": [{"allDescendants": true}], "select": {"fields": [{"fieldPath": "__name__"}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer owner")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var found []struct{ Document struct{ Name string } }
	if err := json.NewDecoder(response.Body).Decode(&found); err != nil {
		t.Fatal(err)
	}
	for _, each := range found {
		if _, path, ok := strings.Cut(each.Document.Name, "/documents/"); ok {
			all = append(all, path)
		}
	}
	slices.Sort(all)
	return all
}

// notKept are the types of documents of which no database was kept, with why.
var notKept = map[string]string{
	"auditEntries":      "they are younger than what was kept, and those before are moved there",
	"seals":             "they are younger than what was kept",
	"sealParts":         "they are younger than what was kept",
	"budgets":           "they are younger than what was kept, and count for a day",
	"claims":            "those who had not confirmed were kept as enrolments, and a migration moves them",
	"codes":             "they are younger than what was kept, and count for an hour",
	"grants":            "they are younger than what was kept",
	"logos":             "they are younger than what was kept",
	"marks":             "who had answered was marked at once before",
	"quotas":            "they are written where more emails come to somebody than are sent",
	"notebooks":         "they are younger than what was kept",
	"endings":           "they are younger than what was kept",
	"shared":            "it is younger than what was kept",
	"staffSessions":     "versions before had none, and whoever is signed in as a version comes that does signs in again",
	"unclear":           "they are younger than what was kept",
	"requests":          "they are younger than what was kept",
	"nominations":       "they are younger than what was kept",
	"complaints":        "they are younger than what was kept",
	"sealedLetters":     "they are younger than what was kept",
	"erasures":          "they are younger than what was kept",
	"erased":            "they are younger than what was kept",
	"erasedAnswers":     "they are younger than what was kept",
	"compared":          "they are younger than what was kept",
	"organisations":     "they are younger than what was kept",
	"organisationParts": "they are younger than what was kept",
}

// What an earlier version wrote is read at once by this one, all of it; a dry run of
// the migrations changes nothing, a real one what it said and nothing that is read, and
// a second one nothing.
func TestKeptDatabasesAreReadAndMigrated(t *testing.T) {
	t.Parallel()
	for _, date := range testbed.KeptDates(t) {
		t.Run(date, func(t *testing.T) {
			t.Parallel()
			b, _ := testbed.Kept(t, date)
			before := everything(t, b)
			if stored := paths(t, b); !slices.Equal(stored, slices.Sorted(maps.Keys(before))) {
				t.Errorf("%d documents are stored and %d read: some are of no type in store.Documents", len(stored), len(before))
			}
			seen := map[string]bool{}
			for path := range before {
				parts := strings.Split(path, "/")
				seen[store.DocumentOf(parts[len(parts)-2]).Collection()] = true
			}
			for _, d := range store.Documents {
				if c := d.Collection(); !seen[c] && notKept[c] == "" {
					t.Errorf("nothing was kept of %s", d.Path)
				}
			}

			migrate := func(apply bool) []store.Migrated {
				t.Helper()
				done, err := b.Store.Migrate(t.Context(), store.Migrations, apply, func(string, int, int) {})
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range done {
					if len(m.Failed) > 0 {
						t.Errorf("%s: %v", m.Collection, m.Failed)
					}
				}
				return done
			}
			same := func(when string) {
				t.Helper()
				if after := everything(t, b); !reflect.DeepEqual(before, after) {
					for path := range before {
						if !reflect.DeepEqual(before[path], after[path]) {
							t.Errorf("%s, %s is read as\n%+v, and before as\n%+v", when, path, after[path], before[path])
						}
					}
				}
			}
			tried := migrate(false)
			if again := migrate(false); !reflect.DeepEqual(tried, again) {
				t.Errorf("a dry run changed something: %+v, and then %+v", tried, again)
			}
			same("after a dry run")
			if done := migrate(true); !reflect.DeepEqual(tried, done) {
				t.Errorf("changed %+v, and a dry run said %+v", done, tried)
			}
			for path, doc := range before { // who had not confirmed is a claim from then on
				if e, ok := doc.(*enrolment.Enrolment); ok && e.State == enrolment.Unconfirmed {
					claim := enrolment.ClaimOf(e)
					claim.Enrolment = path[strings.LastIndexByte(path, '/')+1:]
					delete(before, path)
					before[strings.Replace(path, "/enrolments/", "/claims/", 1)] = claim
				}
			}
			same("migrated")
			if again := migrate(true); len(again) > 0 {
				t.Errorf("a second run changed %+v", again)
			}
			if _, err := b.Store.AppointSupervisors(t.Context(), "test", true); err != nil {
				t.Fatal(err)
			}
			movedByPseudonyms(t, b, before)
			supervisors := 0
			for path, doc := range everything(t, b) {
				if x, ok := doc.(*supervision.Supervisor); ok {
					supervisors++
					m, err := b.Store.StaffMember(t.Context(), x.Staff)
					if err != nil || !m.Email.Same(x.Email) || !m.Roles.Has(strings.Split(path, "/")[1], access.Supervisor) {
						t.Errorf("the member of staff of %s is %+v, %v", path, m, err)
					}
				}
			}
			if supervisors == 0 {
				t.Error("nobody supervises")
			}
		})
	}
}

// movedByPseudonyms sees that the audit entries of a version before name nobody once they
// are moved, say who it was to who has the key, and are sealed with what comes after.
func movedByPseudonyms(t *testing.T, b *testbed.Bed, before map[string]any) {
	t.Helper()
	former := 0
	for path := range before {
		if strings.HasPrefix(path, "audit/") {
			former++
		}
	}
	for _, row := range []struct {
		apply bool
		want  int
	}{{false, former}, {true, former}, {true, 0}} {
		if n, err := b.Store.MoveAudit(t.Context(), row.apply); err != nil || n != row.want {
			t.Errorf("moved %d of %d, %v", n, row.want, err)
		}
	}
	moved, ids := 0, map[string]bool{}
	for _, e := range b.Audited() {
		if e.Did != "ruled out the pair" && e.At.After(b.Now().Add(-time.Minute)) {
			continue // of this version
		}
		moved++
		ids[e.Names.By], ids[e.Names.To] = true, true
		if e.By == e.Names.By || e.By != b.Store.Pseudonyms(e.Names.By)[0] || e.Programme == "" || e.Hour != audit.HourOf(b.Now()) {
			t.Errorf("moved as %+v", e)
		}
	}
	if moved != former || former == 0 {
		t.Errorf("%d entries, and %d before", moved, former)
	}
	for path, d := range b.Documents() {
		if strings.HasPrefix(path, "audit/") {
			t.Errorf("%s is left", path)
		}
		for id := range ids {
			if text := fmt.Sprint(d.Data()); strings.HasPrefix(path, "auditEntries/") && strings.Contains(text, id) {
				t.Errorf("%s names %s", path, id)
			}
		}
	}
	b.Pass(2 * time.Hour)
	if n, err := b.Store.SealAudit(t.Context(), b.Seals, b.Now()); err != nil || n == 0 {
		t.Errorf("sealed %d hours, %v", n, err)
	}
	if v, err := b.Store.VerifyAudit(t.Context(), b.Seals, b.Now(), time.Time{}); err != nil || len(v.Findings) > 0 || v.Entries < former {
		t.Errorf("verified %+v, %v", v, err)
	}
}

// What people answered in an earlier version's longer form is read back as it is, and a group of
// it that is sent once more, unchanged, changes nothing.
func TestKeptAnswersStayAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, date := range testbed.KeptDates(t) {
		t.Run(date, func(t *testing.T) {
			t.Parallel()
			b, _ := testbed.Kept(t, date)
			all, n := everything(t, b), 0
			for path, doc := range all {
				e, ok := doc.(*enrolment.Enrolment)
				if !ok {
					continue
				}
				n++
				p, err := b.Store.Programme(t.Context(), strings.Split(path, "/")[1])
				if err != nil {
					t.Fatal(err)
				}
				f := enrolment.FormOf(e)
				if len(f.Answers(p, e.Role)) < 9 {
					t.Errorf("%s is read back as %+v", path, f.Answers(p, e.Role))
				}
				for _, g := range enrolment.Groups(p, e.Role) {
					if changed, err := e.Correct(p, g, f, time.Now()); changed || err != nil && !(g.Name == "skills" && len(e.Skills) > enrolment.MostNeeds) {
						t.Errorf("%s of %s: changed %v, %v", g.Name, path, changed, err)
					}
				}
			}
			if n == 0 {
				t.Error("no enrolment was kept")
			}
		})
	}
}
