package programme

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml"
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
	text, err := presets.ReadFile("presets/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no preset %q; there are %s", name, strings.Join(Presets(), ", "))
	}
	return Parse(text)
}

// Parse reads a programme from YAML and checks it. An unknown key or a missing
// setting is an error that names it, with line and column where there is one.
func Parse(text []byte) (*Programme, error) {
	p := new(Programme)
	if err := yaml.UnmarshalWithOptions(text, p, yaml.Strict()); err != nil {
		return nil, err
	}
	return p, p.check()
}

// check finds what would surprise someone later on a page.
func (p *Programme) check() error {
	missing := ""
	for name, value := range map[string]string{
		"name": p.Name, "about": p.About, "mode": string(p.Mode), "zone": p.Zone,
		"host.name": p.Host.Name, "host.contact": p.Host.Contact, "host.email": p.Host.Email, "host.phone": p.Host.Phone,
		"terms.client.singular": p.Terms.Client.Singular, "terms.client.plural": p.Terms.Client.Plural, "terms.client.article": p.Terms.Client.Article,
		"terms.consultant.singular": p.Terms.Consultant.Singular, "terms.consultant.plural": p.Terms.Consultant.Plural, "terms.consultant.article": p.Terms.Consultant.Article,
		"privacy.version": p.Privacy.Version, "expectations.version": p.Expectations.Version,
		"questionnaires.baseline": p.Questionnaires.Baseline, "questionnaires.closing": p.Questionnaires.Closing,
	} {
		if value == "" && (missing == "" || name < missing) {
			missing = name
		}
	}
	switch {
	case missing != "":
		return fmt.Errorf("programme: %s is missing", missing)
	case p.Mode != Assigned && p.Mode != Directory:
		return fmt.Errorf("programme: mode %q is not one of %q and %q", p.Mode, Assigned, Directory)
	case len(p.Skills) == 0 || len(p.Categories) == 0:
		return fmt.Errorf("programme: skills and categories need at least one entry each")
	case p.Sessions.Minimum < 1 || p.Sessions.Target < p.Sessions.Minimum || p.Sessions.Minutes < 1:
		return fmt.Errorf("programme: sessions need 1 <= minimum <= target and minutes >= 1")
	}
	return nil
}
