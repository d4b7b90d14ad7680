package programme

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever is done with a programme's dates, and whenever somebody looks, nothing is deleted
// before a year after the end that it has then, nor before that was announced for 30 days; and
// where each day is looked at, and the dates are known in time, not a day later either.
func TestNothingIsDeletedEarlyOrUnannounced(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := &Programme{Zone: rapid.SampledFrom([]string{"UTC", "Europe/London", "Pacific/Auckland"}).Draw(t, "zone")}
		now := time.Date(2026, 12, 1, 0, 30, 0, 0, time.UTC)
		var announced, moved time.Time
		for day := 0; day < 900; day++ {
			now = now.AddDate(0, 0, 1)
			if rapid.IntRange(0, 150).Draw(t, "move") == 0 {
				if err := p.Redate(Dates{Starts: "2020-01-01", Ends: now.AddDate(0, 0, rapid.IntRange(-500, 100).Draw(t, "ends")).Format(time.DateOnly)}); err != nil {
					t.Fatal(err)
				}
				if moved = now; p.Retention.Announced() && p.Stale() {
					t.Fatal("what was announced by other dates stands")
				}
			}
			if p.ToAnnounce(now) {
				p.Announce(now, []Count{{"enrolments", 3}})
				announced = now
			}
			until, ends := p.KeptUntil()
			switch due := p.Retention.Due(now); {
			case due && (!ends || now.Before(until) || now.Sub(announced) < 30*24*time.Hour || !announced.Equal(p.Retention.AnnouncedAt)):
				t.Fatalf("deleted at %v, kept until %v, announced at %v", now, until, announced)
			case !due && ends && !now.Before(until) && until.Sub(moved) > 36*24*time.Hour:
				t.Fatalf("not deleted at %v, kept until %v, moved at %v: %+v", now, until, moved, p.Retention)
			case due:
				p.Retention.Begin(now)
				if err := p.Redate(Dates{Starts: "2020-01-01", Ends: "2040-01-01"}); err == nil || p.ToAnnounce(now) || p.Stale() {
					t.Fatalf("the end was moved after it had begun: %v", err)
				}
				return
			}
		}
	})
}

// Coordinators are told once when it is announced, and each day of the last week.
func TestCoordinatorsAreToldOfIt(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	r := Retention{AnnouncedAt: at, DueAt: at.AddDate(0, 0, 35)}
	for days, told := range map[int]bool{0: true, 1: false, 20: false, 27: false, 28: true, 34: true} {
		now := at.AddDate(0, 0, days).Add(time.Hour)
		if got := !r.Tell(now.AddDate(0, 0, -1), now).IsZero(); got != told {
			t.Errorf("after %d days: %v", days, got)
		}
	}
	if !r.Tell(time.Time{}, at.Add(time.Hour)).IsZero() || !(&Retention{}).Tell(at, at).IsZero() {
		t.Error("they are told of what is not new, or not announced")
	}
	r.Begin(at.AddDate(0, 0, 35))
	if !r.Tell(at, at.AddDate(0, 0, 36)).IsZero() {
		t.Error("they are told of what is done")
	}
}
