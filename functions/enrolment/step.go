package enrolment

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	forms "github.com/cascading-leadership/cascade/shared/form"
	"github.com/cascading-leadership/cascade/shared/lookup"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/privacy"
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
	// shows is what the page shows in its inputs, from which read reads.
	shows func(p stepPage) map[string][]string
}

// Before the first question people read what becomes of their answers.
var steps = []step{
	{name: notice, title: "How we use what you tell us", inputs: []string{"consent", "agrees"},
		read: func(f *enrolment.Form, v url.Values) { f.Consent, f.Agrees = v.Get("consent"), v["agrees"] },
		shows: func(p stepPage) map[string][]string {
			return map[string][]string{"consent": {p.Form.Consent}, "agrees": p.Form.Agrees}
		}},
	{name: "you", title: "About you", inputs: []string{"name", "email", "phone"},
		read: func(f *enrolment.Form, v url.Values) {
			f.Name, f.Email, f.Phone = v.Get("name"), v.Get("email"), v.Get("phone")
		},
		shows: func(p stepPage) map[string][]string {
			return map[string][]string{"name": {p.Form.Name}, "email": {p.Email()}, "phone": {p.Form.Phone}}
		}},
	{name: "organisation", title: "Your organisation", inputs: []string{"organisation", "number", "postcode", "income"},
		read: func(f *enrolment.Form, v url.Values) {
			f.Organisation, f.Number, f.Postcode = v.Get("organisation"), v.Get("number"), v.Get("postcode")
			var ok bool
			if f.Income, ok = enrolment.ParseIncome(v.Get("income")); !ok {
				f.Income = -1 // refused by the form's rules
			}
		},
		shows: func(p stepPage) map[string][]string {
			return map[string][]string{"organisation": {p.Form.Organisation}, "number": {p.Form.Number}, "postcode": {p.Form.Postcode}, "income": {p.Income()}}
		}},
	{name: "region", title: "Which region is your organisation in?", inputs: []string{"region"},
		read:  func(f *enrolment.Form, v url.Values) { f.Region = v.Get("region") },
		shows: func(p stepPage) map[string][]string { return map[string][]string{"region": {p.Where}} }},
	{name: "categories", title: "What does your organisation mainly do?", inputs: []string{"categories"},
		read:  func(f *enrolment.Form, v url.Values) { f.Categories = v["categories"] },
		shows: func(p stepPage) map[string][]string { return map[string][]string{"categories": p.Form.Categories} }},
	{name: "leadership", title: "Leadership", inputs: []string{"skills"}, partial: true,
		read: func(f *enrolment.Form, v url.Values) { readSkills(f, v) }, shows: stepPage.levels},
	{name: "specialist", title: "Practical, specialist help", inputs: []string{"skills"},
		read: func(f *enrolment.Form, v url.Values) { readSkills(f, v) }, shows: stepPage.levels},
	{name: "availability", title: "When and how could you meet?", inputs: []string{"availability", "meeting", "languages"},
		read: func(f *enrolment.Form, v url.Values) {
			f.Availability, f.Meeting = v["availability"], v["meeting"]
			f.Languages = append([]string{}, v["languages"]...) // none is another answer than left out
		},
		shows: func(p stepPage) map[string][]string {
			return map[string][]string{"availability": p.Form.Availability, "meeting": p.Form.Meeting, "languages": p.Spoken}
		}},
	{name: "capacity", title: "How many at once?", inputs: []string{"capacity"}, only: programme.Consultant,
		read: func(f *enrolment.Form, v url.Values) {
			f.Capacity, _ = strconv.Atoi(strings.TrimSpace(v.Get("capacity"))) // 0 is refused
		},
		shows: func(p stepPage) map[string][]string { return map[string][]string{"capacity": {p.Capacity()}} }},
	{name: "conflicts", title: "Organisations to avoid", inputs: []string{"conflicts"},
		read: func(f *enrolment.Form, v url.Values) {
			f.Conflicts = strings.Split(strings.ReplaceAll(v.Get("conflicts"), "\r\n", "\n"), "\n")
		},
		shows: func(p stepPage) map[string][]string { return map[string][]string{"conflicts": {p.Conflicts()}} }},
}

// notice is the step that shows the privacy notice, before all questions.
const notice = "privacy"

// boxes are the inputs of which a browser posts what is ticked alone.
var boxes = []string{"categories", "availability", "meeting", "languages", "consent", "agrees"}

// saved is what the page of a step shows of a draft, with its inputs by name.
func (s step) saved(p *programme.Programme, f enrolment.Form) ([]forms.Input, map[string][]string) {
	page := newPage(p, s.name, f)
	values := s.shows(page)
	var inputs []forms.Input
	for _, name := range slices.Sorted(maps.Keys(values)) {
		kind := forms.Typed
		if slices.Contains(boxes, name) {
			kind = forms.Boxes
		}
		inputs = append(inputs, forms.Input{Name: name, Kind: kind})
	}
	return inputs, values
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
	// Shown is what the page's hidden input says of what is saved, and Newer whether answers
	// of another window were kept on the page before.
	Shown string
	Newer bool
	// Meant are the addresses of which one is to be chosen, where one may be a slip.
	Meant []web.Option
	// Notice is the programme's privacy notice, on the page that asks to agree to it.
	Notice *privacy.Notice
	// Registers are those in which one's organisation can be looked up, on the page that asks
	// for it.
	Registers []lookup.Source
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

// Asked are the purposes to which one can agree beside, each by itself.
func (p stepPage) Asked() (all []web.Option) {
	for _, asked := range privacy.Asked() {
		all = append(all, web.Option{Value: string(asked.ID), Text: "You may use it " + small(asked.Title), Hint: asked.Why})
	}
	return all
}

// small is a text with its first letter in lower case.
func small(text string) string { return strings.ToLower(text[:1]) + text[1:] }

// Level is a skill's, as the select's value.
func (p stepPage) Level(id string) string { return strconv.Itoa(p.Form.Skills[id]) }

// levels are those of the skills that the page asks for.
func (p stepPage) levels() map[string][]string {
	all := map[string][]string{}
	for _, skill := range p.Skills {
		all["skill-"+skill.ID] = []string{p.Level(skill.ID)}
	}
	return all
}

// Levels are the choices for a skill.
func (p stepPage) Levels() []web.Option { return web.Numbered(enrolment.Levels(p.Role)) }

// newPage is the page of a step with answers.
func newPage(p *programme.Programme, step string, f enrolment.Form) stepPage {
	data := stepPage{Step: step, Form: f, Spoken: f.Languages, Where: f.Where(p)}
	for _, skill := range p.Skills {
		if string(skill.Kind) == step {
			data.Skills = append(data.Skills, skill)
		}
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
	return data
}

// stepOfPath is the step that a request's address names, and its place among those that
// somebody is asked.
func stepOfPath(r *http.Request, p *programme.Programme, role programme.Role, f enrolment.Form) (all []step, i int, err error) {
	all = stepsFor(p, role, f, r.PathValue("step"))
	i = slices.IndexFunc(all, func(st step) bool { return st.name == r.PathValue("step") })
	if i < 0 {
		err = fault.New(fault.NotFound, "There is no such page.")
	}
	return all, i, err
}

func (s *site) showStep(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	d, err := s.filling(r, p, role)
	if err != nil {
		return err
	}
	// Nobody is asked anything before they have read what becomes of their answers.
	if all, i, err := stepOfPath(r, p, role, d.Form); d.ID == "" && err == nil && all[i].name != notice {
		return web.Redirect(w, r, "/enrol/"+p.ID+"/"+r.PathValue("side")+"/"+notice)
	}
	return s.renderStep(w, r, p, role, d.Form, newPage(p, r.PathValue("step"), d.Form), nil)
}

// renderStep shows a step's page with what was typed, which is other than what is saved
// where it is shown again to be corrected.
func (s *site) renderStep(w http.ResponseWriter, r *http.Request, p *programme.Programme, role programme.Role, saved enrolment.Form, data stepPage, invalid *fault.Invalid) error {
	all, i, err := stepOfPath(r, p, role, data.Form)
	if err != nil {
		return err
	}
	side, checking := r.PathValue("side"), r.URL.Query().Has("check")
	data.Number, data.Of, data.Side, data.Role, data.Checking = i+1, len(all), side, role, checking
	if all[i].name == notice {
		data.Notice = s.Notice(p)
	}
	if all[i].name == "organisation" {
		data.Registers = s.offerLookUp(w)
	} else {
		s.organisations.present() // so that it is there by then
	}
	data.Shown, data.Newer = forms.Showed(all[i].saved(p, saved)), r.URL.Query().Has(newer)
	for _, name := range regions(p, data.Form, checking) {
		data.Regions = append(data.Regions, web.Option{Value: name, Text: name})
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

// newer is the parameter by which a page says that answers of another window were kept.
const newer = "newer"

// pageOf is the template of a step: the two pages of skills share one.
func pageOf(step string) string {
	if step == string(programme.Leadership) || step == string(programme.Specialist) {
		return "skills"
	}
	return step
}

// saveStep saves a page's answers. What another window has saved since the page was shown
// is kept where the person left it as it was, and asked about where they did not.
func (s *site) saveStep(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	d, err := s.filling(r, p, role)
	if err != nil {
		return err
	}
	all, i, err := stepOfPath(r, p, role, d.Form)
	if err != nil {
		return err
	}
	inputs, saved := all[i].saved(p, d.Form)
	merged, kept, clash := forms.Merge(inputs, saved, posted)
	posted = merged
	typed := d.Form
	all[i].read(&typed, posted)
	again := func(f enrolment.Form, invalid *fault.Invalid) error {
		page := newPage(p, all[i].name, f)
		page.posted = posted
		return s.renderStep(w, r, p, role, d.Form, page, invalid)
	}

	var invalid *fault.Invalid
	if !all[i].partial && errors.As(typed.Normalised(p).Check(p, role, all[i].inputs...), &invalid) {
		return again(typed, invalid)
	}
	if len(clash) > 0 {
		invalid = new(fault.Invalid)
		for _, name := range clash {
			invalid.Add(name, "%s", forms.ChangedElsewhere)
		}
		return again(typed, invalid)
	}
	typed = typed.Normalised(p)
	settled, ask := email.Settle(email.Address(typed.Email), posted.Get(web.Meant), email.Address(d.Form.Email))
	if ask != "" && posted.Has("email") {
		options, question := web.AskMeant(settled, ask)
		page := newPage(p, all[i].name, typed)
		page.posted, page.Meant = posted, options
		return s.renderStep(w, r, p, role, d.Form, page, question)
	}
	typed.Email = string(settled)
	if typed.Postcode != d.Form.Postcode {
		typed.Region = "" // it was of another place
	}
	d.Form = typed
	if err := s.keep(w, r, p, d); err != nil {
		return err
	}
	next := "/enrol/" + p.ID + "/" + r.PathValue("side") + "/" + s.after(p, role, d.Form, all[i].name, r.URL.Query().Has("check"))
	switch {
	case kept && strings.Contains(next, "?"):
		next += "&" + newer
	case kept:
		next += "?" + newer
	}
	return web.Redirect(w, r, next)
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

// filling is the draft that somebody fills in: another one, once it was sent.
func (s *site) filling(r *http.Request, p *programme.Programme, role programme.Role) (*store.Draft, error) {
	d, err := s.draft(r, p, role)
	if err == nil && d.Sent {
		d = &store.Draft{Role: role}
	}
	return d, err
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
		c.UpdateDraft(p, d)
		return c.Do(r.Context())
	}
	token := rand.Text()
	d.ID, d.CreatedAt = hashed(token), now
	c.CreateDraft(p, d)
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
