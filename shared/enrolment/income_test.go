package enrolment

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParseIncome(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]int{
		"": 0, "  ": 0, "0": 0, "£": 0, "250000": 250_000, "250,000": 250_000, "£250,000": 250_000, " £ 1,250,000 ": 1_250_000, "250 000": 250_000,
		"250\u00a0000": 250_000, "£1,234.56": 1_234, "0.99": 0, "007": 7, "99,999,999,999": 99_999_999_999,
		"x": -1, "250k": -1, "1m": -1, "-5": -1, "1e6": -1, "12.5": -1, "12.345": -1, ".50": -1, "1.2.3": -1, "££5": -1, "$5": -1, "5£": -1, "five": -1,
		"100,000,000,000": -1, "99999999999999999999999": -1, "٢٥": -1, "1\x00": -1, "\xff": -1,
	} {
		got, ok := ParseIncome(given)
		if ok != (want >= 0) || got != max(want, 0) {
			t.Errorf("ParseIncome(%q) = %d %v, want %d", given, got, ok, want)
		}
	}
}

func TestPounds(t *testing.T) {
	t.Parallel()
	for income, want := range map[int]string{-1: "", 0: "", 7: "£7", 999: "£999", 1_000: "£1,000", 250_000: "£250,000", 99_999_999_999: "£99,999,999,999"} {
		if got := Pounds(income); got != want {
			t.Errorf("Pounds(%d) = %q, want %q", income, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 99_999_999_999).Draw(t, "income")
		if got, ok := ParseIncome(Pounds(n)); !ok || got != n {
			t.Fatalf("%d is written %q and read as %d", n, Pounds(n), got)
		}
	})
}

func FuzzParseIncome(f *testing.F) {
	for _, s := range []string{"", "£250,000", "1.00", "\xff", "£ ,", "-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := ParseIncome(s)
		if n < 0 || n > 99_999_999_999 || !ok && n != 0 {
			t.Fatalf("ParseIncome(%q) = %d %v", s, n, ok)
		}
	})
}
