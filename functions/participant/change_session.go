package participant

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// changePage is what the forms to move or cancel a session have in common.
type changePage struct {
	pairingPage
	Session *pairing.Session
	// Seen is the session's sequence as the person sees it, so that a change that
	// the other side makes meanwhile is not overwritten.
	Seen string
}

// changing is the session that the request is about.
func (s *site) changing(r *http.Request) (*programme.Programme, changePage, error) {
	p, data, err := s.paired(r)
	if err != nil {
		return nil, changePage{}, err
	}
	session, err := s.Store.Session(r.Context(), p.ID, data.Pairing.ID, r.PathValue("session"))
	if err != nil {
		return nil, changePage{}, err
	}
	return p, changePage{data, session, strconv.Itoa(session.Sequence)}, nil
}

// seen is the sequence that a form was filled in for; -1, which no session has, where
// it says none.
func seen(form string) int {
	n, err := strconv.Atoi(form)
	if err != nil {
		return -1
	}
	return n
}

// changeForm is a form that moves or cancels a session, with the session that it is about.
func (s *site) changeForm(r *http.Request) (*programme.Programme, changePage, url.Values, error) {
	p, page, err := s.changing(r)
	if err != nil {
		return nil, page, nil, err
	}
	posted, err := web.Form(r)
	if err != nil {
		return nil, page, nil, err
	}
	page.Seen = strings.TrimSpace(posted.Get("seen"))
	return p, page, posted, nil
}

// saveChange saves a session that was moved or cancelled and owes both people the news,
// in one commit: the pairing knows when its sessions begin, and which are booked. state
// is what the log says of the session now.
func (s *site) saveChange(r *http.Request, p *programme.Programme, page changePage, now time.Time, state string, news func(*programme.Programme, *pairing.Session, programme.Role) outbox.Message) error {
	pair, session := page.Pairing, page.Session
	pair.UpdatedAt = now
	c := s.Store.Commit()
	c.UpdateSession(session)
	c.LogTransition("session", session.ID, state)
	c.UpdatePairing(p.ID, pair)
	for _, role := range programme.Roles {
		c.Enqueue(r.Context(), news(p, session, role), now)
	}
	return c.Do(r.Context())
}
