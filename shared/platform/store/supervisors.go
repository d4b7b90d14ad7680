package store

import (
	"context"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/supervision"
)

func (s *Store) supervisors(p string) *firestore.CollectionRef { return s.in(p, "supervisors") }

func supervisorAt(x *supervision.Supervisor, snap *firestore.DocumentSnapshot) {
	x.ID, x.Version = snap.Ref.ID, snap.UpdateTime
}

// Supervisor reads one supervisor of a programme.
func (s *Store) Supervisor(ctx context.Context, p, id string) (*supervision.Supervisor, error) {
	x := new(supervision.Supervisor)
	snap, err := read(ctx, document(s.supervisors(p), id), "supervisor", x)
	if err != nil {
		return nil, err
	}
	supervisorAt(x, snap)
	return x, nil
}

// SupervisorsOf reads supervisors of a programme by id, into a map that lacks those
// who are not there.
func (s *Store) SupervisorsOf(ctx context.Context, p string, ids []string) (map[string]*supervision.Supervisor, error) {
	return byID(ctx, s, s.supervisors(p), ids, "supervisors", supervisorAt, func(x *supervision.Supervisor) string { return x.ID })
}

// Supervisors lists a programme's supervisors by name.
func (s *Store) Supervisors(ctx context.Context, p string) ([]*supervision.Supervisor, error) {
	return list(ctx, s.supervisors(p).OrderBy("name", firestore.Asc), "supervisors", supervisorAt)
}

// CreateSupervisor adds a new supervisor.
func (c *Commit) CreateSupervisor(p string, x *supervision.Supervisor) {
	c.create(document(c.store.supervisors(p), x.ID), x)
}

// UpdateSupervisor writes a supervisor as they were read and changed.
func (c *Commit) UpdateSupervisor(p string, x *supervision.Supervisor) {
	c.update(document(c.store.supervisors(p), x.ID), x, x.Version)
}
