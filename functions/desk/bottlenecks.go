package desk

import (
	"net/http"

	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

// bottlenecks gives those without a match their names.
func (n names) bottlenecks(all []proposal.Bottleneck) []bottleneckRow {
	var rows []bottleneckRow
	for _, b := range all {
		row := bottleneckRow{Words: b.Words}
		for _, id := range b.Clients {
			row.People = append(row.People, n.of(id))
		}
		rows = append(rows, row)
	}
	return rows
}

// showBottlenecks works out, for the people as they are now, what would match more of
// them. A run of a small programme states that itself.
func (s *site) showBottlenecks(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.coordinated(r)
	if err != nil {
		return err
	}
	people, err := s.names(r.Context(), p)
	if err != nil {
		return err
	}
	at, err := s.Store.MatchingInput(r.Context(), p.ID)
	if err != nil {
		return err
	}
	found, err := within(r.Context(), func() ([]proposal.Bottleneck, error) {
		x, err := solve(at)
		if err != nil {
			return nil, err
		}
		return proposal.Bottlenecks(x.Solution, x.problem), nil
	})
	if err != nil {
		return err
	}
	return s.pages.Show(w, r, "bottlenecks", web.Page{
		Title: "What would match more people", Programme: p, SignedIn: true, Back: "/desk/programmes/" + p.ID + "/matches", Data: people.bottlenecks(found),
	})
}
