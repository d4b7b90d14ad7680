package held_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/held"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

// plant writes one document of a type about somebody, with a tag in each of its texts.
func plant(b *testbed.Bed, d *store.Document, w register.Whose, me, other, tag string) {
	doc := reflect.New(d.Type)
	testbed.Fill(doc.Elem(), tag+d.Collection())
	id := tag + d.Collection()
	values := map[string]string{"programme": "pilot", "schema": ""}
	switch w.Is {
	case register.Person:
		id = me
	case register.Role:
		if w.By == "" {
			id = me + "-seek"
		}
	case register.Side:
		values[w.By] = "client"
	}
	if w.By != "" && w.Is == register.Role {
		values[w.By] = me + "-seek"
		values[strings.Replace(w.By, "client", "consultant", 1)] = other + "-offer"
		values[w.By] = me + "-seek"
	}
	if d.Collection() == "pairings" {
		values["endedBy"] = "client"
	}
	if slices.Contains([]string{"sessions", "notebooks"}, d.Collection()) {
		values["client"], values["consultant"] = me+"-seek", other+"-offer"
	}
	for path, value := range values {
		testbed.SetField(doc.Elem(), path, value)
	}
	path := strings.Split(d.Path, "/")
	for i := range path {
		switch {
		case path[i] != "*":
		case i == len(path)-1:
			path[i] = id
		case path[i-1] == "programmes":
			path[i] = "pilot"
		case path[i-1] == "pairings":
			path[i] = tag + "pairings"
		default:
			path[i] = tag
		}
	}
	b.Plant(d, strings.Join(path, "/"), doc)
}

// Every field that is given by a person, recorded of them or noted about them is on their
// page and in the file that they take along, of every type of document; and nothing of what
// others wrote, nor of anybody else.
func TestEverythingAboutSomebodyIsOnTheirPage(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	const me, other = "quill", "neighbour"
	types := 0
	for i := range store.Documents {
		d := &store.Documents[i]
		for _, w := range d.Register.Whose {
			if w.Unseen != "" || !slices.Contains([]register.Named{register.Person, register.Role, register.Side, register.Pairing, register.Address}, w.Is) || strings.HasPrefix(w.By, "consultant") {
				continue
			}
			if w.Is == register.Address {
				continue // see below: it is found by the address of the enrolment
			}
			types++
			plant(b, d, w, me, other, "canary")
			plant(b, d, w, other, "third", "foreign")
		}
	}
	if types < 12 {
		t.Fatalf("%d types of documents are about people alone", types)
	}
	// A draft with the person's address, as its letters may be written.
	who, err := b.Store.Person(t.Context(), b.Programme, me)
	if err != nil || len(who.Enrolments) != 1 {
		t.Fatal(err, who)
	}
	b.Spoil("programmes/pilot/enrolments/quill-seek", "person.email", "quill@example.org")
	for i := range store.Documents {
		if d := &store.Documents[i]; d.Collection() == "drafts" {
			for _, w := range d.Register.Whose {
				plant(b, d, w, me, other, "canary")
				draft, err := b.Store.Draft(t.Context(), "pilot", "canarydrafts")
				if err != nil {
					t.Fatal(err)
				}
				draft.Form.Email = "Quill@Example.org"
				c := b.Store.Commit()
				c.UpdateDraft(b.Programme, draft)
				b.Commit(c)
				plant(b, d, w, other, "third", "foreign")
			}
		}
	}
	// An invitation to it, to take a place.
	n, err := nomination.ToLeader(b.Programme, programme.Client, "quill@example.org", "canarynomination", b.Now())
	if err != nil {
		t.Fatal(err)
	}
	passed := b.Store.Commit()
	passed.SaveNomination("pilot", n)
	b.Commit(passed)
	if who, err = b.Store.Person(t.Context(), b.Programme, me); err != nil {
		t.Fatal(err)
	}
	sheet, err := held.Of(t.Context(), b.Store, who, b.Now())
	if err != nil {
		t.Fatal(err)
	}
	page, err := sheet.HTML()
	if err != nil {
		t.Fatal(err)
	}
	data, err := sheet.JSON()
	if err != nil || !json.Valid(data) {
		t.Fatal(err)
	}
	seen := map[string]map[string]bool{}
	for _, section := range sheet.Sections {
		seen[section.Path] = map[string]bool{}
		for _, doc := range section.Documents {
			for _, i := range doc.Items {
				seen[section.Path][i.Field] = true
				if !strings.Contains(string(page), i.Words) {
					t.Errorf("%s: %s is not on the page", section.Path, i.At)
				}
				if text, ok := i.Value.(string); ok && (!strings.Contains(string(page), text) || !strings.Contains(string(data), text)) {
					t.Errorf("%s: what %s holds is not on the page and in the file: %q", section.Path, i.At, text)
				}
			}
		}
	}
	fields := 0
	for i := range store.Documents {
		d := &store.Documents[i]
		if !slices.ContainsFunc(d.Register.Whose, func(w register.Whose) bool {
			return w.Unseen == "" && w.Then != register.OfStaff && w.Part == 0
		}) {
			continue
		}
		for _, row := range d.Register.Own() {
			for _, name := range row.Names() {
				fields++
				theOthers := name == "consultant" || strings.HasPrefix(name, "consultant.")
				if seen[d.Path][name] == theOthers {
					t.Errorf("%s: that %s is there: %v", d.Path, name, seen[d.Path][name])
				}
			}
		}
	}
	for what, text := range map[string]string{"page": string(page), "file": string(data)} {
		for _, theirs := range []string{"foreign", other} {
			if at := strings.Index(text, theirs); at >= 0 {
				t.Errorf("the %s has something of somebody else: …%s…", what, text[max(0, at-200):at+60])
			}
		}
	}
	var session pairing.Session
	testbed.Fill(reflect.ValueOf(&session).Elem(), "canarysessions")
	if session.Reason == "" || strings.Contains(string(data), `"`+session.Reason+`"`) {
		t.Errorf("what somebody else wrote is there: %q", session.Reason)
	}
	t.Logf("%d fields of %d types", fields, len(seen))
}

// What is stored is read in the programme's words: no ids, and levels by the side's names.
func TestWordsOfWhatIsStored(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	skill := b.Programme.Skills[0]
	in := held.Words{Programme: b.Programme, Role: programme.Consultant}
	for _, c := range []struct {
		field string
		value any
		want  string
	}{
		{"availability", []string{"mon-am", "fri-pm"}, "Monday morning, Friday afternoon"},
		{"meeting", []string{"in-person"}, "In person"},
		{"organisation.income", 219198, "£219,198"},
		{"skills", map[string]int{skill.ID: 3}, skill.Name + ": Could teach it"},
		{"skills", map[string]int{skill.ID: 99}, skill.Name + ": Could teach it"},
		{"role", programme.Client, b.Programme.Terms.Client.Singular},
		{"readiness.trained", true, "Yes"},
		{"person.name", "mon-am the band", "mon-am the band"},
	} {
		if got := in.Text(c.field, c.value); got != c.want {
			t.Errorf("%s: %q, want %q", c.field, got, c.want)
		}
	}
	for path, want := range map[string]string{"person.phone": "Your phone number", "organisation.joined": "Organisation: joined"} {
		if got := in.Field(path, path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
