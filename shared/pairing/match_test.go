package pairing

import (
	"errors"
	"fmt"
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

// holder is somebody with one place.
type holder struct {
	has    string
	closed error
}

var errTaken = fault.New(fault.Conflict, "taken")

func (h *holder) Open() error { return h.closed }
func (h *holder) Room(match string) error {
	if h.has != "" && h.has != match {
		return errTaken
	}
	return nil
}
func (h *holder) Take(match string) { h.has = match }
func (h *holder) Free(match string) {
	if h.has == match {
		h.has = ""
	}
}

// three are holders of which each has a place, and what they hold.
func three() (h Holders, has func() string) {
	a, b, c := &holder{}, &holder{}, &holder{}
	return Holders{a, b, c}, func() string { return a.has + "," + b.has + "," + c.has }
}

// A match lapses at its time and not before, once, and gives all places back; whoever answers
// first, and late, is first.
func TestMatchLapses(t *testing.T) {
	t.Parallel()
	by := noon.Add(240 * time.Hour)
	for _, answered := range []programme.Role{"", programme.Client, programme.Consultant} {
		m := &Match{ID: "m", State: Proposed, Client: Side{Enrolment: "a"}, Consultant: Side{Enrolment: "b"}}
		h, has := three()
		if m.Lapse(h, by) {
			t.Error("lapsed before it was out")
		}
		if err := m.Release(h, by, noon); err != nil {
			t.Fatal(err)
		}
		if answered != "" {
			_ = m.Accept(answered, "v1", noon)
		}
		if m.Lapse(h, by.Add(-time.Second)) || has() != "m,m,m" {
			t.Error("lapsed before its time")
		}
		late := *m
		if answered != "" && (late.Accept(answered.Other(), "v1", by.Add(time.Hour)) != nil || late.State != Accepted || late.Lapse(h, by.Add(time.Hour))) {
			t.Error("a late yes that comes first does not count")
		}
		if !m.Lapse(h, by) || m.State != Lapsed || has() != ",," || !m.DueAt.IsZero() || m.Overdue {
			t.Errorf("it is %s, and they have %q", m.State, has())
		}
		for name, err := range map[string]error{"accepted": m.Accept(programme.Consultant, "v1", by), "declined": m.Decline(programme.Client, "late", by, h), "withdrawn": m.Withdraw(h), "released": m.Release(h, by, by)} {
			if m.State != Lapsed || err == nil && m.Side(programme.Consultant).Answer != Yes {
				t.Errorf("%s after it lapsed: %v, %s", name, err, m.State)
			}
		}
		if m.Lapse(h, by) {
			t.Error("lapsed twice")
		}
	}
	if (&Match{State: Released}).Lapses(noon) {
		t.Error("a match from before there was a day to answer by lapses")
	}
}

func TestBothSay(t *testing.T) {
	t.Parallel()
	m := &Match{ID: "m", State: Proposed, Client: Side{Enrolment: "a"}, Consultant: Side{Enrolment: "b"}}
	h, has := three()
	if err := m.Accept(programme.Client, "v1", noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("accepted before it was released: %v", err)
	}
	if err := m.Decline(programme.Client, "no", noon, h); !fault.Is(err, fault.Conflict) {
		t.Errorf("declined before it was released: %v", err)
	}
	for range 2 {
		if err := m.Release(h, time.Time{}, noon); err != nil || m.State != Released || has() != "m,m,m" {
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
	for name, err := range map[string]error{"released": m.Release(h, time.Time{}, noon), "withdrawn": m.Withdraw(h), "declined": m.Decline(programme.Client, "late", noon, h)} {
		if !fault.Is(err, fault.Conflict) || m.State != Accepted || has() != "m,m,m" {
			t.Errorf("%s once accepted: %v, %s", name, err, m.State)
		}
	}
	x := Start(m, noon)
	if x.Enrolment(programme.Client) != "a" || x.Enrolment(programme.Consultant) != "b" || x.State != Active || x.Milestone != None || x.ID != m.ID {
		t.Errorf("pairing %+v", x)
	}
	if x.Free(h); has() != "m,m,m" {
		t.Errorf("a pairing under way gave its places back: %s", has())
	}
	x.State = Completed
	if x.Free(h); has() != "m,," { // a client is supported once
		t.Errorf("a pairing that is over holds %s", has())
	}
}

// A match takes up a place of everybody or of nobody.
func TestReleaseAsksEverybody(t *testing.T) {
	t.Parallel()
	for k, who := range []string{"client", "consultant", "supervisor"} {
		m, all := &Match{ID: "m", State: Proposed}, []*holder{{}, {}, {}}
		all[k].has = "another"
		h := Holders{all[0], all[1], all[2]}
		if err := m.Release(h, time.Time{}, noon); !errors.Is(err, errTaken) || m.State != Proposed {
			t.Errorf("the %s has no room: %v, %s", who, err, m.State)
		}
		for j, x := range all {
			if (x.has != "") != (j == k) {
				t.Errorf("the %s has no room, and %d has %q", who, j, x.has)
			}
		}
	}
	for k := range 2 { // there is room, and they want nothing for now
		m, all := &Match{ID: "m", State: Proposed}, []*holder{{}, {}, {}}
		all[k].closed = errTaken
		if err := m.Release(Holders{all[0], all[1], all[2]}, time.Time{}, noon); !errors.Is(err, errTaken) || m.State != Proposed || all[0].has+all[1].has+all[2].has != "" {
			t.Errorf("released to whoever wants nothing: %v, %s", err, m.State)
		}
	}
	for who, h := range map[string]Holders{"client": {nil, &holder{}, nil}, "consultant": {&holder{}, nil, nil}} {
		if m := (&Match{ID: "m", State: Proposed}); !fault.Is(m.Release(h, time.Time{}, noon), fault.Conflict) || m.State != Proposed {
			t.Errorf("released without a %s", who)
		}
	}
	if m := (&Match{ID: "m", State: Proposed}); m.Release(Holders{&holder{}, &holder{}, nil}, time.Time{}, noon) != nil {
		t.Error("not released where nobody supervises")
	}
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	h, has := three()
	m := &Match{ID: "m", State: Proposed}
	if err := m.Withdraw(h); !fault.Is(err, fault.Conflict) || m.State != Proposed {
		t.Errorf("withdrawn before it was released: %v", err)
	}
	for _, err := range []error{m.Release(h, time.Time{}, noon), m.Accept(programme.Client, "v1", noon), m.Withdraw(h), m.Withdraw(h)} { // also after one yes
		if err != nil {
			t.Fatal(err)
		}
	}
	if m.State != Withdrawn || has() != ",," {
		t.Errorf("%s, holding %s", m.State, has())
	}
	for what, err := range map[string]error{
		"released": m.Release(h, time.Time{}, noon), "accepted": m.Accept(programme.Consultant, "v1", noon), "declined": m.Decline(programme.Consultant, "no", noon, h),
	} {
		if !fault.Is(err, fault.Conflict) || m.State != Withdrawn || has() != ",," {
			t.Errorf("%s once withdrawn: %v", what, err)
		}
	}
}

func TestDecline(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} { // also after a yes of one's own
		h, has := three()
		m := &Match{ID: "m", State: Proposed}
		if err := m.Release(h, time.Time{}, noon); err != nil {
			t.Fatal(err)
		}
		if after {
			if err := m.Accept(programme.Client, "v1", noon); err != nil {
				t.Fatal(err)
			}
		}
		for _, reason := range []string{strings.Repeat("é", MaxText+1)} {
			if err := m.Decline(programme.Client, reason, noon, h); !invalid(err, "reason") || m.State != Released || has() != "m,m,m" {
				t.Errorf("with %.9q as reason: %v, %s", reason, err, m.State)
			}
		}
		if err := m.Decline(programme.Client, strings.Repeat("é", MaxText), noon, h); err != nil || m.State != Declined || m.Client.Answer != No || has() != ",," {
			t.Errorf("declined: %v, %+v", err, m)
		}
		reason := m.Client.Reason
		if err := m.Decline(programme.Client, "another", noon, h); err != nil || m.Client.Reason != reason {
			t.Errorf("declined twice: %v", err)
		}
		if err := m.Accept(programme.Consultant, "v1", noon); !fault.Is(err, fault.Conflict) {
			t.Errorf("accepted by the other once declined: %v", err)
		}
		if err := m.Accept(programme.Client, "v1", noon); !fault.Is(err, fault.Conflict) {
			t.Errorf("accepted by the same once declined: %v", err)
		}
		if err := m.Decline(programme.Consultant, "I too", noon, h); !fault.Is(err, fault.Conflict) {
			t.Errorf("declined by the other once declined: %v", err)
		}
	}
}

// Whatever both and the coordinator do in whatever order: an accepted match has
// two yeses, a declined one has a no, no end is left again, places
// are taken from the release to an end other than the yes, and a step that is refused
// changes nothing.
func TestNoStepBreaksAMatch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &Match{ID: "m", State: Proposed}
		h, has := three()
		now := noon
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			before := *m
			role := rapid.SampledFrom(programme.Roles).Draw(t, "role")
			now = now.Add(time.Minute)
			var err error
			switch rapid.SampledFrom([]string{"release", "accept", "decline", "decline without a reason", "withdraw", "lapse"}).Draw(t, "step") {
			case "release":
				err = m.Release(h, time.Time{}, noon)
			case "withdraw":
				err = m.Withdraw(h)
			case "lapse":
				m.ReplyBy = now
				m.Lapse(h, now)
			case "accept":
				err = m.Accept(role, "v1", now)
			case "decline":
				err = m.Decline(role, "a reason", now, h)
			case "decline without a reason":
				err = m.Decline(role, "", now, h)
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
				case s.Answer == No:
					no++
				case s.Answer != "":
					t.Fatalf("side %+v", s)
				}
			}
			if (m.State == Accepted) != (yes == 2) || (m.State == Declined) != (no == 1) || no > 1 || m.State == Proposed && yes+no > 0 {
				t.Fatalf("%d yes and %d no make it %s", yes, no, m.State)
			}
			if want := map[bool]string{true: "m,m,m", false: ",,"}[m.State == Released || m.State == Accepted]; has() != want {
				t.Fatalf("a match that is %s holds %s", m.State, has())
			}
			if (before.State == Accepted || before.State == Declined || before.State == Withdrawn || before.State == Lapsed) && m.State != before.State {
				t.Fatalf("from %s to %s", before.State, m.State)
			}
		}
	})
}

// comparable is a match without what cannot be compared.
func comparable(m *Match) *struct {
	sides [2]string
	s     MatchState
} {
	return &struct {
		sides [2]string
		s     MatchState
	}{[2]string{fmt.Sprintf("%+v", m.Client), fmt.Sprintf("%+v", m.Consultant)}, m.State}
}
