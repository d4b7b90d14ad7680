package enrolment

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
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
	"github.com/cascading-leadership/cascade/shared/platform/correction"
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
	// chooses is the page's own input by which skills are chosen; how much of each is checked
	// on the page that asks it.
	chooses string
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
	{name: fits, title: "Is this programme for you?", inputs: []string{fits},
		read: func(f *enrolment.Form, v url.Values) {
			f.Fits = nil
			for name, values := range v {
				if id, ok := strings.CutPrefix(name, fits+"-"); ok && len(values) > 0 && values[0] == "yes" {
					f.Fits = append(f.Fits, id)
				}
			}
			slices.Sort(f.Fits)
		},
		shows: func(p stepPage) map[string][]string {
			all := map[string][]string{}
			for _, r := range p.Rules {
				all[fits+"-"+r.ID] = []string{p.Fits(r.ID)}
			}
			return all
		}},
	{name: "you", title: "About you", inputs: []string{"name", "email"},
		read: func(f *enrolment.Form, v url.Values) { f.Name, f.Email = v.Get("name"), v.Get("email") },
		shows: func(p stepPage) map[string][]string {
			return map[string][]string{"name": {p.Form.Name}, "email": {p.Email()}}
		}},
	{name: "organisation", title: "Your organisation", inputs: []string{"organisation", "number", "postcode", "categories"},
		read: func(f *enrolment.Form, v url.Values) {
			f.Organisation, f.Number, f.Postcode = v.Get("organisation"), v.Get("number"), v.Get("postcode")
			f.Categories = slices.DeleteFunc(slices.Clone(v["categories"]), func(code string) bool { return code == "" })
		},
		shows: func(p stepPage) map[string][]string {
			return map[string][]string{"organisation": {p.Form.Organisation}, "number": {p.Form.Number}, "postcode": {p.Form.Postcode}, "categories": p.Form.Categories}
		}},
	{name: "region", title: "Which region is your organisation in?", inputs: []string{"region"},
		read:  func(f *enrolment.Form, v url.Values) { f.Region = v.Get("region") },
		shows: func(p stepPage) map[string][]string { return map[string][]string{"region": {p.Where}} }},
	{name: strengths, title: "What could you offer?", inputs: []string{strengths}, only: programme.Client,
		read:  func(f *enrolment.Form, v url.Values) { f.Strengths = v[strengths] },
		shows: func(p stepPage) map[string][]string { return map[string][]string{strengths: p.Form.Strengths} }},
	{name: strengths, title: "What could you offer?", inputs: []string{"skills"}, only: programme.Consultant, chooses: strengths,
		read:  func(f *enrolment.Form, v url.Values) { f.Choose(v[strengths]) },
		shows: func(p stepPage) map[string][]string { return map[string][]string{strengths: p.Topics()} }},
	{name: needs, title: "What would help you most?", inputs: []string{"skills"}, only: programme.Client, chooses: needs,
		read:  func(f *enrolment.Form, v url.Values) { f.Choose(v[needs]) },
		shows: func(p stepPage) map[string][]string { return map[string][]string{needs: p.Topics()} }},
	{name: levels, title: "How much of each?", inputs: []string{"skills", "experience"}, read: readLevels, shows: stepPage.levels},
	{name: more, title: "A few more questions", inputs: []string{"extra"},
		read: func(f *enrolment.Form, v url.Values) {
			all := correction.Answers(v)
			for id, answer := range f.Extra {
				if _, asked := all[id]; !asked {
					all[id] = answer
				}
			}
			f.Extra = all
		},
		shows: func(p stepPage) map[string][]string {
			all := map[string][]string{}
			for _, q := range p.Beside {
				all[enrolment.ExtraInput(q.ID)] = []string{p.Form.Extra[q.ID]}
			}
			return all
		}},
}

// The steps about skills: which one could offer, which one needs, and how much of each.
const strengths, needs, levels = "strengths", "needs", "levels"

// The steps that a programme may have: for whom it is, and what it needs to know beside.
const fits, more = "fits", "more"

// notice is the step that shows the privacy notice, before all questions.
const notice = "privacy"

// boxes are the inputs of which a browser posts what is ticked alone.
var boxes = []string{"categories", strengths, needs, "consent", "agrees"}

// check says what to correct of what a step asks.
func (s step) check(p *programme.Programme, role programme.Role, f enrolment.Form) error {
	if s.chooses != "" {
		return f.CheckTopics(p, role, s.chooses)
	}
	return f.Check(p, role, s.inputs...)
}

// saved is what the page of a step shows of a draft, with its inputs by name.
func (s step) saved(p *programme.Programme, role programme.Role, f enrolment.Form) ([]forms.Input, map[string][]string) {
	page := newPage(p, role, f)
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

// readLevels takes over how much of each chosen skill is said. What the page does not ask, or
// the person has not chosen meanwhile, stays out.
func readLevels(f *enrolment.Form, v url.Values) {
	skills, experience := map[string]int{}, map[string]int{}
	for id := range f.Skills {
		skills[id] = levelOf(v.Get("skill-" + id))
		if own := levelOf(v.Get("own-" + id)); v.Has("own-"+id) && own != 0 {
			experience[id] = own
		}
	}
	if f.Skills, f.Experience = skills, experience; len(experience) == 0 {
		f.Experience = nil
	}
}

// levelOf is the level that a select posts; what is none is refused by the form's rules.
func levelOf(value string) int {
	level, err := strconv.Atoi(value)
	if err != nil {
		return -1
	}
	return level
}

// stepsFor are the steps that somebody in a role is asked, of which one is open. The region
// is asked where there are several to choose from; everybody can open it to correct it.
func stepsFor(p *programme.Programme, role programme.Role, f enrolment.Form, open string) []step {
	return slices.DeleteFunc(slices.Clone(steps), func(s step) bool {
		return s.only != "" && s.only != role || s.name == fits && len(p.Rules(role)) == 0 || s.name == more && len(needed(p, role)) == 0 || s.name == "region" && s.name != open && len(f.Regions(p)) < 2
	})
}

// needed are the programme's own questions without an answer to which nobody has a place.
func needed(p *programme.Programme, role programme.Role) []programme.Question {
	return slices.DeleteFunc(p.Asks(role), func(q programme.Question) bool { return !q.Required })
}

// stepPage is what the page of a step shows.
type stepPage struct {
	Step   string
	Number int
	Of     int
	Side   string
	Role   programme.Role
	Form   enrolment.Form
	// Skills are those that can be chosen, and Chosen those that were.
	Skills []web.Option
	Chosen []programme.Skill
	// Beside are the programme's own questions that have to be answered, and Rules for whom it is.
	Beside []programme.Question
	Rules  []programme.Rule
	// Regions are those to choose from, and Where is the one that is selected.
	Regions []web.Option
	Where   string
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

// Asked are the purposes to which one can agree beside, each by itself.
func (p stepPage) Asked() (all []web.Option) {
	for _, asked := range privacy.Asked() {
		all = append(all, web.Option{Value: string(asked.ID), Text: "You may use it " + small(asked.Title), Hint: asked.Why})
	}
	return all
}

// small is a text with its first letter in lower case.
func small(text string) string { return strings.ToLower(text[:1]) + text[1:] }

// Fits is what was said of a rule, as its radios have it; "" for nothing yet.
func (p stepPage) Fits(id string) string {
	switch {
	case p.posted != nil:
		return p.posted.Get(fits + "-" + id)
	case slices.Contains(p.Form.Fits, id):
		return "yes"
	}
	return ""
}

// YesNo are the choices of whether a rule is so of somebody.
func (stepPage) YesNo() []web.Option {
	return []web.Option{{Value: "yes", Text: "Yes"}, {Value: "no", Text: "No"}}
}

// Inputs are those of the programme's own questions.
func (p stepPage) Inputs(page web.Page) []correction.Input {
	return correction.Questions(page, p.Beside, p.Form.Extra)
}

// Topics are the ids of the skills that were chosen.
func (p stepPage) Topics() (all []string) {
	for _, s := range p.Chosen {
		all = append(all, s.ID)
	}
	return all
}

// Level is how much of a skill was said, as the select's value; "" for nothing yet.
func (p stepPage) Level(id string) string { return p.said("skill-"+id, p.Form.Skills[id]) }

// Own is how much somebody knows of it already, as the select's value; "" for nothing yet.
func (p stepPage) Own(id string) string {
	if p.Form.Skills[id] == 0 {
		return p.said("own-"+id, -1)
	}
	if own := p.Form.Experience[id]; own > 0 {
		return p.said("own-"+id, own)
	}
	return p.said("own-"+id, 0)
}

// said is what a select shows: what was posted, or a level that is saved.
func (p stepPage) said(input string, level int) string {
	switch {
	case p.posted != nil:
		return p.posted.Get(input)
	case level < 0, level == 0 && strings.HasPrefix(input, "skill-"):
		return ""
	}
	return strconv.Itoa(level)
}

// levels are those of the skills that the page asks for.
func (p stepPage) levels() map[string][]string {
	all := map[string][]string{}
	for _, s := range p.Chosen {
		all["skill-"+s.ID] = []string{p.Level(s.ID)}
		if p.Role == programme.Client {
			all["own-"+s.ID] = []string{p.Own(s.ID)}
		}
	}
	return all
}

// Levels are the choices for how important a need is, or how well one can offer a skill.
func (p stepPage) Levels() []web.Option {
	return append([]web.Option{{Text: "Select"}}, web.Numbered(enrolment.Levels(p.Role))[1:]...)
}

// Knows are the choices for how much one knows of a need already.
func (p stepPage) Knows() []web.Option {
	return append([]web.Option{{Text: "Select"}}, web.Numbered(enrolment.Own)...)
}

// KindField is the select of the i-th of up to three kinds of service. Only the first need be
// chosen.
func (p stepPage) KindField(page web.Page, i int) web.Field {
	f := web.Field{Name: "categories", Label: "Mainly", Options: []web.Option{{Text: "Select"}}}
	if i > 0 {
		f.Name, f.Label, f.Options = fmt.Sprintf("categories-%d", i+1), "And (optional)", []web.Option{{Text: "Nothing else"}}
	}
	for _, c := range page.Programme.Categories {
		f.Options = append(f.Options, web.Option{Value: c.Code, Text: c.Name})
	}
	if i < len(p.Form.Categories) {
		f.Value = p.Form.Categories[i]
	}
	return f
}

// newPage is the page of a step with answers.
func newPage(p *programme.Programme, role programme.Role, f enrolment.Form) stepPage {
	data := stepPage{Beside: needed(p, role), Rules: p.Rules(role), Role: role, Form: f, Where: f.Where(p), Chosen: f.Topics(p)}
	for _, skill := range p.Skills {
		data.Skills = append(data.Skills, web.Option{Value: skill.ID, Text: skill.Name})
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
	return s.renderStep(w, r, p, role, d.Form, newPage(p, role, d.Form), nil)
}

// renderStep shows a step's page with what was typed, which is other than what is saved
// where it is shown again to be corrected.
func (s *site) renderStep(w http.ResponseWriter, r *http.Request, p *programme.Programme, role programme.Role, saved enrolment.Form, data stepPage, invalid *fault.Invalid) error {
	all, i, err := stepOfPath(r, p, role, data.Form)
	if err != nil {
		return err
	}
	side, checking := r.PathValue("side"), r.URL.Query().Has("check")
	data.Step, data.Number, data.Of, data.Side, data.Role, data.Checking = all[i].name, i+1, len(all), side, role, checking
	if all[i].name == notice {
		data.Notice = s.Notice(p)
	}
	if all[i].name == "organisation" {
		data.Registers = s.offerLookUp(w)
	} else {
		s.organisations.present() // so that it is there by then
	}
	data.Shown, data.Newer = forms.Showed(all[i].saved(p, role, saved)), r.URL.Query().Has(newer)
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
	return s.Pages.Show(w, r, "step-"+all[i].name, web.Page{Title: all[i].title, Programme: p, Invalid: invalid, Back: back, Data: data})
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
	inputs, saved := all[i].saved(p, role, d.Form)
	merged, kept, clash := forms.Merge(inputs, saved, posted)
	posted = merged
	typed := d.Form
	all[i].read(&typed, posted)
	again := func(f enrolment.Form, invalid *fault.Invalid) error {
		page := newPage(p, role, f)
		page.posted = posted
		return s.renderStep(w, r, p, role, d.Form, page, invalid)
	}

	if whys := unfit(p, role, all[i].name, posted); len(whys) > 0 {
		return s.turnAway(w, r, p, d, whys)
	}
	var invalid *fault.Invalid
	if errors.As(all[i].check(p, role, typed.Normalised(p)), &invalid) {
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
		page := newPage(p, role, typed)
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

// unfit is why a programme is not for somebody, of what they say on the page that asks it.
func unfit(p *programme.Programme, role programme.Role, step string, posted url.Values) (whys []string) {
	for _, r := range p.Rules(role) {
		if step == fits && posted.Get(fits+"-"+r.ID) == "no" {
			whys = append(whys, p.Terms.Say(r.Why))
		}
	}
	return whys
}

// unfitPage is what somebody reads for whom the programme is not.
type unfitPage struct{ Whys []string }

// turnAway says why a programme is not for somebody, and where else they can go, and keeps
// nothing of what they have told so far: it is no error of theirs.
func (s *site) turnAway(w http.ResponseWriter, r *http.Request, p *programme.Programme, d *store.Draft, whys []string) error {
	if d.ID != "" {
		c := s.Store.Commit()
		c.RemoveDraft(p.ID, d.ID)
		if err := c.Do(r.Context()); err != nil {
			return err
		}
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName(p, d.Role), Path: "/enrol/" + p.ID, MaxAge: -1, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
	return s.Pages.Show(w, r, "unfit", web.Page{Title: "This programme is for others", Programme: p, Back: "/enrol/" + p.ID, Data: unfitPage{whys}})
}

// after is the page that follows a step: the next one, or the check page where the step
// was opened from there. A new postcode that may lie in several regions is asked about first,
// and so is how much of a skill that was just chosen.
func (s *site) after(p *programme.Programme, role programme.Role, f enrolment.Form, here string, checking bool) string {
	switch unsaid := slices.ContainsFunc(f.Topics(p), func(t programme.Skill) bool { return f.Skills[t.ID] == 0 }); {
	case checking && here == "organisation" && f.Where(p) == "":
		return "region?check"
	case checking && (here == needs || here == strengths) && unsaid:
		return levels + "?check"
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
