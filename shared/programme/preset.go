package programme

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/text"
)

//go:embed presets/*.yaml
var presets embed.FS

// Presets are the names of the programmes that ship as data.
func Presets() []string {
	files, _ := fs.Glob(presets, "presets/*.yaml")
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(f, "presets/"), ".yaml")
	}
	return names
}

// Preset is a programme that ships as data, by name.
func Preset(name string) (*Programme, error) {
	settings, err := PresetText(name)
	if err != nil {
		return nil, err
	}
	return Parse(settings)
}

// PresetText is a preset's YAML with its comments, to be edited.
func PresetText(name string) ([]byte, error) {
	settings, err := presets.ReadFile("presets/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no preset %q; there are %s", name, strings.Join(Presets(), ", "))
	}
	return settings, nil
}

// Parse reads a programme from the YAML of a file, in UTF-8 or UTF-16, and checks it. Every
// text is tidied. An unknown key or a missing setting is an error that names it, with line
// and column where there is one.
func Parse(file []byte) (*Programme, error) {
	settings, err := text.File(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	settings, err = spaced(settings)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseBytes(settings, 0)
	if err != nil {
		return nil, err
	}
	p := new(Programme)
	if len(parsed.Docs) > 0 && parsed.Docs[0].Body != nil {
		ast.Walk(tidied{}, parsed.Docs[0].Body)
		if ast.Walk(commented{&err}, parsed.Docs[0].Body); err != nil {
			return nil, err
		}
		if err := yaml.NodeToValue(parsed.Docs[0].Body, p, yaml.Strict()); err != nil {
			return nil, err
		}
	}
	p.defaults()
	if err := p.Translate(p.Translations); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

// spaced are settings whose spaces are all of the one kind that YAML knows: no-break ones
// come along when settings are copied from a page, and look the same. A line that a tab
// indents is an error, since nobody can say how far it does.
func spaced(settings []byte) ([]byte, error) {
	settings = bytes.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, settings)
	line := 0
	for l := range bytes.Lines(settings) {
		line++
		if indented := bytes.TrimLeft(l, " "); len(bytes.TrimSpace(l)) > 0 && indented[0] == '\t' {
			return nil, fmt.Errorf("[%d:%d] the line is indented with a tab: use spaces", line, len(l)-len(indented)+1)
		}
	}
	return settings, nil
}

// tidied tidies each text of settings.
type tidied struct{}

// Visit implements ast.Visitor. A block that keeps its lines, such as a table, is tidied line
// by line.
func (t tidied) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.LiteralNode:
		if strings.HasPrefix(n.Start.Value, "|") {
			lines := strings.Split(strings.TrimRight(n.Value.Value, "\n"), "\n")
			n.Value.Value = strings.Join(text.All(lines), "\n") + "\n"
			return nil
		}
	case *ast.StringNode:
		n.Value = text.Tidy(n.Value)
	}
	return t
}

// defaults fills in what was left out and has a usual value, and reads addresses.
func (p *Programme) defaults() {
	p.Host.Email = string(email.Read(p.Host.Email))
	p.RequestsTo = string(email.Read(p.RequestsTo))
	p.Complaints.Email = string(email.Read(p.Complaints.Email))
	p.Look.tidy()
	if p.Place.Within == "" {
		p.Place.Within = SameRegion
	}
	if p.Objective == "" {
		p.Objective = Fair
	}
	p.Languages = p.Spoken()
}

// check finds what would surprise someone later on a page. Its error names the
// setting.
func (p *Programme) check() error {
	for _, setting := range []struct{ name, value string }{
		{"name", p.Name}, {"about", p.About}, {"zone", p.Zone},
		{"host.name", p.Host.Name}, {"host.contact", p.Host.Contact}, {"host.email", p.Host.Email}, {"host.phone", p.Host.Phone},
		{"terms.client.article", p.Terms.Client.Article}, {"terms.client.singular", p.Terms.Client.Singular}, {"terms.client.plural", p.Terms.Client.Plural},
		{"terms.consultant.article", p.Terms.Consultant.Article}, {"terms.consultant.singular", p.Terms.Consultant.Singular}, {"terms.consultant.plural", p.Terms.Consultant.Plural},
		{"privacy.version", p.Privacy.Version}, {"expectations.version", p.Expectations.Version},
		{"questionnaires.baseline", p.Questionnaires.Baseline}, {"questionnaires.closing", p.Questionnaires.Closing},
	} {
		switch {
		case setting.value == "":
			return fmt.Errorf("programme: %s is missing", setting.name)
		case !Plain(setting.value):
			return fmt.Errorf("programme: %s holds control characters", setting.name)
		}
	}
	if strings.EqualFold(p.Terms.Client.Singular, p.Terms.Consultant.Singular) || strings.EqualFold(p.Terms.Client.Plural, p.Terms.Consultant.Plural) {
		return fmt.Errorf("programme: terms: both roles are called %q, and pages name both in one sentence: tell them apart, as exploring peer and supporting peer do", p.Terms.Client.Singular)
	}
	if _, err := email.Parse(p.Host.Email); err != nil {
		return fmt.Errorf("programme: host.email %q: %w", p.Host.Email, err)
	}
	if _, err := email.Parse(p.RequestsTo); p.RequestsTo != "" && err != nil {
		return fmt.Errorf("programme: requestsTo %q: %w", p.RequestsTo, err)
	}
	if _, err := time.LoadLocation(p.Zone); err != nil {
		return fmt.Errorf("programme: zone %q is no IANA time zone", p.Zone)
	}
	switch {
	case !slices.Contains(Modes, p.Mode):
		return fmt.Errorf("programme: mode %q is not one of %q", p.Mode, Modes)
	case p.Place.Within != SameRegion && p.Place.Within != Distance && p.Place.Within != Online:
		return fmt.Errorf("programme: place.within %q is not one of %q", p.Place.Within, []Within{SameRegion, Distance, Online})
	case (p.Place.Within == Distance) != (p.Place.Kilometres > 0) || p.Place.Kilometres < 0:
		return fmt.Errorf("programme: place.kilometres belongs to within: %s, and is above 0 there", Distance)
	case p.Objective != Fair && p.Objective != Total:
		return fmt.Errorf("programme: objective %q is not one of %q", p.Objective, []Objective{Fair, Total})
	case p.Competition.Level < 0 || p.Competition.Level > 3:
		return fmt.Errorf("programme: competition.level is a level of UK-CAT, 1 to 3")
	case p.Competition.Area != District && p.Competition.Area != PostcodeArea && p.Competition.Area != Region:
		return fmt.Errorf("programme: competition.area %q is not one of %q, %q and %q", p.Competition.Area, District, PostcodeArea, Region)
	case slices.ContainsFunc(p.Weights.All(), func(w int) bool { return w < 0 || w > MaxWeight }):
		return fmt.Errorf("programme: weights are 0 to %d", MaxWeight)
	case p.Sessions.Minimum < 1 || p.Sessions.Target < p.Sessions.Minimum || p.Sessions.Minutes < 1:
		return fmt.Errorf("programme: sessions need 1 <= minimum <= target and minutes >= 1")
	case p.Sessions.Target > MostSessions || p.Sessions.Maximum != 0 && (p.Sessions.Maximum < p.Sessions.Target || p.Sessions.Maximum > MostSessions):
		return fmt.Errorf("programme: sessions.maximum is a number from the target to %d", MostSessions)
	case p.Sessions.Further < 0 || p.Sessions.Further > mostFurther:
		return fmt.Errorf("programme: sessions.further is a number from 0 to %d", mostFurther)
	case p.Sessions.Paused != "" && p.Sessions.Paused != Kept && p.Sessions.Paused != Lent:
		return fmt.Errorf("programme: sessions.paused %q is not one of %q", p.Sessions.Paused, []Places{Kept, Lent})
	case p.Training < 0 || p.Training > MostTraining:
		return fmt.Errorf("programme: training is a number of hours, up to %d", MostTraining)
	case !Plain(p.Cost) || len([]rune(p.Cost)) > longestSaid:
		return fmt.Errorf("programme: cost is no text of up to %d characters on one line", longestSaid)
	case p.ConflictCheck && p.Mode != Assigned:
		return fmt.Errorf("programme: conflictCheck is for the mode assigned: where people choose, they see whom")
	case len(p.Expectations.Points) == 0:
		return fmt.Errorf("programme: expectations.points are missing")
	}
	for _, err := range []error{p.Dates.check(), p.Look.check(), p.Home.check(), p.checkOrigins(), p.checkComplaints(), p.checkBank(), p.checkTranslations()} {
		if err != nil {
			return err
		}
	}
	if err := p.Cadence.check(); err != nil {
		return err
	}
	if err := p.checkQuestionnaires(); err != nil {
		return err
	}
	if err := p.checkGeography(); err != nil {
		return fmt.Errorf("programme: %w", err)
	}
	for i, r := range p.Relax {
		if r != Neighbouring && r != Online || slices.Contains(p.Relax[:i], r) {
			return fmt.Errorf("programme: relax: %q is given twice, or not one of %q", r, []Within{Neighbouring, Online})
		}
	}
	for i, l := range p.Languages {
		given := func(other string) bool { return strings.EqualFold(l, other) }
		if l == "" || l != strings.TrimSpace(l) || !Plain(l) || slices.ContainsFunc(p.Languages[:i], given) {
			return fmt.Errorf("programme: languages: %q is empty, given twice or no plain name", l)
		}
	}
	if len(p.Languages) > MaxLanguages {
		return fmt.Errorf("programme: languages: %d of them, more than %d", len(p.Languages), MaxLanguages)
	}
	ids := make([]string, len(p.Skills))
	for i, s := range p.Skills {
		if ids[i] = s.ID; s.Name == "" || s.Kind != Leadership && s.Kind != Specialist {
			return fmt.Errorf("programme: skills: %q needs a name, and %q or %q as its kind", s.ID, Leadership, Specialist)
		}
	}
	if err := distinct("skills", ids); err != nil {
		return err
	}
	if len(ids) > MaxSkills {
		return fmt.Errorf("programme: skills: %d of them, more than %d", len(ids), MaxSkills)
	}
	codes := make([]string, len(p.Categories))
	for i, c := range p.Categories {
		if codes[i] = c.Code; c.Name == "" {
			return fmt.Errorf("programme: categories: %q needs a name", c.Code)
		}
	}
	if err := distinct("categories", codes); err != nil {
		return err
	}
	return p.checkQuestions()
}

// checkGeography says where rules ask for more than is known of where people are.
func (p *Programme) checkGeography() error {
	if err := p.Geography.Check(); err != nil {
		return err
	}
	for _, r := range p.Geography.Regions {
		if !Plain(r.Name) {
			return fmt.Errorf("geography.regions: %q holds control characters", r.Name)
		}
	}
	t := p.Territory()
	if err := t.Measured(); p.Place.Within == Distance && err != nil {
		return fmt.Errorf("place.within: %s cannot be: %w", Distance, err)
	}
	switch area := p.Competition.Area; {
	case slices.Contains(p.Relax, Neighbouring) && !t.Bordering():
		return fmt.Errorf("relax: %s cannot be: no region of geography borders on another", Neighbouring)
	case area == PostcodeArea && !t.IsUK():
		return fmt.Errorf("competition.area: %s is of the United Kingdom's postcodes: use %s or %s", PostcodeArea, District, Region)
	case area == District && !t.HasPostcodes():
		return fmt.Errorf("competition.area: %s cannot be: there is no geography.districts", District)
	}
	return nil
}

// idForm is what can stand in a document's field name and an input's name.
var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)

// distinct says what is wrong with the ids of a list that needs at least one entry.
func distinct(list string, ids []string) error {
	if len(ids) == 0 {
		return fmt.Errorf("programme: %s need at least one entry", list)
	}
	seen := map[string]bool{}
	for _, id := range ids {
		if !idForm.MatchString(id) || seen[id] {
			return fmt.Errorf("programme: %s: the id %q is given twice, or is not made of letters, digits and hyphens", list, id)
		}
		seen[id] = true
	}
	return nil
}
