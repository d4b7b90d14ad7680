package participant

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// notePage is what the form for a note before a session shows.
type notePage struct {
	pairingPage
	Session *pairing.Session
	// Note is for the reader alone, and Released for the other.
	Note, Released string
	was            earlier
}

func (s *site) noting(r *http.Request) (*programme.Programme, notePage, error) {
	p, page, err := s.paired(r)
	if err != nil {
		return nil, notePage{}, err
	}
	was, err := s.earlier(r, p, page, r.PathValue("session"))
	if err != nil {
		return nil, notePage{}, err
	}
	data := notePage{pairingPage: page, Session: was.Session, Released: was.Shared.Note, was: was}
	if was.Log != nil {
		data.Note = was.Log.Note
	}
	return p, data, nil
}

// noteOf is where the note before a session is written, under its pairing's link.
func noteOf(session *pairing.Session) string { return "note/" + session.ID }

// showNote shows the form, with what its reader has written already on a device on which they
// may see it.
func (s *site) showNote(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.noting(r)
	if err != nil {
		return err
	}
	if data.was.Hidden {
		return web.Redirect(w, r, s.beforeWords.To(r, noteOf(data.Session)))
	}
	if data.Session.State == pairing.Cancelled {
		return web.Redirect(w, r, data.Link)
	}
	data.was.On.Keep(w)
	return s.renderNote(w, r, p, data, nil)
}

func (s *site) renderNote(w http.ResponseWriter, r *http.Request, p *programme.Programme, data notePage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "note", web.Page{Title: "Before session " + strconv.Itoa(data.Session.Number), Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// note keeps what somebody wants to remember before a session, and releases what they want the
// other to see, in one commit. Where it would overwrite what may not be seen on the device, it
// asks for a code first.
func (s *site) note(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.noting(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	if data.was.Hidden {
		return s.beforeWords.Stop(w, r, noteOf(data.Session), posted)
	}
	if data.Session.State == pairing.Cancelled {
		return fault.New(fault.Conflict, "Session %d was cancelled, so there is nothing to prepare.", data.Session.Number)
	}
	data.Note, data.Released = strings.TrimSpace(posted.Get("note")), strings.TrimSpace(posted.Get("released"))
	ch, l, changed := s.change(p), data.was.Log, false
	if l == nil {
		l = &pairing.Log{Session: data.Session.ID, Role: data.Role, CreatedAt: ch.Now}
	}
	wrote := l.Note != data.Note
	l.Note = data.Note
	shared, err := data.was.Shared.Release(data.Released, ch.Now)
	if changed = wrote || shared; err == nil {
		err = l.CheckNote()
	}
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderNote(w, r, p, data, invalid)
	}
	if err != nil || !changed {
		return doneOr(w, r, data.Link, didNote, err)
	}
	if wrote || data.was.Log == nil { // which says on which device it was written, also of what is released alone
		l.Writer, l.UpdatedAt = data.was.On.Writer(l.Thing(data.Pairing.ID)), ch.Now
		if data.was.Log == nil {
			ch.CreateLog(p.ID, data.Pairing.ID, l)
		} else {
			ch.UpdateLog(p.ID, data.Pairing.ID, l)
		}
		data.was.On.Keep(w)
	}
	if shared {
		ch.SaveShared(p.ID, data.Pairing.ID, data.was.Shared)
	}
	return s.commit(w, r, ch, data.Link, didNote, nil)
}
