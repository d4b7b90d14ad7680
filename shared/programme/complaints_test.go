package programme

import (
	"strings"
	"testing"
)

// Nobody who runs a programme answers its complaints, and without somebody there is no programme.
func TestComplaintsGoToSomebodyOutsideTheStaff(t *testing.T) {
	t.Parallel()
	p, err := Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p.RequestsTo = "morgan@example.org"
	good := p.Complaints
	for name, row := range map[string]struct {
		change func(c *Complaints)
		want   string
	}{
		"nobody":                     {func(c *Complaints) { *c = Complaints{} }, "complaints.name is missing"},
		"without an address":         {func(c *Complaints) { c.Email = "" }, "complaints.email is missing"},
		"no address":                 {func(c *Complaints) { c.Email = "kit" }, "complaints.email"},
		"without what they are":      {func(c *Complaints) { c.Is = "" }, "complaints.is is missing"},
		"the host's contact":         {func(c *Complaints) { c.Email = strings.ToUpper(p.Host.Email) }, "name somebody else"},
		"who answers about data":     {func(c *Complaints) { c.Email = "morgan@example.org" }, "name somebody else"},
		"a name of several lines":    {func(c *Complaints) { c.Name = "Kit\nSample" }, "control characters"},
		"never":                      {func(c *Complaints) { c.Days = 61 }, "complaints.days"},
		"somebody outside the staff": {func(*Complaints) {}, ""},
	} {
		c := good
		row.change(&c)
		err := p.Answers(c)
		if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
			t.Errorf("%s: %v", name, err)
		}
		if row.want != "" && p.Complaints != good {
			t.Errorf("%s: refused, and set", name)
		}
	}
}
