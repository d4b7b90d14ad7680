package enrolment

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// offered are the regions that a page has to choose from, and those that are selected.
func offered(page string) (all, selected []string) {
	for _, found := range regexp.MustCompile(`name="region" type="radio" value="([^"]+)"( checked)?`).FindAllStringSubmatch(page, -1) {
		all = append(all, found[1])
		if found[2] != "" {
			selected = append(selected, found[1])
		}
	}
	return all, selected
}

// to is where a page leads.
func to(a testbed.Answer) string {
	return strings.TrimPrefix(a.Header.Get("Location"), "/enrol/pilot/seek/")
}

func organisationIn(postcode string) url.Values {
	return url.Values{"organisation": {"Example Trust"}, "postcode": {postcode}, "categories": {"HE"}}
}

// region is the row of the check page.
func region(t *testing.T, b *testbed.Bed) string {
	t.Helper()
	found := regexp.MustCompile(`>Region</dt>\s*<dd[^>]*><span[^>]*>([^<]*)`).FindStringSubmatch(b.Get("/enrol/pilot/seek/check").Body)
	if found == nil {
		t.Fatal("the check page has no region")
	}
	return strings.TrimSpace(found[1])
}

// stored is the one enrolment after the form was sent.
func stored(t *testing.T, b *testbed.Bed) *enrolment.Enrolment {
	t.Helper()
	if got := to(b.Post("/enrol/pilot/seek/check", nil)); got != "sent" {
		t.Fatalf("sending leads to %q", got)
	}
	confirmAll(b)
	all := enrolments(t, b)
	if len(all) != 1 {
		t.Fatalf("%d enrolments", len(all))
	}
	return all[0]
}

// in changes where the programme's people are.
func in(t *testing.T, b *testbed.Bed, where geography.Settings) {
	t.Helper()
	b.Programme.Geography, b.Programme.Competition.Area = where, "region"
	c := b.Store.Commit()
	c.UpdateProgramme(b.Programme)
	if err := c.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestRegionIsAskedWhereThePostcodeMayLieInSeveral(t *testing.T) {
	b := bed(t)
	if got := to(b.Post("/enrol/pilot/seek/organisation", organisationIn("sy13 1aa"))); got != "region" {
		t.Fatalf("the organisation leads to %q", got)
	}
	agreed(b, "seek")
	page := b.Get("/enrol/pilot/seek/region").Body
	all, selected := offered(page)
	if want := []string{"West Midlands", "North West", "Wales"}; !slices.Equal(all, want) || len(selected) > 0 || !strings.Contains(page, "Step 4 of 7") {
		t.Errorf("of %q %q are selected, want %q and none: %s", all, selected, want, page)
	}
	for _, wrong := range []url.Values{nil, {"region": {""}}, {"region": {"Mars"}}} {
		got := b.Post("/enrol/pilot/seek/region", wrong)
		says := "Select the region that your organisation is in"
		if wrong.Get("region") != "" {
			says = "Select from the regions in the list"
		}
		if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `href="#region`) || !strings.Contains(got.Body, says) {
			t.Errorf("%v: status %d: %s", wrong, got.StatusCode, got.Body)
		}
	}
	if got := to(b.Post("/enrol/pilot/seek/region", url.Values{"region": {"Wales"}})); got != "strengths" {
		t.Errorf("the region leads to %q", got)
	}
	walkOn(b)
	if got := region(t, b); got != "Wales" {
		t.Errorf("the check page shows %q", got)
	}
	if e := stored(t, b); e.Organisation.Region != "Wales" || e.Organisation.Postcode != "SY13 1AA" {
		t.Errorf("stored is %+v", e.Organisation)
	}
}

// walkOn fills in what comes after the organisation.
func walkOn(b *testbed.Bed) {
	for _, p := range place("seek") {
		if p.step != "organisation" {
			b.Post("/enrol/pilot/seek/"+p.step, p.form)
		}
	}
}

// Nobody is asked what is plain; and everybody can correct it.
func TestRegionIsShownAndCanBeCorrected(t *testing.T) {
	b := bed(t)
	if got := to(b.Post("/enrol/pilot/seek/organisation", organisationIn("SY23 3BY"))); got != "strengths" {
		t.Fatalf("the organisation leads to %q", got)
	}
	walkOn(b)
	check := b.Get("/enrol/pilot/seek/check").Body
	if got := region(t, b); got != "Wales" || !strings.Contains(check, `href="/enrol/pilot/seek/region?check"`) {
		t.Errorf("the check page shows %q, or no link to change it", got)
	}
	all, selected := offered(b.Get("/enrol/pilot/seek/region?check").Body)
	if len(all) != 12 || all[0] != "Wales" || !slices.Equal(selected, []string{"Wales"}) {
		t.Errorf("to correct it there are %q, of which %q are selected", all, selected)
	}
	if got := to(b.Post("/enrol/pilot/seek/region?check", url.Values{"region": {"West Midlands"}})); got != "check" {
		t.Errorf("correcting leads to %q", got)
	}
	if got := region(t, b); got != "West Midlands" {
		t.Errorf("corrected, the check page shows %q", got)
	}
	// The same postcode keeps what was said, another one does not.
	b.Post("/enrol/pilot/seek/organisation?check", organisationIn("sy233by"))
	if got := region(t, b); got != "West Midlands" {
		t.Errorf("of the same postcode the check page shows %q", got)
	}
	if got := to(b.Post("/enrol/pilot/seek/organisation?check", organisationIn("TD15 2AA"))); got != "region?check" {
		t.Errorf("a postcode in several regions leads to %q", got)
	}
	got := b.Post("/enrol/pilot/seek/check", nil) // without an answer
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `href="#row-region"`) || !strings.Contains(got.Body, `id="row-region"`) {
		t.Errorf("sent without a region: status %d: %s", got.StatusCode, got.Body)
	}
	if got := to(b.Post("/enrol/pilot/seek/region?check", url.Values{"region": {"North East"}})); got != "check" {
		t.Errorf("the region leads to %q", got)
	}
	if e := stored(t, b); e.Organisation.Region != "North East" {
		t.Errorf("stored is %+v", e.Organisation)
	}
}

// Who enrols from elsewhere cannot be asked, and may say it.
func TestRegionInADocument(t *testing.T) {
	b := bed(t)
	for _, row := range []struct{ postcode, region, want string }{
		{"SY23 3BY", "", "Wales"}, {"TD15 2AA", "", "North East"}, {"S40 1AA", "", "East Midlands"},
		{"TD15 2AA", " Scotland ", "Scotland"}, {"LS6 2AB", "North West", "North West"}, {"TD15 2AA", "Mars", ""},
	} {
		f := form()
		f.Email, f.Postcode, f.Region = strings.ToLower(strings.ReplaceAll(row.postcode+row.region, " ", ""))+"@example.org", row.postcode, row.region
		got := b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", document(t, f))
		if row.want == "" {
			if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Select from the regions in the list") {
				t.Errorf("%q in %q: status %d: %s", row.postcode, row.region, got.StatusCode, got.Body)
			}
			continue
		}
		if got.StatusCode != http.StatusAccepted {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
		confirmAll(b)
		all := enrolments(t, b)
		if !slices.ContainsFunc(all, func(e *enrolment.Enrolment) bool {
			return string(e.Person.Email) == f.Email && e.Organisation.Region == row.want
		}) {
			t.Errorf("%q in %q is not stored in %s", row.postcode, row.region, row.want)
		}
	}
}

var provinces = []geography.Region{{Name: "Munster"}, {Name: "Leinster", Borders: []string{"Munster"}}}

// A programme with a list of regions alone asks for no postcode.
func TestRegionsOfAProgrammeWithoutPostcodes(t *testing.T) {
	b := bed(t)
	in(t, b, geography.Settings{Regions: provinces})
	agreed(b, "seek")
	if page := b.Get("/enrol/pilot/seek/organisation").Body; strings.Contains(page, "ostcode") {
		t.Errorf("a postcode is asked for: %s", page)
	}
	if got := to(b.Post("/enrol/pilot/seek/organisation", url.Values{"organisation": {"Example Trust"}, "categories": {"HE"}})); got != "region" {
		t.Fatalf("the organisation leads to %q", got)
	}
	if all, selected := offered(b.Get("/enrol/pilot/seek/region").Body); !slices.Equal(all, []string{"Munster", "Leinster"}) || len(selected) > 0 {
		t.Errorf("of %q %q are selected", all, selected)
	}
	b.Post("/enrol/pilot/seek/region", url.Values{"region": {"Leinster"}})
	walkOn(b)
	if check := b.Get("/enrol/pilot/seek/check").Body; strings.Contains(check, "Postcode") || region(t, b) != "Leinster" {
		t.Errorf("the check page shows %s", check)
	}
	if e := stored(t, b); e.Organisation.Region != "Leinster" || e.Organisation.Postcode != "" {
		t.Errorf("stored is %+v", e.Organisation)
	}
	f := form()
	f.Email, f.Postcode = "other@example.org", ""
	if got := b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", document(t, f)); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `"region"`) {
		t.Errorf("without a region: status %d: %s", got.StatusCode, got.Body)
	}
	f.Region = "Munster"
	if got := b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", document(t, f)); got.StatusCode != http.StatusAccepted {
		t.Errorf("with a region: status %d: %s", got.StatusCode, got.Body)
	}
}

// A programme's own postcodes are read as people write them, and nobody else's are taken.
func TestPostcodesOfAProgrammesOwn(t *testing.T) {
	b := bed(t)
	in(t, b, geography.Settings{Regions: provinces, Districts: "prefix,region,also,latitude,longitude\nT12,Munster,,51.88,-8.47\nX91,Munster,Leinster,52.26,-7.11\n"})
	for _, wrong := range []string{"LS6 2AB", "", "D01 F5P2"} {
		if got := b.Post("/enrol/pilot/seek/organisation", organisationIn(wrong)); got.StatusCode != http.StatusUnprocessableEntity || wrong != "" && !strings.Contains(got.Body, "like T12") {
			t.Errorf("%q: status %d: %s", wrong, got.StatusCode, got.Body)
		}
	}
	if got := to(b.Post("/enrol/pilot/seek/organisation", organisationIn("t12 x70a"))); got != "strengths" {
		t.Errorf("a postcode in one region leads to %q", got)
	}
	if got := to(b.Post("/enrol/pilot/seek/organisation", organisationIn("x91-pk15"))); got != "region" {
		t.Errorf("a postcode in two regions leads to %q", got)
	}
	b.Post("/enrol/pilot/seek/region", url.Values{"region": {"Leinster"}})
	walkOn(b)
	if e := stored(t, b); e.Organisation.Region != "Leinster" || e.Organisation.Postcode != "X91PK15" {
		t.Errorf("stored is %+v", e.Organisation)
	}
}
