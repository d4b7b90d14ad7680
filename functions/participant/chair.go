package participant

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/onward"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// chairOf is where the letters for one's chair are, under My programme.
const chairOf = "chair"

// The letters for one's chair.
const (
	beforeItStarts = "before"
	afterwards     = "after"
)

// chairPage is a letter for one's chair, to be edited or as it was.
type chairPage struct {
	Link, When string
	onward.Draft
}

// Mail opens the letter in the reader's own email program, to nobody yet.
func (d chairPage) Mail() string {
	escaped := func(s string) string {
		return strings.ReplaceAll(url.QueryEscape(strings.ReplaceAll(s, "\n", "\r\n")), "+", "%20")
	}
	return "mailto:?subject=" + escaped(d.Subject) + "&body=" + escaped(d.Text)
}

// takingPart is as whom somebody writes: in the role of the link, or else in the other, where
// they have left the first.
func takingPart(part *store.TakingPart, owner *enrolment.Enrolment) *enrolment.Enrolment {
	for _, e := range part.Enrolments {
		if e.ID == owner.ID && e.State != enrolment.Withdrawn {
			return e
		}
	}
	for _, e := range part.Enrolments {
		if e.State != enrolment.Withdrawn {
			return e
		}
	}
	return owner
}

// works is what somebody did in their pairings in some roles, as they may see it.
func (s *site) works(ctx context.Context, part *store.TakingPart, roles ...programme.Role) ([]onward.Work, error) {
	var all []onward.Work
	for _, pair := range part.Pairings {
		for _, as := range roles {
			if role(part, pair) == as {
				all = append(all, onward.Work{Role: as, Pairing: pair})
			}
		}
	}
	var read []func(context.Context) error
	for i := range all {
		w := &all[i]
		read = append(read, func(ctx context.Context) error {
			found, err := s.Store.Work(ctx, part.Programme.ID, w.Pairing, w.Role)
			if err == nil {
				w.Sessions, w.Logs, w.Notebook = found.Sessions, found.Logs, found.Notebook
			}
			return err
		}, func(ctx context.Context) (err error) {
			w.Ending, err = s.Store.Ending(ctx, part.Programme.ID, w.Pairing.ID, w.Role)
			return err
		})
	}
	return all, store.InParallel(ctx, read...)
}

// showChair shows a letter for one's chair as the software begins it. Nothing of it is kept or
// sent: whoever sends it does that themselves.
func (s *site) showChair(w http.ResponseWriter, r *http.Request) error {
	data := chairPage{Link: link.Path(r, purpose.My), When: r.PathValue("when")}
	m, stopped, err := s.behind(w, r, s.beforeMy, chairOf+"/"+data.When)
	if stopped || err != nil {
		return err
	}
	if data.When != beforeItStarts && data.When != afterwards {
		return errNoSuch
	}
	part, err := s.Store.TakingPart(r.Context(), m.programme, m.link.Person)
	if err != nil {
		return err
	}
	me := takingPart(part, m.link.Owner)
	if data.When == beforeItStarts {
		data.Draft = onward.Before(m.programme, me)
		return s.renderChair(w, r, m.programme, data, nil)
	}
	work, err := s.works(r.Context(), part, programme.Roles...)
	if err != nil {
		return err
	}
	data.Draft = onward.After(m.programme, me, work)
	return s.renderChair(w, r, m.programme, data, nil)
}

func (s *site) renderChair(w http.ResponseWriter, r *http.Request, p *programme.Programme, data chairPage, invalid *fault.Invalid) error {
	title := map[string]string{beforeItStarts: "A letter for your chair", afterwards: "A summary for your chair"}[data.When]
	return s.Pages.Show(w, r, "chair", web.Page{Title: title, Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// chair shows a letter as it was edited, to be printed or taken into one's own email program, or
// sends it as a file. It writes nothing.
func (s *site) chair(w http.ResponseWriter, r *http.Request) error {
	data := chairPage{Link: link.Path(r, purpose.My), When: r.PathValue("when")}
	m, stopped, err := s.behind(w, r, s.beforeMy, chairOf+"/"+data.When)
	if stopped || err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	if data.When != beforeItStarts && data.When != afterwards {
		return errNoSuch
	}
	data.Subject = strings.Join(strings.Fields(posted.Get("subject")), " ")
	data.Text = strings.TrimSpace(strings.ReplaceAll(posted.Get("text"), "\r\n", "\n"))
	var invalid fault.Invalid
	if data.Text == "" {
		invalid.Add("text", "Write your letter")
	}
	for _, of := range []struct {
		name, value string
		most        int
	}{{"subject", data.Subject, 200}, {"text", data.Text, onward.Most}} {
		if utf8.RuneCountInString(of.value) > of.most {
			invalid.Add(of.name, "This must be %d characters or fewer", of.most)
		}
	}
	switch do := posted.Get("do"); {
	case invalid.Err() != nil:
		return s.renderChair(w, r, m.programme, data, &invalid)
	case do == "edit":
		return s.renderChair(w, r, m.programme, data, nil)
	case do == "download":
		return attach(w, "text/plain; charset=utf-8", "letter.txt", []byte(strings.ReplaceAll(data.Subject+"\n\n"+data.Text+"\n", "\n", "\r\n")))
	case do == "show":
		return s.Pages.Show(w, r, "letter", web.Page{Title: data.Subject, Programme: m.programme, Data: data})
	}
	return errNoSuch
}
