package reminder

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// A year of twenty cohorts in all three jurisdictions, with both changes of the clocks,
// a leap day and all holidays, looked at every quarter of an hour: every reminder comes,
// once, at the opening of a working day.
func TestAYearOfTwentyCohorts(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	p.Sessions.Target = 5
	random := rand.New(rand.NewPCG(2026, 11))
	regions := []string{"London", "Scotland", "Northern Ireland", "Wales", "North West"}
	begins := at("2027-10-01 00:00")
	type member struct {
		*story
		starts time.Time
		steps  []time.Time // when the two do their next step
	}
	var all []*member
	for cohort := range 20 {
		for pair := range 5 {
			id := fmt.Sprintf("-%d-%d", cohort, pair)
			starts := begins.AddDate(0, 0, cohort*12).Add(time.Duration(random.IntN(24*60)) * time.Minute)
			s := newStory(t.Fatalf, p, [2]string{regions[random.IntN(5)], regions[random.IntN(5)]}, id, starts, 15*time.Minute)
			m := &member{story: s, starts: starts}
			for at := starts; at.Before(begins.AddDate(1, 0, 0)); {
				at = at.Add(time.Duration(random.IntN(20*24*60)) * time.Minute)
				m.steps = append(m.steps, at)
			}
			all = append(all, m)
		}
	}
	ends := begins.AddDate(1, 0, 7) // with the last leap week's sessions
	for now := begins; now.Before(ends); now = now.Add(15 * time.Minute) {
		for _, m := range all {
			for ; len(m.steps) > 0 && m.steps[0].Before(now); m.steps = m.steps[1:] {
				m.now = m.steps[0]
				m.step(random)
				m.idle()
			}
			if !now.Before(m.starts) {
				m.now = now
				m.look()
			}
		}
	}
	kinds, days, changes := map[outbox.Kind]int{}, map[string]int{}, 0
	for _, m := range all {
		for id, msg := range m.told {
			kinds[msg.Kind]++
			days[m.when[id].In(london).Format(time.DateOnly)]++
			if x := m.session(msg.Session); x != nil && msg.Kind == message.KindSessionTomorrow {
				// The clocks changed between the reminder and the session.
				if _, before := m.when[id].In(london).Zone(); before != zoneAt(x.StartsAt) {
					changes++
				}
			}
		}
	}
	for _, kind := range []outbox.Kind{message.KindConfirmEnrolment, message.KindAnswerMatch, message.KindAgreeExpectations, message.KindBookSession, message.KindSessionInAWeek,
		message.KindSessionTomorrow, message.KindLogYourSession, message.KindFollowUp, message.KindQuestionnaireWaits} {
		if kinds[kind] < 10 {
			t.Errorf("%d messages of kind %s in a year", kinds[kind], kind)
		}
	}
	if days["2028-02-29"] == 0 || days["2027-12-25"]+days["2028-01-01"] > 0 || changes == 0 {
		t.Errorf("told on the leap day %d, on holidays %d and %d, over a change of the clocks %d", days["2028-02-29"], days["2027-12-25"], days["2028-01-01"], changes)
	}
}

func zoneAt(t time.Time) int {
	_, offset := t.In(london).Zone()
	return offset
}

func (s *story) session(id string) *pairing.Session {
	for _, x := range s.sessions {
		if x.ID == id {
			return x
		}
	}
	return nil
}

// step is something that the two do, or not.
func (s *story) step(random *rand.Rand) {
	role := programme.Roles[random.IntN(2)]
	switch {
	case s.match == nil:
		s.confirm(s.enrolments[random.IntN(2)])
		if random.IntN(2) == 0 {
			s.release(s.enrolments[0].ID)
		}
	case s.pairing == nil:
		s.accept(role)
	case s.pairing.ToCome(s.now):
		x := s.sessions[len(s.sessions)-1]
		switch random.IntN(6) {
		case 0:
			_, _ = s.pairing.Cancel(x, x.Sequence, "", s.now)
		case 1:
			b := pairing.Booking{StartsAt: x.StartsAt.AddDate(0, 0, 1+random.IntN(9)), Minutes: 90, Place: "York"}
			if moved, err := s.pairing.Move(x, x.Sequence, b, s.now); moved && err == nil {
				s.plan(x)
			}
		case 2:
			s.invitations[random.IntN(2)].Mark()
		}
	default:
		for _, x := range s.sessions {
			if random.IntN(3) > 0 && !x.Logged[string(role)] {
				l := &pairing.Log{Session: x.ID, Role: role, Held: random.IntN(5) > 0, Balance: "both", Thinking: "asked"}
				_ = s.pairing.Record(x, l, s.now)
			}
		}
		if random.IntN(3) > 0 {
			local := s.now.In(london).AddDate(0, 0, 1+random.IntN(25))
			s.book(time.Date(local.Year(), local.Month(), local.Day(), 9+random.IntN(8), 30, 0, 0, london).UTC(), 90)
		}
	}
}
