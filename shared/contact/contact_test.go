package contact

import (
	"testing"

	"github.com/cascading-leadership/cascade/shared/calendar"
)

func TestPersonsTimeZone(t *testing.T) {
	t.Parallel()
	now := local(t, "2026-11-24 12:00")
	for _, zone := range append([]string{"", "Africa/Lagos", "UTC"}, calendar.Zones...) {
		if !new(Contact).SetZone(zone, now) {
			t.Errorf("%q is refused", zone)
		}
	}
	for _, zone := range []string{"Local", "Europe/Nowhere", "../../etc/passwd", "Europe/London\n", "/etc/localtime"} {
		if c := (&Contact{Zone: "Europe/Paris"}); c.SetZone(zone, now) || c.Zone != "Europe/Paris" || !c.MovedAt.IsZero() {
			t.Errorf("%q is taken: %+v", zone, c)
		}
	}
}
