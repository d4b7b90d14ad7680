package outbox

import (
	"fmt"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
)

// unwritable is an email that cannot be written: what it is about does not fit its
// letter, and would not the next time.
type unwritable struct {
	cause error
	// letters are those of the bundle that cannot be written even by themselves, by their
	// place; none where that is not known, or where they fail only together.
	letters []int
}

func (e *unwritable) Error() string { return "it cannot be written: " + e.cause.Error() }

// write renders the letters of a bundle as one email. A letter that fails on its data
// must fail alone.
func (s *sender) write(b *bundle) (envelope *mail.Envelope, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &unwritable{fmt.Errorf("panic of kind %T", v), s.failing(b)} // its value may be personal
		}
	}()
	envelope, err = s.envelope(b)
	if err != nil {
		return nil, &unwritable{err, s.failing(b)}
	}
	return envelope, nil
}

// failing finds which letters of a bundle cannot be written by themselves.
func (s *sender) failing(b *bundle) (places []int) {
	fails := func(a *about) (failed bool) {
		defer func() { failed = failed || recover() != nil }()
		_, err := s.letters.Bundle([]mail.Enclosure{{Kind: a.Kind, Facts: a.facts()}})
		return err != nil
	}
	for i, a := range b.about {
		if fails(a) {
			places = append(places, i)
		}
	}
	return places
}

// envelope writes the letters of a bundle as one email.
func (s *sender) envelope(b *bundle) (*mail.Envelope, error) {
	first := b.about[0]
	e := &mail.Envelope{ReplyTo: first.programme.Host.Email, Message: b.lead.ID, Attempt: b.lead.Attempts, Thread: first.Pairing}
	e.ToName, e.ToAddress = first.address()
	e.Unsubscribe = first.choices
	letters := make([]mail.Enclosure, len(b.about))
	for i, a := range b.about {
		letters[i] = mail.Enclosure{Kind: a.Kind, Facts: a.facts()}
	}
	var err error
	if e.Email, err = s.letters.Bundle(letters); err != nil {
		return nil, err
	}
	// Reminders of a session carry no calendar part: the entry is there, and some
	// calendars ask for an answer to it again, or show it twice.
	switch first.Kind {
	case message.KindSessionBooked, message.KindSessionMoved, message.KindSessionCancelled:
		e.Calendar = mail.SessionCalendar(first.programme, first.session, []*enrolment.Enrolment{first.me, first.other}, s.Now())
	}
	return e, nil
}
