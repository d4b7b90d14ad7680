package participant

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// pairingPage is what the pages of a pairing show to one side.
type pairingPage struct {
	Link    string
	Role    programme.Role
	Pairing *pairing.Pairing
	// Assistant says that the reader picks times for Self, and sees nothing else of the two.
	Assistant bool
	Sessions  []sessionRow
	// Notebook is what both keep together, on the pages that show it.
	Notebook *pairing.Notebook
	Other    *enrolment.Enrolment
	// Self is the reader.
	Self *enrolment.Enrolment
	// NotNow says that the reader wants no other match for now.
	NotNow bool
	// Now is when the page is made.
	Now time.Time
	// Zone is the programme's.
	Zone *time.Location
	// Planned are how many sessions a pairing is to have, of which Minimum is the least, and Most
	// how many it can have.
	Planned       programme.Sessions
	Minimum, Most int
	// Asks: the reader can open the bank of questions.
	Asks bool
	// Known: on the device a code was given, so that words that the other wrote are shown.
	Known bool
	// Left is how many further sessions the programme can give yet, where the page says so, and Why
	// what was entered that one is for.
	Left int
	Why  string
}

// At is the path of something under the pairing.
func (d pairingPage) At(what string) string {
	if d.Assistant {
		return strings.TrimSuffix(d.Link, timesOf+"/"+d.Pairing.ID) + what + "/" + d.Pairing.ID
	}
	return d.Link + "/" + what
}

// ProposedByAssistant: the times that the reader proposes are their assistant's.
func (d pairingPage) ProposedByAssistant() bool {
	return d.Pairing.Proposal.By == d.Role && d.Pairing.Proposal.ByAssistant
}

// Limits are within what the other accepted, or "".
func (d pairingPage) Limits() string { return d.Pairing.Limits[string(d.Role.Other())] }

// Paused: the pairing rests, as one of the two has asked.
func (d pairingPage) Paused() bool { return d.Pairing.Paused(d.Now) }

// CanBook: the pairing goes on, and has fewer sessions than it can have.
func (d pairingPage) CanBook() bool {
	return d.Pairing.State == pairing.Active && !d.Pairing.Full(d.Most)
}

// MyNumber is the reader's phone number, and TheirNumber the other's, as far as they share it.
func (d pairingPage) MyNumber() string { return d.Self.Person.Phone }

// TheirNumber is the other's phone number; "" where they do not share it.
func (d pairingPage) TheirNumber() string {
	if !d.Notebook.Rings[string(d.Role.Other())] {
		return ""
	}
	return d.Other.Person.Phone
}

// Shares: the reader shares their phone number.
func (d pairingPage) Shares() bool { return d.Notebook.Rings[string(d.Role)] }

// Proposed are the times that can be picked.
func (d pairingPage) Proposed() []time.Time { return d.Pairing.Proposed(d.Now) }

// Times are the same, to choose from.
func (d pairingPage) Times() (all []web.Option) {
	for _, at := range d.Proposed() {
		all = append(all, web.Option{Value: strconv.FormatInt(at.Unix(), 10), Text: web.When(at, d.Zone)})
	}
	return all
}

// CanFinish: the least number of sessions was held, the pairing goes on, and nobody has
// proposed to finish.
func (d pairingPage) CanFinish() bool {
	return d.Pairing.State == pairing.Active && d.Pairing.HeldInAll() >= d.Minimum && d.Pairing.FinishBy == ""
}

// Earlier says how many sessions the organisation had before it had another leader, and from when
// to when; "" where none was held, or there was no other.
func (d pairingPage) Earlier() string {
	n := len(d.Pairing.Before)
	if n == 0 {
		return ""
	}
	on := func(at time.Time) string { return at.In(d.Zone).Format("2 January 2006") }
	first, last := on(d.Pairing.Before[0].StartsAt), on(d.Pairing.Before[n-1].StartsAt)
	sessions, when := fmt.Sprintf("%d sessions", n), "from "+first+" to "+last
	if n == 1 {
		sessions, when = "one session", "on "+first
	}
	whom := "Before you"
	if d.Role == programme.Consultant {
		whom = "Before " + d.Other.Person.Name
	}
	return whom + ": " + sessions + " with the one who led before, " + when
}

// Next is what the reader wants after the end, or "". What they said last counts, also on
// the page of other sessions of theirs.
func (d pairingPage) Next() pairing.Next {
	next := d.Pairing.Next[string(d.Role)]
	switch {
	case d.NotNow:
		return pairing.Later
	case next == pairing.Later:
		return ""
	}
	return next
}

// CanChooseAnother: another match is possible for the reader after this one.
func (d pairingPage) CanChooseAnother() bool {
	return d.Pairing.State == pairing.Stopped || d.Pairing.State == pairing.Completed && d.Role == programme.Consultant
}

// sessionRow is one session as its reader sees it.
type sessionRow struct {
	*pairing.Session
	// CanLog: it has started.
	CanLog bool
	// CanMove and CanCancel: it is booked and has not begun.
	CanMove, CanCancel bool
	// Mine is the reader's own log, or nil, and Said what it says. Hidden says that it is not
	// shown on this device.
	Mine   *pairing.Log
	Said   []line
	Hidden bool
	// Note is the reader's own before the session.
	Note string
	// Theirs is what the other has shared, and Released what they did before the session. Covered
	// says that there is some of it, or a reason, which is not shown on this device.
	Theirs   []line
	Released string
	Covered  bool
}

// PickedFor: the time was picked by the assistant of a role.
func (d sessionRow) PickedFor(role programme.Role) bool { return d.ByAssistant && d.BookedBy == role }

// NoFit: the reader thinks that the two do not fit, and may see here that they wrote so.
func (d sessionRow) NoFit() bool { return d.Mine != nil && !d.Hidden && d.Mine.Fit == pairing.NoFit }

// paired is the pairing that the request's link is for, for its person or their assistant.
func (s *site) paired(r *http.Request) (*programme.Programme, pairingPage, error) {
	p, data, err := s.pairedAlone(r)
	if err != nil {
		return nil, data, err
	}
	data.Other, err = s.Store.Enrolment(r.Context(), p.ID, data.Pairing.Enrolment(data.Role.Other()))
	if fault.Is(err, fault.NotFound) {
		data.Other, err = enrolment.Gone, nil
	}
	return p, data, err
}

// pairedAlone is the same without the other.
func (s *site) pairedAlone(r *http.Request) (*programme.Programme, pairingPage, error) {
	p, l, err := s.linked(r)
	if err != nil {
		return nil, pairingPage{}, err
	}
	if l.Purpose == string(purpose.Assistant) {
		return s.assisted(r, p, l)
	}
	on, err := s.Devices.Of(r)
	if err != nil {
		return nil, pairingPage{}, err
	}
	pair, err := s.Store.Pairing(r.Context(), p.ID, l.Pairing)
	if err != nil {
		return nil, pairingPage{}, err
	}
	return p, pairingPage{
		Link: link.Path(r, purpose.Pairing), Role: l.Role, Pairing: pair, Self: l.Owner, NotNow: l.Owner.NotNow,
		Now: s.Now(), Zone: p.Location(), Planned: p.Sessions, Asks: p.Opens(l.Role), Minimum: p.Sessions.Minimum, Most: pair.Most(p.Sessions), Known: on.Known(),
	}, nil
}

func (s *site) showPairing(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.paired(r)
	if err != nil {
		return err
	}
	return s.renderPairing(w, r, p, data, nil)
}

func (s *site) renderPairing(w http.ResponseWriter, r *http.Request, p *programme.Programme, data pairingPage, invalid *fault.Invalid) error {
	work, err := s.Store.Work(r.Context(), p.ID, data.Pairing, data.Role)
	if err != nil {
		return err
	}
	data.Notebook = work.Notebook
	if data.Planned.Further > 0 && data.Pairing.State == pairing.Active && !data.CanBook() {
		given, err := s.Store.Grants(r.Context(), p.ID)
		if err != nil {
			return err
		}
		data.Left = given.Left(p.Sessions)
	}
	on, err := s.Devices.Of(r)
	if err != nil {
		return err
	}
	now := data.Now
	slices.SortStableFunc(work.Sessions, func(a, b *pairing.Session) int { return a.StartsAt.Compare(b.StartsAt) })
	for _, session := range work.Sessions {
		row := sessionRow{
			Session:   session,
			CanLog:    !now.Before(session.StartsAt) && session.State != pairing.Cancelled,
			CanCancel: session.Changeable(now),
			Covered:   !data.Known && session.Reason != "",
		}
		row.CanMove = row.CanCancel && data.Pairing.State == pairing.Active
		for _, l := range work.Logs {
			if l.Session != session.ID {
				continue
			}
			row.Hidden = !on.MaySee(l.Thing(data.Pairing.ID), l.Writer)
			if session.Logged[string(data.Role)] {
				row.Mine = l
			}
			if !row.Hidden {
				row.Note, row.Said = l.Note, lines(p, l.Said())
			}
		}
		for _, x := range work.Shared {
			if x.Session != session.ID {
				continue
			}
			if theirs := lines(p, x); data.Known {
				row.Theirs, row.Released = theirs, x.Note
			} else if len(theirs) > 0 || x.Note != "" {
				row.Covered = true
			}
		}
		data.Sessions = append(data.Sessions, row)
	}
	title := "Your sessions with " + data.Other.Person.Name
	return s.Pages.Show(w, r, "pairing", web.Page{Title: title, Programme: p, Data: data, Invalid: invalid, Said: data.said(web.WhatDone(r), p)})
}
