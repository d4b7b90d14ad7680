//go:build faults

package sabotage

import (
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// The switches work beside the Firestore emulator alone. Anywhere else every guard
// stands, whatever the environment says.
const emulator = "FIRESTORE_EMULATOR_HOST"

var off = mustParse(os.Getenv(Variable), os.Getenv(emulator))

// Off reports whether a guard is switched off.
func Off(g Guard) bool { return len(off) > 0 && slices.Contains(off, g) }

// Duration is a duration that a test makes shorter through the environment, such as
// how long a lease lasts, and otherwise what it is. One that cannot be read ends
// the process, since the test would prove nothing.
func Duration(variable string, otherwise time.Duration) time.Duration {
	d, err := duration(os.Getenv(variable), os.Getenv(emulator), otherwise)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", variable, err))
	}
	return d
}

func duration(text, emulator string, otherwise time.Duration) (time.Duration, error) {
	if emulator == "" || text == "" {
		return otherwise, nil
	}
	return time.ParseDuration(text)
}

// Clock is a worker's own clock, which may be wrong.
func Clock(right func() time.Time) func() time.Time {
	if os.Getenv(Skew) == "" || os.Getenv(emulator) == "" {
		return right
	}
	return func() time.Time { return right().Add(Skewed()) }
}

// OwnTime is the time by a worker's own clock.
func OwnTime() time.Time { return time.Now().UTC().Truncate(time.Microsecond).Add(Skewed()) }

// RandomID is the id of a message that is derived from nothing.
func RandomID() string { return rand.Text() }

// Skewed is by how much the worker's own clock is wrong now.
func Skewed() time.Duration {
	d, err := skewed(os.Getenv(Skew), os.Getenv(emulator))
	if err != nil {
		panic(fmt.Sprintf("%s: %v", Skew, err))
	}
	return d
}

func skewed(text, emulator string) (time.Duration, error) {
	if file, changes := strings.CutPrefix(text, "@"); changes && emulator != "" {
		held, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		if text = strings.TrimSpace(string(held)); text == "" {
			return 0, fmt.Errorf("%s is empty", file)
		}
	}
	return duration(text, emulator, 0)
}

// mustParse ends the process on the name of a guard that is not there: a test that
// switches it off would prove nothing.
func mustParse(text, emulator string) []Guard {
	guards, err := parse(text, emulator)
	if err != nil {
		panic(err)
	}
	return guards
}

func parse(text, emulator string) ([]Guard, error) {
	if emulator == "" || text == "" {
		return nil, nil
	}
	var guards []Guard
	for name := range strings.SplitSeq(text, ",") {
		g := Guard(strings.TrimSpace(name))
		if !slices.Contains(Guards, g) {
			return nil, fmt.Errorf("%s: there is no guard %q", Variable, g)
		}
		guards = append(guards, g)
	}
	return guards, nil
}
