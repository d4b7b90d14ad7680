package organisation

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Index finds whom an entry means, among organisations that are known, each numbered from
// 0 in the order in which it was added. Once the first is looked for, none can be added.
// It is then safe for concurrent use.
type Index struct {
	byKey map[Key][]int32
	keys  [][]Key // by number
	// joins are those of the keys by which records are of one organisation, whatever their
	// names: the first of the keys, by number.
	joins [][]Key
	// joined are those who were joined to whom a key names.
	joined map[Key][]int32
	folds  []string // the folded names, by number
	near   func() *resemblance
}

// NewIndex is an empty index for about so many organisations.
func NewIndex(size int) *Index {
	x := &Index{joined: map[Key][]int32{}, byKey: make(map[Key][]int32, size), keys: make([][]Key, 0, size), joins: make([][]Key, 0, size), folds: make([]string, 0, size)}
	x.near = sync.OnceValue(func() *resemblance { return resemble(x.folds) })
	return x
}

// Add adds an organisation by its name, number and postcode, each of which may be "". Joined
// are names or numbers of others that are the same one.
func (x *Index) Add(name, number, postcode string, joined ...string) {
	n, fold := int32(len(x.keys)), Fold(name)
	var joins []Key
	if id := Canonical(number, postcode); id != "" {
		joins = append(joins, ofNumber(id))
	}
	for _, other := range joined {
		for _, k := range Meant(other) {
			joins = append(joins, k)
			x.joined[k] = append(x.joined[k], n)
		}
	}
	keys := joins
	if k := ofName(fold); fold != "" && !slices.Contains(joins, k) {
		keys = append(slices.Clip(joins), k)
	}
	for _, k := range keys {
		x.byKey[k] = append(x.byKey[k], n)
	}
	x.keys, x.joins, x.folds = append(x.keys, keys), append(x.joins, joins), append(x.folds, fold)
}

// Same are the numbers of all that are one organisation with that of a number, and itself
// unless nothing is known of it.
func (x *Index) Same(n int) []int32 { return x.all(x.keys[n]) }

// Named are the numbers of the organisations that an entry names; and near are those of
// others that it may mean: whose name says all that the entry says, or the other way round,
// with a slip in a word here and there, or in other spaces. Both depend on the entry and
// the one organisation alone, and not on which others are known.
func (x *Index) Named(entry string) (exactly, near []int32) {
	exactly = x.all(Meant(entry))
	for _, part := range append([]string{entry}, strings.FieldsFunc(entry, parts)...) {
		near = append(near, x.near().to(Fold(part))...)
	}
	near = slices.DeleteFunc(x.whole(near), func(i int32) bool { return slices.Contains(exactly, i) })
	return exactly, near
}

// all are those with one of some keys, and the other records of the same organisations.
func (x *Index) all(keys []Key) (them []int32) {
	for _, k := range keys {
		them = append(them, x.byKey[k]...)
	}
	return x.whole(them)
}

// whole are some, in order and once each, with the other records of their organisations:
// those that share a number with them, or were joined to them.
func (x *Index) whole(them []int32) []int32 {
	slices.Sort(them)
	them = slices.Compact(them)
	add := func(others []int32) {
		for _, other := range others {
			if !slices.Contains(them, other) {
				them = append(them, other)
			}
		}
	}
	for k := 0; k < len(them); k++ {
		for _, join := range x.joins[them[k]] {
			add(x.byKey[join])
		}
		if len(x.joined) > 0 {
			for _, key := range x.keys[them[k]] {
				add(x.joined[key])
			}
		}
	}
	slices.Sort(them)
	return them
}

// generic are words that many names have, and that tell one from another only where
// nothing else does.
var generic = map[string]bool{
	"trust": true, "foundation": true, "charity": true, "charities": true, "charitable": true, "fund": true, "association": true, "society": true, "group": true,
	"service": true, "services": true, "project": true, "organisation": true, "company": true, "community": true, "centre": true, "support": true, "st": true,
}

// telling are the words of a folded name by which it is told from others.
func telling(fold string) []string {
	all := strings.Fields(fold)
	if some := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return generic[w] }); len(some) > 0 {
		all = some
	}
	var once []string
	for _, w := range all {
		if !slices.Contains(once, w) {
			once = append(once, w)
		}
	}
	return once
}

// resemblance finds names that resemble a text.
type resemblance struct {
	names [][]string
	// byWord are the names that say a word, byRarest those of whose words it is the one that
	// fewest names say, byLetters those with these letters however they are parted into words.
	byWord, byRarest, byLetters map[string][]int32
	// without are the words that are something without one of their letters, or as they are.
	without map[string][]string
}

func resemble(folds []string) *resemblance {
	names := make([][]string, len(folds))
	for i, fold := range folds {
		names[i] = telling(fold)
	}
	r := &resemblance{names: names, byWord: map[string][]int32{}, byRarest: map[string][]int32{}, byLetters: map[string][]int32{}, without: map[string][]string{}}
	for i, name := range names {
		for _, w := range name {
			if r.byWord[w] == nil {
				for _, less := range shortened(w) {
					r.without[less] = append(r.without[less], w)
				}
			}
			r.byWord[w] = append(r.byWord[w], int32(i))
		}
		if len(name) > 0 {
			letters := strings.Join(name, "")
			r.byLetters[letters] = append(r.byLetters[letters], int32(i))
		}
	}
	for i, name := range names {
		if len(name) > 0 {
			rarest := slices.MinFunc(name, func(a, b string) int { return len(r.byWord[a]) - len(r.byWord[b]) })
			r.byRarest[rarest] = append(r.byRarest[rarest], int32(i))
		}
	}
	return r
}

// to are the names that resemble a folded one.
func (r *resemblance) to(fold string) (them []int32) {
	said := telling(fold)
	if len(said) == 0 {
		return nil
	}
	them = append(them, r.byLetters[strings.Join(said, "")]...)
	// likes are for each word said those of names that are like it; all are all of these.
	likes := make([][]string, len(said))
	var all []string
	fewest, at := -1, 0
	for k, w := range said {
		likes[k] = r.like(w)
		all = append(all, likes[k]...)
		n := 0
		for _, like := range likes[k] {
			n += len(r.byWord[like])
		}
		if fewest < 0 || n < fewest {
			fewest, at = n, k
		}
	}
	// A name that says all that is said says also what fewest names say.
	for _, like := range likes[at] {
		for _, i := range r.byWord[like] {
			if !slices.ContainsFunc(likes, func(like []string) bool { return !shareWord(like, r.names[i]) }) {
				them = append(them, i)
			}
		}
	}
	// A name of which all is said has its own rarest word among what is said.
	for _, like := range all {
		for _, i := range r.byRarest[like] {
			if !slices.ContainsFunc(r.names[i], func(w string) bool { return !slices.Contains(all, w) }) {
				them = append(them, i)
			}
		}
	}
	return them
}

func shareWord(a, b []string) bool {
	return slices.ContainsFunc(a, func(w string) bool { return slices.Contains(b, w) })
}

// like are the words of names that are a word, or differ from it by one slip: a letter
// too many, too few, another, or two in the wrong order.
func (r *resemblance) like(w string) (all []string) {
	for _, less := range shortened(w) {
		for _, other := range r.without[less] {
			if !slices.Contains(all, other) {
				all = append(all, other)
			}
		}
	}
	return all
}

// shortest is of how many letters a word is at least in which a slip is looked for: of
// shorter ones too many differ in one.
const shortest = 5

// shortened are a word, and what it is without each of its letters in turn. A figure is
// never left out: it tells branches apart.
func shortened(w string) []string {
	all := []string{w}
	if utf8.RuneCountInString(w) < shortest {
		return all
	}
	for i, c := range w {
		if !unicode.IsNumber(c) {
			all = append(all, w[:i]+w[i+utf8.RuneLen(c):])
		}
	}
	return all
}
