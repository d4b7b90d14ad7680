package enrolment

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// website marks in the address of the page that follows that another site sent the form: the
// page goes by no cookie then.
const website = "website"

// enrolAtOnce makes a claim of all answers at once, see enrolment.Form: a JSON document of
// another program, or what a page of the host's own website posts, as JSON or as a form. The
// same answers are one claim, however often they are sent. It reads no cookie.
func (s *site) enrolAtOnce(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	if origin, elsewhere := web.Elsewhere(r); elsewhere {
		if err := mayEnrol(p, origin); err != nil {
			return err
		}
		shareWith(w, origin)
	}
	f, err := readAtOnce(r)
	if err == nil {
		f = f.InUsualRegion(p)
		err = s.claimAtOnce(r, p, role, f)
	}
	var invalid *fault.Invalid
	switch page := web.WantsPage(r); {
	case page && errors.As(err, &invalid):
		return s.Pages.Render(w, r, http.StatusUnprocessableEntity, "refused", web.Page{Title: "Some answers need to be corrected", Programme: p, Data: refusedPage{r.PathValue("side"), invalid.Fields}})
	case err != nil:
		return err
	case page:
		return web.Redirect(w, r, sentPath(p, r)+"?"+website)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	answer := accepted{ID: enrolment.ClaimID(p, role, f), Next: "confirm by the link in the email"}
	if meant := email.Read(f.Email).Meant(); meant != "" { // a program cannot be asked: it is taken, and can ask its person
		answer.Suggestion = string(meant)
	}
	return json.NewEncoder(w).Encode(answer)
}

// accepted answers a program that has sent an enrolment.
type accepted struct {
	ID   string `json:"id"`
	Next string `json:"next"`
	// Suggestion is the address that may be meant, where the one that was sent looks like a slip.
	Suggestion string `json:"suggestion,omitempty"`
}

// refusedPage says what to correct on another site's page.
type refusedPage struct {
	Side   string
	Fields []fault.Field
}

// Called is what an input is called, from its name.
func (refusedPage) Called(input string) string {
	return programme.Capital(strings.NewReplacer(".", ": ", "-", " ").Replace(input))
}

// readAtOnce reads the answers in whichever of the two forms they come.
func readAtOnce(r *http.Request) (f enrolment.Form, err error) {
	if !web.IsForm(r) {
		err = web.JSON(r, &f)
		return f, err
	}
	posted, err := web.Form(r)
	if err != nil {
		return f, err
	}
	return enrolment.ReadForm(posted)
}

// claimAtOnce makes a claim of a form, or does as much where it is there.
func (s *site) claimAtOnce(r *http.Request, p *programme.Programme, role programme.Role, f enrolment.Form) error {
	claim, err := enrolment.NewClaim(p, role, f, enrolment.ClaimID(p, role, f), s.Now())
	if err != nil {
		return err
	}
	return budgets.Retried(r.Context(), func() error {
		before, err := s.Store.Claim(r.Context(), p.ID, claim.ID)
		switch {
		case err == nil && before.Waits(s.Now()):
			return s.addOnce(r, p, before)
		case err == nil: // it is over, and not deleted yet
			claim.Version = before.Version
		case !fault.Is(err, fault.NotFound):
			return err
		}
		return s.add(r, s.Store.Commit(), p, claim)
	})
}

// mayEnrol refuses a website that the programme does not list, and says what to set.
func mayEnrol(p *programme.Programme, origin string) error {
	switch {
	case p.Takes(origin):
		return nil
	case origin == "":
		return fault.New(fault.Forbidden, "The website that this was sent from does not say which it is. If it is yours, have its pages say so, by the policy Referrer-Policy: strict-origin-when-cross-origin, and list it in the programme’s setting origins.")
	}
	return fault.New(fault.Forbidden, "The website %s may not send enrolments to this programme. If it is yours, list it in the programme’s setting origins, as it stands here.", origin)
}

// shareWith lets the script of another site's page read the answer.
func shareWith(w http.ResponseWriter, origin string) {
	w.Header().Set("Access-Control-Allow-Origin", origin)
	w.Header().Add("Vary", "Origin")
}

// allowWebsite answers a browser that asks whether a script of another site's page may send an
// enrolment as JSON (https://fetch.spec.whatwg.org/#cors-preflight-fetch).
func (s *site) allowWebsite(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	origin := web.OriginOf(r)
	if err := mayEnrol(p, origin); err != nil {
		return err
	}
	if r.Header.Get("Access-Control-Request-Method") != http.MethodPost || !slices.Contains([]string{"", "content-type"}, strings.ToLower(r.Header.Get("Access-Control-Request-Headers"))) {
		return fault.New(fault.Forbidden, "A script may send an enrolment by POST, with the header Content-Type and no other.")
	}
	shareWith(w, origin)
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", http.MethodPost)
	h.Set("Access-Control-Allow-Headers", "content-type")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return nil
}
