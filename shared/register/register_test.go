package register

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

type inner struct {
	ID   string `firestore:"id,omitempty"`
	Free string // without a tag, as the client names it
	none string
}

type stored struct {
	ID     string           `firestore:"-"`
	Name   string           `firestore:"name"`
	At     time.Time        `firestore:"at"`
	Bytes  []byte           `firestore:"bytes"`
	Levels map[string]int   `firestore:"levels"`
	One    inner            `firestore:"one"`
	Many   []*inner         `firestore:"many"`
	By     map[string]inner `firestore:"by"`
	Schema int              `firestore:"schema"`
	Other  string           // not stored at the top
}

func TestPathsLeadToEveryField(t *testing.T) {
	t.Parallel()
	_ = inner{}.none
	want := []string{"at", "by.*.Free", "by.*.id", "bytes", "levels", "many.*.Free", "many.*.id", "name", "one.Free", "one.id", "schema"}
	if got := Paths(reflect.TypeFor[stored]()); !slices.Equal(got, want) {
		t.Errorf("paths %q, want %q", got, want)
	}
}

// A table is right when it names what is stored, all of it, once and in full.
func TestCheckSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	row := func(fields string) Row { return Row{Fields: fields, Class: Given, For: "x"} }
	whole := Document{Holds: "a thing", Called: "your thing", Person: "its id", Whose: []Whose{{By: "a", Is: Role, Then: Deleted}}, Read: Desk, Kept: WithTheProgramme, Rows: []Row{row("a b")}}
	for want, change := range map[string]func(d *Document){
		"":                                func(*Document) {},
		"missing: b":                      func(d *Document) { d.Rows = []Row{row("a")} },
		"not stored: c":                   func(d *Document) { d.Rows = []Row{row("a b c")} },
		"there twice: a":                  func(d *Document) { d.Rows = []Row{row("a b"), row("a")} },
		"common to all documents: schema": func(d *Document) { d.Rows = []Row{row("a b schema")} },
		"incomplete: b":                   func(d *Document) { d.Rows = []Row{row("a"), {Fields: "b", Class: Given}} },
		"it is not said what it holds, how long it is kept, what deletes it then, or who reads it":                          func(d *Document) { d.Read = 0 },
		"by which field its person is found is said where nothing is personal, or not said where something is":              func(d *Document) { d.Person = "" },
		"what becomes of it once its person is forgotten is said where nothing is personal, or not said where something is": func(d *Document) { d.Whose = nil },
		"it is not said by what its person is found, or what becomes of it once they are forgotten":                         func(d *Document) { d.Whose = []Whose{{By: "a"}} },
		"its person is found by what is not stored: c":                                                                      func(d *Document) { d.Whose = []Whose{{By: "c", Is: Role, Then: Deleted}} },
		"who works for the host is not forgotten with those who take part":                                                  func(d *Document) { d.Whose = []Whose{{Is: Staff, Then: Deleted}} },
		"what it is called on the person's own page is not said":                                                            func(d *Document) { d.Called = "" },
		"it is said to be a programme's by what is not stored: c":                                                           func(d *Document) { d.Of = "c" },
		"it is not said which function has the key":                                                                         func(d *Document) { d.Whose = []Whose{{Is: Keyed, Then: Deleted}} },
	} {
		d := whole
		change(&d)
		got := d.Check([]string{"a", "b", "schema"})
		if want == "" && len(got) > 0 || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What fields are for is said of somebody, and to them.
func TestForYouSpeaksToThePerson(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"to write to them, and for their match to write to them": "to write to you, and for your match to write to you",
		"how far they had come when they left":                   "how far you had come when you left",
		"places of theirs, by themselves; then another theme":    "places of yours, by yourself; then another theme",
		"who is near enough":                                     "who is near enough",
	} {
		if got := (&Row{For: text}).ForYou(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
