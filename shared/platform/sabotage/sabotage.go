// Package sabotage switches off a single guard of Cascade, so that a test can show
// that it would notice: each row of scripts/test-faults is run once more with the
// guard off that it is about, and must fail then.
//
// It works beside the Firestore emulator alone. Anywhere else every guard stands,
// whatever the environment says, as a test here holds.
package sabotage

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// Guard is one thing that Cascade does so that a fault does no harm.
type Guard string

// The guards, each with what happens without it.
const (
	Doubt       Guard = "doubt"        // after a time-out or a crash a message is sent again at once, and not held in doubt
	ServerClock Guard = "server-clock" // leases are judged by the worker's own clock
	Fence       Guard = "fence"        // a sender whose lease ran out sends all the same
	Signature   Guard = "signature"    // whoever posts a provider's event is believed
	Forward     Guard = "forward"      // the last event counts, even where it moves a message's state back
	Sweep       Guard = "sweep"        // what an event missed is not looked for
	Poison      Guard = "poison"       // a message that fails ends the sweep, and is tried for ever
	Wanted      Guard = "wanted"       // nobody asks at the moment of sending whether a message is still wanted
	OneADay     Guard = "one-a-day"    // a person gets each email by itself, at any hour
	Drain       Guard = "drain"        // what is under way is cut off at the signal to stop
	RateLimit   Guard = "rate-limit"   // sent as fast as it goes
	Pace        Guard = "retry-after"  // the provider's wish to wait is not honoured
	OperationID Guard = "operation-id" // a commit whose reply was lost counts as failed
	DerivedID   Guard = "derived-id"   // a message's id is random, and not derived from what it is about
	Redirects   Guard = "redirects"    // an answer that points elsewhere is followed
	Update      Guard = "update"       // a document is written whatever has become of it since it was read
	Limits      Guard = "limits"       // the size and the form of what is stored are not looked at first
	Unknown     Guard = "unknown"      // fields that this version does not know are lost at a write
	SafeGet     Guard = "safe-get"     // opening a link does what its page asks about
	Heartbeat   Guard = "heartbeat"    // a job that fails leaves a heartbeat too, and nobody notices that it does nothing
)

// Guards are all guards.
var Guards = []Guard{
	Doubt, ServerClock, Fence, Signature, Forward, Sweep, Poison, Wanted, OneADay, Drain, RateLimit, Pace,
	OperationID, DerivedID, Redirects, Update, Limits, Unknown, SafeGet, Heartbeat,
}

// The environment's names.
const (
	// Variable lists the guards that are off, with commas between.
	Variable = "CASCADE_SABOTAGE"
	// Skew is by how much a worker's own clock is wrong, as a duration, or @FILE for one
	// that changes.
	Skew = "CASCADE_CLOCK_SKEW"

	emulator = "FIRESTORE_EMULATOR_HOST"
)

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
