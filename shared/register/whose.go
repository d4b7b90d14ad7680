package register

import "slices"

// Whose is a way in which documents of a type are about a person: how they are found, and
// what becomes of them once the person is forgotten. package store carries it out for every
// type alike, and lays out from it the page on which people see what is held about them.
type Whose struct {
	// By is the field that says it, as Paths has it; "" for the document's id.
	By string
	// Is is what stands there.
	Is Named
	// Then is what becomes of the document.
	Then Fate
	// Unseen says why it is not on the person's own page, or "".
	Unseen string
	// Part is the function that alone can find it, and works off this part; 0 for what the
	// sweep does for all others.
	Part Functions
}

// Named is by what a document names somebody.
type Named string

// By what documents name somebody.
const (
	// Person is the id of somebody who takes part, Role one of an enrolment of theirs.
	Person    Named = "the id of a person"
	Role      Named = "the id of an enrolment"
	SeveralOf Named = "the ids of several enrolments"
	// Address is the id of who would take part with an address of theirs.
	Address Named = "the id that an address of theirs leads to"
	// Pairing is that a document stands below a pairing of theirs, and Side that it does,
	// and its field has the role that they have in it.
	Pairing Named = "whose pairing it stands below"
	Side    Named = "the side of the pairing that it stands below"
	// Inside are ids somewhere in a longer text, and Path in the path of a document.
	Inside Named = "ids in a text"
	Path   Named = "the path of another document"
	// Organisation is that of an enrolment of theirs.
	Organisation Named = "an organisation"
	// Keyed is what only who has a key can tell to be theirs.
	Keyed Named = "a hash by a key"
	// Staff is somebody who works for the host, who is not forgotten with those who take part.
	Staff Named = "a member of staff"
)

// Fate is what becomes of a document once the person is forgotten whom it is about.
type Fate string

// The fates.
const (
	// Deleted goes as a whole.
	Deleted Fate = "it is deleted"
	// Without stays, since it is somebody else's too: what is of the person goes out of it. Its
	// type has a method Forget.
	Without Fate = "it stays without them, since it is somebody else's, too"
	// Stays is what somebody else wrote: it is left until its own date.
	Stays Fate = "it stays until its own date, since somebody else wrote it"
	// Anonymous stays, since nobody can tell from it who it was.
	Anonymous Fate = "it stays, since nobody can tell by it who they were"
	// OfStaff is of those who work for the host: it ends with what they are there for.
	OfStaff Fate = "it stays, since it is about who works for the host"
)

var (
	names = []Named{Person, Role, SeveralOf, Address, Pairing, Side, Inside, Path, Organisation, Keyed, Staff}
	fates = []Fate{Deleted, Without, Stays, Anonymous, OfStaff}
)

// check says what is wrong with it in a document's table.
func (w Whose) check(d *Document, stored []string) string {
	switch {
	case !slices.Contains(names, w.Is) || !slices.Contains(fates, w.Then):
		return "it is not said by what its person is found, or what becomes of it once they are forgotten"
	case w.By != "" && !slices.Contains(stored, w.By):
		return "its person is found by what is not stored: " + w.By
	case (w.Is == Staff) != (w.Then == OfStaff):
		return "who works for the host is not forgotten with those who take part"
	case w.Is == Keyed && w.Part == 0 && w.Then != Anonymous:
		return "it is not said which function has the key"
	}
	return ""
}

// Own are the fields that are given by a person, recorded of them or noted about them: what
// they see of a document of theirs.
func (d *Document) Own() (fields []*Row) {
	for i := range d.Rows {
		if c := d.Rows[i].Class; c == Given || c == Recorded || c == Noted {
			fields = append(fields, &d.Rows[i])
		}
	}
	return fields
}

// shown reports whether the page of the person whom it is about has something of it.
func (d *Document) shown() bool {
	return len(d.Own()) > 0 && slices.ContainsFunc(d.Whose, func(w Whose) bool { return w.Unseen == "" && w.Then != OfStaff && w.Part == 0 })
}
