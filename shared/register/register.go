// Package register is the words in which each package says what it stores: for every
// field of its documents whether it is personal, what for, who may read it, and how
// long it is kept. The tables stand beside the types; store.Documents has them all,
// and docs/data.md is printed from there.
package register

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Document is what is stored in one type of document.
type Document struct {
	// Holds says what one of them is.
	Holds string
	// Called is what the person whom it is about is told that it is, such as "our emails to
	// you"; "" where no page of theirs shows it.
	Called string
	// Person says by which of its fields whoever it is about is found, such as
	// "enrolment", or "its id"; "" for a document about nobody.
	Person string
	// Whose says the same to programs: how those about one person are found, and what
	// becomes of them once that person is forgotten.
	Whose []Whose
	// Read are the functions that read it.
	Read Functions
	Kept Kept
	// Of is the field by which a document that stands below no programme is found to be one's;
	// "" where it stands below one, or is no programme's alone.
	Of   string
	Rows []Row
}

// Row is some fields, of which all the rest is the same.
type Row struct {
	// Fields are their names in Firestore, as Paths has them, with a space between.
	Fields string
	Class  Class
	// For is what they are stored for, where "they" are whoever it is about: see ForYou.
	For string
	// Seen is who is shown them on a page or in an email.
	Seen Roles
	// Also are functions that read these fields alone of the document.
	Also Functions
}

// second are the words for somebody of whom one speaks, as one says them to that person.
var second = map[string]string{"they": "you", "themselves": "yourself", "theirs": "yours", "their": "your", "them": "you"}

// third finds them.
var third = regexp.MustCompile(`\b(they|themselves|theirs|their|them)\b`)

// ForYou is what the fields are stored for, said to the person whom it is about.
func (r *Row) ForYou() string {
	return third.ReplaceAllStringFunc(r.For, func(word string) string { return second[word] })
}

// Title is what the document is called to the person whom it is about.
func (d *Document) Title() string { return cmp.Or(d.Called, d.Holds) }

// Names are the row's fields.
func (r *Row) Names() []string { return strings.Fields(r.Fields) }

// Class says whether a field is about a person, and from whom it comes. What a person
// sees, corrects, takes along and has erased depends on it.
type Class string

// The classes.
const (
	Technical    Class = "not personal"
	Given        Class = "personal, given by the person"
	Recorded     Class = "personal, recorded by the system"
	Noted        Class = "personal, noted by staff"
	Others       Class = "personal, written by somebody else" // never shown to the person by itself
	Pseudonymous Class = "personal, under a pseudonym"
)

// Classes are all classes.
var Classes = []Class{Technical, Given, Recorded, Noted, Others, Pseudonymous}

// Roles are who is shown something.
type Roles uint

// The roles.
const (
	Anybody        Roles = 1 << iota
	Themselves           // the person whom it is about
	Matched              // the person they are matched with
	Choosing             // those who can choose them from a directory
	Coordinators         // of the programme
	Evaluators           // of the programme
	Administrators       // of the programme
	Assistants           // who picks times for them, or for their match
	Nobody         Roles = 0
)

var roleNames = []string{"anybody", "the person", "their match", "who can choose them", "coordinators", "evaluators", "administrators", "who picks times for one of the two"}

func (r Roles) String() string {
	if r == Nobody {
		return "nobody"
	}
	return strings.Join(named(uint(r), roleNames), ", ")
}

// Functions are programs that read something.
type Functions uint

// The functions, and the cascade program.
const (
	Enrolment Functions = 1 << iota
	Participant
	Questionnaires
	Desk
	Evaluation
	Matching
	Reminders
	Outbox
	CommandLine

	All = Enrolment | Participant | Questionnaires | Desk | Evaluation | Matching | Reminders | Outbox | CommandLine
	// Unread stands for what is read by nobody but whoever looks into the database.
	Unread Functions = 1 << 15
)

var functionNames = []string{"enrolment", "participant", "questionnaires", "desk", "evaluation", "matching", "reminders", "outbox", "command line"}

// Names are the functions' folders, and "command line".
func (f Functions) Names() []string { return named(uint(f), functionNames) }

func (f Functions) String() string {
	switch f {
	case All:
		return "all"
	case Unread:
		return "none"
	}
	return strings.Join(f.Names(), ", ")
}

func named(bits uint, names []string) (all []string) {
	for i, name := range names {
		if bits&(1<<i) != 0 {
			all = append(all, name)
		}
	}
	return all
}

// Kept is how long a document is kept, and what sees to it.
type Kept struct {
	Until string
	// By is what deletes it then.
	By string
	// At is the occasion at which it ends with all others of its programme; "" where it ends by
	// itself.
	At Occasion
	// Shared says that one document can be several programmes', and goes with the last of them.
	Shared bool
	// Nameless is the field that says whose a document is which outlasts OnceOver by itself:
	// then it stays without that. "" for what goes then as a whole.
	Nameless string
}

// Occasion is when documents of a programme end together. package store carries it out for
// every type alike.
type Occasion string

// The occasions. With the programme ends all that is its own and is there yet, whatever its
// own period.
const (
	OnceOver    Occasion = "a year after the programme's end"
	OnceDeleted Occasion = "the programme is deleted"
)

// How long documents are kept.
var (
	AYearAfterTheEnd = Kept{Until: string(OnceOver), By: "the reminders function's sweep, once it was announced for a month", At: OnceOver}
	WithTheProgramme = Kept{Until: string(OnceDeleted), By: "cascade programme delete", At: OnceDeleted}
	WithTheRun       = Kept{Until: "another matching run took over; what was released, a year after the programme's end", By: "the matching function's sweep; what was released, by the reminders function's", At: OnceOver}
	Expiry           = Kept{Until: "the time in expireAt", By: "Firestore's time to live; nothing opens it any more from then on"}
	ExpiryNameless   = Kept{Until: "the time in expireAt, and whose it is no longer than a year after the programme's end", By: "Firestore's time to live, and the reminders function's sweep; nothing opens it any more from then on", At: OnceOver, Nameless: "person"}
	ExpirySwept      = Kept{Until: "the time in expireAt", By: "the reminders function's sweep; nothing opens it any more from then on"}
	TheirDay         = Kept{Until: "what was due is done, or the document is deleted that it is about", By: "the reminders function"}
	ForGood          = Kept{Until: "the installation is given up: there are only so many", By: "who gives it up"}
)

// Common are the fields that every document may have, which its table does not repeat.
var Common = []Row{
	{Fields: "op", Class: Technical, For: "tells a commit whose answer was lost from another's"},
	{Fields: "schema", Class: Technical, For: "the number of the document's shape"},
	{Fields: "createdAt updatedAt", Class: Technical, For: "when it was first and last written"},
}

// isCommon reports whether a field is one of Common.
func isCommon(path string) bool {
	return slices.ContainsFunc(Common, func(r Row) bool { return slices.Contains(r.Names(), path) })
}

// Check compares a table with the paths that are stored, and says what is wrong with it.
func (d *Document) Check(stored []string) (wrong []string) {
	if d.Holds == "" || d.Kept.Until == "" || d.Kept.By == "" || d.Read == 0 {
		wrong = append(wrong, "it is not said what it holds, how long it is kept, what deletes it then, or who reads it")
	}
	if d.Of != "" && !slices.Contains(stored, d.Of) {
		wrong = append(wrong, "it is said to be a programme's by what is not stored: "+d.Of)
	}
	seen := map[string]bool{}
	personal := false
	for _, r := range d.Rows {
		if !slices.Contains(Classes, r.Class) || r.For == "" || len(r.Names()) == 0 {
			wrong = append(wrong, "incomplete: "+r.Fields)
		}
		personal = personal || r.Class != Technical
		for _, path := range r.Names() {
			switch {
			case seen[path]:
				wrong = append(wrong, "there twice: "+path)
			case isCommon(path):
				wrong = append(wrong, "common to all documents: "+path)
			case !slices.Contains(stored, path):
				wrong = append(wrong, "not stored: "+path)
			}
			seen[path] = true
		}
	}
	for _, path := range stored {
		if !seen[path] && !isCommon(path) {
			wrong = append(wrong, "missing: "+path)
		}
	}
	if d.shown() && d.Called == "" {
		wrong = append(wrong, "what it is called on the person's own page is not said")
	}
	if personal != (d.Person != "") {
		wrong = append(wrong, "by which field its person is found is said where nothing is personal, or not said where something is")
	}
	if personal != (len(d.Whose) > 0) {
		wrong = append(wrong, "what becomes of it once its person is forgotten is said where nothing is personal, or not said where something is")
	}
	for _, w := range d.Whose {
		if text := w.check(d, stored); text != "" {
			wrong = append(wrong, text)
		}
	}
	return wrong
}
