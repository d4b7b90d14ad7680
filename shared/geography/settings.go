package geography

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Settings are what a programme says of where its people are. The zero value is the
// United Kingdom with its postcodes.
type Settings struct {
	// Regions are all regions, the usual one first.
	Regions []Region `firestore:"regions" yaml:"regions,omitempty"`
	// Districts is CSV with a row of column names: prefix, which postcodes begin with,
	// region, also (other regions that reach into it, separated by semicolons), latitude
	// and longitude in degrees, which may both be empty. Left out, people give no postcode
	// and choose their region. It is text, since a document's field holds it well.
	Districts string `firestore:"districts" yaml:"districts,omitempty"`
}

// The bounds of what a programme may bring: its document has room for 1 MiB, and people
// choose from a list of regions.
const (
	MaxDistricts = 500_000 // bytes
	MaxRegions   = 100
	maxName      = 100 // letters of a region's name
)

// columns are those of Districts.
var columns = []string{"prefix", "region", "also", "latitude", "longitude"}

// Territory is what the settings make. They have been checked, see Check.
func (s Settings) Territory() *Territory {
	if len(s.Regions) == 0 {
		return UK()
	}
	t := &Territory{regions: s.Regions}
	if s.Districts != "" {
		t.districts = t.remember(s.Districts)
	}
	return t
}

// Check says what is wrong with settings.
func (s Settings) Check() error {
	if len(s.Regions) == 0 {
		if s.Districts != "" {
			return errors.New("geography.regions is missing: districts are of a programme's own regions")
		}
		return nil
	}
	if len(s.Regions) > MaxRegions {
		return fmt.Errorf("geography.regions: %d of them, more than %d", len(s.Regions), MaxRegions)
	}
	t := &Territory{regions: s.Regions}
	for i, r := range s.Regions {
		given := func(other Region) bool { return strings.EqualFold(r.Name, other.Name) }
		if r.Name == "" || r.Name != strings.TrimSpace(r.Name) || len([]rune(r.Name)) > maxName || slices.ContainsFunc(s.Regions[:i], given) {
			return fmt.Errorf("geography.regions: the name %q is empty, given twice or longer than %d letters", r.Name, maxName)
		}
		for _, b := range r.Borders {
			if b == r.Name || !t.Has(b) {
				return fmt.Errorf("geography.regions: %s borders on %q, which is no other region of the list", r.Name, b)
			}
		}
		if r.Holidays != "" && !slices.Contains(AllHolidays, r.Holidays) {
			return fmt.Errorf("geography.regions: the holidays of %s are %q, not one of %q: leave them out where they are none of these", r.Name, r.Holidays, AllHolidays)
		}
	}
	if len(s.Districts) > MaxDistricts {
		return fmt.Errorf("geography.districts: %d bytes, more than %d: give shorter prefixes, which stand for all that begin with them", len(s.Districts), MaxDistricts)
	}
	if s.Districts == "" {
		return nil
	}
	if _, err := t.read(s.Districts); err != nil {
		return fmt.Errorf("geography.districts: %w", err)
	}
	return nil
}

// Bordering reports whether any two regions touch.
func (t *Territory) Bordering() bool {
	return slices.ContainsFunc(t.regions, func(r Region) bool { return len(r.Borders) > 0 })
}

// Measured says why distances are not known, nil where they are.
func (t *Territory) Measured() error {
	if !t.HasPostcodes() {
		return errors.New("there is no geography.districts with a latitude and longitude for each prefix")
	}
	for _, code := range t.Districts() {
		if !t.districts[code].Point.Known() {
			return fmt.Errorf("geography.districts has no latitude and longitude for %s", code)
		}
	}
	return nil
}

// read reads districts. Its errors name the line.
func (t *Territory) read(text string) (map[string]District, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.ReuseRecord = len(columns), true
	if names, err := r.Read(); err != nil || !slices.Equal(names[1:], columns[1:]) {
		return nil, fmt.Errorf("the first line is not %s", strings.Join(columns, ","))
	}
	all := map[string]District{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		d, err := t.district(row)
		if _, twice := all[d.Code]; twice && err == nil {
			err = fmt.Errorf("%q is given twice", d.Code)
		}
		if err != nil {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		all[d.Code] = d
	}
	if len(all) == 0 {
		return nil, errors.New("there is no row")
	}
	return all, nil
}

// district reads one row.
func (t *Territory) district(row []string) (d District, err error) {
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	code, ok := compactPostcode(row[0])
	if !ok || code == "" {
		return d, fmt.Errorf("%q is no beginning of a postcode: use letters A to Z and digits", row[0])
	}
	d.Code = code
	names := []string{row[1]}
	if row[2] != "" {
		names = append(names, strings.Split(row[2], ";")...)
	}
	for _, name := range names {
		r := t.region(strings.TrimSpace(name))
		if r == nil || slices.Contains(d.Regions, r.Name) {
			return d, fmt.Errorf("%q is no region of the list, or given twice", name)
		}
		d.Regions = append(d.Regions, r.Name)
	}
	if row[3] == "" && row[4] == "" {
		return d, nil
	}
	latitude, err1 := strconv.ParseFloat(row[3], 64)
	longitude, err2 := strconv.ParseFloat(row[4], 64)
	if err1 != nil || err2 != nil || !(latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180) {
		return d, fmt.Errorf("%q, %q is no latitude and longitude in degrees", row[3], row[4])
	}
	d.Point = At(latitude, longitude)
	return d, nil
}

// remembered are the tables of programmes by their text, each read once, so that a page
// does not read thousands of rows. There are as many as programmes have their own, and a
// few more while settings are changed.
var remembered = struct {
	sync.Mutex
	tables map[string]map[string]District
}{tables: map[string]map[string]District{}}

// mostRemembered is how many tables are remembered; then all are forgotten.
const mostRemembered = 32

// remember reads districts that have been checked.
func (t *Territory) remember(text string) map[string]District {
	remembered.Lock()
	defer remembered.Unlock()
	if table, ok := remembered.tables[text]; ok {
		return table
	}
	table, err := t.read(text)
	if err != nil {
		return nil
	}
	if len(remembered.tables) >= mostRemembered {
		clear(remembered.tables)
	}
	remembered.tables[text] = table
	return table
}
