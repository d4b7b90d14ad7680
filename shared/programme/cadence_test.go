package programme

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestCadenceThatNobodyCouldKeepIsRefused(t *testing.T) {
	t.Parallel()
	text, err := PresetText("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^cadence:\n(?:  .*\n)+`)
	if !line.Match(text) {
		t.Fatal("the preset no longer has a cadence")
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
		{"{mostAgain: 30}", ""},
		{"{mostAgain: 31}", "mostAgain"},
		{"{mostAgain: -1}", "mostAgain"},
		{"{often: 3}", "often"},
		{"{asks: {}}", ""},
		{"{asks: {answerMatch: [1, 2, 3, 4], questionnaireWaits: [5], followUp: 180}}", ""},
		{"{asks: {answerMatch: []}}", ""},
		{"{asks: {answerMatch: [6, 3]}}", "asks.answerMatch"},
		{"{asks: {bookSession: [5, 5]}}", "asks.bookSession"},
		{"{asks: {logSession: [0]}}", "asks.logSession"},
		{"{asks: {getReady: [-1, 3]}}", "asks.getReady"},
		{"{asks: {confirmEnrolment: [2, 181]}}", "asks.confirmEnrolment"},
		{"{asks: {answerMatch: [1, 2, 3, 4, 5]}}", "asks.answerMatch"},
		{"{asks: {questionnaireWaits: [1, 2, 3]}}", "asks.questionnaireWaits"},
		{"{asks: {followUp: 181}}", "asks.followUp"},
		{"{asks: {unbooked: -1}}", "asks.unbooked"},
		{"{asks: {supervision: 30}}", "supervision"},
	} {
		p, err := Parse(line.ReplaceAllLiteral(text, []byte("cadence: "+row.cadence+"\n")))
		if row.wrong == "" && err != nil || row.wrong != "" && (err == nil || !strings.Contains(err.Error(), row.wrong)) {
			t.Errorf("%s: %v, want an error about %q", row.cadence, err, row.wrong)
		}
		if err == nil && (p.Cadence.Filled().MostAWeek == 0 || p.Cadence.Filled().Closes == 0 || p.Cadence.Filled().Asks.Unready == 0 || len(p.Cadence.Filled().Asks.AnswerMatch) == 0) {
			t.Errorf("%s: %+v", row.cadence, p.Cadence.Filled())
		}
	}
}

// The presets name the days of every reminder, so that who edits one sees what there
// is to set: those that hold where nothing is set.
func TestPresetsNameTheUsualCadence(t *testing.T) {
	t.Parallel()
	usual := Usual
	usual.Asks = UsualAsks
	for _, id := range Presets() {
		p, err := Preset(id)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(p.Cadence, usual) {
			t.Errorf("%s: %+v, want %+v", id, p.Cadence, usual)
		}
	}
}
