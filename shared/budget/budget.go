// Package budget says how many of something strangers may have in a time: emails to one
// address, forms from one network, forms in one programme. What was had is counted in several
// parts, each a document of its own, so that no document is written by everybody.
package budget

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/purpose"
)

// Budget is so many in a time, counted in so many parts. Each part has its share and a time
// of its own, which begins with the first that is taken of it.
type Budget struct {
	// Of names what is counted, in the parts' ids.
	Of     string
	Most   int
	Within time.Duration
	Parts  int
	// Apart is how long one is taken after another at least, of a budget whose parts have a
	// share of one each; 0 for no time at all.
	Apart time.Duration
}

// Whoever types an address has its inbox written to. All that is sent so counts together,
// over all functions and programmes, and however the address is written; each kind has a share
// of its own, so that nobody who uses up one keeps the owner from the others. A share refuses
// only while what was sent of it before is good for the same: a form's email leads to all that
// waits for its address, and links open for longer than their share lasts.
var (
	// Unasked is what the owner did not ask for: a form with their address, and somebody who
	// wants to have it.
	Unasked = Budget{Of: "address", Most: 5, Within: 24 * time.Hour, Parts: 5}
	// PassedOn are invitations that others pass on: one in a year, however many think of somebody
	// and to whichever programme, with its reminder.
	PassedOn = Budget{Of: "passed-on", Most: 1, Within: 365 * 24 * time.Hour, Parts: 1}
	// Successor are those to who leads an organisation now of which somebody else took part, for
	// as long as one of them opens: a second for where the first went to a wrong inbox of theirs.
	Successor = Budget{Of: "successor", Most: 2, Within: purpose.PassedOn.Life(), Parts: 2}
	// Assistants are what asks somebody whether they pick times for a leader, of all who ask them.
	Assistants = Budget{Of: "assistants", Most: 3, Within: 30 * 24 * time.Hour, Parts: 1}
	// Links are the links of those who take part, which are asked for again.
	Links = Budget{Of: "links", Most: 5, Within: 24 * time.Hour, Parts: 5, Apart: 15 * time.Minute}
	// SignIn are those of staff to the desk, each of which opens for as long as it counts.
	SignIn = Budget{Of: "sign-in", Most: 3, Within: purpose.SignIn.Life(), Parts: 3}
)

// A network and a programme have as many forms in an hour as a workshop and a launch need.
var (
	Network   = Budget{Of: "network", Most: 60, Within: time.Hour, Parts: 4}
	Programme = Budget{Of: "programme", Most: 1000, Within: time.Hour, Parts: 8}
)

// Part is what was taken of one share.
type Part struct {
	ID string `firestore:"-"`
	// Since is when the first was taken of it, and Used how many were from then on.
	Since time.Time `firestore:"since"`
	Used  int       `firestore:"used"`
	// ExpireAt is when it counts no more, and is deleted.
	ExpireAt time.Time `firestore:"expireAt"`
	// Version is the time of the document's last write, which guards the next; the zero time
	// where there is none yet.
	Version time.Time `firestore:"-"`
}

// share is how many a part has.
func (b Budget) share(part int) int {
	share := b.Most / b.Parts
	if part < b.Most%b.Parts {
		share++
	}
	return share
}

// used is how many were taken of a part and still count.
func (b Budget) used(p *Part, now time.Time) int {
	if !now.Before(p.Since.Add(b.Within)) {
		return 0
	}
	return p.Used
}

// looks is how many parts are read for one that most likely has some left.
const looks = 2

// Look are the places of parts, from a place on, of which one most likely has some left: so that
// not all are read for each that is taken. Where Take finds none among them, it wants the others.
func (b Budget) Look(from int) []int {
	places := make([]int, min(looks, b.Parts))
	for i := range places {
		places[i] = (from + i) % b.Parts
	}
	return places
}

// Take takes one from a part that has some left, the first of them from a place on, and
// returns that part; nil where none has of those that were read, the others being nil. Of a
// budget with a time between, all are. Whoever takes at the same time is better off from another
// place.
func (b Budget) Take(parts []*Part, from int, now time.Time) *Part {
	if last := b.last(parts); !last.IsZero() && now.Before(last.Add(b.Apart)) {
		return nil
	}
	for i := range parts {
		k := (from + i) % len(parts)
		p := parts[k]
		if p == nil || b.used(p, now) >= b.share(k) {
			continue
		}
		if b.used(p, now) == 0 {
			p.Since, p.Used = now, 0
		}
		p.Used++
		p.ExpireAt = p.Since.Add(b.Within)
		return p
	}
	return nil
}

// Forever is for how long nothing is taken of a budget whose owner has refused it for good.
const Forever = 100 * 365 * 24 * time.Hour

// Refuse uses up a part for good.
func (b Budget) Refuse(p *Part, part int, now time.Time) {
	p.Since, p.Used = now.Add(Forever), b.share(part)
	p.ExpireAt = p.Since
}

// Refused reports whether a part was used up for good.
func (b Budget) Refused(p *Part, now time.Time) bool { return p.Since.After(now.Add(b.Within)) }

// last is when one was last taken of parts with a share of one; the zero time for never.
func (b Budget) last(parts []*Part) (last time.Time) {
	for _, p := range parts {
		if p != nil && p.Used > 0 && p.Since.After(last) {
			last = p.Since
		}
	}
	return last
}

// Untouched reports whether nothing was taken of a budget that still counts.
func (b Budget) Untouched(parts []*Part, now time.Time) bool {
	for _, p := range parts {
		if b.used(p, now) > 0 {
			return false
		}
	}
	return true
}

// From is from when on one can be taken again: now, where one is left.
func (b Budget) From(parts []*Part, now time.Time) time.Time {
	from := b.left(parts, now)
	if last := b.last(parts); !last.IsZero() && from.Before(last.Add(b.Apart)) {
		return last.Add(b.Apart)
	}
	return from
}

// left is from when on a part has some left.
func (b Budget) left(parts []*Part, now time.Time) time.Time {
	var from time.Time
	for k, p := range parts {
		if b.share(k) == 0 {
			continue
		}
		if b.used(p, now) < b.share(k) {
			return now
		}
		if at := p.Since.Add(b.Within); from.IsZero() || at.Before(from) {
			from = at
		}
	}
	return from
}
