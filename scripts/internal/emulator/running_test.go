package emulator_test

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/scripts/internal/emulator"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// client talks to the emulator that all tests share, about a test's project.
func client(b *testbed.Bed) emulator.Client {
	return emulator.Client{Host: os.Getenv("FIRESTORE_EMULATOR_HOST"), Project: b.Project}
}

const indexes = "../../../infra/firestore.indexes.json"

func declared(t *testing.T, file string) []emulator.Index {
	t.Helper()
	all, err := emulator.Declared(file)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func names(all []emulator.Index) []string {
	names := []string{}
	for _, i := range all {
		names = append(names, i.String())
	}
	slices.Sort(names)
	return names
}

// The emulator answers any query; what production needs an index for is known only
// from what it reports afterwards.
func TestIndexesThatQueriesNeed(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	for what, query := range map[string]func() error{
		"due messages":                    func() error { b.Due(); return nil },
		"messages that wait for a person": func() error { _, err := b.Store.Waiting(t.Context(), "pilot", []string{"alex"}, 10); return err },
		"messages":                        func() error { _, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending); return err },
		"matches":                         func() error { _, err := b.Store.Matches(t.Context(), "pilot", pairing.Released); return err },
		"declined by client": func() error {
			_, err := b.Store.DeclinedWith(t.Context(), "pilot", programme.Client, "alex")
			return err
		},
		"declined by consultant": func() error {
			_, err := b.Store.DeclinedWith(t.Context(), "pilot", programme.Consultant, "zoe")
			return err
		},
		"people to choose among": func() error {
			_, err := b.Store.Choosable(t.Context(), "pilot", programme.Client, "London")
			return err
		},
		"people anywhere to choose among": func() error {
			_, err := b.Store.Choosable(t.Context(), "pilot", programme.Client, "")
			return err
		},
		"the diary":                func() error { _, err := b.Store.DueOn(t.Context(), "2027-03-01", b.Now(), 10); return err },
		"what needs a coordinator": func() error { _, err := b.Store.Concerns(t.Context(), b.Programme, b.Now()); return err },
		"coordinators":             func() error { _, err := b.Store.Coordinators(t.Context(), "pilot"); return err },
		"enrolments":               func() error { _, err := b.Store.Enrolments(t.Context(), "pilot"); return err }, // needs none
	} {
		if err := query(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	needed, err := client(b).Needed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{
		"COLLECTION enrolments (organisation.region ASCENDING, role ASCENDING, state ASCENDING)",
		"COLLECTION enrolments (role ASCENDING, state ASCENDING)",
		"COLLECTION outbox (fault ASCENDING, programme ASCENDING, state ASCENDING)",
		"COLLECTION outbox (lane ASCENDING, programme ASCENDING, dueAt ASCENDING)",
		"COLLECTION outbox (person ASCENDING, programme ASCENDING, state ASCENDING)",
		"COLLECTION outbox (programme ASCENDING, schema ASCENDING, dueAt ASCENDING)",
		"COLLECTION outbox (programme ASCENDING, state ASCENDING, createdAt DESCENDING)",
		"COLLECTION pairings (client ASCENDING, state ASCENDING)",
		"COLLECTION pairings (consultant ASCENDING, state ASCENDING)",
		"COLLECTION pairings (state ASCENDING, endedAt DESCENDING)",
		"COLLECTION requests (state ASCENDING, dueAt ASCENDING)",
		"COLLECTION_GROUP matches (client.enrolment ASCENDING, programme ASCENDING, state ASCENDING)",
		"COLLECTION_GROUP matches (consultant.enrolment ASCENDING, programme ASCENDING, state ASCENDING)",
		"COLLECTION_GROUP matches (overdue ASCENDING, programme ASCENDING)",
		"COLLECTION_GROUP matches (programme ASCENDING, state ASCENDING)",
		"COLLECTION_GROUP matches (programme ASCENDING, state ASCENDING, updatedAt DESCENDING)",
	}; !slices.Equal(names(needed), want) {
		t.Errorf("needed are %q, want %q", names(needed), want)
	}
	if missing := emulator.Missing(needed, declared(t, indexes)); len(missing) > 0 {
		t.Errorf("%s lacks %q", indexes, names(missing))
	}

	// One is declared, one in another order, one for one collection only, one not at all.
	made := filepath.Join(t.TempDir(), "made-up.json")
	if err := os.WriteFile(made, []byte(`{
		"indexes": [
			{"collectionGroup": "outbox", "queryScope": "COLLECTION", "fields": [{"fieldPath": "lane", "order": "ASCENDING"}, {"fieldPath": "programme", "order": "ASCENDING"}, {"fieldPath": "dueAt", "order": "ASCENDING"}, {"fieldPath": "__name__", "order": "ASCENDING"}]},
			{"collectionGroup": "outbox", "queryScope": "COLLECTION", "fields": [{"fieldPath": "programme", "order": "ASCENDING"}, {"fieldPath": "state", "order": "ASCENDING"}, {"fieldPath": "createdAt", "order": "ASCENDING"}]},
			{"collectionGroup": "tags", "queryScope": "COLLECTION", "fields": [{"fieldPath": "words", "arrayConfig": "CONTAINS"}, {"fieldPath": "at", "order": "DESCENDING"}]}],
		"fieldOverrides": [
			{"collectionGroup": "sessions", "fieldPath": "dueAt", "indexes": [{"order": "ASCENDING", "queryScope": "COLLECTION"}]},
			{"collectionGroup": "links", "fieldPath": "expireAt", "ttl": true, "indexes": []}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := names(declared(t, made)), []string{
		"COLLECTION outbox (lane ASCENDING, programme ASCENDING, dueAt ASCENDING)", "COLLECTION outbox (programme ASCENDING, state ASCENDING, createdAt ASCENDING)",
		"COLLECTION sessions (dueAt ASCENDING)", "COLLECTION tags (words CONTAINS, at DESCENDING)",
	}; !slices.Equal(got, want) {
		t.Errorf("declared are %q, want %q", got, want)
	}
	if got, want := names(emulator.Missing(needed, declared(t, made))), []string{
		"COLLECTION enrolments (organisation.region ASCENDING, role ASCENDING, state ASCENDING)",
		"COLLECTION enrolments (role ASCENDING, state ASCENDING)",
		"COLLECTION outbox (fault ASCENDING, programme ASCENDING, state ASCENDING)",
		"COLLECTION outbox (person ASCENDING, programme ASCENDING, state ASCENDING)",
		"COLLECTION outbox (programme ASCENDING, schema ASCENDING, dueAt ASCENDING)",
		"COLLECTION outbox (programme ASCENDING, state ASCENDING, createdAt DESCENDING)",
		"COLLECTION pairings (client ASCENDING, state ASCENDING)",
		"COLLECTION pairings (consultant ASCENDING, state ASCENDING)",
		"COLLECTION pairings (state ASCENDING, endedAt DESCENDING)",
		"COLLECTION requests (state ASCENDING, dueAt ASCENDING)",
		"COLLECTION_GROUP matches (client.enrolment ASCENDING, programme ASCENDING, state ASCENDING)",
		"COLLECTION_GROUP matches (consultant.enrolment ASCENDING, programme ASCENDING, state ASCENDING)",
		"COLLECTION_GROUP matches (overdue ASCENDING, programme ASCENDING)", "COLLECTION_GROUP matches (programme ASCENDING, state ASCENDING)",
		"COLLECTION_GROUP matches (programme ASCENDING, state ASCENDING, updatedAt DESCENDING)",
	}; !slices.Equal(got, want) {
		t.Errorf("missing are %q, want %q", got, want)
	}
	if missing := emulator.Missing(nil, declared(t, made)); len(missing) > 0 {
		t.Errorf("nothing is needed, and %q are missing", names(missing))
	}
	if len(needed) != 16 {
		t.Errorf("the list of what is needed was changed to %q", names(needed))
	}
}

func TestListOfIndexesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "broken.json")
	for _, text := range []string{"", `{"indexes": [`, `{"indexes": "none"}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := emulator.Declared(file); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := emulator.Declared(file + ".not"); err == nil || !strings.Contains(err.Error(), file+".not") {
		t.Errorf("no file: %v", err)
	}
}

// What one emulator exported is what the next one starts from, and the rules that
// are deployed let nobody at it but the functions.
func TestExportIsImportedAndRulesRefuseEveryClient(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	server, err := emulator.Find(t.Context(), func(text string) { t.Log(text) })
	if err != nil {
		t.Fatal(err)
	}
	server.Dir = t.TempDir()
	if server.Data, err = client(b).Export(t.Context(), filepath.Join(t.TempDir(), "new", "folder")); err != nil {
		t.Fatal(err)
	}
	answers := client(b)
	answers.Database = testbed.Answers
	b.Reply("programmes/pilot/replies/x", map[string]any{"name": "Answered"})
	file, err := answers.Export(t.Context(), filepath.Join(t.TempDir(), "answers"))
	if err != nil {
		t.Fatal(err)
	}
	server.Rules = "../../../infra/firestore.rules"
	next, stop, err := server.Start(t.Context(), b.Project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	answers.Host = next.Host
	if err := answers.Import(t.Context(), file); err != nil {
		t.Fatal(err)
	}

	documents := "http://" + next.Host + "/v1/projects/" + b.Project + "/databases/(default)/documents"
	ask := func(method, address, body, as string) (status int, name string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if as != "" {
			r.Header.Set("Authorization", "Bearer "+as)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var document struct {
			Fields struct {
				Name struct{ StringValue string }
			}
		}
		_ = json.NewDecoder(response.Body).Decode(&document) // a refusal is another document
		return response.StatusCode, document.Fields.Name.StringValue
	}
	// The functions' service accounts, which the emulator calls the owner.
	if status, name := ask("GET", documents+"/programmes/pilot", "", "owner"); status != 200 || name != b.Programme.Name {
		t.Errorf("a function gets status %d and the programme %q", status, name)
	}
	if status, name := ask("GET", strings.Replace(documents, "(default)", testbed.Answers, 1)+"/programmes/pilot/replies/x", "", "owner"); status != 200 || name != "Answered" {
		t.Errorf("from the database of answers a function gets status %d and %q", status, name)
	}
	if status, _ := ask("GET", strings.Replace(documents, "(default)", testbed.Answers, 1)+"/programmes/pilot/replies/x", "", ""); status != http.StatusForbidden {
		t.Errorf("from the database of answers a client gets status %d", status)
	}
	for _, row := range []struct{ method, path, body string }{
		{"GET", "/programmes/pilot", ""}, {"GET", "/programmes", ""}, {"GET", "/programmes/pilot/enrolments", ""}, {"GET", "/links/x", ""},
		{"PATCH", "/programmes/pilot", `{"fields":{"name":{"stringValue":"Mine"}}}`}, {"POST", "/outbox", `{"fields":{}}`},
		{"DELETE", "/programmes/pilot", ""}, {"POST", ":runQuery", `{"structuredQuery":{"from":[{"collectionId":"matches","allDescendants":true}]}}`},
	} {
		if status, name := ask(row.method, documents+row.path, row.body, ""); status != http.StatusForbidden || name != "" {
			t.Errorf("%s %s by a client: status %d, programme %q", row.method, row.path, status, name)
		}
	}
}

// Each call says where it failed.
func TestEmulatorThatRefusesOrIsDown(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	c := client(b)
	if !c.Ready(t.Context()) {
		t.Error("an emulator that answers is not ready")
	}
	c.Project = "no/project"
	if err := c.Trigger(t.Context(), "pairing-written", "google.cloud.firestore.document.v1.written", "outbox/{m}"); err == nil || !strings.Contains(err.Error(), "the emulator answered 40") || !strings.Contains(err.Error(), "projects/no/project/eventarcTrigger") {
		t.Errorf("a trigger of no project: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.Host = l.Addr().String()
	l.Close()
	if c.Ready(t.Context()) {
		t.Error("what does not answer is ready")
	}
	dir := t.TempDir()
	_, needed := c.Needed(t.Context())
	_, exported := c.Export(t.Context(), dir)
	for name, err := range map[string]error{"needed": needed, "export": exported, "trigger": c.Trigger(t.Context(), "x", "y", "z")} {
		if err == nil || !strings.Contains(err.Error(), c.Host) {
			t.Errorf("%s of one that is down: %v", name, err)
		}
	}
	if _, err := client(b).Export(t.Context(), filepath.Join(indexes, "below")); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("an export into a file: %v", err)
	}
}
