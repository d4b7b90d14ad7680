package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

// RunState is how far a matching run has come.
type RunState string

// The states of a run. What belongs to a run in preparation is seen by nobody; of
// one that is superseded only the matches that were released. A cleared one is a
// superseded one whose other matches were deleted.
const (
	Preparing  RunState = "preparing"
	Applied    RunState = "applied"
	Superseded RunState = "superseded"
	Cleared    RunState = "cleared"
)

// Run is one matching run. Its matches are in a collection of their own, and what
// else it found is in parts: none of its documents grows with the programme.
type Run struct {
	ID    string   `firestore:"-"`
	State RunState `firestore:"state"`
	// Input is a hash of what was solved, Before the run that this one takes over
	// from, or "".
	Input  string `firestore:"input"`
	Before string `firestore:"before"`
	// Commitment names what the run was bound to before it was solved, and Root is the
	// root of the tree; "" in runs that were made before there was one.
	Commitment  string `firestore:"commitment"`
	Root        string `firestore:"root"`
	Clients     int    `firestore:"clients"`
	Consultants int    `firestore:"consultants"`
	Matched     int    `firestore:"matched"`
	Score       int    `firestore:"score"`
	Worst       int    `firestore:"worst"`
	// Moves are how many released matches the best solution would change, for Gain.
	Moves int           `firestore:"moves"`
	Gain  proposal.Gain `firestore:"gain"`
	// Released and Withdrawn count the run's matches that were; Decided what was
	// decided by hand since. Whoever does any of these writes the run, so that no
	// other run takes over at the same moment without knowing of it.
	Released  int       `firestore:"released"`
	Withdrawn int       `firestore:"withdrawn"`
	Decided   int       `firestore:"decided"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// NewRun is the document of a proposal in preparation.
func NewRun(proposed *proposal.Proposal, now time.Time) *Run {
	r := &Run{
		ID: proposed.ID, State: Preparing, Input: proposed.Input, Before: proposed.Before, Clients: proposed.Clients, Consultants: proposed.Consultants,
		Matched: len(proposed.Matches), Score: proposed.Score, Worst: proposed.Worst, Moves: len(proposed.Moves), Gain: proposed.Gain,
		CreatedAt: now, UpdatedAt: now,
	}
	if proposed.Commitment != nil {
		r.Commitment, r.Root = proposed.Commitment.ID, proposed.Commitment.Root
	}
	return r
}

func (s *Store) runs(p string) *firestore.CollectionRef { return s.in(p, "runs") }

// ofRun is a collection of a run, or nowhere for ids that cannot be one.
func (s *Store) ofRun(p, run, collection string) *firestore.CollectionRef {
	if ref := document(s.runs(p), run); ref != nil {
		return ref.Collection(collection)
	}
	return s.client.Collection(nowhere)
}

func runAt(r *Run, snap *firestore.DocumentSnapshot) { r.ID, r.Version = snap.Ref.ID, snap.UpdateTime }

// Run reads one matching run.
func (s *Store) Run(ctx context.Context, p, id string) (*Run, error) {
	r := new(Run)
	snap, err := read(ctx, document(s.runs(p), id), "matching run", r)
	if err != nil {
		return nil, err
	}
	runAt(r, snap)
	return r, nil
}

// Runs lists a programme's matching runs, newest first.
func (s *Store) Runs(ctx context.Context, p string) ([]*Run, error) {
	return list(ctx, s.runs(p).OrderBy("createdAt", firestore.Desc).Limit(50), "matching runs", runAt)
}

// CreateRun adds a new matching run.
func (c *Commit) CreateRun(p string, r *Run) {
	c.create(document(c.store.runs(p), r.ID), r)
	c.LogTransition("run", r.ID, string(r.State))
}

// UpdateRun writes a run as it was read and changed.
func (c *Commit) UpdateRun(p string, r *Run) { c.update(document(c.store.runs(p), r.ID), r, r.Version) }

// Prepare writes a proposal, in commits of at most so many writes, several at once.
// Nobody sees any of it yet. What an earlier attempt wrote of the same proposal
// stays, so that a run which was killed goes on where it was. It returns the run in
// preparation, or further on if another has applied the same.
func (s *Store) Prepare(ctx context.Context, p string, proposed *proposal.Proposal, most int, now time.Time) (*Run, error) {
	parts := split(proposed)
	// The run is first: through it Sweep finds what an attempt left that was given up.
	c := s.Commit()
	c.CreateRun(p, NewRun(proposed, now))
	if err := c.Do(ctx); err != nil && !IsConflict(err) {
		return nil, err
	}
	run, err := s.Run(ctx, p, proposed.ID)
	if err != nil || run.State != Preparing {
		return run, err
	}
	bound, err := s.boundOf(ctx, p, proposed)
	if err != nil {
		return nil, err
	}
	all := make([]addition, 0, len(proposed.Matches)+len(parts))
	for _, m := range proposed.Matches {
		m.Bound = bound
		all = append(all, addition{s.match(p, m.Run, m.ID), m})
	}
	for _, part := range parts {
		all = append(all, addition{document(s.ofRun(p, proposed.ID, "parts"), part.id()), part})
	}
	return run, s.addAll(ctx, all, most)
}

// boundOf is what a proposal was bound to, with when that was; zero where it was to nothing.
func (s *Store) boundOf(ctx context.Context, p string, proposed *proposal.Proposal) (pairing.Bound, error) {
	if proposed.Commitment == nil {
		return pairing.Bound{}, nil
	}
	c, err := s.Commitment(ctx, p, proposed.Commitment.ID)
	if fault.Is(err, fault.NotFound) {
		return pairing.Bound{}, nil
	}
	if err != nil {
		return pairing.Bound{}, err
	}
	return pairing.Bound{ID: c.ID, Root: c.Root, People: c.People, At: c.CreatedAt}, nil
}

// Apply makes a prepared run the programme's latest, in one commit, by which all of
// it is seen at once. The input is the one that it was made from: the error is
// ErrChanged where the programme or the run before is no longer as it was then.
func (s *Store) Apply(ctx context.Context, at *MatchingInput, run *Run, now time.Time) error {
	c := s.Commit()
	p, applied := *at.Programme, *run
	p.Run, p.UpdatedAt = run.ID, now
	c.UpdateProgramme(&p)
	applied.State, applied.UpdatedAt = Applied, now
	c.UpdateRun(p.ID, &applied)
	c.LogTransition("run", applied.ID, string(applied.State))
	if at.Latest != nil {
		before := *at.Latest
		before.State, before.UpdatedAt = Superseded, now
		c.UpdateRun(p.ID, &before)
		c.LogTransition("run", before.ID, string(before.State))
	}
	return c.Do(ctx)
}
