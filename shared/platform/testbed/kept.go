package testbed

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// kept are databases as earlier versions left them, with emails that these had sent:
// one folder for each, by its date, which stays as it is. The documents are in the form
// of Firestore's REST interface, one a line: as small as the emulator's own export, to be
// read and searched, and, unlike that, to be loaded into any project of one emulator.
//
//go:embed kept
var kept embed.FS

// Sent is a link in an email that an earlier version sent.
type Sent struct {
	Subject string `json:"subject"`
	To      string `json:"to"`
	Path    string `json:"path"`
	// Used says that it opened once and was used up.
	Used bool `json:"used"`
}

// Kept makes a project that holds what the sample programme was on a date, such as
// "2026-11-30", at the time of then, and returns the links that had been sent: all of
// it written by the version of then.
func Kept(t testing.TB, date string) (*Bed, []Sent) {
	t.Helper()
	read := func(name string) []byte {
		text, err := kept.ReadFile("kept/" + date + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	var sent struct {
		Key   string    `json:"key"`
		At    time.Time `json:"at"`
		Links []Sent    `json:"links"`
	}
	if err := json.Unmarshal(read("links.json"), &sent); err != nil {
		t.Fatal(err)
	}
	key, err := keys.Single(sent.Key)
	if err != nil {
		t.Fatal(err)
	}
	b := empty(t, key)
	b.Pass(time.Until(sent.At))
	if err := b.load(read("documents.jsonl")); err != nil {
		t.Fatal(err)
	}
	if b.Programme, err = b.Store.Programme(t.Context(), "pilot"); err != nil {
		t.Fatal(err)
	}
	return b, sent.Links
}

// load writes documents as they are, in one commit of the emulator's REST interface.
func (b *Bed) load(documents []byte) error {
	type document struct {
		Path   string          `json:"path,omitempty"`
		Name   string          `json:"name,omitempty"`
		Fields json.RawMessage `json:"fields"`
	}
	type write struct {
		Update document `json:"update"`
	}
	var writes []write
	database := "projects/" + b.Project + "/databases/(default)"
	for line := range bytes.Lines(documents) {
		var d document
		if err := json.Unmarshal(line, &d); err != nil {
			return err
		}
		writes = append(writes, write{document{Name: database + "/documents/" + d.Path, Fields: d.Fields}})
	}
	text, err := json.Marshal(map[string]any{"writes": writes})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost,
		"http://"+os.Getenv("FIRESTORE_EMULATOR_HOST")+"/v1/"+database+"/documents:commit", bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer owner")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if answer, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		return fmt.Errorf("load what was kept: %s: %s", response.Status, strings.TrimSpace(string(answer)))
	}
	return nil
}

// KeptDates are the dates of which there is a database, the first one first.
func KeptDates(t testing.TB) (dates []string) {
	t.Helper()
	all, err := kept.ReadDir("kept")
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range all {
		dates = append(dates, each.Name())
	}
	return dates
}

// SentLinksOpen checks that a function opens every link that an earlier version sent, of
// those whose paths begin in one of some ways: at once, beside documents of the shapes
// of then, and to the same page once they are migrated.
func SentLinksOpen(t *testing.T, name string, new serve.New, prefixes ...string) {
	for _, date := range KeptDates(t) {
		b, links := Kept(t, date)
		b.Serve(name, new)
		open := func() (pages []string) {
			for _, l := range links {
				if !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(l.Path, prefix+"/") }) {
					continue
				}
				want := http.StatusOK
				switch {
				case l.Used && strings.HasPrefix(l.Path, string(purpose.SignIn)+"/"):
					want = http.StatusSeeOther // back to sign-in
				case l.Used:
					want = http.StatusGone
				}
				a := b.Get(l.Path)
				if a.StatusCode != want {
					t.Errorf("the link in %q to %s, sent before %s: %s", l.Subject, l.To, date, a.Status)
				}
				pages = append(pages, a.Body)
			}
			return pages
		}
		before := open()
		if len(before) < len(prefixes) {
			t.Errorf("before %s only %d links were sent of %d kinds", date, len(before), len(prefixes))
		}
		if _, err := b.Store.Migrate(t.Context(), store.Migrations, true, func(string, int, int) {}); err != nil {
			t.Fatal(err)
		}
		for i, page := range open() {
			if page != before[i] {
				t.Errorf("a link that was sent before %s opens another page once documents are migrated:\n%s\nand before:\n%s", date, page, before[i])
			}
		}
	}
}
