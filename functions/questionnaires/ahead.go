package questionnaires

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/pseudonym"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// kept is what lies among the answers of one person at one moment.
type kept struct {
	store.Answered
	// agreement is to the privacy notice, or nil; and former says that what is there may be from
	// before they were forgotten, see uncompared.
	agreement *questionnaire.Agreed
	former    bool
}

// kept reads what lies under somebody's pseudonyms, and whether it is theirs.
func (s *site) kept(ctx context.Context, p string, secret *questionnaire.Secret, by questionnaire.Pseudonyms, enrolment string, m programme.Moment) (found kept, err error) {
	id := by.Response(enrolment, m)
	err = store.InParallel(ctx, func(ctx context.Context) (err error) {
		found.Answered, err = s.Answers.Answered(ctx, p, id, by.Saved(enrolment, m))
		return err
	}, func(ctx context.Context) (err error) {
		found.agreement, err = s.Answers.Agreed(ctx, p, by.Agreed(enrolment))
		return err
	}, func(ctx context.Context) (err error) {
		found.former, err = s.uncompared(ctx, secret, id, by)
		return err
	})
	return found, err
}

// ahead reads what lies among the answers of a link's owner at the same time as what lies beside
// people. Under which ids it does follows from the programme's secret, which nobody keeps in
// memory: that of the programmes whose links were opened last is read while the link is, since
// most links are to one of them. Else the page waits for it.
func (s *site) ahead(r *http.Request, _ purpose.Purpose, page store.Page) (known func(context.Context, *store.Link)) {
	if len(page.Below) > 0 && page.Below[0] == "code" { // which shows no answers
		return nil
	}
	var guessed sync.WaitGroup
	beside, join := cost.Branch(r.Context())
	for _, p := range s.opened.last() {
		guessed.Go(func() { _, _ = s.Answers.Secret(beside, p) })
	}
	return func(ctx context.Context, l *store.Link) {
		s.opened.add(l.Programme)
		guessed.Wait()
		join(ctx)
		m := questionnaire.MomentOf(l.Invitation, l.Person)
		secret, err := s.Answers.Secret(ctx, l.Programme)
		if err != nil || secret == nil || m == "" {
			return
		}
		if by, err := pseudonym.By(s.AnswerKeys, secret); err == nil {
			_, _ = s.kept(ctx, l.Programme, secret, by, l.Person, m)
		}
	}
}

// opened are programmes by when a link to one was last opened. It is safe for concurrent use.
type opened struct {
	mu  sync.Mutex
	ids []string
}

// guesses is of how many programmes the secret is read before it is known which it is.
const guesses = 2

func (o *opened) add(p string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	ids := append([]string{p}, slices.DeleteFunc(slices.Clone(o.ids), func(id string) bool { return id == p })...)
	o.ids = ids[:min(len(ids), guesses)]
}

// last are the programmes whose links were opened last.
func (o *opened) last() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ids
}
