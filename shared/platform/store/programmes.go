package store

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// Programme reads a programme.
func (s *Store) Programme(ctx context.Context, id string) (*programme.Programme, error) {
	p, _, err := s.programmeAt(ctx, id)
	return p, err
}

// programmeAt reads a programme, with the server's time of the reading.
func (s *Store) programmeAt(ctx context.Context, id string) (*programme.Programme, time.Time, error) {
	p := new(programme.Programme)
	snap, err := read(ctx, s.programme(id), "programme", p)
	if err != nil {
		return nil, time.Time{}, err
	}
	p.ID, p.Version = snap.Ref.ID, snap.UpdateTime
	return p, snap.ReadTime, nil
}

// remembered is a programme and when it was read.
type remembered struct {
	programme *programme.Programme
	read      time.Time
}

// RecentProgramme is a programme as it was at most ten seconds ago. It is shared:
// callers only read it. It saves the pages that anybody opens one of their two
// round trips, for a document that changes a few times a year.
func (s *Store) RecentProgramme(ctx context.Context, id string) (*programme.Programme, error) {
	if kept, ok := s.programmes.Load(id); ok {
		if kept := kept.(remembered); time.Since(kept.read) < s.recent {
			return kept.programme, nil
		}
	}
	now := time.Now()
	p, err := s.Programme(ctx, id)
	if err != nil {
		return nil, err
	}
	s.programmes.Store(p.ID, remembered{p, now})
	return p, nil
}

// Programmes lists all programmes by name. Schedules go through them: one that is left
// out here is left alone for ever.
func (s *Store) Programmes(ctx context.Context) ([]*programme.Programme, error) {
	return listAll(ctx, s.client.Collection("programmes").OrderBy("name", firestore.Asc), time.Time{}, "programmes",
		func(p *programme.Programme, snap *firestore.DocumentSnapshot) {
			p.ID, p.Version = snap.Ref.ID, snap.UpdateTime
		})
}

// CreateProgramme adds a new programme, with its daily digest.
func (c *Commit) CreateProgramme(p *programme.Programme) {
	c.checkProgramme(p)
	c.create(c.store.programme(p.ID), p)
	c.createDigest(p.ID)
}

// UpdateProgramme writes a programme as it was read and changed.
func (c *Commit) UpdateProgramme(p *programme.Programme) {
	c.checkProgramme(p)
	c.update(c.store.programme(p.ID), p, p.Version)
}

// DeleteProgramme deletes a programme's own document, once nothing else of it is there.
func (c *Commit) DeleteProgramme(p *programme.Programme) {
	c.delete(c.store.programme(p.ID), p.Version)
}

// checkProgramme refuses settings that name what is not there.
func (c *Commit) checkProgramme(p *programme.Programme) {
	if err := questionnaire.Check(p); err != nil && c.err == nil {
		c.err = fmt.Errorf("programme %s: %w", p.ID, err)
	}
}
