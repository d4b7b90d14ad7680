package evaluation

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

func definitions(t rapid.TB) (before, after *questionnaire.Definition) {
	before, err := questionnaire.Load("baseline-1")
	if err != nil {
		t.Fatal(err)
	}
	after, err = questionnaire.Load("closing-1")
	if err != nil {
		t.Fatal(err)
	}
	return before, after
}

func TestPublish(t *testing.T) {
	t.Parallel()
	for people, want := range map[int]Count{
		0: {}, 1: {}, 9: {}, 10: {10, true}, 12: {10, true}, 13: {15, true}, 30: {30, true}, 36000: {36000, true},
	} {
		if got := Publish(people); got != want {
			t.Errorf("Publish(%d) = %v, want %v", people, got, want)
		}
	}
}

func TestFunnelCountsAPersonOnce(t *testing.T) {
	t.Parallel()
	var pairs []Pair
	for i := range 9 {
		pairs = append(pairs, Pair{Client: fmt.Sprint("a", i), Consultant: "b", Held: true})
	}
	steps := Funnel(12, 9, pairs, pairs[:8])
	for i, want := range []Count{{10, true}, {}, {10, true}, {}, {}, {}} {
		if steps[i].Count != want {
			t.Errorf("%s: %v, want %v", steps[i].Name, steps[i].Count, want)
		}
	}
}

func TestNoMeanWithFewerThanTenPeople(t *testing.T) {
	t.Parallel()
	before, after := definitions(t)
	rapid.Check(t, func(t *rapid.T) {
		people := rapid.IntRange(0, 14).Draw(t, "people")
		var responses []*questionnaire.Response
		both := 0
		for i := range people {
			answered := 0
			for _, m := range []programme.Moment{programme.Baseline, programme.Closing} {
				if !rapid.Bool().Draw(t, "handed in") {
					continue
				}
				r := &questionnaire.Response{Respondent: fmt.Sprint(i), Moment: m, Role: programme.Client,
					Answers: map[string]string{"time": rapid.SampledFrom([]string{"", "1", "5", "9", "x"}).Draw(t, "answer")}}
				if _, ok := points(r.Answers["time"]); ok {
					answered++
				}
				responses = append(responses, r)
			}
			if answered == 2 {
				both++
			}
		}
		change := Compare(before, after, responses, programme.Client)[0]
		if change.N.Shown != (both >= Threshold) {
			t.Fatalf("%d people answered both times, shown: %v", both, change.N.Shown)
		}
		if !change.N.Shown && (change.Before != 0 || change.After != 0) {
			t.Fatal("a mean leaks that too few stand behind")
		}
	})
}

func TestCompareKeepsTheRolesApart(t *testing.T) {
	t.Parallel()
	before, after := definitions(t)
	var responses []*questionnaire.Response
	for i := range 20 {
		role := programme.Roles[i%2]
		for m, answer := range map[programme.Moment]string{programme.Baseline: "2", programme.Closing: map[programme.Role]string{programme.Client: "4", programme.Consultant: "3"}[role]} {
			responses = append(responses, &questionnaire.Response{Respondent: fmt.Sprint(i), Moment: m, Role: role, Answers: map[string]string{"time": answer}})
		}
	}
	for role, want := range map[programme.Role]float64{programme.Client: 4, programme.Consultant: 3} {
		if c := Compare(before, after, responses, role)[0]; c.Before != 2 || c.After != want || c.N.People != 10 {
			t.Errorf("%s: %+v", role, c)
		}
	}
}
