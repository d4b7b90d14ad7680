package matches

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// AskLeader adds that whoever reads an address, as it was entered, is asked to take somebody's
// place, since they lead the organisation now. It reports whether that changed something: while
// one is asked, nobody else is. Whoever enters the address cannot tell whether it takes part, had
// such an email or refused it.
func (ch *Change) AskLeader(ctx context.Context, entered string, e *enrolment.Enrolment, byStaff, goals bool) (changed bool, err error) {
	if email.Read(entered).Same(e.Person.Email) {
		var invalid fault.Invalid
		invalid.Add("email", "Enter the address of who leads the organisation now, and not of who led it before")
		return false, &invalid
	}
	n, err := nomination.ToLeader(ch.Programme, e.Role, entered, strings.ToLower(rand.Text()), ch.Now)
	if err != nil {
		return false, err
	}
	if changed, err = e.HandOver(n.ID, byStaff, goals, ch.Now); err != nil || !changed {
		return false, err
	}
	var refused bool
	var allowed budgets.Allowed
	err = store.InParallel(ctx,
		func(ctx context.Context) (err error) {
			refused, err = ch.Budgets.Refused(ctx, budget.Successor, n.Email)
			return err
		},
		func(ctx context.Context) (err error) {
			allowed, err = ch.Budgets.TakeInbox(ctx, ch.Commit, budgets.One, budget.Successor, n.Email)
			return err
		},
	)
	if err != nil {
		return false, err
	}
	m := message.PassedOn(ch.Programme, n)
	if allowed.Email && !refused {
		ch.Enqueue(ctx, m, ch.Now)
	} else {
		n.Rest(ch.Now)
		ch.Withhold(ctx, m, "the address was asked enough, or wants to be asked nothing of this kind", ch.Now)
	}
	ch.SaveNomination(ch.Programme.ID, n)
	e.UpdatedAt = ch.Now
	ch.UpdateEnrolment(ch.Programme.ID, e)
	return true, nil
}

// StopAsking adds that no new leader is asked any more. It reports whether that changed something.
func (ch *Change) StopAsking(e *enrolment.Enrolment) (changed bool) {
	invitation := e.Handover.Nomination
	if !e.LeadOn() {
		return false
	}
	ch.RemoveNomination(ch.Programme.ID, invitation)
	e.UpdatedAt = ch.Now
	ch.UpdateEnrolment(ch.Programme.ID, e)
	return true
}

// takeover is that somebody takes the place of who led their organisation before.
type takeover struct {
	heir *enrolment.Enrolment
	// after is the pairing that may go on with them, or nil, and goals that what stands in its
	// notebook passes on.
	after *pairing.Pairing
	goals bool
	match *pairing.Match
}

// TakeOver ends the place of who led an organisation before, as if they had left, once whoever
// leads it now has confirmed. Where the organisation was helped, both are asked whether they go on.
func (ch *Change) TakeOver(ctx context.Context, heir *enrolment.Enrolment) error {
	p := ch.Programme
	before, err := ch.LedBefore(ctx, p.ID, heir.Succeeds)
	if err != nil {
		return err
	}
	by := &takeover{heir: heir}
	if before != nil && before.Role == programme.Client { // who helps is a person, and no office
		pairings, err := ch.PairingsWith(ctx, p.ID, before.ID)
		if err != nil {
			return err
		}
		by.goals = before.Handover.Goals
		for _, pair := range pairings {
			if pair.GoesOn(before.Handover.AskedAt) && (by.after == nil || pair.StartedAt.After(by.after.StartedAt)) {
				by.after = pair
			}
		}
	}
	if before != nil && before.State != enrolment.Withdrawn {
		if err := ch.leave(ctx, by, before); err != nil {
			return err
		}
		ch.Enqueue(ctx, message.HasLeft(p, before, ch.Now), ch.Now)
	} else if err := ch.takeFree(ctx, by); err != nil { // they left, or were forgotten, meanwhile
		return err
	}
	if by.match == nil && heir.State == enrolment.Ready && p.Chooses(heir.Role) {
		ch.Enqueue(ctx, message.ChooseNow(p, heir, ch.Now), ch.Now)
	}
	return nil
}

// takeFree is the part of a takeover of a place that has ended before.
func (ch *Change) takeFree(ctx context.Context, by *takeover) error {
	ids := []string{by.heir.ID}
	if by.after != nil {
		ids = append(ids, by.after.Consultant)
	}
	people, err := Read(ctx, ch.Store, ch.Programme.ID, ids...)
	if err != nil {
		return err
	}
	if by.after != nil {
		if _, err := by.goOn(ctx, ch, by.after, people); err != nil {
			return err
		}
	}
	if err := by.done(people); err != nil {
		return err
	}
	all := []*pairing.Match{{Client: pairing.Side{Enrolment: by.heir.ID}}}
	if by.match != nil {
		all = append(all, by.match)
	}
	people.Update(ch.Commit, ch.Now, all...)
	return nil
}

// goOn asks both whether they go on, where the pairing that has just ended is the one after which
// they may: the rules allow the pair, and each has a place. It reports whether it did.
func (by *takeover) goOn(ctx context.Context, ch *Change, pair *pairing.Pairing, people *People) (bool, error) {
	if by == nil || by.after == nil || by.after.ID != pair.ID {
		return false, nil
	}
	p := ch.Programme
	heir, consultant := people.enrolments[by.heir.ID], people.enrolments[pair.Consultant]
	switch {
	case heir == nil || consultant == nil || enrolment.PersonOf(heir.ID) == enrolment.PersonOf(consultant.ID):
		return false, nil
	case consultant.Supervisor != "" && people.supervisor(consultant.ID) == nil:
		return false, nil
	}
	reasons, possible, err := matching.Possible(p, matching.FromEnrolment(heir), matching.FromEnrolment(consultant))
	if err != nil || !possible {
		return false, err
	}
	replyBy := reminder.ReplyBy(p, heir, consultant, ch.Now)
	m, err := pairing.Continue(strings.ToLower(rand.Text()), p.ID, pair, heir.ID, by.goals, reasons, replyBy, ch.Now, people.Of(heir.ID, consultant.ID))
	if fault.Is(err, fault.Conflict) { // one of them has no place: they are matched anew
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := ch.AddRun(ctx, ch.Commit, p.ID, pairing.Continued, ch.Now); err != nil {
		return false, err
	}
	by.match = m
	ch.CreateMatch(p.ID, m)
	ch.LogTransition("match", m.ID, string(m.State))
	for _, role := range programme.Roles {
		ch.Enqueue(ctx, message.MatchReleased(p, m, role), ch.Now)
	}
	return true, nil
}

// done is that nothing of it is left to do.
func (by *takeover) done(people *People) error {
	read := people.enrolments[by.heir.ID]
	if read == nil || !read.Version.Equal(by.heir.Version) {
		return store.ErrChanged
	}
	read.TakesOver = false
	return nil
}

// NotContinued adds, where a match after which a pairing was to go on has ended without that, that
// the pairing is over: who helped is asked at the end what is asked then.
func NotContinued(ctx context.Context, s *store.Store, c *store.Commit, p string, m *pairing.Match, now time.Time) error {
	if m.Continues == "" {
		return nil
	}
	pair, err := s.Pairing(ctx, p, m.Continues)
	if fault.Is(err, fault.NotFound) || err == nil && (pair.State == pairing.Active || pair.Milestone != pairing.None) {
		return nil
	}
	if err != nil {
		return err
	}
	pair.Milestone, pair.UpdatedAt = pairing.Ended, now
	c.UpdatePairing(p, pair)
	return nil
}
