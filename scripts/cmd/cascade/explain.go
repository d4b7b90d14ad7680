package main

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/parallel"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// explained is one match with its reasons.
type explained struct {
	Client     string               `json:"client"`
	Consultant string               `json:"consultant"`
	Score      int                  `json:"score"`
	Criteria   []matching.Criterion `json:"criteria"`
	matching.Reasons
	// Alternatives are the next best for this client, in a small problem.
	Alternatives *matching.Alternatives `json:"alternatives,omitempty"`
}

// consequences are what the explanation says of what was not done. Finding them
// takes solving the problem again and again.
type consequences struct {
	alternatives []matching.Alternatives // of each match, in a small problem
	bottlenecks  []bottleneck
	blocking     []matching.Block
}

// bottleneck is one with its sentence.
type bottleneck struct {
	Sentence string `json:"sentence"`
	matching.Bottleneck
}

const (
	// compared is up to how many clients alternatives are looked for.
	compared = 200
	// nextBest is how many there are for each, and tries how often the problem is
	// solved again for them.
	nextBest, tries = 3, 6
)

// consider finds what the explanation of a solved problem has to say beyond it.
func consider(ctx context.Context, pr *matching.Problem, s *matching.Solution, run *progress) (*consequences, error) {
	run.at("looking at bottlenecks", 0, 0)
	c := &consequences{bottlenecks: []bottleneck{}, blocking: []matching.Block{}}
	for _, b := range s.Bottlenecks(pr) {
		c.bottlenecks = append(c.bottlenecks, bottleneck{b.Sentence(pr.Programme), b})
	}
	if pr.Programme.Mode == programme.Ranked {
		c.blocking = append(c.blocking, s.Blocking()...)
	}
	if len(pr.Clients) > compared {
		return c, nil
	}
	c.alternatives = make([]matching.Alternatives, len(s.Matches))
	errs := make([]error, len(s.Matches))
	var done atomic.Int64
	parallel.Do(len(s.Matches), func(k int) {
		if ctx.Err() == nil {
			c.alternatives[k], errs[k] = s.Alternatives(pr, s.Matches[k].Client, nextBest, tries)
			run.at("looking at alternatives", int(done.Add(1)), len(s.Matches))
		}
	})
	return c, errors.Join(append(errs, ctx.Err())...)
}

// explanation writes why each match was made, and what stood in the way of the
// others. It is written piece by piece, since it grows with the programme.
func explanation(to io.Writer, p *programme.Programme, s *matching.Solution, beyond *consequences) error {
	e := jsontext.NewEncoder(to, jsontext.WithIndent(" "))
	var err error
	put := func(value any) {
		if err == nil {
			err = json.MarshalEncode(e, value, json.Deterministic(true))
		}
	}
	token := func(t jsontext.Token) {
		if err == nil {
			err = e.WriteToken(t)
		}
	}
	token(jsontext.BeginObject)
	for _, member := range []struct {
		name  string
		value any
	}{
		{"format", "cascade-explanation-1"}, {"programme", p.Name}, {"objective", p.Objective},
		{"clients", len(s.Pool.Clients)}, {"consultants", len(s.Pool.Consultants)},
		{"matched", len(s.Matches)}, {"score", s.Score}, {"worst", s.Worst},
	} {
		put(member.name)
		put(member.value)
	}
	put("matches")
	token(jsontext.BeginArray)
	clients, consultants := byID(s.Pool.Clients), byID(s.Pool.Consultants)
	for k, m := range s.Matches {
		r := matching.Explain(p, *clients[m.Client], *consultants[m.Consultant])
		r.Relaxed = m.Relaxed
		e := explained{m.Client, m.Consultant, m.Score, matching.Criteria, r, nil}
		if beyond.alternatives != nil {
			e.Alternatives = &beyond.alternatives[k]
		}
		put(e)
	}
	token(jsontext.EndArray)
	put("unmatched")
	token(jsontext.BeginArray)
	for _, u := range s.Unmatched {
		put(u)
	}
	token(jsontext.EndArray)
	put("bottlenecks")
	put(beyond.bottlenecks)
	if p.Mode == programme.Ranked {
		put("blocking")
		put(beyond.blocking)
	}
	token(jsontext.EndObject)
	return err
}

func byID(people []*matching.Person) map[string]*matching.Person {
	m := make(map[string]*matching.Person, len(people))
	for _, person := range people {
		m[person.ID] = person
	}
	return m
}
