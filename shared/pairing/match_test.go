package pairing

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func invalid(err error, field string) bool {
	var i *fault.Invalid
	return errors.As(err, &i) && len(i.Fields) == 1 && i.Fields[0].Name == field
}

func TestBothSay(t *testing.T) {
	t.Parallel()
	m := &Match{State: Proposed, Client: Side{Enrolment: "a"}, Consultant: Side{Enrolment: "b"}}
	if err := m.Accept(programme.Client, "v1", noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("accepted before it was released: %v", err)
	}
	if err := m.Decline(programme.Client, "no", noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("declined before it was released: %v", err)
	}
	for range 2 {
		if err := m.Release(); err != nil || m.State != Released {
			t.Fatalf("released: %v, %s", err, m.State)
		}
	}
	if err := m.Accept(programme.Client, "v1", noon); err != nil || m.State != Released {
		t.Fatalf("one yes: %v, %s", err, m.State)
	}
	if err := m.Accept(programme.Client, "v2", noon.Add(time.Hour)); err != nil || m.Client.Expectations != "v1" || !m.Client.AnsweredAt.Equal(noon) {
		t.Errorf("a second yes of the same side: %v, %+v", err, m.Client)
	}
	if err := m.Accept(programme.Consultant, "v1", noon); err != nil || m.State != Accepted {
		t.Fatalf("both yes: %v, %s", err, m.State)
	}
	for name, err := range map[string]error{"released": m.Release(), "declined": m.Decline(programme.Client, "late", noon)} {
		if !fault.Is(err, fault.Conflict) || m.State != Accepted {
			t.Errorf("%s once accepted: %v, %s", name, err, m.State)
		}
	}
	x := Start(m, noon)
	if x.Enrolment(programme.Client) != "a" || x.Enrolment(programme.Consultant) != "b" || x.State != Active || x.Milestone != Started || x.ID != m.ID {
		t.Errorf("pairing %+v", x)
	}
}

func TestDecline(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} { // also after a yes of one's own
		m := &Match{State: Released}
		if after {
			if err := m.Accept(programme.Client, "v1", noon); err != nil {
				t.Fatal(err)
			}
		}
		for _, reason := range []string{"", strings.Repeat("é", MaxText+1)} {
			if err := m.Decline(programme.Client, reason, noon); !invalid(err, "reason") || m.State != Released {
				t.Errorf("with %.9q as reason: %v, %s", reason, err, m.State)
			}
		}
		if err := m.Decline(programme.Client, strings.Repeat("é", MaxText), noon); err != nil || m.State != Declined || m.Client.Answer != No {
			t.Errorf("declined: %v, %+v", err, m)
		}
		reason := m.Client.Reason
		if err := m.Decline(programme.Client, "another", noon); err != nil || m.Client.Reason != reason {
			t.Errorf("declined twice: %v", err)
		}
		if err := m.Accept(programme.Consultant, "v1", noon); !fault.Is(err, fault.Conflict) {
			t.Errorf("accepted by the other once declined: %v", err)
		}
		if err := m.Accept(programme.Client, "v1", noon); !fault.Is(err, fault.Conflict) {
			t.Errorf("accepted by the same once declined: %v", err)
		}
		if err := m.Decline(programme.Consultant, "I too", noon); !fault.Is(err, fault.Conflict) {
			t.Errorf("declined by the other once declined: %v", err)
		}
	}
}

// Whatever both and the coordinator do in whatever order: an accepted match has
// two yeses, a declined one has a no with its reason, neither end is left again,
// and a step that is refused changes nothing.
func TestNoStepBreaksAMatch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &Match{State: Proposed}
		now := noon
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			before := *m
			role := rapid.SampledFrom(programme.Roles).Draw(t, "role")
			now = now.Add(time.Minute)
			var err error
			switch rapid.SampledFrom([]string{"release", "accept", "decline", "decline without a reason"}).Draw(t, "step") {
			case "release":
				err = m.Release()
			case "accept":
				err = m.Accept(role, "v1", now)
			case "decline":
				err = m.Decline(role, "a reason", now)
			case "decline without a reason":
				err = m.Decline(role, "", now)
			}
			var wrong *fault.Invalid
			if err != nil && !fault.Is(err, fault.Conflict) && !errors.As(err, &wrong) {
				t.Fatalf("error %v", err)
			}
			if err != nil && *comparable(m) != *comparable(&before) {
				t.Fatalf("refused, and changed from %+v to %+v", before, m)
			}
			yes, no := 0, 0
			for _, r := range programme.Roles {
				switch s := m.Side(r); {
				case s.Answer == Yes && s.Expectations != "":
					yes++
				case s.Answer == No && s.Reason != "":
					no++
				case s.Answer != "":
					t.Fatalf("side %+v", s)
				}
			}
			if (m.State == Accepted) != (yes == 2) || (m.State == Declined) != (no == 1) || no > 1 || m.State == Proposed && yes+no > 0 {
				t.Fatalf("%d yes and %d no make it %s", yes, no, m.State)
			}
			if (before.State == Accepted || before.State == Declined) && m.State != before.State {
				t.Fatalf("from %s to %s", before.State, m.State)
			}
		}
	})
}

// comparable is a match without what cannot be compared.
func comparable(m *Match) *struct {
	a, b Side
	s    MatchState
} {
	return &struct {
		a, b Side
		s    MatchState
	}{m.Client, m.Consultant, m.State}
}
