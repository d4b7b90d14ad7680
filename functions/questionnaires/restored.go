package questionnaires

import (
	"context"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/shared/platform/pseudonym"
	"github.com/cascading-leadership/cascade/shared/platform/retention"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// behind reports whether a programme's answers may be those of a backup, see Secret.Behind. It
// reads two documents, and counts the programme's tombstones.
func (s *site) behind(ctx context.Context, p *programme.Programme) (bool, error) {
	var secret *questionnaire.Secret
	var marks *questionnaire.Marks
	var tombstones int
	var reading errgroup.Group
	reading.Go(func() (err error) { secret, err = s.Answers.Secret(ctx, p.ID); return err })
	reading.Go(func() (err error) { marks, err = s.Store.Marks(ctx, p.ID); return err })
	reading.Go(func() (err error) { tombstones, err = s.Store.CountErasedAnswers(ctx, p.ID); return err })
	err := reading.Wait()
	return err == nil && secret != nil && secret.Behind(marks, tombstones, p.Retention.Begun()), err
}

// catchUp does again what was done to answers that a backup brought back: those go of whom
// there are tombstones, and moments are written anew that have closed; where the answers are
// anonymous, or their programme is over, so they are again. Where none was restored it looks
// at what behind reads. Else it reads the programme's tombstones, who takes part in it, and of
// its answers up to 3,000 ids a sweep: done says that it has come to the end, and until then
// nothing else is done with them.
func (s *site) catchUp(ctx context.Context, p *programme.Programme) (done bool, err error) {
	if behind, err := s.behind(ctx, p); err != nil || !behind {
		return !behind, err
	}
	slog.InfoContext(ctx, "answers are compared: a backup of them may have been restored", "programme", p.ID)
	secret, err := s.Answers.Secret(ctx, p.ID)
	if err != nil {
		return false, err
	}
	pseudonyms, err := pseudonym.By(s.AnswerKeys, secret)
	if err != nil {
		return false, err
	}
	marks, err := s.Store.Marks(ctx, p.ID)
	if err != nil {
		return false, err
	}
	if over, err := s.dropGone(ctx, p, secret, pseudonyms); err != nil || !over {
		return false, err
	}
	for _, m := range marks.Closed {
		if err := s.closeAnswers(ctx, secret, m); err != nil {
			return false, err
		}
	}
	if left, err := retention.Scheduled(s.Store, s.Now).PartAgain(ctx, s.Answers, p); err != nil || left {
		return false, err
	}
	if marks.Anonymous {
		return true, s.destroy(ctx, p)
	}
	secret.Compared, secret.Look, secret.Over = secret.Look.Tombstones, questionnaire.Look{}, p.Retention.Begun()
	for _, m := range marks.Closed {
		secret.Close(m)
	}
	c := s.Answers.Commit()
	c.SaveSecret(secret)
	return true, c.Do(ctx)
}

// dropGone takes away the answers that tombstones name, and what they stand for behind
// published figures, as far as one sweep comes; over says that it has come to the end. Whoever
// takes part has none: they have enrolled again since, or a backup of the people has brought
// them back, too, and with them go their answers.
func (s *site) dropGone(ctx context.Context, p *programme.Programme, secret *questionnaire.Secret, pseudonyms questionnaire.Pseudonyms) (over bool, err error) {
	n, gone, err := s.Store.ErasedAnswers(ctx, p.ID)
	if err != nil {
		return false, err
	}
	if secret.Look.Tombstones != n {
		secret.Look = questionnaire.Look{Tombstones: n}
	}
	if n == 0 {
		return true, nil
	}
	people, err := s.Store.People(ctx, p.ID)
	if err != nil {
		return false, err
	}
	for person := range people {
		for _, hash := range pseudonyms.AllGone(person) {
			delete(gone, hash)
		}
	}
	secret.Look, over, err = s.Answers.DropGone(ctx, p.ID, secret.Look, func(id string) bool { return gone[pseudonyms.Gone(id)] })
	if err != nil {
		return false, err
	}
	if !over {
		c := s.Answers.Commit()
		c.SaveSecret(secret)
		return false, c.Do(ctx)
	}
	bases, err := s.Answers.Bases(ctx, p.ID)
	if err != nil {
		return false, err
	}
	c := s.Answers.Commit()
	for _, b := range bases {
		if b.Forget(func(hash uint64) bool { return gone[pseudonyms.GoneFrom(hash)] }) {
			c.UpdateBasis(p.ID, b)
		}
	}
	return true, c.Do(ctx)
}
