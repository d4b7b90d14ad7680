package clock_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/platform/clock"
)

// ahead is how far a clock is ahead of the real time, to the minute.
func ahead(c clock.Clock) time.Duration { return c().Sub(clock.Real()).Round(time.Minute) }

func TestDateIsMovedOnlyBesideTheEmulator(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "clock")
	if err := os.WriteFile(file, []byte("72h"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := clock.New(file, ""); err == nil || c != nil || !strings.Contains(err.Error(), "CASCADE_CLOCK_FILE") || !strings.Contains(err.Error(), "FIRESTORE_EMULATOR_HOST") {
		t.Errorf("without the emulator: %v", err)
	}
	for _, emulator := range []string{"", "127.0.0.1:8080"} {
		c, err := clock.New("", emulator)
		if err != nil || ahead(c) != 0 {
			t.Errorf("without a file and with the emulator %q the time is %v ahead: %v", emulator, ahead(c), err)
		}
	}
	if c, err := clock.New(file, "127.0.0.1:8080"); err != nil || ahead(c) != 72*time.Hour {
		t.Errorf("beside the emulator: %v", err)
	}
}

// All functions read the file at each call, so that they agree; one that is not
// there, or holds no duration, moves nothing.
func TestFileIsReadAtEachCall(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "clock")
	c, err := clock.New(file, "127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	if got := ahead(c); got != 0 {
		t.Errorf("before there is a file: %v", got)
	}
	for _, row := range []struct {
		text string
		want time.Duration
	}{{"24h\n", 24 * time.Hour}, {" 168h0m0s ", 7 * 24 * time.Hour}, {"", 0}, {"soon", 0}, {"3", 0}, {"1h", time.Hour}} {
		if err := os.WriteFile(file, []byte(row.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := ahead(c); got != row.want {
			t.Errorf("%q moves the date by %v, want %v", row.text, got, row.want)
		}
	}
}

// Firestore keeps microseconds: what is written is what is read.
func TestTimeIsUTCInMicroseconds(t *testing.T) {
	t.Parallel()
	for range 100 {
		if now := clock.Real(); now.Location() != time.UTC || now.Nanosecond()%1000 != 0 || time.Since(now).Abs() > time.Minute {
			t.Fatalf("the time is %v", now)
		}
	}
}
