// Package regulators reads the files in which the regulators of charities publish their
// registers, by the columns that they document:
//
//   - the Charity Commission for England and Wales: the tables charity and
//     charity_other_names of the full register download, as tab-separated text or JSON
//     (register-of-charities.charitycommission.gov.uk/register/full-register-download);
//   - the Scottish Charity Regulator: the register download, as CSV (oscr.org.uk);
//   - the Charity Commission for Northern Ireland: the results of a charity search without
//     words, as CSV (charitycommissionni.org.uk/charity-search).
//
// What the columns mean, and how the files differ from what they are called, is by
// github.com/drkane/charity-lookups (ccew-fields.md), and by the importers of
// github.com/kanedata/find-that-charity. Of each charity the name, other names it goes by now, its number and
// the postcode's district are read, and nothing about people.
package regulators

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/lookup"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/text"
)

// Why a row is left out.
const (
	Removed   = "removed from the register"
	Linked    = "linked to another charity, whose number they share"
	Twice     = "there already, by their number"
	Unnamed   = "without a name"
	TooLong   = "with a name longer than the form takes"
	Unknown   = "with a number that is not of the register"
	Broken    = "not as long as the row of column names"
	Previous  = "names of before"
	NotListed = "other names of charities that are left out"
)

// Found is what was read of a register.
type Found struct {
	Organisations []lookup.Organisation
	// Rows is how many were read, and Out how many of them were left out, by why.
	Rows int
	Out  map[string]int

	places map[organisation.Number]int // among Organisations
}

// Others is how many other names were read.
func (f *Found) Others() (n int) {
	for _, o := range f.Organisations {
		n += len(o.Others)
	}
	return n
}

// Read reads the files of a register. The error names the file, and what is wrong with it.
func Read(register lookup.Register, files ...string) (*Found, error) {
	f := &Found{Out: map[string]int{}, places: map[organisation.Number]int{}}
	var err error
	switch register {
	case lookup.EnglandAndWales:
		err = f.englandAndWales(files)
	case lookup.Scotland:
		err = f.each(files, f.scotland)
	case lookup.NorthernIreland:
		err = f.each(files, f.northernIreland)
	default:
		err = fmt.Errorf("there is no register %q", register)
	}
	if err == nil && len(f.Organisations) == 0 {
		err = errors.New("no charity was found in what was read")
	}
	return f, err
}

// each reads files one after the other.
func (f *Found) each(files []string, read func(name string, from io.Reader) error) error {
	for _, path := range files {
		if err := open(path, read); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// add lists a charity, or counts why not.
func (f *Found) add(o lookup.Organisation) {
	o.Name = tidy(o.Name)
	_, there := f.places[o.Number]
	switch {
	case o.Name == "":
		f.Out[Unnamed]++
	case utf8.RuneCountInString(o.Name) > lookup.MaxName:
		f.Out[TooLong]++
	case o.Check() != nil:
		f.Out[Unknown]++
	case there:
		f.Out[Twice]++
	default:
		f.places[o.Number] = len(f.Organisations)
		f.Organisations = append(f.Organisations, o)
	}
}

// mostOthers is how many other names of a charity are taken, those that stand first.
const mostOthers = 10

// name gives a charity another name, unless it has that or too many.
func (f *Found) name(number organisation.Number, name string) {
	i, ok := f.places[number]
	if !ok {
		f.Out[NotListed]++
		return
	}
	o := &f.Organisations[i]
	name = tidy(name)
	switch {
	case name == "" || name == "-":
		return
	case utf8.RuneCountInString(name) > lookup.MaxName:
		f.Out[TooLong]++
		return
	}
	fold := strings.Join(organisation.Words(name), " ")
	for _, has := range append([]string{o.Name}, o.Others...) {
		if strings.Join(organisation.Words(has), " ") == fold {
			return
		}
	}
	if len(o.Others) < mostOthers {
		o.Others = append(o.Others, name)
	}
}

// tidy is a name as its reader sees it, in one line.
func tidy(name string) string {
	return text.Tidy(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, name))
}

// district is a postcode's first half, or "".
func district(postcode string) string {
	p, ok := geography.UK().Parse(postcode)
	if !ok {
		return ""
	}
	return p.District()
}
