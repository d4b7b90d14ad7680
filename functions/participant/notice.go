package participant

import (
	"net/http"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// noticePage is what somebody has agreed to: the notice, and each purpose that needs their
// consent.
type noticePage struct {
	Link    string
	Version string
	// Mine: it stands beside what is held about them, and not beside another of their pages.
	Mine bool
	// AgreedAt is when they agreed to the notice, and Anew whether it says something else by
	// now.
	AgreedAt time.Time
	Anew     bool
	Asked    []askedPurpose
}

// askedPurpose is one that needs consent, with what they said to it last.
type askedPurpose struct {
	privacy.Purpose
	enrolment.Agreement
}

// said is what has just been done, by the button's value; "" where it is not so.
func (d noticePage) said(did string) string {
	if did == doAgree && !d.Anew {
		return "Thank you. You have agreed to the privacy notice as it is now."
	}
	for _, a := range d.Asked {
		switch id := string(a.ID); {
		case did == doGive+id && a.Holds():
			return "You have agreed. You can take it back here at any time."
		case did == doTakeBack+id && !a.Holds():
			return "You have taken it back, from now on."
		}
	}
	return ""
}

// What can be done on the page: agree to the notice, and to a purpose by its id, or take that back.
const (
	doAgree    = "agree"
	doGive     = "give-"
	doTakeBack = "back-"
)

// askingAnew has whoever opens one of their pages agree to the notice first, where it says
// something else than when they did. What they send is taken, and they can leave, choose
// their emails and read the notice without.
func (s *site) askingAnew(route serve.Route) serve.Route {
	return func(pattern string, a access.Action, k access.Kind, h web.Handler) {
		if a == access.See && (k == access.OwnMatch || k == access.OwnChoices || k == access.OwnPairing) && !strings.HasSuffix(pattern, "/notice") && !strings.HasSuffix(pattern, "/leave") {
			h = s.afterNotice(h)
		}
		route(pattern, a, k, h)
	}
}

// afterNotice leads to the notice whoever has not agreed to what it says now.
func (s *site) afterNotice(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		l, err := link.Of(r)
		if err != nil {
			return err
		}
		p, err := s.Store.RecentProgramme(r.Context(), l.Programme)
		if err != nil {
			return err
		}
		if !l.Owner.HasAgreed(s.Notice(p)) {
			return web.Redirect(w, r, link.Path(r, purpose.Purpose(l.Purpose))+"/notice")
		}
		return h(w, r)
	}
}

// noticed is the person whose link the request came by, with their programme.
func (s *site) noticed(r *http.Request) (*store.Link, *programme.Programme, error) {
	l, err := link.Of(r)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.Store.Programme(r.Context(), l.Programme)
	return l, p, err
}

func (s *site) showNotice(w http.ResponseWriter, r *http.Request) error {
	l, p, err := s.noticed(r)
	if err != nil {
		return err
	}
	return s.renderNotice(w, r, l, p, nil)
}

func (s *site) renderNotice(w http.ResponseWriter, r *http.Request, l *store.Link, p *programme.Programme, invalid *fault.Invalid) error {
	n, e := s.Notice(p), l.Owner
	data := noticePage{Link: link.Path(r, purpose.Purpose(l.Purpose)), Mine: l.Purpose == string(purpose.Mine), Version: n.Version, AgreedAt: e.Consent.At, Anew: !e.HasAgreed(n)}
	for _, asked := range privacy.Asked() {
		data.Asked = append(data.Asked, askedPurpose{asked, e.Agreement(asked.ID)})
	}
	title := "What you have agreed to"
	if data.Anew {
		title = "Our privacy notice has changed"
	}
	return s.Pages.Show(w, r, "own-notice", web.Page{Title: title, Programme: p, Back: data.back(purpose.Purpose(l.Purpose)), Invalid: invalid, Said: data.said(web.WhatDone(r)), Data: data})
}

// back is the page before, which who has to agree first does not come to. To choose their
// emails, and to see what is held about them, nobody has to.
func (d noticePage) back(of purpose.Purpose) string {
	if d.Anew && of != purpose.Emails && of != purpose.Mine {
		return ""
	}
	return d.Link
}

// chooseNotice agrees to the notice as it is now, or gives or takes back one consent: of
// the person, in both roles.
func (s *site) chooseNotice(w http.ResponseWriter, r *http.Request) error {
	l, p, err := s.noticed(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	n, now, do := s.Notice(p), s.Now(), posted.Get("do")
	mine := []*enrolment.Enrolment{l.Owner}
	other, err := s.inOtherRole(r, p.ID, l.Owner)
	if err != nil {
		return err
	}
	if other != nil && other.State != enrolment.Unconfirmed {
		mine = append(mine, other)
	}
	id, give := strings.CutPrefix(do, doGive)
	back, takeBack := strings.CutPrefix(do, doTakeBack)
	if takeBack {
		id = back
	}
	asked, known := privacy.Of(privacy.PurposeID(id))
	var did string
	var change func(e *enrolment.Enrolment) bool
	switch {
	case do == doAgree && posted.Get("consent") != n.Version:
		var invalid fault.Invalid
		invalid.Add("consent", "Select that you have read the privacy notice and agree")
		return s.renderNotice(w, r, l, p, &invalid)
	case do == doAgree:
		did = "agreed to the privacy notice"
		change = func(e *enrolment.Enrolment) bool {
			if e.Consent.Version != "" && e.HasAgreed(n) {
				return false // pressed twice
			}
			e.AgreeToNotice(n, now)
			return true
		}
	case !known || asked.Basis != privacy.Consent || !give && !takeBack:
		return fault.New(fault.NotFound, "There is no such choice. Go back, and choose what the page offers.")
	case give:
		did = "gave a consent"
		change = func(e *enrolment.Enrolment) bool { return e.AgreeTo(asked.ID, n.Version, now) }
	default:
		did = "took a consent back"
		change = func(e *enrolment.Enrolment) bool { return e.TakeBack(asked.ID, now) }
	}
	c, changed := s.Store.Commit(), false
	for _, e := range mine {
		if change(e) {
			changed = true
			e.UpdatedAt = now
			c.UpdateEnrolment(p.ID, e)
			c.Audit(store.AuditEntry{Programme: p.ID, By: l.Person, Did: did, To: e.ID, At: now})
		}
	}
	if changed {
		if err := c.Do(r.Context()); err != nil {
			return err
		}
	}
	return web.Done(w, r, link.Path(r, purpose.Purpose(l.Purpose))+"/notice", do)
}
