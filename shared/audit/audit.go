// Package audit is what is kept of who did and saw what, and how it is sealed, so that
// what somebody takes out of it, changes or adds later is found. An entry names people by
// pseudonyms alone; which id is behind one, only who has the key can say.
package audit

import (
	"slices"
	"time"
)

// Kind says what an entry is about.
type Kind string

// The kinds.
const (
	Change  Kind = "change"   // somebody changed something
	View    Kind = "view"     // a member of staff opened what shows one person
	Export  Kind = "export"   // somebody took data along
	SignIn  Kind = "sign-in"  // a member of staff signed in
	SignOut Kind = "sign-out" // or out, or was signed out
	Refusal Kind = "refusal"  // somebody was refused, see Refusals
)

// Kinds are all kinds.
var Kinds = []Kind{Change, View, Export, SignIn, SignOut, Refusal}

// Names are whom and what an entry names, as ids.
type Names struct {
	By    string   `json:"by,omitempty"`
	To    string   `json:"to,omitempty"`
	About []string `json:"about,omitempty"`
}

// Entry is one thing that was done or seen.
type Entry struct {
	ID   string `firestore:"-"`
	Kind Kind   `firestore:"kind"`
	// Programme is in which one it was, "" where it was in none.
	Programme string `firestore:"programme"`
	Did       string `firestore:"did"`
	// By is the pseudonym of who did it, To of what it was done to, and About those of the
	// people whom it is about.
	By    string   `firestore:"by,omitempty"`
	To    string   `firestore:"to,omitempty"`
	About []string `firestore:"about,omitempty"`
	// Times is how often, where entries count.
	Times int       `firestore:"times,omitempty"`
	At    time.Time `firestore:"at"`
	// Hour is when it was written, see HourOf: with all of that hour it is sealed.
	Hour string `firestore:"hour"`
	// Find are the words by which it is found, see Words.
	Find []string `firestore:"find"`
	// Named is Names, encrypted.
	Named string `firestore:"named,omitempty"`
	// Written is by the server's clock; it is not a field, and another one once a database
	// was restored.
	Written time.Time `firestore:"-"`
}

// Everywhere is in place of a programme where an entry belongs to none and tells of nobody,
// such as how often strangers were refused.
const Everywhere = "*"

// Words are those by which an entry is found: for each programme in which it is shown, the
// programme, and the programme with each pseudonym that the entry names. So one index finds
// all, some person's, and some day's.
func Words(programmes []string, pseudonyms ...string) (all []string) {
	for _, p := range programmes {
		all = append(all, p)
		for _, who := range pseudonyms {
			if word := p + " " + who; who != "" && !slices.Contains(all, word) {
				all = append(all, word)
			}
		}
	}
	return all
}

// hours is the form in which hours are written: they sort as they follow one another.
const hours = "2006-01-02T15"

// HourOf is the hour of a time, in UTC, such as "2027-01-31T09".
func HourOf(t time.Time) string { return t.UTC().Format(hours) }

// after is the hour that follows one, "" for what is none.
func after(hour string) string {
	t, err := time.Parse(hours, hour)
	if err != nil {
		return ""
	}
	return HourOf(t.Add(time.Hour))
}

// Grace is how long after its end an hour is sealed. Whatever belongs to an hour is written
// within seconds: its commit has a deadline.
const Grace = 10 * time.Minute

// LastOver is the last hour that is over for long enough to be sealed at a time.
func LastOver(now time.Time) string { return HourOf(now.Add(-time.Hour - Grace)) }

// KeptFor is how long entries and their seals are kept.
const KeptFor = 2 * 365 * 24 * time.Hour

// Forgotten is the first hour that is still kept at a time: those before it are deleted,
// with their seals.
func Forgotten(now time.Time) string { return HourOf(now.Add(-KeptFor)) }
