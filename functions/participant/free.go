package participant

import (
	"errors"
	"net/http"
	"slices"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// askedFree is the page under My programme on which somebody who came by an invitation is asked
// whether they felt free to say no.
const askedFree = "free"

// What has just been done about it, see web.Done: somebody rings, or nobody does.
const didWantCall, didSayFree = "call", "said"

// invitedRoutes are the ways in by which somebody else had the idea.
var invitedRoutes = []string{enrolment.ByInvitation, "funder", "host"}

// wasInvited reports whether somebody says that they came by an invitation, and takes part.
func wasInvited(all []*enrolment.Enrolment) bool {
	return slices.ContainsFunc(all, func(e *enrolment.Enrolment) bool {
		return e.State != enrolment.Withdrawn && slices.Contains(invitedRoutes, e.Heard)
	})
}

// freePage is what the page shows.
type freePage struct {
	Link string
	// Rings is who would ring unless they choose somebody else.
	Rings, Is string
	Choices   []web.Option
}

// freeChoices are the answers. The first of those who would ring is somebody who does not run the
// programme, where one is named.
func freeChoices(p *programme.Programme) freePage {
	host := web.Option{Value: complaint.Host, Text: "Not quite. " + p.Host.Contact + " may ring me", Hint: "Runs the programme for " + p.Host.Name}
	data := freePage{Rings: p.Host.Contact, Is: "who runs the programme for " + p.Host.Name}
	data.Choices = []web.Option{{Value: "yes", Text: "Yes, or I would rather not say", Hint: "Nothing is sent or kept"}}
	if c := p.Complaints; c.Set() {
		data.Rings, data.Is = c.Name, c.Is+", who does not run the programme"
		data.Choices = append(data.Choices, web.Option{Value: complaint.Recipient, Text: "Not quite. " + c.Name + " may ring me", Hint: "Does not run the programme"})
	}
	data.Choices = append(data.Choices, host, web.Option{Value: "nobody", Text: "Not quite, and nobody needs to ring me", Hint: "Nothing is sent or kept"})
	return data
}

func (s *site) showFree(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.behind(w, r, s.beforeMy, askedFree)
	if stopped || err != nil {
		return err
	}
	return s.renderFree(w, r, m.programme, nil)
}

func (s *site) renderFree(w http.ResponseWriter, r *http.Request, p *programme.Programme, invalid *fault.Invalid) error {
	data := freeChoices(p)
	data.Link = link.Path(r, purpose.My)
	return s.Pages.Show(w, r, "free", web.Page{Title: "Did you feel free to say no?", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// free has whom somebody chose ring them. The answer itself is kept nowhere, and there is no
// entry of it in the audit trail: an email to the one who rings is all that there is.
func (s *site) free(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.behind(w, r, s.beforeMy, askedFree)
	if stopped || err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	p, chosen := m.programme, posted.Get("free")
	if !slices.ContainsFunc(freeChoices(p).Choices, func(o web.Option) bool { return o.Value == chosen }) {
		var invalid fault.Invalid
		invalid.Add("free", "Select an answer: you can also select that you would rather not say")
		return s.renderFree(w, r, p, &invalid)
	}
	at := link.Path(r, purpose.My)
	if complaint.Outside(p, chosen) == nil {
		return web.Done(w, r, at, didSayFree)
	}
	c := s.Store.Commit()
	c.Enqueue(r.Context(), message.CallWanted(p, m.link.Owner, chosen), s.Now())
	if err := c.Do(r.Context()); err != nil && !errors.Is(err, store.ErrExists) { // it was asked before
		return err
	}
	return web.Done(w, r, at, didWantCall)
}
