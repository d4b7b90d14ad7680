package enrolment

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// texts are what a page says, a text for each part of it.
func texts(page string) (all []string) {
	page = regexp.MustCompile(`(?s)<head>.*?</head>|<svg.*?</svg>`).ReplaceAllString(page, "")
	for part := range strings.SplitSeq(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, "\n"), "\n") {
		if part = strings.TrimSpace(html.UnescapeString(part)); regexp.MustCompile(`\pL`).MatchString(part) {
			all = append(all, part)
		}
	}
	return all
}

// welsh is a translation of what a programme says, reviewed as it is now.
func welsh(t *testing.T, p *programme.Programme) {
	t.Helper()
	say := programme.Translation{
		Language: language.Welsh, Reviewer: "Eurwen Sample", Reviewed: "2026-11-30", Name: "Rhaglen beilot", About: "Arweinwyr profiadol yn rhoi amser i arweinwyr eraill.",
		Terms: programme.Terms{Client: programme.Term{Singular: "dysgwr", Plural: "dysgwyr"}, Consultant: programme.Term{Singular: "mentor", Plural: "mentoriaid"}},
	}
	for range p.Expectations.Points {
		say.Points = append(say.Points, "Byddwch yn cyfarfod.")
	}
	for range p.Home.Gave {
		say.Home.Gave = append(say.Home.Gave, "Gwn bellach beth yw pwrpas fy mwrdd.")
	}
	if p.Home.Time != "" {
		say.Home.Time = "Hanner diwrnod o baratoi"
	}
	if err := p.Translate([]programme.Translation{say}); err != nil {
		t.Fatal(err)
	}
}

// change changes the programme.
func change(t *testing.T, b *testbed.Bed, to func(*programme.Programme)) {
	t.Helper()
	p, err := b.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	to(p)
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
}

// The home page of a programme is there in Welsh as a whole, whatever the programme's settings:
// of what it says in English nothing is left but what stands in the settings as it is.
func TestHomePageIsWhollyTranslated(t *testing.T) {
	b := bed(t)
	b.Store.Remember(0)
	for _, name := range programme.Presets() {
		for _, mode := range programme.Modes {
			p, err := programme.Preset(name)
			if err != nil {
				t.Fatal(err)
			}
			p.ID, p.Terms, p.Salt, p.Mode = name+"-"+string(mode), testbed.Nonsense, "salt", mode
			p.Dates = programme.Dates{Starts: "2027-01-11", Ends: "2027-12-17"}
			p.Home = programme.Home{Gave: []string{"I know now what my board is for."}, Time: "Half a day of preparation"}
			if mode == programme.Ranked {
				p.Place, p.Relax, p.Objective = programme.Place{Within: programme.Distance, Kilometres: 50}, []programme.Within{programme.Online}, programme.Total
			}
			welsh(t, p)
			c := b.Store.Commit()
			c.CreateProgramme(p)
			b.Commit(c)
			english, cymraeg := b.Get("/enrol/"+p.ID+"?language=en"), b.Get("/enrol/"+p.ID+"?language=cy")
			if !strings.Contains(cymraeg.Body, `<html lang="cy"`) || !strings.Contains(cymraeg.Body, "11 Ionawr i 17 Rhagfyr 2027") {
				t.Errorf("%s: not in Welsh: %s", p.ID, cymraeg.Body)
			}
			before := texts(english.Body)
			for _, said := range texts(cymraeg.Body) {
				if slices.Contains(before, said) && !slices.Contains([]string{p.Host.Email, p.Complaints.Email, p.Host.Phone}, said) {
					t.Errorf("%s: %q is in English", p.ID, said)
				}
			}
		}
	}
}

// Nobody is offered a language that the programme does not say was reviewed as it is now; who
// asks for one all the same reads English.
func TestOnlyWhatWasReviewedIsOffered(t *testing.T) {
	b := bed(t)
	b.Store.Remember(0)
	offered := func() bool {
		t.Helper()
		page, asked := b.Get("/enrol/pilot?language=en"), b.Get("/enrol/pilot?language=cy")
		if asked.StatusCode != http.StatusOK || page.StatusCode != http.StatusOK {
			t.Fatal(asked.Status, page.Status)
		}
		link, in := strings.Contains(page.Body, ">Cymraeg</a>"), strings.Contains(asked.Body, `<html lang="cy"`)
		if link != in {
			t.Errorf("it is offered: %v, and shown: %v", link, in)
		}
		return link
	}
	if offered() {
		t.Error("it is offered where nobody has reviewed it")
	}
	change(t, b, func(p *programme.Programme) { welsh(t, p) })
	if !offered() {
		t.Error("it is not offered once it was reviewed")
	}
	change(t, b, func(p *programme.Programme) { p.About = "Leaders give time to each other." })
	if offered() {
		t.Error("it is offered though what the programme says has changed since")
	}
	change(t, b, func(p *programme.Programme) { welsh(t, p); p.Translations[0].Of = "of another version of the software" })
	if offered() {
		t.Error("it is offered though what the software says has changed since")
	}
}

// Who asked for a language on the home page keeps it, can go back to English, and is asked to
// confirm in it.
func TestWhoAskedForWelshIsAskedToConfirmInIt(t *testing.T) {
	b := bed(t)
	b.Store.Remember(0)
	change(t, b, func(p *programme.Programme) { welsh(t, p) })
	b.Get("/enrol/pilot?language=cy")
	if again := b.Get("/enrol/pilot"); !strings.Contains(again.Body, `<html lang="cy"`) || !strings.Contains(again.Body, `lang="en" hreflang="en" rel="alternate">English</a>`) {
		t.Error("the language is not kept, or does not lead back")
	}
	walk(b, "seek")
	if sent := b.Post("/enrol/pilot/seek/check", url.Values{}); sent.StatusCode != http.StatusSeeOther {
		t.Fatal(sent.Status)
	}
	claims := b.Claims()
	if len(claims) != 1 || claims[0].Language != language.Welsh {
		t.Fatalf("%d claims: %+v", len(claims), claims)
	}
}
