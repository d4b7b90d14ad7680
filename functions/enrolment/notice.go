package enrolment

import (
	"net/http"

	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// showNotices lists the programmes, each with its privacy notice.
func (s *site) showNotices(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Store.Programmes(r.Context())
	if err != nil {
		return err
	}
	return s.Pages.Show(w, r, "notices", web.Page{Title: "How each programme uses what you tell it", Back: "/", Data: all})
}

// showNotice is a programme's privacy notice, made from what is stored and the settings. It can
// be read as long as the programme is there, also once nobody enrols any more.
func (s *site) showNotice(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Store.RecentProgramme(r.Context(), r.PathValue("programme"))
	if err != nil {
		return err
	}
	return s.Pages.Show(w, r, "notice", web.Page{Title: "How we use what you tell us", Programme: p, Back: "/enrol/" + p.ID, Data: s.Notice(p)})
}
