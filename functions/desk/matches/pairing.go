package matches

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// pairingPart is what a coordinator sees of the pairing that a match became: how far it is,
// and nothing of what the two say to each other.
type pairingPart struct {
	*pairing.Pairing
	// Facts are how far it is, a sentence each.
	Facts []string
	// Again are those of the two who could be matched again and have not said that they
	// want it.
	Again  []againRow
	Reason string
}

// againRow is one of the two who could be matched again.
type againRow struct {
	Role programme.Role
	Who  *enrolment.Enrolment
}

// pairingOf is the pairing that an accepted match became, or nil where there is none.
func (h Handlers) pairingOf(r *http.Request, p *programme.Programme, m *pairing.Match, row matchRow) (*pairingPart, error) {
	if m.State != pairing.Accepted {
		return nil, nil
	}
	pair, err := h.Store.Pairing(r.Context(), p.ID, m.ID)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	who := map[programme.Role]*enrolment.Enrolment{programme.Client: row.A, programme.Consultant: row.B}
	part := &pairingPart{Pairing: pair, Facts: h.facts(p, pair, who)}
	for _, role := range programme.Roles {
		// Choose says whom another match is possible for, on a copy.
		try := *pair
		try.Next = map[string]pairing.Next{}
		waits := pair.Next[string(role)] != pairing.Another && (role == programme.Client || pair.Next[string(role)] == pairing.Later)
		if _, err := try.Choose(role, pairing.Another); err == nil && waits && who[role].State == enrolment.Ready {
			part.Again = append(part.Again, againRow{role, who[role]})
		}
	}
	return part, nil
}

// nexts are what somebody wants next, after "wants".
var nexts = map[pairing.Next]string{pairing.Another: "another match", pairing.Later: "nothing for now", pairing.Leave: "to leave"}

func (h Handlers) facts(p *programme.Programme, pair *pairing.Pairing, who map[programme.Role]*enrolment.Enrolment) []string {
	date := web.Page{Programme: p}.Date
	name := func(role programme.Role) string { return who[role].Person.Name }
	facts := []string{fmt.Sprintf("Began on %s; %d of at least %d sessions held, %d booked or held.", date(pair.StartedAt), pair.HeldInAll(), p.Sessions.Minimum, pair.Taken())}
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	if n := len(pair.Before); pair.Continues != "" {
		add("It goes on after another, since the organisation has another leader now: %d sessions of these were held with who led it before.", n)
	}
	if n := pair.Disputed; n > 0 {
		add("Of %d sessions the two say different things: whether they were held. Talk with them; whoever is wrong can amend their log.", n)
	}
	if pair.Paused(h.Now()) {
		add("Pauses until %s, as %s asked.", date(pair.PausedUntil), name(pair.PausedBy))
	}
	if pair.Lent {
		add("Its places are lent to others since it paused: it goes on when there is room.")
	}
	if pair.FinishBy != "" {
		add("%s proposed on %s to finish, and %s has not answered.", name(pair.FinishBy), date(pair.FinishAt), name(pair.FinishBy.Other()))
	}
	switch by := pair.EndedBy; {
	case pair.State == pairing.Active:
	case pair.State == pairing.Completed && by == pairing.Coordinator:
		add("Completed on %s by a coordinator.", date(pair.EndedAt))
	case pair.State == pairing.Completed:
		add("Completed on %s.", date(pair.EndedAt))
	case by == pairing.Coordinator:
		add("Stopped on %s by a coordinator.", date(pair.EndedAt))
	default:
		add("Stopped on %s by %s.", date(pair.EndedAt), name(programme.Role(by)))
	}
	for _, role := range programme.Roles {
		if next := nexts[pair.Next[string(role)]]; next != "" {
			add("%s wants %s.", name(role), next)
		}
	}
	return facts
}

// ChangePairing ends a pairing at a coordinator's word, as stopped or as completed, or has
// one of the two matched again after it.
func (h Handlers) ChangePairing(w http.ResponseWriter, r *http.Request) error {
	p, staff, posted, err := h.Posted(r)
	if err != nil {
		return err
	}
	m, err := h.Store.Match(r.Context(), p.ID, r.PathValue("run"), r.PathValue("match"))
	if err != nil {
		return err
	}
	switch posted.Get("do") {
	case didAnswer, didPass, didLook:
		return h.settle(w, r, p, staff, m, posted)
	}
	pair, err := h.Store.Pairing(r.Context(), p.ID, m.ID)
	if err != nil {
		return err
	}
	ch := &matches.Change{Store: h.Store, Commit: h.Store.Commit(), Programme: p, Now: h.Now()}
	back, do, reason := deskpath.Of(p.ID).Match(m.Run, m.ID), posted.Get("do"), strings.TrimSpace(posted.Get("reason"))
	var changed bool
	var side []string
	did, tell := "stopped the pairing", message.PairingStopped
	role := programme.RoleOf(posted.Get("side"))
	switch do {
	case didStop:
		changed, err = pair.Stop(pairing.Coordinator, reason, "", ch.Now)
	case didComplete:
		changed, did, tell = pair.Complete(ch.Now), "completed the pairing", message.PairingCompleted
	case didAgain:
		if role == "" {
			return fault.New(fault.NotFound, "There is no such choice.")
		}
		changed, err = pair.Choose(role, pairing.Another)
		side, did = []string{string(role)}, "had somebody matched again"
	default:
		return fault.New(fault.NotFound, "There is no such choice.")
	}
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return h.render(w, r, p, m, reason, invalid)
	}
	if err != nil {
		return err
	}
	if !changed { // it was sent twice
		return web.Done(w, r, back, do, side...)
	}
	if do == didAgain {
		err = ch.Next(r.Context(), pair, role)
	} else {
		err = ch.End(r.Context(), pair)
		ch.Save(r.Context(), pair, tell, programme.Roles...)
	}
	if err != nil {
		return err
	}
	ch.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: did, To: pair.ID, About: []string{pair.Client, pair.Consultant}, At: ch.Now})
	if err := ch.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, back, do, side...)
}
