package lookup

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/organisation"
)

// examples are made-up organisations, each with what it is there for.
var examples = []Organisation{
	{Number: "GB-CHC-1000001", Name: "THE GESHER EXAMPLE TRUST LIMITED", District: "NE8"},
	{Number: "GB-CHC-1000002", Name: "GESHER EXAMPLE", District: "LS6"},
	{Number: "GB-CHC-1000003", Name: "GESHERS OF EXAMPLE AND ELSEWHERE"},
	{Number: "GB-CHC-1000004", Name: "FRIENDS OF GESHER EXAMPLE", Others: []string{"Gesher Pals"}},
	{Number: "GB-CHC-1000005", Name: "ST MARY'S HALL", District: "YO1"},
	{Number: "GB-CHC-1000006", Name: "SAINT MARY’S HALL", District: "YO2"},
	{Number: "GB-CHC-1000007", Name: "Tŷ Enghraifft Cyfyngedig"},
	{Number: "GB-CHC-1000008", Name: "MIND & BODY IN EXAMPLE"},
	{Number: "GB-CHC-1000009", Name: "AGE EXAMPLE UK"},
	{Number: "GB-CHC-200001", Name: "CAFÉ ØRE C.I.C."},
	{Number: "GB-SC-SC012345", Name: "Example Highland SCIO"},
	{Number: "GB-NIC-100001", Name: "Example of the North"},
	{Number: "GB-NIC-100012", Name: "The A"},
}

func list(t testing.TB, all []Organisation) *List {
	t.Helper()
	l, err := New(all)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// numbersOf are the last figures of what was found, in order.
func numbersOf(found []Found) (all []string) {
	for _, f := range found {
		all = append(all, string(f.Number[len(f.Number)-5:]))
	}
	return all
}

func TestWhatIsTypedFinds(t *testing.T) {
	t.Parallel()
	l := list(t, examples)
	for text, want := range map[string][]string{
		// The name itself comes first, then what begins with it, then shorter names.
		"gesher example":                      {"00002", "00001", "00003", "00004"},
		"Gesher":                              {"00002", "00001", "00004", "00003"},
		"gesh":                                {"00002", "00003", "00001", "00004"},
		"the gesher example":                  {"00002", "00001", "00003", "00004"},
		"example gesher trust":                {"00001"},
		"exam gesh ltd":                       {"00001", "00002", "00004", "00003"},
		"gesher example trust limited":        {"00001"},
		"GESHER  EXAMPLE, Trust Ltd.":         {"00001"},
		"geshers of example & elsewhere":      {"00003"},
		"geshers example elsewhere":           {"00003"},
		"friends gesher":                      {"00004"},
		"gesher pals":                         {"00004"},
		"st mary's hall":                      {"00006", "00005"},
		"saint marys hall":                    {"00006", "00005"},
		"St. Mary’s":                          {"00006", "00005"},
		"sain":                                {"00006"},
		"ty engh":                             {"00007"},
		"TŶ ENGHRAIFFT CYF":                   {"00007"},
		"mind and body":                       {"00008"},
		"mind + body of example":              {"00008"},
		"age uk":                              {"00009"},
		"age example":                         {"00009"},
		"cafe ore":                            {"00001"}, // of six figures
		"the":                                 {"00012", "00001", "00001"},
		"gesher uk":                           {"00002", "00001", "00004", "00003"},
		"nobody at all":                       nil,
		"":                                    nil,
		" .,- ":                               nil,
		"1000004":                             {"00004"},
		"charity no. 1000004":                 {"00004"},
		"GB-CHC-1000004":                      {"00004"},
		"1000004-2":                           {"00004"},
		"100000":                              {"00001", "00002", "00003", "00004", "00005", "00006", "00007", "00008", "00009"},
		"100001":                              {"00001"},
		"NIC100012":                           {"00012"},
		"nic 1000":                            {"00001", "00012"},
		"SC012345":                            {"12345"},
		"sc 01":                               nil,
		"sc0123":                              {"12345"},
		"SC O12345":                           {"12345"},
		strings.Repeat("gesher example ", 90): {"00002", "00004", "00001", "00003"},
	} {
		if got := numbersOf(l.Search(text, 20)); !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsFoundSaysWhatItIs(t *testing.T) {
	t.Parallel()
	l := list(t, examples)
	got := l.Search("gesher pals", 5)
	if len(got) != 1 || got[0].As != "Gesher Pals" || got[0].Name != "FRIENDS OF GESHER EXAMPLE" || got[0].District != "" {
		t.Errorf("%+v", got)
	}
	if got = l.Search("gesher example", 1); len(got) != 1 || got[0].As != "" || got[0].District != "LS6" {
		t.Errorf("%+v", got)
	}
	if got = l.Search("gesher", 0); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if l := list(t, nil); l.Len() != 0 || len(l.Search("gesher", 5)) != 0 || len(l.Search("1000001", 5)) != 0 {
		t.Error("something is found where nothing is")
	}
}

// some are any organisations with names of which many share words.
func some() *rapid.Generator[[]Organisation] {
	named := rapid.StringMatching(`(The |St |ST\. )?(Gesher|Café|North|Mind|of|and|&|Tŷ|É|[A-Za-z][A-Za-z'’-]{0,8})( (Trust|Ltd|Limited|of|and|the|[A-Za-z]{1,8}|[0-9]{1,4}|संगठन)){0,5}`)
	one := rapid.Custom(func(t *rapid.T) Organisation {
		return Organisation{
			Number:   organisation.Number(rapid.StringMatching(`GB-(CHC-[0-9]{6,7}|SC-SC[0-9]{6}|NIC-[0-9]{6})`).Draw(t, "number")),
			Name:     named.Draw(t, "name"),
			Others:   rapid.SliceOfN(named, 0, 2).Draw(t, "others"),
			District: rapid.SampledFrom([]string{"", "LS6", "BT1"}).Draw(t, "district"),
		}
	})
	return rapid.SliceOfNDistinct(one, 1, 30, func(o Organisation) organisation.Number { return o.Number })
}

func finds(found []Found, n organisation.Number) bool {
	return slices.ContainsFunc(found, func(f Found) bool { return f.Number == n })
}

// Every organisation is found by its number, by each of its names, and by its words in any
// order, each as far as it has been typed.
func TestEachIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := some().Draw(t, "all")
		l, err := New(all)
		if err != nil {
			t.Fatal(err)
		}
		o := rapid.SampledFrom(all).Draw(t, "one")
		n := len(all)
		for _, number := range []string{string(o.Number), o.Number.Written(), strings.ToLower(o.Number.Written())} {
			if found := l.Search(number, n); len(found) == 0 || found[0].Number.Written() != o.Number.Written() && found[0].Number != "GB-NIC-"+o.Number[7:] && found[0].Number != "GB-CHC-"+o.Number[7:] {
				t.Fatalf("%q finds %+v first, and not %s", number, found, o.Number)
			}
		}
		for _, name := range append([]string{o.Name}, o.Others...) {
			if !finds(l.Search(name, n), o.Number) {
				t.Fatalf("%s is not found by %q", o.Number, name)
			}
			words := rapid.Permutation(organisation.Words(name)).Draw(t, "words")
			for i, w := range words {
				runes := []rune(w)
				words[i] = string(runes[:rapid.IntRange(1, len(runes)).Draw(t, "typed")])
				if !finds(l.Search(words[i], n), o.Number) {
					t.Fatalf("%s is not found by %q of %q", o.Number, words[i], name)
				}
			}
			if typed := strings.Join(words, " "); !finds(l.Search(typed, n), o.Number) {
				t.Fatalf("%s is not found by %q", o.Number, typed)
			}
		}
	})
}

// Nothing that is typed finds more than is asked for, anybody twice, or another answer the
// second time; and asking for fewer gives the first of them.
func TestAnswersAreBoundedAndTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := some().Draw(t, "all")
		l, err := New(all)
		if err != nil {
			t.Fatal(err)
		}
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`(gesher|of|the|st|n|mi|[0-9]{1,8}|SC|NIC|[ .'-]|\x00|\xff)*`)).Draw(t, "text")
		most := rapid.IntRange(0, 40).Draw(t, "most")
		found := l.Search(text, most)
		seen := map[organisation.Number]bool{}
		for _, f := range found {
			if seen[f.Number] {
				t.Fatalf("%q finds %s twice", text, f.Number)
			}
			seen[f.Number] = true
		}
		whole := l.Search(text, len(all))
		if len(whole) > most && fmt.Sprint(whole[:most]) != fmt.Sprint(found) {
			t.Fatalf("%q finds %v, and of more that are asked for %v", text, found, whole)
		}
		if len(found) > most || len(found) < min(most, len(whole)) {
			t.Fatalf("%q finds %d of %d, and %d were asked for", text, len(found), len(whole), most)
		}
		slices.Reverse(all)
		other, err := New(all)
		if err != nil {
			t.Fatal(err)
		}
		if again := other.Search(text, most); fmt.Sprint(again) != fmt.Sprint(found) {
			t.Fatalf("%q finds %v, and then %v", text, found, again)
		}
	})
}

// What is kept is what was listed, in the order of numbers, and always the same bytes.
func TestListIsKeptWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := some().Draw(t, "all")
		l, err := New(all)
		if err != nil {
			t.Fatal(err)
		}
		encoded := l.Encode()
		back, err := Decode(encoded)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(all, func(a, b Organisation) int { return strings.Compare(string(a.Number), string(b.Number)) })
		if got := slices.Collect(back.All()); fmt.Sprint(got) != fmt.Sprint(all) || back.Len() != len(all) {
			t.Fatalf("%v, want %v", got, all)
		}
		if !bytes.Equal(back.Encode(), encoded) {
			t.Fatal("it is kept in other bytes the second time")
		}
	})
}

func zipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}

func TestDamagedListsAreRefused(t *testing.T) {
	t.Parallel()
	good := head + "GB-CHC-1000001\tLS6\tExample\n"
	if l, err := Decode(zipped(good)); err != nil || l.Len() != 1 {
		t.Fatal(l, err)
	}
	for name, text := range map[string]string{
		"no name":         head + "GB-CHC-1000001\tLS6\n",
		"an empty name":   head + "GB-CHC-1000001\tLS6\t\n",
		"not to the end":  strings.TrimSuffix(good, "\n"),
		"out of order":    good + "GB-CHC-1000000\t\tExample\n",
		"twice":           good + "GB-CHC-1000001\t\tExample\n",
		"no number":       head + "1000001\t\tExample\n",
		"a linked one":    head + "GB-CHC-1000001-2\t\tExample\n",
		"a company":       head + "GB-COH-01234567\t\tExample\n",
		"a register's":    head + "GB-CHC-12345\t\tExample\n",
		"no letters":      head + "GB-SC-012345\t\tExample\n",
		"no district":     head + "GB-CHC-1000001\tLS6 2\tExample\n",
		"no text":         head + "GB-CHC-1000001\t\tExa\xffmple\n",
		"a control":       head + "GB-CHC-1000001\t\tExa\x00mple\n",
		"too long a name": head + "GB-CHC-1000001\t\t" + strings.Repeat("x", MaxName+1) + "\n",
		"too many names":  head + "GB-CHC-1000001\t" + strings.Repeat("\tx", maxOthers+2) + "\n",
	} {
		if l, err := Decode(zipped(text)); err == nil {
			t.Errorf("%s: %d organisations are read", name, l.Len())
		}
	}
	for _, text := range []string{"", "cascade organisations 2\n", strings.Replace(good, "1", "10", 1)} {
		if _, err := Decode(zipped(text)); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v", text, err)
		}
	}
	whole := zipped(good)
	if _, err := Decode(whole[:len(whole)-3]); err == nil {
		t.Error("half a list is read")
	}
	if _, err := New([]Organisation{examples[0], examples[0]}); err == nil {
		t.Error("one is listed twice")
	}
}

// Whatever is read as a list, and whatever is looked up in it, nothing breaks.
func FuzzDecode(f *testing.F) {
	f.Add("GB-CHC-1000001\tLS6\tExample\tOther\nGB-SC-SC012345\t\tThe\n", "exa of 1000")
	f.Add("GB-NIC-100001\t\t संगठन ŷ\n", "\xff\x00st ")
	f.Fuzz(func(t *testing.T, text, typed string) {
		l, err := Decode(zipped(head + text))
		if err != nil {
			return
		}
		for _, found := range l.Search(typed, 10) {
			if !utf8.ValidString(found.Name) || RegisterOf(found.Number) == "" {
				t.Errorf("%+v", found)
			}
		}
	})
}

func TestRegisters(t *testing.T) {
	t.Parallel()
	for _, o := range examples {
		r := RegisterOf(o.Number)
		if r == "" || r.Name() == "" || (Source{Register: r}).Credit() == "" || !r.Has(o.Number) {
			t.Errorf("%s: %q", o.Number, r)
		}
	}
	if RegisterOf("GB-COH-01234567") != "" || Register("").Has("") {
		t.Error("a company is on a register of charities")
	}
}
