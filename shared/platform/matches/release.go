package matches

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// Refusal is a match that was not changed, and why.
type Refusal struct {
	store.MatchRef
	// Client and Consultant are the ids of the two enrolments, "" where there is no
	// such match.
	Client, Consultant string
	Why                *fault.Error
}

const (
	// together is how many matches one commit changes, with up to eight writes each.
	together = 50
	// tries is how often a commit is made anew when another change came first.
	tries = 8
)

// change is what a member of staff does to many matches of a programme.
type change struct {
	*store.Store
	p     *programme.Programme
	staff string
	now   time.Time
	// do changes one match, and tells is the email that both people then get. did says
	// in the audit trail what was done.
	do    func(m *pairing.Match, r *store.Run, people *People, forbidden []matching.Pair) error
	tells func(*programme.Programme, *pairing.Match, programme.Role) outbox.Message
	did   string
}

// Release lets both people of each match see it, and owes both the email. Only
// matches of the programme's latest run can be released, while it is as the run found
// it. They are written many to a commit: what was released stays so where a later
// commit fails, and releasing again goes on from there. One that cannot be released
// does not hold up the others.
func Release(ctx context.Context, s *store.Store, p *programme.Programme, staff string, matches []store.MatchRef, now time.Time) ([]Refusal, error) {
	ch := &change{Store: s, p: p, staff: staff, now: now, tells: message.MatchReleased, did: "released the match"}
	ch.do = ch.release
	return ch.all(ctx, matches)
}

// Withdraw takes released matches back which were not accepted by both, and owes both
// people the email.
func Withdraw(ctx context.Context, s *store.Store, p *programme.Programme, staff string, matches []store.MatchRef, now time.Time) ([]Refusal, error) {
	ch := &change{Store: s, p: p, staff: staff, now: now, tells: message.MatchWithdrawn, did: "withdrew the match"}
	ch.do = ch.withdraw
	return ch.all(ctx, matches)
}

// Why a match of a run cannot be released any more.
var (
	errNone       = fault.New(fault.NotFound, "There is no such match.")
	errSuperseded = fault.New(fault.Conflict, "A newer matching run has taken the place of the one that proposed this match.")
	errForbidden  = fault.New(fault.Conflict, "This pair was ruled out since the matching run.")
	errStale      = fault.New(fault.Conflict, "What one of the two said of themselves, or a setting of the programme, has changed since the matching run. The next run takes it into account.")
	errAlone      = fault.New(fault.Conflict, "The supervisor is no longer there.")
)

func (ch *change) release(m *pairing.Match, r *store.Run, people *People, forbidden []matching.Pair) error {
	if m.State == pairing.Proposed {
		if err := ch.holds(m, r, people, forbidden); err != nil {
			return err
		}
	}
	before := m.State
	client, consultant := m.Client.Enrolment, m.Consultant.Enrolment
	if m.State == pairing.Proposed {
		m.Neutral, m.ReleasedBy = ch.p.ConflictCheck, ch.staff
	}
	replyBy := reminder.ReplyBy(ch.p, people.Enrolment(client), people.Enrolment(consultant), ch.now)
	if err := m.Release(people.Of(client, consultant), replyBy, ch.now); err != nil {
		return err
	}
	if m.State != before {
		r.Released++
	}
	return nil
}

// holds says what of a proposed match is no longer as the run found it. That someone
// has left or is not ready, the match says itself.
func (ch *change) holds(m *pairing.Match, r *store.Run, people *People, forbidden []matching.Pair) error {
	client, consultant := people.Enrolment(m.Client.Enrolment), people.Enrolment(m.Consultant.Enrolment)
	switch {
	case r.State != store.Applied:
		return errSuperseded
	case client == nil || consultant == nil || client.State != enrolment.Ready || consultant.State != enrolment.Ready:
		return nil
	case slices.Contains(forbidden, matching.Pair{Client: client.ID, Consultant: consultant.ID}):
		return errForbidden
	case consultant.Supervisor != "" && people.supervisor(consultant.ID) == nil:
		return errAlone
	}
	still, err := matching.Still(ch.p, matching.FromEnrolment(client), matching.FromEnrolment(consultant), nil, m.Reasons)
	if err != nil || !still {
		return errStale
	}
	return nil
}

func (ch *change) withdraw(m *pairing.Match, r *store.Run, people *People, _ []matching.Pair) error {
	before := m.State
	if err := m.Withdraw(people.Of(m.Client.Enrolment, m.Consultant.Enrolment)); err != nil {
		return err
	}
	if m.State != before {
		r.Withdrawn++
	}
	return nil
}

// all changes all matches, some in one commit, and each commit anew where another
// change came first.
func (ch *change) all(ctx context.Context, matches []store.MatchRef) (refused []Refusal, err error) {
	seen := map[store.MatchRef]bool{}
	matches = slices.DeleteFunc(slices.Clone(matches), func(m store.MatchRef) bool {
		twice := seen[m]
		seen[m] = true
		return twice
	})
	for some := range slices.Chunk(matches, together) {
		var no []Refusal
		for try := 1; try == 1 || store.IsConflict(err) && try <= tries; try++ {
			no, err = ch.some(ctx, some)
		}
		if err != nil {
			return refused, err
		}
		refused = append(refused, no...)
	}
	return refused, nil
}

// some changes matches in one commit.
func (ch *change) some(ctx context.Context, names []store.MatchRef) (refused []Refusal, err error) {
	matches, err := ch.MatchesOf(ctx, ch.p.ID, names)
	if err != nil {
		return nil, err
	}
	runs := map[string]*store.Run{}
	var ids []string
	for _, m := range matches {
		if m == nil {
			continue
		}
		ids = append(ids, m.Client.Enrolment, m.Consultant.Enrolment)
		if _, known := runs[m.Run]; !known {
			if runs[m.Run], err = ch.Run(ctx, ch.p.ID, m.Run); err != nil && !fault.Is(err, fault.NotFound) {
				return nil, err
			}
		}
	}
	// After the run, which whoever decides about a pair writes too: a decision that
	// this reading misses makes the commit come too late.
	decisions, err := ch.Decisions(ctx, ch.p.ID)
	if err != nil {
		return nil, err
	}
	var forbidden []matching.Pair
	for _, d := range decisions {
		if d.Stands() && d.Kind == pairing.Forbid {
			forbidden = append(forbidden, matching.Pair{Client: d.Client, Consultant: d.Consultant})
		}
	}
	people, err := Read(ctx, ch.Store, ch.p.ID, ids...)
	if err != nil {
		return nil, err
	}

	c := ch.Commit()
	var changed []*pairing.Match
	touched := map[string]bool{}
	for i, m := range matches {
		if m == nil || runs[m.Run] == nil {
			refused = append(refused, Refusal{MatchRef: names[i], Why: errNone.(*fault.Error)})
			continue
		}
		before := m.State
		err := ch.do(m, runs[m.Run], people, forbidden)
		var why *fault.Error
		if errors.As(err, &why) {
			refused = append(refused, Refusal{names[i], m.Client.Enrolment, m.Consultant.Enrolment, why})
			continue
		}
		if err != nil {
			return nil, err
		}
		if m.State == before { // done before
			continue
		}
		m.UpdatedAt = ch.now
		changed = append(changed, m)
		touched[m.Run] = true
		c.UpdateMatch(ch.p.ID, m)
		if m.State == pairing.Withdrawn {
			if err := NotContinued(ctx, ch.Store, c, ch.p.ID, m, ch.now); err != nil {
				return nil, err
			}
		}
		c.LogTransition("match", m.ID, string(m.State))
		for _, role := range programme.Roles {
			if people.Enrolment(m.Side(role).Enrolment) == nil {
				continue
			}
			c.Enqueue(ctx, ch.tells(ch.p, m, role), ch.now)
		}
		c.Audit(store.AuditEntry{Programme: ch.p.ID, By: ch.staff, Did: ch.did, To: m.ID, About: m.Both(), At: ch.now})
	}
	for run := range touched {
		runs[run].UpdatedAt = ch.now
		c.UpdateRun(ch.p.ID, runs[run])
	}
	people.Update(c, ch.now, changed...)
	return refused, c.Do(ctx)
}
