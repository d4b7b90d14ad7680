package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func keyed(key string) Hash {
	return func(text string) string {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(text))
		return hex.EncodeToString(mac.Sum(nil))
	}
}

var noon = time.Date(2027, 3, 28, 12, 0, 0, 0, time.UTC)

func entries(n int) (all []*Entry) {
	for i := range n {
		all = append(all, &Entry{ID: fmt.Sprintf("ID%06d", i), Kind: View, Programme: "pilot", Did: "looked", By: "b", About: []string{"a"},
			At: noon, Hour: HourOf(noon), Find: []string{"pilot"}, Written: noon})
	}
	return all
}

// Whatever is done to some of an hour's entries is found, each by its id, and nothing else
// is; also where an hour has several parts, and where newer keys came since.
func TestWhatIsDoneToASealedHourIsFound(t *testing.T) {
	t.Parallel()
	old, newer := keyed("old"), keyed("new")
	rapid.Check(t, func(t *rapid.T) {
		all := entries(rapid.SampledFrom([]int{0, 1, 2, 7, 40}).Draw(t, "entries"))
		at := noon.Add(2 * time.Hour)
		seal, parts := Close(&Seal{Head: "before"}, HourOf(noon), all, at, old)
		var want []Finding
		found := func(what What, id string) { want = append(want, Finding{what, id, seal.Hour}) }
		var now []*Entry
		restored := time.Time{}
		if rapid.Bool().Draw(t, "restored") {
			restored = at.AddDate(0, 1, 0)
		}
		for _, e := range all {
			x := *e
			if !restored.IsZero() {
				x.Written = restored.Add(-time.Minute)
			}
			switch rapid.SampledFrom([]What{"", "", Removed, Changed, Rewritten}).Draw(t, "done to "+e.ID) {
			case Removed:
				found(Removed, e.ID)
				continue
			case Changed:
				for _, change := range rapid.SliceOfNDistinct(rapid.SampledFrom([]func(){
					func() { x.Did += "!" }, func() { x.By = "c" }, func() { x.About = nil }, func() { x.At = x.At.Add(time.Microsecond) },
					func() { x.Kind = Change }, func() { x.Programme = "other" }, func() { x.Find = nil }, func() { x.Named = "x" }, func() { x.To = "t" }, func() { x.Times = 2 },
				}), 1, 1, func(f func()) string { return fmt.Sprintf("%p", f) }).Draw(t, "change") {
					change()
				}
				found(Changed, e.ID)
			case Rewritten:
				x.Written = at.AddDate(0, 2, 0)
				found(Rewritten, e.ID)
			}
			now = append(now, &x)
		}
		if rapid.Bool().Draw(t, "added") {
			now = append(now, &Entry{ID: "Z", Hour: seal.Hour, At: noon, Written: noon})
			found(Late, "Z")
		}
		if got := seal.Check(&Seal{Head: "before"}, parts, now, restored, []Hash{newer, old}); !slices.Equal(got, want) {
			t.Fatalf("found %v, want %v", got, want)
		}
	})
}

// A seal that was made by anybody else, or altered in anything that it says, is told.
func TestForgedSealsAreTold(t *testing.T) {
	t.Parallel()
	h := keyed("key")
	before, _ := Close(nil, HourOf(noon.Add(-time.Hour)), nil, noon, h)
	all := entries(3)
	good, parts := Close(before, HourOf(noon), all, noon.Add(2*time.Hour), h)
	if got := good.Check(before, parts, all, time.Time{}, []Hash{h}); len(got) > 0 {
		t.Fatalf("found %v in what was not touched", got)
	}
	for name, change := range map[string]func(s *Seal){
		"entries": func(s *Seal) { s.Entries = s.Entries[1:] }, "count": func(s *Seal) { s.Count++ }, "time": func(s *Seal) { s.At = s.At.Add(time.Hour) },
		"parts": func(s *Seal) { s.Parts = []string{"x"} }, "head": func(s *Seal) { s.Head = "x" }, "another's key": func(s *Seal) { s.Head = s.head(keyed("other")) },
		"the one before": func(s *Seal) { s.Prev = "x" },
	} {
		s := *good
		change(&s)
		if got := s.Check(before, parts, all, time.Time{}, []Hash{h}); !slices.ContainsFunc(got, func(f Finding) bool { return f.What == SealForged }) {
			t.Errorf("%s: found %v", name, got)
		}
	}
	other, _ := Close(&Seal{Head: "another"}, HourOf(noon), all, noon.Add(2*time.Hour), h)
	if got := other.Check(before, nil, all, time.Time{}, []Hash{h}); len(got) != 1 || got[0].What != Unlinked {
		t.Errorf("a seal that follows another: %v", got)
	}
}

// Hours with many entries have parts that fit in a document, and a missing one is told.
func TestManyEntriesHaveSeveralParts(t *testing.T) {
	t.Parallel()
	h, all := keyed("key"), entries(2*PartSize+1)
	seal, parts := Close(nil, HourOf(noon), all, noon.Add(2*time.Hour), h)
	if len(parts) != 2 || len(seal.Parts) != 2 || seal.Count != len(all) {
		t.Fatalf("%d parts for %d entries", len(parts), len(all))
	}
	for _, text := range []string{seal.Entries, parts[0].Entries, parts[1].Entries} {
		if len(text) > 1_000_000 {
			t.Errorf("a document of %d bytes", len(text))
		}
	}
	if got := seal.Check(nil, parts, all, time.Time{}, []Hash{h}); len(got) > 0 {
		t.Errorf("found %d", len(got))
	}
	if got := seal.Check(nil, []*Part{parts[0], nil}, all[:len(all)-1], time.Time{}, []Hash{h}); !slices.ContainsFunc(got, func(f Finding) bool { return f.What == NoPart }) {
		t.Error("a part that is gone is not told")
	}
}

// Hours follow one another through nights on which clocks change, and one is sealed when
// it is over for some minutes.
func TestHoursAreOfUTC(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	seen, hour := map[string]bool{}, HourOf(noon.AddDate(0, 0, -1))
	for at := noon.AddDate(0, 0, -1); at.Before(noon.AddDate(0, 0, 1)); at = at.Add(time.Hour) {
		if got := HourOf(at.In(zone)); got != hour || seen[got] {
			t.Fatalf("the hour of %v is %s, want %s", at, got, hour)
		}
		seen[hour] = true
		hour = after(hour)
	}
	for minutes, want := range map[int]string{0: "2027-03-28T10", 9: "2027-03-28T10", 10: "2027-03-28T11", 59: "2027-03-28T11"} {
		if got := LastOver(noon.Add(time.Duration(minutes) * time.Minute)); got != want {
			t.Errorf("at %d past twelve %s is due, want %s", minutes, got, want)
		}
	}
	if got := Gaps(&Seal{Hour: "2027-02-28T22"}, "2027-03-01T01"); len(got) != 2 || got[1].Hour != "2027-03-01T00" {
		t.Errorf("gaps %v", got)
	}
}

// However many are refused, and by however many at once, what is told adds up, one count
// of each kind.
func TestRefusalsAreCounted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var r Refusals
		whats := []Refused{{What: "a"}, {What: "b", By: "morgan", Programme: "pilot"}}
		counts, told := map[Refused]int{}, map[Refused]int{}
		keep := func() {
			all := r.Take()
			for _, c := range all {
				told[c.Refused] += c.Times
			}
			if len(all) > len(whats) {
				t.Fatalf("told %v", all)
			}
		}
		pending := false
		for _, k := range rapid.SliceOf(rapid.IntRange(0, 2)).Draw(t, "what happens") {
			if k == 2 {
				keep()
				pending = false
				continue
			}
			counts[whats[k]]++
			if first := r.Add(whats[k]); first == pending {
				t.Fatalf("the first is %v", first)
			}
			pending = true
		}
		keep()
		for _, what := range whats {
			if counts[what] != told[what] {
				t.Fatalf("%v: %d were refused, and %d told", what, counts[what], told[what])
			}
		}
	})
}
