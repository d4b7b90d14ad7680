package regulators

import (
	"errors"
	"io"
	"slices"

	"github.com/cascading-leadership/cascade/shared/lookup"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/text"
)

// ccew is a row of either table of the Charity Commission for England and Wales, of which
// only these columns are read.
type ccew struct {
	Registered value `json:"registered_charity_number"`
	Linked     value `json:"linked_charity_number"`
	Name       value `json:"charity_name"`
	Status     value `json:"charity_registration_status"`
	Postcode   value `json:"charity_contact_postcode"`
	NameType   value `json:"charity_name_type"`
}

// The columns of the two tables that are needed.
var (
	charityColumns    = []string{"registered_charity_number", "linked_charity_number", "charity_name", "charity_registration_status", "charity_contact_postcode"}
	otherNamesColumns = []string{"registered_charity_number", "linked_charity_number", "charity_name", "charity_name_type"}
)

// named is another name of a charity.
type named struct {
	number organisation.Number
	name   string
}

// englandAndWales reads the tables charity and charity_other_names, in whatever order. Other
// names are given once all charities are known.
func (f *Found) englandAndWales(files []string) error {
	var others []named
	charities := false
	read := func(_ string, from io.Reader) error {
		isOthers := false
		head := func(all columns) error {
			if isOthers = slices.Contains(all, "charity_name_type"); isOthers {
				return all.need("the table charity_other_names", otherNamesColumns...)
			}
			charities = true
			return all.need("the tables charity and charity_other_names", charityColumns...)
		}
		each := func(r *ccew) {
			f.Rows++
			number := organisation.Number("GB-CHC-" + string(r.Registered))
			switch {
			case r.Linked != "0":
				f.Out[Linked]++
			case isOthers && r.NameType == "Previous name":
				f.Out[Previous]++
			case isOthers:
				others = append(others, named{number, string(r.Name)})
			case r.Status == "Removed":
				f.Out[Removed]++
			case r.Status != "Registered":
				f.Out["with the status "+text.Quote(string(r.Status))]++
			default:
				f.add(lookup.Organisation{Number: number, Name: string(r.Name), District: district(string(r.Postcode))})
			}
		}
		b, err := text.Reader(from)
		if err != nil {
			return err
		}
		if isJSON(b) {
			return fromJSON(b, head, each)
		}
		return delimited(b, '\t', head, func(r row) {
			if r == nil {
				f.Rows++
				f.Out[Broken]++
				return
			}
			each(&ccew{value(r["registered_charity_number"]), value(r["linked_charity_number"]), value(r["charity_name"]),
				value(r["charity_registration_status"]), value(r["charity_contact_postcode"]), value(r["charity_name_type"])})
		})
	}
	if err := f.each(files, read); err != nil {
		return err
	}
	if !charities {
		return errors.New("the table charity is missing: give publicextract.charity.zip, too")
	}
	for _, o := range others {
		f.name(o.number, o.name)
	}
	return nil
}
