package stack

import (
	"fmt"
	"os"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// daytime begins the programme's date in the middle of a working day. News and
// reminders come only then, so that whoever tries Cascade at night would wait for its
// emails until morning. A date that was moved before stays.
func (s *Stack) daytime() error {
	if _, err := os.Stat(s.clockFile()); err == nil {
		return nil
	}
	now := clock.Real()
	at := inTheDay(now)
	if at.Equal(now) {
		return nil
	}
	s.o.Say(fmt.Sprintf("nobody is written to at night and on days off: the programme's date begins on %s", web.When(at, london.Location())))
	return os.WriteFile(s.clockFile(), fmt.Appendln(nil, at.Sub(now).Round(time.Second)), 0o600)
}

var london = &programme.Programme{Zone: "Europe/London"}

// inTheDay is now from 10 to 16 o'clock on a working day, and else the next time that
// it is 10.
func inTheDay(now time.Time) time.Time {
	const opensToTen, tenToFour = 2 * time.Hour, 6 * time.Hour
	cal := calendar.Of(london, "", "")
	for days := 0; ; days++ {
		ten := cal.AddWorkingDays(now, days).Add(opensToTen)
		switch {
		case now.Before(ten):
			return ten
		case now.Before(ten.Add(tenToFour)):
			return now
		}
	}
}
