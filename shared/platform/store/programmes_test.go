package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// The largest table of postcodes that a programme may bring has room in its document.
func TestLargestGeographyIsStored(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), t.Context()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p.ID = "large"
	for i := range geography.MaxRegions {
		p.Geography.Regions = append(p.Geography.Regions, geography.Region{Name: fmt.Sprint("Region ", i), Borders: []string{fmt.Sprint("Region ", (i+1)%geography.MaxRegions)}})
	}
	var table strings.Builder
	table.WriteString("prefix,region,also,latitude,longitude\n")
	rows := 0
	for ; table.Len() < geography.MaxDistricts-50; rows++ {
		fmt.Fprintf(&table, "%d,Region %d,,51.88,-8.47\n", rows, rows%geography.MaxRegions)
	}
	p.Geography.Districts = table.String()
	if err := p.Geography.Check(); err != nil {
		t.Fatal(err)
	}
	add(t, s, func(c *Commit) { c.CreateProgramme(p) })
	read, err := s.Programme(ctx, "large")
	if err != nil {
		t.Fatal(err)
	}
	if got := read.Territory(); len(got.Districts()) != rows || got.Usual("1234X") != "Region 34" || !got.Border("Region 3", "Region 4") {
		t.Errorf("read are %d districts of %d", len(got.Districts()), rows)
	}
}
