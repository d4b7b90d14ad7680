package participant

import (
	"errors"
	"net/http"
	"strings"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/device"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// endingPage is the page on which one of the two ends well: what they take along, thanks for
// the other, what they hoped beside what they got, and what comes after.
type endingPage struct {
	pairingPage
	Ending *pairing.Ending
	// Pass says that the thanks are, or are to be, passed on.
	Pass bool
	// Hoped is what they hoped as they enrolled, in their own words; "" where they said nothing,
	// or may not see it on this device.
	Hoped string
	// Hidden says that what they wrote here is not shown on this device, and HopeHidden the
	// same of what they hoped.
	Hidden, HopeHidden bool
	on                 *device.Device
}

// Active: the sessions go on.
func (d endingPage) Active() bool { return d.Pairing.State == pairing.Active }

// Passes are the choice of whether the other reads the thanks.
func (d endingPage) Passes() []web.Option {
	return []web.Option{{Value: "yes", Text: "Pass my thanks on to " + d.Other.Person.Name}}
}

// Passed is what is chosen of Passes.
func (d endingPage) Passed() []string {
	if d.Pass {
		return []string{"yes"}
	}
	return nil
}

// Thanked is what the reader passed on to the other, and Thanks what the other did.
func (d pairingPage) Thanked() string { return d.Pairing.Thanks[string(d.Role)].Text }

// Thanks are what the other passed on; "" where that is nothing.
func (d pairingPage) Thanks() string { return d.Pairing.Thanks[string(d.Role.Other())].Text }

// Near: the sessions come to their end.
func (d pairingPage) Near() bool { return d.Pairing.Near(d.Planned, d.Now) }

// endingOf is where one ends well, under the pairing's link.
const endingOf = "ending"

func (s *site) ending(r *http.Request) (*programme.Programme, endingPage, error) {
	p, page, err := s.paired(r)
	if err != nil {
		return nil, endingPage{}, err
	}
	data := endingPage{pairingPage: page, Pass: page.Thanked() != ""}
	if data.on, err = s.Devices.Of(r); err != nil {
		return nil, data, err
	}
	if data.Ending, err = s.Store.Ending(r.Context(), p.ID, page.Pairing.ID, page.Role); err != nil {
		return nil, data, err
	}
	data.Hidden = data.Ending.Says() && !data.on.MaySee(data.Ending.Thing(page.Pairing.ID), data.Ending.Writer)
	// What they hoped they told as they enrolled: whoever has this link alone is not shown it.
	if data.Hoped = page.Self.Hopes; data.Hoped != "" && !data.on.Known() {
		data.Hoped, data.HopeHidden = "", true
	}
	return p, data, nil
}

func (s *site) showEnding(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.ending(r)
	if err != nil {
		return err
	}
	if !data.Hidden {
		data.on.Keep(w)
	}
	return s.renderEnding(w, r, p, data, nil)
}

func (s *site) renderEnding(w http.ResponseWriter, r *http.Request, p *programme.Programme, data endingPage, invalid *fault.Invalid) error {
	page := web.Page{Title: "Ending well with " + data.Other.Person.Name, Programme: p, Back: data.Link, Data: data, Invalid: invalid}
	if web.WhatDone(r) == didEnding && data.Ending.Says() {
		page.Said = "It is saved."
		if data.Pass {
			page.Said += " " + data.Other.Person.Name + " can read your thanks, and nothing else of it."
		}
	}
	return s.Pages.Show(w, r, "ending", page)
}

// writeEnding keeps what somebody writes at the end, and has the other read their thanks where
// they pass them on, in one commit. Where it would overwrite what may not be seen on the
// device, it asks for a code first. It ends nothing: that is finish's.
func (s *site) writeEnding(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.ending(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	if data.Hidden {
		return s.beforeWords.Stop(w, r, endingOf, posted)
	}
	ch, e, pair := s.change(p), data.Ending, data.Pairing
	value := func(name string) string { return strings.TrimSpace(posted.Get(name)) }
	takes, got, thanks := value("takes"), value("got"), value("thanks")
	data.Pass = posted.Get("pass") == "yes"
	wrote, err := e.Write(takes, got, thanks, ch.Now)
	if err == nil && data.Pass && thanks == "" {
		err = &fault.Invalid{Fields: []fault.Field{{Name: "thanks", Message: "Write what you want to pass on, or do not pass it on"}}}
	}
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		e.Takes, e.Got, e.Thanks = takes, got, thanks
		return s.renderEnding(w, r, p, data, invalid)
	}
	to := data.Link + "/" + endingOf
	passed := ""
	if data.Pass {
		passed = thanks
	}
	passes := pair.PassOn(data.Role, passed, ch.Now)
	if err != nil || !wrote && !passes {
		return doneOr(w, r, to, didEnding, err)
	}
	if wrote {
		e.Writer = data.on.Writer(e.Thing(pair.ID))
		ch.SaveEnding(p.ID, pair.ID, e)
		data.on.Keep(w)
	}
	if passes {
		pair.UpdatedAt = ch.Now
		ch.UpdatePairing(p.ID, pair)
	}
	return s.commit(w, r, ch, to, didEnding, nil)
}
