package main

import (
	"context"
	"errors"
	"fmt"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/cascading-leadership/cascade/scripts/internal/sample"
	"github.com/cascading-leadership/cascade/scripts/internal/stack"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// page is the picture of a page.
type page struct {
	file string
	// wide and tall are those of the window, in pixels: what it shows is pictured.
	wide, tall int64
	// open shows the page.
	open func(v *visit, ctx context.Context) error
}

var allPages = []page{{"match.png", 900, 940, (*visit).match}, {"report.png", 1000, 1180, (*visit).report}}

// visit is a browser that has come to the running sample.
type visit struct {
	url   string
	store *store.Store
	links *link.Links
	// browser is the context of the browser's window.
	browser context.Context
}

// pages starts the sample, and pictures all pages into a folder.
func pages(ctx context.Context, root, into string, progress io.Writer) error {
	program, err := exec.LookPath("chromium")
	if err != nil {
		return errors.New("chromium is missing: ./scripts/test installs it, or on Debian: apt-get install chromium")
	}
	slog.SetLogLoggerLevel(slog.LevelWarn) // what the sample moves is for the functions' logs
	dir, err := os.MkdirTemp("", "cascade-pictures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	say := func(text string) { fmt.Fprintln(progress, text) }
	if root, err = filepath.Abs(root); err != nil {
		return err
	}
	running, err := stack.Start(ctx, stack.Options{Root: root, Dir: dir, Fresh: true, Log: io.Discard, Say: say})
	if err != nil {
		return err
	}
	defer running.Stop()
	v, err := arrive(ctx, running, dir, say)
	if err != nil {
		return err
	}
	defer v.store.Close()

	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(program)}
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox refuses to run as root
	}
	var cancel context.CancelFunc
	v.browser, cancel = chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(options...))
	defer cancel()
	for _, p := range allPages {
		if err := chromedp.Do(v.browser, chromedp.EmulateViewport(p.wide, p.tall)); err != nil {
			return fmt.Errorf("chromium does not start: %w", err)
		}
		if err := p.open(v, ctx); err != nil {
			return fmt.Errorf("%s: %w", p.file, err)
		}
		picture, err := chromedp.Run(v.browser, chromedp.CaptureScreenshot())
		if err != nil {
			return fmt.Errorf("%s: %w", p.file, err)
		}
		if err := os.WriteFile(filepath.Join(into, p.file), picture, 0o644); err != nil {
			return err
		}
		say("made " + p.file)
	}
	return nil
}

// arrive loads the sample, with what is needed to make links to its pages.
func arrive(ctx context.Context, running *stack.Stack, dir string, say func(string)) (*visit, error) {
	os.Setenv("FIRESTORE_EMULATOR_HOST", running.Emulator)
	now, err := clock.New(filepath.Join(dir, "clock"), running.Emulator)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "link.key"))
	if err != nil {
		return nil, err
	}
	key, err := keys.Single(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("the key of links: %w", err)
	}
	s, err := store.Open(ctx, stack.Project, "(default)")
	if err != nil {
		return nil, err
	}
	s.SetClock(now)
	s.SetAuditKeys(key.For("audit"))
	answers, err := store.OpenAnswers(ctx, stack.Project, stack.Answers)
	if err != nil {
		s.Close()
		return nil, err
	}
	defer answers.Close()
	ring, err := keys.Parse(running.AnswerKeys())
	if err != nil {
		s.Close()
		return nil, err
	}
	if err := sample.Load(ctx, s, answers, ring.For("answers"), now(), say); err != nil {
		s.Close()
		return nil, err
	}
	return &visit{url: running.URL, store: s, links: link.New(s, link.Same(key), running.URL, now)}, nil
}

// match opens the match of somebody who has not answered it.
func (v *visit) match(ctx context.Context) error {
	all, err := v.store.Matches(ctx, sample.Programme, pairing.Released)
	if err != nil {
		return err
	}
	for _, m := range all {
		for _, role := range programme.Roles {
			if m.Side(role).Answer != "" {
				continue
			}
			url, err := v.links.Mint(ctx, purpose.Match, store.Link{
				Programme: sample.Programme, Person: m.Side(role).Enrolment, Role: role, IDs: outbox.IDs{Run: m.Run, Match: m.ID},
			})
			if err != nil {
				return err
			}
			return v.do(chromedp.Navigate(url))
		}
	}
	return errors.New("the sample has no match that waits for an answer")
}

// report opens the report, as the coordinator, once the questionnaires have closed.
func (v *visit) report(ctx context.Context) error {
	for _, form := range []struct {
		page   string
		values url.Values
	}{{"/local/forward", url.Values{"days": {"43"}}}, {"/local/run", url.Values{"schedule": {"questionnaires-sweep"}}}} {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url+form.page, strings.NewReader(form.values.Encode()))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		answer.Body.Close()
		if answer.StatusCode >= 400 {
			return fmt.Errorf("%s: %s", form.page, answer.Status)
		}
	}
	staff, err := v.store.StaffByEmail(ctx, sample.Coordinator)
	if err != nil {
		return err
	}
	signIn, err := v.links.Mint(ctx, purpose.SignIn, store.Link{Person: staff.ID})
	if err != nil {
		return err
	}
	if err := v.do(chromedp.Navigate(signIn)); err != nil {
		return err
	}
	if err := v.arrives(chromedp.Click(chromedp.CSS("main button"))); err != nil {
		return err
	}
	return v.do(chromedp.Navigate(v.url + "/report/" + sample.Programme))
}

// do takes a step; nothing on these pages takes long.
func (v *visit) do(step chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(v.browser, 30*time.Second)
	defer cancel()
	return chromedp.Do(ctx, step)
}

// arrives takes a step that leads to another page.
func (v *visit) arrives(step chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(v.browser, 30*time.Second)
	defer cancel()
	_, err := chromedp.RunResponse(ctx, step)
	return err
}
