// Package pseudonym makes the pseudonyms under which a programme's answers are kept, by the
// key that the questionnaires function alone holds and the programme's secret.
package pseudonym

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// ErrAnonymous is that nobody can tell any more whose answers are whose.
var ErrAnonymous = fault.New(fault.Gone, "These questions are closed. Answers can no longer be given, nor traced to anybody.")

// Secret reads a programme's secret, and makes one where there is none yet.
func Secret(ctx context.Context, answers *store.Answers, ring keys.Ring, programme string) (*questionnaire.Secret, error) {
	found, err := answers.Secret(ctx, programme)
	if found != nil || err != nil {
		return found, err
	}
	value := make([]byte, 32)
	_, _ = rand.Read(value) // never fails
	c := answers.Commit()
	c.CreateSecret(&questionnaire.Secret{Programme: programme, Key: ring[0].ID, Value: hex.EncodeToString(value)})
	if err := c.Do(ctx); err != nil && !errors.Is(err, store.ErrExists) {
		return nil, err
	}
	// Whoever came first has made the one that counts.
	if found, err = answers.Secret(ctx, programme); err == nil && found == nil {
		err = fmt.Errorf("the secret of programme %s was made, and is not there", programme)
	}
	return found, err
}

// By are the pseudonyms of a programme by its secret.
func By(ring keys.Ring, secret *questionnaire.Secret) (questionnaire.Pseudonyms, error) {
	if secret.Destroyed() {
		return questionnaire.Pseudonyms{}, ErrAnonymous
	}
	one, ok := ring.Named(secret.Key)
	if !ok {
		return questionnaire.Pseudonyms{}, fmt.Errorf("CASCADE_ANSWER_KEYS lacks the key %q, by which the answers of programme %s are found: put it back", secret.Key, secret.Programme)
	}
	key, err := hex.DecodeString(one.Hash(secret.Value))
	if err != nil {
		return questionnaire.Pseudonyms{}, err // no hash of ours
	}
	return questionnaire.NewPseudonyms(key), nil
}

// Of are the pseudonyms of a programme, with a secret that is made where there is none.
func Of(ctx context.Context, answers *store.Answers, ring keys.Ring, programme string) (questionnaire.Pseudonyms, error) {
	secret, err := Secret(ctx, answers, ring, programme)
	if err != nil {
		return questionnaire.Pseudonyms{}, err
	}
	return By(ring, secret)
}
