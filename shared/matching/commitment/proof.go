package commitment

import (
	"errors"
	"fmt"
)

// Proof leads from somebody's own row to the root. It stands beside their match, so that their
// row is made again of what is their own, and of nobody else's leaves.
type Proof struct {
	// Path are the steps from the leaf to the root, each a byte that tells its side and then the
	// hash.
	Path []byte `firestore:"path,omitempty"`
	// Prices are theirs in the run's certificate.
	Prices []Price `firestore:"prices,omitempty"`
}

// toTheRight begins a step to a neighbour on the right, 0 one on the left.
const toTheRight = 1

// inPath is how many bytes of a path a step takes.
const inPath = 1 + len(Hash{})

// Proof is a participant's, with their prices; false where the run had nobody of that id.
func (t *Tree) Proof(id string, prices []Price) (Proof, bool) {
	row, ok := t.Row(id, prices)
	if !ok {
		return Proof{}, false
	}
	p := Proof{Path: make([]byte, 0, inPath*len(row.Path)), Prices: prices}
	for _, step := range row.Path {
		side := byte(0)
		if step.Side == Right {
			side = toTheRight
		}
		p.Path = append(append(p.Path, side), step.Hash[:]...)
	}
	return p, true
}

// Row is the participant's row under a root; false where that does not commit to these
// answers: they are not those that were committed to.
func (p Proof) Row(secret []byte, root Hash, run string, e Entry) (Row, bool, error) {
	if len(p.Path)%inPath != 0 {
		return Row{}, false, fmt.Errorf("a path of %d bytes is none", len(p.Path))
	}
	t := &Tree{run: run, secret: secret}
	row := Row{Run: run, ID: e.ID, Answers: e.Answers, Salt: t.salt(e.ID), Prices: p.Prices, Path: []Step{}}
	for rest := p.Path; len(rest) > 0; rest = rest[inPath:] {
		side := Left
		if rest[0] == toTheRight {
			side = Right
		}
		row.Path = append(row.Path, Step{side, Hash(rest[1:inPath])})
	}
	if err := Check(root, row); errors.Is(err, ErrOther) {
		return Row{}, false, nil
	} else if err != nil {
		return Row{}, false, err
	}
	return row, true, nil
}
