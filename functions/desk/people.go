package desk

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/outbox"
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
	Checks     []check
	Skills     []string
	Experience []string
	Meeting    []string
	Income     string
	// Prefers are those with whom they would like to work, the most wanted first.
	Prefers []string
	// Supervisors are the choices for a consultant; Chosen is the id of one.
	Supervisors []web.Option
	Chosen      string
	// Other is the same person's enrolment in the other role, or nil.
	Other  *enrolment.Enrolment
	Mailed mailed
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
	return []check{{"trained", "Attended the group training", e.Readiness.Trained}}
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
	return s.renderPerson(w, r, p, e, e.Supervisor, nil)
}

func (s *site) renderPerson(w http.ResponseWriter, r *http.Request, p *programme.Programme, e *enrolment.Enrolment, chosen string, invalid *fault.Invalid) error {
	data := personPage{Enrolment: e, Checks: checks(e), Income: enrolment.Pounds(e.Organisation.Income), Chosen: chosen}
	for _, skill := range p.Skills {
		if e.Skills[skill.ID] > 0 {
			data.Skills = append(data.Skills, skill.Name)
		}
		if level := e.Experience[skill.ID]; level > 0 {
			data.Experience = append(data.Experience, fmt.Sprintf("%s (%d of 3)", skill.Name, level))
		}
	}
	for _, m := range enrolment.Meetings {
		if len(e.Meeting) == 0 || slices.Contains(e.Meeting, m.ID) {
			data.Meeting = append(data.Meeting, m.Name)
		}
	}
	wanted, err := s.Store.EnrolmentsOf(r.Context(), p.ID, e.Preferences)
	if err != nil {
		return err
	}
	for _, id := range e.Preferences {
		other := gone
		if wanted[id] != nil {
			other = wanted[id]
		}
		data.Prefers = append(data.Prefers, other.Person.Name+" ("+other.Organisation.Name+")")
	}
	if data.Other, err = s.inOtherRole(r, p.ID, e); err != nil {
		return err
	}
	if data.Mailed, err = s.mailed(r, p, e); err != nil {
		return err
	}
	if e.Role == programme.Consultant {
		all, err := s.Store.Supervisors(r.Context(), p.ID)
		if err != nil {
			return err
		}
		data.Supervisors = append(data.Supervisors, web.Option{Text: "None yet"})
		for _, x := range all {
			data.Supervisors = append(data.Supervisors, web.Option{Value: x.ID, Text: fmt.Sprintf("%s (%d of %d pairings)", x.Name, len(x.Places), x.Capacity)})
		}
	}
	return s.pages.Show(w, r, "person", web.Page{Title: e.Person.Name, Programme: p, SignedIn: true, Back: "/desk/programmes/" + p.ID + "/people", Data: data, Invalid: invalid})
}

// personForm is a form about one person that a coordinator has sent.
type personForm struct {
	programme *programme.Programme
	by        *store.Staff
	posted    url.Values
	person    *enrolment.Enrolment
}

func (s *site) personForm(r *http.Request) (x personForm, err error) {
	if x.programme, x.by, err = s.coordinated(r); err != nil {
		return x, err
	}
	if x.posted, err = web.Form(r); err != nil {
		return x, err
	}
	x.person, err = s.Store.Enrolment(r.Context(), x.programme.ID, r.PathValue("enrolment"))
	return x, err
}

// page is the path of the person's page.
func (x *personForm) page() string {
	return "/desk/programmes/" + x.programme.ID + "/people/" + x.person.ID
}

// prepare records what the coordinator has seen done, and who supervises someone.
func (s *site) prepare(w http.ResponseWriter, r *http.Request) error {
	x, err := s.personForm(r)
	if err != nil {
		return err
	}
	p, staff, posted, e := x.programme, x.by, x.posted, x.person
	now := s.Now()
	was, before, readiness := e.Supervisor, e.State, enrolment.Readiness{Workshop: posted.Has("workshop"), Trained: posted.Has("trained")}
	if err := e.Prepare(readiness, posted.Get("supervisor"), now); err != nil {
		return err
	}
	e.UpdatedAt = now
	c := s.Store.Commit()
	c.UpdateEnrolment(p.ID, e)
	if e.State != before {
		c.LogTransition("enrolment", e.ID, string(e.State))
	}
	c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: "recorded what was prepared: " + string(e.State), To: e.ID, At: now})
	if e.State == enrolment.Ready && before != enrolment.Ready && p.Chooses(e.Role) {
		// Each time that somebody becomes ready again they get a new link.
		c.Enqueue(r.Context(), outbox.Message{
			ID: outbox.ID(outbox.ChooseNow, e.ID, p.ID, now.Format(time.RFC3339Nano)), Kind: outbox.ChooseNow,
			Programme: p.ID, To: e.ID, Role: e.Role,
		}, now)
	}
	if e.Supervisor != was {
		err := s.assign(r.Context(), c, p, e, was, now)
		var invalid *fault.Invalid
		if errors.As(err, &invalid) {
			return s.renderPerson(w, r, p, e, e.Supervisor, invalid)
		}
		if err != nil {
			return err
		}
		did := "chose the supervisor " + e.Supervisor
		if e.Supervisor == "" {
			did = "took the supervisor away: " + was
		}
		c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: did, To: e.ID, At: now})
	}
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, "/desk/programmes/"+p.ID+"/people")
}
