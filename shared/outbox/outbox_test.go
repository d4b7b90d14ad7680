package outbox

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestDue(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for _, row := range []struct {
		name      string
		state     State
		due       time.Time
		programme time.Time
		want      bool
	}{
		{"pending and due", Pending, noon.Add(-time.Second), noon, true},
		{"due at this moment", Pending, noon, noon, true},
		{"not due yet", Pending, noon.Add(time.Microsecond), noon, false},
		{"due by the programme's date, which was moved", Pending, noon.Add(day), noon.Add(day), true},
		{"leased by another", Sending, noon.Add(time.Minute), noon, false},
		{"leased by another, whatever the programme's date", Sending, noon.Add(time.Minute), noon.Add(day), false},
		{"the lease ran out", Sending, noon, noon, true},
		{"in doubt", InDoubt, noon.Add(time.Minute), noon.Add(day), false},
		{"in doubt for long", InDoubt, noon, noon, true},
		{"goes with another", Bundled, noon, noon, false},
		{"sent", Sent, time.Time{}, noon, false},
		{"unwanted", Unwanted, time.Time{}, noon, false},
		{"set aside", SetAside, time.Time{}, noon, false},
	} {
		if got := (&Message{State: row.state, DueAt: row.due}).Due(noon, row.programme); got != row.want {
			t.Errorf("%s: due %v, want %v", row.name, got, row.want)
		}
	}
}

// An attempt that leaves no outcome, because it took the process with it, counts
// as well: such a message is given up and not tried for ever.
func TestPoisonIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, terms := range []Terms{Usual, {Lease: time.Minute, Grace: time.Minute}} {
		m, now := &Message{State: Pending}, noon
		for !m.State.Final() {
			now = now.Add(max(0, m.DueAt.Sub(now)))
			if m.Expired(now) {
				m.Doubt("no outcome", 0.5, now, now, terms)
			} else {
				m.Claim(now, terms)
			}
			if m.Attempts > MaxAttempts {
				t.Fatalf("attempt %d: %+v", m.Attempts, m)
			}
		}
		if m.State != SetAside || m.Failure == "" || !m.DueAt.IsZero() || m.Attempts != MaxAttempts || m.Doubts != MaxAttempts {
			t.Fatalf("after %d attempts without an outcome: %+v", MaxAttempts, m)
		}
	}
}

func TestBackOff(t *testing.T) {
	t.Parallel()
	m := &Message{State: Pending}
	now, began := noon, noon
	var delays []time.Duration
	for m.State == Pending {
		now = now.Add(max(0, m.DueAt.Sub(now)))
		m.Claim(now, Usual)
		m.Refused("refused", 0, 0, now)
		if m.State == Pending {
			delays = append(delays, m.DueAt.Sub(now))
		}
	}
	if m.State != SetAside || m.Attempts != MaxAttempts || !m.DueAt.IsZero() || m.Failure != "refused" || m.Doubts != 0 {
		t.Errorf("given up as %+v", m)
	}
	if delays[0] != 30*time.Second || delays[1] != time.Minute || delays[len(delays)-1] != 6*time.Hour || !slices.IsSorted(delays) {
		t.Errorf("delays %v", delays)
	}
	if took := now.Sub(began); took < 2*24*time.Hour || took > 4*24*time.Hour {
		t.Errorf("given up after %v, want about three days", took)
	}
}

func TestJitterSpreadsWhatWasRefusedTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &Message{State: Sending, Attempts: rapid.IntRange(1, MaxAttempts-1).Draw(t, "attempts")}
		whole := shifted(firstDelay, m.Attempts)
		m.Refused("429", 0, rapid.Float64Range(0, 1).Draw(t, "jitter"), noon)
		if wait := m.DueAt.Sub(noon); wait < whole/2 || wait > whole {
			t.Fatalf("waits %v of %v", wait, whole)
		}
	})
}

func TestProviderAsksToWait(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ asked, want time.Duration }{
		{0, 15 * time.Second}, {time.Second, 15 * time.Second}, {time.Hour, time.Hour}, {-time.Hour, 15 * time.Second},
		// However long it asks, the message is tried again within a day.
		{10 * 365 * 24 * time.Hour, 24 * time.Hour},
	} {
		m := &Message{State: Pending}
		m.Claim(noon, Usual)
		m.Refused("429", row.asked, 1, noon)
		if got := m.DueAt.Sub(noon); got != row.want || m.State != Pending {
			t.Errorf("asked to wait %v: %v, want %v", row.asked, got, row.want)
		}
	}
}

func TestDoubtWaitsForTheProvidersWord(t *testing.T) {
	t.Parallel()
	m := &Message{State: Pending}
	m.Claim(noon, Usual)
	m.Doubt("no answer", 0, noon, noon, Usual)
	if m.State != InDoubt || m.Doubts != 1 || m.DueAt.Sub(noon) != Usual.Grace {
		t.Errorf("in doubt: %+v", m)
	}
	m.Claim(m.DueAt, Usual)
	m.Doubt("no answer", 0, noon, noon, Usual)
	if m.State != InDoubt || m.Doubts != 2 || m.DueAt.Sub(noon) != 2*Usual.Grace {
		t.Errorf("in doubt again: %+v", m)
	}
	silent := Usual
	silent.Reports = false
	m = &Message{State: Pending}
	m.Claim(noon, silent)
	m.Doubt("no answer", 0, noon, noon, silent)
	if m.State != Pending || m.Doubts != 1 || m.DueAt.Sub(noon) != firstDelay {
		t.Errorf("a provider that never reports: %+v", m)
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		before  Message
		outcome Outcome
		attempt int
		changes bool
		state   State
	}{
		{"it went, as nobody knew", Message{State: InDoubt, Attempts: 1}, Delivered, 1, true, Sent},
		{"it went, and its sender has not written it down yet", Message{State: Sending, Attempts: 1}, Taken, 1, true, Sent},
		{"an earlier attempt went after all", Message{State: Pending, Attempts: 2}, Taken, 1, true, Sent},
		{"delivered", Message{State: Sent, Attempts: 1}, Delivered, 1, true, Sent},
		{"once more", Message{State: Sent, Attempts: 1, Outcome: Delivered}, Delivered, 1, false, Sent},
		{"an earlier one comes later", Message{State: Sent, Attempts: 1, Outcome: Delivered}, Taken, 1, false, Sent},
		{"bounced", Message{State: Sent, Attempts: 1}, Bounced, 1, true, SetAside},
		{"bounced after it was delivered", Message{State: Sent, Attempts: 1, Outcome: Delivered}, Bounced, 1, true, SetAside},
		{"delivered, reported after it bounced", Message{State: SetAside, Attempts: 1, Outcome: Bounced}, Delivered, 1, false, SetAside},
		{"given up on, and delivered", Message{State: SetAside, Attempts: 20}, Delivered, 19, true, Sent},
		{"put off, and goes again", Message{State: Sent, Attempts: 1}, PutOff, 1, true, Pending},
		{"put off after it was delivered", Message{State: Sent, Attempts: 1, Outcome: Delivered}, BoxFull, 1, true, Pending},
		{"an earlier attempt was put off, and this one is under way", Message{State: Sending, Attempts: 2}, PutOff, 1, false, Sending},
		{"put off, and then turned away", Message{State: Pending, Attempts: 1, Outcome: PutOff}, Bounced, 1, true, SetAside},
		{"put off and sent again, when the first is turned away", Message{State: Sent, Attempts: 2, Retried: 1}, Bounced, 1, false, Sent},
		{"put off too often", Message{State: Sent, Attempts: 6, Retried: 5, Returned: MostReturns}, PutOff, 6, true, SetAside},
		{"put off, and no longer wanted", Message{State: Unwanted, Attempts: 1}, PutOff, 1, false, Unwanted},
		{"nobody can tell", Message{State: Sent, Attempts: 1}, Unclear, 1, true, SetAside},
		{"marked as spam", Message{State: Sent, Attempts: 1, Outcome: Delivered}, SpamReport, 1, true, Sent},
		{"about an attempt before a person tried again", Message{State: Pending, Attempts: 1, Retried: 1}, Bounced, 1, false, Pending},
		{"about an attempt that was never made", Message{State: Pending}, Delivered, 1, false, Pending},
		{"of one that was not wanted any more", Message{State: Unwanted, Attempts: 1}, Delivered, 1, true, Unwanted},
	} {
		m := row.before
		if got := m.Report(Report{Attempt: row.attempt, Outcome: row.outcome, At: noon}, 0, noon); got != row.changes || m.State != row.state {
			t.Errorf("%s: changed %v, now %+v", row.name, got, m)
		}
	}
}

// Whatever reports come, in whatever order and however often, the message ends the
// same: a report says something or nothing, and never takes back what was said.
func TestOrderOfReportsDoesNotMatter(t *testing.T) {
	t.Parallel()
	outcomes := []Outcome{Taken, Delivered, Held, PutOff, BoxFull, Blocked, Unclear, Bounced, SpamReport, Unsubscribed}
	rapid.Check(t, func(t *rapid.T) {
		said := rapid.SliceOfN(rapid.SampledFrom(outcomes), 1, 8).Draw(t, "said")
		end := func(order []Outcome) Message {
			m := Message{State: InDoubt, Attempts: 1}
			for _, o := range order {
				before := rank[m.Outcome]
				m.Report(Report{Attempt: 1, Outcome: o, At: noon}, 0, noon)
				if rank[m.Outcome] < before {
					t.Fatalf("%v took it back to %v", o, m.Outcome)
				}
			}
			return m
		}
		a, b := end(said), end(rapid.Permutation(append(said, said...)).Draw(t, "shuffled"))
		if rank[a.Outcome] != rank[b.Outcome] || a.Outcome.Failed() != b.Outcome.Failed() {
			t.Fatalf("%+v or %+v", a, b)
		}
	})
}

func TestTryAgain(t *testing.T) {
	t.Parallel()
	m := &Message{State: SetAside, Attempts: MaxAttempts, Outcome: Bounced, Failure: "bounced"}
	if err := m.TryAgain(noon); err != nil || !m.Due(noon, noon) || m.Failure != "" || m.Outcome != Unknown {
		t.Errorf("%+v, %v", m, err)
	}
	m.Claim(noon, Usual)
	m.Refused("429", 0, 0, noon)
	if m.State != Pending || m.DueAt.Sub(noon) != firstDelay {
		t.Errorf("attempts do not begin anew: %+v", m)
	}
	if err := m.TryAgain(noon); err == nil {
		t.Error("one that waits is tried again")
	}
}

// Whatever happens in whatever order: only a person moves a message on from its end,
// one that is not at its end is due some day soon, no two senders hold it at once,
// and there are no more copies than one and one for each doubt; and no extra copy
// where the provider's reports arrive before the grace is over.
func TestLifeOfAMessage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := Usual
		prompt := rapid.Bool().Draw(t, "prompt reports")
		m := &Message{State: Pending, DueAt: time.Unix(0, 0)}
		now := noon
		var held time.Time // until when a sender has the lease
		copies, unreported := 0, 0
		wait := int64(8 * time.Hour)
		if prompt {
			wait = int64(4 * time.Minute)
		}
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			before := *m
			now = now.Add(time.Duration(rapid.Int64Range(0, wait).Draw(t, "passes")))
			holds := m.State == Sending && now.Before(held)
			switch rapid.SampledFrom([]string{"take up", "take up", "taken", "refused", "time-out", "lost", "reported", "drop"}).Draw(t, "step") {
			case "take up":
				switch {
				case !m.Due(now, now):
				case m.Expired(now):
					m.Doubt("no outcome", 0, now, now, terms)
				default:
					if now.Before(held) {
						t.Fatalf("two senders hold it: %+v", m)
					}
					m.Claim(now, terms)
					held = m.DueAt
				}
			case "taken":
				if holds {
					copies++
					m.Took("id", now)
				}
			case "refused":
				if holds {
					m.Refused("refused", time.Duration(rapid.Int64().Draw(t, "retry after")), 0.3, now)
					held = time.Time{}
				}
			case "time-out": // it may have gone
				if holds {
					if rapid.Bool().Draw(t, "it went") {
						copies, unreported = copies+1, unreported+1
					}
					m.Doubt("no answer", 0, now, now, terms)
					held = time.Time{}
				}
			case "lost": // the sender is killed after it went
				if holds {
					copies, unreported = copies+1, unreported+1
					now = held // its lease runs out
				}
			case "reported":
				if unreported > 0 {
					m.Report(Report{Attempt: m.Attempts, Outcome: Delivered, At: now}, 0, noon)
				}
			case "drop":
				if holds && rapid.IntRange(0, 9).Draw(t, "gone") == 0 {
					m.Drop("gone")
				}
			}
			// Reports arrive before anybody takes a doubtful one up again.
			if prompt && unreported > 0 && (m.State == InDoubt || m.State == Sending && !now.Before(held)) {
				m.Report(Report{Attempt: m.Attempts, Outcome: Delivered, At: now}, 0, noon)
			}
			if before.State.Final() && (m.State != before.State && !(before.State == SetAside && m.State == Sent)) {
				t.Fatalf("it moved on from its end: %+v to %+v", before, m)
			}
			// Whoever looks for what is to be done asks for times only.
			if m.State.Final() != m.DueAt.IsZero() || m.State.Final() && !m.TriedAt.IsZero() {
				t.Fatalf("due at %v, tried at %v: %+v", m.DueAt, m.TriedAt, m)
			}
			if !m.State.Final() && m.DueAt.Sub(now) > 24*time.Hour {
				t.Fatalf("due in %v", m.DueAt.Sub(now))
			}
			doubts := m.Doubts
			if m.Expired(now) || m.Outcome != Unknown { // not counted yet, or settled by the report
				doubts++
			}
			if m.Attempts > MaxAttempts || copies > 1+doubts || prompt && copies > 1 {
				t.Fatalf("%d copies: %+v", copies, m)
			}
		}
	})
}

func TestQuotaIsNeverExceeded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		perMinute := rapid.IntRange(1, 6000).Draw(t, "a minute")
		q, now := new(Quota), noon
		took, strangers := map[time.Time]int{}, map[time.Time]int{}
		for range rapid.IntRange(1, 60).Draw(t, "takes") {
			// Clocks of senders differ, so that a window can seem to come back.
			now = now.Add(time.Duration(rapid.Int64Range(-int64(2*time.Second), int64(8*time.Second)).Draw(t, "passes")))
			took[q.Window.Truncate(Window)] += 0
			lane := rapid.SampledFrom(Lanes).Draw(t, "lane")
			n := q.Reserve(lane, perMinute, now)
			took[q.Window] += n
			if lane == Strangers {
				strangers[q.Window] += n
			}
			if 2*strangers[q.Window] > max(1, perMinute/6)+1 {
				t.Fatalf("%d strangers of %d a minute in ten seconds", strangers[q.Window], perMinute)
			}
			if n < 0 || took[q.Window] > max(1, perMinute/6) {
				t.Fatalf("%d of %d a minute in ten seconds", took[q.Window], perMinute)
			}
		}
	})
	q := new(Quota)
	for i, want := range []int{25, 25, 25, 25, 0, 0} {
		if got := q.Reserve(Known, 600, noon); got != want {
			t.Errorf("take %d: %d, want %d", i, got, want)
		}
	}
	if got := q.Reserve(Known, 600, Next(noon)); got != 25 {
		t.Errorf("in the next window: %d", got)
	}
}

// Strangers may have half of a quota, whatever its size: the other half is there for who is
// known, also after them; and what those have used, strangers may not use again.
func TestStrangersMayHaveHalfOfAQuota(t *testing.T) {
	t.Parallel()
	all := func(q *Quota, lane Lane, perMinute int, now time.Time) (n int) {
		for {
			part := q.Reserve(lane, perMinute, now)
			if n += part; part == 0 {
				return n
			}
		}
	}
	for perMinute := 1; perMinute < 700; perMinute += 5 {
		q, most, strangers := new(Quota), max(1, perMinute/6), 0
		for i := range 6 {
			now := noon.Add(time.Duration(i) * Window)
			n := all(q, Strangers, perMinute, now)
			strangers += n
			if left := all(q, Known, perMinute, now); left != most-n || left < most/2 {
				t.Errorf("%d a minute: strangers had %d, and left %d", perMinute, n, left)
			}
		}
		if strangers != 3*most {
			t.Errorf("%d a minute: strangers had %d of %d", perMinute, strangers, 6*most)
		}
		q = new(Quota)
		if n := all(q, Known, perMinute, noon) + all(q, Strangers, perMinute, noon); n != most {
			t.Errorf("%d a minute: %d in a window of %d", perMinute, n, most)
		}
	}
}

// A code is told once, and kept no longer than the message can still be sent.
func TestCodeGoesWithTheEndOfItsMessage(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		step func(m *Message)
		kept bool
	}{
		"claimed":        {func(m *Message) { m.Claim(noon, Usual) }, true},
		"put off":        {func(m *Message) { m.Wait(noon) }, true},
		"refused":        {func(m *Message) { m.Refused("429", 0, 0, noon) }, true},
		"in doubt":       {func(m *Message) { m.Doubt("no answer", 0, noon, noon, Usual) }, true},
		"taken":          {func(m *Message) { m.Took("id", noon) }, false},
		"not wanted":     {func(m *Message) { m.Drop("it is too late for it") }, false},
		"put aside":      {func(m *Message) { m.PutAside("refused for good") }, false},
		"given up at it": {func(m *Message) { m.Attempts = MaxAttempts; m.Refused("429", 0, 0, noon) }, false},
	} {
		m := &Message{State: Pending, Code: "042817"}
		if row.step(m); (m.Code != "") != row.kept {
			t.Errorf("%s: the code is %q", name, m.Code)
		}
	}
}
