package privacy

import (
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

// kept are a few types of documents, one of them until some time after the end of the programme.
func kept() []Stored {
	row := func(fields string, c register.Class, what string, seen register.Roles) register.Row {
		return register.Row{Fields: fields, Class: c, For: what, Seen: seen}
	}
	return []Stored{
		{Path: "programmes/*", Document: &register.Document{Holds: "a programme", Person: "host.email", Kept: register.Kept{Until: "it is deleted"},
			Rows: []register.Row{row("host.email", register.Noted, "whom to ask", register.Anybody)}}},
		{Path: "programmes/*/enrolments/*", Document: &register.Document{Holds: "a leader", Person: "its id", Kept: register.Kept{Until: "a year after the end", By: "a sweep", At: register.OnceOver},
			Rows: []register.Row{
				row("person.name", register.Given, "to address them", register.Themselves|register.Matched|register.Coordinators),
				row("person.phone", register.Given, "to reach them", register.Coordinators),
				row("organisation.name", register.Given, "to introduce it", register.Themselves|register.Choosing|register.Matched),
				row("conflicts", register.Given, "whom to avoid", register.Coordinators),
				row("readiness.trained", register.Noted, "whether they were trained", register.Coordinators),
				row("digest", register.Recorded, "to tell forms apart", register.Nobody),
			}}},
		{Path: "programmes/*/pairings/*/logs/*", Document: &register.Document{Holds: "a log", Person: "by", Kept: register.Kept{Until: "a month after the end", By: "the retention schedule"},
			Rows: []register.Row{row("surfaced", register.Given, "for the writer", register.Themselves)}}},
		{Path: "staff/*", Document: &register.Document{Holds: "somebody of the host", Person: "its id", Kept: register.Kept{Until: "they go"},
			Rows: []register.Row{row("name", register.Noted, "to let them in", register.Coordinators)}}},
		{Path: "quotas/*", Document: &register.Document{Holds: "a count", Kept: register.Kept{Until: "for good"}, Rows: []register.Row{row("used", register.Technical, "x", register.Nobody)}}},
	}
}

func pilot(t *testing.T) *programme.Programme {
	t.Helper()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryPurposeHasItsBasisAndWords(t *testing.T) {
	t.Parallel()
	seen := map[PurposeID]bool{}
	for _, p := range Purposes {
		if p.ID == "" || seen[p.ID] || p.Title == "" || p.Why == "" || p.Basis != Interests && p.Basis != Consent && p.Basis != Obligation {
			t.Errorf("incomplete, or there twice: %+v", p)
		}
		seen[p.ID] = true
		if got, ok := Of(p.ID); !ok || got.ID != p.ID {
			t.Errorf("%s is not found", p.ID)
		}
	}
	if asked := Asked(); len(asked) == 0 || slices.ContainsFunc(asked, func(p Purpose) bool { return p.Basis != Consent || len(p.Documents) > 0 }) {
		t.Errorf("asked by themselves: %+v", asked)
	}
	if _, ok := Of("none"); ok {
		t.Error("there is a purpose that there is not")
	}
}

func TestWhatDocumentsAreFor(t *testing.T) {
	t.Parallel()
	personal := &register.Document{Rows: []register.Row{{Class: register.Given}}}
	for path, want := range map[string]PurposeID{
		"programmes/*/enrolments/*": TakingPart, "programmes/*/pairings/*": TakingPart, "programmes/*/pairings/*/logs/*": Notes, "outbox/*": Writing, "programmes/*/contacts/*": Writing,
		"programmes/*/responses/*": Learning, "links/*": Safety, "audit/*": Safety, "auditSeals/*": Safety, "programmes/*/erasures/*": Forgetting, "staff/*": StaffDesk, "staffSessions/*": StaffDesk,
		"programmes/*/something/*": TakingPart,
	} {
		if got := (Stored{Path: path, Document: personal}).For(); got != want {
			t.Errorf("%s is for %q, want %q", path, got, want)
		}
	}
	if got := (Stored{Path: "outbox/*", Document: &register.Document{}}).For(); got != "" {
		t.Errorf("what is about nobody is for %q", got)
	}
}

func TestNoticeSaysWhatIsStoredAndNoMore(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	n := New(p, kept(), Deployment{Mail: "sendgrid"})
	if len(n.Kept) != 2 || n.Kept[0].What != "A leader" || !n.Kept[0].Open || n.Kept[1].Open || n.Kept[1].By != "the retention schedule" || n.Kept[1].Purpose.ID != Notes {
		t.Errorf("kept: %+v", n.Kept)
	}
	who := map[string]string{}
	for _, a := range n.Shown {
		who[a.Who] = strings.Join(a.What, "; ")
	}
	for audience, what := range map[string]string{
		"The person you are matched with": "Your name; Your organisation", "The programme’s coordinators": "Your name; Your phone number; Organisations that you want to avoid", "Its evaluators": "",
		"Whoever picks times for one of you two, where you let somebody": "",
	} {
		if got, ok := who[audience]; !ok || got != what {
			t.Errorf("%s: shown %q, want %q", audience, got, what)
		}
	}
	if len(who) != 4 {
		t.Errorf("shown to %v", who)
	}
	p.Mode = programme.Directory
	if n := New(p, kept(), Deployment{}); !slices.ContainsFunc(n.Shown, func(a Audience) bool { return strings.HasPrefix(a.Who, "Those who can choose you") }) {
		t.Error("who chooses from a directory is not named")
	}
	if n.Ends != "" {
		t.Errorf("it ends on %q, which nobody said", n.Ends)
	}
	p.Dates = programme.Dates{Starts: "2027-01-11", Ends: "2027-12-17"}
	if n := New(p, kept(), Deployment{}); n.Ends != "17 December 2027" {
		t.Errorf("it ends on %q", n.Ends)
	}
}

// What is agreed to is another as soon as anything in it is, and not for what the system
// merely records, or for where the programme is.
func TestNoticeIsAgreedAnewWhereItSaysSomethingElse(t *testing.T) {
	t.Parallel()
	base := New(pilot(t), kept(), Deployment{Mail: "sendgrid"})
	if !base.Current(base.Version, base.Facts) || !base.Current(base.Version, "") || base.Current("older", "") || base.Current(base.Version, "other") {
		t.Error("what is current is not told apart")
	}
	for what, row := range map[string]struct {
		change func(p *programme.Programme, all []Stored, d *Deployment)
		anew   bool
	}{
		"nothing":      {func(*programme.Programme, []Stored, *Deployment) {}, false},
		"another host": {func(p *programme.Programme, _ []Stored, _ *Deployment) { p.Host.Name = "Another" }, true},
		"more that the host says": {func(p *programme.Programme, _ []Stored, _ *Deployment) {
			p.Privacy.Points = append(p.Privacy.Points, "More")
		}, true},
		"another provider of emails": {func(_ *programme.Programme, _ []Stored, d *Deployment) { d.Mail = "smtp" }, true},
		"another country":            {func(_ *programme.Programme, _ []Stored, d *Deployment) { d.Database = "us-east1" }, true},
		"staff's accounts":           {func(_ *programme.Programme, _ []Stored, d *Deployment) { d.SignIn = "https://id.example.org" }, false},
		"more is asked": {func(_ *programme.Programme, all []Stored, _ *Deployment) {
			all[1].Rows = append(all[1].Rows, register.Row{Fields: "age", Class: register.Given, For: "x"})
		}, true},
		"more is recorded": {func(_ *programme.Programme, all []Stored, _ *Deployment) {
			all[1].Rows = append(all[1].Rows, register.Row{Fields: "seen", Class: register.Recorded, For: "x"})
		}, false},
		"shown to more":            {func(_ *programme.Programme, all []Stored, _ *Deployment) { all[1].Rows[1].Seen |= register.Evaluators }, true},
		"kept for longer":          {func(_ *programme.Programme, all []Stored, _ *Deployment) { all[1].Kept.Until = "ten years" }, true},
		"deleted by somebody else": {func(_ *programme.Programme, all []Stored, _ *Deployment) { all[1].Kept.By = "somebody" }, true},
		"it has an end": {func(p *programme.Programme, _ []Stored, _ *Deployment) {
			p.Dates = programme.Dates{Starts: "2027-01-11", Ends: "2027-12-17"}
		}, false},
		"about staff":                    {func(_ *programme.Programme, all []Stored, _ *Deployment) { all[3].Rows[0].For = "x" }, false},
		"the matching has other weights": {func(p *programme.Programme, _ []Stored, _ *Deployment) { p.Weights.Fit++ }, false},
	} {
		p, all, d := pilot(t), kept(), Deployment{Mail: "sendgrid"}
		row.change(p, all, &d)
		if n := New(p, all, d); (n.Facts != base.Facts) != row.anew {
			t.Errorf("%s: agreed anew %v, want %v", what, n.Facts != base.Facts, row.anew)
		}
	}
}

func TestProcessorsAreThoseOfTheSettings(t *testing.T) {
	t.Parallel()
	for what, row := range map[string]struct {
		d     Deployment
		says  []string
		never []string
	}{
		"nothing said":  {Deployment{Mail: "sendgrid", SendGrid: "https://api.sendgrid.com"}, []string{"Google Cloud (Firestore)|not stated", "Twilio SendGrid|United States|the contract with the provider needs the UK–US data bridge"}, []string{"mail server", "accounts"}},
		"london":        {Deployment{Mail: "sendgrid", Database: "europe-west2"}, []string{"Google Cloud (Firestore)|United Kingdom (europe-west2)||"}, nil},
		"belgium":       {Deployment{Database: "europe-west1"}, []string{"European Union (europe-west1)|adequacy"}, nil},
		"zurich":        {Deployment{Database: "europe-west6"}, []string{"Switzerland (europe-west6)|adequacy"}, nil},
		"iowa":          {Deployment{Database: "nam5"}, []string{"United States (nam5)|the contract with"}, nil},
		"elsewhere":     {Deployment{Database: "asia-south1"}, []string{"asia-south1|the host has to find out"}, nil},
		"european mail": {Deployment{Mail: "sendgrid", SendGrid: "https://api.eu.sendgrid.com"}, []string{"Twilio SendGrid|European Union, and United States"}, nil},
		"a mail server": {Deployment{Mail: "smtp", SMTP: "mail.example.org"}, []string{"the mail server mail.example.org|not stated"}, []string{"SendGrid"}},
		"all":           {Deployment{Platform: "Example Hosting, Leeds", Watching: "Example Logs", SignIn: "https://id.example.org/realm"}, []string{"Example Hosting, Leeds|", "Example Logs|", "the provider of staff’s accounts, id.example.org|"}, []string{"the platform that runs"}},
	} {
		text := ""
		for _, p := range row.d.Processors() {
			if p.Name == "" || p.Does == "" || p.Gets == "" || p.Where == "" {
				t.Errorf("%s: incomplete: %+v", what, p)
			}
			text += p.Name + "|" + p.Where + "|" + p.Transfer + "|\n"
		}
		for _, want := range row.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s: it lacks %q:\n%s", what, want, text)
			}
		}
		for _, not := range row.never {
			if strings.Contains(text, not) {
				t.Errorf("%s: it says %q:\n%s", what, not, text)
			}
		}
	}
}

func TestPapers(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	p := pilot(t)
	if err := Papers(&b, p, kept(), Deployment{Mail: "sendgrid", Database: "europe-west2", SignIn: "https://id.example.org"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"## Record of processing activities", "Controller: Example Host Foundation", "no day is set", "`programmes/*/enrolments/*` | a leader | given by the person, recorded by the system, noted by staff | the person, their match, who can choose them, coordinators | a year after the end (nothing deletes it as long as the programme has no last day)",
		"a month after the end (deleted by the retention schedule)", "Lawful basis: consent.", "## Processors and transfers", "| Twilio SendGrid |", "stays in the United Kingdom",
		"## What those who run it can read", "given by the person: person.name, person.phone", "accounts, id.example.org", "## Impact assessment (draft)", "the host judges", "what nothing deletes by itself: A leader",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, b.String())
		}
	}
	p.Dates = programme.Dates{Starts: "2027-01-11", Ends: "2027-12-17"}
	b.Reset()
	if err := Papers(&b, p, kept(), Deployment{Mail: "sendgrid"}); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); !strings.Contains(text, "a year after the end (deleted by a sweep)") || strings.Contains(text, "nothing deletes") {
		t.Error("with an end, something is not deleted: ", text)
	}
	if strings.Contains(b.String(), "quotas") {
		t.Error("it names what is about nobody")
	}
}
