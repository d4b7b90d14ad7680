package programme

import (
	"errors"
	"fmt"
	"time"
)

// Dates are the first and the last day of a programme, as a calendar in its own time zone
// has them: 2027-10-29. Both are empty in a programme that has not said when it ends.
type Dates struct {
	Starts string `firestore:"starts,omitempty" yaml:"starts,omitempty"`
	Ends   string `firestore:"ends,omitempty" yaml:"ends,omitempty"`
}

// Set reports whether a programme has said when it runs.
func (d Dates) Set() bool { return d.Ends != "" }

func (d Dates) check() error {
	if d == (Dates{}) {
		return nil
	}
	for _, setting := range []struct{ name, value string }{{"starts", d.Starts}, {"ends", d.Ends}} {
		if _, err := time.Parse(time.DateOnly, setting.value); err != nil {
			return fmt.Errorf("programme: dates.%s %q is no date such as 2027-10-29", setting.name, setting.value)
		}
	}
	if d.Ends <= d.Starts { // years have four digits
		return errors.New("programme: dates.ends is not after dates.starts")
	}
	return nil
}

// Redate gives a programme other dates, by which whatever was announced to be deleted is not,
// until it is announced anew. The error says why it cannot have them, and nothing has
// changed then.
func (p *Programme) Redate(d Dates) error {
	if d == (Dates{}) {
		return errors.New("programme: dates are moved, and not taken away: give dates.starts and dates.ends")
	}
	if err := d.check(); err != nil {
		return err
	}
	if p.Retention.Begun() {
		return errors.New("programme: what it kept about people is being deleted, or is gone: its end cannot be moved any more")
	}
	before := p.Dates
	p.Dates = d
	if err := p.checkQuestionnaires(); err != nil {
		p.Dates = before
		return err
	}
	if p.Stale() {
		p.Retention = Retention{}
	}
	return nil
}

// End is the moment when the programme's last day is over where it runs, from which all
// periods of keeping are counted; false where it has no dates.
func (p *Programme) End() (time.Time, bool) {
	last, err := time.Parse(time.DateOnly, p.Dates.Ends)
	if err != nil {
		return time.Time{}, false
	}
	return time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, p.Location()), true
}

// Ended reports whether the programme's last day is over; one without dates has not ended.
func (p *Programme) Ended(now time.Time) bool {
	end, set := p.End()
	return set && !now.Before(end)
}
