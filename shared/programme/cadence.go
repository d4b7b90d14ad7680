package programme

import "fmt"

// Cadence is how people are written to. What is left out, a zero, is the default.
type Cadence struct {
	// Opens and Closes are the hours of the day between which people are written to,
	// on their own clock, on working days.
	Opens  int `firestore:"opens" yaml:"opens,omitempty"`
	Closes int `firestore:"closes" yaml:"closes,omitempty"`
	// MostAWeek and MostAMonth are how many times one person may be asked in 7 and in 30 days
	// for something that can wait: what somebody has just done is told beside.
	MostAWeek  int `firestore:"mostAWeek" yaml:"mostAWeek,omitempty"`
	MostAMonth int `firestore:"mostAMonth" yaml:"mostAMonth,omitempty"`
	// MostAgain is how many times in all one person is reminded of what they were asked for
	// before; 0 for one more than the sessions that a pairing is meant to have. After that the
	// coordinator hears of it, and they do not.
	MostAgain int `firestore:"mostAgain,omitempty" yaml:"mostAgain,omitempty"`
	// Asks are when people are asked again for what they have not done.
	Asks Asks `firestore:"asks" yaml:"asks,omitempty"`
}

// Usual is the cadence of a programme that sets nothing.
var Usual = Cadence{Opens: 8, Closes: 18, MostAWeek: 1, MostAMonth: 4}

// Filled is the cadence with the defaults in the place of what was left out.
func (c Cadence) Filled() Cadence {
	for _, setting := range []struct {
		value *int
		usual int
	}{{&c.Opens, Usual.Opens}, {&c.Closes, Usual.Closes}, {&c.MostAWeek, Usual.MostAWeek}, {&c.MostAMonth, Usual.MostAMonth}} {
		if *setting.value == 0 {
			*setting.value = setting.usual
		}
	}
	c.Asks = c.Asks.Filled()
	return c
}

// MostAgain is how many times in all one person is reminded of what they were asked for before.
func (p *Programme) MostAgain() int {
	if p.Cadence.MostAgain > 0 {
		return p.Cadence.MostAgain
	}
	return p.Sessions.Target + 1
}

// MostAsks bounds the caps: nobody is asked for something more often than once a day.
const MostAsks = 30

func (c Cadence) check() error {
	switch c = c.Filled(); {
	// Nights are when clocks change, and when people sleep.
	case c.Opens < 5 || c.Closes > 23 || c.Opens >= c.Closes:
		return fmt.Errorf("programme: cadence.opens and cadence.closes are hours from 5 to 23, in their order")
	case c.MostAgain < 0 || c.MostAgain > MostAsks:
		return fmt.Errorf("programme: cadence.mostAgain is from 1 to %d, or left out", MostAsks)
	case c.MostAWeek < 1 || c.MostAMonth < c.MostAWeek || c.MostAMonth > MostAsks:
		return fmt.Errorf("programme: cadence needs 1 <= mostAWeek <= mostAMonth <= %d", MostAsks)
	}
	return c.Asks.check()
}
