package audit

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Seal is what an hour's entries were once it was over. Each names the one of the hour
// before by its head, a keyed hash, so that none can be taken out or made anew without the
// key; an hour without entries has one, too, so that the chain has no gaps.
type Seal struct {
	Hour  string `firestore:"hour"`
	Count int    `firestore:"count"`
	// Entries are the hour's first ones, each a line of its id and a short keyed hash of
	// what it said; Parts are the ids of the documents that have the others, see Part.
	Entries string   `firestore:"entries"`
	Parts   []string `firestore:"parts,omitempty"`
	// Prev is the head of the hour before, "" for the first.
	Prev string `firestore:"prev"`
	Head string `firestore:"head"`
	// At is when the hour was read to be sealed, by the server's clock.
	At time.Time `firestore:"at"`
}

// Part is more of an hour's entries than stand in its seal. Its id is a hash of it, so that
// two who seal the same hour write the same.
type Part struct {
	ID      string `firestore:"-"`
	Entries string `firestore:"entries"`
}

// PartSize is how many entries stand in one document, about 44 bytes each.
const PartSize = 10_000

// Hash is a keyed hash of a text, in hexadecimal.
type Hash func(text string) string

// short is how much of a hash stands in a seal for an entry. It is keyed, so that nobody
// can look for another entry with the same one: they can only guess, once in 2^64.
const short = 16

// line is an entry in a seal. What is hashed is stored in the entry, times included: a
// database that was restored is as it was sealed.
func (e *Entry) line(h Hash) string {
	text, err := json.Marshal(struct {
		ID, Kind, Programme, Did, By, To string
		About                            []string
		Times                            int
		At, Hour                         string
		Find                             []string
		Named                            string
	}{e.ID, string(e.Kind), e.Programme, e.Did, e.By, e.To, e.About, e.Times, e.At.UTC().Format(time.RFC3339Nano), e.Hour, e.Find, e.Named})
	if err != nil {
		panic(err) // there is nothing in it that JSON has not
	}
	return e.ID + " " + h("entry\x00" + string(text))[:short]
}

// head is the seal's own: of all that it says.
func (s *Seal) head(h Hash) string {
	return h(fmt.Sprintf("seal\x00%s\x00%s\x00%d\x00%s\x00%s\x00%s", s.Prev, s.Hour, s.Count, s.At.UTC().Format(time.RFC3339Nano), strings.Join(s.Parts, " "), s.Entries))
}

// Close is the seal of an hour after the one before it, nil for the first, with the parts
// that it names.
func Close(prev *Seal, hour string, entries []*Entry, at time.Time, h Hash) (*Seal, []*Part) {
	s := &Seal{Hour: hour, Count: len(entries), At: at}
	if prev != nil {
		s.Prev = prev.Head
	}
	lines := make([]string, len(entries))
	for i, e := range entries {
		lines[i] = e.line(h)
	}
	slices.Sort(lines)
	var parts []*Part
	for chunk := range slices.Chunk(lines, PartSize) {
		text := strings.Join(chunk, "\n")
		if s.Entries == "" {
			s.Entries = text
			continue
		}
		sum := sha256.Sum256([]byte(text))
		p := &Part{ID: hex.EncodeToString(sum[:]), Entries: text}
		parts, s.Parts = append(parts, p), append(s.Parts, p.ID)
	}
	s.Head = s.head(h)
	return s, parts
}

// Next is the hour that is sealed after this one.
func (s *Seal) Next() string { return after(s.Hour) }

// Gaps are the hours between a seal and another hour, which have none.
func Gaps(last *Seal, before string) (found []Finding) {
	for hour := last.Next(); hour != "" && hour < before; hour = after(hour) {
		found = append(found, Finding{What: NoSeal, Hour: hour})
	}
	return found
}

// What is something wrong with the trail.
type What string

// What can be wrong.
const (
	Removed   What = "removed"
	Changed   What = "changed"
	Rewritten What = "rewritten"  // with the same content, after it was sealed
	Late      What = "added late" // after its hour was sealed
	// These are about seals, and have no entry's id.
	NoSeal     What = "the hour has no seal"
	SealForged What = "the seal is not what was written"
	NoPart     What = "a part of the seal is missing, or changed"
	Unlinked   What = "the seal does not follow from the one before"
	OtherHead  What = "the seal is not the one whose head was kept"
)

// Finding is one of them, with the entry's id where it is about one, and its hour.
type Finding struct {
	What What
	ID   string
	Hour string
}

func (f Finding) String() string {
	if f.ID == "" {
		return f.Hour + ": " + string(f.What)
	}
	return f.Hour + ": entry " + f.ID + ": " + string(f.What)
}

// Check compares an hour as it is now with its seal. before is the seal of the hour before
// it, nil where there is none any more; the keys are all that there were, as hashes. An
// entry may have been written up to the time of the seal, or up to when the database was
// restored, the zero time where it never was.
func (s *Seal) Check(before *Seal, parts []*Part, entries []*Entry, restored time.Time, keys []Hash) (found []Finding) {
	add := func(what What, id string) { found = append(found, Finding{what, id, s.Hour}) }
	if before != nil && s.Prev != before.Head {
		add(Unlinked, "")
	}
	var h Hash
	for _, key := range keys {
		if subtle.ConstantTimeCompare([]byte(s.head(key)), []byte(s.Head)) == 1 {
			h = key
		}
	}
	if h == nil {
		add(SealForged, "")
		h = keys[0] // it still says which entries there were
	}
	texts := []string{s.Entries}
	for i, id := range s.Parts {
		if i >= len(parts) || parts[i] == nil {
			add(NoPart, "")
			continue
		}
		if sum := sha256.Sum256([]byte(parts[i].Entries)); hex.EncodeToString(sum[:]) != id {
			add(NoPart, "")
		}
		texts = append(texts, parts[i].Entries)
	}
	sealed := map[string]string{}
	for _, text := range texts {
		for line := range strings.SplitSeq(text, "\n") {
			if id, _, ok := strings.Cut(line, " "); ok {
				sealed[id] = line
			}
		}
	}
	until := s.At
	if restored.After(until) {
		until = restored
	}
	for _, e := range entries {
		switch line, ok := sealed[e.ID]; {
		case !ok:
			add(Late, e.ID)
		case line != e.line(h):
			add(Changed, e.ID)
		case e.Written.After(until):
			add(Rewritten, e.ID)
		}
		delete(sealed, e.ID)
	}
	for id := range sealed {
		add(Removed, id)
	}
	slices.SortFunc(found, func(a, b Finding) int { return strings.Compare(a.ID+string(a.What), b.ID+string(b.What)) })
	return found
}
