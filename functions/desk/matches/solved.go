package matches

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

// solved is what the next matching run would find, were it to run now: of those who
// are free, beside matches that are out.
type solved struct {
	*matching.Solution
	at      *store.MatchingInput
	problem *matching.Problem
	// took is how long it took to find.
	took time.Duration
}

const (
	// patience is how long somebody waits for a page that solves something.
	patience = 15 * time.Second
	// solvingAtOnce is how many such pages are worked on at once, so that they leave
	// room for others.
	solvingAtOnce = 2
)

// errBusy is the answer to who waited too long.
var errBusy = fault.New(fault.Unavailable, "Working this out takes too long at the moment. Try again in a few minutes.")

// solving has places for pages that solve something.
var solving = semaphore.NewWeighted(solvingAtOnce)

// within does something that may take long, in one of a few places, and returns
// errBusy where it takes longer than anybody waits. What was begun is finished in its
// place all the same.
func within[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var none T
	if err := solving.Acquire(ctx, 1); err != nil {
		return none, errBusy
	}
	done := make(chan answer, 1)
	go func() {
		defer solving.Release(1)
		a := answer{err: errors.New("working something out broke off")}
		defer func() {
			if p := recover(); p != nil { // nobody else would catch it here
				a.err = fmt.Errorf("working something out broke off: %v", p)
			}
			done <- a
		}()
		a.value, a.err = do()
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		return none, errBusy
	}
}

// solve reads a programme as it is now and solves it as the next run would. Pins that
// cannot be made are left out, as the run does.
func solve(at *store.MatchingInput) (*solved, error) {
	began := time.Now()
	pr := at.Settled()
	s, err := proposal.Solve(pr)
	if err != nil {
		return nil, err
	}
	return &solved{s, at, pr, time.Since(began)}, nil
}

// included reports whether somebody takes part in the next run.
func (s *solved) included(id string) bool {
	for _, side := range [][]matching.Person{s.problem.Clients, s.problem.Consultants} {
		for i := range side {
			if side[i].ID == id {
				return true
			}
		}
	}
	return false
}

// consultant is with whom a client would be matched, or "".
func (s *solved) consultant(client string) string {
	for _, m := range s.Matches {
		if m.Client == client {
			return m.Consultant
		}
	}
	return ""
}

// costWords are what a change costs everyone together.
type costWords struct {
	// Lines say it, the most important first.
	Lines []string
	Moves []moveRow
	// More is how many moves there are beside those shown.
	More int
}

// moveRow is someone who would be with another person; nil is nobody.
type moveRow struct{ Who, From, To *enrolment.Enrolment }

// movesAtMost is how many moves a page shows.
const movesAtMost = 50

// costInWords puts a cost into words.
func costInWords(people site.Names, p *programme.Programme, c matching.Cost) costWords {
	var w costWords
	add := func(text string) { w.Lines = append(w.Lines, text) }
	switch {
	case c.Matched > 0:
		add(number(c.Matched, p.Terms.Client.Singular, p.Terms.Client.Plural) + " fewer would be matched.")
	case c.Matched < 0:
		add(number(-c.Matched, p.Terms.Client.Singular, p.Terms.Client.Plural) + " more would be matched.")
	default:
		add("As many would be matched.")
	}
	if c.Further > 0 {
		add(number(c.Further, "match", "matches") + " would be farther away than the programme’s place.")
	}
	switch {
	case c.Worst > 0:
		add("The match that fits least would score " + number(c.Worst, "point", "points") + " less.")
	case c.Worst < 0:
		add("The match that fits least would score " + number(-c.Worst, "point", "points") + " more.")
	default:
		add("The match that fits least would score the same.")
	}
	switch {
	case c.Total > 0:
		add("The total would be " + number(c.Total, "point", "points") + " less.")
	case c.Total < 0:
		add("The total would be " + number(-c.Total, "point", "points") + " more.")
	default:
		add("The total would be the same.")
	}
	for _, m := range c.Moves[:min(len(c.Moves), movesAtMost)] {
		w.Moves = append(w.Moves, moveRow{people.Of(m.Client), people.Any(m.From), people.Any(m.To)})
	}
	w.More = len(c.Moves) - len(w.Moves)
	return w
}

// two are the two people whom a request names.
func two(people site.Names, client, consultant string) (*enrolment.Enrolment, *enrolment.Enrolment, error) {
	a, b := people[client], people[consultant]
	if a == nil || b == nil || a.Role != programme.Client || b.Role != programme.Consultant {
		return nil, nil, fault.New(fault.NotFound, "Nobody of that name is enrolled here. Choose the two people again.")
	}
	return a, b, nil
}

// options are people to choose from, with nobody first.
func options(people site.Names, side []matching.Person) []web.Option {
	all := []web.Option{{Text: "Choose somebody"}}
	for i := range side {
		e := people.Of(side[i].ID)
		all = append(all, web.Option{Value: side[i].ID, Text: e.Person.Name + " (" + e.Organisation.Name + ")"})
	}
	sorted(all[1:])
	return all
}

// standing are the decisions that were not lifted.
func standing(all []*pairing.Decision) []*pairing.Decision {
	var some []*pairing.Decision
	for _, d := range all {
		if d.Stands() {
			some = append(some, d)
		}
	}
	return some
}

// number is so many of something.
func number(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// sorted puts choices in the order of their texts.
func sorted(all []web.Option) {
	slices.SortFunc(all, func(a, b web.Option) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)), strings.Compare(a.Value, b.Value))
	})
}
