package sample

import (
	"context"
	"crypto/rand"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/evaluation"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// open is a store in an emulator's project of the test's own, with nothing in it.
func open(t *testing.T) databases {
	t.Helper()
	if os.Getenv("FIRESTORE_EMULATOR_HOST") == "" {
		t.Fatal("this test needs the Firestore emulator: run ./scripts/test, or start one and set FIRESTORE_EMULATOR_HOST")
	}
	project := "demo-" + strings.ToLower(rand.Text())[:12]
	s, err := store.Open(t.Context(), project, "(default)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	a, err := store.OpenAnswers(t.Context(), project, "answers")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	ring, err := keys.Parse(keys.New(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	s.SetAuditKeys(ring)
	return databases{s, a, ring}
}

// databases are the two of a project, with the key of answers' ids.
type databases struct {
	*store.Store
	answers *store.Answers
	ring    keys.Ring
}

func load(t *testing.T, s databases, now time.Time) {
	t.Helper()
	if err := Load(t.Context(), s.Store, s.answers, s.ring, now, func(string) {}); err != nil {
		t.Fatal(err)
	}
}

// loaded is all that stands in a sample programme.
type loaded struct {
	Claims      int
	Programme   *programme.Programme
	Run         *store.Run
	Coordinator *store.Staff
	Supervisors []*supervision.Supervisor
	Enrolments  map[string]*enrolment.Enrolment
	Matches     []*pairing.Match
	Unmatched   []matching.Unmatched
	Certificate *matching.Certificate
	Pairings    []*pairing.Pairing
	// Sessions are by pairing, Logs by pairing and role.
	Sessions  map[string][]*pairing.Session
	Logs      map[string][]*pairing.Log
	Responses []*questionnaire.Response
	Messages  []*outbox.Message
}

// must is for reads that do not fail.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func read(t *testing.T, s databases) *loaded {
	t.Helper()
	ctx := t.Context()
	l := &loaded{Enrolments: map[string]*enrolment.Enrolment{}, Sessions: map[string][]*pairing.Session{}, Logs: map[string][]*pairing.Log{}}
	l.Programme = must(s.Programme(ctx, Programme))(t)
	l.Run = must(s.Run(ctx, Programme, l.Programme.Run))(t)
	l.Coordinator = must(s.StaffByEmail(ctx, Coordinator))(t)
	l.Supervisors = must(s.Supervisors(ctx, Programme))(t)
	for _, e := range must(s.Enrolments(ctx, Programme))(t) {
		l.Enrolments[e.ID] = e
	}
	l.Claims = must(s.CountClaims(ctx, Programme, l.Programme.UpdatedAt))(t)
	l.Matches = append(must(s.Proposals(ctx, l.Programme))(t), must(s.Matches(ctx, Programme, pairing.Out...))(t)...)
	l.Unmatched = must(s.Unmatched(ctx, Programme, l.Run.ID))(t)
	l.Certificate = must(s.Certificate(ctx, Programme, l.Run.ID))(t)
	l.Pairings = must(s.Pairings(ctx, Programme))(t)
	for _, x := range l.Pairings {
		l.Sessions[x.ID] = must(s.Sessions(ctx, Programme, x.ID))(t)
		for _, role := range programme.Roles {
			l.Logs[x.ID+" "+string(role)] = must(s.Logs(ctx, Programme, x.ID, role))(t)
		}
	}
	l.Responses = must(s.answers.Responses(ctx, Programme))(t)
	for _, state := range []outbox.State{outbox.Pending, outbox.Sending, outbox.Sent, outbox.Unwanted, outbox.SetAside} {
		l.Messages = append(l.Messages, must(s.Messages(ctx, Programme, state))(t)...)
	}
	for _, m := range l.Messages {
		m.ReadAt = time.Time{} // of this reading, not of the message
	}
	return l
}

// whole fails unless nothing is missing and nothing is there twice.
func (l *loaded) whole(t *testing.T) {
	t.Helper()
	got := map[string]int{"supervisors": len(l.Supervisors), "matches": len(l.Matches), "pairings": len(l.Pairings), "responses": len(l.Responses), "messages": len(l.Messages)}
	for _, e := range l.Enrolments {
		got[string(e.Role)]++
	}
	got["claims"] = l.Claims
	for _, all := range l.Sessions {
		got["sessions"] += len(all)
	}
	for _, all := range l.Logs {
		got["logs"] += len(all)
	}
	want := map[string]int{
		"client": 14, "consultant": 15, "claims": 1, "supervisors": 3, "matches": 14, "pairings": completed + 2, "sessions": 2*completed + 2, "logs": 2 * (2*completed + 1),
		"responses": 28 + 2*completed, "messages": 8,
	}
	if !maps.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
}

func TestSampleHasPairsAtEveryStage(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, now string }{
		{"a working day", "2026-11-24T14:03:00.123456Z"},
		{"early on a day off", "2027-01-01T00:00:00Z"},
		{"the end of a leap day", "2028-02-29T23:59:59Z"},
		{"the hour that is left out as clocks go forward", "2027-03-28T01:00:00Z"},
		{"the hour that comes twice as they go back", "2026-10-25T00:30:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			now, _ := time.Parse(time.RFC3339Nano, row.now)
			s := open(t)
			load(t, s, now)
			l := read(t, s)
			l.whole(t)
			l.people(t, now)
			l.supervised(t, now)
			l.stages(t, now)
			l.emails(t, now)
			l.report(t, s)
		})
	}
}

// people are made up, ready to be matched, and reached by nobody.
func (l *loaded) people(t *testing.T, now time.Time) {
	t.Helper()
	states, places := map[string]int{}, map[string]int{}
	for _, e := range l.Enrolments {
		states[string(e.Role)+" "+string(e.State)]++
		surname := map[programme.Role]string{programme.Client: " Example", programme.Consultant: " Sample"}[e.Role]
		if !strings.HasSuffix(string(e.Person.Email), "@example.org") || !strings.HasSuffix(e.Person.Name, surname) || !strings.HasPrefix(e.Person.Phone, "020 7946 0") {
			t.Errorf("%+v could be someone", e.Person)
		}
		if e.Organisation.Income == 0 || len(e.Meeting) < 2 || !slices.Equal(e.Languages, []string{"English"}) {
			t.Errorf("enrolment %+v", e)
		}
		if e.Consent.Version != l.Programme.Privacy.Version || e.Consent.At.After(now) || e.CreatedAt.After(now) || e.Invite != "" || e.Capacity != 1 {
			t.Errorf("enrolment %+v", e)
		}
		places[e.Organisation.Number]++
		places[string(e.Person.Email)]++
	}
	if want := map[string]int{"client ready": 14, "consultant ready": 14, "consultant confirmed": 1}; !maps.Equal(states, want) {
		t.Errorf("people are %v, want %v", states, want)
	}
	for what, n := range places {
		if n > 1 {
			t.Errorf("%d people have %s", n, what)
		}
	}
	if c := l.Coordinator; c == nil || !c.Roles.Has(Programme, access.Coordinator) || len(c.Roles) != 1 {
		t.Errorf("the coordinator is %+v", c)
	}
	if p := l.Programme; len(p.Salt) != 64 || strings.Count(p.Salt, "0") > 32 || !p.CreatedAt.Before(now) || p.Name == "" {
		t.Errorf("programme %+v", p)
	}
	if r := l.Run; r.Clients != 14 || r.Consultants != 14 || r.Matched != 14 || len(l.Unmatched) > 0 || r.Score == 0 || r.State != store.Applied || r.Released != completed+3 || l.Certificate.Score != r.Score {
		t.Errorf("run %+v", r)
	}
}

// supervised: everybody who is ready to help has a supervisor, and nobody has more
// pairings under them than they can take.
func (l *loaded) supervised(t *testing.T, now time.Time) {
	t.Helper()
	under := map[string]int{}
	for _, e := range l.Enrolments {
		if (e.Supervisor != "") != (e.Role == programme.Consultant && e.State == enrolment.Ready) {
			t.Errorf("%s, %s, has the supervisor %q", e.Role, e.State, e.Supervisor)
		}
		under[e.Supervisor] += len(e.Places)
	}
	room := 0
	for _, x := range l.Supervisors {
		if !strings.HasSuffix(x.Name, " Sample") || !strings.HasSuffix(string(x.Email), "@example.org") || x.CreatedAt.After(now) {
			t.Errorf("%+v could be someone", x)
		}
		if n := len(x.Places); n != under[x.ID] || n > x.Capacity {
			t.Errorf("%s has %d pairings of %d, and their people have %d", x.Name, n, x.Capacity, under[x.ID])
		}
		room += x.Capacity
	}
	if room < 15 {
		t.Errorf("there is room for %d pairings", room)
	}
}

// stage is where a pair stands, in words.
func (l *loaded) stage(t *testing.T, m *pairing.Match, now time.Time) string {
	t.Helper()
	i := slices.IndexFunc(l.Pairings, func(x *pairing.Pairing) bool { return x.ID == m.ID })
	answers := string(m.Client.Answer) + "/" + string(m.Consultant.Answer)
	if i < 0 {
		return string(m.State) + " " + answers
	}
	x := l.Pairings[i]
	if x.Client != m.Client.Enrolment || x.Consultant != m.Consultant.Enrolment || x.StartedAt.After(now) || x.Milestone != pairing.None {
		t.Errorf("pairing %+v of match %+v", x, m)
	}
	held, ahead := 0, 0
	for _, session := range l.Sessions[x.ID] {
		logged := session.Logged["client"] && session.Logged["consultant"]
		switch {
		case session.State == pairing.Held && session.EndsAt().Before(now) && session.DueAt.IsZero() && logged:
			held++
		case session.State == pairing.Booked && session.StartsAt.After(now.AddDate(0, 0, 7)) && !session.DueAt.IsZero() && len(session.Logged) == 0:
			ahead++ // further than the first reminder, so that all of them are seen
		default:
			t.Errorf("session %+v", session)
		}
		if session.Client != x.Client || session.Consultant != x.Consultant || session.Programme != Programme || session.CreatedAt.After(now) {
			t.Errorf("session %+v of pairing %+v", session, x)
		}
	}
	if held != x.Held || held+ahead != x.Booked {
		t.Errorf("pairing %+v has %d sessions held and %d booked", x, held, ahead)
	}
	for _, role := range programme.Roles {
		if logs := l.Logs[x.ID+" "+string(role)]; len(logs) != held {
			t.Errorf("pairing %s has %d logs of the %s for %d sessions", x.ID, len(logs), role, held)
		}
	}
	if (x.State == pairing.Completed) != !x.EndedAt.IsZero() || x.EndedAt.After(now) {
		t.Errorf("pairing %+v", x)
	}
	return fmt.Sprintf("%s %s: %s, %d held, %d ahead", m.State, answers, x.State, held, ahead)
}

func (l *loaded) stages(t *testing.T, now time.Time) {
	t.Helper()
	got, taken := map[string]int{}, map[string]bool{}
	for _, m := range l.Matches {
		got[l.stage(t, m, now)]++
		client, consultant := l.Enrolments[m.Client.Enrolment], l.Enrolments[m.Consultant.Enrolment]
		if client == nil || consultant == nil || client.Role != programme.Client || consultant.Role != programme.Consultant || taken[client.ID] || taken[consultant.ID] {
			t.Fatalf("match %+v", m)
		}
		taken[client.ID], taken[consultant.ID] = true, true
		// A completed pairing has given the place of the one who helps back.
		open := m.State == pairing.Released || m.State == pairing.Accepted
		i := slices.IndexFunc(l.Pairings, func(x *pairing.Pairing) bool { return x.ID == m.ID })
		over := i >= 0 && l.Pairings[i].State == pairing.Completed
		if slices.Contains(client.Places, m.ID) != open || slices.Contains(consultant.Places, m.ID) != (open && !over) || len(client.Places) > 1 || len(consultant.Places) > 1 {
			t.Errorf("match %+v takes up the places %v and %v", m, client.Places, consultant.Places)
		}
		if client.State != enrolment.Ready || consultant.State != enrolment.Ready || m.Run != l.Programme.Run || m.Score == 0 || len(m.Reasons.Met) == 0 {
			t.Errorf("match %+v", m)
		}
	}
	if want := map[string]int{
		"proposed /":    1,
		"released yes/": 1,
		"accepted yes/yes: active, 0 held, 0 ahead":    1,
		"accepted yes/yes: active, 1 held, 1 ahead":    1,
		"accepted yes/yes: completed, 2 held, 0 ahead": completed,
	}; !maps.Equal(got, want) {
		t.Errorf("pairs are %v, want %v", got, want)
	}
}

// emails are owed for what happened last alone, and none for what is long past.
func (l *loaded) emails(t *testing.T, now time.Time) {
	t.Helper()
	got := map[outbox.Kind]int{}
	for _, m := range l.Messages {
		got[m.Kind]++
		if e := l.Enrolments[m.To]; (e == nil) != (m.Kind == message.KindConfirmEnrolment) || e != nil && e.Role != m.Role || m.State != outbox.Pending || m.CreatedAt.Before(now.AddDate(0, 0, -4)) {
			t.Errorf("message %+v", m)
		}
	}
	if want := map[outbox.Kind]int{
		message.KindConfirmEnrolment: 1, message.KindMatchReleased: 2, message.KindPairingStarted: 2, message.KindQuestionnaireInvited: 1, message.KindSessionBooked: 2,
	}; !maps.Equal(got, want) {
		t.Errorf("owed are %v, want %v", got, want)
	}
}

// report shows figures for both roles once the questionnaires have closed: as many people
// stand behind them as must.
func (l *loaded) report(t *testing.T, s databases) {
	t.Helper()
	questions := evaluation.Questions(must(questionnaire.Load(l.Programme.Questionnaires.Baseline))(t), must(questionnaire.Load(l.Programme.Questionnaires.Closing))(t))
	var paired []evaluation.Pair
	for _, x := range must(s.Pairs(t.Context(), Programme))(t) {
		paired = append(paired, evaluation.Pair{Client: x.Client, Consultant: x.Consultant, Held: x.Held > 0, Completed: x.State == pairing.Completed})
	}
	c := disclosure.Cohort{People: evaluation.Reached(slices.Collect(maps.Values(l.Enrolments)), paired, paired), Answers: evaluation.Answered(questions, l.Responses)}
	for _, q := range questions {
		c.Questions = append(c.Questions, q.ID)
	}
	r, _, _ := disclosure.Next(programme.Closing, "2027-07-31", c, nil, mathrand.New(mathrand.NewPCG(1, 2)).Float64)
	for _, step := range r.Steps {
		if step.People < 2*completed {
			t.Errorf("%s: %d people", step.Step, step.People)
		}
	}
	if len(r.Start) != 2 || len(r.Change) != 2 {
		t.Fatalf("averages of %d groups at the start, and of %d changes", len(r.Start), len(r.Change))
	}
	for _, g := range r.Change {
		better := 0
		for _, a := range g.Averages {
			better += a.Tenths
		}
		if g.People != completed || better < 5*len(g.Averages) {
			t.Errorf("%s: answers of %d are %d tenths higher at the end", g.Role, g.People, better)
		}
	}
}

// text is all that was read, with the times of the documents' last writes.
func (l *loaded) text(t *testing.T) string {
	t.Helper()
	b, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLoadingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	now := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
	load(t, s, now)
	before := read(t, s).text(t)
	if err := Load(t.Context(), s.Store, s.answers, s.ring, now.AddDate(0, 0, 40), func(text string) { t.Errorf("it says %q", text) }); err != nil {
		t.Fatal(err)
	}
	if after := read(t, s).text(t); after != before {
		t.Errorf("it was\n%s\nand is\n%s", before, after)
	}
}

// Whatever it was that stopped the first, the next one makes the sample whole.
func TestInterruptedLoadLeavesNothing(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
	s := open(t)
	// It takes longer than the first of these, and not as long as the last.
	err, stopped := error(nil), 0
	for within := time.Millisecond; within < time.Minute; within *= 2 {
		ctx, stop := context.WithCancel(t.Context())
		err = Load(ctx, s.Store, s.answers, s.ring, now, func(string) { time.AfterFunc(within, stop) })
		if stop(); err == nil {
			break
		}
		stopped++
	}
	if err != nil || stopped == 0 {
		t.Fatalf("%d were interrupted, and then %v", stopped, err)
	}
	read(t, s).whole(t)
}

// Two who load at once have the one sample.
func TestLoadsAtOnceAreOne(t *testing.T) {
	t.Parallel()
	s := open(t)
	now := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
	var loaders sync.WaitGroup
	for range 2 {
		loaders.Go(func() {
			if err := Load(t.Context(), s.Store, s.answers, s.ring, now, func(string) {}); err != nil {
				t.Error(err)
			}
		})
	}
	loaders.Wait()
	read(t, s).whole(t)
}

func TestLoadSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	var said []string
	s := open(t)
	if err := Load(t.Context(), s.Store, s.answers, s.ring, time.Now(), func(text string) { said = append(said, text) }); err != nil {
		t.Fatal(err)
	}
	if len(said) != 2 || !strings.Contains(said[0], "15 and 15 leaders") || said[1] != "loaded 14 of 14 pairs" {
		t.Errorf("it says %q", said)
	}
}

// Every form is one that the pages would take.
func TestEveryFormIsAcceptable(t *testing.T) {
	t.Parallel()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	all, err := entries(p)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(organisations)).ReadAll()
	if err != nil || len(rows) != 31 || len(all) != 30 {
		t.Fatalf("%d rows make %d forms: %v", len(rows), len(all), err)
	}
	roles := map[programme.Role]int{}
	for i, e := range all {
		row := rows[i+1]
		roles[e.role]++
		normal := e.form.Normalised(p)
		if err := normal.Check(p, e.role); err != nil {
			t.Errorf("%s: %v", row[2], err)
		}
		if normal.Organisation != e.form.Organisation || normal.Email != e.form.Email || normal.Number != row[1] || !strings.EqualFold(normal.Organisation, row[2]) {
			t.Errorf("%s became %+v", row[2], normal)
		}
		if postcode, ok := geography.UK().Parse(row[3]); !ok || geography.UK().Usual(postcode) != row[4] {
			t.Errorf("%s: %s lies in %s, and not in %s", row[2], row[3], geography.UK().Usual(postcode), row[4])
		}
	}
	if roles[programme.Client] != 15 || roles[programme.Consultant] != 15 {
		t.Errorf("roles %v", roles)
	}
	again, err := entries(p)
	if err != nil || fmt.Sprint(again) != fmt.Sprint(all) {
		t.Errorf("another time they are other ones: %v", err)
	}
}

func TestNamesAreNotInCapitalsThroughout(t *testing.T) {
	t.Parallel()
	for _, row := range [][2]string{
		{"GESHER", "Gesher"},
		{"BRINGING WORDS TO LIFE LIMITED", "Bringing Words to Life Limited"},
		{"THE FRIENDS OF ALL (NORTH)", "The Friends of All (North)"},
		{"(THE) X", "(The) X"},
		{"Already Written", "Already Written"},
		{"a small one", "a small one"},
		{"42ND STREET", "42nd Street"},
	} {
		if got := name(row[0]); got != row[1] {
			t.Errorf("%s became %q, want %q", row[0], got, row[1])
		}
	}
}

// The sample's organisations can be looked up, unless a register was imported before.
func TestSampleCanBeLookedUp(t *testing.T) {
	t.Parallel()
	s := open(t)
	load(t, s, time.Now())
	p, err := s.PublishedOrganisations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.Organisations(t.Context(), p)
	if err != nil || l.Len() != 30 {
		t.Fatalf("%v, %v", l, err)
	}
	if got := l.Search("gesh", 3); len(got) != 1 || got[0].Number != "GB-CHC-1142268" || got[0].District != "NE8" {
		t.Errorf("%+v", got)
	}
	load(t, s, time.Now())
	if again, err := s.PublishedOrganisations(t.Context()); err != nil || again.List != p.List {
		t.Errorf("a second time: %+v, %v", again, err)
	}
}
