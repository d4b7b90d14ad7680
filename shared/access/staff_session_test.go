package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var nine = time.Date(2026, time.November, 30, 9, 0, 0, 0, time.UTC)

func TestStaffSessionEndsWithoutUseAndWithTheDay(t *testing.T) {
	t.Parallel()
	l := UsualLimits
	s := l.Begin("id", "morgan", ByLink, "", nine)
	for _, row := range []struct {
		at   time.Duration
		open bool
	}{{0, true}, {l.Idle - 1, true}, {l.Idle, false}, {l.Absolute, false}} {
		if got := s.Open(l, nine.Add(row.at)); got != row.open {
			t.Errorf("unused, after %v: open is %v", row.at, got)
		}
	}
	for at := time.Duration(0); at < l.Absolute; at += time.Hour {
		if !s.Open(l, nine.Add(at)) {
			t.Fatalf("used every hour, it is over after %v", at)
		}
		s.Use(nine.Add(at))
	}
	if s.Open(l, nine.Add(l.Absolute)) {
		t.Error("whoever goes on is signed in for ever")
	}
	if shorter := (SessionLimits{Idle: time.Hour, Absolute: 2 * time.Hour}); l.Begin("id", "morgan", ByLink, "", nine).Open(shorter, nine.Add(time.Hour)) || s.Open(shorter, nine.Add(11*time.Hour)) {
		t.Error("limits that were made shorter do not hold for who is signed in already")
	}
}

// However often pages are opened, a session is written once in five minutes, and never
// ends for want of a use that was not written by more than these.
func TestUseIsWrittenNowAndThen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, at, written := UsualLimits.Begin("id", "morgan", ByLink, "", nine), nine, nine
		for range rapid.IntRange(1, 50).Draw(t, "pages") {
			at = at.Add(time.Duration(rapid.Int64Range(0, int64(20*time.Minute)).Draw(t, "pause")))
			if !s.Open(UsualLimits, at) && at.Before(s.ExpireAt) {
				t.Fatalf("over at %v, seen at %v", at, s.SeenAt)
			}
			if s.Use(at) {
				if at.Sub(written) < seenEvery {
					t.Fatalf("written after %v", at.Sub(written))
				}
				written = at
			}
			if !s.SeenAt.Equal(written) || at.Sub(s.SeenAt) >= seenEvery {
				t.Fatalf("at %v it is seen at %v", at, s.SeenAt)
			}
		}
	})
}

func TestSurplusAreThoseThatAreOverAndTheLongestUnused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var all []*StaffSession
		for i := range rapid.IntRange(0, 30).Draw(t, "sessions") {
			all = append(all, UsualLimits.Begin(fmt.Sprint(i), "morgan", ByLink, "", nine.Add(-time.Duration(rapid.IntRange(0, 200).Draw(t, "minutes"))*time.Minute)))
		}
		ended := Surplus(all, UsualLimits, nine)
		var left []*StaffSession
		for _, s := range all {
			if !slices.Contains(ended, s) {
				left = append(left, s)
			}
		}
		if len(left)+len(ended) != len(all) || len(left) >= MaxStaffSessions {
			t.Fatalf("of %d, %d end and %d are left", len(all), len(ended), len(left))
		}
		for _, e := range ended {
			if !e.Open(UsualLimits, nine) {
				continue
			}
			if len(left) < MaxStaffSessions-1 {
				t.Fatal("an open one ends, and there is room")
			}
			for _, l := range left {
				if l.SeenAt.Before(e.SeenAt) {
					t.Fatalf("one seen at %v ends, and one seen at %v is left", e.SeenAt, l.SeenAt)
				}
			}
		}
		for _, l := range left {
			if !l.Open(UsualLimits, nine) {
				t.Fatal("one that is over is left")
			}
		}
	})
}

func TestLimitsAreChecked(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		idle, absolute time.Duration
		good           bool
	}{
		{UsualLimits.Idle, UsualLimits.Absolute, true}, {15 * time.Minute, 15 * time.Minute, true}, {168 * time.Hour, 168 * time.Hour, true},
		{0, 0, false}, {-time.Hour, time.Hour, false}, {14 * time.Minute, time.Hour, false}, {2 * time.Hour, time.Hour, false}, {time.Hour, 169 * time.Hour, false},
	} {
		if err := (SessionLimits{row.idle, row.absolute}).Check(); (err == nil) != row.good {
			t.Errorf("%v and %v: %v", row.idle, row.absolute, err)
		}
	}
	for l, want := range map[SessionLimits]string{
		UsualLimits:                   "for 12 hours, or until you have not opened a page for 2 hours",
		{90 * time.Minute, time.Hour}: "for 1 hour, or until you have not opened a page for 90 minutes",
	} {
		if got := l.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestBrowsersAreNamedInWords(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36":                        "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0":          "Edge on Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0":                                                                 "Firefox on Linux",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15":                  "Safari on a Mac",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156.0 Mobile/15E148 Safari/604.1": "Chrome on an iPhone",
		"Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36":       "Samsung Internet on Android",
		"curl/8.14.1":                       "A browser",
		"":                                  "A browser",
		"<script>alert(1)</script> Windows": "A browser on Windows",
	} {
		if got := Browser(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}

// Nothing of a header is kept but our own words for it.
func FuzzBrowser(f *testing.F) {
	f.Add("Mozilla/5.0 (Windows NT 10.0) Firefox/150.0 morgan@example.org")
	known := map[string]bool{"A browser": true}
	for _, b := range append(slices.Clone(browsers), [2]string{"", "A browser"}) {
		known[b[1]] = true
		for _, s := range systems {
			known[b[1]+" on "+s[1]] = true
		}
	}
	f.Fuzz(func(t *testing.T, agent string) {
		if got := Browser(agent); !known[got] || strings.Contains(got, "@") {
			t.Fatalf("%q is %q", agent, got)
		}
	})
}
