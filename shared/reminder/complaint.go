package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// OfComplaint is what is owed about a complaint: that the named person hears once that its day
// is near.
func OfComplaint(p *programme.Programme, c *complaint.Complaint, since, now time.Time) Due {
	if !c.Waits() || c.DueAt.IsZero() {
		return Due{}
	}
	return dueOf([]ask{{c.DueAt, c.DueAt.Add(lasts), message.ComplaintWaits(p, c)}}, time.Time{}, since, now)
}
