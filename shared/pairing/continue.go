package pairing

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Continued is the run to which all matches belong that go on after a pairing whose organisation
// has another leader now. No run made them: two are asked who knew of each other already.
const Continued = "continued"

// Solved reports whether a matching run made the match, and not people themselves.
func (m *Match) Solved() bool { return m.Run != Directory && m.Run != Continued }

// Earlier is a session that the organisation had before, with who led it then.
type Earlier struct {
	StartsAt time.Time `firestore:"startsAt"`
	Minutes  int       `firestore:"minutes"`
	Way      Way       `firestore:"way,omitempty"`
}

// GoesOn reports whether a pairing can go on with whoever leads the client's organisation now: it
// went on until its client handed over, or until they left after they had asked for that.
func (p *Pairing) GoesOn(asked time.Time) bool {
	return p.State == Active || p.State == Stopped && p.EndedBy == Ender(programme.Client) && p.Next[string(programme.Client)] == Leave && !p.EndedAt.Before(asked)
}

// Continue is the match by which a pairing that has ended goes on with whoever leads the client's
// organisation now, if both of them agree: it is out at once, takes up a place of each holder, and
// is to be answered before replyBy. Goals says that what stands in the notebook passes on. The
// error says who has no place.
func Continue(id, programme string, after *Pairing, client string, goals bool, reasons matching.Reasons, replyBy, now time.Time, h Holders) (*Match, error) {
	m := &Match{
		ID: id, Run: Continued, Programme: programme, State: Proposed, Reasons: reasons, Score: reasons.Score(), Continues: after.ID, Goals: goals,
		Client: Side{Enrolment: client}, Consultant: Side{Enrolment: after.Consultant}, CreatedAt: now, UpdatedAt: now,
	}
	return m, m.Release(h, replyBy, now)
}

// TakeUp has a pairing that begins count the sessions that were held in the one before it, which
// it continues, and in those before that.
func (p *Pairing) TakeUp(before *Pairing, sessions []*Session) {
	p.Continues, p.Before = before.ID, slices.Clone(before.Before)
	for _, s := range sessions {
		if s.State == Held {
			p.Before = append(p.Before, Earlier{StartsAt: s.StartsAt, Minutes: s.Minutes, Way: s.Way})
		}
	}
	slices.SortFunc(p.Before, func(a, b Earlier) int { return a.StartsAt.Compare(b.StartsAt) })
}

// HeldInAll is how many sessions count towards the least: those that were held, also before.
func (p *Pairing) HeldInAll() int { return len(p.Before) + p.Held }

// Taken is how many sessions count towards the most: those that are booked or were held, also
// before.
func (p *Pairing) Taken() int { return len(p.Before) + len(p.Dates) }

// Inherit takes goals and actions from a notebook before in a programme, as the organisation's,
// which its leader before chose to pass on: once they are forgotten, they go here, too. It reports
// whether there are any.
func (n *Notebook) Inherit(before *Notebook, programme string) bool {
	n.From, n.Programme = before.Client, programme
	for _, g := range before.Goals {
		g.Before = true
		n.Goals = append(n.Goals, g)
	}
	for _, a := range before.Actions {
		a.Before = true
		n.Actions = append(n.Actions, a)
	}
	return len(n.Goals)+len(n.Actions) > 0
}
