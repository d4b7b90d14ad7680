package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/lookup"
	"github.com/cascading-leadership/cascade/shared/organisation"
)

// organisations is a list of so many made-up ones, whose names do not compress well.
func organisations(t *testing.T, n int) *lookup.List {
	t.Helper()
	random := rand.New(rand.NewPCG(1, uint64(n)))
	all := make([]lookup.Organisation, n)
	for i := range all {
		var name strings.Builder
		for range 10 {
			fmt.Fprintf(&name, "%x ", random.Uint64())
		}
		all[i] = lookup.Organisation{Number: organisation.Number(fmt.Sprintf("GB-CHC-%07d", 1_000_000+i)), Name: strings.TrimSpace(name.String())}
	}
	l, err := lookup.New(all)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A list is in several documents, and whoever reads it has it whole: the one or the other.
// The one before stays, and what was before that goes, with what was left half written.
func TestOrganisationsArePublishedWhole(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := s.PublishedOrganisations(t.Context()); !fault.Is(err, fault.NotFound) {
		t.Fatalf("before any was published: %v", err)
	}
	from := []lookup.Source{{Register: lookup.EnglandAndWales, Organisations: 12_000, ReadAt: now}}
	first, err := s.PublishOrganisations(t.Context(), organisations(t, 12_000), from, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	if first.Parts < 2 {
		t.Fatalf("%d part: the test's list is too small", first.Parts)
	}
	if _, err = s.listPart("20200101T000000Z-broken", 0).Set(t.Context(), map[string]any{"bytes": []byte{1}}); err != nil {
		t.Fatal(err)
	}

	var before *lookup.Published
	for i, n := range []int{12_000, 12_001, 12_002} {
		if i > 0 {
			if _, err := s.PublishOrganisations(t.Context(), organisations(t, n), from, before, now.Add(time.Duration(i)*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		p, err := s.PublishedOrganisations(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		l, err := s.Organisations(t.Context(), p)
		if err != nil || l.Len() != n {
			t.Fatalf("list %d: %v, %v", i, l, err)
		}
		if before != nil {
			if l, err = s.Organisations(t.Context(), before); err != nil || l.Len() != n-1 || p.Before != before.List {
				t.Errorf("the list before %d: %v, %v", i, l, err)
			}
		}
		before = p
	}
	if _, err := s.Organisations(t.Context(), first); !errors.Is(err, ErrReplaced) {
		t.Errorf("the first of three: %v", err)
	}
	parts, err := s.listParts().Documents(t.Context()).GetAll()
	if err != nil || len(parts) != 2*before.Parts {
		t.Errorf("%d parts are left of two lists of %d, %v", len(parts), before.Parts, err)
	}
	if _, err := s.PublishOrganisations(t.Context(), organisations(t, 1), from, first, now); !errors.Is(err, ErrChanged) {
		t.Errorf("in place of one that was replaced: %v", err)
	}
	if _, err := s.PublishOrganisations(t.Context(), organisations(t, 1), from, nil, now); !errors.Is(err, ErrExists) {
		t.Errorf("as the first where there is one: %v", err)
	}
	if p, err := s.PublishedOrganisations(t.Context()); err != nil || p.List != before.List {
		t.Errorf("after what failed: %+v, %v", p, err)
	}
}

// A list of which a part is another's is not taken for whole.
func TestDamagedOrganisationsAreNotRead(t *testing.T) {
	t.Parallel()
	s := open(t)
	p, err := s.PublishOrganisations(t.Context(), organisations(t, 3), nil, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	other := organisations(t, 4).Encode()
	if _, err := s.listPart(p.List, 0).Set(t.Context(), map[string]any{"bytes": other}); err != nil {
		t.Fatal(err)
	}
	if l, err := s.Organisations(t.Context(), p); !errors.Is(err, ErrUnreadable) {
		t.Errorf("%v, %v", l, err)
	}
}
