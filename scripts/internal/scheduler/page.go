package scheduler

import (
	"embed"
	"net/http"
	"strconv"
	"time"

	"github.com/cascading-leadership/cascade/scripts/internal/letters"
	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

//go:embed pages/*.html
var files embed.FS

// Handler serves the page of the local stack: the programme's date, which can be
// moved forward, and the schedules, each of which can be run now; and every letter.
func (s *Scheduler) Handler() (http.Handler, error) {
	pages, err := web.Parse(files)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /local/{$}", pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		now := s.Now()
		open := calendar.Of(&programme.Programme{Zone: "Europe/London"}, "", "").Open(now)
		return pages.Show(w, r, "local", web.Page{Title: "The local programme", Data: struct {
			Now       time.Time
			Moved     int
			Writes    bool // people are written to at this hour
			Schedules []wiring.Schedule
		}{now, int(time.Until(now).Round(time.Hour).Hours() / 24), open, s.Schedules()}})
	}))
	mux.Handle("POST /local/forward", pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		form, err := web.Form(r)
		if err != nil {
			return err
		}
		days, err := strconv.Atoi(form.Get("days"))
		if err != nil || days < 1 || days > 366 {
			return fault.New(fault.Conflict, "Move the date by 1 to 366 days.")
		}
		if err := s.Forward(r.Context(), time.Duration(days)*24*time.Hour); err != nil {
			return fault.New(fault.Conflict, "On the way something was not taken: %v. What was due then comes at its next turn.", err)
		}
		return web.Redirect(w, r, "/local/")
	}))
	mux.Handle("POST /local/run", pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		form, err := web.Form(r)
		if err != nil {
			return err
		}
		if err := s.Fire(r.Context(), form.Get("schedule")); err != nil {
			return fault.New(fault.Conflict, "That did not run: %v.", err)
		}
		return web.Redirect(w, r, "/local/")
	}))
	gallery, err := letters.Handler()
	if err != nil {
		return nil, err
	}
	all := http.NewServeMux()
	all.Handle(letters.Path, gallery)
	all.Handle("/", web.Protect("", pages.Routes(mux)))
	return all, nil
}
