package enrolment

import (
	"io"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// showColours is the style sheet of a programme's own colours. One that was asked for by
// another version is as it is now, and is not kept: for some seconds after a change, pages and
// this function may know different ones.
func (s *site) showColours(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Store.RecentProgramme(r.Context(), r.PathValue("programme"))
	if err != nil {
		return err
	}
	sheet, version := web.Sheet(p.Look)
	if version == r.PathValue("version") {
		web.Forever(w)
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = io.WriteString(w, sheet) // the client went away
	return nil
}

// showLogo is the logo of a programme's host, by its id: a picture that was unpacked when it
// was read. Instead of one that it had before, which emails and reports still lead to, stands
// the one that it has now.
func (s *site) showLogo(w http.ResponseWriter, r *http.Request) error {
	logo, err := s.Store.Logo(r.Context(), r.PathValue("programme"), r.PathValue("logo"))
	if fault.Is(err, fault.NotFound) {
		p, failed := s.Store.RecentProgramme(r.Context(), r.PathValue("programme"))
		if failed != nil {
			return failed
		}
		if now := web.LogoPath(p); now != "" && p.Look.Logo.ID != r.PathValue("logo") {
			return web.Redirect(w, r, now)
		}
	}
	if err != nil {
		return err
	}
	web.Forever(w)
	w.Header().Set("Content-Type", logo.Type)
	_, _ = w.Write(logo.Data) // the client went away
	return nil
}
