package matching

import (
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

// The schedule's tick seals every hour that is over, whatever happened in it, and once.
func TestAuditTrailIsSealedByTheHour(t *testing.T) {
	b := newBed(t)
	began := b.Now().Truncate(time.Hour)
	c := b.Store.Commit()
	c.Audit(store.AuditEntry{Programme: "pilot", By: "morgan", Did: "looked"})
	b.Commit(c)
	b.Event("", string(schedule.AuditSeal))
	if v, err := b.Store.VerifyAudit(t.Context(), b.Seals, b.Now(), time.Time{}); err != nil || v.Hours != 0 || v.Open != 1 {
		t.Errorf("within the hour: %+v, %v", v, err)
	}
	b.Pass(3*time.Hour + 15*time.Minute)
	for range 2 {
		b.Event("", string(schedule.AuditSeal))
		v, err := b.Store.VerifyAudit(t.Context(), b.Seals, b.Now(), time.Time{})
		over := int(b.Now().Truncate(time.Hour).Sub(began).Hours()) // which are sealed but for the last, whose entries may still be on their way
		if err != nil || v.Hours < over-1 || v.Hours > over || v.Entries != 1 || v.Open != 0 || len(v.Findings) > 0 {
			t.Errorf("three hours later: %+v, %v", v, err)
		}
	}
}
