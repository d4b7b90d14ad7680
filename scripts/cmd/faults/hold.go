package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
)

// holder stops a sender between its claim of messages and their sending, which a
// signal at a random moment hardly ever meets: the sender has its database behind a
// proxy of its own, which stops the process before it passes on the answer to a claim.
type holder struct {
	at     *place
	proxy  *proxy
	sender *worker

	mu     sync.Mutex
	waits  bool // for the next claim
	holds  bool
	claims []claim // that were answered while it held
}

// claim is a message that one attempt leased, and when.
type claim struct {
	message string
	attempt int
	at      time.Time
}

// newHolder puts a proxy before the emulator, which takes a while for each commit.
func (at *place) newHolder() (*holder, error) {
	p, err := newProxy(at.ground.host)
	if err != nil {
		return nil, err
	}
	at.closers = append(at.closers, p.stop)
	h := &holder{at: at, proxy: p}
	p.set(func(c call) verdict {
		if c.method != "Commit" {
			return verdict{}
		}
		v := verdict{wait: commitTakes}
		if claims := c.claims(); len(claims) > 0 {
			v.made = func() { h.claimed(claims) }
		}
		return v
	})
	return h, nil
}

// environment has a worker find the database behind the proxy. An answer that waited
// for a process to go on still counts then, however long that was.
func (h *holder) environment() []string {
	return []string{"FIRESTORE_EMULATOR_HOST=" + h.proxy.host, sabotage.StoreDeadline + "=1m"}
}

// claimed stops the sender where it was waited for, and notes the claims of whose
// answers it hears only when it goes on.
func (h *holder) claimed(claims map[string]int) {
	h.mu.Lock()
	if h.waits {
		h.waits = false
		if err := h.sender.halt(); err == nil {
			h.holds = true
		}
	}
	holds := h.holds
	if holds {
		for message, attempt := range claims {
			h.claims = append(h.claims, claim{message, attempt, time.Now()})
		}
	}
	h.mu.Unlock()
	if holds {
		time.Sleep(50 * time.Millisecond) // a process does not stop at once
	}
}

// hold stops the sender at its next claim, until what it claimed can be taken over or,
// if bereft, was sent by another of whose email the provider has told.
func (h *holder) hold(ctx context.Context, bereft bool) {
	h.mu.Lock()
	h.waits, h.holds = true, false
	since := len(h.claims)
	h.mu.Unlock()
	held := func() []claim {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.claims[since:len(h.claims):len(h.claims)]
	}
	err := until(ctx, 10*time.Second, "a claim", func() bool { return len(held()) > 0 })
	if err == nil {
		h.at.count("senders held at a claim", 1)
		pause(ctx, lease+time.Second+h.at.random.upTo(lease))
		if bereft {
			// In vain where the provider refuses it again and again, which is no matter.
			_ = until(ctx, 2*(lease+grace), "another sender's email", func() bool { return h.at.provider.toldOf(held()) })
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waits, h.holds = false, false
	h.sender.resume()
}

// toldOf reports whether events about all these messages were accepted.
func (p *provider) toldOf(claims []claim) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range claims {
		told := false
		for _, r := range p.requests[c.message] {
			told = told || !r.reported.IsZero()
		}
		if !told {
			return false
		}
	}
	return true
}

// fenced checks that no sender that was held handed over an email when another could
// have had its message already: the provider sees which attempt that was.
func (h *holder) fenced() (held int) {
	h.mu.Lock()
	claims := h.claims
	h.mu.Unlock()
	h.at.count("claims held", len(claims))
	h.at.provider.mu.Lock()
	defer h.at.provider.mu.Unlock()
	for _, c := range claims {
		for _, r := range h.at.provider.requests[c.message] {
			if late := r.at.Sub(c.at); r.attempt == c.attempt && late > lease {
				h.at.violation("fence: %s was handed over %v after attempt %d had leased it for %v", c.message, late.Round(time.Millisecond), c.attempt, lease)
			}
		}
	}
	return len(claims)
}

// checkHolders checks what the held senders did. A row that held none would prove
// nothing.
func checkHolders(all []*holder, most int) error {
	held := 0
	for _, h := range all {
		held += h.fenced()
	}
	if most > 0 && held == 0 {
		return fmt.Errorf("no sender was held at a claim, of %d that were to be", most)
	}
	return nil
}
