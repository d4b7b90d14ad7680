package programme

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
)

func TestPresetsAreWhole(t *testing.T) {
	t.Parallel()
	if names := Presets(); !slices.Equal(names, []string{"coaching", "peers", "pilot-2016", "ranked"}) {
		t.Fatalf("presets %v", names)
	}
	for _, name := range Presets() {
		p, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if p.Location().String() != "Europe/London" || p.Sessions.Minimum < 1 {
			t.Errorf("%s: %+v", name, p.Sessions)
		}
		// Every text that is data is complete in the programme's own words.
		texts := append(append([]string{p.About, p.Name}, p.Privacy.Points...), p.Expectations.Points...)
		for _, s := range p.Skills {
			texts = append(texts, s.Name)
		}
		for _, text := range texts {
			said := strings.ToLower(odd.Say(text))
			if strings.ContainsAny(said, "{}") || strings.Contains(said, "client") || strings.Contains(said, "consultant") {
				t.Errorf("%s says %q", name, said)
			}
		}
	}
	if _, err := Preset("../preset"); err == nil || !strings.Contains(err.Error(), "coaching, peers, pilot-2016, ranked") {
		t.Errorf("a preset that is not there: %v", err)
	}
}

// A bad preset's error names the setting.
func TestBadPreset(t *testing.T) {
	t.Parallel()
	good, err := presets.ReadFile("presets/pilot-2016.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ old, new, names string }{
		{"zone: Europe/London", "zone: Europe/Lodnon", "zone"},
		{"zone: Europe/London", "", "zone"},
		{"mode: assigned", "mode: asigned", "mode"},
		{"mode: assigned", "", "mode"},
		{"name: Cascading Leadership pilot", "name: ''", "name"},
		{"contact: Morgan Sample, ", "", "host.contact"},
		{"email: programme@example.org, ", "", "host.email"},
		{"email: programme@example.org, ", "email: 'programme@example', ", "host.email"},
		{"phone: 020 7946 0000", "phone: \"020\\u00007946\"", "host.phone"},
		{"{article: a, singular: client, plural: clients}", "{singular: client, plural: clients}", "terms.client.article"},
		{"{article: a, singular: consultant, plural: consultants}", "{article: a, singular: x}", "terms.consultant.plural"},
		{"{article: a, singular: consultant, plural: consultants}", "{article: a, singular: Client, plural: consultants}", "both roles are called"},
		{"area: postcode area", "area: postcode", "competition.area"},
		{"competition: {area: postcode area, level: 1}", "", "competition.area"},
		{"area: postcode area, level: 1", "area: postcode area, level: 4", "competition.level"},
		{"area: postcode area, level: 1", "area: postcode area, level: -1", "competition.level"},
		{"{within: region}", "{within: county}", "place.within"},
		{"{within: region}", "{within: neighbouring region}", "place.within"},
		{"{within: region}", "{within: distance}", "place.kilometres"},
		{"{within: region}", "{within: distance, kilometres: -5}", "place.kilometres"},
		{"{within: region}", "{within: region, kilometres: 5}", "place.kilometres"},
		{"{within: region}", "{within: distance, miles: 5}", "miles"},
		{"relax: [neighbouring region, online]", "relax: [region]", "relax"},
		{"relax: [neighbouring region, online]", "relax: [competition]", "relax"},
		{"relax: [neighbouring region, online]", "relax: [online, online]", "relax"},
		{"objective: fair", "objective: best", "objective"},
		{"languages: [English, Welsh, British Sign Language]", "languages: [English, '']", "languages"},
		{"languages: [English, Welsh, British Sign Language]", "languages: [English, ' English']", "languages"},
		{"languages: [English, Welsh, British Sign Language]", "languages: [English, english]", "languages"},
		{"languages: [English, Welsh, British Sign Language]", "languages: [\"Eng\\u202elish\"]", "languages"},
		{"languages: [English, Welsh, British Sign Language]", "languages: [" + many(MaxLanguages+1) + "]", "languages"},
		{"{fit: 10,", "{fit: -1,", "weights"},
		{"{fit: 10,", "{fit: ten,", "weights"},
		{"{fit: 10,", "{fit: 1001,", "weights"},
		{"preference: 10", "preference: -1", "weights"},
		{"minimum: 2", "minimum: 0", "sessions"},
		{"minimum: 2", "minimum: 3", "sessions"},
		{"minutes: 90", "minutes: 0", "sessions"},
		{"minutes: 90", "minuets: 90", "minuets"},
		{"{id: digital, name: Digital, kind: specialist}", "{id: digital, name: Digital, kind: practical}", "skills"},
		{"{id: digital, name: Digital, kind: specialist}", "{id: digital, kind: specialist}", "skills"},
		{"{id: digital, name: Digital, kind: specialist}", "{id: people, name: Digital, kind: specialist}", "skills"},
		{"{id: digital, name: Digital, kind: specialist}", "{id: dig.ital, name: Digital, kind: specialist}", "skills"},
		{"{code: AR, name: Arts}", "{code: AN, name: Arts}", "categories"},
		{"{code: AR, name: Arts}", "{code: AR}", "categories"},
		{"baseline: baseline-1, ", "", "questionnaires.baseline"},
		{"mode: assigned", "mode: assigned\nrequestsTo: nobody", "requestsTo"},
		{"privacy:\n  version: \"2026-11\"", "privacy:\n  version: ''", "privacy.version"},
	} {
		if !strings.Contains(string(good), row.old) {
			t.Fatalf("the preset no longer holds %q", row.old)
		}
		p, err := Parse([]byte(strings.Replace(string(good), row.old, row.new, 1)))
		if err == nil || p != nil || !strings.Contains(err.Error(), row.names) {
			t.Errorf("%q for %q: %v, want an error that names %s", row.new, row.old, err, row.names)
		}
	}
	for _, text := range []string{"", "name: x\nname: y", "- a list", "name: [", "\xff\xfe"} {
		if p, err := Parse([]byte(text)); err == nil || p != nil {
			t.Errorf("%q is a programme", text)
		}
	}
}

// However a file of settings was saved, it says the same, or why it cannot be read.
func TestSettingsAreReadAsTheyWereSaved(t *testing.T) {
	t.Parallel()
	const name = "pilot-2016"
	want, err := Preset(name)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := PresetText(name)
	if err != nil {
		t.Fatal(err)
	}
	marked, err := os.ReadFile("testdata/p-bom.yaml")
	if err != nil {
		t.Fatal(err)
	}
	wide := func(order unicode.Endianness) string {
		s, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(string(settings))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	with := func(old, new string) string {
		if !strings.Contains(string(settings), old) {
			t.Fatalf("the preset no longer holds %q", old)
		}
		return strings.ReplaceAll(string(settings), old, new)
	}
	for how, file := range map[string]string{
		"p-bom.yaml":            string(marked),
		"a byte order mark":     "\ufeff" + string(settings),
		"UTF-16":                wide(unicode.LittleEndian),
		"UTF-16, big-endian":    wide(unicode.BigEndian),
		"CRLF":                  with("\n", "\r\n"),
		"CR":                    with("\n", "\r"),
		"no-break indentation":  with("\n  client:", "\n\u00a0\u00a0client:"),
		"a no-break space":      with("name: Cascading Leadership", "name:\u00a0Cascading\u202fLeadership"),
		"a line of such spaces": with("\nmode:", "\n\u00a0\nmode:"),
		"what nobody sees":      with("Morgan Sample", "\u200bMorgan  Sam\u00adple\ufeff"),
		"it in a key":           with("mode:", "mode\u200b:"),
		"it in a list":          with("name: Coaching,", "name: 'Coaching\u00a0',"),
		"two lines":             with("about: Experienced leaders", "about: >\n  Experienced\n  leaders"),
	} {
		p, err := Parse([]byte(file))
		if err != nil {
			t.Errorf("%s: %v", how, err)
		} else if how == "p-bom.yaml" && p.Sessions == (Sessions{Minimum: 2, Target: 2, Minutes: 90}) {
			p.Sessions = want.Sessions // it is from before they had a maximum, matches a day to answer by, and expectations questions
			p.Expectations.Checks = want.Expectations.Checks
			p.Cadence.Asks.ReplyBy = want.Cadence.Asks.ReplyBy
			p.Cadence.MostAWeek, p.Cadence.MostAMonth = want.Cadence.MostAWeek, want.Cadence.MostAMonth // there were more
		}
		if err == nil && !reflect.DeepEqual(p, want) {
			t.Errorf("%s: it is read as %+v, want %+v", how, p, want)
		}
	}
	if p, err := Parse([]byte(with("Morgan Sample", "Sia\u0302n"))); err != nil || p.Host.Contact != "Siân" {
		t.Errorf("an accent of its own is read as %+v, %v", p, err)
	}
	for how, row := range map[string]struct{ file, says string }{
		"a tab":        {with("  client: {article", "\tclient: {article"), "[15:1] the line is indented with a tab: use spaces"},
		"a later tab":  {with("  client: {article", " \tclient: {article"), "[15:2] the line"},
		"Windows-1252": {with("Morgan Sample", "Si\xe2n"), "line 4: this is not UTF-8 (it would be"},
		"a workbook":   {"PK\x03\x04\x14", "this is an Excel workbook"},
	} {
		if p, err := Parse([]byte(row.file)); err == nil || p != nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v", how, err)
		}
	}
}

// many are so many names in a list.
func many(n int) string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("L%d", i))
	}
	return strings.Join(names, ", ")
}

// What is left out has a usual value, and what is written stands as it is.
func TestSettingsThatMayBeLeftOut(t *testing.T) {
	t.Parallel()
	text, err := PresetText("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		old, new string
		want     func(*Programme) bool
	}{
		{"", "", func(p *Programme) bool {
			return p.Place == Place{Within: SameRegion} && slices.Equal(p.Relax, []Within{Neighbouring, Online}) && p.Objective == Fair &&
				p.Competition == Competition{Area: PostcodeArea, Level: 1} && slices.Equal(p.Languages, []string{"English", "Welsh", "British Sign Language"})
		}},
		{"place: {within: region}", "", func(p *Programme) bool { return p.Place == Place{Within: SameRegion} }},
		{"place: {within: region}", "place: {within: distance, kilometres: 50}", func(p *Programme) bool { return p.Place == Place{Distance, 50} }},
		{"place: {within: region}", "place: {within: online}", func(p *Programme) bool { return p.Place == Place{Within: Online} }},
		{"relax: [neighbouring region, online]", "", func(p *Programme) bool { return len(p.Relax) == 0 }},
		{"relax: [neighbouring region, online]", "relax: [online]", func(p *Programme) bool { return slices.Equal(p.Relax, []Within{Online}) }},
		{"objective: fair", "", func(p *Programme) bool { return p.Objective == Fair }},
		{"objective: fair", "objective: total", func(p *Programme) bool { return p.Objective == Total }},
		{", level: 1}", "}", func(p *Programme) bool { return p.Competition.Level == 0 }},
		{"level: 1}", "level: 3}", func(p *Programme) bool { return p.Competition.Level == 3 }},
		{"{fit: 10, breadth: 5, experience: 2, size: 5, difference: 3, availability: 1, preference: 10}", "{fit: 1000}",
			func(p *Programme) bool { return p.Weights == Weights{Fit: MaxWeight} }},
		{"languages: [English, Welsh, British Sign Language]", "", func(p *Programme) bool { return slices.Equal(p.Languages, []string{"English"}) }},
		{"languages: [English, Welsh, British Sign Language]", "languages: []", func(p *Programme) bool { return slices.Equal(p.Languages, []string{"English"}) }},
		{"languages: [English, Welsh, British Sign Language]", "languages: [Cymraeg]", func(p *Programme) bool { return slices.Equal(p.Languages, []string{"Cymraeg"}) }},
		{"languages: [English, Welsh, British Sign Language]", "languages: [" + many(MaxLanguages) + "]", func(p *Programme) bool { return len(p.Languages) == MaxLanguages }},
	} {
		if !strings.Contains(string(text), row.old) {
			t.Fatalf("the preset no longer holds %q", row.old)
		}
		p, err := Parse([]byte(strings.Replace(string(text), row.old, row.new, 1)))
		if err != nil || !row.want(p) {
			t.Errorf("%q for %q: %+v, %v", row.new, row.old, p, err)
		}
	}
	// One that was stored before there was a choice.
	if got := new(Programme).Spoken(); !slices.Equal(got, []string{"English"}) {
		t.Errorf("people speak %q", got)
	}
}

func TestBand(t *testing.T) {
	t.Parallel()
	for income, want := range map[int]int{
		-1: 0, 0: 0, 1: 1, 9_999: 1, 10_000: 2, 99_999: 2, 100_000: 3, 999_999: 3, 1_000_000: 4, 9_999_999: 4, 10_000_000: 5, 99_999_999: 5, 100_000_000: 6, 1 << 40: 6,
	} {
		if got := Band(income); got != want {
			t.Errorf("an income of %d is in band %d, want %d", income, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	p, err := Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	if p.SkillName("board") != "Board and trustee relations" || p.SkillName("gone") != "gone" ||
		p.CategoryName("HE") != "Health" || p.CategoryName("??") != "??" {
		t.Error("a name is wrong")
	}
	if p.Questionnaires.At(Baseline) != "baseline-1" || p.Questionnaires.At(Closing) != "closing-1" {
		t.Error("a questionnaire is wrong")
	}
	if Client.Other() != Consultant || Consultant.Other() != Client {
		t.Error("the other side is wrong")
	}
	p.Zone = "Nowhere/Else"
	if p.Location().String() != "UTC" {
		t.Error("an unknown zone is not UTC")
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range Presets() {
		text, _ := presets.ReadFile("presets/" + name + ".yaml")
		f.Add(text)
	}
	for _, s := range []string{"", "{}", "name: x", "a: &a [*a]", "skills: [{id: x}]", "? {a: b}\n: c", "name: !!binary aGk=", "--- x\n--- y", "\t", "zone: |\n  x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Parse(text)
		if (p == nil) == (err == nil) {
			t.Fatalf("programme %v, error %v", p, err)
		}
	})
}
