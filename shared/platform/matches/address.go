package matches

import (
	"context"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// AskAddress adds that somebody is to have another address, in each of their roles, once
// whoever reads it has confirmed it; the one that they have hears of it. Where another person
// has that address, its owner hears of that instead, and it is never confirmed: who asks is
// answered alike, and cannot learn who takes part.
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
	at, err := ch.Store.EnrolmentsAt(ctx, ch.Programme, e.NewEmail)
	if err != nil {
		return false, err
	}
	var owner *enrolment.Enrolment
	for _, other := range at {
		if enrolment.PersonOf(other.ID) != enrolment.PersonOf(e.ID) {
			owner = other
		}
	}
	ch.Enqueue(ctx, message.AddressAsked(ch.Programme, e), ch.Now)
	if owner == nil {
		ch.Enqueue(ctx, message.ConfirmAddress(ch.Programme, e), ch.Now)
		return true, nil
	}
	return true, ch.alone(ctx, message.AddressTaken(ch.Programme, owner, ch.Now))
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

// SendLinks writes to somebody, at the address that they have, with a link to each thing that
// is theirs now: their sessions and matches, or else to choosing and to which emails they get.
// Asked for again within a quarter of an hour it is one email. Who has left gets one to what
// is held about them; who has not confirmed yet is asked to once more.
func (ch *Change) SendLinks(ctx context.Context, e *enrolment.Enrolment) error {
	switch e.State {
	case enrolment.Withdrawn:
		return ch.alone(ctx, message.YourData(ch.Programme, e, ch.Now))
	case enrolment.Unconfirmed:
		return ch.alone(ctx, message.ConfirmEnrolmentAsked(ch.Programme, enrolment.ClaimOf(e), ch.Now.Truncate(15*time.Minute)))
	}
	pairings, err := ch.Store.PairingsOf(ctx, ch.Programme.ID, e.Places)
	if err != nil {
		return err
	}
	released, err := ch.Store.ReleasedWith(ctx, ch.Programme.ID, e.Role, e.ID)
	if err != nil {
		return err
	}
	var all []outbox.IDs
	for _, pair := range pairings {
		if pair.State == pairing.Active || len(pairings) == 1 {
			all = append(all, outbox.IDs{Pairing: pair.ID})
		}
	}
	for _, m := range released {
		all = append(all, outbox.IDs{Run: m.Run, Match: m.ID})
	}
	if len(all) == 0 {
		all = append(all, outbox.IDs{})
	}
	for _, about := range all {
		if err := ch.alone(ctx, message.YourLink(ch.Programme, e, about, ch.Now)); err != nil {
			return err
		}
	}
	return nil
}
