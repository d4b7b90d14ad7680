// Package devicecode is the short code that a person is sent by email, and gives on a
// device that was not seen before, to read there what they wrote themselves: how long it
// is good for, how often it can be asked for and tried, and how it is read as people type
// and paste it.
//
// It shows that whoever has the link reads the mailbox as well, and keeps out who has the
// link alone. It is no second factor: both come to the same mailbox.
package devicecode

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/cascading-leadership/cascade/shared/text"
)

const (
	// Digits are how many a code has.
	Digits = 6
	// Life is for how long a code is good.
	Life = 15 * time.Minute
	// MostSent is how many codes a person is sent in an hour at most, and MostTries how
	// often all of them can be tried in an hour: who guesses has a chance of one in 40,000.
	MostSent, MostTries = 5, 25
	// MostTriesEach is how often one code can be tried.
	MostTriesEach = 5
)

// window is the time in which codes and tries are counted.
const window = time.Hour

// Of is the code that follows from a hash of eight bytes or more. No code is more likely
// than another by as much as one in 10^13.
func Of(hash []byte) string {
	return fmt.Sprintf("%0*d", Digits, binary.BigEndian.Uint64(hash)%1_000_000)
}

// Read is a code as somebody typed or pasted it: with spaces and dashes between, in digits
// of full width, with characters that nobody sees. ok is whether it has the form of one.
func Read(typed string) (code string, ok bool) {
	code = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '−' {
			return -1
		}
		return r
	}, norm.NFKC.String(text.Tidy(typed)))
	return code, len(code) == Digits && !strings.ContainsFunc(code, func(r rune) bool { return r < '0' || r > '9' })
}

// Codes are what one person was sent lately, and how often that was tried. The zero Codes
// are of somebody who was sent none.
type Codes struct {
	ID   string `firestore:"-"` // the person's, see enrolment.PersonOf
	Sent []Sent `firestore:"sent"`
	// TriedAt are the tries of the last hour.
	TriedAt []time.Time `firestore:"triedAt"`
	// ExpireAt is the time-to-live field: by then nothing of it counts any more.
	ExpireAt  time.Time `firestore:"expireAt"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next; the zero
	// time where there is none yet.
	Version time.Time `firestore:"-"`
}

// Sent is one code. It is not kept: it follows from the nonce by a key.
type Sent struct {
	Nonce string    `firestore:"nonce"`
	At    time.Time `firestore:"at"`
	Tries int       `firestore:"tries"`
	// Used says that it was given once.
	Used bool `firestore:"used"`
}

// recent reports whether something still counts.
func recent(at, now time.Time) bool { return now.Before(at.Add(window)) }

// forget drops what counts no more.
func (c *Codes) forget(now time.Time) {
	c.Sent = slices.DeleteFunc(c.Sent, func(s Sent) bool { return !recent(s.At, now) })
	c.TriedAt = slices.DeleteFunc(c.TriedAt, func(at time.Time) bool { return !recent(at, now) })
	c.ExpireAt = now.Add(2 * window)
}

// SendFrom is from when on the person can be sent one more code: now, or when one of those
// that they were sent, or of their tries, is an hour old.
func (c *Codes) SendFrom(now time.Time) time.Time {
	from := c.TryFrom(now)
	if at := freeFrom(c.sentAt(), MostSent, now); at.After(from) {
		from = at
	}
	return from
}

// TryFrom is from when on they can try one more time.
func (c *Codes) TryFrom(now time.Time) time.Time { return freeFrom(c.TriedAt, MostTries, now) }

func (c *Codes) sentAt() []time.Time {
	all := make([]time.Time, len(c.Sent))
	for i, s := range c.Sent {
		all[i] = s.At
	}
	return all
}

// freeFrom is from when on fewer than most of some times are within the last hour.
func freeFrom(times []time.Time, most int, now time.Time) time.Time {
	times = slices.DeleteFunc(slices.Clone(times), func(at time.Time) bool { return !recent(at, now) })
	if len(times) < most {
		return now
	}
	slices.SortFunc(times, time.Time.Compare)
	return times[len(times)-most].Add(window)
}

// Send records that a code is sent, and reports whether it may be.
func (c *Codes) Send(nonce string, now time.Time) bool {
	c.forget(now)
	if c.SendFrom(now).After(now) {
		return false
	}
	c.Sent = append(c.Sent, Sent{Nonce: nonce, At: now})
	return true
}

// Outcome is what came of giving a code.
type Outcome string

// The outcomes. After Right and Wrong the Codes have changed, and nothing may be said to
// whoever tried until that is written: so each try counts, however many come at once.
const (
	Right   Outcome = "right"
	Wrong   Outcome = "wrong"
	Old     Outcome = "old"      // it was used or is over, or nobody knows it
	Spent   Outcome = "spent"    // it was tried too often
	TooMany Outcome = "too many" // too many were tried: see TryFrom
)

// Try records that somebody tries the code of a nonce; right says whether what they gave
// is it.
func (c *Codes) Try(nonce string, right bool, now time.Time) Outcome {
	c.forget(now)
	i := slices.IndexFunc(c.Sent, func(s Sent) bool { return s.Nonce == nonce })
	switch {
	case c.TryFrom(now).After(now):
		return TooMany
	case i < 0 || c.Sent[i].Used || !now.Before(c.Sent[i].At.Add(Life)):
		return Old
	case c.Sent[i].Tries >= MostTriesEach:
		return Spent
	}
	c.TriedAt = append(c.TriedAt, now)
	c.Sent[i].Tries++
	if c.Sent[i].Used = right; right {
		return Right
	}
	return Wrong
}
