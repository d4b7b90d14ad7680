package participant

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/sealed"
)

// myselfOf is where somebody's letter to themselves is, under My programme.
const myselfOf = "myself"

// myselfPage is the letter to oneself: to be written, sealed, or back.
type myselfPage struct {
	Link string
	// Letter is what is stored; nil before one is sealed.
	Letter *sealed.Letter
	// Words are what is entered, or what it says once it is back; Lost says that it can be read
	// no more, since its key is gone.
	Words      string
	Back, Lost bool
	// Until is until when it is there.
	Until time.Time
	// Possible: one that is sealed now would come back in time.
	Possible bool
}

// Writes: a letter can be written, the first or instead of one that waits.
func (d myselfPage) Writes() bool { return d.Possible && !d.Back }

// myself is somebody's letter, on a device that is known.
func (s *site) myself(w http.ResponseWriter, r *http.Request) (m *mine, data myselfPage, stopped bool, err error) {
	m, stopped, err = s.behind(w, r, s.beforeMy, myselfOf)
	if stopped || err != nil {
		return nil, data, stopped, err
	}
	data = myselfPage{Link: link.Path(r, purpose.My), Possible: sealed.Possible(m.programme, s.Now())}
	data.Letter, err = s.Store.SealedLetter(r.Context(), m.programme.ID, enrolment.PersonOf(m.link.Person))
	if l := data.Letter; err == nil && l != nil && l.Over(s.Now()) { // the sweep is on its way
		data.Letter = nil
	}
	return m, data, false, err
}

// openLetter has the page say what the letter says, once it is back.
func (s *site) openLetter(p *programme.Programme, data *myselfPage) {
	if l := data.Letter; l != nil && l.Back(s.Now()) {
		words, ok := s.Sealing.Decrypt(l.Sealed, l.Thing(p.ID))
		data.Back, data.Words, data.Lost = true, words, !ok
		data.Until = l.Until()
		over, ends := p.KeptUntil()
		if p.Retention.Announced() {
			over = p.Retention.DueAt
		}
		if ends && over.Before(data.Until) {
			data.Until = over
		}
	}
}

// showMyself shows what it says once it is back, and before that that it waits: nobody opens it
// until then, also not who wrote it.
func (s *site) showMyself(w http.ResponseWriter, r *http.Request) error {
	m, data, stopped, err := s.myself(w, r)
	if stopped || err != nil {
		return err
	}
	s.openLetter(m.programme, &data)
	return s.renderMyself(w, r, m.programme, data, nil)
}

func (s *site) renderMyself(w http.ResponseWriter, r *http.Request, p *programme.Programme, data myselfPage, invalid *fault.Invalid) error {
	page := web.Page{Title: "A letter to yourself", Programme: p, Back: data.Link, Data: data, Invalid: invalid}
	if web.WhatDone(r) == didSeal && data.Letter != nil && !data.Back {
		page.Said = "Your letter is sealed. It comes back to you on " + page.Date(data.Letter.ReturnAt) + "."
	}
	return s.Pages.Show(w, r, "myself", page)
}

// sealMyself seals a letter, takes one away, or sends one that is back as a file. Sent twice it is once.
func (s *site) sealMyself(w http.ResponseWriter, r *http.Request) error {
	m, data, stopped, err := s.myself(w, r)
	if stopped || err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	p, here, c := m.programme, data.Link+"/"+myselfOf, s.Store.Commit()
	switch do := posted.Get("do"); {
	case do == "delete" && data.Letter == nil:
		return web.Redirect(w, r, here)
	case do == "delete":
		c.DeleteSealedLetter(p.ID, data.Letter)
		if err := c.Do(r.Context()); err != nil {
			return err
		}
		return web.Redirect(w, r, here)
	case do == "download":
		if s.openLetter(p, &data); !data.Back || data.Lost {
			return web.Redirect(w, r, here)
		}
		return attach(w, "text/plain; charset=utf-8", "letter.txt", []byte(strings.ReplaceAll(data.Words+"\n", "\n", "\r\n")))
	case do != "seal":
		return errNoSuch
	case data.Letter != nil && data.Letter.Back(s.Now()):
		return web.Redirect(w, r, here) // which shows it: it is not replaced any more
	}
	data.Words = strings.TrimSpace(strings.ReplaceAll(posted.Get("words"), "\r\n", "\n"))
	l, err := sealed.New(p, m.link.Owner, data.Words, s.Now())
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderMyself(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	if data.Letter != nil { // the one that waits is replaced
		l.Version = data.Letter.Version
	}
	l.Sealed = s.Sealing.Encrypt(data.Words, l.Thing(p.ID))
	c.SaveSealedLetter(p.ID, l)
	if err := c.Do(r.Context()); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	return web.Done(w, r, here, didSeal)
}
