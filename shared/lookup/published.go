package lookup

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/register"
)

// Published says which list is looked up in at present, and what it was made of. It is the
// one small document that moves when another list is published.
type Published struct {
	// List is the list's id, which begins with the time at which it was published.
	List string `firestore:"list"`
	// Parts is in how many documents it is kept, and Sum the SHA-256 hash of all of them in
	// hexadecimal.
	Parts int    `firestore:"parts"`
	Sum   string `firestore:"sum"`
	// From is what was read of each register.
	From []Source `firestore:"from"`
	// Before is the id of the list before, which is still there, or "".
	Before string    `firestore:"before,omitempty"`
	At     time.Time `firestore:"at"`
	// Version is when the document was last written.
	Version time.Time `firestore:"-"`
}

// Source is what a list has of a register.
type Source struct {
	Register      Register  `firestore:"register"`
	Organisations int       `firestore:"organisations"`
	ReadAt        time.Time `firestore:"readAt"` // when its file was read
}

// Part is a piece of a list, as Encode makes it.
type Part struct {
	Bytes []byte `firestore:"bytes"`
}

// What is stored: nothing of it is about a person.
var (
	PublishedRegister = register.Document{
		Holds: "which list of the organisations on public registers is looked up in", Read: register.Enrolment | register.CommandLine, Kept: register.ForGood,
		Rows: []register.Row{
			{Fields: "list parts sum before at", Class: register.Technical, For: "that the list is found whole", Seen: register.Nobody},
			{Fields: "from.*.register from.*.organisations from.*.readAt", Class: register.Technical, For: "to name the registers, as their licence asks", Seen: register.Anybody},
		},
	}
	PartRegister = register.Document{
		Holds: "a piece of the list of the organisations on public registers: names, numbers and postcode districts", Read: register.Enrolment | register.CommandLine,
		Kept: register.Kept{Until: "two other lists were published", By: "cascade organisations import"},
		Rows: []register.Row{{Fields: "bytes", Class: register.Technical, For: "to find an organisation by what is typed of its name", Seen: register.Anybody}},
	}
)
