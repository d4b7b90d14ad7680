package form

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// Input is one input of a page whose answers are saved page by page, so that it can be
// open in several windows at once.
type Input struct {
	Name string
	Kind Kind
}

// Kind is what a browser posts of an input.
type Kind int

// The kinds of inputs.
const (
	Typed Kind = iota // its value, also where that is empty
	Boxes             // those that are ticked, none of which is an answer too
	Radio             // what is selected, which cannot be undone
)

// Shown is the name and Showed the value of a hidden input by which a page says what was
// saved when it was shown: a short hash for each input that was answered.
const Shown = "shown"

// Showed is the value of the input Shown.
func Showed(inputs []Input, saved map[string][]string) string {
	var all []string
	for _, in := range inputs {
		if h := hash(saved[in.Name]); h != "" {
			all = append(all, in.Name+"="+h)
		}
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, " ")
}

// hash is that of an input's values, in whatever order; "" where none is answered.
func hash(values []string) string {
	all := slices.Clone(values)
	for i, v := range all {
		all[i] = strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n"))
	}
	all = slices.DeleteFunc(all, func(v string) bool { return v == "" })
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	sum := sha256.Sum256([]byte(strings.Join(all, "\x00")))
	return hex.EncodeToString(sum[:6])
}

// Merge is what counts of a page that was posted, where its answers may have been saved
// from another window since it was shown. What the person left as it was shown stays as it
// is saved; so does what a browser did not post or cannot take back. newer reports whether
// something that is kept so is other than they saw. clash are the inputs that were changed
// in both windows, which the person has to settle.
func Merge(inputs []Input, saved, posted map[string][]string) (merged map[string][]string, newer bool, clash []string) {
	shown, known := map[string]string{}, len(posted[Shown]) > 0
	if known {
		for pair := range strings.FieldsSeq(posted[Shown][0]) {
			name, h, _ := strings.Cut(pair, "=")
			shown[name] = h
		}
	}
	merged = maps.Clone(posted)
	if merged == nil {
		merged = map[string][]string{}
	}
	for _, in := range inputs {
		given, there := posted[in.Name]
		was, is, now := shown[in.Name], hash(saved[in.Name]), hash(given)
		switch {
		case known && now == was, in.Kind == Radio && now == "", in.Kind == Typed && !there:
			merged[in.Name] = saved[in.Name]
			newer = newer || known && is != was
		case known && is != was && is != now:
			clash = append(clash, in.Name)
		}
	}
	return merged, newer, clash
}

// ChangedElsewhere is what a page says of an input that clashes.
const ChangedElsewhere = "This was saved otherwise since you opened this page, in this window or another. Check which is right, and continue"
