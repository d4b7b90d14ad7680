package lookup

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/shared/organisation"
)

// small are words without which a name is the same: what people leave out or put in, in
// English and Welsh, and legal forms.
var small = map[string]bool{
	"the": true, "a": true, "and": true, "of": true, "for": true, "in": true, "uk": true, "y": true, "yr": true, "ac": true, "o": true,
	"ltd": true, "limited": true, "cyf": true, "cyfyngedig": true, "cio": true, "scio": true, "cic": true, "plc": true, "llp": true, "inc": true,
}

// same are words of which each stands for the other.
var same = map[string]string{"st": "saint", "saint": "st", "sts": "saints", "saints": "sts",
	"ltd": "limited", "limited": "ltd", "cyf": "cyfyngedig", "cyfyngedig": "cyf"}

// What is looked at of what somebody types: bytes, and words.
const (
	maxTyped = 400
	maxAsked = 24
)

// Found is an organisation that may be meant.
type Found struct {
	Organisation
	// As is the other name by which it was found, or "".
	As string
}

// Search finds whom a text may mean that somebody is typing, at most so many, the likeliest
// first: the organisation with that number; then names that say every word of the text, each
// whole or as how one of the name's words begins; then numbers that begin so. Case, accents,
// punctuation and small words do not count. The same text always finds the same.
func (l *List) Search(text string, most int) []Found {
	if len(text) > maxTyped {
		text = text[:maxTyped]
		for !utf8.ValidString(text) && len(text) > maxTyped-utf8.UTFMax {
			text = text[:len(text)-1]
		}
	}
	found := &best{most: most}
	number, begins := l.numbered(text, most)
	if number >= 0 {
		found.add(candidate{line: uint32(number)})
	}
	l.named(l.asked(text), found)
	for _, line := range begins {
		found.add(candidate{rank: 1 << 31, place: line, line: line})
	}
	all := make([]Found, len(found.all))
	for i, c := range found.all {
		all[i].Organisation = l.at(c.line)
		if c.which > 0 {
			all[i].As = all[i].Others[c.which-1]
		}
	}
	return all
}

// word is one that was typed, as the places among the list's words of those that it may mean.
type word struct {
	// The words that begin with it are from lo until before hi, and those that begin with
	// what stands for it from alsoLo until before alsoHi. The first of each may be the whole
	// word, and no other is.
	lo, hi, alsoLo, alsoHi uint32
	isWord, alsoIsWord     bool
	// small words need not be said by a name.
	small bool
}

// means reports whether a word of a name is one that is meant.
func (w *word) means(id uint32) bool { return id-w.lo < w.hi-w.lo || id-w.alsoLo < w.alsoHi-w.alsoLo }

// whole reports whether a word of a name is all of one that is meant.
func (w *word) whole(id uint32) bool {
	return id == w.lo && w.isWord || id == w.alsoLo && w.alsoIsWord
}

// asked are the words of a text. Where all are small, names have to say them.
func (l *List) asked(text string) (asked []word) {
	said := organisation.Words(text)
	all := true
	for _, w := range said[:min(len(said), maxAsked)] {
		next := word{small: small[w]}
		next.lo, next.hi, next.isWord = l.begins(w)
		if other := same[w]; other != "" {
			next.alsoLo, next.alsoHi, next.alsoIsWord = l.begins(other)
		}
		all = all && next.small
		asked = append(asked, next)
	}
	if all {
		for i := range asked {
			asked[i].small = false
		}
	}
	return asked
}

// begins are the places of the words that begin with a text, from lo until before hi, and
// whether the first is the text.
func (l *List) begins(text string) (lo, hi uint32, isWord bool) {
	from, isWord := slices.BinarySearch(l.words, text)
	n, _ := slices.BinarySearchFunc(l.words[from:], text, func(w, text string) int {
		if strings.HasPrefix(w, text) {
			return -1
		}
		return 1
	})
	return uint32(from), uint32(from + n), isWord
}

// often is how many words of names a word may mean.
func (l *List) often(w *word) uint32 {
	return l.before[w.hi] - l.before[w.lo] + l.before[w.alsoHi] - l.before[w.alsoLo]
}

// named adds the names that say all words that were typed, but small ones.
func (l *List) named(asked []word, found *best) {
	rarest := -1
	for i := range asked {
		if !asked[i].small && (rarest < 0 || l.often(&asked[i]) < l.often(&asked[rarest])) {
			rarest = i
		}
	}
	if rarest < 0 || l.often(&asked[rarest]) == 0 {
		return
	}
	w := &asked[rarest]
	ahead := sayer(0) // of it, of words that are not small
	for i := range rarest {
		if !asked[i].small {
			ahead++
		}
	}
	for _, sayers := range [][]sayer{l.sayers[l.before[w.lo]:l.before[w.hi]], l.sayers[l.before[w.alsoLo]:l.before[w.alsoHi]]} {
		for _, s := range sayers {
			if s&many > ahead && found.worst() < within<<rankBits {
				continue // it does not begin with what was typed, and enough others do
			}
			i := uint32(s >> sayerBits)
			n := l.names[i]
			if rank, ok := l.rank(l.saidBy(i), asked, n.which > 0, found.worst()); ok {
				found.add(candidate{rank, i, n.line, n.which})
			}
		}
	}
}

// How a name says what was typed, the best first.
const (
	isAll  = iota // it is the name
	begins        // the name begins with it
	within        // the name says it in one go
	apart         // the name says its words
)

// rankBits are those of a rank below how the name says it.
const rankBits = 24

// rank says how well a name with some words answers to what was typed, a smaller number
// better, and whether it does, and not worse than a rank. A name is better that says words
// whole, that is the organisation's first one, and that says little else.
func (l *List) rank(said []uint32, asked []word, other bool, worst uint32) (rank uint32, ok bool) {
	how := l.follows(said, asked)
	if uint32(min(how, within))<<rankBits > worst {
		return 0, false
	}
	var cut uint32
	for i := range asked {
		w := &asked[i]
		means, whole := false, false
		for _, id := range said {
			if w.means(id) {
				means = true
				whole = whole || w.whole(id)
			}
		}
		if !means && !w.small {
			return 0, false
		}
		if !whole {
			cut++
		}
	}
	for start := 1; how == apart && start < len(said); start++ {
		if asked[0].means(said[start]) && l.follows(said[start:], asked) != apart {
			how = within
		}
	}
	rank = uint32(how)<<rankBits | cut<<16
	for _, id := range said {
		if !l.small[id] {
			rank++ // a name has at most MaxName of them
		}
	}
	if other {
		rank |= 1 << 15
	}
	return rank, true
}

// follows compares a name from its beginning with what was typed, word by word, passing over
// small words of either.
func (l *List) follows(said []uint32, asked []word) int {
	all, i, k := true, 0, 0
	for k < len(asked) {
		switch {
		case i < len(said) && asked[k].means(said[i]):
			all = all && asked[k].whole(said[i])
			i, k = i+1, k+1
		case i < len(said) && l.small[said[i]]:
			i++
		case asked[k].small:
			k++
		default:
			return apart
		}
	}
	for ; i < len(said) && all; i++ {
		all = l.small[said[i]]
	}
	if all {
		return isAll
	}
	return begins
}

// numbered is the organisation whose number a text is, or -1, and those whose number begins
// with it.
func (l *List) numbered(text string, most int) (exactly int, others []uint32) {
	exactly = -1
	whole, begun := numbers(text)
	for _, n := range whole {
		if i, ok := l.find(n); ok {
			exactly = i
			break
		}
	}
	for _, n := range begun {
		for i, _ := l.find(n); i < l.Len() && len(others) < most && strings.HasPrefix(l.line(uint32(i)), string(n)); i++ {
			others = append(others, uint32(i))
		}
	}
	return exactly, others
}

// find is the place of a number among the organisations, or where it would stand.
func (l *List) find(n organisation.Number) (i int, ok bool) {
	i, ok = slices.BinarySearchFunc(l.lines[:l.Len()], n, func(line uint32, n organisation.Number) int {
		number, _, _ := strings.Cut(l.text[line:], "\t")
		return cmp.Compare(number, string(n))
	})
	return i, ok
}

// shortestNumber is of how many figures a number is at least that is taken for the beginning
// of one.
const shortestNumber = 4

// numbers are those that a text may be, and those that it may be the beginning of.
func numbers(text string) (whole, begun []organisation.Number) {
	n, err := organisation.ParseNumber(text, "")
	if err == nil && n != "" {
		whole = append(whole, n.Main())
	}
	figures := strings.ToUpper(strings.Join(strings.Fields(text), ""))
	figures = strings.TrimPrefix(figures, "GB-")
	in := Registers
	for _, marked := range []struct {
		prefix string
		of     Register
	}{{"CHC-", EnglandAndWales}, {"SC-", Scotland}, {"SC", Scotland}, {"NIC-", NorthernIreland}, {"NIC", NorthernIreland}, {"NI", NorthernIreland}} {
		if rest, ok := strings.CutPrefix(figures, marked.prefix); ok {
			figures, in = strings.TrimPrefix(rest, "SC"), []Register{marked.of}
		}
	}
	if len(figures) < shortestNumber || len(figures) > 8 || strings.Trim(figures, "0123456789") != "" {
		return whole, nil
	}
	for _, r := range in {
		n := organisation.Number(facts[r].prefix + figures)
		if r == Scotland {
			n = organisation.Number(facts[r].prefix + "SC" + figures)
		}
		begun = append(begun, n)
		if len(figures) >= 6 {
			whole = append(whole, n)
		}
	}
	return whole, begun
}

// candidate is a name that may be meant, with its rank and its place in the alphabet.
type candidate struct{ rank, place, line, which uint32 }

// before reports whether it is likelier than another.
func (c candidate) before(other candidate) bool {
	return c.rank < other.rank || c.rank == other.rank && c.place < other.place
}

// best are the best candidates, in order, one for each organisation. They are few.
type best struct {
	most int
	all  []candidate
}

// worst is the rank that a candidate must not be worse than.
func (b *best) worst() uint32 {
	if len(b.all) < b.most || b.most == 0 {
		return 1<<32 - 1
	}
	return b.all[b.most-1].rank
}

// add adds a candidate, unless there are enough better ones.
func (b *best) add(c candidate) {
	if len(b.all) >= b.most && (b.most == 0 || !c.before(b.all[b.most-1])) {
		return
	}
	if i := slices.IndexFunc(b.all, func(has candidate) bool { return has.line == c.line }); i >= 0 {
		if !c.before(b.all[i]) {
			return
		}
		b.all = slices.Delete(b.all, i, i+1)
	}
	at, _ := slices.BinarySearchFunc(b.all, c, func(has, c candidate) int {
		if c.before(has) {
			return 1
		}
		return -1
	})
	b.all = slices.Insert(b.all, at, c)
	b.all = b.all[:min(len(b.all), b.most)]
}
