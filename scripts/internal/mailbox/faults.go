package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Faults are what a mailbox does beside taking emails and telling what became of
// them. The zero value does nothing beside.
type Faults struct {
	// Seed makes choices. The same seed chooses the same for the nth time that one
	// message is sent, in whatever order messages come.
	Seed uint64 `json:"seed"`
	// Shares are those of requests, 0 to 1, that meet each of Kinds.
	Shares map[string]float64 `json:"shares,omitempty"`
	// Hang, Slow and RetryAfter are the times that kinds of those names take and ask
	// for: a minute, five seconds and two seconds where they are 0.
	Hang       Duration `json:"hang,omitempty"`
	Slow       Duration `json:"slow,omitempty"`
	RetryAfter Duration `json:"retryAfter,omitempty"`
	// Account is what is wrong with the sender's account, for which every email is taken
	// and then dropped: quota, header or spam-check.
	Account string `json:"account,omitempty"`
	Events  struct {
		// Drop and Double are the shares of events that never come, and that come twice.
		Drop   float64 `json:"drop,omitempty"`
		Double float64 `json:"double,omitempty"`
		// Delay is the most that each event waits, at random, so that events overtake
		// each other; Shuffle does that with a quarter of a second.
		Delay   Duration `json:"delay,omitempty"`
		Shuffle bool     `json:"shuffle,omitempty"`
	} `json:"events,omitzero"`
}

// Duration is written as 1m30s.
type Duration time.Duration

// MarshalText writes it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads it.
func (d *Duration) UnmarshalText(text []byte) error {
	read, err := time.ParseDuration(string(text))
	if err == nil && read < 0 {
		err = errors.New("a time is not below zero")
	}
	*d = Duration(read)
	return err
}

func (d Duration) or(usual time.Duration) time.Duration {
	if d == 0 {
		return usual
	}
	return time.Duration(d)
}

// kind is one thing that a provider does instead of taking an email and saying so.
type kind struct {
	name, about string
	// taken is whether the email is taken all the same, and clear whether the answer
	// says which: it need not, where it did not come or came from a gateway.
	taken, clear bool
	answer       func(w http.ResponseWriter, r *http.Request, f Faults)
}

// Kinds are all that can happen to a request, in the order in which shares are
// chosen from.
var kinds = []kind{
	{"429", "too many requests, without a time", false, true, func(w http.ResponseWriter, _ *http.Request, _ Faults) {
		refuse(w, http.StatusTooManyRequests, "too many requests")
	}},
	{"429-retry-after", "the same with Retry-After", false, true, func(w http.ResponseWriter, _ *http.Request, f Faults) {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.or(2*time.Second).Seconds()))))
		refuse(w, http.StatusTooManyRequests, "too many requests")
	}},
	{"429-reset", "the same with X-RateLimit-Reset", false, true, func(w http.ResponseWriter, _ *http.Request, f Faults) {
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(f.RetryAfter.or(2*time.Second)).Add(time.Second).Unix(), 10))
		refuse(w, http.StatusTooManyRequests, "too many requests")
	}},
	{"503", "not available", false, true, func(w http.ResponseWriter, _ *http.Request, _ Faults) {
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
	}},
	{"400", "refused for good", false, true, func(w http.ResponseWriter, _ *http.Request, _ Faults) {
		refuse(w, http.StatusBadRequest, "Bad Request")
	}},
	{"redirect", "a redirect to where it would be taken", false, true, func(w http.ResponseWriter, r *http.Request, _ Faults) {
		w.Header().Set("Location", r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}},
	{"500-before", "an error before it is taken", false, false, func(w http.ResponseWriter, _ *http.Request, _ Faults) {
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
	}},
	{"502-after", "a gateway's error after it is taken", true, false, func(w http.ResponseWriter, _ *http.Request, _ Faults) {
		http.Error(w, "<html>502 Bad Gateway</html>", http.StatusBadGateway)
	}},
	{"hang-before", "no answer for the time hang, before it is taken", false, false, hang},
	{"hang-after", "no answer for the time hang, after it is taken", true, false, hang},
	{"reset-before", "the connection reset before it is taken", false, false, reset},
	{"reset-after", "the connection reset after it is taken", true, false, reset},
	{"slow", "taken, and answered after the time slow", true, true, func(w http.ResponseWriter, r *http.Request, f Faults) {
		wait(r.Context(), f.Slow.or(5*time.Second))
		w.WriteHeader(http.StatusAccepted)
	}},
	{"garbage", "taken, with an answer that breaks off in nonsense", true, true, func(w http.ResponseWriter, _ *http.Request, _ Faults) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "{\"errors\":[\xff\x00<html>")
	}},
	{"401", "the key is not one that it knows", false, true, func(w http.ResponseWriter, _ *http.Request, _ Faults) {
		refuse(w, http.StatusUnauthorized, "The provided authorization grant is invalid, expired, or revoked")
	}},
}

// Kinds describes all that can happen to a request, a line each.
func Kinds() string {
	text := ""
	for _, k := range kinds {
		text += fmt.Sprintf("  %-16s %s\n", k.name, k.about)
	}
	return text
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func hang(_ http.ResponseWriter, r *http.Request, f Faults) {
	wait(r.Context(), f.Hang.or(time.Minute))
	panic(http.ErrAbortHandler)
}

func reset(w http.ResponseWriter, _ *http.Request, _ Faults) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // what is not sent is lost, and the other side learns it at once
		}
		c.Close()
		return
	}
	panic(http.ErrAbortHandler)
}

// check says what is wrong with faults.
func (f Faults) check() error {
	left, sum := len(f.Shares), 0.0
	for _, k := range kinds {
		share, there := f.Shares[k.name]
		if there {
			left--
		}
		if !(share >= 0 && share <= 1) {
			return fmt.Errorf("the share of %s is %v: shares are 0 to 1", k.name, share)
		}
		sum += share
	}
	if left > 0 {
		return errors.New("a share is of something that cannot happen; what can:\n" + Kinds())
	}
	if sum > 1+1e-9 {
		return fmt.Errorf("the shares are %v together, and 1 at the most", sum)
	}
	if _, known := accountFaults[f.Account]; f.Account != "" && !known {
		return errors.New("an account's fault is quota, header or spam-check")
	}
	for _, share := range []float64{f.Events.Drop, f.Events.Double} {
		if !(share >= 0 && share <= 1) {
			return fmt.Errorf("the share of events is %v: shares are 0 to 1", share)
		}
	}
	return nil
}

// ParseFaults reads faults as JSON, and refuses what it does not know.
func ParseFaults(r io.Reader) (f Faults, err error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return f, errors.New("more than one object")
	}
	return f, f.check()
}

// random are the choices about one thing, whenever it comes.
func (f Faults) random(about string, n int) *rand.Rand {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s\x00%d", about, n)
	return rand.New(rand.NewPCG(f.Seed, h.Sum64()))
}

// choose is what happens to a message's nth request, or nil.
func (f Faults) choose(message string, n int) *kind {
	at := f.random(message, n).Float64()
	for i, k := range kinds {
		if at -= f.Shares[k.name]; at < 0 {
			return &kinds[i]
		}
	}
	return nil
}

// Attempts are the requests for one message, by its custom argument.
type Attempts struct {
	Asked int `json:"asked"`
	Taken int `json:"taken"`
	// Unclear are those whose answer did not come, or did not say whether the email
	// was taken: as often may it be sent once more than it should.
	Unclear int `json:"unclear"`
}

// SetFaults changes the faults from now on.
func (b *Mailbox) SetFaults(f Faults) error {
	if err := f.check(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = f
	return nil
}

// attempt counts a request and chooses what happens to it.
func (b *Mailbox) attempt(message string) (*kind, Faults) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.attempts[message]
	if a == nil {
		a = new(Attempts)
		b.attempts[message] = a
	}
	a.Asked++
	k := b.faults.choose(message, a.Asked)
	name := "taken"
	switch {
	case k == nil:
		a.Taken++
	default:
		name = k.name
		if k.taken {
			a.Taken++
		}
		if !k.clear {
			a.Unclear++
		}
	}
	b.happened[name]++
	return k, b.faults
}

// control serves PUT and GET of /mailbox/faults: the faults, and what has happened.
func (b *Mailbox) control(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		f, err := ParseFaults(http.MaxBytesReader(w, r.Body, 1<<20))
		if err == nil {
			err = b.SetFaults(f)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
		return
	}
	b.mu.Lock()
	text, err := json.Marshal(map[string]any{"faults": b.faults, "happened": b.happened})
	b.mu.Unlock()
	answer(w, text, err)
}

// requests serves what was asked for each message.
func (b *Mailbox) requests(w http.ResponseWriter, _ *http.Request) {
	b.mu.Lock()
	text, err := json.Marshal(b.attempts)
	b.mu.Unlock()
	answer(w, text, err)
}

func answer(w http.ResponseWriter, text []byte, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // the asker went away
}
