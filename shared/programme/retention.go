package programme

import "time"

// keptYears is for how many years after its end a programme keeps what is about people.
const keptYears = 1

// KeptUntil is the moment from which on nothing is kept any more that is kept until a year
// after the programme's end; false where it has no dates, and keeps it.
func (p *Programme) KeptUntil() (time.Time, bool) {
	end, ok := p.End()
	return end.AddDate(keptYears, 0, 0), ok
}
