package participant

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// cancelPage is what the form to cancel a session shows.
type cancelPage struct {
	changePage
	Reason string
}

func (s *site) showCancel(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.changing(r)
	if err != nil {
		return err
	}
	if !data.Session.Changeable(s.Now()) { // it would be refused
		return web.Redirect(w, r, data.Link)
	}
	return s.renderCancel(w, r, p, cancelPage{changePage: data}, nil)
}

func (s *site) renderCancel(w http.ResponseWriter, r *http.Request, p *programme.Programme, data cancelPage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "cancel", web.Page{Title: "Cancel session " + strconv.Itoa(data.Session.Number), Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// cancel calls a session off and owes both the news, in one commit. Sent twice, it
// is cancelled once; one that the other side moved meanwhile is not cancelled unseen.
func (s *site) cancel(w http.ResponseWriter, r *http.Request) error {
	p, page, posted, err := s.changeForm(r)
	if err != nil {
		return err
	}
	data := cancelPage{page, strings.Join(strings.Fields(posted.Get("reason")), " ")}
	now := s.Now()
	cancelled, err := data.Pairing.Cancel(data.Session, seen(data.Seen), data.Reason, now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderCancel(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	if cancelled {
		if err := s.saveChange(r, p, page, now, string(data.Session.State), message.SessionCancelled); err != nil {
			return err
		}
	}
	return web.Done(w, r, data.Link, didCancel)
}
