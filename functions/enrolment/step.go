package enrolment

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// step is one page of the form: one thing at a time.
type step struct {
	name, title string
	// inputs are those of enrolment.Form that the page asks for.
	inputs []string
	// only is the role that is asked, or "" for both.
	only programme.Role
	// partial: the page asks for a part of an input, which is checked as a whole
	// on the last page that asks for it.
	partial bool
	read    func(f *enrolment.Form, posted url.Values)
}

var steps = []step{
	{name: "you", title: "About you", inputs: []string{"name", "email", "phone"},
		read: func(f *enrolment.Form, v url.Values) {
			f.Name, f.Email, f.Phone = v.Get("name"), v.Get("email"), v.Get("phone")
		}},
	{name: "organisation", title: "Your organisation", inputs: []string{"organisation", "number", "postcode", "income"},
		read: func(f *enrolment.Form, v url.Values) {
			f.Organisation, f.Number, f.Postcode = v.Get("organisation"), v.Get("number"), v.Get("postcode")
			var ok bool
			if f.Income, ok = enrolment.ParseIncome(v.Get("income")); !ok {
				f.Income = -1 // refused by the form's rules
			}
		}},
	{name: "region", title: "Which region is your organisation in?", inputs: []string{"region"},
		read: func(f *enrolment.Form, v url.Values) { f.Region = v.Get("region") }},
	{name: "categories", title: "What does your organisation mainly do?", inputs: []string{"categories"},
		read: func(f *enrolment.Form, v url.Values) { f.Categories = v["categories"] }},
	{name: "leadership", title: "Leadership", inputs: []string{"skills"}, partial: true,
		read: func(f *enrolment.Form, v url.Values) { readSkills(f, v) }},
	{name: "specialist", title: "Practical, specialist help", inputs: []string{"skills"},
		read: func(f *enrolment.Form, v url.Values) { readSkills(f, v) }},
	{name: "availability", title: "When and how could you meet?", inputs: []string{"availability", "meeting", "languages"},
		read: func(f *enrolment.Form, v url.Values) {
			f.Availability, f.Meeting = v["availability"], v["meeting"]
			f.Languages = append([]string{}, v["languages"]...) // none is another answer than left out
		}},
	{name: "capacity", title: "How many at once?", inputs: []string{"capacity"}, only: programme.Consultant,
		read: func(f *enrolment.Form, v url.Values) {
			f.Capacity, _ = strconv.Atoi(strings.TrimSpace(v.Get("capacity"))) // 0 is refused
		}},
	{name: "conflicts", title: "Organisations to avoid", inputs: []string{"conflicts"},
		read: func(f *enrolment.Form, v url.Values) {
			f.Conflicts = strings.Split(strings.ReplaceAll(v.Get("conflicts"), "\r\n", "\n"), "\n")
		}},
	{name: "privacy", title: "How we use what you tell us", inputs: []string{"consent"},
		read: func(f *enrolment.Form, v url.Values) { f.Consent = v.Get("consent") }},
}

// readSkills takes over the levels of the skills that the page shows; the page
// posts each of them, "0" where there is no need or skill.
func readSkills(f *enrolment.Form, v url.Values) {
	skills := map[string]int{}
	for id, level := range f.Skills {
		skills[id] = level
	}
	for name, values := range v {
		id, ok := strings.CutPrefix(name, "skill-")
		if !ok || len(values) == 0 {
			continue
		}
		level, err := strconv.Atoi(values[0])
		if err != nil {
			level = -1 // refused by the form's rules
		}
		delete(skills, id)
		if level != 0 {
			skills[id] = level
		}
	}
	f.Skills = skills
}

// stepsFor are the steps that somebody in a role is asked, of which one is open. The region
// is asked where there are several to choose from; everybody can open it to correct it.
func stepsFor(p *programme.Programme, role programme.Role, f enrolment.Form, open string) []step {
	return slices.DeleteFunc(slices.Clone(steps), func(s step) bool {
		return s.only != "" && s.only != role || s.name == "region" && s.name != open && len(f.Regions(p)) < 2
	})
}

// stepPage is what the page of a step shows.
type stepPage struct {
	Step   string
	Number int
	Of     int
	Side   string
	Role   programme.Role
	Form   enrolment.Form
	// Skills are those that the page asks for.
	Skills                        []programme.Skill
	HalfDays, Meetings, Languages []web.Option
	// Regions are those to choose from, and Where is the one that is selected.
	Regions []web.Option
	Where   string
	// Spoken are the languages that are selected: at first the programme's usual one.
	Spoken []string
	// posted is what was typed where it is shown again to be corrected, or nil.
	posted url.Values
	// Meant are the addresses of which one is to be chosen, where one may be a slip.
	Meant []web.Option
	// Checking: the page was opened from the check page, and goes back there.
	Checking bool
}

// Email is the address in its own letters.
func (p stepPage) Email() string { return email.Address(p.Form.Email).Shown() }

// Conflicts are the lines of the text area.
func (p stepPage) Conflicts() string { return strings.Join(p.Form.Conflicts, "\n") }

// Capacity is empty until it was entered.
func (p stepPage) Capacity() string {
	switch {
	case p.posted != nil:
		return p.posted.Get("capacity")
	case p.Form.Capacity == 0:
		return ""
	}
	return strconv.Itoa(p.Form.Capacity)
}

// Income is empty until it was entered.
func (p stepPage) Income() string {
	if p.posted != nil {
		return p.posted.Get("income")
	}
	return strings.TrimPrefix(enrolment.Pounds(p.Form.Income), "£")
}

// Level is a skill's, as the select's value.
func (p stepPage) Level(id string) string { return strconv.Itoa(p.Form.Skills[id]) }

// Levels are the choices for a skill.
func (p stepPage) Levels() []web.Option {
	if p.Role == programme.Client {
		return []web.Option{{Value: "0", Text: "Not needed"}, {Value: "1", Text: "Would help"}, {Value: "2", Text: "Important"}, {Value: "3", Text: "Most important"}}
	}
	return []web.Option{{Value: "0", Text: "Not offered"}, {Value: "1", Text: "Some experience"}, {Value: "2", Text: "Experienced"}, {Value: "3", Text: "Could teach it"}}
}

func (s *site) showStep(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	d, err := s.draft(r, p, role)
	if err != nil {
		return err
	}
	if d.Sent { // the next form begins anew
		d = &store.Draft{Role: role}
	}
	return s.renderStep(w, r, p, role, stepPage{Form: d.Form}, nil)
}

func (s *site) renderStep(w http.ResponseWriter, r *http.Request, p *programme.Programme, role programme.Role, data stepPage, invalid *fault.Invalid) error {
	all := stepsFor(p, role, data.Form, r.PathValue("step"))
	i := slices.IndexFunc(all, func(st step) bool { return st.name == r.PathValue("step") })
	if i < 0 {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	side, f := r.PathValue("side"), data.Form
	checking := r.URL.Query().Has("check")
	data.Step, data.Number, data.Of, data.Side, data.Role, data.Checking, data.Spoken = all[i].name, i+1, len(all), side, role, checking, f.Languages
	data.Where = f.Where(p)
	for _, skill := range p.Skills {
		if string(skill.Kind) == all[i].name {
			data.Skills = append(data.Skills, skill)
		}
	}
	for _, name := range regions(p, f, checking) {
		data.Regions = append(data.Regions, web.Option{Value: name, Text: name})
	}
	for _, h := range enrolment.HalfDays {
		data.HalfDays = append(data.HalfDays, web.Option{Value: h.ID, Text: h.Name})
	}
	for _, m := range enrolment.Meetings {
		data.Meetings = append(data.Meetings, web.Option{Value: m.ID, Text: m.Name})
	}
	if spoken := p.Spoken(); len(spoken) > 1 {
		for _, l := range spoken {
			data.Languages = append(data.Languages, web.Option{Value: l, Text: l})
		}
		if f.Languages == nil {
			data.Spoken = spoken[:1]
		}
	}
	back := "/enrol/" + p.ID
	switch {
	case checking:
		back += "/" + side + "/check"
	case i > 0:
		back += "/" + side + "/" + all[i-1].name
	}
	return s.Pages.Show(w, r, "step-"+pageOf(all[i].name), web.Page{Title: all[i].title, Programme: p, Invalid: invalid, Back: back, Data: data})
}

// regions are those to choose from: where the postcode may lie, the usual one first, and
// all others for somebody who corrects it, or has given no postcode yet.
func regions(p *programme.Programme, f enrolment.Form, checking bool) []string {
	all := slices.Clone(f.Regions(p))
	if len(all) > 0 && !checking {
		return all
	}
	for _, name := range p.Territory().Regions() {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// pageOf is the template of a step: the two pages of skills share one.
func pageOf(step string) string {
	if step == string(programme.Leadership) || step == string(programme.Specialist) {
		return "skills"
	}
	return step
}

func (s *site) saveStep(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	d, err := s.draft(r, p, role)
	if err != nil {
		return err
	}
	if d.Sent { // the next form begins anew
		d = &store.Draft{Role: role}
	}
	here := r.PathValue("step")
	all := stepsFor(p, role, d.Form, here)
	i := slices.IndexFunc(all, func(st step) bool { return st.name == here })
	if i < 0 {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	typed := d.Form
	all[i].read(&typed, posted)

	var invalid *fault.Invalid
	if !all[i].partial && errors.As(typed.Normalised(p).Check(p, role, all[i].inputs...), &invalid) {
		return s.renderStep(w, r, p, role, stepPage{Form: typed, posted: posted}, invalid)
	}
	typed = typed.Normalised(p)
	settled, ask := email.Settle(email.Address(typed.Email), posted.Get(web.Meant), email.Address(d.Form.Email))
	if ask != "" && posted.Has("email") {
		options, question := web.AskMeant(settled, ask)
		return s.renderStep(w, r, p, role, stepPage{Form: typed, posted: posted, Meant: options}, question)
	}
	typed.Email = string(settled)
	if typed.Postcode != d.Form.Postcode {
		typed.Region = "" // it was of another place
	}
	d.Form = typed
	if err := s.keep(w, r, p, d); err != nil {
		return err
	}
	return web.Redirect(w, r, "/enrol/"+p.ID+"/"+r.PathValue("side")+"/"+s.after(p, role, d.Form, here, r.URL.Query().Has("check")))
}

// after is the page that follows a step: the next one, or the check page where the step
// was opened from there. A new postcode that may lie in several regions is asked about first.
func (s *site) after(p *programme.Programme, role programme.Role, f enrolment.Form, here string, checking bool) string {
	if checking && here == "organisation" && f.Where(p) == "" {
		return "region?check"
	}
	all := stepsFor(p, role, f, here)
	if i := slices.IndexFunc(all, func(st step) bool { return st.name == here }) + 1; i < len(all) && !checking {
		return all[i].name
	}
	return "check"
}

// The draft's cookie: one for each programme and side, for as long as the draft.
func cookieName(p *programme.Programme, role programme.Role) string {
	if role == programme.Client {
		return "cascade-seek-" + p.ID
	}
	return "cascade-offer-" + p.ID
}

// draft is what the person has entered so far; empty before the first answer.
func (s *site) draft(r *http.Request, p *programme.Programme, role programme.Role) (*store.Draft, error) {
	empty := &store.Draft{Role: role}
	c, err := r.Cookie(cookieName(p, role))
	if err != nil {
		return empty, nil
	}
	d, err := s.Store.Draft(r.Context(), p.ID, hashed(c.Value))
	switch {
	case fault.Is(err, fault.NotFound):
		return empty, nil
	case err != nil:
		return nil, err
	case d.Role != role || !s.Now().Before(d.ExpireAt):
		return empty, nil
	}
	return d, nil
}

// keep saves the draft, and gives the browser its token when it is a new one.
func (s *site) keep(w http.ResponseWriter, r *http.Request, p *programme.Programme, d *store.Draft) error {
	now := s.Now()
	c := s.Store.Commit()
	d.UpdatedAt, d.ExpireAt = now, now.Add(store.DraftLife)
	if d.ID != "" {
		c.UpdateDraft(p.ID, d)
		return c.Do(r.Context())
	}
	token := rand.Text()
	d.ID, d.CreatedAt = hashed(token), now
	c.CreateDraft(p.ID, d)
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(p, d.Role), Value: token, Path: "/enrol/" + p.ID, MaxAge: int(store.DraftLife.Seconds()),
		HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode,
	})
	return nil
}

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:16])
}
