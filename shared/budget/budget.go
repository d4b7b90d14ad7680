// Package budget says how many of something strangers may have in a time: emails to one
// address, forms from one network, forms in one programme. What was had is counted in several
// parts, each a document of its own, so that no document is written by everybody.
package budget

import (
	"time"
)

// Budget is so many in a time, counted in so many parts. Each part has its share and a time
// of its own, which begins with the first that is taken of it.
type Budget struct {
	// Of names what is counted, in the parts' ids.
	Of     string
	Most   int
	Within time.Duration
	Parts  int
}

// The usual budgets. Strangers are written to at one address no more than five times in a
// day, however many forms they send and whatever is before an @ after a plus; a network and a
// programme have as many forms in an hour as a workshop and a launch need.
var (
	Address   = Budget{Of: "address", Most: 5, Within: 24 * time.Hour, Parts: 5}
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

// Take takes one from a part that has some left, the first of them from a place on, and
// returns that part; nil where none has. Whoever takes at the same time is better off from
// another place.
func (b Budget) Take(parts []*Part, from int, now time.Time) *Part {
	for i := range parts {
		k := (from + i) % len(parts)
		p := parts[k]
		used := b.used(p, now)
		if used >= b.share(k) {
			continue
		}
		if used == 0 {
			p.Since, p.Used = now, 0
		}
		p.Used++
		p.ExpireAt = p.Since.Add(b.Within)
		return p
	}
	return nil
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
