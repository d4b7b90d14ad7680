package pairing

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Directory is the run to which all matches belong that people chose for themselves.
// No run made it: it has no certificate, and nothing takes its place.
const Directory = "directory"

// Choose is the match that one side asked for out of a directory: it is out at once,
// with that side's yes to the version of the expectations that it agreed to, takes up
// a place of each holder, and is to be answered before replyBy. The error says who has no
// place.
func Choose(id, programme string, by programme.Role, client, consultant string, reasons matching.Reasons, expectations string, replyBy, now time.Time, h Holders) (*Match, error) {
	m := &Match{
		ID: id, Run: Directory, Programme: programme, State: Proposed, Reasons: reasons, Score: reasons.Score(),
		Client: Side{Enrolment: client}, Consultant: Side{Enrolment: consultant}, CreatedAt: now, UpdatedAt: now,
	}
	if err := m.Release(h, replyBy, now); err != nil {
		return nil, err
	}
	return m, m.Accept(by, expectations, now)
}
