package participant

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"github.com/cascading-leadership/cascade/shared/agenda"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/device"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// ahead reads what somebody takes part in, or what is held about them, while their link is looked
// for, where their browser says whose it most likely is: what there is of others, and at their
// addresses, follows only from what there is of them. Where it was somebody else's it is read once
// the link is known.
func (s *site) ahead(r *http.Request, what purpose.Purpose, page store.Page) (known func(context.Context, *store.Link)) {
	read := s.beside(what, page)
	whom := s.Devices.Whom(r)
	if read == nil || len(whom) == 0 { // who is not known is asked for a code
		return nil
	}
	var guessed sync.WaitGroup
	beside, join := cost.Branch(r.Context())
	for _, w := range whom {
		guessed.Go(func() { read(beside, w) })
	}
	return func(ctx context.Context, l *store.Link) {
		guessed.Wait()
		join(ctx)
		if !slices.ContainsFunc(whom, func(w device.Whom) bool { return w.Is(l) }) {
			read(ctx, device.Whom{Programme: l.Programme, Person: l.Person})
		}
	}
}

// beside is how a page reads what it asks for of somebody; nil where it asks for little. What goes
// wrong is told to the page.
func (s *site) beside(what purpose.Purpose, page store.Page) func(context.Context, device.Whom) {
	switch what {
	case purpose.My:
		if also, reads := s.besideMy(page); reads {
			return func(ctx context.Context, w device.Whom) {
				_, _ = s.Store.TakingPart(ctx, &programme.Programme{ID: w.Programme}, w.Person, also...)
			}
		}
	case purpose.Mine:
		if at := append(slices.Clone(page.Below), "", ""); !page.Changes && (at[0] == "" || at[0] == "download" && at[1] != "") {
			return func(ctx context.Context, w device.Whom) {
				if p, err := s.Store.RecentProgramme(ctx, w.Programme); err == nil {
					_ = s.Store.LookForTheirs(ctx, p, w.Person)
				}
			}
		}
	}
	return nil
}

// besideMy is what a page under My programme reads of somebody's pairings, once these are known;
// and whether it reads any of what they take part in.
func (s *site) besideMy(page store.Page) (also []func(context.Context, *store.TakingPart) error, reads bool) {
	at := append(slices.Clone(page.Below), "", "")
	works := func(roles ...programme.Role) []func(context.Context, *store.TakingPart) error {
		return []func(context.Context, *store.TakingPart) error{func(ctx context.Context, part *store.TakingPart) error {
			_, err := s.works(ctx, part, roles...)
			return err
		}}
	}
	switch {
	case at[0] == "" || at[0] == "open":
		return nil, true
	case at[0] == passOnOf:
		return []func(context.Context, *store.TakingPart) error{func(ctx context.Context, part *store.TakingPart) error {
			from := agenda.Completed(part.Facts)
			if from == nil {
				return nil
			}
			_, err := s.Store.Ending(ctx, part.Programme.ID, from.ID, programme.Client)
			return err
		}}, true
	case at[0] == chairOf && at[1] == beforeItStarts && !page.Changes:
		return nil, true
	case at[0] == chairOf && !page.Changes: // as it was edited, a letter needs nothing
		return works(programme.Roles...), true
	case at[0] == hoursOf:
		return works(programme.Consultant), true
	}
	return nil, false
}
