// Package matching is the function that runs the matching when its schedule
// fires: among everybody who is ready it proposes the best set of matches.
package matching

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/event"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

func init() { serve.Register("matching", New) }

// runner is what the handlers work with.
type runner struct{ *serve.Runtime }

// New makes the function's handler.
func New(_ context.Context, rt *serve.Runtime) (http.Handler, error) {
	r := &runner{rt}
	events := event.Handlers{
		Schedule: func(ctx context.Context, _ string) error { return r.runAll(ctx) },
	}.Handler()
	mux := http.NewServeMux()
	mux.Handle("POST "+event.Path, events)
	return mux, nil
}

// runAll runs every programme whose people are assigned to each other.
func (r *runner) runAll(ctx context.Context) error {
	all, err := r.Store.Programmes(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range all {
		if p.Mode == programme.Assigned {
			errs = append(errs, r.run(ctx, p))
		}
	}
	return errors.Join(errs...)
}

// run solves one programme and stores the proposed matches, as one change that
// is visible or not: the programme names its latest run, and only one of two
// rival runs moves it on. Nobody ready, or the same people as last time, is no run.
func (r *runner) run(ctx context.Context, p *programme.Programme) error {
	ctx, span := telemetry.Span(ctx, "matching run")
	defer span.End()

	ready, err := r.Store.ReadyEnrolments(ctx, p.ID)
	if err != nil {
		return err
	}
	matches, err := r.Store.Matches(ctx, p.ID, pairing.Proposed, pairing.Released, pairing.Accepted, pairing.Declined)
	if err != nil {
		return err
	}
	ended, err := r.Store.Pairings(ctx, p.ID)
	if err != nil {
		return err
	}
	supervisors, err := r.Store.Supervisors(ctx, p.ID)
	if err != nil {
		return err
	}
	supervised, err := r.Store.Supervised(ctx, p.ID)
	if err != nil {
		return err
	}
	room := supervision.Room(supervisors, supervised, matches, ended)
	clients, consultants := pool(ready, matches, ended, room)
	if len(clients) == 0 || len(consultants) == 0 {
		slog.InfoContext(ctx, "no matching run", "programme", p.ID, "seeking", len(clients), "offering", len(consultants))
		return nil
	}
	id := digest(clients, consultants, room)
	if id == p.Run {
		return nil
	}

	solution, err := matching.Solve(&matching.Problem{Programme: p, Clients: clients, Consultants: consultants, Supervisors: room})
	if err != nil {
		return err
	}
	if err := solution.Verify(); err != nil {
		return err
	}
	people := map[string]matching.Person{}
	for _, side := range [][]matching.Person{clients, consultants} {
		for _, x := range side {
			people[x.ID] = x
		}
	}
	now := r.Now()
	c := r.Store.Commit()
	c.CreateRun(p.ID, &store.Run{
		ID: id, Clients: len(clients), Consultants: len(consultants), Matched: len(solution.Matches),
		Score: solution.Score, Unmatched: solution.Unmatched, Schema: 1, CreatedAt: now, UpdatedAt: now,
	})
	for _, m := range solution.Matches {
		c.CreateMatch(p.ID, &pairing.Match{
			ID: m.Client + "-" + id[:6], Run: id, Programme: p.ID, State: pairing.Proposed, Reasons: matching.Explain(p, people[m.Client], people[m.Consultant]), Score: m.Score,
			Client: pairing.Side{Enrolment: m.Client}, Consultant: pairing.Side{Enrolment: m.Consultant},
			Schema: 1, CreatedAt: now, UpdatedAt: now,
		})
	}
	p.Run, p.UpdatedAt = id, now
	c.UpdateProgramme(p)
	err = c.Do(ctx)
	if store.Beaten(err) {
		slog.InfoContext(ctx, "another matching run came first", "programme", p.ID)
		return nil
	}
	if err == nil {
		slog.InfoContext(ctx, "matching run", "programme", p.ID, "run", id, "matched", len(solution.Matches), "unmatched", len(solution.Unmatched))
	}
	return err
}

// pool are those who can be matched now: ready, with a place left and, on the
// consultants' side, a supervisor.
func pool(ready []*enrolment.Enrolment, matches []*pairing.Match, pairings []*pairing.Pairing, room map[string]int) (clients, consultants []matching.Person) {
	taken := map[string]int{}
	declined := map[string][]string{}
	completed := map[string]bool{}
	for _, x := range pairings {
		completed[x.Client+" "+x.Consultant] = x.State == pairing.Completed
	}
	for _, m := range matches {
		a, b := m.Client.Enrolment, m.Consultant.Enrolment
		switch {
		case m.State == pairing.Declined:
			declined[a] = append(declined[a], b)
		case completed[a+" "+b]:
			taken[a]++ // a client is supported once; a consultant's place is free again
		default:
			taken[a]++
			taken[b]++
		}
	}
	for _, e := range ready {
		person := matching.FromEnrolment(e)
		person.Capacity -= taken[e.ID]
		person.Declined = declined[e.ID]
		_, supervised := room[e.Supervisor]
		switch {
		case person.Capacity < 1:
		case e.Role == programme.Client:
			clients = append(clients, person)
		case supervised:
			consultants = append(consultants, person)
		}
	}
	return clients, consultants
}

// digest is a hash of the people and their supervisors' room, so that a run of the
// same people is the same run.
func digest(clients, consultants []matching.Person, room map[string]int) string {
	lines := []string{fmt.Sprint(room)}
	for _, side := range [][]matching.Person{clients, consultants} {
		for _, p := range side {
			lines = append(lines, fmt.Sprintf("%+v", p)) // maps are printed in the order of their keys
		}
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:16])[:26])
}
