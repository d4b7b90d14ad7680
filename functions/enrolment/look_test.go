package enrolment

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// another is a programme beside the pilot, as a change makes it.
func another(t *testing.T, b *testbed.Bed, id string, change func(p *programme.Programme)) *programme.Programme {
	t.Helper()
	p := *b.Programme
	p.ID = id
	change(&p)
	c := b.Store.Commit()
	c.CreateProgramme(&p)
	b.Commit(c)
	return &p
}

// picture is a logo.
func picture(t *testing.T) (*programme.Picture, programme.Logo) {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 160, 40))); err != nil {
		t.Fatal(err)
	}
	logo, of, err := programme.ReadLogo(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return logo, of
}

// A programme's pages have its host's colours, logo and contact, and another's have not; the
// style stands in no page, which a page's policy would refuse, and is kept for ever under an
// address of its own.
func TestProgrammeLooksLikeItsHost(t *testing.T) {
	b := bed(t)
	logo, of := picture(t)
	p := another(t, b, "north", func(p *programme.Programme) {
		p.Look = programme.Look{Colour: "#7a0019", Logo: of}
		p.Look.Logo.Alt = "The <North> Fund"
		p.Home = programme.Home{Gave: []string{"Confidence to ask."}, Time: "Half a day of preparation"}
		p.Dates = programme.Dates{Starts: "2027-01-11", Ends: "2027-12-17"}
	})
	c := b.Store.Commit()
	c.SaveLogo(p.ID, logo)
	b.Commit(c)

	for _, path := range []string{"/enrol/north", "/enrol/north/seek/privacy", "/privacy/north", "/enrol/north/nonsense/you"} {
		page := b.Get(path)
		for _, want := range []string{`<link rel="stylesheet" href="/enrol/look/north/`, `src="/enrol/look/north/` + of.ID + `/logo" alt="The &lt;North&gt; Fund" width="160" height="40"`, `content="#7a0019"`,
			`href="/enrol/north">` + p.Name, "Ring " + p.Host.Contact, `href="tel:02079460000"`} {
			if !strings.Contains(page.Body, want) {
				t.Errorf("%s does not hold %q", path, want)
			}
		}
		if strings.Contains(page.Body, "style=") || strings.Contains(page.Body, "<style") {
			t.Errorf("%s has a style that its policy refuses", path)
		}
	}
	for _, path := range []string{"/enrol/pilot", "/", "/nowhere"} {
		if page := b.Get(path).Body; strings.Contains(page, "/look/") || !strings.Contains(page, `content="#12436d"`) {
			t.Errorf("%s has another's look", path)
		}
	}
	start := b.Get("/enrol/north").Body
	for _, want := range []string{"11 January to 17 December 2027", "Half a day of preparation", "Confidence to ask.", "How it goes", "At least 2 meetings of about 90 minutes", "Already taking part?"} {
		if !strings.Contains(start, want) {
			t.Errorf("the home page does not say %q", want)
		}
	}

	at := regexp.MustCompile(`/enrol/look/north/[0-9a-f]+/colours\.css`).FindString(start)
	sheet := b.Get(at)
	if sheet.StatusCode != http.StatusOK || sheet.Header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(sheet.Header.Get("Cache-Control"), "immutable") ||
		!strings.Contains(sheet.Body, "--cascade-colour:#7a0019;") || !strings.Contains(sheet.Body, "--cascade-button:#7a0019;") {
		t.Errorf("the style sheet: %d %v %s", sheet.StatusCode, sheet.Header, sheet.Body)
	}
	if stale := b.Get("/enrol/look/north/000000000000/colours.css"); stale.Header.Get("Cache-Control") != "no-store" || stale.Body != sheet.Body {
		t.Errorf("by a version before: %v %s", stale.Header, stale.Body)
	}
	got := b.Get(web.LogoPath(p))
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "image/png" || got.Header.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(got.Header.Get("Cache-Control"), "immutable") || got.Body != string(logo.Data) {
		t.Errorf("the logo: %d %v", got.StatusCode, got.Header)
	}
	if former := b.Get("/enrol/look/north/x/logo"); former.Header.Get("Location") != web.LogoPath(p) {
		t.Errorf("one from before: %d %v", former.StatusCode, former.Header)
	}
	for _, path := range []string{"/enrol/look/pilot/" + of.ID + "/logo", "/enrol/look/nowhere/" + of.ID + "/logo", "/enrol/look/nowhere/x/colours.css"} {
		if got := b.Get(path); got.StatusCode != http.StatusNotFound || strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", path, got.StatusCode, got.Header)
		}
	}
}
