package pairing

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Ending is what one side writes as a pairing comes to its end, for themselves: only its
// author reads it. Nobody has to write one, and no end waits for it.
type Ending struct {
	Role programme.Role `firestore:"role"`
	// Takes is what the author takes along, and Got what they got, beside what they hoped.
	Takes string `firestore:"takes,omitempty"`
	Got   string `firestore:"got,omitempty"`
	// Thanks are for the other, who reads them once they are passed on: see Pairing.Thanks.
	Thanks string `firestore:"thanks,omitempty"`
	// Writer is a keyed hash of the device on which it was written, as in a Log; or "".
	Writer    string    `firestore:"writer,omitempty"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next; zero of one
	// that was never written.
	Version time.Time `firestore:"-"`
}

// Thanks are what one side passed on to the other at the end: a copy of what they wrote, so
// that no page of the other reads what its author keeps to themselves.
type Thanks struct {
	Text string    `firestore:"text"`
	At   time.Time `firestore:"at"`
}

// Thing is a name for the ending among all of a programme's, by its pairing's id.
func (e *Ending) Thing(pairing string) string { return pairing + "/ending/" + string(e.Role) }

// Says reports whether anything is written in it.
func (e *Ending) Says() bool { return e.Takes+e.Got+e.Thanks != "" }

// Write takes what the author has written, and reports whether that changed something.
func (e *Ending) Write(takes, got, thanks string, now time.Time) (changed bool, err error) {
	var invalid fault.Invalid
	for _, text := range []struct{ name, value string }{{"takes", takes}, {"got", got}, {"thanks", thanks}} {
		if len([]rune(text.value)) > MaxText {
			invalid.Add(text.name, "Your answer must be %d characters or fewer", MaxText)
		}
	}
	if err := invalid.Err(); err != nil {
		return false, err
	}
	if e.Takes == takes && e.Got == got && e.Thanks == thanks {
		return false, nil
	}
	e.Takes, e.Got, e.Thanks, e.UpdatedAt = takes, got, thanks, now
	return true, nil
}

// PassOn has the other side read one side's thanks, or no more where there is no text, and
// reports whether that changed something. It can be done after the end, too.
func (p *Pairing) PassOn(by programme.Role, text string, now time.Time) (changed bool) {
	switch {
	case p.Thanks[string(by)].Text == text:
		return false
	case text == "":
		delete(p.Thanks, string(by))
		return true
	}
	if p.Thanks == nil {
		p.Thanks = map[string]Thanks{}
	}
	p.Thanks[string(by)] = Thanks{Text: text, At: now}
	return true
}

// Near reports whether a pairing comes to its end: the sessions that a programme plans were
// held or begun, and none is to come; or one of the two has proposed to finish.
func (p *Pairing) Near(s programme.Sessions, now time.Time) bool {
	return p.State == Active && (p.FinishBy != "" || p.HeldInAll() >= s.Minimum && p.Taken() >= s.Target && !p.ToCome(now))
}
