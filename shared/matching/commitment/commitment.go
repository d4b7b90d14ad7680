// Package commitment lets each participant check that a matching run used their
// own answers as they gave them, and lets nobody see anyone else's.
//
// Before a run is solved, what of each participant's answers counts for it is
// hashed together with a salt that is secret until then. The hashes are the leaves
// of a Merkle tree as RFC 6962 (Certificate Transparency, section 2.1) defines it,
// with its prefixes of leaves and nodes, and the tree's root is stored with the
// run. It commits the host: no answer can be changed afterwards without changing
// the root. After the run a participant gets their Row, with the few hashes that
// lead from it to the root, and Check follows them.
//
// A hash on the way says nothing of whoever is behind it: every leaf is salted
// with 256 bits that only its own row discloses. Leaves stand in the order of
// their hashes, so that a place in the tree says nothing either.
package commitment

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Hash is a SHA-256 hash; in texts it is written in 64 hexadecimal digits.
type Hash [sha256.Size]byte

// String writes the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hash in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) error {
	if n, err := hex.Decode(h[:], text[:min(len(text), 2*len(h))]); err != nil || n != len(h) || len(text) != 2*len(h) {
		return fmt.Errorf("%.70q is no SHA-256 hash: it takes 64 hexadecimal digits", text)
	}
	return nil
}

// Entry is one participant: the enrolment's id, and what of their answers counts,
// as JSON. See Answers.
type Entry struct {
	ID      string
	Answers json.RawMessage
}

// Row is what a participant gets of a run, to check it with.
type Row struct {
	Run string `json:"run"`
	ID  string `json:"id"`
	// Answers are what was committed to. Spaces and the order of names make no
	// difference: they are hashed in the canonical form of RFC 8785.
	Answers json.RawMessage `json:"answers"`
	Salt    Hash            `json:"salt"`
	// Path are the hashes beside the way from the row's leaf to the root.
	Path []Step `json:"path"`
	// Prices are the participant's in the run's certificate, where they can be looked
	// up. They come out of the run, so that no commitment before it holds them.
	Prices []Price `json:"prices,omitempty"`
}

// Receipt is a row as it is handed out: with the root as the run stored it, to be
// compared with the one that was published before the run.
type Receipt struct {
	Root Hash `json:"root"`
	Row
}

// Step is the hash of a neighbour in the tree, and the side on which it stands.
type Step struct {
	Side Side `json:"side"`
	Hash Hash `json:"hash"`
}

// Side is left or right.
type Side string

// The sides.
const (
	Left  Side = "left"
	Right Side = "right"
)

// Price is a participant's in one proof of a certificate.
type Price struct {
	Claim certificate.Claim `json:"claim" firestore:"claim"`
	Price int64             `json:"price" firestore:"price"`
}

// Prices are a participant's in a certificate, one for each of its proofs.
func Prices(c *certificate.Certificate, role programme.Role, id string) []Price {
	prices := make([]Price, 0, len(c.Proofs))
	for _, p := range c.Proofs {
		of := p.Clients
		if role == programme.Consultant {
			of = p.Consultants
		}
		prices = append(prices, Price{p.Claim, of[id]})
	}
	return prices
}

// Answers are what of a participant's own answers counts for matching, as JSON.
// Those of which the order does not count are sorted. Whom they declined, or were
// declined by, is not among them, since it tells of others.
func Answers(person matching.Person) json.RawMessage {
	sorted := func(all []string) []string { return slices.Sorted(slices.Values(all)) }
	o := person.Organisation
	answers := map[string]any{
		"organisation": map[string]any{
			"name": o.Name, "number": o.Number, "postcode": o.Postcode, "region": o.Region, "categories": sorted(o.Categories), "income": o.Income,
		},
		"needs": counted(person.Needs), "skills": counted(person.Skills),
		"availability": sorted(person.Availability), "languages": sorted(person.Languages), "meeting": sorted(person.Meeting),
		"capacity": person.Capacity, "conflicts": sorted(person.Conflicts), "preferences": person.Preferences,
	}
	if person.Mention != "" { // what nobody told is not there, as it was not before it was asked
		answers["mention"] = person.Mention
	}
	if len(person.Bids) > 0 {
		answers["bids"] = sorted(person.Bids)
	}
	text, err := json.Marshal(answers)
	if err != nil {
		panic(err) // a Person holds nothing that JSON cannot
	}
	return text
}

// counted leaves out the levels of 0, which are as good as none.
func counted(levels map[string]int) map[string]int {
	m := map[string]int{}
	for id, level := range levels {
		if level != 0 {
			m[id] = level
		}
	}
	return m
}

// Tree is a commitment to the rows of one run.
type Tree struct {
	run    string
	secret []byte
	// levels are the hashes from the leaves up to the root.
	levels [][]Hash
	leaf   map[string]leaf
}

type leaf struct {
	place   int
	answers json.RawMessage
	salt    Hash
}

// shortest is the length in bytes below which a secret could be guessed.
const shortest = 16

// Commit makes the commitment of a run. The secret, at least 16 random bytes, is
// the host's alone; salts are made from it, so that the same secret, run and
// entries make the same tree again when rows are handed out. An error names an id
// that is empty or given twice, and answers that are no JSON.
func Commit(secret []byte, run string, entries []Entry) (*Tree, error) {
	if len(secret) < shortest {
		return nil, fmt.Errorf("the secret is %d bytes long, less than %d", len(secret), shortest)
	}
	if run == "" || strings.ContainsRune(run, 0) {
		return nil, fmt.Errorf("%q is no run's id", run)
	}
	t := &Tree{run: run, secret: bytes.Clone(secret), leaf: make(map[string]leaf, len(entries))}
	leaves := make([]Hash, 0, len(entries))
	place := make(map[Hash]string, len(entries))
	for _, e := range entries {
		if _, twice := t.leaf[e.ID]; twice || e.ID == "" {
			return nil, fmt.Errorf("the id %q is empty or given twice", e.ID)
		}
		salt := t.salt(e.ID)
		h, err := hashRow(run, e.ID, e.Answers, salt)
		if err != nil {
			return nil, fmt.Errorf("the answers of %q: %w", e.ID, err)
		}
		t.leaf[e.ID] = leaf{answers: e.Answers, salt: salt}
		leaves = append(leaves, h)
		place[h] = e.ID
	}
	slices.SortFunc(leaves, func(a, b Hash) int { return bytes.Compare(a[:], b[:]) })
	for k, h := range leaves {
		l := t.leaf[place[h]]
		l.place = k
		t.leaf[place[h]] = l
	}
	t.levels = build(leaves)
	return t, nil
}

// salt is a participant's: 256 bits that nobody without the secret can tell from
// random ones.
func (t *Tree) salt(id string) Hash {
	mac := hmac.New(sha256.New, t.secret)
	fmt.Fprintf(mac, "cascade-row-1\x00%s\x00%s", t.run, id)
	return Hash(mac.Sum(nil))
}

// Root is what to store with the run before it is solved.
func (t *Tree) Root() Hash { return t.levels[len(t.levels)-1][0] }

// Row is a participant's, with their prices in the run's certificate; false where
// the run had nobody of that id.
func (t *Tree) Row(id string, prices []Price) (Row, bool) {
	l, ok := t.leaf[id]
	if !ok {
		return Row{}, false
	}
	r := Row{Run: t.run, ID: id, Answers: l.answers, Salt: l.salt, Prices: prices, Path: []Step{}}
	k := l.place
	for _, level := range t.levels[:len(t.levels)-1] {
		switch {
		case k%2 == 1:
			r.Path = append(r.Path, Step{Left, level[k-1]})
		case k+1 < len(level):
			r.Path = append(r.Path, Step{Right, level[k+1]})
		}
		k /= 2
	}
	return r, true
}

// ErrOther is the finding that a row is not what a root commits to: the run used
// other answers, or the root is another run's.
var ErrOther = errors.New("the root does not commit to this row: the run used other answers, or this is another run's root")

// Check follows a row to the root that was stored before the run. nil means that
// the run was committed to this very row. The error is ErrOther where it was not,
// and another where the row is malformed.
func Check(root Hash, r Row) error {
	if r.Run == "" || r.ID == "" {
		return errors.New("the row names no run or nobody")
	}
	h, err := hashRow(r.Run, r.ID, r.Answers, r.Salt)
	if err != nil {
		return fmt.Errorf("the row's answers: %w", err)
	}
	for k, step := range r.Path {
		switch step.Side {
		case Left:
			h = node(step.Hash, h)
		case Right:
			h = node(h, step.Hash)
		default:
			return fmt.Errorf("step %d of the row's path is on the side %q, neither left nor right", k+1, step.Side)
		}
	}
	if h != root {
		return ErrOther
	}
	return nil
}

// hashRow is a row's leaf: the salt, then the row in canonical JSON.
func hashRow(run, id string, answers json.RawMessage, salt Hash) (Hash, error) {
	if len(answers) == 0 {
		return Hash{}, errors.New("there are none")
	}
	text, err := json.Marshal(map[string]any{"answers": answers, "id": id, "run": run})
	if err != nil {
		return Hash{}, err
	}
	canonical := jsontext.Value(text)
	if err := canonical.Canonicalize(); err != nil {
		return Hash{}, err
	}
	return hashLeaf(append(salt[:], canonical...)), nil
}

// hashLeaf and node are RFC 6962's hashes, of which no one can pass for the other.
func hashLeaf(data []byte) Hash { return sha256.Sum256(append([]byte{0}, data...)) }

func node(left, right Hash) Hash {
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

// build hashes pairs level by level; the last one, where it has no neighbour, goes
// up as it is. That makes the tree of RFC 6962, which splits before the last power
// of two.
func build(leaves []Hash) [][]Hash {
	if len(leaves) == 0 {
		return [][]Hash{{sha256.Sum256(nil)}}
	}
	levels := [][]Hash{leaves}
	for level := leaves; len(level) > 1; {
		var up []Hash
		for k := 0; k < len(level); k += 2 {
			if k+1 < len(level) {
				up = append(up, node(level[k], level[k+1]))
			} else {
				up = append(up, level[k])
			}
		}
		levels = append(levels, up)
		level = up
	}
	return levels
}
