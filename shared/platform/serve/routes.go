package serve

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// Routes are a function's handler. Each stands under a row of the table of access, which
// decides who comes to it.
type Routes struct {
	rt    *Runtime
	pages *web.Pages
	mux   *http.ServeMux
	all   []Entry
	// beside is what is read beside the links of the pages, nil for nothing.
	beside link.Beside
}

// Entry is a route: the mux's pattern and the row that it stands under.
type Entry struct {
	Pattern string
	Row     access.Row
}

// NewRoutes begins a function's handler; pages is nil for one that has none.
func NewRoutes(rt *Runtime, pages *web.Pages) *Routes {
	return &Routes{rt: rt, pages: pages, mux: http.NewServeMux()}
}

// All are the routes in the order in which they were added.
func (rs *Routes) All() []Entry { return rs.all }

// Handler is the route that a request takes, as http.ServeMux tells it.
func (rs *Routes) Handler(r *http.Request) (http.Handler, string) { return rs.mux.Handler(r) }

// ServeHTTP answers by the route that a request's path and method name.
func (rs *Routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if rs.pages == nil {
		rs.mux.ServeHTTP(w, r)
		return
	}
	rs.pages.Routes(rs.mux).ServeHTTP(w, r)
}

// Page adds a route, see Route. It panics where the table has no row for it, a row by which
// a path like this cannot be decided, or events are to be taken from anybody: a function with
// such a route does not start.
func (rs *Routes) Page(pattern string, a access.Action, k access.Kind, h web.Handler) {
	row := rs.add(pattern, a, k)
	rs.mux.Handle(pattern, rs.pages.Handle(rs.guarded(row, keeping(row, h))))
}

// Machine adds a route at which something is delivered by no person.
func (rs *Routes) Machine(pattern string, k access.Kind, h http.Handler) {
	rs.mux.Handle(pattern, rs.delivered(rs.add(pattern, access.Deliver, k), h))
}

// delivered lets those to a handler who may deliver what the row is about. What becomes of
// emails has a signature of its own, which the handler knows.
func (rs *Routes) delivered(row access.Row, h http.Handler) http.Handler {
	if row.Kind != access.Events {
		return h
	}
	return rs.rt.Deliverers.Handler(h)
}

func (rs *Routes) add(pattern string, a access.Action, k access.Kind) access.Row {
	row, err := access.Find(a, k)
	_, path, _ := strings.Cut(pattern, " ")
	switch by := string(row.Purpose()); {
	case err != nil:
		panic(pattern + ": " + err.Error())
	case row.Kind == access.Events && rs.rt.Deliverers == nil:
		panic(pattern + " would take events from anybody: " + bearer.Setting + " is missing")
	case row.Staff() && !row.InProgramme() && rs.rt.SignIn == nil:
		panic(pattern + " is for who is signed in, and nobody is here")
	case row.InProgramme() && !strings.Contains(path, "/{programme}"):
		panic(pattern + " names no programme, and the row asks for a role in one")
	case by != "" && path != by+"/{link}" && !strings.HasPrefix(path, by+"/{link}/"):
		panic(pattern + " is not where links lead that are for " + by)
	}
	rs.all = append(rs.all, Entry{pattern, row})
	return row
}

// guarded lets a visitor to a handler whom the row allows, with who they are: as
// signin.Of and link.Of say. Who is not signed in comes to the sign-in page, and so does
// who has a link to sign in that does not. Whatever goes wrong, its page says whom to ask,
// and leads on.
func (rs *Routes) guarded(row access.Row, h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		var v access.Visitor
		var l *store.Link
		var err error
		switch by := row.Purpose(); {
		case by != "":
			l, err = rs.rt.Links.Open(r, by, rs.beside)
			if fault.Is(err, fault.Gone) || fault.Is(err, fault.Forbidden) {
				rs.refuse(r, nil, row, "a link does not open")
			}
			if by == purpose.SignIn && (fault.Is(err, fault.Gone) || fault.Is(err, fault.Forbidden)) {
				return rs.rt.SignIn.LinkLapsed(w, r)
			}
			if err != nil {
				rs.withoutLink(r, l)
				return rs.past(r, row, err)
			}
			v.Link, r = by, link.With(r, l)
			if slices.Contains(agreed, by) {
				web.AroundOf(r).Agreed = link.Path(r, by, "notice")
			}
		case row.Staff() && rs.rt.SignIn == nil: // nothing about staff is read here
			p := r.PathValue("programme")
			reads, err := rs.rt.Passes.Reader(w, r, p)
			if errors.Is(err, signin.ErrNoPass) {
				return rs.rt.Passes.ToDesk(w, r, p)
			}
			if err != nil {
				web.AroundOf(r).Ways = []web.Link{toDesk}
				return err
			}
			v.SignedIn, v.Roles = true, []access.Role{reads}
		case row.Staff():
			m, session, err := rs.rt.SignIn.Staff(r)
			if errors.Is(err, signin.ErrSignedOut) && r.Method == http.MethodGet {
				return signin.Ask(w, r) // which refuses nothing
			}
			if errors.Is(err, signin.ErrSignedOut) {
				rs.refuse(r, nil, row, "nobody is signed in")
			}
			if err != nil {
				return err
			}
			v.SignedIn, r = true, signin.With(r, m, session)
			v.Roles = m.Roles[r.PathValue("programme")]
		case row.Machine():
			var err error
			rs.delivered(row, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { err = h(w, r) })).ServeHTTP(w, r)
			return err
		}
		if !row.Allows(v) { // which looks like a programme that is not there
			around := web.AroundOf(r)
			around.SignedIn, around.Ways = v.SignedIn, []web.Link{toDesk}
			m, _ := signin.Of(r) // nobody, where the row asks for none
			rs.refuse(r, m, row, "has no role for it")
			return signin.ErrNoPart
		}
		if err = h(w, r); err != nil {
			rs.around(r, row, l)
			err = rs.past(r, row, err)
		}
		return err
	}
}

// past is what went wrong, or that its programme is over and what it kept about people
// deleted, which is then why.
func (rs *Routes) past(r *http.Request, row access.Row, err error) error {
	p := web.AroundOf(r).Programme
	if p == nil || row.Staff() || !p.Retention.Due(rs.rt.Now()) || fault.Is(err, fault.Unavailable) {
		return err
	}
	web.AroundOf(r).Ways = nil
	return Past(p)
}

// Past is that a programme is over, for whoever comes with an old link or wants to take part.
func Past(p *programme.Programme) error {
	return fault.New(fault.Gone, "%s is over. What was kept about those who took part has been deleted, a year after its end.", p.Name)
}

// agreed are the links beside whose pages stands one of what their person has agreed to.
var agreed = []purpose.Purpose{purpose.Match, purpose.Choose, purpose.Pairing, purpose.Questionnaire, purpose.Emails, purpose.My, purpose.Mine}

// askLink is the way on of who has no link that opens.
var askLink = web.Link{Href: "/emails/", Text: "Send me my link again"}

// toDesk is the way on of who is signed in.
var toDesk = web.Link{Href: deskpath.Home, Text: "Go to the desk"}

// withoutLink leads on who came by a link that does not open: its programme's contact stands
// on the page where it is known whose it was, or where there is only one.
func (rs *Routes) withoutLink(r *http.Request, l *store.Link) {
	around := web.AroundOf(r)
	around.Ways = []web.Link{askLink}
	if l != nil {
		if l.Purpose == string(purpose.Assistant) { // who has no other
			around.Ways = nil
		}
		around.Programme, _ = rs.rt.Store.RecentProgramme(r.Context(), l.Programme) // it helps without
		return
	}
	if all, err := rs.rt.Store.Programmes(r.Context()); err == nil && len(all) == 1 {
		around.Programme = all[0]
	}
}

// around leads on who may come to a route at which something went wrong.
func (rs *Routes) around(r *http.Request, row access.Row, l *store.Link) {
	around := web.AroundOf(r)
	id := r.PathValue("programme")
	switch {
	case l != nil && l.Owner != nil:
		id = l.Programme
		around.Ways = append(around.Ways, web.Link{Href: link.Path(r, row.Purpose()), Text: "Go back to where your link leads"})
	case row.Staff():
		around.SignedIn = true
		around.Ways = append(around.Ways, toDesk)
	case id != "":
		around.Ways = append(around.Ways, web.Link{Href: "/enrol/" + url.PathEscape(id), Text: "Go to the start of the programme"})
	}
	if id == "" || rs.rt.Store == nil {
		return
	}
	if around.Programme, _ = rs.rt.Store.RecentProgramme(r.Context(), id); around.Programme == nil && l == nil && !row.Staff() {
		around.Ways = nil // there is no such programme
	}
}
