package enrolment

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Every district of the table is asked about where others reach into it, and nowhere else;
// and who cannot be asked is where the table says.
func TestEveryDistrictOfTheTable(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	asked := 0
	for _, code := range geography.UK().Districts() {
		d, _ := geography.UK().District(geography.Postcode(code))
		f := acceptable(programme.Client)
		f.Postcode = code + " 1AA"
		said := wrong(t, f.Normalised(p).Check(p, programme.Client, "postcode", "region"))["region"]
		if want := len(d.Regions) > 1; (said != "") != want {
			t.Errorf("%s lies in %q, and it is said %q", code, d.Regions, said)
		}
		if said != "" {
			asked++
		}
		e, err := New(p, programme.Client, f.InUsualRegion(p), time.Time{})
		if err != nil || e.Organisation.Region != d.Regions[0] {
			t.Errorf("%s is stored in %+v, %v", code, e, err)
		}
		for _, region := range d.Regions {
			f.Region = region
			if e, err := New(p, programme.Client, f, time.Time{}); err != nil || e.Organisation.Region != region {
				t.Errorf("%s in %s: %v", code, region, err)
			}
		}
	}
	if asked != 147 {
		t.Errorf("%d districts are asked about", asked)
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	own := geography.Settings{
		Regions:   []geography.Region{{Name: "Munster"}, {Name: "Leinster"}},
		Districts: "prefix,region,also,latitude,longitude\nT12,Munster,,,\nX91,Munster,Leinster,,\n",
	}
	list, one := geography.Settings{Regions: own.Regions}, geography.Settings{Regions: own.Regions[:1]}
	for _, row := range []struct {
		where            geography.Settings
		postcode, region string
		input, says      string // what is wrong
		want, usual      string // where they are, and where they are who cannot be asked
	}{
		{geography.Settings{}, "LS6 2AB", "", "", "", "Yorkshire and the Humber", "Yorkshire and the Humber"},
		{geography.Settings{}, "LS6 2AB", " Wales\u200b ", "", "", "Wales", "Wales"},
		{geography.Settings{}, "LS6 2AB", "Munster", "region", "from the regions in the list", "", ""},
		{geography.Settings{}, "LS6 2AB", "wales", "region", "from the regions in the list", "", ""},
		{geography.Settings{}, "TD15 2AA", "", "region", "region that your organisation is in", "", "North East"},
		{geography.Settings{}, "TD15 2AA", "Scotland", "", "", "Scotland", "Scotland"},
		{geography.Settings{}, "S99 1AA", "", "region", "region that your organisation is in", "", "Yorkshire and the Humber"}, // a district that is no place
		{geography.Settings{}, "JE2 3AB", "", "postcode", "Jersey", "", ""},
		{geography.Settings{}, "JE2 3AB", "Wales", "postcode", "Jersey", "", ""},
		{own, "t12-x70a", "", "", "", "Munster", "Munster"},
		{own, "X91", "", "region", "region that your organisation is in", "", "Munster"},
		{own, "X91", "Leinster", "", "", "Leinster", "Leinster"},
		{own, "T12", "Wales", "region", "from the regions in the list", "", ""},
		{own, "LS6 2AB", "", "postcode", "like T12", "", ""},
		{own, "", "", "postcode", "Enter your organisation’s postcode", "", ""},
		{list, "", "", "region", "region that your organisation is in", "", ""},
		{list, "", "Leinster", "", "", "Leinster", "Leinster"},
		{list, "T12", "Leinster", "postcode", "Leave this out", "", ""},
		{one, "", "", "", "", "Munster", "Munster"},
	} {
		p := pilot(t)
		p.Geography = row.where
		f := acceptable(programme.Client)
		f.Postcode, f.Region = row.postcode, row.region
		found := wrong(t, f.Normalised(p).Check(p, programme.Client))
		if row.says == "" && len(found) > 0 || row.says != "" && (len(found) != 1 || !strings.Contains(found[row.input], row.says)) {
			t.Errorf("%q in %q: %q, want %s of %q", row.postcode, row.region, found, row.says, row.input)
		}
		for form, want := range map[*Form]string{ptr(f): row.want, ptr(f.InUsualRegion(p)): row.usual} {
			if e, err := New(p, programme.Client, *form, time.Time{}); (err == nil) != (want != "") || err == nil && e.Organisation.Region != want {
				t.Errorf("%q in %q: %+v, %v, want %q", row.postcode, row.region, e, err, want)
			}
		}
	}
	if !slices.Contains(Inputs, "region") {
		t.Error("the region is no input")
	}
}

func ptr(f Form) *Form { return &f }
