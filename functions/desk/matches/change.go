package matches

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// changePage shows what a change by hand would cost before it is made.
type changePage struct {
	Kind matching.ChangeKind
	// Client, Consultant and Other are the ids that the form names: Other is the second
	// client of a swap.
	Client, Consultant, Other string
	Pairs                     []changePair
	// Seen is a hash of what the cost was worked out from.
	Seen   string
	Reason string
	// Impossible says why the change cannot be made, NotFree that it costs nothing now,
	// since somebody takes no part in the next run.
	Impossible string
	NotFree    []string
	Cost       costWords
}

type changePair struct{ A, B *enrolment.Enrolment }

// wanted is a change that a request asks for, worked out as things are now.
type wanted struct {
	page *changePage
	at   *store.MatchingInput
	// pairs are what would be decided.
	kind  pairing.DecisionKind
	pairs []matching.Pair
}

// wants works out what a change would do and cost, from what a matching run looks at.
func (h Handlers) wants(r *http.Request, p *programme.Programme, at *store.MatchingInput, asked url.Values) (*wanted, error) {
	ctx := r.Context()
	people, err := site.ReadNames(ctx, h.Store, p)
	if err != nil {
		return nil, err
	}
	page := &changePage{
		Kind: matching.ChangeKind(asked.Get("kind")), Client: asked.Get("for"), Consultant: asked.Get("with"), Other: asked.Get("other"),
		Reason: strings.TrimSpace(asked.Get("reason")), Seen: at.Settled().Digest(),
	}
	want := &wanted{page: page, at: at, kind: pairing.Pin}
	switch page.Kind {
	case matching.Forbid:
		want.kind = pairing.Forbid
		fallthrough
	case matching.Pin:
		if _, _, err := two(people, page.Client, page.Consultant); err != nil {
			return nil, err
		}
	case matching.Swap:
		for _, id := range []string{page.Client, page.Other} {
			if e := people[id]; e == nil || e.Role != programme.Client {
				return nil, fault.New(fault.NotFound, "Nobody of that name is enrolled here. Choose the two people again.")
			}
		}
	default:
		return nil, fault.New(fault.NotFound, "There is no such change.")
	}

	cost, err := within(ctx, func() (*matching.Cost, error) {
		now, err := solve(at)
		if err != nil {
			return nil, err
		}
		change := matching.Change{Kind: page.Kind, Pairs: []matching.Pair{{Client: page.Client, Consultant: page.Consultant}}}
		if page.Kind == matching.Swap {
			if change, err = now.Swap(page.Client, page.Other); err != nil {
				return nil, err
			}
		}
		want.pairs = change.Pairs
		for _, pair := range change.Pairs {
			for _, id := range []string{pair.Client, pair.Consultant} {
				if !now.included(id) {
					page.NotFree = append(page.NotFree, people.Of(id).Person.Name)
				}
			}
		}
		if len(page.NotFree) > 0 {
			return nil, nil
		}
		c, err := change.Cost(now.problem, now.Solution)
		return &c, err
	})
	var pin *matching.PinError
	if errors.As(err, &pin) {
		page.Impossible = lacks(pin.Lacks)
	} else if err != nil {
		return nil, err
	}
	if cost != nil && page.Impossible == "" {
		page.Cost = costInWords(people, p, *cost)
	}
	if len(page.NotFree) > 0 && want.kind == pairing.Pin {
		page.Impossible = "One of them takes no part in the next run as things are now: they are not ready, have no place left, or have no supervisor with a place."
	}
	for _, pair := range want.pairs {
		page.Pairs = append(page.Pairs, changePair{people.Of(pair.Client), people.Of(pair.Consultant)})
	}
	return want, nil
}

// lacks says for want of what a pair cannot be made.
func lacks(what string) string {
	if slices.Contains(matching.Criteria, matching.Criterion(what)) {
		return matching.Criterion(what).Unmet()
	}
	return "There is no place for it: what lacks is " + what + "."
}

// ShowChange shows what a change by hand would cost.
func (h Handlers) ShowChange(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	at, err := h.Store.MatchingInput(r.Context(), p.ID)
	if err != nil {
		return err
	}
	want, err := h.wants(r, p, at, r.URL.Query())
	if err != nil {
		return err
	}
	if _, err := h.decide(r, want, "a reason"); err != nil { // such as a decision that stands in the way
		return err
	}
	return h.renderChange(w, r, p, want, nil)
}

func (h Handlers) renderChange(w http.ResponseWriter, r *http.Request, p *programme.Programme, want *wanted, invalid *fault.Invalid) error {
	if err := h.Saw(r, access.Pair, want.page.Client, want.page.Consultant, want.page.Other); err != nil {
		return err
	}
	title := map[matching.ChangeKind]string{
		matching.Pin: "Pin this pair", matching.Forbid: "Rule this pair out", matching.Swap: "Exchange two matches",
	}[want.page.Kind]
	return h.Page(w, r, "change", web.Page{Title: title, Programme: p, Back: deskpath.Of(p.ID).Matches(), Data: want.page, Invalid: invalid})
}

// decide is what would be decided, with a reason.
func (h Handlers) decide(r *http.Request, want *wanted, reason string) ([]*pairing.Decision, error) {
	staff, err := signin.Of(r)
	if err != nil {
		return nil, err
	}
	before := slices.Clone(want.at.Decisions)
	var made []*pairing.Decision
	now := h.Now() // of all that are made together
	for _, pair := range want.pairs {
		d, err := pairing.Decide(want.kind, pair.Client, pair.Consultant, reason, staff.ID, now, before)
		if err != nil {
			return nil, err
		}
		made, before = append(made, d), append(before, d)
	}
	return made, nil
}

// Change decides about pairs by hand, with a reason, for the next run and all that
// follow. What it costs was shown before, and is shown again where that has changed.
func (h Handlers) Change(w http.ResponseWriter, r *http.Request) error {
	p, staff, posted, err := h.Posted(r)
	if err != nil {
		return err
	}
	decided, back := strings.TrimSpace(posted.Get("reason")), deskpath.Of(p.ID).Decisions()
	at, err := h.Store.MatchingInput(r.Context(), p.ID)
	if err != nil {
		return err
	}
	if before := slices.IndexFunc(at.Decisions, func(d *pairing.Decision) bool {
		return d.Stands() && d.By == staff.ID && d.Seen == posted.Get("seen") && d.Client == posted.Get("for") && d.Reason == decided
	}); posted.Get("seen") != "" && before >= 0 { // sent twice
		return web.Done(w, r, back, didDecide, at.Decisions[before].ID)
	}
	want, err := h.wants(r, p, at, posted)
	if err != nil {
		return err
	}
	made, err := h.decide(r, want, decided)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return h.renderChange(w, r, p, want, invalid)
	}
	if err != nil {
		return err
	}
	if want.page.Impossible != "" {
		return fault.New(fault.Conflict, "This change cannot be made. %s", want.page.Impossible)
	}
	if posted.Get("seen") != want.page.Seen {
		return h.renderChange(w, r, p, want, &fault.Invalid{Fields: []fault.Field{
			{Name: "reason", Message: "Somebody or something has changed since you saw what this costs. Look at the cost again, then save"}}})
	}
	now := h.Now()
	c := h.Store.Commit()
	latest := want.at.Latest
	for _, d := range made {
		d.Seen = want.page.Seen
		c.CreateDecision(p.ID, d, latest)
		latest = nil // it is counted once
		c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: did[d.Kind], To: d.ID, About: []string{d.Client, d.Consultant}, At: now})
	}
	if want.at.Latest == nil {
		site.GuardRuns(c, want.at.Programme, now)
	}
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, back, didDecide, made[0].ID)
}

// did is what the audit trail says of a decision.
var did = map[pairing.DecisionKind]string{pairing.Pin: "pinned the pair", pairing.Forbid: "ruled out the pair"}
