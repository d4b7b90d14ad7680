package store

import (
	"context"
	"errors"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

func responseAt(r *questionnaire.Response, snap *firestore.DocumentSnapshot) {
	r.ID, r.Version = snap.Ref.ID, snap.UpdateTime
}

func savedAt(s *questionnaire.Saved, snap *firestore.DocumentSnapshot) {
	s.ID, s.Version = snap.Ref.ID, snap.UpdateTime
}

// Answered are one person's answers to one questionnaire, as far as they have come.
type Answered struct {
	// Response is what they have handed in, or nil.
	Response *questionnaire.Response
	// Saved is what they have saved and not handed in, or nil.
	Saved *questionnaire.Saved
}

// Answered reads what stands under the ids of one person's answers, in one round trip.
func (a *Answers) Answered(ctx context.Context, p, response, saved string) (found Answered, err error) {
	snaps, err := a.getAll(ctx, []*firestore.DocumentRef{a.response(p, response), a.saved(p, saved)})
	if err != nil {
		return found, failed(err, "read answers")
	}
	if snaps[0].Exists() {
		found.Response = new(questionnaire.Response)
		err = errors.Join(err, decode(snaps[0], found.Response))
		responseAt(found.Response, snaps[0])
	}
	if snaps[1].Exists() {
		found.Saved = new(questionnaire.Saved)
		err = errors.Join(err, decode(snaps[1], found.Saved))
		savedAt(found.Saved, snaps[1])
	}
	return found, err
}

func (a *Answers) response(p, id string) *firestore.DocumentRef {
	return document(a.in(p, "answers"), id)
}

func (a *Answers) saved(p, id string) *firestore.DocumentRef { return document(a.in(p, "saved"), id) }

// askedAtOnce is how many ids are asked for in one round trip.
const askedAtOnce = 300

// HandedIn says of ids of responses which of them are there.
func (a *Answers) HandedIn(ctx context.Context, p string, ids []string) (map[string]bool, error) {
	there := make(map[string]bool, len(ids))
	for len(ids) > 0 {
		some := ids[:min(len(ids), askedAtOnce)]
		ids = ids[len(some):]
		refs := make([]*firestore.DocumentRef, len(some))
		for i, id := range some {
			refs[i] = a.response(p, id)
		}
		snaps, err := a.getAll(ctx, refs)
		if err != nil {
			return nil, failed(err, "ask for answers")
		}
		for _, snap := range snaps {
			there[snap.Ref.ID] = snap.Exists()
		}
	}
	return there, nil
}

// Responses lists all responses of a programme.
func (a *Answers) Responses(ctx context.Context, p string) ([]*questionnaire.Response, error) {
	q := a.in(p, "answers").OrderBy(firestore.DocumentID, firestore.Asc)
	return list(ctx, q, "answers", responseAt)
}

// ToRewrite lists up to n responses of a moment that were not written anew yet, by id: in an
// order that has nothing to do with when they were handed in.
func (a *Answers) ToRewrite(ctx context.Context, p string, m programme.Moment, n int) ([]*questionnaire.Response, error) {
	return list(ctx, a.in(p, "answers").Where("moment", "==", m).Where("rewritten", "==", false).OrderBy(firestore.DocumentID, firestore.Asc).Limit(n), "answers", responseAt)
}

// SavedAt lists up to n of the answers of a moment that were saved and not handed in.
func (a *Answers) SavedAt(ctx context.Context, p string, m programme.Moment, n int) ([]*questionnaire.Saved, error) {
	return list(ctx, a.in(p, "saved").Where("moment", "==", m).Limit(n), "saved answers", savedAt)
}

// Hand creates a response. That it is there is that it was handed in, whoever asks: the answer
// to this commit may be lost, or another window may have come first.
func (c *AnswersCommit) Hand(p string, r *questionnaire.Response) {
	c.Move(p, r)
	c.byID = true
}

// Move creates a response that a version before kept elsewhere.
func (c *AnswersCommit) Move(p string, r *questionnaire.Response) {
	ref := c.answers.response(p, r.ID)
	if c.add(ref, r) {
		values, _ := fields(r)
		values["schema"] = typeOf(ref).Schema
		c.batch.Create(ref, values)
	}
}

// UpdateResponse writes a response as it was read and changed.
func (c *AnswersCommit) UpdateResponse(p string, r *questionnaire.Response) {
	c.update(c.answers.response(p, r.ID), r, r.Version)
}

// Rewrite writes a response anew under another id, and takes away the one that was read.
func (c *AnswersCommit) Rewrite(p string, r *questionnaire.Response, id string) {
	c.delete(c.answers.response(p, r.ID), r.Version)
	anew := *r
	anew.ID, anew.Rewritten = id, true
	c.create(c.answers.response(p, id), &anew)
}

// DeleteResponse takes away a response as it was read.
func (c *AnswersCommit) DeleteResponse(p string, r *questionnaire.Response) {
	c.delete(c.answers.response(p, r.ID), r.Version)
}

// Save writes saved answers as they were read and changed, or makes them.
func (c *AnswersCommit) Save(p string, s *questionnaire.Saved) {
	ref := c.answers.saved(p, s.ID)
	if s.Version.IsZero() {
		c.create(ref, s)
		return
	}
	c.update(ref, s, s.Version)
}

// DeleteSaved takes away saved answers as they were read.
func (c *AnswersCommit) DeleteSaved(p string, s *questionnaire.Saved) {
	if !s.Version.IsZero() {
		c.delete(c.answers.saved(p, s.ID), s.Version)
	}
}

func (a *Answers) agreed(p, id string) *firestore.DocumentRef { return document(a.in(p, "agreed"), id) }

func agreedAt(a *questionnaire.Agreed, snap *firestore.DocumentSnapshot) {
	a.ID, a.Written = snap.Ref.ID, snap.UpdateTime
}

// Agreed reads that somebody has agreed to a notice, or nil where nothing of it waits to be
// written beside people.
func (a *Answers) Agreed(ctx context.Context, p, id string) (*questionnaire.Agreed, error) {
	agreed := new(questionnaire.Agreed)
	snap, err := read(ctx, a.agreed(p, id), "agreement", agreed)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	agreedAt(agreed, snap)
	return agreed, nil
}

// AllAgreed lists all agreements of a programme that wait to be written beside people.
func (a *Answers) AllAgreed(ctx context.Context, p string) ([]*questionnaire.Agreed, error) {
	return list(ctx, a.in(p, "agreed").OrderBy(firestore.DocumentID, firestore.Asc), "agreements", agreedAt)
}

// SaveAgreed writes an agreement as it was read and changed, or makes it.
func (c *AnswersCommit) SaveAgreed(p string, a *questionnaire.Agreed) {
	ref := c.answers.agreed(p, a.ID)
	if a.Written.IsZero() {
		c.create(ref, a)
		return
	}
	c.update(ref, a, a.Written)
}

// DeleteAgreed takes away an agreement as it was read.
func (c *AnswersCommit) DeleteAgreed(p string, a *questionnaire.Agreed) {
	c.delete(c.answers.agreed(p, a.ID), a.Written)
}

func (a *Answers) secret(p string) *firestore.DocumentRef {
	return document(a.in(p, "secrets"), "pseudonyms")
}

// Secret reads a programme's secret, or nil where it has none yet.
func (a *Answers) Secret(ctx context.Context, p string) (*questionnaire.Secret, error) {
	s := &questionnaire.Secret{Programme: p}
	snap, err := read(ctx, a.secret(p), "secret", s)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.Version = snap.UpdateTime
	return s, nil
}

// CreateSecret adds a programme's secret.
func (c *AnswersCommit) CreateSecret(s *questionnaire.Secret) {
	c.create(c.answers.secret(s.Programme), s)
}

// SaveSecret writes a programme's secret as it was read, with how far its answers were compared.
func (c *AnswersCommit) SaveSecret(s *questionnaire.Secret) {
	c.update(c.answers.secret(s.Programme), s, s.Version)
}

// DestroySecret takes a programme's secret out of its document, which stays, so that there is
// never another.
func (c *AnswersCommit) DestroySecret(s *questionnaire.Secret) {
	s.Key, s.Value = "", ""
	c.update(c.answers.secret(s.Programme), s, s.Version)
}
