package matches

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// makers are who made a match: who released it, and whoever pinned the pair.
func (h Handlers) makers(ctx context.Context, p *programme.Programme, m *pairing.Match) ([]string, error) {
	decisions, err := h.Store.Decisions(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	makers := []string{m.ReleasedBy}
	for _, d := range decisions {
		if d.Kind == pairing.Pin && d.Client == m.Client.Enrolment && d.Consultant == m.Consultant.Enrolment {
			makers = append(makers, d.By)
		}
	}
	return makers, nil
}

// lookAgain says whether a member of staff can look again at a match, and whether nobody else
// is there who did not make it.
func (h Handlers) lookAgain(ctx context.Context, p *programme.Programme, m *pairing.Match, by string) (made, alone bool, makers []string, err error) {
	if makers, err = h.makers(ctx, p, m); err != nil {
		return false, false, nil, err
	}
	staff, err := h.Store.Coordinators(ctx, p.ID)
	if err != nil {
		return false, false, nil, err
	}
	alone = !slices.ContainsFunc(staff, func(s *store.Staff) bool { return !slices.Contains(makers, s.ID) })
	return slices.Contains(makers, by), alone, makers, nil
}

// settle answers what one of the two has asked about their match: a question, which may also
// be passed on to the other, or that somebody looks again at how it was made.
func (h Handlers) settle(w http.ResponseWriter, r *http.Request, p *programme.Programme, staff *store.Staff, m *pairing.Match, posted url.Values) error {
	ctx, now, c := r.Context(), h.Now(), h.Store.Commit()
	n, err := strconv.Atoi(posted.Get("question"))
	if err != nil {
		n = -1
	}
	do, text := posted.Get("do"), strings.TrimSpace(posted.Get("reply"))
	var changed bool
	var did string
	switch do {
	case didAnswer:
		did = "answered a question about a match"
		if changed, err = m.Answer(n, text, "", now); changed {
			c.Enqueue(ctx, message.MatchReplied(p, m, n), now)
		}
	case didPass:
		did = "passed on a question about a match"
		if changed, err = m.Pass(n, now); changed {
			c.Enqueue(ctx, message.MatchAsked(p, m, n), now)
		}
	default:
		did, text = "looked again at a match", strings.TrimSpace(posted.Get("finding"))
		_, alone, makers, failed := h.lookAgain(ctx, p, m, staff.ID)
		if failed != nil {
			return failed
		}
		if changed, err = m.SettleLook(staff.ID, text, makers, alone, now); changed {
			c.Enqueue(ctx, message.MatchLookedAt(p, m), now)
		}
	}
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return h.render(w, r, p, m, text, invalid)
	}
	if err != nil {
		return err
	}
	back := deskpath.Of(p.ID).Match(m.Run, m.ID)
	if !changed { // it was sent twice, or somebody else was first
		return web.Done(w, r, back, do)
	}
	m.UpdatedAt = now
	c.UpdateMatch(p.ID, m)
	c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: did, To: m.ID, About: m.Both(), At: now})
	if err := c.Do(ctx); err != nil {
		return err
	}
	return web.Done(w, r, back, do)
}
