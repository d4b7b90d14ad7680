package participant

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// change is a commit about the matches and pairings of a programme, now.
func (s *site) change(p *programme.Programme) *matches.Change {
	return &matches.Change{Store: s.Store, Commit: s.Store.Commit(), Programme: p, Now: s.Now(), Budgets: s.Budgets}
}

// pairingForm is a form about the pairing that the request's link is for.
func (s *site) pairingForm(r *http.Request) (*programme.Programme, pairingPage, url.Values, error) {
	p, data, err := s.paired(r)
	if err != nil {
		return nil, data, nil, err
	}
	posted, err := web.Form(r)
	return p, data, posted, err
}

// finish is one side's word on whether the sessions are enough: it proposes to finish,
// agrees, or goes on. Both together complete the pairing. Sent twice it is once.
func (s *site) finish(w http.ResponseWriter, r *http.Request) error {
	p, data, posted, err := s.pairingForm(r)
	if err != nil {
		return err
	}
	pair, other, ch := data.Pairing, data.Role.Other(), s.change(p)
	if posted.Get("do") == "go-on" {
		return s.goOn(w, r, data, ch)
	}
	did := didPropose
	changed, err := pair.ProposeFinish(data.Role, p.Sessions.Minimum, ch.Now)
	if pair.State == pairing.Completed {
		did = didFinish
	}
	if err != nil || !changed {
		return doneOr(w, r, data.Link, did, err)
	}
	if did == didFinish {
		err = ch.End(r.Context(), pair)
		ch.Save(r.Context(), pair, message.PairingCompleted, programme.Roles...)
	} else {
		ch.Save(r.Context(), pair, message.FinishProposed, other)
	}
	return s.commit(w, r, ch, data.Link, did, err)
}

// goOn is one side's word that the sessions go on, where one has proposed to finish. The
// other hears of it if it was them.
func (s *site) goOn(w http.ResponseWriter, r *http.Request, data pairingPage, ch *matches.Change) error {
	pair, by, at := data.Pairing, data.Pairing.FinishBy, data.Pairing.FinishAt
	changed, err := pair.GoOn(ch.Now)
	if err != nil || !changed {
		return doneOr(w, r, data.Link, didGoOn, err)
	}
	var told []programme.Role
	if by == data.Role.Other() {
		told = append(told, by)
	}
	ch.Save(r.Context(), pair, func(p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
		return message.FinishDeclined(p, pair, role, at)
	}, told...)
	return s.commit(w, r, ch, data.Link, didGoOn, nil)
}

// doneOr says that something is done, unless it failed.
func doneOr(w http.ResponseWriter, r *http.Request, to, did string, err error) error {
	if err != nil {
		return err
	}
	return web.Done(w, r, to, did)
}

// commit makes a change, unless it failed before, and says that it is done.
func (s *site) commit(w http.ResponseWriter, r *http.Request, ch *matches.Change, to, did string, err error) error {
	if err == nil {
		err = ch.Do(r.Context())
	}
	return doneOr(w, r, to, did, err)
}

// stopPage is what the form to stop shows.
type stopPage struct {
	pairingPage
	Reason string
	Wanted string
	Nexts  []web.Option
}

func (s *site) stopping(data pairingPage, p *programme.Programme) stopPage {
	return stopPage{pairingPage: data, Nexts: []web.Option{
		{Value: string(pairing.Another), Text: p.Terms.Say("Another match, with another {" + string(data.Role.Other()) + "}")},
		{Value: string(pairing.Later), Text: "Nothing for now", Hint: "You are not matched until you say so on the page of these sessions"},
		{Value: string(pairing.Leave), Text: "To leave the programme"},
	}}
}

func (s *site) showStop(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.paired(r)
	if err != nil {
		return err
	}
	if data.Pairing.State != pairing.Active {
		return web.Redirect(w, r, data.Link)
	}
	return s.renderStop(w, r, p, s.stopping(data, p), nil)
}

func (s *site) renderStop(w http.ResponseWriter, r *http.Request, p *programme.Programme, data stopPage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "stop", web.Page{Title: "Stop your sessions with " + data.Other.Person.Name, Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// stop ends the pairing at one side's word, who says what they want next; the sessions to
// come are cancelled, and both are told, in one commit. Who wants to leave is led to the page
// that says what that means, and stops there.
func (s *site) stop(w http.ResponseWriter, r *http.Request) error {
	p, page, posted, err := s.pairingForm(r)
	if err != nil {
		return err
	}
	data := s.stopping(page, p)
	data.Reason, data.Wanted = strings.TrimSpace(posted.Get("reason")), posted.Get("next")
	pair, ch := data.Pairing, s.change(p)
	if data.Wanted == string(pairing.Leave) && pair.State == pairing.Active {
		return web.Redirect(w, r, data.Link+"/leave")
	}
	changed, err := pair.Stop(pairing.Ender(data.Role), data.Reason, pairing.Next(data.Wanted), ch.Now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderStop(w, r, p, data, invalid)
	}
	if err != nil || !changed {
		return doneOr(w, r, data.Link, didStop, err)
	}
	err = ch.End(r.Context(), pair)
	ch.Save(r.Context(), pair, message.PairingStopped, programme.Roles...)
	return s.commit(w, r, ch, data.Link, didStop, err)
}

// next records what somebody wants after the end of their pairing.
func (s *site) next(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.pairedAlone(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	wanted := pairing.Next(posted.Get("next"))
	if wanted == pairing.Leave {
		return web.Redirect(w, r, data.Link+"/leave")
	}
	changed, err := data.Pairing.Choose(data.Role, wanted)
	if err != nil || !changed && data.Next() == wanted {
		return doneOr(w, r, data.Link, didChoose, err)
	}
	ch := s.change(p)
	return s.commit(w, r, ch, data.Link, didChoose, ch.Next(r.Context(), data.Pairing, data.Role))
}
