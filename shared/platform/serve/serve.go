// Package serve starts a function. A function's package registers one handler by
// name, and its cmd/main.go calls Main: nothing of starting up is repeated.
//
// With FUNCTION_TARGET set the Functions Framework serves, which is how functions
// run locally and on platforms that build from source. Without it, as in a
// container, the same handler stands under our own http.Server, because the
// framework's has no time-outs, limits or draining.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // an image has no zone files

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	"github.com/GoogleCloudPlatform/functions-framework-go/functions"
	"github.com/sethvargo/go-envconfig"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/device"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

// Config is the environment of every function.
type Config struct {
	Host     string `env:"HOST"`
	Port     string `env:"PORT, default=8080"`
	Target   string `env:"FUNCTION_TARGET"`
	Project  string `env:"GOOGLE_CLOUD_PROJECT, required"`
	Database string `env:"FIRESTORE_DATABASE, default=(default)"`
	// Answers is the database of answers, for the functions that open it, see OpensAnswers.
	Answers   string `env:"FIRESTORE_ANSWERS_DATABASE, default=answers"`
	Emulator  string `env:"FIRESTORE_EMULATOR_HOST"`
	PublicURL string `env:"CASCADE_PUBLIC_URL, required"`
	Keys      KeyConfig
	ClockFile string `env:"CASCADE_CLOCK_FILE"`
	// Deployment is what the privacy notice says of where data goes, for the functions that
	// show it, see ShowsNotice.
	Deployment privacy.Deployment
	// How long staff stay signed in, such as 2h or 90m: see access.SessionLimits.
	StaffIdle     string `env:"CASCADE_STAFF_IDLE_LIMIT"`
	StaffAbsolute string `env:"CASCADE_STAFF_ABSOLUTE_LIMIT"`
	// Budgets are how much strangers may send, to functions that take it.
	Budgets budgets.Config
	// EventsFrom is who may deliver events, as bearer.Parse reads it.
	EventsFrom string `env:"CASCADE_EVENTS_FROM"`
}

// deliverers are those who may deliver a function's events: nil for one that takes none.
func (c Config) deliverers(function string) (*bearer.Verifier, error) {
	if c.EventsFrom == "" && !schedule.Wakes(function) {
		return nil, nil
	}
	if c.EventsFrom == "" {
		return nil, errors.New(bearer.Setting + " is missing: it says who may deliver events, see docs/deploy.md")
	}
	trusted, err := bearer.Parse(c.EventsFrom)
	if err == nil {
		// Issuers go by real time, whatever the programme's date.
		var v *bearer.Verifier
		if v, err = bearer.New(trusted, clock.Real); err == nil {
			return v, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", bearer.Setting, err)
}

// limits are those of staff's sessions.
func (c Config) limits() (access.SessionLimits, error) {
	l := access.UsualLimits
	for _, set := range []struct {
		name, value string
		limit       *time.Duration
	}{{"CASCADE_STAFF_IDLE_LIMIT", c.StaffIdle, &l.Idle}, {"CASCADE_STAFF_ABSOLUTE_LIMIT", c.StaffAbsolute, &l.Absolute}} {
		if set.value == "" {
			continue
		}
		d, err := time.ParseDuration(set.value)
		if err != nil {
			return l, fmt.Errorf("%s is %q: write a time such as 2h or 90m", set.name, set.value)
		}
		*set.limit = d
	}
	if err := l.Check(); err != nil {
		return l, fmt.Errorf("CASCADE_STAFF_IDLE_LIMIT and CASCADE_STAFF_ABSOLUTE_LIMIT: %w", err)
	}
	return l, nil
}

// Runtime is what a function works with.
type Runtime struct {
	// Store is the database of people; nil in a function that does not open it, see
	// OpensPeople.
	Store *store.Store
	// Answers is the database of answers; nil in a function that does not open it, see
	// OpensAnswers.
	Answers *store.Answers
	// AnswerKeys are those of answers' ids; empty in every function but the questionnaires'.
	AnswerKeys keys.Ring
	Links      *link.Links
	SignIn     *signin.SignIn
	// Passes let staff in where SignIn is nil, and are given where they are signed in.
	Passes *signin.Passes
	// Devices are those on which people have shown that they read their mailbox.
	Devices *device.Devices
	// Budgets are those of what strangers send.
	Budgets *budgets.Keeper
	// Erasure are the keys by which it is kept that somebody was forgotten.
	Erasure keys.Ring
	// Sealing are the keys by which letters to oneself are sealed; empty in every function but
	// the participant's.
	Sealing keys.Ring
	Now     clock.Clock
	// Deliverers are those who may deliver events; nil where none are taken.
	Deliverers *bearer.Verifier
	// PublicURL is the origin of the pages.
	PublicURL string
	// Deployment is what the privacy notice says of where data goes.
	Deployment privacy.Deployment
	// Seals are the keys by which the Sealer seals the audit trail; nil in other functions.
	Seals keys.Ring

	// Refusals counts who was refused.
	Refusals *audit.Refusals
}

// Notice is a programme's privacy notice.
func (rt *Runtime) Notice(p *programme.Programme) *privacy.Notice {
	return privacy.New(p, store.Stored(), rt.Deployment)
}

// ShowsNotice reports whether a function shows the privacy notice, or asks to agree to it.
func ShowsNotice(function string) bool {
	return function == "enrolment" || function == "participant" || function == "questionnaires"
}

// TakesForms reports whether strangers send a function forms, within budgets.
func TakesForms(function string) bool {
	return function == "enrolment" || function == "participant" || function == "desk"
}

// NewRuntime connects a function's parts, by its name, as the configuration says.
func NewRuntime(ctx context.Context, function string, c Config) (*Runtime, error) {
	now, err := clock.New(c.ClockFile, c.Emulator)
	if err != nil {
		return nil, err
	}
	own, err := c.Keys.rings(function)
	if err != nil {
		return nil, err
	}
	answers, err := c.Keys.answers(function)
	if err != nil {
		return nil, err
	}
	limits, err := c.limits()
	if err != nil {
		return nil, err
	}
	if err := checkPublicURL(c.PublicURL); err != nil {
		return nil, err
	}
	deliverers, err := c.deliverers(function)
	if err != nil {
		return nil, err
	}
	rt := &Runtime{AnswerKeys: answers, Erasure: own.erasure, Sealing: own.letters, Now: now, Deliverers: deliverers, PublicURL: c.PublicURL, Deployment: c.Deployment, Refusals: new(audit.Refusals)}
	// Staff stay signed in by real time: moving the programme's date signs nobody out.
	if own.report != nil {
		rt.Passes = signin.NewPasses(own.report, clock.Real)
	}
	if OpensPeople(function) {
		s, err := store.Open(ctx, c.Project, c.Database)
		if err != nil {
			return nil, err
		}
		s.SetClock(now)
		if slices.Contains(audits, function) {
			ring, err := keys.Audit(c.Keys.Audit, c.Keys.Link)
			if err != nil {
				return nil, err
			}
			s.SetAuditKeys(ring)
			if TakesForms(function) {
				// A key that all of them have: an inbox and a network are counted together.
				if rt.Budgets, err = budgets.New(s, ring.For("budgets"), c.Budgets, now); err != nil {
					return nil, fmt.Errorf("CASCADE_TRUSTED_PROXIES: %w", err)
				}
			}
		}
		rt.Store, rt.Links, rt.Devices = s, link.New(s, own.links, c.PublicURL, now), device.New(s, function, own.devices, now)
		rt.SignIn = signin.New(s, own.staff, limits, clock.Real)
	}
	if function == Sealer {
		if rt.Seals, err = keys.Seals(c.Keys.Seals); err != nil {
			return nil, err
		}
	}
	if !OpensAnswers(function) {
		return rt, nil
	}
	if c.Answers == c.Database {
		return nil, fmt.Errorf("FIRESTORE_ANSWERS_DATABASE is %q, as FIRESTORE_DATABASE: answers are kept in a database of their own", c.Answers)
	}
	rt.Answers, err = store.OpenAnswers(ctx, c.Project, c.Answers)
	return rt, err
}

// OpensAnswers reports whether a function opens the database of answers.
func OpensAnswers(function string) bool { return slices.Contains(opensAnswers, function) }

// OpensPeople reports whether a function opens the database of people: all do but the one
// that shows what was published about them.
func OpensPeople(function string) bool { return function != "evaluation" }

// ready sees that Firestore answers.
func (rt *Runtime) ready(ctx context.Context) error {
	if rt.Store != nil {
		if err := rt.Store.Ping(ctx); err != nil {
			return err
		}
	}
	if rt.Answers != nil {
		return rt.Answers.Ping(ctx)
	}
	return nil
}

// opensAnswers are the functions that open the database of answers.
var opensAnswers = []string{"questionnaires", "evaluation"}

// checkPublicURL says what is wrong with the pages' address. Whoever is on the way reads
// what is sent by http, links and cookies among it, and so only this machine can do with it.
func checkPublicURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "":
		return errors.New("CASCADE_PUBLIC_URL must be the address of the pages' host, such as https://cascade.example.org, and nothing after it")
	case u.Scheme == "http" && !web.Loopback(u.Hostname()):
		return errors.New("CASCADE_PUBLIC_URL must begin with https://, since links and cookies would be read on the way: http:// is for localhost, 127.0.0.1 and [::1] alone")
	}
	return nil
}

// Beat keeps that a schedule's work was done.
func (rt *Runtime) Beat(ctx context.Context, schedule string) error {
	return rt.Store.Beat(ctx, schedule, rt.Now().Sub(clock.Real()).Round(time.Second))
}

// New makes a function's handler.
type New func(ctx context.Context, rt *Runtime) (http.Handler, error)

// function is the one that this process serves.
type function struct {
	name string
	new  New
	// open makes the handler once: at the start under Main, at the first request
	// where a platform calls the registered function without it.
	open     func() (http.Handler, error)
	rt       *Runtime // once it is open
	inFlight counter
}

// counter counts requests under way. A sync.WaitGroup does not allow one more to
// come while it is being waited for, and requests do.
type counter struct {
	mu   sync.Mutex
	n    int
	none chan struct{} // closed at zero, while somebody waits
}

func (c *counter) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n += n; c.n == 0 && c.none != nil {
		close(c.none)
		c.none = nil
	}
}

// wait returns when no request is under way, or when ctx ends.
func (c *counter) wait(ctx context.Context) {
	c.mu.Lock()
	none := c.none
	if none == nil {
		none = make(chan struct{})
		if c.n == 0 {
			close(none)
		} else {
			c.none = none
		}
	}
	c.mu.Unlock()
	select {
	case <-none:
	case <-ctx.Done():
	}
}

var registered *function

// Register names the function that this process serves, for Main and for the
// Functions Framework.
func Register(name string, new New) {
	f := &function{name: name, new: new}
	f.open = sync.OnceValues(f.start)
	registered = f
	functions.HTTP(name, f.ServeHTTP)
}

func (f *function) start() (http.Handler, error) {
	var c Config
	if err := Environment(&c); err != nil {
		return nil, err
	}
	if err := web.AssetsBuilt(); err != nil {
		return nil, err
	}
	rt, err := NewRuntime(context.Background(), f.name, c)
	if err != nil {
		return nil, err
	}
	h, err := f.new(context.Background(), rt)
	if err != nil {
		return nil, err
	}
	f.rt = rt
	return Wrap(f.name, rt, h), nil
}

func (f *function) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.inFlight.add(1)
	defer f.inFlight.add(-1)
	h, err := f.open()
	if err != nil {
		slog.ErrorContext(r.Context(), "the function cannot start", "error", err)
		http.Error(w, "This is not available right now.", http.StatusServiceUnavailable)
		return
	}
	h.ServeHTTP(w, r)
}

// Environment fills a struct with `env` tags from the environment. A missing or
// malformed variable is an error that names it; an empty one counts as missing.
func Environment(into any) error {
	err := envconfig.ProcessWith(context.Background(), &envconfig.Config{Target: into, Lookuper: filled{envconfig.OsLookuper()}})
	if err != nil {
		return fmt.Errorf("environment: %w", err)
	}
	return nil
}

// filled finds variables that are set to something: a manifest that takes one
// from a key that is empty sets it to nothing.
type filled struct{ envconfig.Lookuper }

func (f filled) Lookup(name string) (string, bool) {
	value, _ := f.Lookuper.Lookup(name)
	return value, value != ""
}

// Wrap puts around a handler what every function has: health, assets, safe
// headers, one span a request with what it cost, and panics that end one request and not the rest.
func Wrap(name string, rt *Runtime, h http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", h)
	mux.Handle("GET /assets/", web.Assets())
	mux.HandleFunc("GET /health/liveness", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, `{"ok":true}`) })
	mux.HandleFunc("GET /health/readiness", func(w http.ResponseWriter, r *http.Request) {
		if err := rt.ready(r.Context()); err != nil {
			slog.WarnContext(r.Context(), "not ready", "error", err)
			http.Error(w, `{"ok":false}`, http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, `{"ok":true}`)
	})
	traced := otelhttp.NewHandler(unmasked(recovered(web.Protect(rt.PublicURL, cost.Handler(mux)))), name,
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return name + " " + r.Method + " " + r.URL.Path }))
	return link.Conceal(rt.Budgets.Placed(unplaced(masked(traced, h, mux))))
}

// unplaced takes out where a request comes from: a span would keep the visitor's address. What
// goes by it has a keyed hash, see budgets.Keeper.Placed.
func unplaced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
			r.Header.Del(name)
		}
		next.ServeHTTP(w, r)
	})
}

// recovered answers 500 where a handler panics. The panic's value may hold
// personal data, so the log has the place and not the value.
func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil && v != http.ErrAbortHandler {
				slog.ErrorContext(r.Context(), "panic", "kind", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
				http.Error(w, "Something went wrong here, and we have been told.", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// drain is how long requests under way may take to finish after a signal to stop.
const drain = 20 * time.Second

// Main serves the registered function until the process is told to stop, and
// never returns.
func Main() {
	if err := registered.main(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", registered.name, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (f *function) main() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	var c Config
	if err := Environment(&c); err != nil {
		return err
	}
	flush, err := telemetry.Start(ctx, f.name, os.Stderr)
	if err != nil {
		return err
	}
	if _, err := f.open(); err != nil {
		return err
	}

	failed := make(chan error, 1)
	server := &http.Server{
		Addr: net.JoinHostPort(c.Host, c.Port), Handler: f,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 60 * time.Second, MaxHeaderBytes: 16 << 10,
	}
	go func() {
		if c.Target != "" {
			failed <- funcframework.StartHostPort(c.Host, c.Port)
		} else {
			failed <- server.ListenAndServe()
		}
	}()
	slog.Info("serving", "address", server.Addr)

	select {
	case err = <-failed:
	case <-ctx.Done():
		slog.Info("stopping")
		ending, cancel := context.WithTimeout(context.Background(), drain)
		defer cancel()
		// Under the framework there is no server to shut down: wait for the
		// requests that were counted. Both are bounded by drain.
		err = server.Shutdown(ending)
		f.inFlight.wait(ending)
		if f.rt != nil && f.rt.Refusals != nil {
			f.rt.TellRefusals(ending)
		}
	}
	ending, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(err, flush(ending))
}
