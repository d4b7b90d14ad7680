package auditor_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/scripts/internal/auditor"
	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// certain is from when on an answer counts as derived: surer than this is nobody, who knows
// everybody else's answers and reads all releases of a life.
const certain = 0.9

// runs are all of them in the nightly workflow, and a hundred otherwise.
func runs(whole int) int {
	if testing.Short() {
		return 100
	}
	return whole
}

// audit fails where something follows from a life's releases.
func audit(t *testing.T, seed uint64, l *life) {
	t.Helper()
	for _, f := range auditor.Audit(method, l.published()) {
		t.Errorf("seed %d, %d people: %s", seed, len(l.people), f)
	}
	if sure := l.surest(); !(sure <= certain) {
		t.Errorf("seed %d, %d people: who knows all other answers is sure of one by %.3f", seed, len(l.people), sure)
	}
}

// P4: nothing follows from the releases of a cohort of 10 to 300 people.
func TestNothingFollowsInRandomCohorts(t *testing.T) {
	t.Parallel()
	figures, most := 0, 0.0
	for seed := range uint64(runs(10_000)) {
		r := rand.New(rand.NewPCG(seed, 4))
		l := newLife(r, 10+r.IntN(291), 3)
		l.begins()
		l.release(programme.Baseline, true)
		l.goes()
		l.release(programme.Closing, true)
		audit(t, seed, l)
		figures += len(l.computed)
		most = max(most, l.surest())
	}
	if figures == 0 {
		t.Error("nothing was published")
	}
	t.Logf("%d averages; who knows all other answers is sure of one by %.3f at most", figures, most)
}

// P5: nor from all releases of a life in which people join, leave and are erased.
func TestNothingFollowsInHistories(t *testing.T) {
	t.Parallel()
	releases, most := 0, 0.0
	for seed := range uint64(runs(5_000)) {
		r := rand.New(rand.NewPCG(seed, 5))
		l := newLife(r, 10+r.IntN(111), 2)
		l.begins()
		for range r.IntN(4) {
			l.happens()
		}
		l.release(programme.Baseline, true)
		for range r.IntN(8) {
			l.happens()
			l.release(programme.Baseline, false)
		}
		l.goes()
		l.release(programme.Closing, true)
		for range r.IntN(20) {
			l.happens()
			l.release(programme.Closing, false)
		}
		audit(t, seed, l)
		releases += len(l.past)
		most = max(most, l.surest())
	}
	t.Logf("%d releases; who knows all other answers is sure of one by %.3f at most", releases, most)
}

// exact publishes whatever ten people stand behind, exactly, whenever it is asked: the
// report before there were releases, which left out of it that numbers were rounded.
func exact(number int, l *life) auditor.Published {
	p := auditor.Published{Number: number}
	for step := range disclosure.Steps {
		n := 0
		for _, each := range l.people {
			if !each.left && each.step >= step {
				n++
			}
		}
		if n < 10 {
			n = 0
		}
		p.Counts = append(p.Counts, auditor.Count{Step: step, People: n, Since: number})
	}
	for _, role := range programme.Roles {
		for q, id := range l.questions {
			n, total := 0, 0
			for _, each := range l.people {
				if each.role == role && !each.erased && each.start != nil && each.end != nil {
					n, total = n+1, total+each.start[q]
				}
			}
			if n >= 10 {
				p.Means = append(p.Means, auditor.Mean{Of: fmt.Sprint(role, id), People: n, Since: number, Tenths: (20*total + n) / (2 * n), Grid: 1})
			}
		}
	}
	return p
}

// everyTime is what is said of a rule with a threshold alone.
var everyTime = auditor.Method{Threshold: 10, Band: 1}

// Whoever loaded the report before and after one more answer had all answers of the
// eleventh person. That was the report until there were releases, and the auditor finds it.
func TestEleventhAnswerIsFoundWhereFiguresFollowEachAnswer(t *testing.T) {
	t.Parallel()
	l := newLife(rand.New(rand.NewPCG(1, 1)), 0, 20)
	eleven := func(i int) {
		p := l.join(programme.Client)
		p.step = 5
		for q := range l.questions {
			p.start, p.end = append(p.start, 1+(i+q)%5), append(p.end, 3)
		}
	}
	for i := range 10 {
		eleven(i)
	}
	before := exact(1, l)
	eleven(10)
	all := ""
	for _, f := range auditor.Audit(everyTime, []auditor.Published{before, exact(2, l)}) {
		all += string(f) + "\n"
	}
	for q, id := range l.questions {
		if want := fmt.Sprintf("whoever joined answered %d: client%s\n", 1+(10+q)%5, id); !strings.Contains(all, want) {
			t.Errorf("not found: %s in\n%s", want, all)
		}
	}
	if !strings.Contains(all, "between releases 1 and 2: step 0 changed by 1 to 1 people") {
		t.Errorf("that one person joined is not found in\n%s", all)
	}

	// The same by the rule: whoever joins one by one changes nothing that is read.
	l = newLife(rand.New(rand.NewPCG(1, 1)), 0, 20)
	for i := range 12 {
		eleven(i)
	}
	l.release(programme.Closing, true)
	for i := range 9 {
		eleven(12 + i)
		if l.release(programme.Closing, false) {
			t.Errorf("a release follows on %d more people", i+1)
		}
	}
	eleven(21)
	if !l.release(programme.Closing, false) {
		t.Error("none follows on ten more people")
	}
	audit(t, 1, l)
}

// A rule that forgets something is found out.
func TestSabotagedRulesAreFound(t *testing.T) {
	t.Parallel()
	const cohorts = 50
	find := func(name string, least int, leaks func(seed uint64) bool) {
		t.Helper()
		n := 0
		for seed := range uint64(cohorts) {
			if leaks(seed) {
				n++
			}
		}
		t.Logf("%s: found in %d of %d", name, n, cohorts)
		if n < least {
			t.Errorf("%s: found in %d of %d cohorts", name, n, cohorts)
		}
	}
	cohort := func(seed uint64) *life {
		l := newLife(rand.New(rand.NewPCG(seed, 6)), 30, 3)
		l.begins()
		l.goes()
		return l
	}

	find("a threshold alone, one table", cohorts/3, func(seed uint64) bool {
		return len(auditor.Audit(everyTime, []auditor.Published{exact(1, cohort(seed))})) > 0
	})
	find("a threshold alone, made anew at each answer", cohorts*3/4, func(seed uint64) bool {
		l := cohort(seed)
		life := []auditor.Published{exact(1, l)}
		for i := range 20 {
			l.happens()
			life = append(life, exact(2+i, l))
		}
		return len(auditor.Audit(everyTime, life)) > 0
	})
	find("the rule without a memory, made anew at each load", cohorts/2, func(seed uint64) bool {
		l := cohort(seed)
		for range 20 {
			r, behind, _ := disclosure.Next(programme.Closing, "2027-07-31", l.cohort(), nil, l.r.Float64)
			r.Number = len(l.past) + 1
			for _, groups := range [][]disclosure.Group{r.Start, r.Change} {
				for i := range groups {
					groups[i].Since = r.Number
				}
			}
			l.keep(r, behind)
		}
		return l.surest() > certain
	})
	find("the rule without chance", cohorts/2, func(seed uint64) bool {
		l := cohort(seed)
		r, behind, _ := disclosure.Next(programme.Closing, "2027-07-31", l.cohort(), nil, func() float64 { return 0 })
		for _, groups := range [][]disclosure.Group{r.Start, r.Change} {
			for i := range groups {
				groups[i].Blur = 0
			}
		}
		l.keep(r, behind)
		return !(l.surest() <= certain)
	})
}

// The auditor is code of its own.
func TestAuditorSharesNothingWithTheRule(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		if file.Name.Name != "auditor" {
			continue // a test
		}
		for _, i := range file.Imports {
			if strings.Contains(i.Path.Value, "cascade") {
				t.Errorf("%s imports %s", name, i.Path.Value)
			}
		}
	}
}
