package matches

import (
	"net/http"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

// bottlenecks gives those without a match their names.
func bottlenecks(people site.Names, all []proposal.Bottleneck) []bottleneckRow {
	var rows []bottleneckRow
	for _, b := range all {
		row := bottleneckRow{Words: b.Words}
		for _, id := range b.Clients {
			row.People = append(row.People, people.Of(id))
		}
		rows = append(rows, row)
	}
	return rows
}

// ShowBottlenecks works out, for the people as they are now, what would match more of
// them. A run of a small programme states that itself.
func (h Handlers) ShowBottlenecks(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	people, err := site.ReadNames(r.Context(), h.Store, p)
	if err != nil {
		return err
	}
	at, err := h.Store.MatchingInput(r.Context(), p.ID)
	if err != nil {
		return err
	}
	found, err := within(r.Context(), func() ([]proposal.Bottleneck, error) {
		now, err := solve(at)
		if err != nil {
			return nil, err
		}
		return proposal.Bottlenecks(now.Solution, now.problem), nil
	})
	if err != nil {
		return err
	}
	return h.Page(w, r, "bottlenecks", web.Page{
		Title: "What would match more people", Programme: p, Back: deskpath.Of(p.ID).Matches(), Data: bottlenecks(people, found),
	})
}
