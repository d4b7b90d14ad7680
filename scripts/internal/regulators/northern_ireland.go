package regulators

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/cascading-leadership/cascade/shared/lookup"
	"github.com/cascading-leadership/cascade/shared/organisation"
)

// lastPostcode is one at the end of an address.
var lastPostcode = regexp.MustCompile(`(?i)\b[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}[ ,.]*$`)

// northernIreland reads the file of a charity search of the Charity Commission for Northern
// Ireland. It is in Windows-1252, says so nowhere, and writes some apostrophes as backticks.
func (f *Found) northernIreland(_ string, from io.Reader) error {
	all, err := io.ReadAll(io.LimitReader(from, 1<<30))
	if err != nil {
		return err
	}
	all = bytes.TrimPrefix(all, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(all) {
		if all, err = charmap.Windows1252.NewDecoder().Bytes(all); err != nil {
			return err
		}
	}
	head := func(all columns) error {
		return all.need("Northern Ireland's register", "Reg charity number", "Charity name", "Status", "Public address")
	}
	return delimited(bytes.NewReader(all), ',', head, func(r row) {
		f.Rows++
		if r == nil {
			f.Out[Broken]++
			return
		}
		if r["Status"] == "Removed" {
			f.Out[Removed]++
			return
		}
		apostrophes := strings.NewReplacer("`", "'")
		n := organisation.Number("GB-NIC-" + strings.TrimPrefix(strings.ToUpper(r["Reg charity number"]), "NIC"))
		f.add(lookup.Organisation{Number: n, Name: apostrophes.Replace(r["Charity name"]), District: district(lastPostcode.FindString(r["Public address"]))})
		if name := r["Other name"]; name != "" && f.places[n] == len(f.Organisations)-1 {
			f.name(n, apostrophes.Replace(name))
		}
	})
}
