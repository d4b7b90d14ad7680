package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
)

// trail is a store with a clock of its own, which has an audit trail.
type trail struct {
	*Store
	t     *testing.T
	seals keys.Ring
	now   time.Time
}

func aRing(t testing.TB) keys.Ring {
	t.Helper()
	r, err := keys.Parse(keys.New(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newTrail(t *testing.T) *trail {
	t.Parallel()
	x := &trail{Store: open(t), t: t, seals: aRing(t), now: time.Date(2027, 3, 28, 9, 5, 0, 0, time.UTC)}
	x.SetClock(func() time.Time { return x.now })
	return x
}

// saw adds entries and returns their ids.
func (x *trail) saw(n int) (ids []string) {
	x.t.Helper()
	before := x.entries()
	c := x.Commit()
	for i := range n {
		c.Audit(AuditEntry{Kind: audit.View, Programme: "pilot", By: "morgan", Did: "looked", About: []string{fmt.Sprintf("alex%d-seek", i)}})
	}
	do(x.t, c)
	for id := range x.entries() {
		if before[id] == nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (x *trail) entries() map[string]map[string]any {
	x.t.Helper()
	snaps, err := x.client.Collection("auditEntries").Documents(x.t.Context()).GetAll()
	if err != nil {
		x.t.Fatal(err)
	}
	all := map[string]map[string]any{}
	for _, snap := range snaps {
		all[snap.Ref.ID] = snap.Data()
	}
	return all
}

func (x *trail) seal(want int) {
	x.t.Helper()
	if n, err := x.SealAudit(x.t.Context(), x.seals, x.now); err != nil || n != want {
		x.t.Fatalf("sealed %d hours, want %d: %v", n, want, err)
	}
}

func (x *trail) finds(what string, restored time.Time, kept []AuditKept, want ...audit.Finding) *AuditVerified {
	x.t.Helper()
	v, err := x.VerifyAudit(x.t.Context(), x.seals, x.now, restored, kept...)
	if err != nil {
		x.t.Fatal(err)
	}
	if !slices.Equal(v.Findings, want) {
		x.t.Errorf("%s: found %v, want %v", what, v.Findings, want)
	}
	return v
}

func (x *trail) entry(id string) *firestore.DocumentRef {
	return x.client.Collection("auditEntries").Doc(id)
}

// Whatever is done to the trail after an hour was sealed is found, by entry and hour: an
// entry that is taken out, changed, written again as it was, or added.
func TestWhatIsDoneToTheTrailIsFound(t *testing.T) {
	x := newTrail(t)
	ctx := t.Context()
	ids := x.saw(6)
	x.now = x.now.Add(time.Hour)
	x.saw(2)
	x.seal(0) // the first hour is not over for long enough
	x.now = x.now.Add(10 * time.Minute)
	x.seal(1)
	x.seal(0)
	if v := x.finds("untouched", time.Time{}, nil); v.Entries != 6 || v.Open != 2 || v.Hours != 1 {
		t.Errorf("%+v", v)
	}

	all := x.entries()
	must := func(_ *firestore.WriteResult, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(x.entry(ids[0]).Delete(ctx))
	must(x.entry(ids[1]).Update(ctx, []firestore.Update{{Path: "did", Value: "did nothing"}}))
	must(x.entry(ids[2]).Delete(ctx))
	must(x.entry(ids[2]).Set(ctx, all[ids[2]]))
	must(x.entry("ZZZ").Set(ctx, all[ids[3]]))
	must(x.entry(ids[4]).Update(ctx, []firestore.Update{{Path: "hour", Value: "2027-03-28T10"}})) // out of its hour, which is not sealed
	hour := "2027-03-28T09"
	want := []audit.Finding{{What: audit.Removed, ID: ids[0], Hour: hour}, {What: audit.Changed, ID: ids[1], Hour: hour}, {What: audit.Rewritten, ID: ids[2], Hour: hour},
		{What: audit.Removed, ID: ids[4], Hour: hour}, {What: audit.Late, ID: "ZZZ", Hour: hour}}
	x.finds("all at once", time.Time{}, nil, want...)
	// A restored database was written anew, and what was done to it is found all the same.
	want = slices.DeleteFunc(want, func(f audit.Finding) bool { return f.What == audit.Rewritten })
	x.finds("restored", time.Now().Add(time.Hour), nil, want...)
}

// Seals that are taken out, changed or made anew are found, the latest by a head that was
// kept elsewhere.
func TestWhatIsDoneToSealsIsFound(t *testing.T) {
	x := newTrail(t)
	ctx := t.Context()
	x.saw(1)
	x.now = x.now.Add(2 * time.Hour)
	x.saw(1)
	x.now = x.now.Add(2*time.Hour + 10*time.Minute)
	x.seal(4) // two of them empty
	v := x.finds("untouched", time.Time{}, nil)
	head := []AuditKept{{v.Last, v.Head}}
	x.finds("as it was kept", time.Time{}, head)
	if v.First != "2027-03-28T09" || v.Last != "2027-03-28T12" {
		t.Errorf("%+v", v)
	}

	seal := func(hour string) *firestore.DocumentRef { return x.client.Collection("seals").Doc(hour) }
	snap, err := seal(v.Last).Get(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal(v.Last).Update(ctx, []firestore.Update{{Path: "count", Value: 7}}); err != nil {
		t.Fatal(err)
	}
	x.finds("a changed one", time.Time{}, head, audit.Finding{What: audit.SealForged, Hour: v.Last})
	if _, err := seal(v.Last).Delete(ctx); err != nil {
		t.Fatal(err)
	}
	x.finds("the last, as long as it could be late", time.Time{}, head, audit.Finding{What: audit.OtherHead, Hour: v.Last})
	x.now = x.now.Add(time.Hour)
	x.finds("the last, when it is overdue", time.Time{}, nil, audit.Finding{What: audit.NoSeal, Hour: v.Last})
	x.now = x.now.Add(-time.Hour)
	x.seal(1) // anew, at another time
	x.finds("the last, made anew", time.Time{}, head, audit.Finding{What: audit.OtherHead, Hour: v.Last})
	if _, err := seal(v.Last).Set(ctx, snap.Data()); err != nil {
		t.Fatal(err)
	}
	x.finds("put back", time.Time{}, head)
	if _, err := seal("2027-03-28T10").Delete(ctx); err != nil {
		t.Fatal(err)
	}
	x.finds("one in between", time.Time{}, head, audit.Finding{What: audit.NoSeal, Hour: "2027-03-28T10"})
	if _, err := seal("2027-03-28T09").Delete(ctx); err != nil {
		t.Fatal(err)
	}
	first, err := x.VerifyAudit(ctx, x.seals, x.now, time.Time{})
	if err != nil || len(first.Findings) != 2 || first.Findings[0].What != audit.NoSeal || first.Findings[1].What != audit.Late {
		t.Errorf("without the first ones: %v, %v", first, err)
	}
	other := aRing(t)
	if v, err := x.VerifyAudit(ctx, other, x.now, time.Time{}); err != nil || !slices.ContainsFunc(v.Findings, func(f audit.Finding) bool { return f.What == audit.SealForged }) {
		t.Errorf("by another key: %v, %v", v, err)
	}
	if v, err := x.VerifyAudit(ctx, append(other, x.seals...), x.now, time.Time{}, head...); err != nil || slices.ContainsFunc(v.Findings, func(f audit.Finding) bool { return f.What == audit.SealForged }) {
		t.Errorf("by a newer key before it: %v, %v", v, err)
	}
}

// However many seal at once, each hour has one seal, and they follow one another.
func TestTwoSealersAtOnce(t *testing.T) {
	x := newTrail(t)
	const hours = 30
	for range hours {
		x.saw(2)
		x.now = x.now.Add(time.Hour)
	}
	x.now = x.now.Add(10 * time.Minute)
	var wait sync.WaitGroup
	var mu sync.Mutex
	sealed := 0
	for range 4 {
		wait.Go(func() {
			n, err := x.SealAudit(context.WithoutCancel(t.Context()), x.seals, x.now)
			mu.Lock()
			defer mu.Unlock()
			if sealed += n; err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if sealed != hours {
		t.Errorf("%d hours were sealed, of %d", sealed, hours)
	}
	if v := x.finds("sealed by four", time.Time{}, nil); v.Hours != hours || v.Entries != 2*hours {
		t.Errorf("%+v", v)
	}
}

// An entry tells nobody whom it names: neither an id of theirs, nor what a guess can be
// compared with; and whoever has the key finds what is about one person in both roles.
func TestEntriesArePseudonymousFromTheFirstWrite(t *testing.T) {
	x := newTrail(t)
	c := x.Commit()
	c.Audit(AuditEntry{Programme: "pilot", By: "morgan", Did: "ruled out the pair", To: "alex-seek_zoe-offer_1", About: []string{"alex-seek", "zoe-offer"}})
	c.Audit(AuditEntry{Programme: "pilot", By: "zoe", Did: "chose which emails they get", To: "zoe"})
	c.Audit(AuditEntry{Programme: "other", By: "morgan", Did: "looked", Kind: audit.View, About: []string{"alex-seek"}})
	c.Audit(AuditEntry{Kind: audit.Refusal, Did: "a link does not open", Times: 3})
	do(t, c)
	for id, fields := range x.entries() {
		for _, name := range []string{"morgan", "alex", "zoe"} {
			if text := fmt.Sprint(fields); strings.Contains(text, name) {
				t.Errorf("%s names %s: %s", id, name, text)
			}
		}
	}
	did := func(programme string, people ...string) (all []string) {
		t.Helper()
		page, err := x.AuditEntries(t.Context(), AuditWanted{Programme: programme, People: people, Most: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			all = append(all, e.Did)
			if n := x.NamesOf(e); e.Kind != audit.Refusal && (n.By == "" || e.By != x.Pseudonyms(n.By)[0]) {
				t.Errorf("%s names %+v", e.Did, n)
			}
		}
		slices.Sort(all)
		return all
	}
	for what, row := range map[string]struct{ got, want []string }{
		"a programme":        {did("pilot"), []string{"a link does not open", "chose which emails they get", "ruled out the pair"}},
		"another":            {did("other"), []string{"a link does not open", "looked"}},
		"a person":           {did("pilot", x.Pseudonyms("zoe-seek")...), []string{"chose which emails they get", "ruled out the pair"}},
		"a member of staff":  {did("pilot", x.Pseudonyms("morgan")...), []string{"ruled out the pair"}},
		"somebody elsewhere": {did("other", x.Pseudonyms("zoe")...), nil},
	} {
		if !slices.Equal(row.got, row.want) {
			t.Errorf("%s: %q, want %q", what, row.got, row.want)
		}
	}
	bare := open(t)
	bare.audit = auditKeys{}
	c = bare.Commit()
	c.Audit(AuditEntry{Did: "something"})
	if err := c.Do(t.Context()); err == nil || !strings.Contains(err.Error(), keys.AuditSetting) {
		t.Errorf("without a key: %v", err)
	}
}

// Pages follow one another without a gap or an entry twice, also among those of one moment.
func TestTheTrailIsReadInPages(t *testing.T) {
	x := newTrail(t)
	x.saw(23)
	var seen []string
	for after, pages := "", 0; pages == 0 || after != ""; pages++ {
		page, err := x.AuditEntries(t.Context(), AuditWanted{Programme: "pilot", Most: 10, After: after, From: x.now.Add(-time.Hour), Before: x.now.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			seen = append(seen, e.ID)
		}
		after = page.Next
	}
	slices.Sort(seen)
	if len(seen) != 23 || len(slices.Compact(seen)) != 23 {
		t.Errorf("%d entries on the pages", len(seen))
	}
	if page, err := x.AuditEntries(t.Context(), AuditWanted{Programme: "pilot", Most: 10, Before: x.now}); err != nil || len(page.Entries) > 0 {
		t.Errorf("of before there are %v, %v", page, err)
	}
	if _, err := x.AuditEntries(t.Context(), AuditWanted{Programme: "pilot", Most: 10, After: "nonsense"}); err == nil {
		t.Error("a cursor that is none is taken")
	}
}

// What is two years old goes with its seal, and nothing is amiss then, or while it goes.
func TestTheTrailIsForgottenInTime(t *testing.T) {
	x := newTrail(t)
	x.saw(3)
	x.now = x.now.Add(time.Hour)
	x.saw(2)
	x.now = x.now.Add(time.Hour + 10*time.Minute)
	x.seal(2)
	x.now = x.now.Add(audit.KeptFor - time.Hour) // in which nothing was sealed
	for range 2 {
		v, err := x.VerifyAudit(t.Context(), x.seals, x.now, time.Time{})
		if err != nil || v.Entries != 2 || v.Hours != 1 || v.First != "2027-03-28T10" || slices.ContainsFunc(v.Findings, func(f audit.Finding) bool { return f.What != audit.NoSeal || f.Hour <= v.Last }) {
			t.Errorf("%+v, %v", v, err)
		}
		if err := x.ForgetAudit(t.Context(), x.now); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(x.entries()); n != 2 {
		t.Errorf("%d entries are left", n)
	}
}
