// Package clock tells the programme's time. In production that is the real time
// and nothing can change it. Beside the Firestore emulator a file may hold how
// far the programme's date was moved forward, so that weeks pass in seconds.
package clock

import (
	"errors"
	"os"
	"strings"
	"time"
)

// Clock tells the programme's time, in UTC and in whole microseconds, which is
// what Firestore keeps.
type Clock func() time.Time

// Real is the real time.
func Real() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// New is Real, or, beside the emulator, Real moved by the duration in the file,
// read at each call so that all functions agree. Naming a file without an
// emulator is an error, so that the switch does not exist in production.
func New(file, emulator string) (Clock, error) {
	switch {
	case file == "":
		return Real, nil
	case emulator == "":
		return nil, errors.New("CASCADE_CLOCK_FILE is set without FIRESTORE_EMULATOR_HOST: the programme's date can be moved only beside the emulator")
	}
	return func() time.Time {
		text, err := os.ReadFile(file)
		if err != nil {
			return Real()
		}
		offset, err := time.ParseDuration(strings.TrimSpace(string(text)))
		if err != nil {
			return Real()
		}
		return Real().Add(offset)
	}, nil
}
