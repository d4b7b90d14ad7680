package main

import (
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// explained is one match with its reasons.
type explained struct {
	Client     string               `json:"client"`
	Consultant string               `json:"consultant"`
	Score      int                  `json:"score"`
	Criteria   []matching.Criterion `json:"criteria"`
	matching.Reasons
}

// explanation writes why each match was made, and what stood in the way of the
// others. It is written piece by piece, since it grows with the programme.
func explanation(to io.Writer, p *programme.Programme, s *matching.Solution) error {
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
	for _, m := range s.Matches {
		r := matching.Explain(p, *clients[m.Client], *consultants[m.Consultant])
		r.Relaxed = m.Relaxed
		put(explained{m.Client, m.Consultant, m.Score, matching.Criteria, r})
	}
	token(jsontext.EndArray)
	put("unmatched")
	token(jsontext.BeginArray)
	for _, u := range s.Unmatched {
		put(u)
	}
	token(jsontext.EndArray)
	token(jsontext.EndObject)
	return err
}

func byID(people []matching.Person) map[string]*matching.Person {
	m := make(map[string]*matching.Person, len(people))
	for i := range people {
		m[people[i].ID] = &people[i]
	}
	return m
}
