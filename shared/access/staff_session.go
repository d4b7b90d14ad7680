package access

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// StaffSession is that a member of staff is signed in, in one browser: a record, so that
// it can be ended from anywhere. Whoever has its token is them, while it is open.
type StaffSession struct {
	// ID is a keyed hash of the token in the browser's cookie, which is stored nowhere.
	ID    string `firestore:"-"`
	Staff string `firestore:"staff"`
	// Browser tells one's own browsers apart, in words such as "Firefox on Windows".
	Browser string `firestore:"browser"`
	// Way is how they signed in.
	Way       Way       `firestore:"way"`
	CreatedAt time.Time `firestore:"createdAt"`
	// SeenAt is when it was last used, as Use keeps it.
	SeenAt time.Time `firestore:"seenAt"`
	// ExpireAt is the time-to-live field, and its absolute end.
	ExpireAt time.Time `firestore:"expireAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// seenEvery is how often it is kept that a session is used, so that pages opened one after
// another do not each write its document.
const seenEvery = 5 * time.Minute

// MaxStaffSessions is how many a member of staff has at most: one more ends the one that
// was longest unused.
const MaxStaffSessions = 10

// SessionLimits are how long a member of staff stays signed in.
type SessionLimits struct {
	Idle     time.Duration // without a page being opened
	Absolute time.Duration // whatever they do
}

// UsualLimits are two hours, so that a long meeting signs nobody out, and twelve, so that
// nobody signs in twice on one working day, nor is still signed in on the next.
var UsualLimits = SessionLimits{Idle: 2 * time.Hour, Absolute: 12 * time.Hour}

// Check says what is wrong with limits, or nil. An idle limit near to what is kept of a
// use would sign out who is at work.
func (l SessionLimits) Check() error {
	switch {
	case l.Idle < 3*seenEvery:
		return fmt.Errorf("the idle limit is %v: it can be %v or more", l.Idle, 3*seenEvery)
	case l.Absolute < l.Idle:
		return fmt.Errorf("the absolute limit is %v: it cannot be less than the idle limit, %v", l.Absolute, l.Idle)
	case l.Absolute > 7*24*time.Hour:
		return fmt.Errorf("the absolute limit is %v: it can be a week (168h) or less", l.Absolute)
	}
	return nil
}

// String is the limits in words that follow "You stay signed in", such as "for 12 hours,
// or until you have not opened a page for 2 hours".
func (l SessionLimits) String() string {
	return "for " + span(l.Absolute) + ", or until you have not opened a page for " + span(l.Idle)
}

// span is a time in words, in hours where it is some.
func span(d time.Duration) string {
	n, unit := int(d/time.Minute), "minute"
	if d%time.Hour == 0 {
		n, unit = int(d/time.Hour), "hour"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprint(n, " ", unit)
}

// Begin is a new session of a member of staff, in a browser that calls itself userAgent.
func (l SessionLimits) Begin(id, staff string, by Way, userAgent string, now time.Time) *StaffSession {
	return &StaffSession{ID: id, Staff: staff, Way: by, Browser: Browser(userAgent), CreatedAt: now, SeenAt: now, ExpireAt: now.Add(l.Absolute)}
}

// Open reports whether who has the session is signed in at a time.
func (s *StaffSession) Open(l SessionLimits, now time.Time) bool {
	return now.Before(s.ExpireAt) && now.Before(s.CreatedAt.Add(l.Absolute)) && now.Before(s.SeenAt.Add(l.Idle))
}

// Use keeps that the session is used, and reports whether that is to be written.
func (s *StaffSession) Use(now time.Time) bool {
	if now.Before(s.SeenAt.Add(seenEvery)) {
		return false
	}
	s.SeenAt = now
	return true
}

// Surplus are those of a member of staff's sessions that end as one more begins: the ones
// that are over, and the longest unused of more than there can be.
func Surplus(all []*StaffSession, l SessionLimits, now time.Time) []*StaffSession {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b *StaffSession) int { return b.SeenAt.Compare(a.SeenAt) })
	kept := 0
	return slices.DeleteFunc(all, func(s *StaffSession) bool {
		keep := s.Open(l, now) && kept < MaxStaffSessions-1
		if keep {
			kept++
		}
		return keep
	})
}

// The words for browsers and systems, by what they call themselves. A browser names those
// that it wants to be taken for after itself, so that the first one found is meant.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Chromium/", "Chrome"}, {"Safari/", "Safari"}}
	systems = [][2]string{{"Windows", "Windows"}, {"iPhone", "an iPhone"}, {"iPad", "an iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"},
		{"Macintosh", "a Mac"}, {"Linux", "Linux"}}
)

// Browser is a browser and its system in words, from its User-Agent header: nothing of the
// header itself is kept.
func Browser(userAgent string) string {
	browser, system := named(userAgent, browsers), named(userAgent, systems)
	if browser == "" {
		browser = "A browser"
	}
	if system == "" {
		return browser
	}
	return browser + " on " + system
}

func named(text string, words [][2]string) string {
	for _, w := range words {
		if strings.Contains(text, w[0]) {
			return w[1]
		}
	}
	return ""
}
