// Package collector sets Go's garbage collector for a matching of many people.
package collector

import (
	"os"
	"runtime/debug"
)

// Frugal has the collector run more often where many people are held to the end of a
// matching: that takes a little longer, and a third less memory. Where people are very
// many, the collector has so much to look at that it would take a tenth of the time.
func Frugal(people int) {
	if people >= 20_000 && people < 200_000 && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(20)
	}
}
