package matches

import (
	"context"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Change is a commit about the matches, pairings and people of one programme at one time.
type Change struct {
	*store.Store
	*store.Commit
	Programme *programme.Programme
	Now       time.Time
	// Quiet has nobody told: they were told before.
	Quiet bool
	// Budgets bound what is sent to an address that the change names on the word of somebody
	// who takes part; nil where staff make it.
	Budgets *budgets.Keeper
}

// Enqueue adds a message, unless nobody is told.
func (ch *Change) Enqueue(ctx context.Context, m outbox.Message, now time.Time) {
	if !ch.Quiet {
		ch.Commit.Enqueue(ctx, m, now)
	}
}

// of are the two people of a pairing as the sides of a match, whose places are written.
func of(pair *pairing.Pairing) *pairing.Match {
	return &pairing.Match{ID: pair.ID, Client: pairing.Side{Enrolment: pair.Client}, Consultant: pairing.Side{Enrolment: pair.Consultant}}
}

// Save adds a pairing as it was read and changed, and tells each of some sides.
func (ch *Change) Save(ctx context.Context, pair *pairing.Pairing, tell func(*programme.Programme, *pairing.Pairing, programme.Role) outbox.Message, roles ...programme.Role) {
	pair.UpdatedAt = ch.Now
	ch.UpdatePairing(ch.Programme.ID, pair)
	for _, role := range roles {
		ch.Enqueue(ctx, tell(ch.Programme, pair, role), ch.Now)
	}
}

// End adds that a pairing has ended: its sessions to come are cancelled in both calendars,
// and its places are free as far as it says. Which of the two are told is the caller's.
func (ch *Change) End(ctx context.Context, pair *pairing.Pairing) error {
	people, err := Read(ctx, ch.Store, ch.Programme.ID, pair.Client, pair.Consultant)
	if err != nil {
		return err
	}
	return ch.end(ctx, pair, people)
}

func (ch *Change) end(ctx context.Context, pair *pairing.Pairing, people *People) error {
	if err := ch.CallOff(ctx, pair, time.Time{}); err != nil {
		return err
	}
	pair.Free(people.Of(pair.Client, pair.Consultant))
	for _, role := range programme.Roles {
		if e := people.enrolments[pair.Enrolment(role)]; e != nil {
			want(pair, role, e)
		}
	}
	if err := ch.dismiss(ctx, pair, people); err != nil {
		return err
	}
	people.Update(ch.Commit, ch.Now, of(pair))
	ch.LogTransition("pairing", pair.ID, string(pair.State))
	return nil
}

// dismiss lets nobody pick times any more for those of the two whose last pairing this was.
func (ch *Change) dismiss(ctx context.Context, pair *pairing.Pairing, people *People) error {
	for _, role := range programme.Roles {
		e := people.Enrolment(pair.Enrolment(role))
		if e == nil || !e.Assistant.Named() {
			continue
		}
		all, err := ch.Store.PairingsWith(ctx, ch.Programme.ID, e.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(x *pairing.Pairing) bool {
			return x.ID != pair.ID && x.State == pairing.Active && x.Enrolment(role) == e.ID
		}) {
			e.DismissAssistant(false)
		}
	}
	return nil
}

// want takes over whether one of the two wants another match, where they have said it.
func want(pair *pairing.Pairing, role programme.Role, e *enrolment.Enrolment) {
	if next := pair.Next[string(role)]; next != "" {
		e.NotNow = next == pairing.Later
	}
}

// CallOff adds that the sessions of a pairing to come before a time are cancelled, of which
// both are told; the zero time is all of them.
func (ch *Change) CallOff(ctx context.Context, pair *pairing.Pairing, before time.Time) error {
	sessions, err := ch.Store.Sessions(ctx, ch.Programme.ID, pair.ID)
	if err != nil {
		return err
	}
	for _, session := range pair.CallOff(sessions, before, ch.Now) {
		ch.UpdateSession(session)
		ch.LogTransition("session", session.ID, string(session.State))
		for _, role := range programme.Roles {
			ch.Enqueue(ctx, message.SessionCancelled(ch.Programme, session, role), ch.Now)
		}
	}
	return nil
}

// Pause adds that a pairing rests, which says until when: its sessions in that time are
// cancelled, and its places go to others where the programme lends them.
func (ch *Change) Pause(ctx context.Context, pair *pairing.Pairing) error {
	if err := ch.CallOff(ctx, pair, pair.PausedUntil); err != nil {
		return err
	}
	if ch.Programme.Sessions.Paused != programme.Lent || pair.Lent {
		return nil
	}
	people, err := Read(ctx, ch.Store, ch.Programme.ID, pair.Consultant)
	if err != nil {
		return err
	}
	pair.Lend(people.Of("", pair.Consultant))
	people.Update(ch.Commit, ch.Now, of(pair))
	return nil
}

// TakeBack adds that a pairing that goes on has its places again. Where others have them
// the error is a conflict, and the pairing says that the coordinator has to see to it.
func (ch *Change) TakeBack(ctx context.Context, pair *pairing.Pairing) error {
	if !pair.Lent {
		return nil
	}
	people, err := Read(ctx, ch.Store, ch.Programme.ID, pair.Consultant)
	if err != nil {
		return err
	}
	if err := pair.TakeBack(people.Of("", pair.Consultant)); err != nil {
		return err
	}
	people.Update(ch.Commit, ch.Now, of(pair))
	return nil
}

// Next adds what one of the two wants after the end of their pairing, which says it.
func (ch *Change) Next(ctx context.Context, pair *pairing.Pairing, role programme.Role) error {
	e, err := ch.Store.Enrolment(ctx, ch.Programme.ID, pair.Enrolment(role))
	if fault.Is(err, fault.NotFound) {
		return nil // forgotten meanwhile
	}
	if err != nil {
		return err
	}
	// The places of the others were freed as the pairing ended.
	if role == programme.Client {
		pair.Free(pairing.Holders{Client: e})
	}
	want(pair, role, e)
	e.UpdatedAt = ch.Now
	ch.UpdateEnrolment(ch.Programme.ID, e)
	ch.Save(ctx, pair, nil)
	return nil
}

// Leave adds that somebody leaves the programme, in one role or in both, from whichever
// state: their matches that are out are declined and their pairings stopped, of which the
// others are told, and they are not matched and not written to any more. What waits for them
// is not sent: their contact is written, too, so that nobody sends who has read before that
// they were there.
func (ch *Change) Leave(ctx context.Context, leavers ...*enrolment.Enrolment) error {
	return ch.leave(ctx, nil, leavers...)
}

// leave is Leave, at which somebody may take over.
func (ch *Change) leave(ctx context.Context, by *takeover, leavers ...*enrolment.Enrolment) error {
	p := ch.Programme.ID
	contact, err := ch.Store.Contact(ctx, p, leavers[0].ID)
	if err != nil {
		return err
	}
	var ids, places []string
	var out []*pairing.Match
	roles := map[string]programme.Role{}
	for _, e := range leavers {
		places, roles[e.ID] = append(places, e.Places...), e.Role
		released, err := ch.Store.ReleasedWith(ctx, p, e.Role, e.ID)
		if err != nil {
			return err
		}
		out, ids = append(out, released...), append(ids, e.ID)
	}
	places = slices.DeleteFunc(places, func(id string) bool { // what waits for an answer is no pairing
		return slices.ContainsFunc(out, func(m *pairing.Match) bool { return m.ID == id })
	})
	pairings, err := ch.Store.PairingsOf(ctx, p, places)
	if err != nil {
		return err
	}
	for _, pair := range pairings {
		ids = append(ids, pair.Client, pair.Consultant)
	}
	for _, m := range out {
		ids = append(ids, m.Client.Enrolment, m.Consultant.Enrolment)
	}
	if by != nil {
		ids = append(ids, by.heir.ID)
	}
	people, err := Read(ctx, ch.Store, p, ids...)
	if err != nil {
		return err
	}
	var all []*pairing.Match
	for _, pair := range pairings {
		if err := ch.leavePairing(ctx, pair, sideOf(roles, pair.Client), by, people); err != nil {
			return err
		}
		all = append(all, of(pair))
	}
	for _, m := range out {
		role := sideOf(roles, m.Client.Enrolment)
		if err := m.Decline(role, hasLeft, ch.Now, people.Of(m.Client.Enrolment, m.Consultant.Enrolment)); err != nil {
			return err
		}
		m.UpdatedAt = ch.Now
		ch.UpdateMatch(p, m)
		ch.LogTransition("match", m.ID, string(m.State))
		if err := NotContinued(ctx, ch.Store, ch.Commit, p, m, ch.Now); err != nil {
			return err
		}
		ch.Enqueue(ctx, message.MatchDeclined(ch.Programme, m, role.Other()), ch.Now)
		all = append(all, m)
	}
	for _, e := range leavers {
		read := people.enrolments[e.ID]
		if read == nil || !read.Version.Equal(e.Version) {
			return store.ErrChanged
		}
		read.Withdraw()
		ch.LogTransition("enrolment", e.ID, string(read.State))
		all = append(all, &pairing.Match{Client: pairing.Side{Enrolment: e.ID}})
	}
	if by != nil {
		if err := by.done(people); err != nil {
			return err
		}
		all = append(all, &pairing.Match{Client: pairing.Side{Enrolment: by.heir.ID}})
	}
	people.Update(ch.Commit, ch.Now, all...)
	ch.SaveContact(p, contact, ch.Now)
	return nil
}

// sideOf is the client's side where the client is among some, or else the consultant's.
func sideOf(roles map[string]programme.Role, client string) programme.Role {
	if _, there := roles[client]; there {
		return programme.Client
	}
	return programme.Consultant
}

// hasLeft is the reason of a match that is declined since somebody left, as the coordinator
// reads it.
const hasLeft = "They have left the programme."

// leavePairing stops a pairing since one of the two leaves; one that is over stays as it is.
func (ch *Change) leavePairing(ctx context.Context, pair *pairing.Pairing, role programme.Role, by *takeover, people *People) error {
	stopped, err := pair.Stop(pairing.Ender(role), "", pairing.Leave, ch.Now)
	if err != nil || !stopped {
		return err
	}
	if err := ch.CallOff(ctx, pair, time.Time{}); err != nil {
		return err
	}
	pair.Free(people.Of(pair.Client, pair.Consultant))
	if err := ch.dismiss(ctx, pair, people); err != nil {
		return err
	}
	ch.LogTransition("pairing", pair.ID, string(pair.State))
	goesOn, err := by.goOn(ctx, ch, pair, people)
	switch {
	case err != nil:
		return err
	case goesOn: // who is asked to go on hears of it by that, and of its end if it does not
		pair.Milestone = pairing.None
		ch.Save(ctx, pair, nil)
	default:
		ch.Save(ctx, pair, message.PairingStopped, role.Other())
	}
	return nil
}
