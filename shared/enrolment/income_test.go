package enrolment

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseIncome(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]int{
		"": 0, "  ": 0, "0": 0, "£": 0, "250000": 250_000, "250,000": 250_000, "£250,000": 250_000, " £ 1,250,000 ": 1_250_000, "250 000": 250_000,
		"250\u00a0000": 250_000, "£1,234.56": 1_234, "0.99": 0, "007": 7, "99,999,999,999": MaxIncome,
		// Thousands, millions and billions, in letters and words.
		"250k": 250_000, "250K": 250_000, "£250 k": 250_000, "1m": 1_000_000, "1.2m": 1_200_000, "£1.2M": 1_200_000, "£1.2 million": 1_200_000, "1.25mn": 1_250_000,
		"250 thousand": 250_000, "2bn": 2_000_000_000, "0.25m": 250_000, "1,250k": 1_250_000, "1.125m": 1_125_000, "1.23456k": 1_234, "0k": 0,
		"GBP 250,000": 250_000, "250 000 GBP": 250_000, "250k pounds": 250_000,
		// Spaces of all kinds, apostrophes, and what nobody sees.
		"1\u202f250\u202f000": 1_250_000, "1\u2009250\u2009000": 1_250_000, "1'250'000": 1_250_000, "1’250’000": 1_250_000, "\ufeff£80,000\u200b": 80_000, "£\u00a080,000": 80_000,
		// What spreadsheets make of numbers.
		"80000.00": 80_000, "80000.5": 80_000, "26666.6666666667": 26_666, "8E+04": 80_000, "2.5E+05": 250_000, "1e6": 1_000_000, "1.23456789E+04": 12_345,
		// A hundred or a thousand times too much, or too little: it is not read.
		"250,00": -1, "1.500,00": -1, "25.000": -1, "1.500": -1, "250,5": -1, "80000,00": -1, "12.5": -1, "1.2": -1, "12.345": -1, "25,0000": -1, "2,50,000": -1, "1,2,3": -1,
		"1,250 000": -1, "1'250,000": -1, "25 00": -1, "1,2m": -1, "1.2.3": -1, "12 3456": -1, "1 2m": -1, "2,5E+05": -1,
		"x": -1, "-5": -1, "+5": -1, ".50": -1, "££5": -1, "$5": -1, "5£": -1, "five": -1, "k": -1, "1km": -1, "1e-6": -1, "5%": -1, "about 250k": -1, "1e99": -1, "#REF!": -1,
		"100,000,000,000": -1, "100bn": -1, "99999999999999999999999": -1, "٢٥": -1, "1\x00": -1, "\xff": -1, "25²": -1,
	} {
		got, ok := ParseIncome(given)
		if ok != (want >= 0) || got != max(want, 0) {
			t.Errorf("ParseIncome(%q) = %d %v, want %d", given, got, ok, want)
		}
	}
}

func TestPounds(t *testing.T) {
	t.Parallel()
	for income, want := range map[int]string{-1: "", 0: "", 7: "£7", 999: "£999", 1_000: "£1,000", 250_000: "£250,000", MaxIncome: "£99,999,999,999"} {
		if got := Pounds(income); got != want {
			t.Errorf("Pounds(%d) = %q, want %q", income, got, want)
		}
	}
}

// However an income is written, it is read as what it is, or not at all.
func TestIncomesAreReadAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(1, MaxIncome), rapid.IntRange(1, 2_000_000)).Draw(t, "income")
		grouped := strings.TrimPrefix(Pounds(n), "£")
		for _, written := range []string{
			strconv.Itoa(n), Pounds(n), grouped + ".00", strings.ReplaceAll(grouped, ",", " "), strings.ReplaceAll(grouped, ",", "\u202f"),
			strings.ReplaceAll(grouped, ",", "’"), fmt.Sprintf("%d.%03dk", n/1_000, n%1_000), fmt.Sprintf("£%d.%06d million", n/1_000_000, n%1_000_000),
		} {
			if got, ok := ParseIncome(written); !ok || got != n {
				t.Fatalf("%d is written %q and read as %d, %v", n, written, got, ok)
			}
		}
		// As other countries write it: thousands parted by points, and a comma before cents.
		for _, written := range []string{strings.ReplaceAll(grouped, ",", "."), strings.ReplaceAll(grouped, ",", ".") + ",00", strconv.Itoa(n) + ",00", strconv.Itoa(n) + ",5"} {
			if got, ok := ParseIncome(written); ok && got != n {
				t.Fatalf("%d is written %q and read as %d", n, written, got)
			}
		}
	})
}

func FuzzParseIncome(f *testing.F) {
	for _, s := range []string{"", "£250,000", "1.00", "\xff", "£ ,", "-1", "1.2m", "2.5E+05"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := ParseIncome(s)
		if n < 0 || n > MaxIncome || !ok && n != 0 {
			t.Fatalf("ParseIncome(%q) = %d %v", s, n, ok)
		}
	})
}
