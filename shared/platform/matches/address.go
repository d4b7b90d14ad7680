package matches

import (
	"context"

	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// AskAddress adds that somebody is to have another address, in each of their roles, once
// whoever reads it has confirmed it; the one that they have hears of it. Where another person
// has that address, its owner hears of that instead, unless they were written to today, and it is never confirmed:
// who asks is answered alike, by as much work, and cannot learn who takes part. An address
// that was written to enough today is not written to.
func (ch *Change) AskAddress(ctx context.Context, entered string, roles ...*enrolment.Enrolment) (changed bool, err error) {
	for _, e := range roles {
		did, err := e.AskAddress(entered, ch.Now)
		if err != nil {
			return false, err
		}
		if did {
			changed = true
			e.UpdatedAt = ch.Now
			ch.UpdateEnrolment(ch.Programme.ID, e)
		}
	}
	e := roles[0]
	if !changed || e.NewEmail == "" { // or what was asked for is taken back
		return changed, nil
	}
	var at []*enrolment.Enrolment
	var counted *budgets.Counted
	err = store.InParallel(ctx,
		func(ctx context.Context) (err error) {
			at, err = ch.Store.EnrolmentsAt(ctx, ch.Programme, e.NewEmail)
			return err
		},
		func(ctx context.Context) (err error) {
			if ch.Budgets != nil {
				counted, err = ch.Budgets.CountInbox(ctx, budget.Unasked, e.NewEmail)
			}
			return err
		},
	)
	if err != nil {
		return false, err
	}
	m, need := message.ConfirmAddress(ch.Programme, e), budgets.One
	for _, other := range at {
		if enrolment.PersonOf(other.ID) != enrolment.PersonOf(e.ID) {
			m, need = message.AddressTaken(ch.Programme, other, e), budgets.First
		}
	}
	allowed := budgets.Allowed{Email: true}
	if counted != nil {
		if allowed, err = counted.Take(ctx, ch.Commit, need); err != nil {
			return false, err
		}
	}
	ch.Enqueue(ctx, message.AddressAsked(ch.Programme, e), ch.Now)
	if allowed.Email {
		ch.Enqueue(ctx, m, ch.Now)
	} else {
		ch.Withhold(ctx, m, "the address was written to enough today", ch.Now)
	}
	return true, nil
}

// alone writes a message by itself that may have been written before.
func (ch *Change) alone(ctx context.Context, m outbox.Message) error {
	c := ch.Store.Commit()
	c.Enqueue(ctx, m, ch.Now)
	if err := c.Do(ctx); err != nil && !store.IsConflict(err) {
		return err
	}
	return nil
}

// SendQuestions writes to somebody, at the address that they have, with the link to an invitation's
// questions. Asked for again within a quarter of an hour it is one email.
func (ch *Change) SendQuestions(ctx context.Context, e *enrolment.Enrolment, invitation string) error {
	return ch.alone(ctx, message.YourLink(ch.Programme, e, invitation, ch.Now))
}
