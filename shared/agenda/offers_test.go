package agenda

import (
	"slices"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestOffers(t *testing.T) {
	t.Parallel()
	client := func(change ...func(*enrolment.Enrolment)) *enrolment.Enrolment {
		e := &enrolment.Enrolment{ID: "a-seek", Role: programme.Client, State: enrolment.Ready}
		for _, c := range change {
			c(e)
		}
		return e
	}
	helper := func(trained bool) *enrolment.Enrolment {
		return &enrolment.Enrolment{ID: "a-offer", Role: programme.Consultant, State: enrolment.Ready, Readiness: enrolment.Readiness{Trained: trained}}
	}
	assisted := func(e *enrolment.Enrolment) { e.Assistant.Email = "pat@example.org" }
	left := func(e *enrolment.Enrolment) { e.State = enrolment.Withdrawn }
	pairings := func(held int) []*pairing.Pairing {
		return []*pairing.Pairing{{ID: "x", Client: "a-seek", Consultant: "z-offer", State: pairing.Active, Held: held}}
	}
	for name, row := range map[string]struct {
		f    Facts
		want []Offer
	}{
		"nobody":                {Facts{}, nil},
		"before it starts":      {Facts{Enrolments: []*enrolment.Enrolment{client()}}, []Offer{ChairBefore, Myself}},
		"before a session":      {Facts{Enrolments: []*enrolment.Enrolment{client()}, Pairings: pairings(0)}, []Offer{Assistant, ChairBefore, Myself}},
		"after a session":       {Facts{Enrolments: []*enrolment.Enrolment{client()}, Pairings: pairings(1)}, []Offer{Assistant, ChairAfter, Myself}},
		"who has one":           {Facts{Enrolments: []*enrolment.Enrolment{client(assisted)}, Pairings: pairings(1)}, []Offer{ChairAfter, Myself}},
		"who left":              {Facts{Enrolments: []*enrolment.Enrolment{client(left)}, Pairings: pairings(1)}, nil},
		"who is not trained":    {Facts{Enrolments: []*enrolment.Enrolment{helper(false)}}, []Offer{ChairBefore, Myself}},
		"who is trained":        {Facts{Enrolments: []*enrolment.Enrolment{helper(true)}}, []Offer{ChairBefore, Statement, Myself}},
		"a client of another's": {Facts{Enrolments: []*enrolment.Enrolment{client(), helper(false)}, Pairings: pairings(2)}, []Offer{Assistant, ChairAfter, Myself}},
		"who helped": {Facts{Enrolments: []*enrolment.Enrolment{helper(false)}, Pairings: []*pairing.Pairing{{Client: "b-seek", Consultant: "a-offer", Held: 1}}},
			[]Offer{ChairAfter, Statement, Myself}},
	} {
		row.f.Programme = new(programme.Programme)
		if got := Offers(row.f, monday); !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

// Whoever has completed as a client can pass on what they learnt, while the programme runs; but
// not who helps already, and nobody among peers.
func TestPassingOn(t *testing.T) {
	t.Parallel()
	client := &enrolment.Enrolment{ID: "a-seek", Role: programme.Client, State: enrolment.Ready}
	helper := &enrolment.Enrolment{ID: "a-offer", Role: programme.Consultant, State: enrolment.Withdrawn}
	pair := func(s pairing.State) []*pairing.Pairing {
		return []*pairing.Pairing{{ID: "x", Client: "a-seek", Consultant: "z-offer", State: s, Held: 2}}
	}
	runs, over := &programme.Programme{}, &programme.Programme{Zone: "Europe/London", Dates: programme.Dates{Starts: "2020-01-01", Ends: "2020-12-31"}}
	for name, row := range map[string]struct {
		f    Facts
		want bool
	}{
		"completed":           {Facts{Programme: runs, Enrolments: []*enrolment.Enrolment{client}, Pairings: pair(pairing.Completed)}, true},
		"goes on":             {Facts{Programme: runs, Enrolments: []*enrolment.Enrolment{client}, Pairings: pair(pairing.Active)}, false},
		"stopped":             {Facts{Programme: runs, Enrolments: []*enrolment.Enrolment{client}, Pairings: pair(pairing.Stopped)}, false},
		"helps, or has":       {Facts{Programme: runs, Enrolments: []*enrolment.Enrolment{client, helper}, Pairings: pair(pairing.Completed)}, false},
		"among peers":         {Facts{Programme: &programme.Programme{Peers: true}, Enrolments: []*enrolment.Enrolment{client}, Pairings: pair(pairing.Completed)}, false},
		"the programme ended": {Facts{Programme: over, Enrolments: []*enrolment.Enrolment{client}, Pairings: pair(pairing.Completed)}, false},
		"who helped them":     {Facts{Programme: runs, Enrolments: []*enrolment.Enrolment{{ID: "z-offer", Role: programme.Consultant}}, Pairings: pair(pairing.Completed)}, false},
	} {
		if got := slices.Contains(Offers(row.f, monday), PassOn); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
