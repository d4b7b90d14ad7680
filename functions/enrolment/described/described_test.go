// Package described checks the description that the enrolment function serves against what its
// handlers take and answer. It is a module of its own, for tests alone, so that the validator
// is in no program's modules.
package described

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"

	enrolling "github.com/cascading-leadership/cascade/functions/enrolment"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

const (
	website  = "https://www.example.org"
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// place is a function with its description.
type place struct {
	*testbed.Bed
	t *testing.T
	v validator.Validator
}

// open starts the function with a programme, and reads what it says of itself.
func open(t *testing.T, change func(p *programme.Programme)) *place {
	t.Helper()
	t.Parallel()
	b := testbed.New(t)
	b.Programme.Origins = []string{website}
	change(b.Programme)
	c := b.Store.Commit()
	c.UpdateProgramme(b.Programme)
	b.Commit(c)
	b.Serve("enrolment", enrolling.New)
	text := b.Get("/enrol/openapi/pilot")
	if text.StatusCode != http.StatusOK || text.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("%d %s", text.StatusCode, text.Body)
	}
	d, err := libopenapi.NewDocument([]byte(text.Body))
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(d, config.WithURLEncodedBodyValidation())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, wrong := v.ValidateDocument(); !ok {
		t.Fatalf("it is no OpenAPI 3.1: %v", wrong)
	}
	return &place{b, t, v}
}

// asked is what came of a request: whether the description allows it, and how it was answered.
type asked struct {
	allowed bool
	status  int
	body    string
}

// send sends a request, and fails unless its answer is as described.
func (x *place) send(name, path, contentType, body string, headers ...string) asked {
	x.t.Helper()
	request := func() *http.Request {
		r, err := http.NewRequestWithContext(x.t.Context(), http.MethodPost, x.URL+path, strings.NewReader(body))
		if err != nil {
			x.t.Fatal(err)
		}
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return r
	}
	allowed, _ := x.v.ValidateHttpRequest(request())
	response, err := x.Browser.Do(request())
	if err != nil {
		x.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		x.t.Fatal(err)
	}
	response.Body = io.NopCloser(strings.NewReader(string(text)))
	if ok, wrong := x.v.ValidateHttpResponse(request(), response); !ok {
		for _, w := range wrong {
			x.t.Errorf("%s: the answer %d %q is not as described: %s: %s", name, response.StatusCode, text, w.Message, w.Reason)
		}
	}
	return asked{allowed, response.StatusCode, string(text)}
}

// form is an acceptable form of somebody in a role.
func form(role programme.Role) map[string]any {
	f := map[string]any{
		"name": "Alex Sample", "email": "alex@example.org", "organisation": "Example Trust", "postcode": "LS6 2AB",
		"categories": []string{"HE"}, "skills": map[string]int{"fundraising": 3, "board": 1}, "availability": []string{"mon-am"}, "meeting": []string{"video"},
		"consent": "2026-11",
	}
	if role == programme.Consultant {
		f["capacity"] = 2
	}
	return f
}

// posted is a form as a web page posts it.
func posted(f map[string]any) string {
	text, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	var typed enrolment.Form
	if err := json.Unmarshal(text, &typed); err != nil {
		panic(err)
	}
	return url.Values(typed.Posted()).Encode()
}

// What is described is taken, what is taken was described, and what is wrong is neither, in both
// forms of body and on both sides; and each answer is one of those described. The wrong ones are
// also what shows that the validator looks.
func TestDescriptionSaysWhatIsTaken(t *testing.T) {
	x := open(t, func(*programme.Programme) {})
	for _, role := range programme.Roles {
		path := "/enrol/pilot/" + role.Side()
		for name, row := range map[string]struct {
			change func(f map[string]any)
			taken  bool
		}{
			"what is needed": {func(map[string]any) {}, true},
			"all of it": {func(f map[string]any) {
				f["phone"], f["number"], f["region"], f["income"] = "020 7946 0000", "1000430", "Yorkshire and the Humber", 250000
				f["categories"], f["languages"], f["conflicts"] = []string{"HE", "AR", "SC"}, []string{"English", "Welsh"}, []string{"Another Trust"}
			}, true},
			"no name":              {func(f map[string]any) { delete(f, "name") }, false},
			"an empty name":        {func(f map[string]any) { f["name"] = "" }, false},
			"a long name":          {func(f map[string]any) { f["name"] = strings.Repeat("é", 101) }, false},
			"no consent":           {func(f map[string]any) { delete(f, "consent") }, false},
			"another notice":       {func(f map[string]any) { f["consent"] = "2015-01" }, false},
			"no category":          {func(f map[string]any) { f["categories"] = []string{} }, false},
			"four categories":      {func(f map[string]any) { f["categories"] = []string{"HE", "AR", "SC", "ED"} }, false},
			"a category twice":     {func(f map[string]any) { f["categories"] = []string{"HE", "HE"} }, false},
			"a category of nobody": {func(f map[string]any) { f["categories"] = []string{"XX"} }, false},
			"a skill of nobody":    {func(f map[string]any) { f["skills"] = map[string]int{"juggling": 1} }, false},
			"a level too high":     {func(f map[string]any) { f["skills"] = map[string]int{"board": 4} }, false},
			"when is left out":     {func(f map[string]any) { delete(f, "availability"); delete(f, "meeting") }, true},
			"in one’s own words": {func(f map[string]any) {
				f["situation"], f["hopes"], f["mention"] = "One.\nTwo.", strings.Repeat("é", 4000), "A fund"
			}, true},
			"too many words":       {func(f map[string]any) { f["hopes"] = strings.Repeat("é", 4001) }, false},
			"heard somewhere else": {func(f map[string]any) { f["heard"] = "in a dream" }, false},
			"another half-day":     {func(f map[string]any) { f["availability"] = []string{"sun-am"} }, false},
			"another language":     {func(f map[string]any) { f["languages"] = []string{"Klingon"} }, false},
			"another region":       {func(f map[string]any) { f["region"] = "Atlantis" }, false},
			"a negative income":    {func(f map[string]any) { f["income"] = -1 }, false},
			"room for many":        {func(f map[string]any) { f["capacity"] = 6 }, false},
			"a long conflict":      {func(f map[string]any) { f["conflicts"] = []string{strings.Repeat("x", 201)} }, false},
			"another consent":      {func(f map[string]any) { f["agrees"] = []string{"everything"} }, false},
		} {
			f := form(role)
			row.change(f)
			text, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			for as, got := range map[string]asked{
				"JSON": x.send(name, path, jsonType, string(text)), "a form": x.send(name, path, formType, posted(f), "Origin", website, "Sec-Fetch-Site", "cross-site"),
				"a script's form": x.send(name, path, formType, posted(f), "Accept", jsonType),
			} {
				taken := got.status == http.StatusAccepted || got.status == http.StatusSeeOther
				if got.allowed != row.taken || taken != row.taken || !taken && got.status != http.StatusUnprocessableEntity {
					t.Errorf("%s, %s as %s: described %v, answered %d %s", role, name, as, got.allowed, got.status, got.body)
				}
			}
		}
		// What only one of the two can get wrong.
		for name, row := range map[string]struct {
			contentType, body string
			status            int
		}{
			"another name":     {jsonType, `{"colour": "red"}`, 400},
			"a number as text": {jsonType, `{"income": "250000"}`, 400},
			"a list":           {jsonType, `[]`, 400},
			"nothing":          {jsonType, ``, 400},
			"another input":    {formType, posted(form(role)) + "&colour=red", 422},
			"a skill at once":  {formType, posted(form(role)) + "&skills=board", 422},
			"text":             {"text/plain", "Alex Sample", 415},
			"too much":         {formType, "name=" + strings.Repeat("x", 70_000), 413},
		} {
			if got := x.send(name, path, row.contentType, row.body); got.allowed || got.status != row.status {
				t.Errorf("%s, %s: described %v, answered %d %s", role, name, got.allowed, got.status, got.body)
			}
		}
		if got := x.send("another website", path, formType, posted(form(role)), "Origin", "https://other.example.org", "Sec-Fetch-Site", "cross-site"); !got.allowed || got.status != http.StatusForbidden {
			t.Errorf("another website: %+v", got)
		}
		// A schema cannot say which postcodes there are; the answer says it.
		f := form(role)
		f["postcode"] = "nowhere"
		text, _ := json.Marshal(f)
		if got := x.send("a postcode of nowhere", path, jsonType, string(text)); !got.allowed || got.status != http.StatusUnprocessableEntity {
			t.Errorf("a postcode of nowhere: %+v", got)
		}
	}
}

// A description is that of its programme: without postcodes a region is needed and a postcode
// is not.
func TestDescriptionIsThatOfTheProgramme(t *testing.T) {
	x := open(t, func(p *programme.Programme) {
		p.Geography = geography.Settings{Regions: []geography.Region{{Name: "North"}, {Name: "South"}}}
		p.Competition.Area, p.Relax, p.Languages = programme.Region, nil, []string{"English"}
	})
	f := form(programme.Client)
	delete(f, "postcode")
	for name, row := range map[string]struct {
		region any
		taken  bool
	}{"a region": {"North", true}, "no region": {nil, false}, "another's": {"Yorkshire and the Humber", false}} {
		f["region"] = row.region
		if row.region == nil {
			delete(f, "region")
		}
		text, _ := json.Marshal(f)
		got := x.send(name, "/enrol/pilot/seek", jsonType, string(text))
		if taken := got.status == http.StatusAccepted; got.allowed != row.taken || taken != row.taken {
			t.Errorf("%s: described %v, answered %d %s", name, got.allowed, got.status, got.body)
		}
	}
}

// Each input of the form stands in the description, and no other.
func TestDescriptionHasEveryInput(t *testing.T) {
	t.Parallel()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range programme.Roles {
		document, _ := enrolment.Describe(p, role)
		var names []string
		for name := range document["properties"].(map[string]any) {
			names = append(names, name)
		}
		if slices.Sort(names); !slices.Equal(names, slices.Sorted(slices.Values(enrolment.Inputs))) {
			t.Errorf("%s: %q", role, names)
		}
	}
}
