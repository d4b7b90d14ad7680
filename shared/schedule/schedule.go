// Package schedule names what fires at fixed times. When each does stands in
// infra/schedules.yaml, and a test holds that it is about these and no others: a function
// takes no event of a schedule that is not here.
package schedule

import (
	"maps"
	"slices"
)

// Name is a schedule's.
type Name string

// The schedules.
const (
	OutboxSweep         Name = "outbox-sweep"
	RemindersTick       Name = "reminders-tick"
	ErasureSweep        Name = "erasure-sweep"
	RetentionSweep      Name = "retention-sweep"
	MatchingRun         Name = "matching-run"
	QuestionnairesSweep Name = "questionnaires-sweep"
	AuditSeal           Name = "audit-seal"
)

// functions are those that schedules wake.
var functions = map[Name]string{
	OutboxSweep:         "outbox",
	RemindersTick:       "reminders",
	ErasureSweep:        "reminders",
	RetentionSweep:      "reminders",
	MatchingRun:         "matching",
	QuestionnairesSweep: "questionnaires",
	AuditSeal:           "matching",
}

// Functions are the functions that schedules wake, by schedule. Whatever events wake is
// among them, since a schedule finds what an event missed.
func Functions() map[Name]string { return maps.Clone(functions) }

// Wakes reports whether a function is woken at all, and so takes events.
func Wakes(function string) bool {
	return slices.Contains(slices.Collect(maps.Values(functions)), function)
}
