package questionnaires

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/evaluation"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// cohort is a programme of pairs who have come to the end, and whose baseline closes in ten
// days and closing questionnaire in forty.
type cohort struct {
	*bed
	pairs int
}

func newCohort(t *testing.T, pairs int) *cohort {
	t.Parallel()
	b := &cohort{&bed{testbed.New(t), t}, 0}
	b.Serve("questionnaires", New)
	day := func(days int) string {
		return b.Now().In(b.Programme.Location()).AddDate(0, 0, days).Format(time.DateOnly)
	}
	b.Programme.Questionnaires.Closes = programme.Closes{Baseline: day(10), Closing: day(40)}
	b.Programme.Look.Colour = "#7a0019"
	c := b.Store.Commit()
	c.UpdateProgramme(b.Programme)
	b.Commit(c)
	b.join(pairs)
	return b
}

// id is of somebody's enrolment.
func (b *cohort) id(role programme.Role, i int) string {
	return enrolment.ID(b.Programme.Salt, role, email.Address(fmt.Sprintf("%s-%d@example.org", role, i)))
}

// join enrols so many pairs, who have met and finished.
func (b *cohort) join(pairs int) {
	b.t.Helper()
	c := b.Store.Commit()
	for range pairs {
		m := &pairing.Match{ID: fmt.Sprint("m", b.pairs)}
		for _, role := range programme.Roles {
			e := &enrolment.Enrolment{ID: b.id(role, b.pairs), Role: role, State: enrolment.Ready}
			c.CreateEnrolment("pilot", e)
			side := &m.Client
			if role == programme.Consultant {
				side = &m.Consultant
			}
			side.Enrolment = e.ID
		}
		x := pairing.Start(m, b.Now())
		x.State, x.Held, x.Milestone = pairing.Completed, 2, pairing.None
		c.CreatePairing("pilot", x)
		b.pairs++
	}
	b.Commit(c)
}

// answer has the first so many of each role answer at a moment: 2 at the start, 4 at the end.
func (b *cohort) answer(m programme.Moment, pairs int) {
	b.t.Helper()
	d, err := questionnaire.Load(b.Programme.Questionnaires.At(m))
	if err != nil {
		b.t.Fatal(err)
	}
	c := b.Answers.Commit()
	for i := range pairs {
		for _, role := range programme.Roles {
			e := &enrolment.Enrolment{ID: b.id(role, i), Role: role}
			asked := questionnaire.Invite(b.Programme, e, m, "", b.Now())
			saved := b.pseudonyms().New(asked)
			for _, q := range d.Questions() {
				switch q.Kind {
				case questionnaire.Scale:
					saved.Answers[q.ID] = strconv.Itoa(map[programme.Moment]int{programme.Baseline: 2, programme.Closing: 4}[m])
				case questionnaire.Choose:
					saved.Answers[q.ID] = q.Choices[0].Value
				default:
					saved.Answers[q.ID] = "a secret hope"
				}
			}
			r, err := b.pseudonyms().Submit(d, asked, saved)
			if err != nil {
				b.t.Fatal(err)
			}
			c.Move("pilot", r)
		}
	}
	b.Commit(c)
}

// after sweeps at ten in the morning some days on, and says which releases there are then.
func (b *cohort) after(days int) []*evaluation.Release {
	b.t.Helper()
	b.at(days, 10)
	b.sweep()
	all, err := b.Answers.Releases(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// A pilot of 15 and 15 of whom 11 and 11 answer gets a release when each moment has closed,
// and only then; what changed is near the truth.
func TestReleaseIsMadeWhenAMomentCloses(t *testing.T) {
	b := newCohort(t, 15)
	b.answer(programme.Baseline, 12)
	if all := b.after(10); len(all) != 0 {
		t.Fatalf("before the baseline closes: %d", len(all))
	}
	all := b.after(1)
	if len(all) != 1 || all[0].Moment != programme.Baseline || all[0].On != b.Now().Format(time.DateOnly) || all[0].Threshold != 10 ||
		len(all[0].Change) != 0 || len(all[0].Start) != 2 || all[0].Steps[5].People != 30 || all[0].Programme != b.Programme.Name || all[0].Terms != b.Programme.Terms || all[0].Look != b.Programme.Look {
		t.Fatalf("after the baseline: %+v", all)
	}
	b.answer(programme.Closing, 11)
	if all := b.after(1); len(all) != 1 {
		t.Fatalf("a day later: %d", len(all))
	}
	if all := b.after(28); len(all) != 1 {
		t.Fatalf("before the last questionnaires close: %d", len(all))
	}
	all = b.after(1)
	if len(all) != 2 || all[1].Moment != programme.Closing || !reflect.DeepEqual(all[1].Start, all[0].Start) || len(all[1].Change) != 2 {
		t.Fatalf("after the last questionnaires: %+v", all)
	}
	for _, g := range all[1].Change {
		if g.People != 10 || g.Since != 2 || len(g.Averages) != 10 {
			t.Errorf("%+v", g)
		}
		for _, a := range g.Averages {
			if a.Tenths < 10 || a.Tenths > 30 { // a change of 2
				t.Logf("%s: %s is %d tenths", g.Role, a.Question, a.Tenths)
			}
		}
	}
	if all := b.after(1); len(all) != 2 {
		t.Errorf("a day later: %d", len(all))
	}
}

// Whoever looks before and after one more answer, or one fewer, reads the same; and what was
// released stays as it was.
func TestNoReleaseFollowsOnFewChanges(t *testing.T) {
	b := newCohort(t, 15)
	b.answer(programme.Baseline, 12)
	b.answer(programme.Closing, 11)
	first := b.after(41)
	if len(first) != 1 || first[0].Moment != programme.Closing {
		t.Fatalf("%+v", first)
	}
	b.join(4) // eight people
	if all := b.after(1); len(all) != 1 {
		t.Fatalf("after 8 joined: %d", len(all))
	}

	// Somebody is erased, with their answers.
	responses, err := b.Answers.Responses(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	c := b.Answers.Commit()
	c.DeleteResponse("pilot", responses[0])
	b.Commit(c)
	if all := b.after(1); len(all) != 1 || !reflect.DeepEqual(all[0], first[0]) {
		t.Fatalf("after one was erased: %+v", all)
	}

	b.join(1)
	all := b.after(1)
	if len(all) != 2 || !reflect.DeepEqual(all[0], first[0]) || all[1].Steps[0].People != 40 || all[1].Steps[0].Since != 2 ||
		!reflect.DeepEqual(all[1].Change, first[0].Change) || !reflect.DeepEqual(all[1].Start, first[0].Start) {
		t.Errorf("after 10 joined: %+v", all)
	}
}

// A programme too small for numbers has a release all the same, which shows none.
func TestReleaseOfAFew(t *testing.T) {
	b := newCohort(t, 4)
	b.answer(programme.Baseline, 4)
	all := b.after(11)
	if len(all) != 1 || len(all[0].Start) != 0 || all[0].Steps[0].People != 0 {
		t.Errorf("%+v", all)
	}
}

// Without dates no moment closes, and nothing is released.
func TestNoReleaseWithoutDates(t *testing.T) {
	b := newCohort(t, 15)
	p, err := b.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	p.Questionnaires.Closes = programme.Closes{}
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
	b.answer(programme.Baseline, 15)
	if all := b.after(100); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

// Of sweeps at one time one makes the release.
func TestReleaseIsMadeOnce(t *testing.T) {
	b := newCohort(t, 15)
	b.answer(programme.Baseline, 15)
	b.at(11, 10)
	s := &site{Site: &serve.Site{Runtime: b.Runtime}}
	errs := make(chan error)
	for range 5 {
		go func() { errs <- s.release(t.Context(), b.Programme, true) }()
	}
	for range 5 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	bases, err := b.Answers.Bases(t.Context(), "pilot")
	if err != nil || len(bases) != 1 {
		t.Errorf("%d bases, %v", len(bases), err)
	}
	if all := b.after(1); len(all) != 1 {
		t.Errorf("%d releases", len(all))
	}
}

// A release holds figures, and nothing that is anybody's; who stands behind it are hashes that
// lead to nobody.
func TestReleaseHoldsNobody(t *testing.T) {
	b := newCohort(t, 15)
	b.answer(programme.Baseline, 15)
	all := b.after(11)
	bases, err := b.Answers.Bases(t.Context(), "pilot")
	if err != nil || len(all) != 1 || len(bases) != 1 {
		t.Fatalf("%d releases, %v", len(all), err)
	}
	text, err := json.Marshal([]any{all, bases})
	if err != nil {
		t.Fatal(err)
	}
	responses, err := b.Answers.Responses(t.Context(), "pilot")
	if err != nil || len(responses) != 30 {
		t.Fatalf("%d responses, %v", len(responses), err)
	}
	personal := []string{"a secret hope"}
	for _, r := range responses {
		personal = append(personal, r.ID, r.Respondent)
	}
	for i := range 15 {
		for _, role := range programme.Roles {
			personal = append(personal, b.id(role, i), enrolment.PersonOf(b.id(role, i)))
		}
	}
	for _, p := range personal {
		if strings.Contains(string(text), p) {
			t.Errorf("it holds %q", p)
		}
	}
	if n := len(bases[0].Members) / 10; n != 60 { // once as who came how far, and once as who answered
		t.Errorf("%d stand behind it", n)
	}
	if !slices.IsSorted(bases[0].Figures) {
		t.Errorf("figures %q", bases[0].Figures)
	}
}

// Once nobody can tell any more whose answers are whose, releases stay as they are.
func TestNoReleaseOnceAnswersAreAnonymous(t *testing.T) {
	b := newCohort(t, 15)
	b.answer(programme.Baseline, 15)
	b.answer(programme.Closing, 15)
	if all := b.after(41); len(all) != 1 {
		t.Fatalf("%d releases", len(all))
	}
	secret, err := b.Answers.Secret(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	c := b.Answers.Commit()
	c.DestroySecret(secret)
	b.Commit(c)
	b.join(20)
	b.at(1, 10)
	if err := (&site{Site: &serve.Site{Runtime: b.Runtime}}).release(t.Context(), b.Programme, true); err != nil {
		t.Error(err)
	}
	if all, err := b.Answers.Releases(t.Context(), "pilot"); err != nil || len(all) != 1 {
		t.Errorf("%d releases, %v", len(all), err)
	}
}
