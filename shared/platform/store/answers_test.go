package store

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// reply is a type of document of the database of answers that there is in these tests alone.
// It is of its second shape: in the first, "said" was "text".
type reply struct {
	Said string `firestore:"said"`
}

func init() {
	documents["replies"], inAnswers["replies"] = &Document{Path: "programmes/*/replies/*", Schema: 2, Type: reflect.TypeFor[reply]()}, true
	Migrations = append(Migrations, replies...)
}

var replies = []Migration{{Collection: "replies", To: 2, Why: "so that it says what it is", Drops: []string{"text"}, Change: func(fields map[string]any) error {
	fields["said"] = fields["text"]
	return nil
}}}

// both are the two databases of a project of the test's own.
func both(t *testing.T) (*Store, *Answers) {
	t.Helper()
	s := open(t)
	_, project, _ := strings.Cut(s.path, "projects/")
	project, _, _ = strings.Cut(project, "/")
	a, err := OpenAnswers(t.Context(), project, "answers")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return s, a
}

// The server takes a write for another database by the wrong client, and loses it: a commit
// refuses each document that is not of its own database, before it is sent.
func TestNothingIsWrittenByTheOtherDatabasesClient(t *testing.T) {
	t.Parallel()
	s, a := both(t)
	other, err := OpenAnswers(t.Context(), "demo-another", "answers")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	trials, there := s.trial("x"), document(a.in("p", "replies"), "x")
	for name, write := range map[string]func(ref *firestore.DocumentRef, c *writes){
		"created": func(ref *firestore.DocumentRef, c *writes) { c.create(ref, &reply{}) },
		"set":     func(ref *firestore.DocumentRef, c *writes) { c.set(ref, &reply{}) },
		"updated": func(ref *firestore.DocumentRef, c *writes) { c.update(ref, &reply{}, now) },
		"deleted": func(ref *firestore.DocumentRef, c *writes) { c.delete(ref, now) },
	} {
		for what, wrong := range map[string]struct {
			c   writes
			ref *firestore.DocumentRef
		}{
			"a person's, among answers":           {a.begin(), trials},
			"an answer, among people":             {s.begin(), there},
			"an answer, by the people's own path": {s.begin(), document(s.in("p", "replies"), "x")},
			"a person's, by the answers' path":    {a.begin(), a.client.Doc("trials/x")},
			"of another project":                  {a.begin(), document(other.in("p", "replies"), "x")},
		} {
			write(wrong.ref, &wrong.c)
			if err := wrong.c.Do(t.Context()); err == nil || !strings.Contains(err.Error(), "is not of the database") {
				t.Errorf("%s, %s: %v", what, name, err)
			}
		}
	}

	c := a.Commit()
	c.create(there, &reply{Said: "here"})
	if err := c.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := new(reply)
	if _, err := read(t.Context(), there, "reply", found); err != nil || found.Said != "here" {
		t.Errorf("read %+v, %v", found, err)
	}
	if all, err := list(t.Context(), s.in("p", "replies").Query, "replies", func(*reply, *firestore.DocumentSnapshot) {}); err != nil || len(all) > 0 {
		t.Errorf("the other database has %d of it, %v", len(all), err)
	}
	for _, ping := range []func() error{func() error { return s.Ping(t.Context()) }, func() error { return a.Ping(t.Context()) }} {
		if err := ping(); err != nil {
			t.Error(err)
		}
	}
}

// Each database's documents are migrated in it alone.
func TestEachDatabaseIsMigrated(t *testing.T) {
	t.Parallel()
	s, a := both(t)
	put(t, s, earlier)
	if _, err := a.client.Doc("programmes/p/replies/x").Set(t.Context(), map[string]any{"text": "before", "schema": 1}); err != nil {
		t.Fatal(err)
	}
	before := new(reply)
	if _, err := read(t.Context(), a.client.Doc("programmes/p/replies/x"), "reply", before); err != nil || before.Said != "before" {
		t.Errorf("the earlier shape is read as %+v, %v", before, err)
	}
	all := slices.Concat(trials, replies)
	for name, migrated := range map[string]struct {
		migrate func() ([]Migrated, error)
		want    string
	}{
		"people":  {func() ([]Migrated, error) { return s.Migrate(t.Context(), all, true, quiet) }, "trials"},
		"answers": {func() ([]Migrated, error) { return a.Migrate(t.Context(), all, true, quiet) }, "replies"},
	} {
		found, err := migrated.migrate()
		if err != nil || len(found) == 0 {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
		for _, m := range found {
			if m.Collection != migrated.want || m.Documents != 1 || len(m.Failed) > 0 {
				t.Errorf("%s: %+v", name, m)
			}
		}
	}
	snap, err := a.client.Doc("programmes/p/replies/x").Get(t.Context())
	if err != nil || snap.Data()["said"] != "before" || snap.Data()["text"] != nil {
		t.Errorf("it is %v, %v", snap.Data(), err)
	}
}

// No collection is in both databases: the type of a document is known by its name.
func TestDatabasesShareNoCollection(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, d := range slices.Concat(Documents, AnswerDocuments) {
		if seen[d.Collection()] {
			t.Errorf("%s is there twice", d.Path)
		}
		seen[d.Collection()] = true
	}
}

// A response is handed in once: the same commit again, and one whose answer was lost, find it
// there by its id, and that is all they want. It has no id of a commit, and no time.
func TestResponseIsHandedInByItsID(t *testing.T) {
	t.Parallel()
	_, a := both(t)
	r := &questionnaire.Response{ID: "r", Questionnaire: "baseline-1", Moment: programme.Baseline, Role: programme.Client, Respondent: "p", Answers: map[string]string{"time": "2"}}
	saved := &questionnaire.Saved{ID: "s", Moment: programme.Baseline, Answers: r.Answers}
	c := a.Commit()
	c.Save("p", saved)
	if err := c.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	there, err := a.Answered(t.Context(), "p", "r", "s")
	if err != nil || there.Response != nil || there.Saved == nil {
		t.Fatalf("%+v, %v", there, err)
	}
	for range 3 { // the second and third find the saved answers gone and the response there
		c := a.Commit()
		c.Hand("p", r)
		c.DeleteSaved("p", there.Saved)
		if err := c.Do(t.Context()); err != nil {
			t.Errorf("handed in: %v", err)
		}
	}
	snap, err := a.response("p", "r").Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"answers", "moment", "questionnaire", "respondent", "rewritten", "role", "schema"}; !slices.Equal(slices.Sorted(maps.Keys(snap.Data())), want) {
		t.Errorf("it has %v", snap.Data())
	}
	if there, err = a.Answered(t.Context(), "p", "r", "s"); err != nil || there.Saved != nil || there.Response.Answers["time"] != "2" {
		t.Errorf("%+v, %v", there, err)
	}
	// What was changed in another window meanwhile is not handed in unseen.
	c = a.Commit()
	c.Save("p", &questionnaire.Saved{ID: "other", Answers: map[string]string{}})
	if err := c.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	c = a.Commit()
	c.Hand("p", &questionnaire.Response{ID: "another"})
	c.DeleteSaved("p", &questionnaire.Saved{ID: "other", Version: now})
	if err := c.Do(t.Context()); !IsConflict(err) {
		t.Errorf("handed in over another window: %v", err)
	}
}

// Settings that name a questionnaire which is not there are not saved.
func TestProgrammeWithoutItsQuestionnairesIsNotSaved(t *testing.T) {
	t.Parallel()
	s := open(t)
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p.ID, p.Questionnaires.Closing = "p", "closing-9"
	c := s.Commit()
	c.CreateProgramme(p)
	if err := c.Do(t.Context()); err == nil || !strings.Contains(err.Error(), `no questionnaire "closing-9"`) {
		t.Errorf("%v", err)
	}
	p.Questionnaires.Closing = "closing-1"
	add(t, s, func(c *Commit) { c.CreateProgramme(p) })
	if p, err = s.Programme(t.Context(), "p"); err != nil {
		t.Fatal(err)
	}
	p.Questionnaires.Baseline = "none"
	c = s.Commit()
	c.UpdateProgramme(p)
	if err := c.Do(t.Context()); err == nil || !strings.Contains(err.Error(), `no questionnaire "none"`) {
		t.Errorf("%v", err)
	}
}
