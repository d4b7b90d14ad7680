package programme

import (
	"strings"
	"testing"
)

// The days of questionnaires are days, and in their order.
func TestDaysOfQuestionnairesAreChecked(t *testing.T) {
	t.Parallel()
	text, err := PresetText("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	const found = "questionnaires: {baseline: baseline-1, closing: closing-1"
	if !strings.Contains(string(text), found) {
		t.Fatal("the preset names its questionnaires in another way")
	}
	for more, says := range map[string]string{
		"": "",
		", closes: {baseline: 2027-03-31, closing: 2027-11-30}, anonymous: 2028-11-30": "",
		", closes: {baseline: 2027-03-31, closing: 2027-03-30}":                        "closes.closing is before",
		", closes: {baseline: 31/03/2027}":                                             `closes.baseline "31/03/2027" is no date`,
		", closes: {baseline: 2027-03-31, closing: 2027-11-30}, anonymous: 2027-11-30": "anonymous is before the last questionnaire closes",
		", anonymous: 2027-02-30":                                                      `anonymous "2027-02-30" is no date`,
	} {
		_, err := Parse([]byte(strings.Replace(string(text), found, found+more, 1)))
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", more, err)
		}
	}
}
