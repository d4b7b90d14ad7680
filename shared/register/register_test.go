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
	whole := Document{Holds: "a thing", Person: "its id", Whose: []Whose{{By: "a", Is: Role, Then: Deleted}}, Read: Desk, Kept: WithTheProgramme, Rows: []Row{row("a b")}}
	for want, change := range map[string]func(d *Document){
		"":                                func(*Document) {},
		"missing: b":                      func(d *Document) { d.Rows = []Row{row("a")} },
		"not stored: c":                   func(d *Document) { d.Rows = []Row{row("a b c")} },
		"there twice: a":                  func(d *Document) { d.Rows = []Row{row("a b"), row("a")} },
		"common to all documents: schema": func(d *Document) { d.Rows = []Row{row("a b schema")} },
		"incomplete: b":                   func(d *Document) { d.Rows = []Row{row("a"), {Fields: "b", Class: Given}} },
		"it is not said what it holds, how long it is kept, or who reads it":                                                func(d *Document) { d.Read = 0 },
		"by which field its person is found is said where nothing is personal, or not said where something is":              func(d *Document) { d.Person = "" },
		"what becomes of it once its person is forgotten is said where nothing is personal, or not said where something is": func(d *Document) { d.Whose = nil },
		"it is not said by what its person is found, or what becomes of it once they are forgotten":                         func(d *Document) { d.Whose = []Whose{{By: "a"}} },
		"its person is found by what is not stored: c":                                                                      func(d *Document) { d.Whose = []Whose{{By: "c", Is: Role, Then: Deleted}} },
		"who works for the host is not forgotten with those who take part":                                                  func(d *Document) { d.Whose = []Whose{{Is: Staff, Then: Deleted}} },
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
