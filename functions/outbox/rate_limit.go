package outbox

import (
	"context"
	"crypto/sha256"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/cascading-leadership/cascade/shared/id"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

var limited = telemetry.Counter("cascade.messages.limited", "Emails that had to wait since a limit of emails a minute was used up, by limit")

// limit takes the programme's and the domain's share for what a plan sends, and returns
// what is left of the plan. An email for a domain that may be sent no more waits for
// the next window; a programme that may send no more is paused.
func (s *sender) limit(ctx context.Context, p *plan, at moment) (left *plan, paused bool, err error) {
	if p.bundle == nil {
		return p, false, nil
	}
	full, err := s.limits.acquire(ctx, p.bundle, at.server)
	if err != nil || full == "" {
		return p, false, err
	}
	limited.Add(ctx, 1, metric.WithAttributes(attribute.String("limit", full)))
	if full == ofProgramme {
		return &plan{changed: p.changed}, true, nil
	}
	lead := p.bundle.lead
	putOff(lead, at.programme.Add(outbox.Next(at.server).Sub(at.server)), at)
	return &plan{changed: append(p.changed, lead)}, false, nil
}

// limiter keeps all senders together to so many emails a minute, for each programme and
// for each domain of recipients. Each sender takes a share of a window's emails at
// once from a document that all read, and uses it up before it takes the next.
type limiter struct {
	store                   *store.Store
	perProgramme, perDomain int

	mu     sync.Mutex
	shares map[string]*share
}

// share is what this sender may still send of a quota in a window.
type share struct {
	mu     sync.Mutex // one at a time asks for the next share
	window time.Time
	left   int
	empty  bool // the window's emails are used up, by whomever
}

func newLimiter(s *store.Store, c Config) *limiter {
	return &limiter{store: s, perProgramme: c.PerProgramme, perDomain: c.PerDomain, shares: map[string]*share{}}
}

// The two quotas of an email.
const (
	ofProgramme = "programme"
	ofDomain    = "domain"
)

// quotas are the ids of a bundle's two quotas. A domain may name an organisation, so the
// id does not.
func quotas(b *bundle) (programme, domain string) {
	_, address := b.about[0].address()
	sum := sha256.Sum256([]byte(strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])))
	return ofProgramme + "-" + b.lead.Programme, ofDomain + "-" + id.FromHash(sum[:])
}

// acquire takes one email of a programme's quota and of its domain's. Where one has
// none left, it takes nothing and says which is full.
func (l *limiter) acquire(ctx context.Context, b *bundle, server time.Time) (full string, err error) {
	programme, domain := quotas(b)
	free, err := l.acquireOne(ctx, programme, l.perProgramme, server)
	if err != nil || !free {
		return ofProgramme, err
	}
	free, err = l.acquireOne(ctx, domain, l.perDomain, server)
	if err != nil || !free {
		l.releaseOne(programme)
		return ofDomain, err
	}
	return "", nil
}

// release gives back an email that was taken and not sent.
func (l *limiter) release(b *bundle) {
	programme, domain := quotas(b)
	l.releaseOne(programme)
	l.releaseOne(domain)
}

// most bounds how many quotas are remembered; forgetting one only asks again.
const most = 1000

// acquireOne takes one email of a quota, and reports whether there was one left.
func (l *limiter) acquireOne(ctx context.Context, quota string, perMinute int, server time.Time) (bool, error) {
	if perMinute == 0 {
		return true, nil
	}
	l.mu.Lock()
	mine, ok := l.shares[quota]
	if !ok {
		if len(l.shares) >= most {
			clear(l.shares)
		}
		mine = new(share)
		l.shares[quota] = mine
	}
	l.mu.Unlock()

	mine.mu.Lock()
	defer mine.mu.Unlock()
	if window := server.Truncate(outbox.Window); window.After(mine.window) {
		mine.window, mine.left, mine.empty = window, 0, false
	}
	for mine.left == 0 && !mine.empty {
		q, err := l.store.Quota(ctx, quota)
		if err != nil {
			return false, err
		}
		n := q.Take(perMinute, server)
		if n == 0 {
			mine.empty = true
			break
		}
		c := l.store.Commit()
		c.SaveQuota(q)
		if err := c.Do(ctx); store.IsConflict(err) {
			continue // another sender took a share
		} else if err != nil {
			return false, err
		}
		mine.left = n
	}
	if mine.left == 0 {
		return false, nil
	}
	mine.left--
	return true, nil
}

func (l *limiter) releaseOne(quota string) {
	l.mu.Lock()
	mine, ok := l.shares[quota]
	l.mu.Unlock()
	if ok {
		mine.mu.Lock()
		defer mine.mu.Unlock()
		mine.left++
	}
}
