package coordinator

import (
	"net/http"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// peoplePage lists everybody by role.
type peoplePage struct{ Sides []peopleSide }

type peopleSide struct {
	Term   programme.Term
	People []*enrolment.Enrolment
}

func (s *site) showPeople(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.coordinated(r)
	if err != nil {
		return err
	}
	all, err := s.Store.Enrolments(r.Context(), p.ID)
	if err != nil {
		return err
	}
	var data peoplePage
	for _, role := range programme.Roles {
		side := peopleSide{Term: p.Terms.Of(role)}
		for _, e := range all {
			if e.Role == role {
				side.People = append(side.People, e)
			}
		}
		data.Sides = append(data.Sides, side)
	}
	return s.pages.Show(w, r, "people", web.Page{Title: "People", Programme: p, SignedIn: true, Back: "/desk/programmes/" + p.ID, Data: data})
}

// personPage is one person's enrolment.
type personPage struct {
	*enrolment.Enrolment
	Checks []check
	Skills []string
}

// check is one thing that makes a person ready.
type check struct {
	Name, Text string
	Done       bool
}

func checks(e *enrolment.Enrolment) []check {
	if e.Role == programme.Client {
		return []check{{"workshop", "Attended the development workshop", e.Readiness.Workshop}}
	}
	return []check{
		{"trained", "Attended the group training", e.Readiness.Trained},
		{"supervised", "Has a supervisor", e.Readiness.Supervised},
	}
}

func (s *site) showPerson(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.coordinated(r)
	if err != nil {
		return err
	}
	e, err := s.Store.Enrolment(r.Context(), p.ID, r.PathValue("enrolment"))
	if err != nil {
		return err
	}
	data := personPage{Enrolment: e, Checks: checks(e)}
	for _, skill := range p.Skills {
		if e.Skills[skill.ID] > 0 {
			data.Skills = append(data.Skills, skill.Name)
		}
	}
	return s.pages.Show(w, r, "person", web.Page{Title: e.Person.Name, Programme: p, SignedIn: true, Back: "/desk/programmes/" + p.ID + "/people", Data: data})
}

// prepare records what the coordinator has seen done.
func (s *site) prepare(w http.ResponseWriter, r *http.Request) error {
	p, staff, err := s.coordinated(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	e, err := s.Store.Enrolment(r.Context(), p.ID, r.PathValue("enrolment"))
	if err != nil {
		return err
	}
	now := s.Now()
	if err := e.Prepare(enrolment.Readiness{
		Workshop: posted.Has("workshop"), Trained: posted.Has("trained"), Supervised: posted.Has("supervised"),
	}); err != nil {
		return err
	}
	e.UpdatedAt = now
	c := s.Store.Commit()
	c.UpdateEnrolment(p.ID, e)
	c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: "recorded what was prepared: " + string(e.State), To: e.ID, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, "/desk/programmes/"+p.ID+"/people")
}
