package participant

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// asked is a question about the match as its reader may know of it.
type asked struct {
	pairing.Question
	Number int
	// Mine: the reader asked it. ToMe: it was passed on to the reader, who has not answered.
	Mine, ToMe bool
}

// About are the questions that the reader has asked, and those that were passed on to them.
func (m matchPage) About() (all []asked) {
	for n, q := range m.Match.Questions {
		mine := q.By == m.Role
		if mine || !q.PassedAt.IsZero() {
			all = append(all, asked{q, n, mine, !mine && q.Reply == ""})
		}
	}
	return all
}

// CanAsk: the match is out, and the reader can ask another question.
func (m matchPage) CanAsk() bool {
	n := 0
	for _, q := range m.Match.Questions {
		if q.By == m.Role {
			n++
		}
	}
	return m.Match.State == pairing.Released && n < pairing.MostQuestions
}

func (s *site) showAskAbout(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.matched(r)
	if err != nil {
		return err
	}
	return s.renderAskAbout(w, r, p, data, nil)
}

func (s *site) renderAskAbout(w http.ResponseWriter, r *http.Request, p *programme.Programme, data matchPage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "question", web.Page{Title: "Ask a question through us", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// askAbout takes down a question about the match, which waits for the coordinator, or the
// answer to one that was passed on.
func (s *site) askAbout(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.matched(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	m, now, c := data.Match, s.Now(), s.Store.Commit()
	var changed bool
	did, what := didQuestion, "asked a question about the match"
	if number := posted.Get("answer"); number != "" {
		n, wrong := strconv.Atoi(number)
		if wrong != nil {
			n = -1
		}
		did, what = didReply, "answered a question about the match"
		data.Reply = strings.TrimSpace(posted.Get("reply"))
		if changed, err = m.Answer(n, data.Reply, data.Role, now); changed {
			c.Enqueue(r.Context(), message.MatchReplied(p, m, n), now)
		}
	} else {
		client, consultant := data.Me, data.Other
		if data.Role == programme.Consultant {
			client, consultant = consultant, client
		}
		data.Question = strings.TrimSpace(posted.Get("question"))
		changed, err = m.Ask(data.Role, data.Question, reminder.ReplyBy(p, client, consultant, now), now)
	}
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderAskAbout(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	if !changed { // sent twice
		return web.Done(w, r, data.Link, did)
	}
	m.UpdatedAt = now
	c.UpdateMatch(p.ID, m)
	c.Audit(store.AuditEntry{Programme: p.ID, By: m.Side(data.Role).Enrolment, Did: what, To: m.ID, About: m.Both(), At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, data.Link, did)
}
