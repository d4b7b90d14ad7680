package matches

import (
	"net/http"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// whyPage asks for two people, and says why they are not matched with each other.
type whyPage struct {
	Clients, Consultants []web.Option
	Client, Consultant   string
	// A and B are the two who were chosen, or nil.
	A, B *enrolment.Enrolment
	// NotFree are those of the two who take no part in the next run.
	NotFree  []string
	Matched  bool
	RuledOut string
	Lacks    string
	Score    int
	Cost     *costWords
}

// ShowWhy says for any two people why they are not matched with each other, as things
// are now.
func (h Handlers) ShowWhy(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	people, err := site.ReadNames(ctx, h.Store, p)
	if err != nil {
		return err
	}
	at, err := h.Store.MatchingInput(ctx, p.ID)
	if err != nil {
		return err
	}
	data := &whyPage{Client: r.FormValue("for"), Consultant: r.FormValue("with")}
	pr := at.Settled()
	data.Clients, data.Consultants = options(people, pr.Clients), options(people, pr.Consultants)
	page := web.Page{Title: "Why two people are not matched", Programme: p, Back: deskpath.Of(p.ID).Matches(), Data: data}
	if data.Client == "" || data.Consultant == "" {
		if err := h.Saw(r, access.Pair); err != nil {
			return err
		}
		return h.Page(w, r, "why", page)
	}
	if data.A, data.B, err = two(people, data.Client, data.Consultant); err != nil {
		return err
	}
	if err := h.Saw(r, access.Pair, data.Client, data.Consultant); err != nil {
		return err
	}
	type answer struct {
		*solved
		matching.Answer
	}
	found, err := within(ctx, func() (answer, error) {
		now, err := solve(at)
		if err != nil || !now.included(data.Client) || !now.included(data.Consultant) {
			return answer{solved: now}, err
		}
		why, err := now.Why(now.problem, data.Client, data.Consultant)
		return answer{now, why}, err
	})
	if err != nil {
		return err
	}
	for _, e := range []*enrolment.Enrolment{data.A, data.B} {
		if !found.included(e.ID) {
			data.NotFree = append(data.NotFree, e.Person.Name)
		}
	}
	data.Matched, data.Score, data.Lacks = found.Answer.Matched, found.Answer.Score, found.Answer.Lacks
	if found.RuledOut != "" {
		data.RuledOut = found.RuledOut.Unmet()
	}
	if found.Cost != nil {
		words := costInWords(people, p, *found.Cost)
		data.Cost = &words
	}
	return h.Page(w, r, "why", page)
}
