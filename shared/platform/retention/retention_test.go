package retention_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/retention"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
	"github.com/cascading-leadership/cascade/shared/sealed"
)

// period is how long documents are kept, as people are told. It is written down here once
// more, so that a change of the register that nobody meant fails.
type period int

const (
	ownDay    period = iota // something else ends it, or nothing does
	afterYear               // until a year after the programme's end
	lastYear                // until a year after the end of the last of its programmes
	nameless                // by itself, and whose it is until a year after the programme's end
)

var periods = map[string]period{
	"programmes": ownDay, "logos": ownDay, "enrolments": afterYear, "claims": ownDay, "nominations": ownDay, "unclear": afterYear, "contacts": afterYear, "codes": ownDay,
	"drafts": ownDay, "supervisors": afterYear, "decisions": afterYear, "commitments": afterYear, "runs": afterYear,
	"parts": afterYear, "matches": afterYear, "pairings": afterYear, "sessions": afterYear, "logs": afterYear, "shared": afterYear, "notebooks": afterYear, "endings": afterYear,
	"invitations": afterYear, "responses": ownDay, "marks": ownDay, "erasures": ownDay, "requests": afterYear, "complaints": afterYear, "sealedLetters": afterYear, "digests": ownDay, "grants": ownDay,
	"staff": lastYear, "staffSessions": ownDay, "links": nameless, "outbox": afterYear, "budgets": ownDay, "quotas": ownDay,
	"auditEntries": ownDay, "seals": ownDay, "sealParts": ownDay, "audit": ownDay, "erased": ownDay, "erasedAnswers": ownDay, "compared": ownDay,
	"organisations": ownDay, "organisationParts": ownDay, "heartbeats": ownDay, "due": ownDay, "due-*": afterYear,
	"answers": ownDay, "saved": ownDay, "agreed": ownDay, "secrets": ownDay, "releases": ownDay, "bases": afterYear,
}

// bed is a project with programmes.
type bed struct {
	*testbed.Bed
	t *testing.T
}

func newBed(t *testing.T) *bed { return &bed{testbed.New(t), t} }

// programme adds one.
func (b *bed) programme(id, zone string, d programme.Dates) {
	b.t.Helper()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		b.t.Fatal(err)
	}
	p.ID, p.Zone, p.Dates = id, zone, d
	c := b.Store.Commit()
	c.CreateProgramme(p)
	b.Commit(c)
}

// redate moves a programme's dates.
func (b *bed) redate(id string, d programme.Dates) {
	b.t.Helper()
	p := b.read(id)
	if err := p.Redate(d); err != nil {
		b.t.Fatal(err)
	}
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
}

func (b *bed) read(id string) *programme.Programme {
	b.t.Helper()
	p, err := b.Store.Programme(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// plant writes a document of every type for a programme, with a text in each field, and
// a member of staff who works for others too.
func (b *bed) plant(p string, others ...string) {
	b.t.Helper()
	for _, types := range [][]store.Document{store.Documents, store.AnswerDocuments} {
		for i := range types {
			d := &types[i]
			if d.Path == "programmes/*" {
				continue
			}
			for n := range 2 {
				b.Plant(d, b.path(d, p, n), b.document(d, p, n, others))
			}
		}
	}
}

// path is where a programme's document of a type stands: below those with the same number.
func (b *bed) path(d *store.Document, p string, n int) string {
	parts := strings.Split(d.Path, "/")
	for i := range parts {
		switch {
		case parts[i] == "due-*":
			parts[i] = fmt.Sprintf("due-2040-01-0%d", n+1)
		case parts[i] == "*" && parts[i-1] == "programmes":
			parts[i] = p
		case parts[i] == "*":
			parts[i] = fmt.Sprint(p, n)
		}
	}
	return strings.Join(parts, "/")
}

func (b *bed) document(d *store.Document, p string, n int, others []string) reflect.Value {
	doc := reflect.New(d.Type)
	testbed.Fill(doc.Elem(), p+d.Collection())
	switch x := doc.Interface().(type) {
	case *store.Staff:
		x.Roles, x.Before = access.ByProgramme{p: {access.Coordinator, access.Evaluator}}, nil
		if n == 1 {
			for _, o := range others {
				x.Roles[o] = []access.Role{access.Supervisor}
			}
		}
	case *store.Due:
		x.Path = fmt.Sprintf("programmes/%s/enrolments/%s%d", p, p, n)
	default:
		if slices.Contains(register.Paths(d.Type), "programme") {
			testbed.SetField(doc.Elem(), "programme", p)
		}
	}
	return doc
}

// there are the paths of all that is stored, in both databases.
func (b *bed) there() map[string]any {
	b.t.Helper()
	all := map[string]any{}
	each := func(path string, doc any, err error) error {
		all[path] = doc
		return err
	}
	if err := b.Store.Everything(b.t.Context(), each); err != nil {
		b.t.Fatal(err)
	}
	if err := b.Answers.Everything(b.t.Context(), each); err != nil {
		b.t.Fatal(err)
	}
	return all
}

// to moves the clock to a moment.
func (b *bed) to(at time.Time) { b.Pass(at.Sub(b.Now())) }

// look is one look of the sweep, and of the other function that has a part.
func (b *bed) look() {
	b.t.Helper()
	if err := looked(b.t.Context(), b.Store, b.Answers, b); err != nil {
		b.t.Fatal(err)
	}
}

// looked is a look with these databases.
func looked(ctx context.Context, s *store.Store, a *store.Answers, b *bed) error {
	sweep := retention.Scheduled(s, b.Now)
	if err := sweep.Do(ctx); err != nil {
		return err
	}
	all, err := s.Programmes(ctx)
	for _, p := range all {
		if err == nil {
			err = sweep.Part(ctx, a, p, register.Questionnaires)
		}
	}
	return err
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// For five years, day by day, nothing is there any more that should have been deleted, and
// everything that should be: of each type of document, in programmes that end where it is
// another day, without an end, with one that is moved after its deletion was announced, and one
// that gets its dates too late. With -short only days near to those on which something happens.
func TestEverythingIsDeletedOnItsDayAndNothingBefore(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	// until is when each programme's period is over, worked out by hand.
	until := map[string]time.Time{
		"london":   at("2028-07-31T23:00:00Z"), // 1 August, summer time
		"auckland": at("2027-12-17T11:00:00Z"), // 18 December, summer time
		"leap":     at("2029-03-01T05:00:00Z"), // New York
		"moved":    at("2028-10-01T00:00:00Z"),
		"late":     at("2029-02-15T06:00:30Z"), // announced a moment after six, a month earlier
		"forever":  {},
	}
	b.to(at("2026-12-01T12:00:00Z"))
	b.programme("london", "Europe/London", programme.Dates{Starts: "2026-11-02", Ends: "2027-07-31"})
	b.programme("auckland", "Pacific/Auckland", programme.Dates{Starts: "2026-11-02", Ends: "2026-12-17"})
	b.programme("leap", "America/New_York", programme.Dates{Starts: "2026-11-02", Ends: "2028-02-29"})
	b.programme("moved", "UTC", programme.Dates{Starts: "2026-11-02", Ends: "2027-06-30"})
	b.programme("late", "UTC", programme.Dates{})
	b.programme("forever", "UTC", programme.Dates{})
	names := slices.Sorted(maps.Keys(until))
	for i, p := range names {
		b.plant(p, names[(i+1)%len(names)])
	}
	moves := map[string]programme.Dates{}
	move := func(p, when string, d programme.Dates) {
		if _, done := moves[p]; !done && !b.Now().Before(at(when)) {
			b.redate(p, d)
			moves[p] = d
		}
	}
	var looks, over, early int
	check := func() {
		t.Helper()
		looks++
		now, there := b.Now(), b.there()
		past := func(p string) bool { return !until[p].IsZero() && !now.Before(until[p]) }
		for i, p := range names {
			for _, types := range [][]store.Document{store.Documents, store.AnswerDocuments} {
				for k := range types {
					d := &types[k]
					kept, known := periods[d.Collection()]
					if !known {
						t.Fatalf("nobody has said here for how long %s is kept", d.Path)
					}
					for n := range 2 {
						if d.Path == "programmes/*" && n > 0 {
							continue
						}
						is := there[b.path(d, p, n)] != nil
						want := kept == ownDay || kept == nameless || !past(p)
						if kept == lastYear && n == 1 {
							want = want || !past(names[(i+1)%len(names)])
						}
						switch {
						case is && !want:
							over++
							t.Errorf("%s: %s is there still", now, b.path(d, p, n))
						case !is && want:
							early++
							t.Errorf("%s: %s is gone too early", now, b.path(d, p, n))
						}
						if l, ok := there[b.path(d, p, n)].(*store.Link); ok && (l.Person != "") == past(p) {
							t.Errorf("%s: %s is of %q", now, l.ID, l.Person)
						}
						if m, ok := there[b.path(d, p, n)].(*store.Staff); ok && len(m.Roles[p]) > 0 == past(p) {
							t.Errorf("%s: %s is %v of %s", now, m.ID, m.Roles[p], p)
						}
					}
				}
			}
		}
	}
	special := []time.Time{at("2028-06-10T12:00:00Z"), at("2029-01-16T06:00:00Z")}
	for _, u := range until {
		special = append(special, u, u.AddDate(0, 0, -35), u.AddDate(0, 0, -30))
	}
	around := 36 * time.Hour
	if testing.Short() {
		around = 24 * time.Hour // the day itself, and the one that begins next
	}
	near := func(day time.Time) bool {
		return slices.ContainsFunc(special, func(s time.Time) bool { return day.Sub(s).Abs() < around })
	}
	for day := at("2026-12-02T00:00:00Z"); day.Before(at("2031-12-02T00:00:00Z")) && !t.Failed(); day = day.AddDate(0, 0, 1) {
		if testing.Short() && !near(day) {
			continue
		}
		// The two looks of the day, and those on either side of what happens within it.
		moments := []time.Time{day.Add(30 * time.Second), day.Add(12 * time.Hour)}
		if given := at("2029-01-16T06:00:00Z"); given.After(day) && given.Before(day.AddDate(0, 0, 1)) {
			moments = append(moments, given)
		}
		for _, u := range until {
			if u.After(day) && u.Before(day.AddDate(0, 0, 1)) {
				moments = append(moments, u.Add(-time.Minute), u.Add(time.Minute))
			}
		}
		slices.SortFunc(moments, time.Time.Compare)
		for _, m := range moments {
			b.to(m)
			move("moved", "2028-06-10T00:00:00Z", programme.Dates{Starts: "2026-11-02", Ends: "2027-09-30"})
			move("late", "2029-01-16T06:00:00Z", programme.Dates{Starts: "2026-11-02", Ends: "2027-01-31"})
			b.look()
			if near(day) || day.Day() == 1 {
				check()
			}
		}
	}
	check()
	if len(moves) != 2 || looks < 50 {
		t.Errorf("%d looks, %v", looks, moves)
	}
	t.Logf("%d looks compared: %d documents kept for too long, %d deleted early", looks, over, early)
}

// deletions are how many documents of each type the audit trail says were deleted.
func (b *bed) deletions(p string) map[string]int {
	all := map[string]int{}
	for path, d := range b.Documents() {
		did, _ := d.Data()["did"].(string)
		if _, of, ok := strings.Cut(did, "deleted of "); ok && strings.HasPrefix(path, "auditEntries/") && d.Data()["programme"] == p {
			of, _, _ = strings.Cut(of, ",")
			times, _ := d.Data()["times"].(int64)
			all[of] += int(times)
		}
	}
	return all
}

// due is a bed with one programme whose deletion is due, and one that goes on.
func due(t *testing.T) *bed {
	t.Helper()
	b := newBed(t)
	now := b.Now()
	b.programme("over", "UTC", programme.Dates{Starts: "2020-01-01", Ends: now.AddDate(-1, 0, 10).Format(time.DateOnly)})
	b.programme("others", "UTC", programme.Dates{Starts: "2020-01-01", Ends: now.AddDate(1, 0, 0).Format(time.DateOnly)})
	b.plant("over", "others")
	b.plant("others")
	b.look()
	if p := b.read("over"); !p.Retention.Announced() || p.Retention.Due(b.Now()) {
		t.Fatalf("%+v", p.Retention)
	}
	b.Pass(40 * 24 * time.Hour)
	return b
}

// whole fails unless what is over is gone, all else is there, and the audit trail says of
// each type how many it were.
func (b *bed) whole(when string) {
	b.t.Helper()
	there := b.there()
	want := map[string]int{}
	for _, types := range [][]store.Document{store.Documents, store.AnswerDocuments} {
		for i := range types {
			d := &types[i]
			if d.Path == "programmes/*" {
				continue
			}
			for n := range 2 {
				gone := periods[d.Collection()] == afterYear || periods[d.Collection()] == lastYear && n == 0
				if is := there[b.path(d, "over", n)] != nil; is == gone {
					b.t.Errorf("%s: %s is there: %v", when, b.path(d, "over", n), is)
				}
				if periods[d.Collection()] == nameless {
					if l, ok := there[b.path(d, "over", n)].(*store.Link); !ok || l.Person != "" {
						b.t.Errorf("%s: %s says whose it is: %+v", when, b.path(d, "over", n), l)
					}
				}
				if there[b.path(d, "others", n)] == nil {
					b.t.Errorf("%s: %s is gone", when, b.path(d, "others", n))
				}
			}
			if k := periods[d.Collection()]; (k == afterYear || k == lastYear) && d.Collection() != "due-*" && d.Collection() != "bases" {
				want[d.Collection()] = 2
			}
		}
	}
	if got := b.deletions("over"); !maps.Equal(got, want) {
		b.t.Errorf("%s: the audit trail says %v, want %v", when, got, want)
	}
	if p := b.read("over"); !p.Retention.Done() {
		b.t.Errorf("%s: it is not done: %+v", when, p.Retention)
	}
}

// Whoever is killed at whichever request, before or after it is made, leaves what the next
// look ends as if nothing had happened.
func TestADeletionThatIsKilledIsGoneOnWith(t *testing.T) {
	t.Parallel()
	measure := &testbed.Death{}
	b := due(t)
	s, buryStore := b.Dying(measure)
	a, buryAnswers := b.DyingAnswers(measure)
	if err := looked(t.Context(), s, a, b); err != nil {
		t.Fatal(err)
	}
	buryStore()
	buryAnswers()
	requests := measure.Requests()
	step := max(1, requests*2/testbed.Runs(60))
	points := 0
	for n := 1; n <= requests; n += step {
		points++
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			b := due(t)
			death := &testbed.Death{At: n, After: n/step%2 == 0}
			s, buryStore := b.Dying(death)
			defer buryStore()
			a, buryAnswers := b.DyingAnswers(death)
			defer buryAnswers()
			if err := looked(t.Context(), s, a, b); err == nil && death.Requests() >= n && !death.After {
				t.Error("who was killed reports nothing")
			}
			for range 3 {
				b.look()
			}
			b.whole(fmt.Sprintf("killed at request %d of %d (after: %v)", n, requests, death.After))
		})
	}
	t.Logf("killed at %d of %d requests", points, requests)
}

// Letters to oneself come back when the deletion is announced, also where its look is killed at
// any of its requests.
func TestLettersComeBackBeforeTheDeletion(t *testing.T) {
	t.Parallel()
	for n := range 8 { // 0: nobody is killed
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			b.to(at("2027-12-10T12:00:00Z"))
			b.programme("p", "UTC", programme.Dates{Starts: "2026-11-02", Ends: "2026-12-17"})
			later := &programme.Programme{ID: "p"} // without an end, as before its dates moved
			c := b.Store.Commit()
			for _, who := range []string{"a", "b"} {
				l, err := sealed.New(later, &enrolment.Enrolment{ID: who, Role: programme.Client}, "Dear me", b.Now())
				if err != nil {
					t.Fatal(err)
				}
				c.SaveSealedLetter("p", l)
			}
			b.Commit(c)
			death := &testbed.Death{At: n}
			s, bury := b.Dying(death)
			defer bury()
			if err := retention.Scheduled(s, b.Now).Do(t.Context()); err == nil && n > 0 && death.Requests() >= n {
				t.Error("who was killed reports nothing")
			}
			if err := retention.Scheduled(b.Store, b.Now).Do(t.Context()); err != nil {
				t.Fatal(err)
			}
			if p := b.read("p"); !p.Retention.Announced() || p.Retention.Due(b.Now()) {
				t.Fatalf("%+v", p.Retention)
			}
			for _, who := range []string{"a", "b"} {
				if l, err := b.Store.SealedLetter(t.Context(), "p", who); err != nil || l == nil || !l.Back(b.Now()) || l.DueAt.After(b.Now()) {
					t.Errorf("%s: %v %+v", who, err, l)
				}
			}
		})
	}
}

// Several looks at once delete everything once.
func TestSeveralSweepsAtOnceAreOne(t *testing.T) {
	t.Parallel()
	b := due(t)
	var sweeps sync.WaitGroup
	for range 4 {
		sweeps.Go(func() {
			if err := looked(t.Context(), b.Store, b.Answers, b); err != nil {
				t.Error(err)
			}
		})
	}
	sweeps.Wait()
	for range 3 {
		b.look()
	}
	b.whole("four at once")
	began := 0
	for _, e := range b.Audited() {
		if strings.Contains(e.Did, "began to delete") {
			began++
		}
	}
	if began != 1 {
		t.Errorf("it began %d times", began)
	}
}

// A look does a bounded part, and the next goes on from there.
func TestALookDoesABoundedPart(t *testing.T) {
	t.Parallel()
	b := due(t)
	sweep := retention.Scheduled(b.Store, b.Now)
	sweep.Commits = 3
	for looks := 1; !b.read("over").Retention.Done(); looks++ {
		if looks > 40 {
			t.Fatal("it does not come to an end")
		}
		if err := sweep.One(t.Context(), b.read("over")); err != nil {
			t.Fatal(err)
		}
		if err := sweep.Part(t.Context(), b.Answers, b.read("over"), register.Questionnaires); err != nil {
			t.Fatal(err)
		}
		gone := 0
		for _, n := range b.deletions("over") {
			gone += n
		}
		if gone > looks*sweep.Commits*2 { // of each type there are two
			t.Fatalf("%d looks deleted %d documents", looks, gone)
		}
	}
	b.whole("in small parts")
}
