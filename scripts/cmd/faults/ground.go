package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cascading-leadership/cascade/scripts/internal/emulator"
	"github.com/cascading-leadership/cascade/scripts/internal/ports"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
)

// ground is what all rows share: one Firestore emulator, in which each run has a
// project of its own, and the functions' programs, each built once.
type ground struct {
	options
	dir      string
	emulator *process
	host     string // the emulator's HOST:PORT
	overlay  string // the file by which functions are built so that guards can be switched off
	events   *http.Server
	// issuer signs for whoever delivers events, and keys is where it tells its key.
	issuer *localissuer.Issuer
	keys   string
	server emulator.Server

	mu     sync.Mutex
	places map[string]*place // by project
	built  map[string]func() (string, error)
}

// keysPath is where the ground tells the issuer's key.
const keysPath = "/issuer/keys"

func newGround(ctx context.Context, o options, dir string) (g *ground, err error) {
	g = &ground{options: o, dir: dir, places: map[string]*place{}, built: map[string]func() (string, error){}}
	if g.overlay, err = switchable(o.root, filepath.Join(dir, "source")); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	// Tokens are as old as those that a sender keeps, so that a worker whose clock is wrong
	// by minutes takes them: what such rows are about is what it does then.
	g.issuer, g.keys = localissuer.Ago(20*time.Minute), "http://"+l.Addr().String()+keysPath
	all := http.NewServeMux()
	all.HandleFunc("/", g.deliver)
	all.Handle(keysPath, g.issuer)
	g.events = &http.Server{Handler: all, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = g.events.Serve(l) }() // until it is closed
	g.server, err = emulator.Find(ctx, func(text string) { fmt.Fprintln(os.Stderr, text) })
	if err != nil {
		g.stop()
		return nil, err
	}
	g.server.Dir, g.server.Functions, g.server.Port = dir, l.Addr().String(), ports.Free()
	g.host = "127.0.0.1:" + strconv.Itoa(g.server.Port)
	// The Firestore client of this process finds it there.
	os.Setenv("FIRESTORE_EMULATOR_HOST", g.host)
	g.emulator = newProcess("emulator", filepath.Join(dir, "emulator.log"), g.server.Command)
	if err := g.emulator.start(); err != nil {
		g.stop()
		return nil, err
	}
	err = until(ctx, time.Minute, "the emulator answers", func() bool { return g.client("").Ready(ctx) })
	if err != nil {
		g.stop()
	}
	return g, err
}

func (g *ground) client(project string) emulator.Client {
	return emulator.Client{Host: g.host, Project: project}
}

// deliver hands an event of the emulator to the place whose project it is about:
// /functions/projects/PROJECT/triggers/NAME.
func (g *ground) deliver(w http.ResponseWriter, r *http.Request) {
	var at *place
	if parts := strings.Split(r.URL.Path, "/"); len(parts) > 3 {
		g.mu.Lock()
		at = g.places[parts[3]]
		g.mu.Unlock()
	}
	if at == nil || at.relay == nil {
		w.WriteHeader(http.StatusOK) // what a run left behind
		return
	}
	at.relay.ServeHTTP(w, r)
}

func (g *ground) stop() {
	if g.emulator != nil {
		g.emulator.end()
	}
	g.events.Close()
}

// program builds a function, once, and returns its file.
func (g *ground) program(name string) (string, error) {
	g.mu.Lock()
	build, ok := g.built[name]
	if !ok {
		build = sync.OnceValues(func() (string, error) {
			file := filepath.Join(g.dir, name)
			c := goWith(context.Background(), g.root, g.overlay, "build", "-o", file, "./functions/"+name+"/cmd")
			if out, err := c.CombinedOutput(); err != nil {
				return "", fmt.Errorf("%s does not build:\n%s", name, out)
			}
			return file, nil
		})
		g.built[name] = build
	}
	g.mu.Unlock()
	return build()
}

// until waits for something to come about.
func until(ctx context.Context, within time.Duration, what string, done func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("did not come about within %v: %s", within, what))
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// pause waits, and says whether there is time for more.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

var errGone = errors.New("the process is not there")
