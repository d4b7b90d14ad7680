package store

import (
	"errors"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/pairing"
)

// The diary has a document on the day on which it is due, from the commit on that says
// so; and what was read of it goes only where nobody wrote it anew.
func TestDiaryFollowsItsDocuments(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	soon := time.Now().UTC().Truncate(time.Microsecond).Add(72 * time.Hour)
	later := soon.Add(48 * time.Hour)
	on := func(day time.Time) []*Due {
		t.Helper()
		all, err := s.DueOn(ctx, DiaryDay(day), later.Add(time.Hour), 10)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	read := func() *pairing.Pairing {
		t.Helper()
		x, err := s.Pairing(ctx, "p", "x")
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	add(t, s, func(c *Commit) { c.CreatePairing("p", &pairing.Pairing{ID: "x", State: pairing.Active, DueAt: soon}) })
	first := on(soon)
	if len(first) != 1 || first[0].Path != "programmes/p/pairings/x" || !first[0].DueAt.Equal(soon) || len(on(later)) != 0 {
		t.Fatalf("entries %+v", first)
	}
	docs, err := s.DueDocuments(ctx, first)
	if err != nil || docs[0].Err != nil || docs[0].Doc.(*pairing.Pairing).ID != "x" {
		t.Fatalf("documents %+v, %v", docs, err)
	}

	// It is due at once now: who read the entry of before cannot drop that of now.
	x := read()
	x.DueAt = soon.Add(time.Minute)
	add(t, s, func(c *Commit) { c.UpdatePairing("p", x) })
	c := s.Commit()
	c.Drop(first[0])
	if err := c.Do(ctx); !IsConflict(err) {
		t.Errorf("an entry that was written anew is dropped: %v", err)
	}
	c = s.Commit()
	c.Postpone(first[0], later)
	if err := c.Do(ctx); !IsConflict(err) {
		t.Errorf("an entry that was written anew is put off: %v", err)
	}

	// Looked at, it stands on the day of the next look, also where that is the same.
	x = read()
	x.DueAt = soon.Add(2 * time.Minute)
	add(t, s, func(c *Commit) { c.UpdatePairing("p", x); c.Looked(on(soon)[0], x.DueAt) })
	if now := on(soon); len(now) != 1 || !now[0].DueAt.Equal(x.DueAt) {
		t.Errorf("looked at again on the same day: %+v", now)
	}
	x = read()
	x.DueAt = later
	add(t, s, func(c *Commit) { c.UpdatePairing("p", x); c.Looked(on(soon)[0], later) })
	if len(on(soon)) != 0 || len(on(later)) != 1 {
		t.Errorf("on the day %d, on the next %d", len(on(soon)), len(on(later)))
	}

	// Put off, it counts its tries, and its document stays.
	version := read().Version
	add(t, s, func(c *Commit) { c.Postpone(on(later)[0], later.Add(time.Minute)) })
	add(t, s, func(c *Commit) { c.Postpone(on(later)[0], soon) })
	if now := on(soon); len(now) != 1 || now[0].Tries != 2 || len(on(later)) != 0 || !read().Version.Equal(version) {
		t.Errorf("put off: %+v", now)
	}

	// Nothing is owed any more.
	x = read()
	x.DueAt = time.Time{}
	add(t, s, func(c *Commit) { c.UpdatePairing("p", x); c.Looked(on(soon)[0], x.DueAt) })
	if len(on(soon))+len(on(later)) != 0 {
		t.Error("an entry is left")
	}
}

// What is due in the past stands where the next tick looks.
func TestDiaryOfThePast(t *testing.T) {
	t.Parallel()
	s := open(t)
	long := time.Now().AddDate(0, -3, 0)
	add(t, s, func(c *Commit) { c.CreatePairing("p", &pairing.Pairing{ID: "x", DueAt: long}) })
	found := 0
	for _, day := range []time.Time{time.Now().Add(-time.Minute), time.Now().Add(24 * time.Hour)} {
		all, err := s.DueOn(t.Context(), DiaryDay(day), time.Now(), 10)
		if err != nil {
			t.Fatal(err)
		}
		found += len(all)
	}
	if found != 1 {
		t.Errorf("found %d times", found)
	}
	from, err := s.DiaryFrom(t.Context(), time.Now())
	if err != nil || from > DiaryDay(time.Now().AddDate(0, -1, 0)) {
		t.Errorf("the first tick looks back to %s, %v", from, err)
	}
	if err := errors.Join(s.WorkedOff(t.Context(), "2027-03-01"), s.WorkedOff(t.Context(), "2020-03-02")); err != nil {
		t.Fatal(err)
	}
	if from, err := s.DiaryFrom(t.Context(), time.Now()); err != nil || from != "2020-03-02" {
		t.Errorf("from %s, %v", from, err)
	}
	// The programme's date was ahead when its diary was worked off.
	if err := s.WorkedOff(t.Context(), "2099-01-01"); err != nil {
		t.Fatal(err)
	}
	if from, err := s.DiaryFrom(t.Context(), long); err != nil || from != DiaryDay(long) {
		t.Errorf("from %s, %v", from, err)
	}
}
