package outbox

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestClaim(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		state State
		due   time.Time
		want  bool
	}{
		{"pending and due", Pending, noon.Add(-time.Second), true},
		{"due at this moment", Pending, noon, true},
		{"not due yet", Pending, noon.Add(time.Microsecond), false},
		{"leased by another", Sending, noon.Add(Lease), false},
		{"the lease ran out", Sending, noon, true},
		{"sent", Sent, time.Time{}, false},
		{"unwanted", Unwanted, time.Time{}, false},
		{"set aside", SetAside, time.Time{}, false},
	} {
		m := &Message{State: row.state, DueAt: row.due, Attempts: 3}
		if got := m.Claim(noon); got != row.want {
			t.Errorf("%s: claimed %v, want %v", row.name, got, row.want)
		}
		if row.want && (m.State != Sending || !m.DueAt.Equal(noon.Add(Lease)) || m.Attempts != 4) ||
			!row.want && (m.State != row.state || !m.DueAt.Equal(row.due) || m.Attempts != 3) {
			t.Errorf("%s: left as %+v", row.name, m)
		}
	}
}

// An attempt that leaves no outcome, because it took the process with it, counts
// as well: such a message is given up and not tried for ever.
func TestPoisonIsGivenUp(t *testing.T) {
	t.Parallel()
	m := &Message{State: Pending}
	now := noon
	for range MaxAttempts {
		if !m.Claim(now) || m.State != Sending {
			t.Fatalf("attempt %d: %+v", m.Attempts, m)
		}
		now = m.DueAt
	}
	if !m.Claim(now) || m.State != SetAside || m.Failure == "" || !m.DueAt.IsZero() {
		t.Fatalf("after %d attempts without an outcome: %+v", MaxAttempts, m)
	}
	if m.Claim(now.Add(time.Hour)) {
		t.Error("a dead message was claimed")
	}
}

func TestBackOff(t *testing.T) {
	t.Parallel()
	m := &Message{State: Pending}
	now, began := noon, noon
	var delays []time.Duration
	for m.State == Pending {
		now = now.Add(max(0, m.DueAt.Sub(now)))
		if !m.Claim(now) {
			t.Fatalf("not due at its own time: %+v", m)
		}
		m.Failed("refused", false, 0, now)
		if m.State == Pending {
			delays = append(delays, m.DueAt.Sub(now))
		}
	}
	if m.State != SetAside || m.Attempts != MaxAttempts || !m.DueAt.IsZero() || m.Failure != "refused" {
		t.Errorf("given up as %+v", m)
	}
	if delays[0] != 30*time.Second || delays[1] != time.Minute || delays[len(delays)-1] != 6*time.Hour || !slices.IsSorted(delays) {
		t.Errorf("delays %v", delays)
	}
	if took := now.Sub(began); took < 2*24*time.Hour || took > 4*24*time.Hour {
		t.Errorf("given up after %v, want about three days", took)
	}
}

func TestProviderAsksToWait(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ asked, want time.Duration }{
		{0, 30 * time.Second}, {time.Second, 30 * time.Second}, {time.Hour, time.Hour}, {-time.Hour, 30 * time.Second},
		// However long it asks, the message is tried again within a day.
		{10 * 365 * 24 * time.Hour, 24 * time.Hour},
	} {
		m := &Message{State: Pending}
		m.Claim(noon)
		m.Failed("429", false, row.asked, noon)
		if got := m.DueAt.Sub(noon); got != row.want || m.State != Pending {
			t.Errorf("asked to wait %v: %v, want %v", row.asked, got, row.want)
		}
	}
	m := &Message{State: Pending}
	m.Claim(noon)
	m.Failed("400", true, time.Hour, noon)
	if m.State != SetAside {
		t.Errorf("refused for good: %s", m.State)
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	m := &Message{State: Pending}
	m.Claim(noon)
	m.Failed("no answer", false, 0, noon)
	m.Claim(m.DueAt)
	m.Accepted("provider-1")
	if m.State != Sent || m.Provider != "provider-1" || m.Failure != "" || !m.DueAt.IsZero() {
		t.Errorf("accepted: %+v", m)
	}
	m = &Message{State: Pending}
	m.Claim(noon)
	m.Drop("gone")
	if m.State != Unwanted || m.Failure != "gone" || !m.DueAt.IsZero() {
		t.Errorf("dropped: %+v", m)
	}
}

// Whatever happens in whatever order: an end state stays, a message that is not
// at its end is due some day soon, and no two senders hold it at once.
func TestLifeOfAMessage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &Message{State: Pending, DueAt: time.Unix(0, 0)}
		now := noon
		var held time.Time // until when a sender has the lease
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			before := *m
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(8*time.Hour)).Draw(t, "passes")))
			switch rapid.SampledFrom([]string{"claim", "claim", "accepted", "failed", "crash", "drop"}).Draw(t, "step") {
			case "claim":
				if m.Claim(now) && m.State == Sending {
					if now.Before(held) {
						t.Fatalf("two senders hold it: %+v", m)
					}
					held = m.DueAt
				}
			case "accepted":
				if m.State == Sending && now.Before(held) {
					m.Accepted("id")
				}
			case "failed":
				if m.State == Sending && now.Before(held) {
					m.Failed("refused", rapid.Bool().Draw(t, "for good"), time.Duration(rapid.Int64().Draw(t, "retry after")), now)
					held = time.Time{}
				}
			case "drop":
				if m.State == Sending && rapid.IntRange(0, 9).Draw(t, "gone") == 0 {
					m.Drop("gone")
				}
			}
			switch before.State {
			case Sent, Unwanted, SetAside:
				if *m != before {
					t.Fatalf("it moved on from its end: %+v to %+v", before, m)
				}
			default:
				if m.State != Sent && m.State != Unwanted && m.State != SetAside && m.DueAt.Sub(now) > 24*time.Hour {
					t.Fatalf("due in %v", m.DueAt.Sub(now))
				}
				if m.Attempts > MaxAttempts {
					t.Fatalf("%d attempts", m.Attempts)
				}
			}
		}
	})
}

func TestID(t *testing.T) {
	t.Parallel()
	id := ID(MatchReleased, "e1", "m1", "")
	if id != ID(MatchReleased, "e1", "m1", "") || len(id) != 26 {
		t.Errorf("id %q", id)
	}
	seen := map[string]bool{}
	for _, id := range []string{
		id, ID(MatchDeclined, "e1", "m1", ""), ID(MatchReleased, "e2", "m1", ""), ID(MatchReleased, "e1", "m2", ""),
		ID(MatchReleased, "e1", "m1", "again"), ID(MatchReleased, "e1m1", "", ""), ID(MatchReleased, "", "e1m1", ""),
	} {
		if seen[id] {
			t.Errorf("%s is the id of two messages", id)
		}
		seen[id] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[a-z0-9/-]{0,12}`)
		a := [3]string{part.Draw(t, "to"), part.Draw(t, "subject"), part.Draw(t, "occasion")}
		b := [3]string{part.Draw(t, "to"), part.Draw(t, "subject"), part.Draw(t, "occasion")}
		if (ID("k", a[0], a[1], a[2]) == ID("k", b[0], b[1], b[2])) != (a == b) {
			t.Fatalf("ids of %q and %q", a, b)
		}
	})
}
