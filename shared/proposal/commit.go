package proposal

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/id"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/commitment"
)

// Commitment is what a run was bound to before it was solved: the root of a tree of
// what everybody who was ready had answered, see package commitment.
type Commitment struct {
	// ID names the run in its rows. It is made with the programme's secret, so that it
	// tells nothing of the answers.
	ID   string `firestore:"-"`
	Root string `firestore:"root"`
	// People are how many are bound.
	People    int       `firestore:"people"`
	CreatedAt time.Time `firestore:"createdAt"`
	// Leaves are the tree's. Without the salts they say nothing of anyone.
	Leaves []commitment.Hash `firestore:"-" json:"-"`
	tree   *commitment.Tree
}

// Commit binds a run after the run before to what people have answered. The same
// input is always bound in the same way.
func Commit(s *Input, before string) (*Commitment, error) {
	secret := []byte(s.Programme.Salt)
	entries := make([]commitment.Entry, len(s.Ready))
	name := hmac.New(sha256.New, secret)
	fmt.Fprintf(name, "cascade-commitment-1\x00%s", before)
	ready := slices.SortedFunc(slices.Values(s.Ready), func(a, b *enrolment.Enrolment) int { return strings.Compare(a.ID, b.ID) })
	for i, e := range ready {
		entries[i] = Entry(e)
		fmt.Fprintf(name, "\x00%s\x00%s", e.ID, entries[i].Answers)
	}
	run := id.FromHash(name.Sum(nil))
	tree, err := commitment.Commit(secret, run, entries)
	if err != nil {
		return nil, fmt.Errorf("commit to the answers: %w", err)
	}
	return &Commitment{ID: run, Root: tree.Root().String(), People: len(entries), Leaves: tree.Leaves(), tree: tree}, nil
}

// Entry is what of somebody's own answers a run is bound to. It is what they offered
// and asked for, not what of it is left to them at the moment.
func Entry(e *enrolment.Enrolment) commitment.Entry {
	return commitment.Entry{ID: e.ID, Answers: commitment.Answers(matching.FromEnrolment(e))}
}

// proof is somebody's of those who are bound; none where nobody is by that id.
func (c *Commitment) proof(id string, prices []commitment.Price) commitment.Proof {
	if c.tree == nil {
		return commitment.Proof{}
	}
	proof, _ := c.tree.Proof(id, prices)
	return proof
}
