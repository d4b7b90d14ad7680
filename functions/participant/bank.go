package participant

import (
	"net/http"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// bankPage is the bank of questions, by phase.
type bankPage struct {
	pairingPage
	Phases []programme.Phase
}

// showBank shows who asks what they may want to ask. It is opened and read: nothing of it is
// ever sent, and nobody sees that it was opened.
func (s *site) showBank(w http.ResponseWriter, r *http.Request) error {
	p, page, err := s.paired(r)
	if err != nil {
		return err
	}
	if !p.Opens(page.Role) {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	return s.Pages.Show(w, r, "bank", web.Page{Title: "Questions to think with", Programme: p, Back: page.Link, Data: bankPage{page, p.QuestionBank()}})
}
