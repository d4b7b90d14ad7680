package programme

import (
	"strings"
	"testing"
)

func TestCadenceThatNobodyCouldKeepIsRefused(t *testing.T) {
	t.Parallel()
	text, err := PresetText("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ cadence, wrong string }{
		{"{}", ""},
		{"{opens: 9, closes: 17, mostAWeek: 2, mostAMonth: 4}", ""},
		{"{opens: 4}", "cadence.opens"},
		{"{opens: 18}", "cadence.opens"},
		{"{closes: 24}", "cadence.opens"},
		{"{mostAWeek: -1}", "mostAWeek"},
		{"{mostAWeek: 9}", "mostAWeek"},
		{"{mostAWeek: 9, mostAMonth: 31}", "mostAMonth"},
		{"{often: 3}", "often"},
	} {
		p, err := Parse([]byte(string(text) + "\ncadence: " + row.cadence + "\n"))
		if row.wrong == "" && err != nil || row.wrong != "" && (err == nil || !strings.Contains(err.Error(), row.wrong)) {
			t.Errorf("%s: %v, want an error about %q", row.cadence, err, row.wrong)
		}
		if err == nil && (p.Cadence.Filled().MostAWeek == 0 || p.Cadence.Filled().Closes == 0) {
			t.Errorf("%s: %+v", row.cadence, p.Cadence.Filled())
		}
	}
}
