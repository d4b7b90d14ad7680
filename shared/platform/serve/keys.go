package serve

import (
	"fmt"
	"slices"

	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// KeyConfig is the secret keys: one setting for each purpose and function, as keys.Parse
// reads them. A function gets those that it needs, see KeysOf, and no others.
type KeyConfig struct {
	Enrolment      string `env:"CASCADE_ENROLMENT_LINK_KEYS"`
	Participant    string `env:"CASCADE_PARTICIPANT_LINK_KEYS"`
	Questionnaires string `env:"CASCADE_QUESTIONNAIRES_LINK_KEYS"`
	Desk           string `env:"CASCADE_DESK_LINK_KEYS"`
	Staff          string `env:"CASCADE_STAFF_KEYS"`
	Erasure        string `env:"CASCADE_ERASURE_KEYS"`
	Report         string `env:"CASCADE_REPORT_KEYS"`
	// Answers are of the ids under which answers are kept: the questionnaires function alone
	// has them, and nothing stands in for them.
	Answers string `env:"CASCADE_ANSWER_KEYS"`
	// Audit are those by which the audit trail names people, and Seals those by which it is
	// sealed.
	Audit string `env:"CASCADE_AUDIT_KEYS"`
	Seals string `env:"CASCADE_SEAL_KEYS"`
	// Link is the one key of versions before, for everything. It knows the links that they
	// sent, and stands in for each setting that is missing.
	Link string `env:"CASCADE_LINK_KEY"`
}

// staffKeys is the setting of the keys of staff's sessions and of signing in, and reportKeys
// that of the passes by which they come to the report.
const (
	staffKeys  = "CASCADE_STAFF_KEYS"
	reportKeys = "CASCADE_REPORT_KEYS"
)

// erasureKeys is the setting of the keys by which it is kept that somebody was forgotten.
const erasureKeys = "CASCADE_ERASURE_KEYS"

// answerKeys is the setting of the keys of answers' ids.
const answerKeys = "CASCADE_ANSWER_KEYS"

// Sealer is the function that seals the audit trail: the one that nobody reaches from
// outside and that adds nothing to it. It alone has the key, so that whoever gets into
// another function can add entries, and cannot hide that they took any away.
const Sealer = "matching"

// audits are the functions that add to the audit trail, and have the key by which it names
// people: those that have pages, since each refuses somebody, and most change something;
// and the reminders, which forget people.
var audits = []string{"desk", "enrolment", "participant", "questionnaires", "reminders"}

// links are the settings of the keys of links, by the function whose pages they open.
func (c KeyConfig) links() map[string]setting {
	return map[string]setting{
		"enrolment":      {"CASCADE_ENROLMENT_LINK_KEYS", c.Enrolment},
		"participant":    {"CASCADE_PARTICIPANT_LINK_KEYS", c.Participant},
		"questionnaires": {"CASCADE_QUESTIONNAIRES_LINK_KEYS", c.Questionnaires},
		"desk":           {"CASCADE_DESK_LINK_KEYS", c.Desk},
	}
}

type setting struct{ name, value string }

// KeysOf are the settings of the keys that a function needs: for the links that it opens,
// or, as the one that writes emails, makes; for the sessions of staff who open its pages; to keep
// who was forgotten; for the ids of answers; for passes to the report; and for the audit trail, see audits and Sealer.
func KeysOf(function string) (settings []string) {
	for owner, s := range (KeyConfig{}).links() {
		if owner == function || function == "outbox" {
			settings = append(settings, s.name)
		}
	}
	if function == "desk" {
		settings = append(settings, staffKeys)
	}
	if function == "reminders" {
		settings = append(settings, erasureKeys)
	}
	if function == "questionnaires" {
		settings = append(settings, answerKeys)
	}
	if slices.Contains(audits, function) {
		settings = append(settings, keys.AuditSetting)
	}
	if function == Sealer {
		settings = append(settings, keys.SealsSetting)
	}
	if function == "desk" || function == "evaluation" {
		settings = append(settings, reportKeys)
	}
	slices.Sort(settings)
	return settings
}

// rings are the keys of a function.
type rings struct {
	links link.Keys
	// staff are those of their sessions, report those of their passes to the report, devices
	// those of the devices on which links are opened, and erasure those by which it is kept
	// that somebody was forgotten.
	staff, report, devices, erasure keys.Ring
	// letters are those by which the participant function seals letters to oneself.
	letters keys.Ring
}

// rings reads the keys that a function needs. Those of devices are derived from the ones of
// the links that it opens: whoever has both kinds has them in one place; and so are those of
// letters to oneself, which are kept for no longer than links are known. The error names
// the setting that is missing or wrong.
func (c KeyConfig) rings(function string) (*rings, error) {
	needed := KeysOf(function)
	var before keys.Ring
	var err error
	if c.Link != "" && len(needed) > 0 {
		if before, err = keys.Single(c.Link); err != nil {
			return nil, fmt.Errorf("CASCADE_LINK_KEY: %w; make one with `openssl rand -hex 32`", err)
		}
	}
	read := func(s setting, use string) (ring keys.Ring, err error) {
		switch {
		case s.value != "":
			if ring, err = keys.Parse(s.value); err != nil {
				return nil, fmt.Errorf("%s: %w; make one with `cascade key new`", s.name, err)
			}
			return ring.For(use), nil
		case before == nil:
			return nil, fmt.Errorf("%s is missing: make it with `cascade key new`", s.name)
		}
		return nil, nil
	}
	all := &rings{links: link.Keys{}}
	for _, p := range purpose.All() {
		owner := p.Function()
		s, ok := c.links()[owner]
		if !ok || !slices.Contains(needed, s.name) || all.links[owner] != nil {
			continue
		}
		ring, err := read(s, "links")
		if err != nil {
			return nil, err
		}
		if owner == function {
			if all.devices, err = read(s, "devices"); err != nil {
				return nil, err
			}
			all.devices = append(all.devices, before.For("devices")...)
			if function == "participant" {
				if all.letters, err = read(s, "letters to oneself"); err != nil {
					return nil, err
				}
				all.letters = append(all.letters, before.For("letters to oneself")...)
			}
		}
		all.links[owner] = append(ring, before...) // which hashed links as it stands
	}
	for _, own := range []struct {
		setting
		use  string
		into *keys.Ring
	}{{setting{staffKeys, c.Staff}, "staff", &all.staff}, {setting{reportKeys, c.Report}, "report", &all.report}, {setting{erasureKeys, c.Erasure}, "erasure", &all.erasure}} {
		if !slices.Contains(needed, own.name) {
			continue
		}
		if *own.into, err = read(own.setting, own.use); err != nil {
			return nil, err
		}
		if *own.into == nil {
			*own.into = before.For(own.use)
		}
	}
	return all, nil
}

// answers reads the keys of answers' ids, where the function needs them.
func (c KeyConfig) answers(function string) (keys.Ring, error) {
	if !slices.Contains(KeysOf(function), answerKeys) {
		return nil, nil
	}
	if c.Answers == "" {
		return nil, fmt.Errorf("%s is missing: make it with `cascade key new`", answerKeys)
	}
	ring, err := keys.Parse(c.Answers)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; make one with `cascade key new`", answerKeys, err)
	}
	return ring.For("answers"), nil
}
