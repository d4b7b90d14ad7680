package matching

import (
	"reflect"
	"slices"
	"testing"

	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// A criterion that has no check, or nothing to say somewhere, is no criterion yet.
func TestEveryCriterionIsWhole(t *testing.T) {
	t.Parallel()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	m := &matched{programme: p, client: new(Person), consultant: new(Person), reasons: new(Reasons), place: "You are near."}
	said := map[string]Criterion{}
	compared := map[facts]int{}
	for _, row := range criteria {
		if row.holds == nil || row.published == nil || row.met == nil {
			t.Errorf("%q has no check, or nothing to say", row.Criterion)
			continue
		}
		for use, words := range map[string]string{
			"its name": string(row.Criterion), "published": row.published(p, language.English), "met": row.met(m), "unmet": row.Criterion.Unmet(), "nobody": row.nobody, "in the way": row.inTheWay,
		} {
			if words == "" || said[use+words] != "" {
				t.Errorf("%q: %s is %q, as for %q", row.Criterion, use, words, said[use+words])
			}
			said[use+words] = row.Criterion
		}
		if row.set != nil {
			compared[row.compares]++
		}
	}
	for kind := range factKinds {
		if compared[kind] != 1 {
			t.Errorf("facts of kind %d are compared by %d criteria, not 1", kind, compared[kind])
		}
	}
	if len(Criteria) != len(criteria) {
		t.Errorf("%d criteria are listed of %d", len(Criteria), len(criteria))
	}
}

// What a programme weighs is counted by one rule, in one way.
func TestEveryWeightIsOfOneRule(t *testing.T) {
	t.Parallel()
	var rules []Rule
	for field := range reflect.TypeFor[programme.Weights]().NumField() {
		var w programme.Weights
		reflect.ValueOf(&w).Elem().Field(field).SetInt(7)
		var of []Rule
		for _, r := range scoring {
			if r.weight(&w) == 7 {
				of = append(of, r.Rule)
			}
		}
		if len(of) != 1 {
			t.Errorf("%s is the weight of %q, not of one rule", reflect.TypeFor[programme.Weights]().Field(field).Name, of)
		}
		rules = append(rules, of...)
		if *newPointTable(&w) == *newPointTable(&programme.Weights{}) {
			t.Errorf("%q gives nothing in the fast form", of)
		}
	}
	for k := range scoring {
		r := &scoring[k]
		ways := 0
		for _, way := range []any{r.need, r.bands, r.services, r.halfDays, r.wishes} {
			if !reflect.ValueOf(way).IsNil() {
				ways++
			}
		}
		if ways != 1 || r.words == "" || !slices.Contains(rules, r.Rule) {
			t.Errorf("%q counts in %d ways, not 1, has no words or no weight", r.Rule, ways)
		}
	}
}
