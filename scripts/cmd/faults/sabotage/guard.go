// Package sabotage switches off a single guard of Cascade, so that a test can show
// that it would notice: each row of scripts/test-faults is run once more with the
// guard off that it is about, and must fail then.
//
// No function asks for it. scripts/test-faults alone, which builds the functions for
// its own use, puts the questions into their source on the way to the compiler, and
// sets the build tag without which the answers do not compile: what is shipped has
// nothing of it, as a test of the images holds.
package sabotage

// Guard is one thing that Cascade does so that a fault does no harm, by the name of
// the switch that turns it off.
type Guard string

// The guards, each with what happens without it.
const (
	Doubt       Guard = "no-doubt"        // after a time-out or a crash a message is sent again at once, and not held in doubt
	ServerClock Guard = "no-server-clock" // leases are judged by the worker's own clock
	Fence       Guard = "no-fence"        // a sender whose lease ran out sends all the same
	Signature   Guard = "no-signature"    // whoever posts a provider's event is believed
	Forward     Guard = "no-forward"      // the last event counts, even where it moves a message's state back
	Sweep       Guard = "no-sweep"        // what an event missed is not looked for
	Poison      Guard = "no-poison"       // a message that fails ends the sweep, and is tried for ever
	Wanted      Guard = "no-wanted"       // nobody asks at the moment of sending whether a message is still wanted
	OneADay     Guard = "no-one-a-day"    // a person gets each email by itself, at any hour
	Drain       Guard = "no-drain"        // what is under way is cut off at the signal to stop
	RateLimit   Guard = "no-rate-limit"   // sent as fast as it goes
	OperationID Guard = "no-operation-id" // a commit whose reply was lost counts as failed
	DerivedID   Guard = "no-derived-id"   // a message's id is random, and not derived from what it is about
	Redirects   Guard = "no-redirects"    // an answer that points elsewhere is followed
	Update      Guard = "no-update"       // a document is written whatever has become of it since it was read
	Limits      Guard = "no-limits"       // the size and the form of what is stored are not looked at first
	Unknown     Guard = "no-unknown"      // fields that this version does not know are lost at a write
	SafeGet     Guard = "no-safe-get"     // opening a link does what its page asks about
	Heartbeat   Guard = "no-heartbeat"    // a job that fails leaves a heartbeat too, and nobody notices that it does nothing
)

// Guards are all guards.
var Guards = []Guard{
	Doubt, ServerClock, Fence, Signature, Forward, Sweep, Poison, Wanted, OneADay, Drain, RateLimit,
	OperationID, DerivedID, Redirects, Update, Limits, Unknown, SafeGet, Heartbeat,
}

// The environment's names.
const (
	// Variable lists the guards that are off, with commas between.
	Variable = "CASCADE_SABOTAGE"
	// Skew is by how much a worker's own clock is wrong, as a duration, or @FILE for one
	// that changes.
	Skew = "CASCADE_CLOCK_SKEW"
	// Lease, DoubtGrace, SendTimeout and StoreDeadline are how long a sender's lease, the
	// wait for a report, a call of the provider and a call of Firestore last.
	Lease         = "CASCADE_LEASE"
	DoubtGrace    = "CASCADE_DOUBT_GRACE"
	SendTimeout   = "CASCADE_SEND_TIMEOUT"
	StoreDeadline = "CASCADE_STORE_DEADLINE"
)

// Variables are all that the switches read.
var Variables = []string{Variable, Skew, Lease, DoubtGrace, SendTimeout, StoreDeadline}
