package keys

import "fmt"

// The settings of the keys of the audit trail, for functions and the command line.
const (
	AuditSetting = "CASCADE_AUDIT_KEYS"
	SealsSetting = "CASCADE_SEAL_KEYS"
)

// Audit are the keys by which the audit trail names people, as its setting has them. Where
// it is empty, the one key of versions before stands in for them.
func Audit(setting, before string) (Ring, error) {
	if setting != "" || before == "" {
		return required(AuditSetting, setting)
	}
	ring, err := Single(before)
	if err != nil {
		return nil, fmt.Errorf("CASCADE_LINK_KEY: %w", err)
	}
	return ring.For("audit"), nil
}

// Seals are those by which it is sealed. The key of versions before does not stand in for
// them: functions have it that add to the trail.
func Seals(setting string) (Ring, error) { return required(SealsSetting, setting) }

func required(name, setting string) (Ring, error) {
	if setting == "" {
		return nil, fmt.Errorf("%s is missing: make it with `cascade key new`", name)
	}
	ring, err := Parse(setting)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; make one with `cascade key new`", name, err)
	}
	return ring, nil
}
