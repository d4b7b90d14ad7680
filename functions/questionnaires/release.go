package questionnaires

import (
	"context"
	cryptorand "crypto/rand"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/evaluation"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/pseudonym"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// release publishes figures of a programme where a moment has closed of which there are none,
// or where enough people have joined or left since the last ones. It is this function's, since
// only this one reads both how far people came and what they answered, and it has no need to
// know whose answers are whose: the two are counted apart. What it writes are figures, and
// with them, for the next time, who stands behind them as keyed hashes. Whether enough people
// have joined or left takes reading all of them, and is looked at once a day.
func (s *site) release(ctx context.Context, p *programme.Programme, daily bool) error {
	if !p.Closed(programme.Baseline, s.Now()) && !p.Closed(programme.Closing, s.Now()) {
		return nil
	}
	releases, err := s.Answers.Releases(ctx, p.ID)
	if err != nil {
		return err
	}
	moment, owed := evaluation.Owed(p, releases, s.Now())
	if !owed && !daily {
		return nil
	}
	pseudonyms, err := pseudonym.Of(ctx, s.Answers, s.AnswerKeys, p.ID)
	if errors.Is(err, pseudonym.ErrAnonymous) {
		return nil // whoever joins or leaves now cannot be told from who was there
	}
	if err != nil {
		return err
	}
	bases, err := s.Answers.Bases(ctx, p.ID)
	if err != nil {
		return err
	}
	past, err := evaluation.Past(releases, bases, pseudonyms.Standing)
	if err != nil {
		return err
	}
	cohort, err := s.cohort(ctx, p)
	if err != nil {
		return err
	}
	r, behindIt, fresh := disclosure.Next(moment, s.Now().In(p.Location()).Format(time.DateOnly), cohort, past, coins())
	if !fresh && !owed {
		return nil
	}
	// A backup may have been restored since the sweep began.
	if behind, err := s.behind(ctx, p); err != nil || behind {
		return err
	}
	if uncompared, err := s.Store.BroughtBack(ctx); err != nil || uncompared {
		return err
	}
	look := p.Look
	if look.Logo.ID != "" {
		look.Logo.Alt = p.LogoText()
	}
	c := s.Answers.Commit()
	c.CreateRelease(p.ID, &evaluation.Release{
		Release: *r, Programme: p.Name, Terms: p.Terms, Look: look, Baseline: p.Questionnaires.Baseline, CreatedAt: s.Now(),
	}, evaluation.NewBasis(behindIt, pseudonyms.Standing, s.Now()))
	if err := c.Do(ctx); err != nil && !store.IsConflict(err) { // another sweep came first
		return err
	}
	slog.InfoContext(ctx, "a release is made", "programme", p.ID, "number", r.Number)
	return nil
}

// coins are numbers that nobody can foresee.
func coins() func() float64 {
	var seed [32]byte
	_, _ = cryptorand.Read(seed[:]) // never fails
	return rand.New(rand.NewChaCha8(seed)).Float64
}

// cohort is how far a programme's people came, and what they answered.
func (s *site) cohort(ctx context.Context, p *programme.Programme) (c disclosure.Cohort, err error) {
	before, err := questionnaire.Load(p.Questionnaires.Baseline)
	if err != nil {
		return c, err
	}
	after, err := questionnaire.Load(p.Questionnaires.Closing)
	if err != nil {
		return c, err
	}
	var enrolments []*enrolment.Enrolment
	var matches []*pairing.Match
	var pairings []*pairing.Pairing
	var responses []*questionnaire.Response
	var reading errgroup.Group
	reading.Go(func() (err error) { enrolments, err = s.Store.Stages(ctx, p.ID); return err })
	reading.Go(func() (err error) { matches, err = s.Store.MatchedPairs(ctx, p); return err })
	reading.Go(func() (err error) { pairings, err = s.Store.Pairs(ctx, p.ID); return err })
	reading.Go(func() (err error) { responses, err = s.Answers.Responses(ctx, p.ID); return err })
	if err := reading.Wait(); err != nil {
		return c, err
	}
	var matched, paired []evaluation.Pair
	for _, m := range matches {
		matched = append(matched, evaluation.Pair{Client: m.Client.Enrolment, Consultant: m.Consultant.Enrolment})
	}
	for _, x := range pairings {
		paired = append(paired, evaluation.Pair{Client: x.Client, Consultant: x.Consultant, Held: x.Held > 0, Completed: x.State == pairing.Completed})
	}
	questions := evaluation.Questions(before, after)
	c = disclosure.Cohort{People: evaluation.Reached(enrolments, matched, paired), Answers: evaluation.Answered(questions, responses)}
	for _, q := range questions {
		c.Questions = append(c.Questions, q.ID)
	}
	return c, nil
}
