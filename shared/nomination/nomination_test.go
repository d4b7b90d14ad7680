package nomination_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Who takes part on either side is sent no invitation to enrol as they like; to take a place, only
// who takes part in that role: whoever helps can come to lead an organisation that is helped.
func TestWhoNeedsNoInvitation(t *testing.T) {
	t.Parallel()
	p, now := &programme.Programme{ID: "pilot", Salt: "salt"}, time.Date(2027, time.March, 2, 12, 0, 0, 0, time.UTC)
	of := func(role programme.Role) string { return enrolment.ID(p.Salt, role, "lee@example.org") }
	for want, takes := range map[string]programme.Role{"both": "", "client": programme.Client, "consultant": programme.Consultant} {
		n, err := nomination.ToLeader(p, takes, "Lee@Example.org", "n", now)
		if err != nil {
			t.Fatal(err)
		}
		ids := []string{of(takes)}
		if takes == "" {
			ids = []string{of(programme.Client), of(programme.Consultant)}
		}
		if got := n.Enrolments(); !slices.Equal(got, ids) {
			t.Errorf("%s: %v, want %v", want, got, ids)
		}
		if !n.Waits(now.Add(nomination.Life-time.Second)) || n.Waits(now.Add(nomination.Life)) || nomination.Life != enrolment.HandoverLife {
			t.Errorf("%s: it waits for another time than the place does", want)
		}
	}
	if _, err := nomination.ToLeader(p, programme.Client, "a@example.org, b@example.org", "n", now); err == nil {
		t.Error("two addresses are one")
	}
}
