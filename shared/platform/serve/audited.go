package serve

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

type auditKey struct{}

// audited is a request under a row whose visits are kept.
type audited struct {
	row  access.Row
	said bool
}

// keeping has a route's handler say whom its page shows before it shows anything: one that
// does not, by Saw or TookAlong, answers with an error instead of the page.
func keeping(row access.Row, h web.Handler) web.Handler {
	if row.Keeps() == "" {
		return h
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		a := &audited{row: row}
		return h(&saidFirst{w, a}, r.WithContext(context.WithValue(r.Context(), auditKey{}, a)))
	}
}

// saidFirst answers with success only once the visit is kept.
type saidFirst struct {
	http.ResponseWriter
	a *audited
}

func (s *saidFirst) WriteHeader(status int) {
	if status < http.StatusMultipleChoices && !s.a.said {
		panic(s.a.row.String() + ": the page does not say whom it shows")
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *saidFirst) Write(b []byte) (int, error) {
	if !s.a.said {
		panic(s.a.row.String() + ": the page does not say whom it shows")
	}
	return s.ResponseWriter.Write(b)
}

// Unwrap is the writer around which this one is, for http.ResponseController.
func (s *saidFirst) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// Saw keeps that the member of staff whose request it is looks at some people, by the ids of
// their enrolments or accounts: as one entry of the audit trail, before the page is shown,
// which is not shown where that fails. Of nobody, as on a form in which nobody is chosen
// yet, it keeps nothing.
func (rt *Runtime) Saw(r *http.Request, kind access.Kind, people ...string) error {
	return rt.visited(r, audit.View, kind, "", people)
}

// TookAlong keeps that the member of staff whose request it is takes data along: of a
// document, about some people.
func (rt *Runtime) TookAlong(r *http.Request, kind access.Kind, document string, people ...string) error {
	return rt.visited(r, audit.Export, kind, document, people)
}

func (rt *Runtime) visited(r *http.Request, as audit.Kind, kind access.Kind, document string, people []string) error {
	a, _ := r.Context().Value(auditKey{}).(*audited)
	if a != nil && a.said {
		return nil
	}
	people = slices.DeleteFunc(slices.Clone(people), func(id string) bool { return id == "" })
	if len(people) > 0 || document != "" {
		m, err := signin.Of(r)
		if err != nil {
			return err
		}
		c := rt.Store.Commit()
		c.Audit(store.AuditEntry{Kind: as, Programme: r.PathValue("programme"), By: m.ID, Did: string(kind), To: document, About: people})
		if err := c.Do(r.Context()); err != nil {
			return err
		}
	}
	if a != nil {
		a.said = true
	}
	return nil
}

// Refused counts that somebody was refused something, in words of the code's own. It writes
// nothing by itself, and whoever is refused gets their answer: see audit.Refusals.
// Where the database of people is not opened, nothing can be kept: who has no pass there is
// sent to the desk, which counts.
func (rt *Runtime) Refused(m *store.Staff, programme, what string) {
	if rt.Store == nil {
		return
	}
	refused := audit.Refused{Programme: programme, What: what}
	if m != nil {
		refused.By = m.ID
		if programme == "" {
			refused.Shown = strings.Join(slices.Sorted(maps.Keys(m.Roles)), " ")
		}
	}
	if rt.Refusals.Add(refused) {
		time.AfterFunc(audit.TellAfter, func() { rt.TellRefusals(context.Background()) })
	}
}

// TellRefusals writes how many refusals there were since it last did.
func (rt *Runtime) TellRefusals(ctx context.Context) {
	for due := range slices.Chunk(rt.Refusals.Take(), store.MaxWrites) {
		c := rt.Store.Commit()
		for _, each := range due {
			c.Audit(store.AuditEntry{Kind: audit.Refusal, Programme: each.Programme, Shown: strings.Fields(each.Shown), By: each.By, Did: each.What, Times: each.Times})
		}
		if err := c.Do(ctx); err != nil {
			slog.ErrorContext(ctx, "refusals are not kept", "error", err)
		}
	}
}

// refuse counts that the table of access has refused a visitor. The programme is kept where
// there is one: anybody can write anything into an address.
func (rs *Routes) refuse(r *http.Request, m *store.Staff, row access.Row, why string) {
	programme := ""
	if m != nil {
		if p, err := rs.rt.Store.RecentProgramme(r.Context(), r.PathValue("programme")); err == nil && p != nil {
			programme = p.ID
		}
	}
	rs.rt.Refused(m, programme, why+": "+row.String())
}
