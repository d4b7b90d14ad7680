package participant

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// agreedPage is what the two of a pairing have agreed to expect, and on what between them.
type agreedPage struct {
	pairingPage
	// Points are what both agreed to, as it was then; of a pairing from before it was kept, as
	// it is now.
	Points []string
	// Text is what is entered, and Read when what it follows was written.
	Text, Read string
	Open       bool
}

func (s *site) showAgreed(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.paired(r)
	if err != nil {
		return err
	}
	return s.renderAgreed(w, r, p, data, data.Pairing.Agreement.Text, nil)
}

func (s *site) renderAgreed(w http.ResponseWriter, r *http.Request, p *programme.Programme, page pairingPage, text string, invalid *fault.Invalid) error {
	pair := page.Pairing
	data := agreedPage{pairingPage: page, Points: pair.Expectations.Points, Text: text, Open: pair.State == pairing.Active}
	if len(data.Points) == 0 {
		data.Points = p.Expectations.Points
	}
	if !pair.Agreement.At.IsZero() {
		data.Read = strconv.FormatInt(pair.Agreement.At.UnixMicro(), 10)
	}
	shown := web.Page{Title: "What you agreed on", Programme: p, Back: page.Link, Data: data, Invalid: invalid}
	if web.WhatDone(r) == didAgree && pair.Agreement.By == page.Role {
		shown.Said = "It is saved, and " + page.Other.Person.Name + " can read and change it."
	}
	return s.Pages.Show(w, r, "agreed", shown)
}

// agree writes what the two have agreed on between them.
func (s *site) agree(w http.ResponseWriter, r *http.Request) error {
	p, data, posted, err := s.pairingForm(r)
	if err != nil {
		return err
	}
	var read time.Time
	if micro, wrong := strconv.ParseInt(posted.Get("read"), 10, 64); wrong == nil {
		read = time.UnixMicro(micro)
	}
	pair, ch, text := data.Pairing, s.change(p), strings.TrimSpace(posted.Get("agreement"))
	now := ch.Now.Truncate(time.Microsecond) // as it is stored
	changed, err := pair.Agree(data.Role, text, read, now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderAgreed(w, r, p, data, text, invalid)
	}
	if err != nil {
		return err
	}
	to := data.Link + "/agreed"
	if !changed { // sent twice
		return web.Done(w, r, to, didAgree)
	}
	pair.UpdatedAt = now
	c := s.Store.Commit()
	c.UpdatePairing(p.ID, pair)
	c.Audit(store.AuditEntry{Programme: p.ID, By: pair.Enrolment(data.Role), Did: "wrote what they agreed on", To: pair.ID, About: []string{pair.Client, pair.Consultant}, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, to, didAgree)
}
