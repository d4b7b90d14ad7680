package questionnaires

import (
	"context"
	"log/slog"
	"slices"

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
	secret.Look, secret.Over = questionnaire.Look{}, p.Retention.Begun()
	for _, m := range marks.Closed {
		secret.Close(m)
	}
	c := s.Answers.Commit()
	c.SaveSecret(secret)
	return true, c.Do(ctx)
}

// dropGone takes away the answers that tombstones name which the secret does not know, and what they
// stand for behind published figures, as far as one sweep comes; over says that it has come to
// the end.
func (s *site) dropGone(ctx context.Context, p *programme.Programme, secret *questionnaire.Secret, pseudonyms questionnaire.Pseudonyms) (over bool, err error) {
	tombstones, err := s.Store.ErasedAnswers(ctx, p.ID)
	if err != nil {
		return false, err
	}
	if secret.Look.Tombstones != len(tombstones) {
		secret.Look = questionnaire.Look{Tombstones: len(tombstones)}
	}
	tombstones = slices.DeleteFunc(tombstones, func(t *questionnaire.Tombstone) bool { return secret.Knows(t.ID) })
	if len(tombstones) == 0 {
		return true, nil
	}
	gone, err := s.gone(ctx, p, tombstones, pseudonyms)
	if err != nil {
		return false, err
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
	if err := c.Do(ctx); err != nil {
		return false, err
	}
	for _, t := range tombstones {
		secret.Bury(t.ID) // to be saved with the rest
	}
	return true, nil
}

// gone is all that some tombstones name. Those of a version before may have been compared with
// the answers that are there, so that they are of nobody who takes part: they may have enrolled
// again since, and if a backup of the people has brought them back, their answers go with them.
func (s *site) gone(ctx context.Context, p *programme.Programme, tombstones []*questionnaire.Tombstone, pseudonyms questionnaire.Pseudonyms) (map[string]bool, error) {
	people := map[string]string{}
	if slices.ContainsFunc(tombstones, func(t *questionnaire.Tombstone) bool { return !t.Buried }) {
		there, err := s.Store.People(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		for person := range there {
			for _, hash := range pseudonyms.AllGone(person) {
				people[hash] = person
			}
		}
	}
	all := map[string]bool{}
	for _, t := range tombstones {
		for _, hash := range t.Gone {
			if t.Buried || people[hash] == "" {
				all[hash] = true
			}
		}
	}
	return all, nil
}

// uncompared reports whether somebody who was forgotten and has enrolled again would be shown
// answers from before, which a backup brought back and the sweep has not come to.
func (s *site) uncompared(ctx context.Context, secret *questionnaire.Secret, response string, pseudonyms questionnaire.Pseudonyms) (bool, error) {
	tombstones, err := s.Store.ErasedAs(ctx, pseudonyms.Gone(response))
	return slices.ContainsFunc(tombstones, func(t *questionnaire.Tombstone) bool { return t.Buried && !secret.Knows(t.ID) }), err
}
