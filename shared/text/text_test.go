package text

import (
	"testing"

	"pgregory.net/rapid"
)

func TestTidyingTwiceIsTidyingOnce(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"": "", " a \t b\n": "a b", "a\u00a0b": "a b", "\ufeffAlex": "Alex", "A\u200blex": "Alex", "Al\u00adex": "Alex", "\u202aAlex\u202c": "Alex", "Alex\u2060": "Alex",
		"Cafe\u0301": "Café", "Cafe\u200b\u0301": "Café", "\u3000Alex\u2009Sample\u202f": "Alex Sample", "\u3164": "", "\u2800Alex": "Alex", "A\u200dlex": "Alex",
		"می\u200cخواهم": "می\u200cخواهم", "क्\u200dष": "क्\u200dष", "\u200dक": "क", "क\u200d": "क", "👩\u200d🏫": "👩\u200d🏫", "a\x00b": "a\x00b",
	} {
		if got := Tidy(given); got != want {
			t.Errorf("Tidy(%q) = %q, want %q", given, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if Tidy(Tidy(s)) != Tidy(s) {
			t.Fatalf("%q", s)
		}
	})
}
