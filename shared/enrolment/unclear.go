package enrolment

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/text"
)

// Unclear are the entries of one enrolment of which a coordinator is asked whom they mean: they name nobody who takes part, or somebody only nearly. Until that is settled,
// nobody is matched whom an entry may mean.
type Unclear struct {
	// ID is the enrolment's.
	ID      string  `firestore:"-"`
	Entries []Entry `firestore:"entries"`
	// Resembles is set where one of the entries resembles an organisation that takes part.
	Resembles bool      `firestore:"resembles"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Entry is one of them, with those whom it may mean.
type Entry struct {
	Text       string      `firestore:"text"`
	Candidates []Candidate `firestore:"candidates,omitempty"`
	// More is how many others it resembles beyond the candidates.
	More int `firestore:"more,omitempty"`
}

// Candidate is an organisation that takes part.
type Candidate struct {
	Key    organisation.Key `firestore:"key"`
	Name   string           `firestore:"name"`
	Number string           `firestore:"number,omitempty"`
}

// mostCandidates is how many are listed for an entry: one that may mean more is too
// general for a choice.
const mostCandidates = 20

// FindUnclear finds the entries to settle of those who are ready, in their order.
func FindUnclear(ready []*Enrolment) []*Unclear {
	if !slices.ContainsFunc(ready, func(e *Enrolment) bool { return len(e.Conflicts) > 0 }) {
		return nil
	}
	index := organisation.NewIndex(len(ready))
	for _, e := range ready {
		o := &e.Organisation
		index.Add(o.Name, o.Number, string(o.Postcode), o.Joined...)
	}
	var all []*Unclear
	for _, e := range ready {
		u := &Unclear{ID: e.ID}
		for _, text := range e.Conflicts {
			settled := organisation.SettledFor(text, e.Settled)
			named, near := index.Settled(text, settled)
			if entry := newEntry(text, e.Role, near, ready, index); len(entry.Candidates) > 0 || len(named) == 0 && settled == nil {
				u.Entries = append(u.Entries, entry)
				u.Resembles = u.Resembles || len(entry.Candidates) > 0
			}
		}
		if len(u.Entries) > 0 {
			all = append(all, u)
		}
	}
	return all
}

// newEntry lists whom somebody in a role may mean: those with whom they could be matched.
func newEntry(text string, by programme.Role, near []int32, ready []*Enrolment, index *organisation.Index) Entry {
	entry := Entry{Text: text}
	var known []organisation.Key
	for _, n := range near {
		e := ready[n]
		if e.Role == by || slices.Contains(known, index.Key(int(n))) {
			continue
		}
		known = append(known, index.Key(int(n)))
		if len(entry.Candidates) < mostCandidates {
			entry.Candidates = append(entry.Candidates, Candidate{index.Key(int(n)), e.Organisation.Name, e.Organisation.Number})
		} else {
			entry.More++
		}
	}
	slices.SortFunc(entry.Candidates, func(a, b Candidate) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(string(a.Key), string(b.Key)))
	})
	return entry
}

// Settle records what a coordinator said of an entry: which of the candidates it means, and
// that it means none of the others; or a fuller name or number that it stands for. It says
// what to correct where nothing was said that settles it. It reports whether that changed
// something: what is settled already stays.
func (u *Unclear) Settle(e *Enrolment, s organisation.Settlement) (changed bool, err error) {
	k := slices.IndexFunc(u.Entries, func(entry Entry) bool { return entry.Text == s.Entry })
	switch {
	case k < 0 && organisation.SettledFor(s.Entry, e.Settled) != nil:
		return false, nil
	case k < 0 || !slices.Contains(e.Conflicts, s.Entry):
		return false, fault.New(fault.NotFound, "There is nothing to settle about this.")
	}
	entry := u.Entries[k]
	var invalid fault.Invalid
	switch s.Means = text.Tidy(s.Means); {
	case !programme.Plain(s.Means) || len([]rune(s.Means)) > maxEntry:
		invalid.Add("means", "Enter a name or a register number, in %d characters or fewer", maxEntry)
	case s.Means == "" && entry.More > 0:
		invalid.Add("means", "It resembles too many for a choice: ask whom they mean, and enter the full name or the register number")
	}
	if err := invalid.Err(); err != nil {
		return false, err
	}
	chosen := s.Meant
	s.Meant, s.Others = nil, nil
	if before := organisation.SettledFor(s.Entry, e.Settled); before != nil {
		s.Meant, s.Others = before.Meant, before.Others
		if s.Means == "" {
			s.Means = before.Means
		}
	}
	for _, c := range entry.Candidates {
		if slices.Contains(chosen, c.Key) {
			s.Meant = append(s.Meant, c.Key)
		} else {
			s.Others = append(s.Others, c.Key)
		}
	}
	e.Settled = append(slices.DeleteFunc(slices.Clone(e.Settled), func(before organisation.Settlement) bool { return before.Entry == s.Entry }), s)
	u.Entries = slices.Delete(slices.Clone(u.Entries), k, k+1)
	u.Resembles = slices.ContainsFunc(u.Entries, func(entry Entry) bool { return len(entry.Candidates) > 0 })
	e.UpdatedAt, u.UpdatedAt = s.At, s.At
	return true, nil
}

// maxEntry is the longest entry, in characters.
const maxEntry = 200

// Same reports whether two have the same entries, with the same candidates.
func (u *Unclear) Same(other *Unclear) bool {
	return slices.EqualFunc(u.Entries, other.Entries, func(a, b Entry) bool {
		return a.Text == b.Text && a.More == b.More && slices.Equal(a.Candidates, b.Candidates)
	})
}

// mostJoined is how many other names and numbers an organisation can have.
const mostJoined = 5

// Join records which other names and numbers the organisation has, one on each line.
func (e *Enrolment) Join(lines string, now time.Time) error {
	var joined []string
	for line := range strings.Lines(lines) {
		if line = text.Tidy(line); line != "" && !slices.Contains(joined, line) {
			joined = append(joined, line)
		}
	}
	var invalid fault.Invalid
	if len(joined) > mostJoined || slices.ContainsFunc(joined, func(s string) bool { return !programme.Plain(s) || len([]rune(s)) > maxEntry }) {
		invalid.Add("joined", "Enter up to %d names or numbers, one on each line, each of %d characters or fewer", mostJoined, maxEntry)
	}
	if err := invalid.Err(); err != nil {
		return err
	}
	e.Organisation.Joined, e.UpdatedAt = joined, now
	return nil
}

// ForgetOrganisation takes an organisation out of those whom entries may mean, and reports
// whether it was among them. The next matching run finds it anew where somebody else is there
// from it.
func (u *Unclear) ForgetOrganisation(o Organisation) (changed bool) {
	keys := organisation.Keys(o.Name, o.Number, string(o.Postcode))
	u.Resembles = false
	for i := range u.Entries {
		entry := &u.Entries[i]
		before := len(entry.Candidates)
		entry.Candidates = slices.DeleteFunc(entry.Candidates, func(c Candidate) bool { return c.Name == o.Name || slices.Contains(keys, c.Key) })
		changed = changed || len(entry.Candidates) < before
		u.Resembles = u.Resembles || len(entry.Candidates) > 0
	}
	return changed
}
