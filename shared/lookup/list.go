package lookup

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/organisation"
)

// List is organisations that can be looked up. It is never changed, and safe for concurrent
// use.
type List struct {
	// text is a line for each organisation, in the order of their numbers: its number,
	// district, name and other names, with a tab between.
	text string
	// lines are where each line begins, and where the last one ends.
	lines []uint32
	// words are all words of all names, sorted; small says of each whether names are the same
	// with it or without.
	words []string
	small []bool
	// names are all names in alphabetical order, and said are their words, one name after the
	// other, by their places in words.
	names []name
	said  []uint32
	// sayers are the names that say the first word, then those that say the second, and so on;
	// and before are where those of each word begin, and those of the last one end.
	sayers []sayer
	before []uint32
}

// sayer is a name that says a word: its place among the names, and in the last bits how many
// words that are not small it says before that, 7 for more.
type sayer uint32

const (
	sayerBits = 3
	many      = 1<<sayerBits - 1
)

// name is one of an organisation's.
type name struct {
	// from is where its words begin in said; they end where those of the next begin.
	from uint32
	// line is the organisation's, and which is 0 for its name, 1 for the first other, and so on.
	line  uint32
	which uint32
}

// Len is how many organisations the list holds.
func (l *List) Len() int { return len(l.lines) - 1 }

// All are the organisations in the order of their numbers.
func (l *List) All() iter.Seq[Organisation] {
	return func(yield func(Organisation) bool) {
		for i := range l.Len() {
			if !yield(l.at(uint32(i))) {
				return
			}
		}
	}
}

// line is the text of an organisation.
func (l *List) line(i uint32) string { return l.text[l.lines[i] : l.lines[i+1]-1] }

// number is an organisation's.
func (l *List) number(i uint32) organisation.Number {
	number, _, _ := strings.Cut(l.line(i), "\t")
	return organisation.Number(number)
}

func (l *List) at(i uint32) Organisation {
	fields := strings.Split(l.line(i), "\t")
	return Organisation{Number: organisation.Number(fields[0]), District: fields[1], Name: fields[2], Others: fields[3:]}
}

// saidBy are the words of a name.
func (l *List) saidBy(name uint32) []uint32 { return l.said[l.names[name].from:l.names[name+1].from] }

// parse makes a list of its text, which may be damaged.
func parse(text string) (*List, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("a list of organisations has more than %d bytes", maxText)
	}
	l := &List{text: text, lines: []uint32{0}}
	ids := map[string]uint32{} // in the order in which words come
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) < 3 || !strings.HasSuffix(line, "\n") {
			return nil, fmt.Errorf("organisation %d is no line of a list", len(l.lines))
		}
		o := Organisation{Number: organisation.Number(fields[0]), District: fields[1], Name: fields[2], Others: fields[3:]}
		if err := o.Check(); err != nil {
			return nil, fmt.Errorf("organisation %d: %w", len(l.lines), err)
		}
		at := uint32(len(l.lines) - 1)
		if at > 0 && o.Number <= l.number(at-1) {
			return nil, fmt.Errorf("organisation %d: %s is out of order", len(l.lines), o.Number)
		}
		if l.lines = append(l.lines, l.lines[at]+uint32(len(line))); l.Len() > maxOrganisations {
			return nil, fmt.Errorf("a list has more than %d organisations", maxOrganisations)
		}
		for which, text := range fields[2:] {
			l.names = append(l.names, name{uint32(len(l.said)), at, uint32(which)})
			for _, w := range organisation.Words(text) {
				id, ok := ids[w]
				if !ok {
					id = uint32(len(ids))
					ids[strings.Clone(w)] = id
				}
				l.said = append(l.said, id)
			}
		}
	}
	l.sort(ids)
	return l, nil
}

// sort puts words and names in order, and gives words their places instead of the numbers
// that they came by.
func (l *List) sort(ids map[string]uint32) {
	l.words = slices.Sorted(maps.Keys(ids))
	l.small, l.before, l.sayers = make([]bool, len(l.words)), make([]uint32, len(l.words)+1), make([]sayer, len(l.said))
	place := make([]uint32, len(ids))
	for i, w := range l.words {
		place[ids[w]] = uint32(i)
		l.small[i] = small[w]
	}
	for i, id := range l.said {
		l.said[i] = place[id]
		l.before[place[id]+1]++
	}
	for i := range l.words {
		l.before[i+1] += l.before[i]
	}

	came := append(slices.Clip(l.names), name{from: uint32(len(l.said))})
	order := make([]uint32, len(l.names))
	for i := range order {
		order[i] = uint32(i)
	}
	words := func(i uint32) []uint32 { return l.said[came[i].from:came[i+1].from] }
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(slices.Compare(words(a), words(b)), cmp.Compare(a, b))
	})
	l.names = make([]name, 0, len(order)+1)
	said := make([]uint32, 0, len(l.said))
	for _, i := range order {
		n := came[i]
		n.from = uint32(len(said))
		l.names, said = append(l.names, n), append(said, words(i)...)
	}
	l.names, l.said = append(l.names, name{from: uint32(len(said))}), said
	next := slices.Clone(l.before)
	for i := range order {
		ahead := 0
		for _, w := range l.saidBy(uint32(i)) {
			l.sayers[next[w]] = sayer(i<<sayerBits | min(ahead, many))
			next[w]++
			if !l.small[w] {
				ahead++
			}
		}
	}
}

// Format is the version of what Encode writes, which its first line names.
const Format = 1

var head = fmt.Sprintf("cascade organisations %d\n", Format)

// ErrFormat is that a list is of another version's format.
var ErrFormat = errors.New("the list of organisations is of another format than this version reads")

// Encode is the list as it is kept: a line that names the format, and then the text,
// compressed. The same organisations are always the same bytes.
func (l *List) Encode() []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // which is a level
	_, _ = io.WriteString(w, head+l.text)                 // to memory
	_ = w.Close()
	return b.Bytes()
}

// Decode reads what Encode made. The error is ErrFormat for what another version made.
func Decode(encoded []byte) (*List, error) {
	r, err := gzip.NewReader(bytes.NewReader(encoded))
	if err != nil {
		return nil, fmt.Errorf("a list of organisations: %w", err)
	}
	var text strings.Builder
	if _, err = io.Copy(&text, io.LimitReader(r, maxText+1)); err != nil {
		return nil, fmt.Errorf("a list of organisations: %w", err)
	}
	lines, ok := strings.CutPrefix(text.String(), head)
	if !ok {
		return nil, ErrFormat
	}
	return parse(lines)
}
