package table

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/text"
)

// The columns of enrolments.
const (
	colID = iota
	colRole
	colOrganisation
	colRegion
	colDistrict
	colCategories
	colNeeds
	colSkills
	colCapacity
	colSupervisor
	colConflicts
	colPreferences
	colLanguages
	colMeeting
	colAvailability
	colIncome
	colName
)

// EnrolmentColumns are the columns of enrolments.
var EnrolmentColumns = []string{
	"id", "role", "organisation_id", "region", "postcode_district", "categories", "needs", "skills", "capacity", "supervisor",
	"conflicts", "preferences", "languages", "meeting", "availability", "income_gbp", "organisation",
}

// supervisor is the role of a row that only says how many pairings someone can
// supervise.
const supervisor = "supervisor"

// Bounds that keep every sum within its numbers.
const (
	// MaxCapacity is more than there are people.
	MaxCapacity = 1_000_000_000
	// maxName is how long an organisation's name is, as in the form.
	maxName = 200
)

// Enrolments are the people of one programme, and how many pairings each
// supervisor can take. Lists are shared between people who gave the same: they are
// not to be changed.
type Enrolments struct {
	Clients, Consultants []matching.Person
	Supervisors          map[string]int
}

// ReadEnrolments reads the people of a programme. What they can need, offer and
// belong to is the programme's.
func ReadEnrolments(file string, from io.Reader, p *programme.Programme) (*Enrolments, error) {
	t, err := form{columns: EnrolmentColumns, optional: 1}.read(file, from)
	if err != nil {
		return nil, err
	}
	r := &enrolments{
		rows: t, out: &Enrolments{Supervisors: map[string]int{}}, p: p, line: map[string]int{}, named: map[string]mention{},
		territory: p.Territory(), regions: set(p.Territory().Regions(), region), skills: set(p.Skills, skill), categories: set(p.Categories, code),
		meetings: set(enrolment.Meetings, meeting), halfDays: set(enrolment.HalfDays, halfDay),
		languages: map[string]string{"english": "English"}, districts: map[string]geography.Postcode{},
		lists: map[int]map[string][]string{}, seen: map[string]bool{},
	}
	for _, l := range p.Spoken() {
		r.languages[strings.ToLower(l)] = l
	}
	r.rules = map[int]rule{
		colCategories: r.category, colConflicts: anEntry, colPreferences: anID, colLanguages: r.language,
		colMeeting:      among(r.meetings, "way of meeting", enumerate(enrolment.Meetings, meeting)),
		colAvailability: among(r.halfDays, "half-day", enumerate(enrolment.HalfDays, halfDay)),
	}
	for {
		ok, err := r.next()
		if err == nil && ok {
			err = r.person()
		}
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
	}
	if len(r.line) == 0 {
		return nil, &Error{File: file, Line: t.line, Column: 1, Text: "nobody is in the file: below the line with the columns' names there is one for each person"}
	}
	for _, m := range slices.SortedFunc(maps.Values(r.named), func(a, b mention) int { return cmp.Compare(a.line, b.line) }) {
		if _, ok := r.out.Supervisors[m.id]; !ok {
			return nil, m.wrong
		}
	}
	return r.out, nil
}

// Strangers are how many entries of conflicts name nobody, or only the organisation of the
// person whose entry it is; and how many name somebody nearly.
func (e *Enrolments) Strangers() (strange, near int) {
	var all []*matching.Person
	asked := false
	for _, side := range [][]matching.Person{e.Clients, e.Consultants} {
		for i := range side {
			all = append(all, &side[i])
			asked = asked || len(side[i].Conflicts) > 0
		}
	}
	if !asked {
		return 0, 0
	}
	index := organisation.NewIndex(len(all))
	for _, person := range all {
		o := &person.Organisation
		index.Add(o.Name, o.Number, string(o.Postcode))
	}
	for i, person := range all {
		for _, entry := range person.Conflicts {
			own := append(index.Same(i), int32(i))
			others := func(named []int32) bool {
				return slices.ContainsFunc(named, func(n int32) bool { return !slices.Contains(own, n) })
			}
			switch exactly, nearly := index.Named(entry); {
			case others(exactly):
			case others(nearly):
				near++
			default:
				strange++
			}
		}
	}
	return strange, near
}

// mention is where a supervisor was named first, and what is wrong if no row says
// who that is.
type mention struct {
	id    string
	line  int
	wrong error
}

// enrolments reads rows into people.
type enrolments struct {
	*rows
	p         *programme.Programme
	territory *geography.Territory
	out       *Enrolments
	// line is where an id stands; named are the supervisors of other rows.
	line  map[string]int
	named map[string]mention
	// What there is to choose from, and one string for each that was read, so that a
	// person does not keep a whole row in memory.
	regions, skills, categories, meetings, halfDays choices
	languages                                       map[string]string
	districts                                       map[string]geography.Postcode
	// rules are those of the columns that hold lists; lists are those read already, by
	// column and cell.
	rules map[int]rule
	lists map[int]map[string][]string
	seen  map[string]bool
}

// rule gives an item of a list in its usual form, or says what is wrong with it.
type rule func(item string) (usual, wrong string)

// How things are written in a cell.
func region(r string) string             { return r }
func skill(s programme.Skill) string     { return s.ID }
func code(c programme.Category) string   { return c.Code }
func meeting(m enrolment.Meeting) string { return m.ID }
func halfDay(h enrolment.HalfDay) string { return h.ID }

// choices are what there is to choose from for a cell, by their keys, too.
type choices map[string]string

func set[T any](all []T, name func(T) string) choices {
	m := make(choices, 2*len(all))
	for _, x := range all {
		m[key(name(x))] = name(x)
	}
	for _, x := range all {
		m[name(x)] = name(x)
	}
	return m
}

// usual is a choice in its usual spelling, or "".
func (c choices) usual(cell string) string {
	if usual, ok := c[cell]; ok {
		return usual
	}
	return c[key(cell)]
}

// person reads one row.
func (r *enrolments) person() error {
	id, err := r.rows.id(colID)
	if err != nil {
		return err
	}
	id = strings.Clone(id)
	if before := r.line[id]; before > 0 {
		return r.errorIn(colID, "the id %q is on line %d already", id, before)
	}
	r.line[id] = r.rows.line
	switch role := key(r.cell(colRole)); role {
	case supervisor:
		for k := range r.columns {
			if k != colID && k != colRole && k != colCapacity && r.cell(k) != "" {
				return r.errorIn(k, "%s in a row of role %s, which has only an id and a capacity", text.Quote(r.cell(k)), role)
			}
		}
		r.out.Supervisors[id], err = r.capacity(colCapacity)
		return err
	case string(programme.Client), string(programme.Consultant):
		who := matching.Person{ID: id}
		if programme.Role(role) == programme.Client {
			err = r.client(&who)
		} else {
			err = r.consultant(&who)
		}
		if err == nil {
			err = r.either(&who)
		}
		if err != nil {
			return err
		}
		if programme.Role(role) == programme.Client {
			r.out.Clients = append(r.out.Clients, who)
		} else {
			r.out.Consultants = append(r.out.Consultants, who)
		}
		return nil
	default:
		return r.errorIn(colRole, "%s is no role: use %s, %s or %s", text.Quote(r.cell(colRole)), programme.Client, programme.Consultant, supervisor)
	}
}

// client reads what is a client's own.
func (r *enrolments) client(person *matching.Person) (err error) {
	if c := r.cell(colCapacity); c != "" && c != "1" {
		return r.errorIn(colCapacity, "%s in a row of role %s, whose capacity is 1", text.Quote(c), programme.Client)
	}
	if s := r.cell(colSupervisor); s != "" {
		return r.errorIn(colSupervisor, "%s in a row of role %s: only a row of role %s has a supervisor", text.Quote(s), programme.Client, programme.Consultant)
	}
	person.Capacity = 1
	person.Needs, err = r.levels(colNeeds)
	return err
}

// consultant reads what is a consultant's own.
func (r *enrolments) consultant(person *matching.Person) (err error) {
	if n := r.cell(colNeeds); n != "" {
		return r.errorIn(colNeeds, "%s in a row of role %s, which has skills and no needs", text.Quote(n), programme.Consultant)
	}
	if person.Capacity, err = r.capacity(colCapacity); err != nil || r.cell(colSupervisor) == "" {
		return err
	}
	s, err := r.id(colSupervisor)
	if err != nil {
		return err
	}
	m, ok := r.named[s]
	if !ok {
		s = strings.Clone(s)
		m = mention{s, r.rows.line, r.errorIn(colSupervisor, "no row has the id %q and the role %s", s, supervisor)}
		r.named[s] = m
	}
	person.Supervisor = m.id
	return nil
}

// either reads what both sides have.
func (r *enrolments) either(person *matching.Person) (err error) {
	o := &person.Organisation
	if c := r.cell(colOrganisation); c != "" {
		if o.Number, err = r.id(colOrganisation); err != nil {
			return err
		}
		o.Number = strings.Clone(o.Number)
	}
	if o.Name = strings.Clone(strings.ReplaceAll(r.cell(colName), "\n", " ")); o.Name != "" {
		if _, wrong := anEntry(o.Name); wrong != "" {
			return r.errorIn(colName, "%s", wrong)
		}
	}
	if o.Postcode, err = r.district(); err != nil {
		return err
	}
	if o.Region, err = r.regionOf(o.Postcode); err != nil {
		return err
	}
	if o.Categories, err = r.list(colCategories); err != nil {
		return err
	}
	if person.Skills, err = r.levels(colSkills); err != nil {
		return err
	}
	if person.Conflicts, err = r.list(colConflicts); err != nil {
		return err
	}
	if person.Preferences, err = r.list(colPreferences); err != nil {
		return err
	}
	if person.Languages, err = r.list(colLanguages); err != nil {
		return err
	}
	if person.Meeting, err = r.list(colMeeting); err != nil {
		return err
	}
	if person.Availability, err = r.list(colAvailability); err != nil {
		return err
	}
	var ok bool
	if o.Income, ok = enrolment.ParseIncome(r.cell(colIncome)); !ok {
		return r.errorIn(colIncome, "%s is not read, since it is no income or could be another: write pounds, %s", text.Quote(r.cell(colIncome)), enrolment.IncomeExamples)
	}
	return nil
}

// capacity is 1 where the cell is empty.
func (t *rows) capacity(column int) (int, error) {
	if t.cell(column) == "" {
		return 1, nil
	}
	return t.wholeNumber(column, MaxCapacity)
}

// district reads the first half of a postcode, or one of the programme's own.
func (r *enrolments) district() (geography.Postcode, error) {
	cell := r.cell(colDistrict)
	if cell == "" {
		return "", nil
	}
	district, ok := r.districts[cell]
	if !ok {
		switch district, ok = r.territory.ParseDistrict(strings.Clone(cell)); {
		case ok:
		case !r.territory.HasPostcodes():
			return "", r.errorIn(colDistrict, "%s in a programme without postcodes: leave it empty, and give the region", text.Quote(cell))
		case r.territory.IsUK():
			return "", r.errorIn(colDistrict, "%s is no postcode district: write the first half of a postcode, such as LS6", text.Quote(cell))
		default:
			return "", r.errorIn(colDistrict, "%s begins as no postcode of the programme does", text.Quote(cell))
		}
		r.districts[strings.Clone(cell)] = district
	}
	return district, nil
}

// regionOf reads the region, which is the file's to say, since districts cross borders;
// where it does not, it is the one in which most of the district is.
func (r *enrolments) regionOf(postcode geography.Postcode) (string, error) {
	region := r.regions.usual(r.cell(colRegion))
	if r.cell(colRegion) == "" {
		region = r.territory.Usual(postcode)
	}
	if region == "" {
		return "", r.errorIn(colRegion, "%s is no region: use %s", text.Quote(r.cell(colRegion)), strings.Join(r.territory.Regions(), ", "))
	}
	return region, nil
}

// list reads the items of a cell. Only those of ids are not shared: hardly two
// people give the same.
func (r *enrolments) list(column int) ([]string, error) {
	cell := r.cell(column)
	if cell == "" {
		return nil, nil
	}
	if known, ok := r.lists[column][cell]; ok {
		return known, nil
	}
	cell = strings.Clone(cell)
	var all []string
	clear(r.seen)
	for item := range items(cell) {
		usual, wrong := r.rules[column](item)
		if wrong == "" && r.seen[usual] {
			wrong = text.Quote(item) + " is given twice"
		}
		if wrong != "" {
			return nil, r.errorIn(column, "%s", wrong)
		}
		r.seen[usual] = true
		all = append(all, usual)
	}
	if column != colConflicts && column != colPreferences {
		if r.lists[column] == nil {
			r.lists[column] = map[string][]string{}
		}
		r.lists[column][cell] = all
	}
	return all, nil
}

// anEntry is what names an organisation: its id, or its name.
func anEntry(item string) (usual, wrong string) {
	if rounded.MatchString(item) {
		return "", notID(item)
	}
	if !programme.Plain(item) || len([]rune(item)) > maxName {
		return "", fmt.Sprintf("%s names no organisation: write its organisation_id, or its name in %d characters or fewer", text.Quote(item), maxName)
	}
	return item, ""
}

func anID(item string) (usual, wrong string) {
	if !isID(item) {
		return "", notID(item)
	}
	return item, ""
}

// among is the rule of a list whose items are of a kind that the system knows.
func among(known choices, kind, all string) rule {
	return func(item string) (usual, wrong string) {
		if usual = known.usual(item); usual == "" {
			return "", fmt.Sprintf("%s is no %s: use %s", text.Quote(item), kind, all)
		}
		return usual, ""
	}
}

func enumerate[T any](all []T, name func(T) string) string {
	names := make([]string, len(all))
	for i, x := range all {
		names[i] = name(x)
	}
	return strings.Join(names, ", ")
}

// A code of UK-CAT: AR, AR3 or AR303. One that begins with another lies below it.
var codeForm = regexp.MustCompile(`^[A-Z]{2}[0-9]{0,3}$`)

func (r *enrolments) category(item string) (usual, wrong string) {
	if usual = r.categories.usual(item); usual != "" {
		return usual, ""
	}
	if code := strings.ToUpper(item); codeForm.MatchString(code) {
		for n := range len(code) {
			if above := code[:n]; r.categories[above] != "" && codeForm.MatchString(above) {
				return code, ""
			}
		}
	}
	return "", fmt.Sprintf("%s is no category: use %s, or a code of UK-CAT below one of them", text.Quote(item),
		enumerate(r.p.Categories, code))
}

var languageForm = regexp.MustCompile(`^\p{L}[\p{L}\p{M} '’()-]*$`)

// language is a language's name in the programme's spelling, or else in that in
// which it came first, so that "welsh" is Welsh.
func (r *enrolments) language(item string) (usual, wrong string) {
	key := strings.ToLower(item)
	usual, ok := r.languages[key]
	if !ok {
		if !languageForm.MatchString(item) {
			return "", text.Quote(item) + " is no name of a language: use letters, spaces, hyphens, apostrophes and brackets"
		}
		if len(r.languages) >= programme.MaxLanguages {
			return "", fmt.Sprintf("%s is one more language than %d", text.Quote(item), programme.MaxLanguages)
		}
		r.languages[key], usual = item, item
	}
	return usual, ""
}

// levels reads skills with their levels.
func (r *enrolments) levels(column int) (map[string]int, error) {
	cell := r.cell(column)
	if cell == "" {
		return nil, nil
	}
	all := make(map[string]int, strings.Count(cell, ";")+1)
	for item := range items(cell) {
		name, digit, given := strings.Cut(item, ":")
		level := 1
		if given {
			level = slices.Index([]string{"0", "1", "2", "3"}, strings.Trim(digit, " "))
		}
		id := r.skills.usual(strings.Trim(name, " "))
		switch {
		case id == "":
			return nil, r.errorIn(column, "%s is no skill: use %s, each with a level, such as %s:2", text.Quote(name),
				enumerate(r.p.Skills, skill), r.p.Skills[0].ID)
		case level < 1:
			return nil, r.errorIn(column, "%s: the level is %s, not 1, 2 or 3", text.Quote(id), text.Quote(digit))
		case all[id] > 0:
			return nil, r.errorIn(column, "%s is given twice", text.Quote(id))
		}
		all[id] = level
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}

// Write writes the enrolments as ReadEnrolments reads them. Names, and who
// declined whom, have no place in them.
func (e *Enrolments) Write(to io.Writer, p *programme.Programme) error {
	w := newWriter(to)
	row := make([]string, len(EnrolmentColumns))
	if err := w.write(slices.Clone(EnrolmentColumns)...); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(e.Supervisors)) {
		clear(row)
		row[colID], row[colRole], row[colCapacity] = id, supervisor, strconv.Itoa(e.Supervisors[id])
		if err := w.write(row...); err != nil {
			return err
		}
	}
	list := func(items []string) string { return strings.Join(items, ";") }
	levels := func(all map[string]int) string {
		var items []string
		for _, s := range p.Skills {
			if level := all[s.ID]; level > 0 {
				items = append(items, s.ID+":"+strconv.Itoa(level))
			}
		}
		return list(items)
	}
	for _, role := range programme.Roles {
		people := e.Clients
		if role == programme.Consultant {
			people = e.Consultants
		}
		for i := range people {
			person := &people[i]
			o := &person.Organisation
			income := ""
			if o.Income > 0 {
				income = strconv.Itoa(o.Income)
			}
			row = append(row[:0], person.ID, string(role), o.Number, o.Region, o.Postcode.District(), list(o.Categories), levels(person.Needs), levels(person.Skills),
				strconv.Itoa(person.Capacity), person.Supervisor, list(person.Conflicts), list(person.Preferences), list(person.Languages), list(person.Meeting), list(person.Availability), income, o.Name)
			if err := w.write(row...); err != nil {
				return err
			}
		}
	}
	return w.end()
}
