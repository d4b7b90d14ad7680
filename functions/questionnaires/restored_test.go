package questionnaires

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/evaluation"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/forget"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// work is what the two schedules do that forget people, in a process that may die.
func (b *bed) work(d *testbed.Death) error {
	b.t.Helper()
	s, bury := b.Dying(d)
	defer bury()
	a, buryAnswers := b.DyingAnswers(d)
	defer buryAnswers()
	rt := *b.Runtime
	rt.Store, rt.Answers = s, a
	if err := (forget.Sweep{Store: s, Keys: rt.Erasure, Now: rt.Now}).Do(b.t.Context()); err != nil {
		return err
	}
	return (&site{Site: &serve.Site{Runtime: &rt}}).sweep(b.t.Context())
}

// erase has somebody forgotten, wholly.
func (b *bed) erase(person string) {
	b.t.Helper()
	c := b.Store.Commit()
	c.SaveErasure("pilot", erasure.AskFor(enrolment.PersonOf(person), person, "morgan", "They rang.", b.Now()))
	b.Commit(c)
	b.Pass(erasure.Wait + time.Minute)
	for range 3 {
		if err := b.work(new(testbed.Death)); err != nil {
			b.t.Fatal(err)
		}
	}
	if left, err := b.Store.Erasures(b.t.Context(), "pilot"); err != nil || len(left) > 0 {
		b.t.Fatalf("%+v, %v", left, err)
	}
}

// restore brings back documents as they were.
func restore(put func(path string, fields map[string]any), backup map[string]*firestore.DocumentSnapshot) {
	for path, d := range backup {
		put(path, d.Data())
	}
}

func (b *bed) restorePeople(backup map[string]*firestore.DocumentSnapshot) {
	b.t.Helper()
	restore(func(path string, fields map[string]any) { b.Put(path, fields) }, backup)
}

// held is what the database of answers holds, but for how it is kept.
func (b *bed) held() map[string]string {
	b.t.Helper()
	all := map[string]string{}
	for path, d := range b.AnswerDocuments() {
		fields := d.Data()
		for _, name := range []string{"op", "buried", "closed", "over", "look"} {
			delete(fields, name)
		}
		all[path] = fmt.Sprint(fields)
	}
	return all
}

// A backup of the answers, of the people or of both, from before somebody was forgotten, brings
// back what they answered and saved; by the end of the next sweep of the answers that comes to
// its end it is gone again, and nothing else is. Where moments have closed since, or the answers
// have become anonymous, so they are again, each answer once. It is so whatever breaks it off.
func TestAnswersThatABackupBringsBackGoAgain(t *testing.T) {
	stages := map[string]func(b *bed){
		"open":      func(*bed) {},
		"closed":    func(b *bed) { b.at(10, 10); b.sweep() },
		"anonymous": func(b *bed) { b.at(10, 10); b.sweep(); b.at(20, 10); b.sweep() },
	}
	for stage, come := range stages {
		for _, restored := range []string{"answers", "people", "both"} {
			t.Run(stage+", "+restored+" restored", func(t *testing.T) {
				t.Parallel()
				const alex, zoe = "alex-seek", "zoe-offer"
				b := newBedOf(t, alex, zoe)
				b.at(1, 10)
				b.change(func(p *programme.Programme) {
					p.Questionnaires.Closes = programme.Closes{Baseline: b.day(9), Closing: b.day(9)}
					p.Questionnaires.Anonymous = b.day(25)
				})
				b.sweep()
				b.end(1)
				b.sweep()
				b.handIn(alex, "baseline-1")
				b.handIn(zoe, "baseline-1")
				b.handIn(zoe, "closing-1")
				path, _ := b.asked(alex, "closing-1")
				b.AnotherBrowser()
				b.Post(path+"/1", you)
				c := b.Answers.Commit()
				c.SaveAgreed("pilot", &questionnaire.Agreed{ID: b.pseudonyms().Agreed(alex), Version: "2015-01", Day: b.day(0)})
				if stage == "open" { // later there are others
					c.CreateRelease("pilot", &evaluation.Release{Release: disclosure.Release{Number: 1, Moment: programme.Closing}}, &evaluation.Basis{Figures: []string{"a"}, Forgotten: []int{0}, CreatedAt: b.Now(),
						Members: evaluation.NewBasis(map[string][]string{"a": {enrolment.PersonOf(alex), zoe}}, b.pseudonyms().Standing, b.Now()).Members})
				}
				b.Commit(c)
				if err := b.work(new(testbed.Death)); err != nil {
					t.Fatal(err)
				}
				people, answers := b.Documents(), b.AnswerDocuments()
				b.erase(alex)
				come(b)
				want := b.held()
				for path := range want {
					if answers[path] == nil && stage == "open" {
						t.Fatalf("%s is not in the backup", path)
					}
				}
				bring := func() {
					if restored != "people" {
						restore(b.Reply, answers)
					}
					if restored != "answers" {
						b.restorePeople(people)
					}
				}
				same := func(when string) {
					t.Helper()
					got := b.held()
					for path := range got {
						if got[path] != want[path] {
							t.Errorf("%s, %s is %q, and was %q", when, path, got[path], want[path])
						}
					}
					for path := range want {
						if _, is := got[path]; !is {
							t.Errorf("%s, %s is gone", when, path)
						}
					}
					if behind, err := (&site{Site: &serve.Site{Runtime: b.Runtime}}).behind(t.Context(), b.Programme); behind || err != nil {
						t.Errorf("%s, it is still to be compared: %v", when, err)
					}
					m, err := b.Store.Marks(t.Context(), "pilot")
					if err != nil || m.Anonymous != (stage == "anonymous") || stage != "open" && len(m.Closed) != 2 {
						t.Errorf("%s, marks are %+v, %v", when, m, err)
					}
					if left, err := b.Store.Erasures(t.Context(), "pilot"); err != nil || len(left) > 0 {
						t.Errorf("%s, %+v waits, %v", when, left, err)
					}
				}
				sweeps := map[string]int{"answers": 1, "people": 2, "both": 2}[restored]
				bring()
				if restored != "people" && maps.Equal(b.held(), want) {
					t.Fatal("the backup brought nothing back, and shows nothing")
				}
				for range sweeps {
					if err := b.work(new(testbed.Death)); err != nil {
						t.Fatal(err)
					}
				}
				same("after as many sweeps as it takes")
				bring()
				deaths := 0
				for at := 1; ; at++ {
					if at > 400 {
						t.Fatal("it comes to no end")
					}
					if err := b.work(&testbed.Death{At: at, After: at%2 == 0}); err == nil {
						break
					}
					deaths++
				}
				for range sweeps {
					if err := b.work(new(testbed.Death)); err != nil {
						t.Fatal(err)
					}
				}
				if deaths < 10 {
					t.Errorf("it was broken off %d times", deaths)
				}
				same("broken off")
			})
		}
	}
}

// Until answers that a backup brought back are compared, nothing is made of them: nobody is
// marked, no moment is written anew, and no figures are published. A sweep that finds too many
// to look through goes on at the next.
func TestNothingIsMadeOfAnswersThatAreNotCompared(t *testing.T) {
	b := newCohort(t, 15)
	b.answer(programme.Baseline, 15)
	gone := b.id(programme.Client, 0)
	answers := b.AnswerDocuments()
	b.erase(gone)
	restore(b.Reply, answers)
	p := b.pseudonyms()
	for from := 0; from < 3150; from += 450 { // more than one sweep looks through
		c := b.Answers.Commit()
		for i := range 450 {
			c.Save("pilot", &questionnaire.Saved{ID: fmt.Sprintf("x%05d", from+i), Moment: programme.Closing})
		}
		b.Commit(c)
	}
	b.at(11, 10)
	b.sweep()
	if m, err := b.Store.Marks(t.Context(), "pilot"); err != nil || m.Day == b.day(0) || len(m.Closed) > 0 {
		t.Errorf("marks %+v, %v", m, err)
	}
	if all, err := b.Answers.Releases(t.Context(), "pilot"); err != nil || len(all) > 0 {
		t.Errorf("%d releases, %v", len(all), err)
	}
	b.sweep()
	all, err := b.Answers.Releases(t.Context(), "pilot")
	if err != nil || len(all) != 1 {
		t.Fatalf("%d releases, %v", len(all), err)
	}
	bases, err := b.Answers.Bases(t.Context(), "pilot")
	if err != nil || len(bases) != 1 {
		t.Fatal(len(bases), err)
	}
	for _, hash := range p.Standings(gone) {
		if bases[0].Forget(func(h uint64) bool { return h == hash }) {
			t.Error("who was forgotten stands behind a release")
		}
	}
}

// Whoever has enrolled again since they were forgotten keeps what they answer from then on, and
// gets back nothing from before: not where a backup brings it back, and not on the page until
// that was compared. A backup from since then has what they answer now, and keeps it.
func TestWhoEnrolsAgainKeepsTheirAnswers(t *testing.T) {
	b := newCohort(t, 2)
	again := b.id(programme.Client, 0)
	kept, err := b.Store.Enrolment(t.Context(), "pilot", again)
	if err != nil {
		t.Fatal(err)
	}
	b.answer(programme.Baseline, 2)
	before := b.AnswerDocuments()
	b.erase(again)
	b.erase(b.id(programme.Client, 1))
	b.pairs = 0
	kept.Version, kept.Invite = time.Time{}, programme.Baseline
	c := b.Store.Commit()
	c.CreateEnrolment("pilot", kept)
	b.Commit(c)
	b.sweep()
	p := b.pseudonyms()
	here := p.Response(again, programme.Baseline)
	others := []string{p.Response(b.id(programme.Consultant, 0), programme.Baseline), p.Response(b.id(programme.Consultant, 1), programme.Baseline)}
	left := func(want ...string) {
		t.Helper()
		var ids []string
		for path := range b.AnswerDocuments() {
			if id, is := strings.CutPrefix(path, "programmes/pilot/answers/"); is {
				ids = append(ids, id)
			}
		}
		want = append(want, others...)
		slices.Sort(ids)
		slices.Sort(want)
		if !slices.Equal(ids, want) {
			t.Errorf("there is %v, want %v", ids, want)
		}
	}
	left()
	path, _ := b.asked(again, "baseline-1")
	restore(b.Reply, before)
	if got := b.Get(path); got.StatusCode != http.StatusServiceUnavailable || !strings.Contains(got.Body, "come back in an hour") {
		t.Errorf("before it was compared: %s", got.Status)
	}
	b.sweep()
	left()
	b.handIn(again, "baseline-1")
	left(here)
	since := b.AnswerDocuments()
	b.erase(b.id(programme.Consultant, 1))
	others = others[:1]
	restore(b.Reply, since)
	b.sweep()
	left(here)
	if got := b.Get(path); got.StatusCode != http.StatusOK {
		t.Errorf("after it was compared: %s", got.Status)
	}
}

// Answers of who has enrolled again stay also where the version before kept the tombstone, which
// it may have compared with them.
func TestWhoEnrolledAgainBeforeKeepsTheirAnswers(t *testing.T) {
	b := newCohort(t, 1)
	p, again := b.pseudonyms(), b.id(programme.Client, 0)
	e, err := b.Store.Enrolment(t.Context(), "pilot", again)
	if err != nil {
		t.Fatal(err)
	}
	e.Invite = programme.Baseline
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
	b.sweep()
	path := b.handIn(again, "baseline-1")
	former := p.Tombstone("pilot", again, b.Now())
	former.Buried = false
	if _, err := b.Store.BuryAnswers(t.Context(), former); err != nil {
		t.Fatal(err)
	}
	want := b.held()
	for range 2 {
		if got := b.Get(path); got.StatusCode != http.StatusOK {
			t.Errorf("their page: %s", got.Status)
		}
		b.sweep()
	}
	for path := range want {
		if b.held()[path] == "" {
			t.Errorf("%s is gone", path)
		}
	}
}

// Where nothing was restored, a sweep looks at three documents more to know it.
func TestLookingForABackupIsCheap(t *testing.T) {
	b := newCohort(t, 12)
	b.answer(programme.Baseline, 12)
	b.erase(b.id(programme.Client, 0))
	ctx, meter := cost.Start(t.Context())
	done, err := (&site{Site: &serve.Site{Runtime: b.Runtime}}).catchUp(ctx, b.Programme)
	if c := meter.Cost(); !done || err != nil || c.Reads > 3 || c.Writes > 0 {
		t.Errorf("%v, %+v, %v", done, c, err)
	}
}

// Where the programme is over, what figures rest on goes again with the rest of it.
func TestWhatEndedGoesAgain(t *testing.T) {
	b := newCohort(t, 12)
	b.answer(programme.Baseline, 12)
	if all := b.after(11); len(all) != 1 {
		t.Fatalf("%d releases", len(all))
	}
	answers := b.AnswerDocuments()
	b.change(func(p *programme.Programme) {
		p.Dates = programme.Dates{Starts: b.day(-400), Ends: b.day(-380)}
		p.Retention = programme.Retention{AnnouncedAt: b.Now().AddDate(0, 0, -40), DueAt: b.Now().AddDate(0, 0, -1)}
		p.Retention.Begin(b.Now())
	})
	for range 3 {
		b.at(1, 10)
		b.sweep()
	}
	want := b.held()
	restore(b.Reply, answers)
	if maps.Equal(b.held(), want) {
		t.Fatal("the backup brought nothing back, and shows nothing")
	}
	b.sweep()
	if got := b.held(); !maps.Equal(got, want) {
		for path := range got {
			if got[path] != want[path] {
				t.Errorf("%s is %s, and was %s", path, got[path], want[path])
			}
		}
	}
	for path := range want {
		if strings.Contains(path, "/bases/") {
			t.Errorf("%s is there", path)
		}
	}
}
