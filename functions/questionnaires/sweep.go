package questionnaires

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/platform/pseudonym"
	"github.com/cascading-leadership/cascade/shared/platform/retention"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/register"
)

// sweep invites whom an event missed, and does in each programme what its day asks for. Who is
// to be forgotten goes first. Where a backup of the people was restored, answers wait until it
// is compared with who was forgotten before, as emails do: else somebody who came back with
// it would stand behind figures, or their answers become anonymous and stay.
func (s *site) sweep(ctx context.Context) error {
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return err
	}
	uncompared, err := s.Store.BroughtBack(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range all {
		err := s.Store.ForgetPart(ctx, p, register.Questionnaires, s.Now(), s.forget)
		if err == nil && !uncompared {
			err = untilFirst(func() error { return s.keepUp(ctx, p) })
		}
		if p.Retention.Due(s.Now()) { // nobody is there to be invited
			err = errors.Join(err, retention.Scheduled(s.Store, s.Now).Part(ctx, s.Answers, p, register.Questionnaires))
		} else {
			err = errors.Join(err, s.inviteMissed(ctx, p))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("programme %s: %w", p.ID, err))
		}
	}
	return errors.Join(errs...)
}

// keepUp keeps a programme's answers apart once they are not a backup's any more.
func (s *site) keepUp(ctx context.Context, p *programme.Programme) error {
	done, err := s.catchUp(ctx, p)
	if err != nil || !done {
		return err
	}
	return s.keepApart(ctx, p)
}

// keepApart moves answers that are kept beside people, marks once a day who has answered or
// agreed to a changed notice, writes moments anew that have closed, publishes figures, and
// destroys the key on its day. Each step is begun anew where it was broken off.
func (s *site) keepApart(ctx context.Context, p *programme.Programme) error {
	if err := s.moveFormer(ctx, p); err != nil {
		return err
	}
	marks, err := s.Store.Marks(ctx, p.ID)
	if err != nil || marks.Anonymous {
		return err
	}
	secret, err := s.Answers.Secret(ctx, p.ID)
	if err != nil {
		return err
	}
	if secret != nil && secret.Destroyed() { // it was broken off, or the marks are a backup's from before
		return s.makeAnonymous(ctx, p, marks)
	}
	day := marks.Due(p, s.Now())
	if day != "" {
		if err := s.mark(ctx, p, marks, day); err != nil {
			return err
		}
	}
	if !marks.Made(p, s.Now()) {
		return nil
	}
	for _, m := range marks.ToClose(p, s.Now()) {
		if err := s.close(ctx, p, m); err != nil {
			return fmt.Errorf("close the %s: %w", m, err)
		}
	}
	// What a release rests on is not kept longer than people are: another one could then be
	// told from those before.
	if !p.Retention.Due(s.Now()) {
		if err := s.release(ctx, p, day != ""); err != nil {
			return fmt.Errorf("make a release: %w", err)
		}
	}
	if len(marks.Closed) < len(programme.Moments) && len(marks.ToClose(p, s.Now())) == 0 {
		return nil
	}
	if marks, err = s.Store.Marks(ctx, p.ID); err != nil || !marks.ToForget(p, s.Now()) {
		return err
	}
	return s.makeAnonymous(ctx, p, marks)
}

// mostMarks is how many invitations are marked in one commit, beside the document that says
// that it was done. More are marked in several.
const mostMarks = store.MaxWrites - 1

// mark marks who has answered, for the day. It asks for the answers of everybody who is not
// marked yet, and marks all of them together and in random order: that somebody is marked
// tells that they had answered by then, and nothing of when. So it is with who has agreed to the
// notice on the way.
func (s *site) mark(ctx context.Context, p *programme.Programme, marks *questionnaire.Marks, day string) error {
	agreed, err := s.Answers.AllAgreed(ctx, p.ID)
	if err != nil {
		return err
	}
	open, err := s.Store.AllOpenInvitations(ctx, p.ID)
	if err != nil {
		return err
	}
	if err := s.recordAgreed(ctx, p, agreed, open); err != nil {
		return fmt.Errorf("record who has agreed to the notice: %w", err)
	}
	answered, err := s.answered(ctx, p, open)
	if err != nil {
		return err
	}
	shuffle(answered)
	marks.Day = day
	for {
		some := answered[:min(len(answered), mostMarks)]
		answered = answered[len(some):]
		c := s.Store.Commit()
		for _, i := range some {
			i.Mark()
			c.UpdateInvitation(p.ID, i)
			c.LogTransition("invitation", i.ID, "submitted")
		}
		if len(answered) == 0 {
			c.SaveMarks(marks)
			return c.Do(ctx)
		}
		if err := c.Do(ctx); err != nil {
			return err
		}
	}
}

// answered are those of some invitations whose answers have been handed in.
func (s *site) answered(ctx context.Context, p *programme.Programme, open []*questionnaire.Invitation) (all []*questionnaire.Invitation, err error) {
	if len(open) == 0 {
		return nil, nil
	}
	pseudonyms, err := pseudonym.Of(ctx, s.Answers, s.AnswerKeys, p.ID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(open))
	for k, i := range open {
		ids[k] = pseudonyms.Response(i.Enrolment, i.Moment)
	}
	there, err := s.Answers.HandedIn(ctx, p.ID, ids)
	if err != nil {
		return nil, err
	}
	for k, i := range open {
		if there[ids[k]] {
			all = append(all, i)
		}
	}
	return all, nil
}

func shuffle[T any](all []T) {
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
}

// atOnce is how many documents of a moment are written anew in one commit, of two writes each.
const atOnce = 200

// close writes anew what belongs to a moment that has closed: the answers, under other ids,
// what was saved and not handed in goes, and then the marks, with what reminders had to look
// at. Nobody answers meanwhile. What Firestore keeps of when a document was made and last
// written is then the same for all, or in an order that has nothing to do with theirs.
func (s *site) close(ctx context.Context, p *programme.Programme, m programme.Moment) error {
	secret, err := pseudonym.Secret(ctx, s.Answers, s.AnswerKeys, p.ID)
	if err != nil {
		return err
	}
	if !secret.Destroyed() { // or they were before
		if err := s.closeAnswers(ctx, secret, m); err != nil {
			return err
		}
		if secret.Close(m) {
			c := s.Answers.Commit()
			c.SaveSecret(secret)
			if err := c.Do(ctx); err != nil {
				return err
			}
		}
	}
	invitations, err := s.Store.InvitationsAt(ctx, p.ID, m)
	if err != nil {
		return err
	}
	marks, err := s.Store.Marks(ctx, p.ID)
	if err != nil {
		return err
	}
	marks.Closed = append(marks.Closed, m)
	shuffle(invitations)
	for {
		some := invitations[:min(len(invitations), mostMarks)]
		invitations = invitations[len(some):]
		c := s.Store.Commit()
		for _, i := range some {
			i.DueAt, i.UpdatedAt = time.Time{}, i.CreatedAt
			c.UpdateInvitation(p.ID, i)
		}
		if len(invitations) == 0 {
			c.SaveMarks(marks)
			return c.Do(ctx)
		}
		if err := c.Do(ctx); err != nil {
			return err
		}
	}
}

// closeAnswers writes the answers of a moment anew, and takes away what was saved and not handed
// in.
func (s *site) closeAnswers(ctx context.Context, secret *questionnaire.Secret, m programme.Moment) error {
	pseudonyms, err := pseudonym.By(s.AnswerKeys, secret)
	if err != nil {
		return err
	}
	for {
		some, err := s.Answers.ToRewrite(ctx, secret.Programme, m, atOnce)
		if err != nil {
			return err
		}
		if err := s.rewrite(ctx, secret.Programme, some, pseudonyms); err != nil {
			return err
		}
		if len(some) < atOnce {
			break
		}
	}
	for {
		some, err := s.Answers.SavedAt(ctx, secret.Programme, m, atOnce)
		if err != nil {
			return err
		}
		c := s.Answers.Commit()
		for _, saved := range some {
			c.DeleteSaved(secret.Programme, saved)
		}
		if err := c.Do(ctx); err != nil {
			return err
		}
		if len(some) < atOnce {
			return nil
		}
	}
}

// rewrite writes answers anew under their other ids. What stands there already is the later
// one: then a backup has brought back the one before, which goes.
func (s *site) rewrite(ctx context.Context, p string, some []*questionnaire.Response, pseudonyms questionnaire.Pseudonyms) error {
	anew := func(there map[string]bool) error {
		c := s.Answers.Commit()
		for _, r := range some {
			if id := pseudonyms.Rewritten(r.ID); there[id] {
				c.DeleteResponse(p, r)
			} else {
				c.Rewrite(p, r, id)
			}
		}
		return c.Do(ctx)
	}
	err := anew(nil)
	if !errors.Is(err, store.ErrExists) {
		return err
	}
	ids := make([]string, len(some))
	for i, r := range some {
		ids[i] = pseudonyms.Rewritten(r.ID)
	}
	there, err := s.Answers.HandedIn(ctx, p, ids)
	if err != nil {
		return err
	}
	return anew(there)
}

// makeAnonymous destroys a programme's secret, whose day has come: from then on nobody can tell
// whose answers are whose. Nobody answers any more from then on.
func (s *site) makeAnonymous(ctx context.Context, p *programme.Programme, marks *questionnaire.Marks) error {
	if err := s.destroy(ctx, p); err != nil {
		return err
	}
	for _, m := range programme.Moments {
		if !slices.Contains(marks.Closed, m) {
			if err := s.close(ctx, p, m); err != nil {
				return err
			}
		}
	}
	marks, err := s.Store.Marks(ctx, p.ID)
	if err != nil {
		return err
	}
	marks.Anonymous = true
	c := s.Store.Commit()
	c.SaveMarks(marks)
	return c.Do(ctx)
}

// destroy takes away what people wrote in their own words, by which they might be told all the
// same, and then the secret: where that is gone, so are the words, also in any backup.
func (s *site) destroy(ctx context.Context, p *programme.Programme) error {
	all, err := s.Answers.Responses(ctx, p.ID)
	if err != nil {
		return err
	}
	c, n := s.Answers.Commit(), 0
	for _, r := range all {
		d, err := questionnaire.Load(r.Questionnaire)
		if err != nil {
			return fmt.Errorf("forget what was written: %w", err)
		}
		if !d.Forget(r.Answers) {
			continue
		}
		c.UpdateResponse(p.ID, r)
		if n++; n%atOnce == 0 {
			if err := c.Do(ctx); err != nil {
				return err
			}
			c = s.Answers.Commit()
		}
	}
	if err := c.Do(ctx); err != nil {
		return err
	}
	secret, err := pseudonym.Secret(ctx, s.Answers, s.AnswerKeys, p.ID)
	if err != nil || secret.Destroyed() {
		return err
	}
	last := s.Answers.Commit()
	last.DestroySecret(secret)
	return last.Do(ctx)
}

// movedAtOnce is how many answers are moved in one commit, of three writes each.
const movedAtOnce = 150

// moveFormer moves answers that a version before kept beside people, and takes from their
// invitations what led to them. Those of a commit are moved together and in random order, so
// that no time joins the two.
func (s *site) moveFormer(ctx context.Context, p *programme.Programme) error {
	invitations, err := s.Store.FormerInvitations(ctx, p.ID)
	if err != nil || len(invitations) == 0 {
		return err
	}
	pseudonyms, err := pseudonym.Of(ctx, s.Answers, s.AnswerKeys, p.ID)
	moved := errors.Is(err, pseudonym.ErrAnonymous) // before a backup brought them back
	if err != nil && !moved {
		return err
	}
	shuffle(invitations)
	// Parts of about one size, so that none is of one person alone.
	parts := (len(invitations) + movedAtOnce - 1) / movedAtOnce
	for k := range parts {
		some := invitations[k*len(invitations)/parts : (k+1)*len(invitations)/parts]
		if err := s.movePart(ctx, p, pseudonyms, some, moved); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) movePart(ctx context.Context, p *programme.Programme, pseudonyms questionnaire.Pseudonyms, invitations []*questionnaire.Invitation, moved bool) error {
	ids := make([]string, len(invitations))
	for k, i := range invitations {
		ids[k] = i.Former
	}
	former, err := s.Store.FormerResponses(ctx, p.ID, ids)
	if err != nil {
		return err
	}
	// Who was in two pairings has answered twice: what was handed in goes before what was not.
	handedIn := func(i *questionnaire.Invitation) int {
		if f := former[i.Former]; f != nil && f.Submitted {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(invitations, func(a, b *questionnaire.Invitation) int { return handedIn(a) - handedIn(b) })
	into := s.Answers.Commit()
	to := map[string]bool{}
	for _, i := range invitations {
		f := former[i.Former]
		if f == nil || len(f.Answers) == 0 || moved {
			continue
		}
		there, err := s.Answers.Answered(ctx, p.ID, pseudonyms.Response(i.Enrolment, i.Moment), pseudonyms.Saved(i.Enrolment, i.Moment))
		if err != nil {
			return err
		}
		saved := pseudonyms.New(i)
		saved.Answers = f.Answers
		if there.Response != nil || to[saved.ID] || there.Saved != nil && !f.Submitted {
			continue
		}
		to[saved.ID] = true
		if !f.Submitted {
			into.Save(p.ID, saved)
			continue
		}
		r := pseudonyms.Moved(i, f)
		into.Move(p.ID, r)
		if there.Saved != nil {
			into.DeleteSaved(p.ID, there.Saved)
		}
	}
	if err := into.Do(ctx); err != nil {
		return err
	}
	c := s.Store.Commit()
	for _, i := range invitations {
		if f := former[i.Former]; f != nil {
			c.DeleteFormer(p.ID, f)
		}
		i.Former, i.UpdatedAt = "", i.CreatedAt
		c.UpdateInvitation(p.ID, i)
	}
	return c.Do(ctx)
}

// forget takes away somebody's answers, which this function alone can find: what they handed
// in, under the id that it had or has since its moment closed, what they saved, and that they
// stand behind published figures, which stay. Before that it keeps a tombstone, by which they
// go again where a backup of the answers brings them back. Once the secret is destroyed nobody
// finds them, and they are nobody's.
func (s *site) forget(ctx context.Context, who *store.Person, e *erasure.Erasure) error {
	p := who.Programme
	if err := untilFirst(func() error { return s.moveFormer(ctx, p) }); err != nil {
		return err
	}
	secret, err := s.Answers.Secret(ctx, p.ID)
	if err != nil || secret == nil || secret.Destroyed() {
		return err
	}
	pseudonyms, err := pseudonym.By(s.AnswerKeys, secret)
	if err != nil {
		return err
	}
	tombstone := pseudonyms.Tombstone(p.ID, who.ID, e.CreatedAt)
	fresh, err := s.Store.BuryAnswers(ctx, tombstone)
	if err != nil {
		return err
	}
	return untilFirst(func() error {
		c := s.Answers.Commit()
		if fresh { // one more, which no backup lacks
			if secret, err = s.Answers.Secret(ctx, p.ID); err != nil {
				return err
			}
			secret.Bury(tombstone.ID)
			c.SaveSecret(secret)
		}
		for _, m := range programme.Moments {
			id := pseudonyms.Response(who.ID, m)
			for _, response := range []string{id, pseudonyms.Rewritten(id)} {
				found, err := s.Answers.Answered(ctx, p.ID, response, pseudonyms.Saved(who.ID, m))
				if err != nil {
					return err
				}
				if found.Response != nil {
					c.DeleteResponse(p.ID, found.Response)
				}
				if found.Saved != nil && response == id {
					c.DeleteSaved(p.ID, found.Saved)
				}
			}
		}
		agreed, err := s.Answers.Agreed(ctx, p.ID, pseudonyms.Agreed(who.ID))
		if err != nil {
			return err
		}
		if agreed != nil {
			c.DeleteAgreed(p.ID, agreed)
		}
		bases, err := s.Answers.Bases(ctx, p.ID)
		if err != nil {
			return err
		}
		for _, b := range bases {
			if b.Forget(func(hash uint64) bool { return slices.Contains(pseudonyms.Standings(who.ID), hash) }) {
				c.UpdateBasis(p.ID, b)
			}
		}
		return c.Do(ctx)
	})
}
