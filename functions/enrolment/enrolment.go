// Package enrolment is the function for the public forms: a leader enrols by
// pages or as one JSON document, and confirms by email.
package enrolment

import (
	"embed"
	"net/http"
	"slices"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func init() { serve.Register("enrolment", New) }

//go:embed pages/*.html parts/*.html
var files embed.FS

// site is what the handlers work with.
type site struct {
	*serve.Site
	organisations *organisations
}

// New makes the function's handler.
var New = serve.Pages(routes, files)

// routes are the function's contents page.
func routes(at *serve.Site, route serve.Route) {
	s := &site{at, newOrganisations(at.Store, at.Now)}

	route("GET /{$}", access.See, access.Programmes, s.showProgrammes)
	route("GET /privacy/{$}", access.See, access.Programmes, s.showNotices)
	route("GET /privacy/{programme}", access.See, access.Programmes, s.showNotice)
	route("GET /enrol/{programme}", access.See, access.Programmes, s.showStart)
	route("GET /enrol/organisations", access.See, access.Organisations, s.lookUp)
	route("GET "+web.Looks+"{programme}/{version}/colours.css", access.See, access.Programmes, s.showColours)
	route("GET "+web.Looks+"{programme}/{logo}/logo", access.See, access.Programmes, s.showLogo)
	route("POST /enrol/{programme}/{side}", access.Add, access.Enrolment, s.enrolAtOnce)
	route("GET /enrol/openapi/{programme}", access.See, access.Programmes, s.describe)
	route("OPTIONS /enrol/{programme}/{side}", access.See, access.Enrolment, s.allowWebsite)
	route("GET /enrol/{programme}/{side}/{step}", access.See, access.Enrolment, s.showStep)
	route("POST /enrol/{programme}/{side}/{step}", access.Add, access.Enrolment, serve.RetryOnConflict(s.saveStep))
	route("GET /enrol/{programme}/{side}/check", access.See, access.Enrolment, s.showCheck)
	route("POST /enrol/{programme}/{side}/check", access.Add, access.Enrolment, serve.RetryOnConflict(s.send))
	route("GET /enrol/{programme}/{side}/sent", access.See, access.Enrolment, s.showSent)
	route("POST /enrol/{programme}/{side}/sent", access.Add, access.Enrolment, serve.RetryOnConflict(s.sendAgain))
	route("GET /enrol/{programme}/{side}/address", access.See, access.Enrolment, s.showAddress)
	route("POST /enrol/{programme}/{side}/address", access.Add, access.Enrolment, serve.RetryOnConflict(s.correct))
	route("GET /enrol/pass-on/{programme}", access.See, access.PassingOn, s.showPassOn)
	route("POST /enrol/pass-on/{programme}", access.Add, access.PassingOn, serve.RetryOnConflict(s.passOn))
	route("GET /enrol/passed-on/{link}", access.See, access.PassedOn, s.showPassedOn)
	route("POST /enrol/passed-on/{link}", access.Change, access.PassedOn, serve.RetryOnConflict(s.answerPassedOn))
	route("GET /enrol/confirm/{link}", access.See, access.OwnEnrolment, s.showConfirm)
	route("POST /enrol/confirm/{link}", access.Change, access.OwnEnrolment, serve.RetryOnConflict(s.confirm))
}

// programmeAndRole is the programme and the role that a request's address names.
func (s *site) programmeAndRole(r *http.Request) (*programme.Programme, programme.Role, error) {
	role := programme.RoleOf(r.PathValue("side"))
	if role == "" && r.PathValue("side") != "" {
		return nil, "", fault.New(fault.NotFound, "There is no such page.")
	}
	p, err := s.Store.RecentProgramme(r.Context(), r.PathValue("programme"))
	if err == nil && p.Retention.Due(s.Now()) { // nobody enrols any more
		err = serve.Past(p)
	}
	return p, role, err
}

func (s *site) showProgrammes(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Store.Programmes(r.Context())
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(p *programme.Programme) bool { return p.Retention.Due(s.Now()) })
	return s.Pages.Show(w, r, "programmes", web.Page{Title: "Leaders, helping each other", Data: all})
}
