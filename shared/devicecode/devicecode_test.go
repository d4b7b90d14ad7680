package devicecode

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2027, time.March, 2, 12, 0, 0, 0, time.UTC)

func TestCodeIsReadAsPeopleGiveIt(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"042817": "042817", "042 817": "042817", " 042-817\r\n": "042817", "042–817": "042817", "0 4 2 8 1 7": "042817",
		"０４２８１７": "042817", "042\u00a0817": "042817", "\u200b042817\ufeff": "042817", "042\u2212817": "042817",
		"": "", "42817": "", "0428170": "", "o42817": "", "042.817": "", "Your code is 042 817.": "", "-42817": "", "٠٤٢٨١٧": "",
	} {
		got, ok := Read(typed)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v, want %q", typed, got, ok, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("042 817")
	f.Fuzz(func(t *testing.T, typed string) {
		if code, ok := Read(typed); ok && (len(code) != Digits || strings.Trim(code, "0123456789") != "") {
			t.Fatalf("%q is %q", typed, code)
		}
	})
}

func TestCodesAreSixDigitsAndSpread(t *testing.T) {
	t.Parallel()
	if got := Of(make([]byte, 8)); got != "000000" {
		t.Error(got)
	}
	seen := map[string]bool{}
	first := map[byte]int{}
	for i := range 10_000 {
		hash := sha256.Sum256([]byte(fmt.Sprint(i)))
		code := Of(hash[:])
		if read, ok := Read(code); !ok || read != code {
			t.Fatalf("%q is no code", code)
		}
		seen[code] = true
		first[code[0]]++
	}
	if len(seen) < 9_900 {
		t.Errorf("10000 hashes are %d codes", len(seen))
	}
	for digit, n := range first {
		if n < 850 || n > 1150 {
			t.Errorf("%d codes begin with %c", n, digit)
		}
	}
}

func TestWhatComesOfACode(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		nonce string
		after time.Duration
		tries int // wrong ones before
		right bool
		want  Outcome
	}{
		{"right", "a", 0, 0, true, Right},
		{"wrong", "a", 0, 0, false, Wrong},
		{"right at the last moment", "a", Life - 1, 0, true, Right},
		{"right a moment later", "a", Life, 0, true, Old},
		{"wrong, and too late", "a", Life, 0, false, Old},
		{"right at the last try", "a", time.Minute, MostTriesEach - 1, true, Right},
		{"right after the last try", "a", time.Minute, MostTriesEach, true, Spent},
		{"another browser's", "b", 0, 0, true, Old},
	} {
		c := new(Codes)
		if !c.Send("a", noon) {
			t.Fatal("the first code is not sent")
		}
		for range row.tries {
			if got := c.Try("a", false, noon); got != Wrong {
				t.Fatalf("%s: a try before is %s", row.name, got)
			}
		}
		if got := c.Try(row.nonce, row.right, noon.Add(row.after)); got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
		if got := c.Try(row.nonce, true, noon.Add(row.after)); got == Right && row.want != Wrong {
			t.Errorf("%s: it opens once more", row.name)
		}
	}
}

// However somebody asks and guesses, in no hour are there more codes or tries than the
// most, no code opens twice, after its time, or once it was tried five times, and whoever
// is told to wait can go on by then.
func TestBudgets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, now := new(Codes), noon
		var sent, tried []time.Time
		tries, used, at := map[string]int{}, map[string]bool{}, map[string]time.Time{}
		within := func(times []time.Time) int {
			return len(slices.DeleteFunc(slices.Clone(times), func(t time.Time) bool { return !now.Before(t.Add(time.Hour)) }))
		}
		for i := range rapid.IntRange(1, 150).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(5*time.Minute)).Draw(t, "pause")))
			if rapid.IntRange(0, 3).Draw(t, "what") == 0 {
				from := c.SendFrom(now)
				switch nonce := fmt.Sprint(i); {
				case c.Send(nonce, now):
					sent, at[nonce] = append(sent, now), now
				case !from.After(now) || from.After(now.Add(time.Hour)):
					t.Fatalf("refused at %v, and can be sent from %v", now, from)
				case rapid.Bool().Draw(t, "wait"):
					if now = from; !c.Send(nonce, now) {
						t.Fatal("whoever has waited is refused")
					}
					sent, at[nonce] = append(sent, now), now
				}
			} else if len(sent) > 0 {
				nonce := rapid.SampledFrom(slices.Sorted(func(yield func(string) bool) {
					for n := range at {
						if !yield(n) {
							return
						}
					}
				})).Draw(t, "nonce")
				right := rapid.IntRange(0, 5).Draw(t, "right") == 0
				switch got := c.Try(nonce, right, now); got {
				case Right, Wrong:
					if (got == Right) != right || used[nonce] || !now.Before(at[nonce].Add(Life)) || tries[nonce] >= MostTriesEach {
						t.Fatalf("%s at %v of a code sent at %v, tried %d times, used %v", got, now, at[nonce], tries[nonce], used[nonce])
					}
					tries[nonce]++
					used[nonce] = right
					tried = append(tried, now)
				case TooMany:
					if within(tried) < MostTries {
						t.Fatalf("too many after %d tries", within(tried))
					}
				}
			}
			if within(sent) > MostSent || within(tried) > MostTries {
				t.Fatalf("%d codes and %d tries within an hour", within(sent), within(tried))
			}
			if len(c.Sent) > MostSent || len(c.TriedAt) > MostTries {
				t.Fatalf("the document holds %d codes and %d tries", len(c.Sent), len(c.TriedAt))
			}
		}
	})
}
