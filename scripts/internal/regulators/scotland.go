package regulators

import (
	"io"

	"github.com/cascading-leadership/cascade/shared/lookup"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/text"
)

// scotland reads the register download of the Scottish Charity Regulator. That of former
// charities has the same columns, and Ceased Date: all of its rows are left out.
func (f *Found) scotland(_ string, from io.Reader) error {
	b, err := text.Reader(from)
	if err != nil {
		return err
	}
	head := func(all columns) error {
		return all.need("Scotland's register", "Charity Number", "Charity Name", "Known As", "Charity Status", "Postcode")
	}
	return delimited(b, ',', head, func(r row) {
		f.Rows++
		if r == nil {
			f.Out[Broken]++
			return
		}
		n, err := organisation.ParseNumber(r["Charity Number"], "")
		switch {
		case r["Charity Status"] == "Removed" || r["Ceased Date"] != "":
			f.Out[Removed]++
		case err != nil || !lookup.Scotland.Has(n):
			f.Out[Unknown]++
		default:
			f.add(lookup.Organisation{Number: n, Name: r["Charity Name"], District: district(r["Postcode"])})
			if r["Known As"] != "" && f.places[n] == len(f.Organisations)-1 {
				f.name(n, r["Known As"])
			}
		}
	})
}
