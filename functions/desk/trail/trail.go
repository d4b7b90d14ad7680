// Package trail is the desk's page of the audit trail, for administrators: who did and saw
// what. It names people by what the programme knows of them now; of somebody who was
// erased it says so, and no more.
package trail

import (
	"embed"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// Pages are the templates.
//
//go:embed pages/*.html
var Pages embed.FS

// Handlers answer at the page of the trail.
type Handlers struct{ *site.Site }

// atOnce is how many entries a page has.
const atOnce = 20

// trailPage is some of the trail, the latest first.
type trailPage struct {
	Rows []row
	// Email and Day are what was entered to find some of it.
	Email string
	Day   []string
	// Some says that it is not all that is shown: Whose and On are of whom and of which day.
	Some  bool
	Whose string
	On    time.Time
	// Next is the address of the page after, and All that of the first one of everything.
	Next, All string
}

// row is an entry as it is read.
type row struct {
	At    time.Time
	Who   string
	Did   string
	About []string
	Times int
}

// pseudonyms are those of one person, as they stand in the page's address.
var pseudonyms = regexp.MustCompile(`^[0-9a-f]{32}(\.[0-9a-f]{32}){0,9}$`)

// dayForm is a day in the page's address.
const dayForm = "2006-01-02"

// words are what kinds of entries are called, where what was done does not say it.
var words = map[audit.Kind]string{
	audit.View: "Looked at ", audit.Export: "Took along ", audit.Refusal: "Was refused: ", audit.Change: "", audit.SignIn: "", audit.SignOut: "",
}

// List shows a page of the trail: of somebody, by pseudonyms of theirs, and of a day, where
// the address says so.
func (h Handlers) List(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	asked, desk := r.URL.Query(), deskpath.Of(p.ID)
	want := store.AuditWanted{Programme: p.ID, After: asked.Get("after"), Most: atOnce}
	if who := asked.Get("who"); who != "" {
		want.People = strings.Split(who, ".")
		if !pseudonyms.MatchString(who) {
			return fault.New(fault.NotFound, "There is no such page. Begin with the first one.")
		}
	}
	data := trailPage{Some: len(want.People) > 0, All: desk.Audit()}
	if day := asked.Get("day"); day != "" {
		if want.From, err = time.ParseInLocation(dayForm, day, p.Location()); err != nil {
			return fault.New(fault.NotFound, "There is no such day. Begin with the first page.")
		}
		want.Before = want.From.AddDate(0, 0, 1)
		data.Some, data.On = true, want.From
	}
	page, err := h.Store.AuditEntries(r.Context(), want)
	if err != nil {
		return err
	}
	if data.Rows, err = h.rows(r, p, page.Entries); err != nil {
		return err
	}
	if page.Next != "" {
		data.Next = desk.AuditOf(asked.Get("who"), asked.Get("day"), page.Next)
	}
	return h.show(w, r, p, data, nil)
}

func (h Handlers) show(w http.ResponseWriter, r *http.Request, p *programme.Programme, data trailPage, invalid *fault.Invalid) error {
	return h.Page(w, r, "trail", web.Page{Title: "Who did and saw what", Programme: p, Back: deskpath.Home, Data: data, Invalid: invalid})
}

// rows are entries as they are read. Whoever they name is read at once, however
// many there are.
func (h Handlers) rows(r *http.Request, p *programme.Programme, entries []*audit.Entry) (all []row, err error) {
	named := make([]audit.Names, len(entries))
	var ids []string
	for i, e := range entries {
		named[i] = h.Store.NamesOf(e)
		ids = append(append(ids, named[i].By, named[i].To), named[i].About...)
	}
	names, err := h.names(r, p, ids)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		n := named[i]
		x := row{At: e.At, Who: "Nobody whom we know", Did: programme.Capital(words[e.Kind] + e.Did), Times: e.Times}
		if n.By != "" {
			x.Who = names.of(n.By)
		}
		for _, id := range append([]string{n.To}, n.About...) {
			if name := names[id]; name != "" && (id != n.By || e.Kind == audit.SignOut) {
				x.About = append(x.About, name)
			} else if name == "" && id != "" && (id != n.To || e.Kind == audit.View) {
				x.About = append(x.About, gone)
			}
		}
		all = append(all, x)
	}
	return all, nil
}

// gone stands in for somebody of whom there is nothing any more.
const gone = "somebody who was erased, or is gone"

// names are those of people and staff, by their ids.
type names map[string]string

func (n names) of(id string) string {
	if name := n[id]; name != "" {
		return name
	}
	if id == "the sweep" { // see packages forget and retention
		return "Nobody: it was due"
	}
	if strings.HasPrefix(id, "cascade ") { // the command line
		return "Somebody at a terminal, by " + id
	}
	return programme.Capital(gone)
}

// names are of ids that stand in entries: of members of staff, enrolments, people and
// supervisors; of anything else there is none.
func (h Handlers) names(r *http.Request, p *programme.Programme, ids []string) (names, error) {
	enrolments := map[string]string{} // by the enrolment's id, the one that names it
	var asked []string
	for _, id := range ids {
		asked = append(asked, id)
		if enrolment.PersonOf(id) == id {
			asked = append(asked, enrolment.IDs(id)...)
			for _, e := range enrolment.IDs(id) {
				enrolments[e] = id
			}
		}
	}
	var people map[string]*enrolment.Enrolment
	var staff map[string]*store.Staff
	var supervisors map[string]*supervision.Supervisor
	reads, ctx := errgroup.WithContext(r.Context())
	reads.Go(func() (err error) { people, err = h.Store.EnrolmentsOf(ctx, p.ID, asked); return err })
	reads.Go(func() (err error) { staff, err = h.Store.StaffOf(ctx, ids); return err })
	reads.Go(func() (err error) { supervisors, err = h.Store.SupervisorsOf(ctx, p.ID, ids); return err })
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	all := names{}
	for id, e := range people {
		all[id] = e.Person.Name
		if whole := enrolments[id]; whole != "" {
			all[whole] = e.Person.Name
		}
	}
	for id, x := range supervisors {
		all[id] = x.Name
	}
	for id, m := range staff {
		all[id] = m.Name
	}
	return all, nil
}

// Find leads to what is about somebody or of a day. It is posted, so that no address of
// anybody stands in one of a page: there it is a pseudonym, which is made of the address also
// where nothing else is left of them.
func (h Handlers) Find(w http.ResponseWriter, r *http.Request) error {
	p, _, posted, err := h.Posted(r)
	if err != nil {
		return err
	}
	data := trailPage{Email: strings.TrimSpace(posted.Get("email")), Day: []string{posted.Get("date"), posted.Get("date-month"), posted.Get("date-year")}, All: deskpath.Of(p.ID).Audit()}
	var invalid fault.Invalid
	var people []string
	if data.Email != "" {
		address, err := email.Parse(data.Email)
		if err != nil {
			invalid.Add("email", "%s", err)
		} else {
			// Their id stays when their address changes: so whoever has it now, and whoever
			// enrolled with it.
			if people, err = h.peopleOf(r, p, address); err != nil {
				return err
			}
		}
	}
	day := ""
	if strings.Join(data.Day, "") != "" {
		noon, err := calendar.Entered{Day: data.Day[0], Month: data.Day[1], Year: data.Day[2], Time: "12:00"}.In(p.Location())
		if err != nil {
			invalid.Add("date", "Enter a date, like 27 3 2027")
		} else {
			day = noon.In(p.Location()).Format(dayForm)
		}
	}
	if invalid.Err() != nil {
		return h.show(w, r, p, data, &invalid)
	}
	var who []string
	for _, id := range people {
		who = append(who, h.Store.Pseudonyms(id)...)
	}
	return web.Redirect(w, r, deskpath.Of(p.ID).AuditOf(strings.Join(who, "."), day, ""))
}

// peopleOf are the ids of whoever an address belongs to, or could.
func (h Handlers) peopleOf(r *http.Request, p *programme.Programme, address email.Address) ([]string, error) {
	ids := []string{enrolment.PersonOf(enrolment.ID(p.Salt, programme.Client, address))}
	m, err := h.Store.StaffByEmail(r.Context(), address)
	if err != nil {
		return nil, err
	}
	if m == nil {
		m = store.NewStaff("", address, h.Now())
	}
	return append(ids, m.ID), nil
}

// Often is how often, in words.
func (x row) Often() string {
	if x.Times > 1 {
		return fmt.Sprintf("%d times", x.Times)
	}
	return ""
}
