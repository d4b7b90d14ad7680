package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/commitment"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

// What a run found beside its matches.
const (
	certificates = "certificate"
	unmatched    = "unmatched"
	bottlenecks  = "bottlenecks"
	leaves       = "leaves"
	unpinned     = "unpinned"
	blocking     = "blocking"
	moves        = "moves"
)

// How much one part holds: the document stays far below the 1 MiB that it can have.
const (
	partItems = 500
	partBytes = 512 << 10
)

// part is one page of what a run found beside its matches: a list, as JSON, or a
// piece of a longer text. Nothing asks for a part by what is in it.
type part struct {
	Kind   string `firestore:"kind"`
	Number int    `firestore:"number"`
	Text   []byte `firestore:"text"`
}

// id puts a kind's parts in order, apart from those of other kinds.
func (p *part) id() string { return fmt.Sprintf("%s-%06d", p.Kind, p.Number) }

// split divides what a proposal holds beside its matches into parts.
func split(proposed *proposal.Proposal) []*part {
	var all []*part
	all = append(all, pieces(certificates, proposed.Certificate)...)
	if proposed.Commitment != nil {
		var text []byte
		for _, h := range proposed.Commitment.Leaves {
			text = append(text, h[:]...)
		}
		all = append(all, pieces(leaves, text)...)
	}
	all = append(all, pages(unmatched, proposed.Unmatched)...)
	all = append(all, pages(bottlenecks, proposed.Bottlenecks)...)
	all = append(all, pages(unpinned, proposed.Unpinned)...)
	all = append(all, pages(blocking, proposed.Blocking)...)
	return append(all, pages(moves, proposed.Moves)...)
}

// pieces are parts of one longer text.
func pieces(kind string, text []byte) (all []*part) {
	for piece := range slices.Chunk(text, partBytes) {
		all = append(all, &part{kind, len(all), piece})
	}
	return all
}

func pages[T any](kind string, items []T) (all []*part) {
	for page := range slices.Chunk(items, partItems) {
		text, err := json.Marshal(page)
		if err != nil {
			panic(err) // plain structs hold nothing that JSON cannot
		}
		all = append(all, &part{kind, len(all), text})
	}
	return all
}

// CreateParts adds what a proposal holds beside its matches, where a few parts take
// it. Prepare does so for proposals of any size.
func (c *Commit) CreateParts(p string, proposed *proposal.Proposal) {
	for _, part := range split(proposed) {
		c.create(document(c.store.ofRun(p, proposed.ID, "parts"), part.id()), part)
	}
}

// parts lists a run's parts of a kind in order.
func (s *Store) parts(ctx context.Context, p, run, kind string) ([]*part, error) {
	q := s.ofRun(p, run, "parts").OrderBy(firestore.DocumentID, firestore.Asc).StartAt(kind + "-").EndBefore(kind + ".")
	return list(ctx, q, "parts of a matching run", func(*part, *firestore.DocumentSnapshot) {})
}

// items are what a run found of a kind.
func items[T any](ctx context.Context, s *Store, p, run, kind string) ([]T, error) {
	parts, err := s.parts(ctx, p, run, kind)
	if err != nil {
		return nil, err
	}
	var all []T
	for _, part := range parts {
		var page []T
		if err := json.Unmarshal(part.Text, &page); err != nil {
			return nil, fmt.Errorf("read %s of a matching run: %w", kind, err)
		}
		all = append(all, page...)
	}
	return all, nil
}

// Unmatched lists for whom a run had nobody, and why.
func (s *Store) Unmatched(ctx context.Context, p, run string) ([]matching.Unmatched, error) {
	return items[matching.Unmatched](ctx, s, p, run, unmatched)
}

// Bottlenecks lists why a run left people without a match, in sentences.
func (s *Store) Bottlenecks(ctx context.Context, p, run string) ([]proposal.Bottleneck, error) {
	return items[proposal.Bottleneck](ctx, s, p, run, bottlenecks)
}

// Unpinned lists the pinned pairs that a run could not make.
func (s *Store) Unpinned(ctx context.Context, p, run string) ([]proposal.Unpinned, error) {
	return items[proposal.Unpinned](ctx, s, p, run, unpinned)
}

// Blocking lists a run's blocking pairs.
func (s *Store) Blocking(ctx context.Context, p, run string) ([]matching.Block, error) {
	return items[matching.Block](ctx, s, p, run, blocking)
}

// Moves lists the released matches that a run's best solution would change.
func (s *Store) Moves(ctx context.Context, p, run string) ([]proposal.Move, error) {
	return items[proposal.Move](ctx, s, p, run, moves)
}

// Certificate reads the proof of a run.
func (s *Store) Certificate(ctx context.Context, p, run string) (*matching.Certificate, error) {
	text, err := s.text(ctx, p, run, certificates)
	if err != nil {
		return nil, err
	}
	if len(text) == 0 {
		return nil, fault.New(fault.NotFound, "There is no certificate of this matching run.")
	}
	c := new(matching.Certificate)
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("read the certificate of a matching run: %w", err)
	}
	return c, nil
}

// text is the longer text of a kind that a run's parts hold.
func (s *Store) text(ctx context.Context, p, run, kind string) ([]byte, error) {
	parts, err := s.parts(ctx, p, run, kind)
	if err != nil {
		return nil, err
	}
	var text []byte
	for _, part := range parts {
		text = append(text, part.Text...)
	}
	return text, nil
}

// Leaves are the leaves of the tree by which a run is bound to people's answers.
func (s *Store) Leaves(ctx context.Context, p, run string) ([]commitment.Hash, error) {
	text, err := s.text(ctx, p, run, leaves)
	if err != nil {
		return nil, err
	}
	all := make([]commitment.Hash, 0, len(text)/len(commitment.Hash{}))
	for h := range slices.Chunk(text, len(commitment.Hash{})) {
		if len(h) != len(commitment.Hash{}) {
			return nil, errors.New("read leaves of a matching run: one is cut off")
		}
		all = append(all, commitment.Hash(h))
	}
	return all, nil
}
