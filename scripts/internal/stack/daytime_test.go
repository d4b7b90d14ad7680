package stack

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestProgrammesDateBeginsInTheDay(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ now, want string }{
		{"2026-11-24 12:30", "2026-11-24 12:30"},
		{"2026-11-24 10:00", "2026-11-24 10:00"},
		{"2026-11-24 03:00", "2026-11-24 10:00"},
		{"2026-11-24 16:00", "2026-11-25 10:00"},
		{"2026-11-27 22:00", "2026-11-30 10:00"}, // Friday
		{"2026-11-28 12:00", "2026-11-30 10:00"},
		{"2026-12-24 17:00", "2026-12-29 10:00"}, // Boxing Day has a substitute
	} {
		now, _ := time.ParseInLocation("2006-01-02 15:04", row.now, london.Location())
		if got := inTheDay(now).In(london.Location()).Format("2006-01-02 15:04"); got != row.want {
			t.Errorf("at %s: %s, want %s", row.now, got, row.want)
		}
	}
}
