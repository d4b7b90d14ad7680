package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Where both sides rank each other, the explanation names the pairs who would both
// rather have each other; elsewhere it does not speak of them.
func TestRankedProgrammesAreToldOfBlockingPairs(t *testing.T) {
	t.Parallel()
	text, err := programme.PresetText("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	settings := strings.NewReplacer("mode: assigned", "mode: ranked", "preference: 10", "preference: 0").Replace(string(text))
	f := newFolder(t, map[string]string{
		"ranked.yaml": settings,
		"people.csv": "id,role,organisation_id,region,postcode_district,categories,needs,skills,capacity,supervisor,conflicts,preferences,languages,meeting,availability,income_gbp\n" +
			"c1,client,,London,SW9,,board:3,,,,,d2,,,,\n" +
			"c2,client,,London,SW9,,finance:3,,,,,,,,,\n" +
			"d1,consultant,,London,SE1,,,board:3;finance:1,,,,,,,,\n" +
			"d2,consultant,,London,SE1,,,board:1;finance:3,,,,c1,,,,\n",
	})
	for _, row := range []struct {
		args string
		want []matching.Block
	}{
		{toMatch + " --explain explain.json --programme ranked.yaml", []matching.Block{{Client: "c1", Consultant: "d2", Wants: 1, Has: "d1", Wanted: 1, InStead: "c2"}}},
		{toMatch + " --explain explain.json", nil},
	} {
		ran(t, "", f.args(row.args)...)
		var told struct {
			Blocking    []matching.Block
			Bottlenecks []matching.Bottleneck
		}
		if err := json.Unmarshal([]byte(f.read(t, "explain.json")), &told); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(told.Blocking, row.want) || told.Bottlenecks == nil || len(told.Bottlenecks) > 0 {
			t.Errorf("%s: %+v", row.args, told)
		}
	}
}
