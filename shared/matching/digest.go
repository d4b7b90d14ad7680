package matching

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/id"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Digest is a hash of all that decides the solution: people, capacities, what was
// settled by hand or before, and those settings of the programme that count. The
// order in which people or pairs are listed does not.
func (pr *Problem) Digest() string {
	h := sha256.New()
	text := json.NewEncoder(h) // writes maps in the order of their keys
	add := func(v any) {
		if err := text.Encode(v); err != nil {
			panic(err) // a Problem holds nothing that JSON cannot
		}
	}
	p := pr.Programme
	skills := make([]string, len(p.Skills))
	for k, s := range p.Skills {
		skills[k] = s.ID
	}
	add([]any{"cascade-problem-1", p.Geography, p.Place, p.Relax, p.Competition, p.Objective, p.Weights, skills, pr.Supervisors})
	for _, pairs := range [][]Pair{pr.Pinned, pr.Forbidden, pr.Kept} {
		add(slices.SortedFunc(slices.Values(pairs), func(a, b Pair) int {
			return cmp.Or(strings.Compare(a.Client, b.Client), strings.Compare(a.Consultant, b.Consultant))
		}))
	}
	for _, side := range [][]Person{pr.Clients, pr.Consultants} {
		order := make([]int, len(side))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, k int) int { return strings.Compare(side[i].ID, side[k].ID) })
		add(len(side))
		for _, i := range order {
			person := side[i]
			person.Declined = slices.Sorted(slices.Values(person.Declined))
			add(person)
		}
	}
	sum := h.Sum(nil)
	return id.FromHash(sum[:16])
}

// Still reports whether a pair is as a run left it: eligible, by what the run
// allowed to it beyond the programme's place, and for the same reasons. What is said
// of somebody may change between the run and the moment that people are told.
func Still(p *programme.Programme, client, consultant Person, forbidden []Pair, r Reasons) (bool, error) {
	pool, err := NewPool(p, []Person{client}, []Person{consultant}, forbidden)
	if err != nil {
		return false, err
	}
	allowed := 0
	if r.Relaxed != "" {
		allowed = slices.Index(p.Relax, r.Relaxed) + 1
	}
	if r.Relaxed != "" && allowed == 0 || pool.RuledOut(0, 0, allowed) != "" || pool.Relaxed(0, 0) != r.Relaxed {
		return false, nil
	}
	now := Explain(p, client, consultant)
	return now.Region == r.Region && slices.Equal(now.Met, r.Met) && slices.Equal(now.Unmet, r.Unmet) &&
		slices.Equal(now.HalfDays, r.HalfDays) && slices.Equal(now.Points, r.Points), nil
}
