package outbox

import (
	"context"
	"crypto/sha256"
	"strings"
	"sync"
	"time"

	"github.com/cascading-leadership/cascade/shared/id"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// pace keeps all senders together to so many emails a minute, for each programme and
// for each domain of recipients. Each sender takes a part of a window's emails at
// once from a document that all share, and uses it up before it takes the next.
type pace struct {
	store                   *store.Store
	perProgramme, perDomain int

	mu     sync.Mutex
	shares map[shareOf]*share
}

// shareOf is of which quota a share is, and for which lane: what strangers have left or used
// up says nothing of the others.
type shareOf struct {
	quota string
	lane  outbox.Lane
}

// share is what this sender may still send of a quota in a window.
type share struct {
	mu     sync.Mutex // one at a time asks for the next part
	window time.Time
	left   int
	empty  bool // the window's emails are used up, by whomever, or all that the lane may have
}

func newPace(s *store.Store, c Config) *pace {
	return &pace{store: s, perProgramme: c.PerProgramme, perDomain: c.PerDomain, shares: map[shareOf]*share{}}
}

// The two quotas of an email.
const (
	ofProgramme = "programme"
	ofDomain    = "domain"
)

// domain is the id of a domain's quota. It may name an organisation, so the id does
// not.
func domain(a *about) string {
	_, address := a.recipient()
	sum := sha256.Sum256([]byte(strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])))
	return ofDomain + "-" + id.FromHash(sum[:])
}

// reserve takes one email of its programme's quota and of its domain's, by its lane. Where
// one has none left for it, it takes nothing and says which.
func (p *pace) reserve(ctx context.Context, a *about, server time.Time) (free bool, full string, err error) {
	programme, domain := shares(a)
	free, err = p.reserveOne(ctx, programme, p.perProgramme, server)
	if err != nil || !free {
		return false, ofProgramme, err
	}
	free, err = p.reserveOne(ctx, domain, p.perDomain, server)
	if err != nil || !free {
		p.giveBackOne(programme)
		return false, ofDomain, err
	}
	return true, "", nil
}

// shares are those that an email takes from.
func shares(a *about) (programme, ofDomain shareOf) {
	return shareOf{ofProgramme + "-" + a.Programme, a.Lane}, shareOf{domain(a), a.Lane}
}

// giveBack returns an email that was taken and not sent.
func (p *pace) giveBack(a *about) {
	programme, domain := shares(a)
	p.giveBackOne(programme)
	p.giveBackOne(domain)
}

// most bounds how many quotas are remembered; forgetting one only asks again.
const most = 1000

// reserveOne takes one email of a share, and reports whether there was one left.
func (p *pace) reserveOne(ctx context.Context, of shareOf, perMinute int, server time.Time) (bool, error) {
	if perMinute == 0 {
		return true, nil
	}
	p.mu.Lock()
	mine, ok := p.shares[of]
	if !ok {
		if len(p.shares) >= most {
			clear(p.shares)
		}
		mine = new(share)
		p.shares[of] = mine
	}
	p.mu.Unlock()

	mine.mu.Lock()
	defer mine.mu.Unlock()
	if window := server.Truncate(outbox.Window); window.After(mine.window) {
		mine.window, mine.left, mine.empty = window, 0, false
	}
	for mine.left == 0 && !mine.empty {
		q, err := p.store.Quota(ctx, of.quota)
		if err != nil {
			return false, err
		}
		n := q.Reserve(of.lane, perMinute, server)
		if n == 0 {
			mine.empty = true
			break
		}
		c := p.store.Commit()
		c.SaveQuota(q)
		if err := c.Do(ctx); store.IsConflict(err) {
			continue // another sender took a part
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

func (p *pace) giveBackOne(of shareOf) {
	p.mu.Lock()
	mine, ok := p.shares[of]
	p.mu.Unlock()
	if ok {
		mine.mu.Lock()
		defer mine.mu.Unlock()
		mine.left++
	}
}
