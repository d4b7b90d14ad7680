package main

import (
	"context"
	"fmt"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// onePairing adds a pairing with all that it needs, of a client with a name.
func onePairing(c *store.Commit, name string, now time.Time) *pairing.Pairing {
	other := name + "-other"
	enrolPerson(c, name, now)
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: other, Role: programme.Consultant, Person: enrolment.Person{Name: "Robin Sample", Email: email.Address(address(other))},
		Organisation: enrolment.Organisation{Name: "Sample Trust"}, State: enrolment.Ready, CreatedAt: now, UpdatedAt: now})
	match := &pairing.Match{ID: name, Run: "run", Programme: "pilot", State: pairing.Accepted,
		Client: pairing.Side{Enrolment: name, Answer: pairing.Yes}, Consultant: pairing.Side{Enrolment: other, Answer: pairing.Yes}}
	pair := pairing.Start(match, now)
	pair.Milestone = pairing.None
	c.CreateMatch("pilot", match)
	c.CreatePairing("pilot", pair)
	return pair
}

// link mints one for the client of a pairing, and returns its path.
func (at *place) link(ctx context.Context, purpose purpose.Purpose, pair *pairing.Pairing) (string, error) {
	ls := link.New(at.store, at.links(), "", at.now)
	return ls.Mint(ctx, purpose, store.Link{Programme: "pilot", Person: pair.Client, Role: programme.Client, IDs: outbox.IDs{Run: "run", Match: pair.ID, Pairing: pair.ID}})
}

var _ = add(row{
	id: "L1", breaks: "mail scanners: each link opened by HEAD, GET and by fifty hosts at once, its pages too, and posted to by strangers", short: true,
	guards: []sabotage.Guard{sabotage.SafeGet},
	run:    scanners,
})

// scanners open links as mail scanners do, and people use them afterwards.
func scanners(ctx context.Context, at *place) error {
	if err := at.atTen(); err != nil {
		return err
	}
	if err := at.run(ctx, "enrolment", 1); err != nil {
		return err
	}
	if err := at.run(ctx, "participant", 1); err != nil {
		return err
	}
	type kind struct {
		path    string
		pages   []string
		use     string     // where a person posts
		filled  url.Values // what they fill in
		refused bool       // a form that nobody filled in
		claim   bool       // which takes what its page alone has
	}
	var all []kind
	n := at.size(250, 12)
	for i := range n {
		name := fmt.Sprintf("p%05d", i)
		now := at.now()
		c := at.store.Commit()
		switch i % 3 {
		case 0:
			claim, err := enrolment.NewClaim(at.programme, programme.Client, applicant("Alex Sample", address(name)), name, now)
			if err != nil {
				return err
			}
			claim.Enrolment = name
			c.CreateClaim("pilot", claim)
			if err := c.Do(ctx); err != nil {
				return err
			}
			path, err := at.link(ctx, purpose.Confirm, &pairing.Pairing{ID: name, Client: name})
			if err != nil {
				return err
			}
			all = append(all, kind{path: path, filled: url.Values{"do": {"confirm"}, "form": {name}}, refused: true, claim: true})
		case 1:
			pair := onePairing(c, name, now)
			if err := c.Do(ctx); err != nil {
				return err
			}
			path, err := at.link(ctx, purpose.Pairing, pair)
			if err != nil {
				return err
			}
			j := &journey{at: at}
			all = append(all, kind{path: path, pages: []string{"/book"}, use: "/book", filled: j.form(strings.Repeat("A", 26), 5, 14), refused: true})
		case 2:
			enrolPerson(c, name, now)
			enrolPerson(c, name+"-other", now)
			m := &pairing.Match{ID: name, Run: "run", Programme: "pilot", State: pairing.Released,
				Client: pairing.Side{Enrolment: name}, Consultant: pairing.Side{Enrolment: name + "-other"}}
			c.CreateMatch("pilot", m)
			if err := c.Do(ctx); err != nil {
				return err
			}
			path, err := at.link(ctx, purpose.Match, &pairing.Pairing{ID: name, Client: name})
			if err != nil {
				return err
			}
			all = append(all, kind{path: path, pages: []string{"/accept", "/decline"}, use: "/accept",
				filled: url.Values{"agree": {at.programme.Expectations.Version}}, refused: true})
		}
	}
	collections := []string{"enrolments", "claims", "matches", "pairings", "sessions", "links", "outbox", "audit", "contacts"}
	before, err := at.digest(ctx, collections)
	if err != nil {
		return err
	}
	agents := []string{"Mozilla/5.0 (scanner)", "curl/8", "", "Go-http-client/1.1", "BarracudaCentral", "Mimecast"}
	var asking errgroup.Group
	asking.SetLimit(32)
	ask := func(method, path, body string, header map[string]string) {
		asking.Go(func() error {
			r, err := http.NewRequestWithContext(ctx, method, at.url+path, strings.NewReader(body))
			if err != nil {
				return nil
			}
			for name, value := range header {
				r.Header.Set(name, value)
			}
			response, err := within.Do(r)
			if err != nil {
				return nil
			}
			response.Body.Close()
			at.count("requests of scanners", 1)
			return nil
		})
	}
	hosts := at.size(50, 10)
	for _, k := range all {
		for _, page := range append([]string{""}, k.pages...) {
			ask(http.MethodHead, k.path+page, "", nil)
			ask(http.MethodOptions, k.path+page, "", nil)
			for h := range hosts {
				ask(http.MethodGet, k.path+page, "", map[string]string{"User-Agent": agents[h%len(agents)], "X-Forwarded-For": fmt.Sprintf("192.0.2.%d", h)})
			}
			if k.claim { // from our own page, as far as a scanner knows what stands there
				ask(http.MethodPost, k.path+page, k.filled.Encode(), map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
			}
			// Another site's page, which knows the link, and one that does not fill it in.
			ask(http.MethodPost, k.path+page, k.filled.Encode(), map[string]string{"Content-Type": "application/x-www-form-urlencoded",
				"Origin": "https://scanner.example", "Sec-Fetch-Site": "cross-site"})
			if k.refused {
				ask(http.MethodPost, k.path+page, "", map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
			}
			ask(http.MethodPut, k.path+page, "x", nil)
			ask(http.MethodDelete, k.path+page, "", nil)
		}
	}
	_ = asking.Wait() // who is not answered is not counted
	at.count("links", len(all))
	after, err := at.digest(ctx, collections)
	if err != nil {
		return err
	}
	if before != after {
		at.violation("opening links changed the database")
	}
	j := &journey{at: at, promised: map[promise]bool{}}
	for _, k := range all {
		use := func() error { return j.done(ctx, k.path+k.use, k.filled) }
		if k.claim {
			use = func() error { return j.confirm(ctx, k.path) }
		}
		if err := use(); err != nil {
			at.violation("a link no longer works for its person: %v", err)
		}
	}
	return nil
}
