package enrolment

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// The description is that of one programme, in its own words, and names nothing else.
// What it says is held against the handlers in the module described.
func TestDescriptionIsServedForEachProgramme(t *testing.T) {
	b := bed(t)
	another(t, b, "north", func(p *programme.Programme) { p.Privacy.Version, p.Origins = "2027-01", []string{theHosts} })
	got := b.Get("/enrol/openapi/north")
	var d struct {
		OpenAPI string                    `json:"openapi"`
		Paths   map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(got.Body), &d); err != nil || got.StatusCode != http.StatusOK || d.OpenAPI != "3.1.0" || len(d.Paths) != 2 || d.Paths["/enrol/north/seek"] == nil || d.Paths["/enrol/north/offer"] == nil {
		t.Fatalf("%d, %v: %s", got.StatusCode, err, got.Body)
	}
	for text, there := range map[string]bool{`"const": "2027-01"`: true, `"skills.fundraising"`: true, b.Programme.Terms.Client.Singular: true, theHosts: false, b.Programme.Salt: false, "client": false, "consultant": false} {
		if strings.Contains(got.Body, text) != there {
			t.Errorf("it holds %q: %v, want %v", text, !there, there)
		}
	}
	if got := b.Get("/enrol/openapi/nowhere"); got.StatusCode != http.StatusNotFound {
		t.Errorf("of no programme: %d", got.StatusCode)
	}
}
