// Package people is the desk's pages about those who enrolled: who they are, what makes
// them ready, their address, and their leaving.
package people

import (
	"embed"
	"net/http"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Pages are the templates.
//
//go:embed pages/*.html
var Pages embed.FS

// Handlers answer at the pages about people.
type Handlers struct{ *site.Site }

// peoplePage lists everybody by role.
type peoplePage struct{ Sides []peopleSide }

type peopleSide struct {
	Term   programme.Term
	People []*enrolment.Enrolment
}

// List lists everybody by role.
func (h Handlers) List(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	all, err := h.Store.Enrolments(r.Context(), p.ID)
	if err != nil {
		return err
	}
	var data peoplePage
	page := web.Page{Title: "People", Programme: p, Back: deskpath.Of(p.ID).String()}
	for _, role := range programme.Roles {
		side := peopleSide{Term: p.Terms.Of(role)}
		for _, e := range all {
			if e.ID == web.DoneTo(r) {
				page.Said = saidOfReadiness(p, e, web.WhatDone(r))
			}
			if e.Role == role {
				side.People = append(side.People, e)
			}
		}
		data.Sides = append(data.Sides, side)
	}
	page.Data = data
	return h.Page(w, r, "people", page)
}
