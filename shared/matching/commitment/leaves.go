package commitment

import (
	"bytes"
	"slices"
)

// Leaves are the tree's, in their order. With them, and without anybody's answers,
// RowOf makes a row again.
func (t *Tree) Leaves() []Hash { return slices.Clone(t.levels[0]) }

// RowOf is a participant's row in the tree of these leaves; false where none of them
// is of these answers: they are not those that were committed to.
func RowOf(secret []byte, run string, leaves []Hash, e Entry, prices []Price) (Row, bool, error) {
	t := &Tree{run: run, secret: secret}
	salt := t.salt(e.ID)
	h, err := hashRow(run, e.ID, e.Answers, salt)
	if err != nil {
		return Row{}, false, err
	}
	k, found := slices.BinarySearchFunc(leaves, h, func(a, b Hash) int { return bytes.Compare(a[:], b[:]) })
	if !found {
		return Row{}, false, nil
	}
	t.levels, t.leaf = build(leaves), map[string]leaf{e.ID: {k, e.Answers, salt}}
	row, _ := t.Row(e.ID, prices)
	return row, true, nil
}
