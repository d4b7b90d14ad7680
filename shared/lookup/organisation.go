// Package lookup finds organisations on the public registers of charities while somebody
// types: by words of a name, by how words begin, or by a number. What is found depends on the
// registers and on what was typed, and never on who takes part in a programme.
//
// A List is kept as one compressed text, see Encode, and held in memory as a dictionary of
// words and, for each name, its words' places there. A look-up goes through all names once.
package lookup

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/shared/organisation"
)

// Organisation is one that stands on a register.
type Organisation struct {
	// Number is that of a charity itself, and not of one that is linked to it.
	Number organisation.Number
	// Name is as the register has it, often in capitals.
	Name string
	// Others are names by which it is known as well.
	Others []string
	// District is the postcode's first half, such as "LS6", which tells organisations apart
	// that have the same name; "" where it is not known.
	District string
}

// Register is a regulator's list of charities.
type Register string

// The registers.
const (
	EnglandAndWales Register = "england-and-wales"
	Scotland        Register = "scotland"
	NorthernIreland Register = "northern-ireland"
)

// Registers are all registers.
var Registers = []Register{EnglandAndWales, Scotland, NorthernIreland}

// facts of each register.
var facts = map[Register]struct{ name, prefix, credit string }{
	EnglandAndWales: {"England and Wales", "GB-CHC-", "Contains information from the register of charities of the Charity Commission for England and Wales."},
	Scotland:        {"Scotland", "GB-SC-", "© Crown Copyright and database right %d. Contains information from the Scottish Charity Register supplied by the Office of the Scottish Charity Regulator."},
	NorthernIreland: {"Northern Ireland", "GB-NIC-", "Contains information from the register of charities of the Charity Commission for Northern Ireland."},
}

// Name is the register's in words, such as "England and Wales".
func (r Register) Name() string { return facts[r].name }

// Credit names the source, as the licence of each register asks for, which is the Open
// Government Licence v3.0. Scotland's regulator gives the words.
func (s Source) Credit() string {
	return strings.Replace(facts[s.Register].credit, "%d", strconv.Itoa(s.ReadAt.Year()), 1)
}

// Has reports whether a number is of the register.
func (r Register) Has(n organisation.Number) bool {
	prefix := facts[r].prefix
	return prefix != "" && strings.HasPrefix(string(n), prefix)
}

// RegisterOf is the register that a number is of, or "".
func RegisterOf(n organisation.Number) Register {
	for _, r := range Registers {
		if r.Has(n) {
			return r
		}
	}
	return ""
}

// The most that a list holds: several times what the registers have.
const (
	maxOrganisations = 1_000_000
	maxOthers        = 20
	// MaxName is how many characters a name may have: as many as the form takes.
	MaxName     = 200
	maxDistrict = 5
	// maxText is in bytes.
	maxText = 256 << 20
)

// isNumber reports whether a number has the form of one of a charity on a register.
func isNumber(n organisation.Number) bool {
	r := RegisterOf(n)
	figures := strings.TrimPrefix(string(n), facts[r].prefix)
	if r == Scotland {
		var ok bool
		if figures, ok = strings.CutPrefix(figures, "SC"); !ok {
			return false
		}
	}
	return r != "" && strings.Trim(figures, "0123456789") == "" && (len(figures) == 6 || len(figures) == 7 && r == EnglandAndWales)
}

// Check says what keeps an organisation from being listed.
func (o *Organisation) Check() error {
	if !isNumber(o.Number) {
		return fmt.Errorf("%q is no number of a register", o.Number)
	}
	if len(o.Others) > maxOthers {
		return fmt.Errorf("%s has more than %d other names", o.Number, maxOthers)
	}
	if len(o.District) > maxDistrict || strings.ContainsFunc(o.District, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
		return fmt.Errorf("%s: %q is no postcode district", o.Number, o.District)
	}
	for _, name := range append([]string{o.Name}, o.Others...) {
		if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > MaxName || strings.ContainsFunc(name, unicode.IsControl) {
			return fmt.Errorf("%s: a name is empty, longer than %d characters, or no line of text", o.Number, MaxName)
		}
	}
	return nil
}

// New is the list of some organisations, in any order. Two with one number are an error.
func New(all []Organisation) (*List, error) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Organisation) int { return strings.Compare(string(a.Number), string(b.Number)) })
	var text strings.Builder
	for i := range all {
		o := &all[i]
		if err := o.Check(); err != nil {
			return nil, err
		}
		if i > 0 && o.Number == all[i-1].Number {
			return nil, fmt.Errorf("%s is there twice", o.Number)
		}
		text.WriteString(string(o.Number))
		for _, field := range append([]string{o.District, o.Name}, o.Others...) {
			text.WriteByte('\t')
			text.WriteString(field)
		}
		text.WriteByte('\n')
	}
	return parse(text.String())
}
