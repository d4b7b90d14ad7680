//go:build faults

package sabotage

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestGuardsAreSwitchedOffOnlyBesideTheEmulator(t *testing.T) {
	t.Parallel()
	var all []string
	for _, g := range Guards {
		all = append(all, string(g))
	}
	everything := strings.Join(all, ",")
	for _, row := range []struct {
		text, emulator string
		want           []Guard
	}{
		{"", "", nil}, {"", "127.0.0.1:8080", nil},
		{everything, "", nil}, {"no-fence", "", nil}, {"no-such-guard", "", nil},
		{everything, "127.0.0.1:8080", Guards},
		{"no-fence", "127.0.0.1:8080", []Guard{Fence}},
		{"no-fence, no-doubt", "127.0.0.1:8080", []Guard{Fence, Doubt}},
	} {
		if got, err := parse(row.text, row.emulator); err != nil || !slices.Equal(got, row.want) {
			t.Errorf("%q with the emulator %q: off are %v, want %v: %v", row.text, row.emulator, got, row.want, err)
		}
	}
}

// A twin that names a guard which is not there would run with every guard on, and
// its failure would prove nothing.
func TestUnknownGuardIsAnError(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"no-fences", "no-fence,", ",", "No-fence", "fence", "no-fence no-doubt"} {
		if got, err := parse(text, "127.0.0.1:8080"); err == nil || !strings.Contains(err.Error(), Variable) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestDurationsAreChangedOnlyBesideTheEmulator(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		text, emulator string
		want           time.Duration
	}{
		{"3s", "", time.Hour}, {"soon", "", time.Hour}, {"", "127.0.0.1:8080", time.Hour},
		{"3s", "127.0.0.1:8080", 3 * time.Second}, {"-10m", "127.0.0.1:8080", -10 * time.Minute}, {"0s", "127.0.0.1:8080", 0},
	} {
		if got, err := duration(row.text, row.emulator, time.Hour); err != nil || got != row.want {
			t.Errorf("%q with the emulator %q: %v, want %v: %v", row.text, row.emulator, got, row.want, err)
		}
	}
	if got, err := duration("soon", "127.0.0.1:8080", time.Hour); err == nil {
		t.Errorf("a duration that is none: %v", got)
	}
}

// A clock that jumps is one whose file changes between two readings.
func TestClockIsWrongOnlyBesideTheEmulator(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "skew")
	for _, row := range []struct {
		text, held, emulator string
		want                 time.Duration
		fails                bool
	}{
		{"", "", "127.0.0.1:8080", 0, false},
		{"-10m", "", "127.0.0.1:8080", -10 * time.Minute, false},
		{"-10m", "", "", 0, false},
		{"@" + file, "10m\n", "127.0.0.1:8080", 10 * time.Minute, false},
		{"@" + file, "-10m0s", "127.0.0.1:8080", -10 * time.Minute, false},
		{"@" + file, "10m", "", 0, false},
		// With the right time instead, a test would prove nothing.
		{"@" + file, "soon", "127.0.0.1:8080", 0, true},
		{"@" + file, "", "127.0.0.1:8080", 0, true},
		{"@" + file + "-that-is-not-there", "", "127.0.0.1:8080", 0, true},
	} {
		if err := os.WriteFile(file, []byte(row.held), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := skewed(row.text, row.emulator); got != row.want || (err != nil) != row.fails {
			t.Errorf("%q holding %q with the emulator %q: wrong by %v, want %v: %v", row.text, row.held, row.emulator, got, row.want, err)
		}
	}
}

func TestGuardsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := map[Guard]bool{}
	for _, g := range Guards {
		if g == "" || strings.ContainsAny(string(g), ", ") || seen[g] {
			t.Errorf("%q", g)
		}
		seen[g] = true
	}
}
