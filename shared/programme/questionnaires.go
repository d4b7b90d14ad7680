package programme

import (
	"errors"
	"fmt"
	"time"
)

// Questionnaires name the definitions asked at the two moments, and say until when they are
// answered.
type Questionnaires struct {
	Baseline string `firestore:"baseline" yaml:"baseline"`
	Closing  string `firestore:"closing" yaml:"closing"`
	// Closes are the last days on which they can be answered, such as 2027-10-29, see
	// Programme.Closes.
	Closes Closes `firestore:"closes,omitempty" yaml:"closes,omitempty"`
	// Anonymous is the day on which nobody can tell any more whose answers are whose, see
	// Programme.Anonymous.
	Anonymous string `firestore:"anonymous,omitempty" yaml:"anonymous,omitempty"`
}

// Closes are the last days of the moments, each of them "" where the programme's dates say it.
type Closes struct {
	Baseline string `firestore:"baseline,omitempty" yaml:"baseline,omitempty"`
	Closing  string `firestore:"closing,omitempty" yaml:"closing,omitempty"`
}

// Moment is when a questionnaire is asked.
type Moment string

// The moments: once somebody's enrolment is confirmed, before they prepare, and when their
// last pairing has ended.
const (
	Baseline Moment = "baseline"
	Closing  Moment = "closing"
)

// Moments are both moments, in their order.
var Moments = []Moment{Baseline, Closing}

// At is the name of the questionnaire asked at a moment.
func (q Questionnaires) At(m Moment) string {
	if m == Closing {
		return q.Closing
	}
	return q.Baseline
}

const (
	// toAnswer is how many days there are for the answers at the end once the programme has
	// ended, where it does not say.
	toAnswer = 28
	// pseudonymous is for how many years after that it can be told whose answers are whose.
	pseudonymous = 1
)

// Closes is when a moment closes: from then on nobody answers its questionnaire. It is after
// the day that the programme says; else the baseline closes with the programme, and the
// closing questionnaire four weeks later. false where neither is said: then it does not close.
func (p *Programme) Closes(m Moment) (time.Time, bool) {
	day := p.Questionnaires.Closes.Baseline
	if m == Closing {
		day = p.Questionnaires.Closes.Closing
	}
	if at, ok := p.day(day); ok {
		return at.AddDate(0, 0, 1), true
	}
	at, ok := p.End()
	if ok && m == Closing {
		at = at.AddDate(0, 0, toAnswer)
	}
	return at, ok
}

// Closed reports whether a moment has closed.
func (p *Programme) Closed(m Moment, now time.Time) bool {
	at, ok := p.Closes(m)
	return ok && !now.Before(at)
}

// Anonymous is the day from which on answers are anonymous, since the key is destroyed by
// which it could be told whose they are: the one that the programme says, else a year after
// its end. false where neither is said: then they stay pseudonymous.
func (p *Programme) Anonymous() (time.Time, bool) {
	if at, ok := p.day(p.Questionnaires.Anonymous); ok {
		return at, true
	}
	at, ok := p.End()
	return at.AddDate(pseudonymous, 0, 0), ok
}

// day is when a day begins where the programme runs.
func (p *Programme) day(text string) (time.Time, bool) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, false
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, p.Location()), true
}

// checkQuestionnaires says what is wrong with their days.
func (p *Programme) checkQuestionnaires() error {
	q := p.Questionnaires
	for _, setting := range []struct{ name, value string }{
		{"closes.baseline", q.Closes.Baseline}, {"closes.closing", q.Closes.Closing}, {"anonymous", q.Anonymous},
	} {
		if _, err := time.Parse(time.DateOnly, setting.value); setting.value != "" && err != nil {
			return fmt.Errorf("programme: questionnaires.%s %q is no date such as 2027-10-29", setting.name, setting.value)
		}
	}
	baseline, first := p.Closes(Baseline)
	closing, last := p.Closes(Closing)
	if first && last && closing.Before(baseline) {
		return errors.New("programme: questionnaires.closes.closing is before questionnaires.closes.baseline")
	}
	if at, ok := p.Anonymous(); ok && (!first || !last || at.Before(closing)) {
		return errors.New("programme: questionnaires.anonymous is before the last questionnaire closes: give a later day, and where there are no dates also questionnaires.closes")
	}
	return nil
}
