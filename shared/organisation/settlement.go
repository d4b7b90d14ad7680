package organisation

import (
	"slices"
	"time"
)

// Settlement is what a coordinator said about one entry by which somebody named an
// organisation: whom it means, and whom it does not mean although the names resemble it.
type Settlement struct {
	// Entry is what was typed.
	Entry string `firestore:"entry"`
	// Means is a fuller name or a number that stands in for the entry, or "".
	Means string `firestore:"means,omitempty"`
	// Meant are keys of those whom it means, Others of those whom it does not mean.
	Meant  []Key `firestore:"meant,omitempty"`
	Others []Key `firestore:"others,omitempty"`
	// By is the id of the member of staff.
	By string    `firestore:"by"`
	At time.Time `firestore:"at"`
}

// SettledFor is the settlement of an entry among several, or nil.
func SettledFor(entry string, all []Settlement) *Settlement {
	if i := slices.IndexFunc(all, func(s Settlement) bool { return s.Entry == entry }); i >= 0 {
		return &all[i]
	}
	return nil
}

// Settled is Named for an entry about which a coordinator has said something, or nil: whom
// it was said to mean is among the named, and whom it was said not to mean is not near.
func (x *Index) Settled(entry string, s *Settlement) (exactly, near []int32) {
	if s == nil {
		return x.Named(entry)
	}
	if s.Means != "" {
		entry = s.Means
	}
	exactly, near = x.Named(entry)
	exactly = append(exactly, x.all(s.Meant)...)
	slices.Sort(exactly)
	exactly = slices.Compact(exactly)
	return exactly, slices.DeleteFunc(near, func(n int32) bool {
		return slices.Contains(exactly, n) || slices.Contains(s.Others, x.Key(int(n)))
	})
}

// Key is the one by which an organisation is told apart from others: its number's where it
// has one, or else what it was joined by, or else its name's. It is "" where nothing is
// known of it.
func (x *Index) Key(n int) Key {
	if len(x.keys[n]) == 0 {
		return ""
	}
	return x.keys[n][0]
}
