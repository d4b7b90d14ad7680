package questionnaires

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/evaluation"
	"github.com/cascading-leadership/cascade/shared/platform/pseudonym"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// submitted are those who are marked to have answered, by "person moment".
func (b *bed) submitted() (all []string) {
	b.t.Helper()
	for path, d := range b.Documents() {
		if strings.Contains(path, "/invitations/") && d.Data()["submitted"] == true {
			all = append(all, fmt.Sprint(d.Data()["enrolment"], " ", d.Data()["moment"]))
		}
	}
	slices.Sort(all)
	return all
}

// handIn answers a questionnaire.
func (b *bed) handIn(person, questionnaire string) (path string) {
	b.t.Helper()
	path, _ = b.asked(person, questionnaire)
	b.AnotherBrowser()
	b.leads(b.Post(path+"/1", you), http.StatusSeeOther, path+"/2")
	b.leads(b.Post(path+"/2", others), http.StatusSeeOther, path+"/3")
	if strings.HasPrefix(questionnaire, "baseline") {
		b.leads(b.Post(path+"/3", hope), http.StatusSeeOther, path+"/check")
	} else {
		b.leads(b.Post(path+"/3", map[string][]string{"number": {"right"}, "match": {"4"}, "change": {"More time"}}), http.StatusSeeOther, path+"/check")
	}
	b.leads(b.Post(path+"/check", nil), http.StatusSeeOther, path)
	return path
}

// Who has answered is marked once a day, an hour before people are written to, all at once.
func TestWhoHasAnsweredIsMarkedOnceADay(t *testing.T) {
	b := newBed(t)
	b.at(1, 5)
	b.sweep()
	b.handIn("alex", "baseline-1")
	b.sweep()
	if got := b.submitted(); len(got) > 0 {
		t.Errorf("marked before the day begins: %v", got)
	}
	b.at(0, 7)
	for range 3 {
		b.sweep()
		if got := b.submitted(); !slices.Equal(got, []string{"alex baseline"}) {
			t.Errorf("marked are %v", got)
		}
		if i := b.invited()["alex baseline-1"]; !i.DueAt.IsZero() || !i.UpdatedAt.Equal(i.CreatedAt) {
			t.Errorf("%+v", i)
		}
		// Whoever answers later is marked on the next day.
		if !b.response(b.invited()["zoe baseline-1"].ID).Submitted {
			b.handIn("zoe", "baseline-1")
		}
		b.Pass(2 * time.Hour)
	}
	b.at(1, 7)
	b.sweep()
	if got := b.submitted(); !slices.Equal(got, []string{"alex baseline", "zoe baseline"}) {
		t.Errorf("marked are %v", got)
	}
	if m, err := b.Store.Marks(t.Context(), "pilot"); err != nil || m.Day != b.Now().In(b.Programme.Location()).Format(time.DateOnly) {
		t.Errorf("marks %+v, %v", m, err)
	}
}

// change changes the programme's settings.
func (b *bed) change(change func(p *programme.Programme)) {
	b.t.Helper()
	p, err := b.Store.Programme(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	change(p)
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
}

// day is the programme's day, some days from now.
func (b *bed) day(days int) string {
	return b.Now().In(b.Programme.Location()).AddDate(0, 0, days).Format(time.DateOnly)
}

// answersByPerson is what everybody has answered, by "person moment" and question.
func (b *bed) answersByPerson(people ...string) map[string]map[string]string {
	b.t.Helper()
	p := b.pseudonyms()
	all, err := b.Answers.Responses(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	found := map[string]map[string]string{}
	for _, r := range all {
		whose := ""
		for _, person := range people {
			for _, m := range programme.Moments {
				id := p.Response(person, m)
				if r.ID == id || r.ID == p.Rewritten(id) {
					whose = person + " " + string(m)
				}
			}
		}
		if whose == "" || found[whose] != nil {
			b.t.Errorf("%s is of nobody, or there twice: %q", r.ID, whose)
		}
		found[whose] = r.Answers
	}
	return found
}

// When a moment closes, nobody answers any more, what was not handed in goes, and the answers
// and marks are written anew, whatever breaks it off meanwhile: nothing is lost or there twice,
// and no time of before is left.
func TestMomentIsWrittenAnewWhenItCloses(t *testing.T) {
	b := newBed(t)
	b.at(1, 10)
	b.sweep()
	b.end(1)
	b.sweep()
	b.handIn("alex", "baseline-1")
	b.handIn("zoe", "baseline-1")
	after := b.handIn("alex", "closing-1")
	open, _ := b.asked("zoe", "closing-1")
	b.AnotherBrowser()
	b.Post(open+"/1", you)
	b.change(func(p *programme.Programme) {
		p.Questionnaires.Closes = programme.Closes{Baseline: b.day(0), Closing: b.day(0)}
	})
	b.at(1, 10)
	before := b.answersByPerson("alex", "zoe")
	for path, want := range map[string]string{open: "What was saved and not handed in is deleted", after: "Thank you"} {
		if page := b.Get(path); page.StatusCode != http.StatusOK || !strings.Contains(page.Body, want) {
			t.Errorf("closed: status %d: %s", page.StatusCode, page.Body)
		}
	}
	b.leads(b.Post(open+"/check", nil), http.StatusSeeOther, open)
	old := b.AnswerDocuments()

	deaths := 0
	for at := 1; ; at++ {
		d := &testbed.Death{At: at, After: at%2 == 0}
		s, bury := b.Dying(d)
		a, buryAnswers := b.DyingAnswers(d)
		rt := *b.Runtime
		rt.Store, rt.Answers = s, a
		err := (&site{Site: &serve.Site{Runtime: &rt}}).sweep(t.Context())
		bury()
		buryAnswers()
		if err == nil {
			break
		}
		deaths++
	}
	if deaths < 10 {
		t.Errorf("it was broken off %d times", deaths)
	}
	if now := b.answersByPerson("alex", "zoe"); !maps.EqualFunc(now, before, maps.Equal) || len(now) != 3 {
		t.Errorf("it is %v, and before %v", now, before)
	}
	for path, d := range b.AnswerDocuments() {
		if strings.Contains(path, "/saved/") || strings.Contains(path, "/answers/") && (old[path] != nil || d.Data()["rewritten"] != true) {
			t.Errorf("%s is still there", path)
		}
	}
	if got := b.submitted(); !slices.Equal(got, []string{"alex baseline", "alex closing", "zoe baseline"}) {
		t.Errorf("marked are %v", got)
	}
	if m, err := b.Store.Marks(t.Context(), "pilot"); err != nil || !slices.Equal(m.Closed, programme.Moments) {
		t.Errorf("marks %+v, %v", m, err)
	}
	// Written anew are also those who have not answered: their times are the others'.
	times := map[string]map[time.Time]bool{}
	for path, d := range b.Documents() {
		if strings.Contains(path, "/invitations/") {
			m := fmt.Sprint(d.Data()["moment"])
			if times[m] == nil {
				times[m] = map[time.Time]bool{}
			}
			times[m][d.UpdateTime] = true
		}
	}
	for m, at := range times {
		if len(at) != 1 {
			t.Errorf("the marks of the %s have the times %v", m, at)
		}
	}
}

// On the day that the programme has set, the secret is destroyed, and what was written in
// somebody's own words goes, whatever breaks it off; nobody can be told any more, and no other
// secret is made.
func TestAnswersBecomeAnonymousOnTheirDay(t *testing.T) {
	b := newBed(t)
	b.at(1, 10)
	b.sweep()
	b.end(1)
	b.sweep()
	b.handIn("alex", "baseline-1")
	path := b.handIn("alex", "closing-1")
	start, _ := b.asked("zoe", "closing-1")
	if page := b.Get(start).Body; !strings.Contains(page, "pseudonymous") || !strings.Contains(page, "has not yet set the day") {
		t.Errorf("without a day, the page says: %s", page)
	}
	b.change(func(p *programme.Programme) {
		p.Questionnaires.Closes = programme.Closes{Baseline: b.day(1), Closing: b.day(1)}
		p.Questionnaires.Anonymous = b.day(30)
	})
	if page := b.Get(start).Body; !strings.Contains(page, "On "+b.Now().In(b.Programme.Location()).AddDate(0, 0, 30).Format("2 January 2006")) || !strings.Contains(page, "anonymous") {
		t.Errorf("the page says: %s", page)
	}
	for _, days := range []int{1, 1, 10} {
		b.at(days, 10)
		b.sweep()
	}
	ids := func() (all []string) {
		for path := range b.AnswerDocuments() {
			if !strings.Contains(path, "/releases/") && !strings.Contains(path, "/bases/") {
				all = append(all, path)
			}
		}
		slices.Sort(all)
		return all
	}
	before, ring := ids(), b.pseudonyms()
	if len(before) != 3 { // two responses, and the secret
		t.Fatalf("there is %v", before)
	}
	b.at(18, 10)
	for at := 1; ; at++ {
		d := &testbed.Death{At: at, After: at%2 == 0}
		s, bury := b.Dying(d)
		a, buryAnswers := b.DyingAnswers(d)
		rt := *b.Runtime
		rt.Store, rt.Answers = s, a
		err := (&site{Site: &serve.Site{Runtime: &rt}}).sweep(t.Context())
		bury()
		buryAnswers()
		if err == nil {
			break
		}
	}
	if after := ids(); !slices.Equal(before, after) {
		t.Errorf("there is %v, and was %v", after, before)
	}
	for path, d := range b.AnswerDocuments() {
		text, err := json.Marshal(d.Data())
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range []string{"less alone", "More time"} {
			if strings.Contains(string(text), words) {
				t.Errorf("%s still says %q", path, words)
			}
		}
		if strings.Contains(path, "/secrets/") && (d.Data()["value"] != nil || d.Data()["key"] != nil) {
			t.Errorf("the secret is still %v", d.Data())
		}
	}
	if got := b.Get(path); got.StatusCode != http.StatusOK || !strings.Contains(got.Body, "Thank you") {
		t.Errorf("status %d", got.StatusCode)
	}
	if _, err := pseudonym.Of(t.Context(), b.Answers, b.AnswerKeys, "pilot"); err == nil {
		t.Error("there are pseudonyms again")
	}
	for range 2 {
		b.at(1, 10)
		b.sweep()
	}
	if m, err := b.Store.Marks(t.Context(), "pilot"); err != nil || !m.Anonymous {
		t.Errorf("marks %+v, %v", m, err)
	}
	// What is left can be compared all the same.
	all, err := b.Answers.Responses(t.Context(), "pilot")
	if err != nil || len(all) != 2 || all[0].Respondent != all[1].Respondent || all[0].Respondent != ring.Respondent("alex") || all[0].Answers["time"] != "2" {
		t.Errorf("%+v, %v", all, err)
	}
}

// moved is what a kept database's people had answered, by the report's figures.
func figures(t *testing.T, responses []*questionnaire.Response) string {
	t.Helper()
	var text strings.Builder
	questions := evaluation.Questions(must(t, "baseline-1"), must(t, "closing-1"))
	answered := evaluation.Answered(questions, responses)
	for _, role := range programme.Roles {
		for k, q := range questions {
			n, start, end := 0, 0, 0
			for _, a := range answered {
				if a.Role == role && a.Start != nil && a.End != nil {
					n, start, end = n+1, start+a.Start[k], end+a.End[k]
				}
			}
			fmt.Fprintf(&text, "%s %s %d %d %d\n", role, q.ID, start, end, n)
		}
	}
	return text.String()
}

func must(t *testing.T, id string) *questionnaire.Definition {
	t.Helper()
	d, err := questionnaire.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// What a version before kept beside people is moved, whatever breaks it off: every answer is
// there once, what was saved too, the report is the same, and nothing is left beside people.
func TestFormerAnswersAreMoved(t *testing.T) {
	t.Parallel()
	kept, sent := testbed.Kept(t, "2026-11-30")
	b := &bed{kept, t}
	b.Serve("questionnaires", New)
	former, saved := map[string]*questionnaire.Response{}, ""
	for path, d := range b.Documents() {
		if !strings.Contains(path, "/responses/") {
			continue
		}
		f := new(questionnaire.Former)
		if err := d.DataTo(f); err != nil {
			t.Fatal(err)
		}
		if f.Submitted {
			former[path] = &questionnaire.Response{Respondent: f.Respondent, Moment: f.Moment, Role: f.Role, Answers: f.Answers}
		} else if saved == "" { // somebody has begun
			saved = d.Ref.ID
			b.Spoil(path, "answers", map[string]any{"time": "3", "hope": "To be less alone"})
		}
	}
	if len(former) < 40 || saved == "" {
		t.Fatalf("%d were handed in", len(former))
	}
	path := ""
	for _, l := range sent { // a link that was sent to who has begun, if one was
		if strings.HasPrefix(l.Path, "/questionnaire/") && strings.Contains(b.Get(l.Path).Body, ">Continue</a>") {
			path = l.Path
		}
	}
	b.at(1, 5) // before the day's marks
	for at := 1; ; at++ {
		d := &testbed.Death{At: at, After: at%2 == 0}
		s, bury := b.Dying(d)
		a, buryAnswers := b.DyingAnswers(d)
		rt := *b.Runtime
		rt.Store, rt.Answers = s, a
		p, err := s.Programme(t.Context(), "pilot")
		if err == nil {
			err = (&site{Site: &serve.Site{Runtime: &rt}}).keepApart(t.Context(), p)
		}
		bury()
		buryAnswers()
		if err == nil {
			break
		}
	}
	for path, d := range b.Documents() {
		if strings.Contains(path, "/responses/") || strings.Contains(path, "/invitations/") && d.Data()["response"] != nil {
			t.Errorf("%s is still %v", path, d.Data())
		}
	}
	all, err := b.Answers.Responses(t.Context(), "pilot")
	if err != nil || len(all) != len(former) {
		t.Fatalf("%d of %d are there, %v", len(all), len(former), err)
	}
	if before, after := figures(t, slices.Collect(maps.Values(former))), figures(t, all); before != after || !strings.Contains(before, " 10\n") {
		t.Errorf("the report was\n%s\nand is\n%s", before, after)
	}
	some, err := b.Answers.SavedAt(t.Context(), "pilot", programme.Baseline, 10)
	if err != nil || len(some) != 1 || some[0].Answers["hope"] != "To be less alone" {
		t.Errorf("saved are %+v, %v", some, err)
	}
	if path != "" {
		if page := b.Get(path); !strings.Contains(page.Body, ">Continue</a>") {
			t.Errorf("who has begun cannot go on: %s", page.Body)
		}
	}
}

// Those who had enrolled before people were asked then are invited once their documents are
// migrated, and nobody a second time.
func TestThoseWhoEnrolledBeforeAreInvited(t *testing.T) {
	t.Parallel()
	kept, _ := testbed.Kept(t, "2026-11-30")
	b := &bed{kept, t}
	b.Serve("questionnaires", New)
	if _, err := b.Store.Migrate(t.Context(), store.Migrations, true, func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	asked := func() map[string]int {
		n := map[string]int{}
		for path, d := range b.Documents() {
			if strings.Contains(path, "/invitations/") && d.Data()["moment"] == "baseline" {
				n[enrolment.PersonOf(fmt.Sprint(d.Data()["enrolment"]))]++
			}
		}
		return n
	}
	before := asked()
	for range 2 {
		b.sweep()
	}
	after := asked()
	for path, d := range b.Documents() {
		id, is := strings.CutPrefix(path, "programmes/pilot/enrolments/")
		if !is {
			continue
		}
		want := 1
		if state := d.Data()["state"]; state == "unconfirmed" || state == "withdrawn" && before[enrolment.PersonOf(id)] == 0 {
			want = 0
		}
		if n := after[enrolment.PersonOf(id)]; n != want || d.Data()["invite"] != nil || d.Data()["respondent"] != nil {
			t.Errorf("%s was asked %d times, and is %v", id, n, d.Data()["invite"])
		}
	}
	if len(after) <= len(before) {
		t.Errorf("%d were asked before, and %d are now", len(before), len(after))
	}
}

// A key that is taken out of the setting is missed, and never replaced by another, under which
// whoever has answered would be asked again.
func TestMissingKeyIsMissed(t *testing.T) {
	b := newBed(t)
	b.sweep()
	b.pseudonyms()
	other := testbed.New(t)
	rt := *b.Runtime
	rt.AnswerKeys = other.AnswerKeys
	if _, err := pseudonym.Of(t.Context(), rt.Answers, rt.AnswerKeys[:0], "pilot"); err == nil || !strings.Contains(err.Error(), "put it back") {
		t.Errorf("%v", err)
	}
}
