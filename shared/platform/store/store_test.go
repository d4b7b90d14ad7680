package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// now has no more than the microseconds that Firestore keeps.
var now = time.Date(2026, 11, 24, 12, 0, 0, 123456000, time.UTC)

// open is a store in an emulator's project of the test's own.
func open(t testing.TB) *Store { return through(t, emulator(t)) }

func emulator(t testing.TB) string {
	t.Helper()
	address := os.Getenv("FIRESTORE_EMULATOR_HOST")
	if address == "" {
		t.Fatal("this test needs the Firestore emulator: run ./scripts/test, or start one and set FIRESTORE_EMULATOR_HOST")
	}
	return address
}

// through is a store that reaches an address by a connection that can be tampered with.
func through(t testing.TB, address string, tamper ...grpc.UnaryClientInterceptor) *Store {
	t.Helper()
	owner := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		return invoke(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer owner"), method, req, reply, cc, opts...)
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(append([]grpc.UnaryClientInterceptor{owner}, tamper...)...))
	if err != nil {
		t.Fatal(err)
	}
	project := "demo-" + strings.ToLower(rand.Text())[:12]
	client, err := firestore.NewClient(t.Context(), project, option.WithGRPCConn(conn))
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{database: database{client: client, path: "projects/" + project + "/databases/(default)/documents/"}, now: time.Now}
	s.SetAuditKeys(aRing(t))
	t.Cleanup(func() { s.Close(); conn.Close() })
	return s
}

func do(t testing.TB, c *Commit) {
	t.Helper()
	if err := c.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A programme that a schedule does not see is left alone for ever.
func TestEveryProgrammeIsListed(t *testing.T) {
	t.Parallel()
	s := open(t)
	const n = 230
	for i := range n {
		add(t, s, func(c *Commit) {
			c.CreateProgramme(&programme.Programme{ID: fmt.Sprintf("p%03d", i), Name: fmt.Sprint("Leading ", i%7)})
		})
	}
	all, err := s.Programmes(t.Context())
	if err != nil || len(all) != n {
		t.Fatalf("%d programmes of %d, %v", len(all), n, err)
	}
	if !slices.IsSortedFunc(all, func(a, b *programme.Programme) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) }) {
		t.Error("they are in no order")
	}
}

// add creates documents in one commit.
func add(t testing.TB, s *Store, writes func(*Commit)) {
	t.Helper()
	c := s.Commit()
	writes(c)
	do(t, c)
}

func paired(id string) *pairing.Pairing {
	return &pairing.Pairing{ID: id, Client: "a", Consultant: "b", State: pairing.Active, Milestone: pairing.Ended, StartedAt: now, CreatedAt: now, UpdatedAt: now}
}

func TestCreatingTwiceIsErrExists(t *testing.T) {
	t.Parallel()
	s := open(t)
	add(t, s, func(c *Commit) { c.CreatePairing("p", paired("x")) })

	c := s.Commit()
	c.CreatePairing("p", paired("y"))
	c.CreatePairing("p", paired("x"))
	if err := c.Do(t.Context()); !errors.Is(err, ErrExists) || !IsConflict(err) {
		t.Fatalf("created twice: %v", err)
	}
	if _, err := s.Pairing(t.Context(), "p", "y"); !fault.Is(err, fault.NotFound) {
		t.Errorf("half of a commit was made: %v", err)
	}
}

// Two who see an empty contact at once, such as a sender and the person, do not
// undo each other's.
func TestContactIsMadeOnceAndThenGuarded(t *testing.T) {
	t.Parallel()
	s := open(t)
	read := func() *contact.Contact {
		t.Helper()
		x, err := s.Contact(t.Context(), "p", "e")
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	save := func(x *contact.Contact) error {
		c := s.Commit()
		c.SaveContact("p", x, now)
		return c.Do(t.Context())
	}
	first, second := read(), read()
	if first.ID != "e" || !first.Version.IsZero() {
		t.Fatalf("empty: %+v", first)
	}
	first.Day, second.Day = "2027-03-01", "2027-03-02"
	if err := save(first); err != nil {
		t.Fatal(err)
	}
	if err := save(second); !IsConflict(err) {
		t.Errorf("made twice: %v", err)
	}
	third, fourth := read(), read()
	third.Decline(message.Questionnaires)
	if err := save(third); err != nil {
		t.Fatal(err)
	}
	if err := save(fourth); !IsConflict(err) {
		t.Errorf("undone: %v", err)
	}
	if x := read(); x.Day != "2027-03-01" || x.Wants(message.Questionnaires) || !x.CreatedAt.Equal(now) {
		t.Errorf("kept %+v", x)
	}
}

func TestBeatenUpdateIsErrChanged(t *testing.T) {
	t.Parallel()
	s := open(t)
	add(t, s, func(c *Commit) { c.CreatePairing("p", paired("x")) })
	mine, err := s.Pairing(t.Context(), "p", "x")
	if err != nil {
		t.Fatal(err)
	}
	rival := *mine
	rival.Booked = 1
	add(t, s, func(c *Commit) { c.UpdatePairing("p", &rival) })

	mine.Booked = 7
	c := s.Commit()
	c.CreatePairing("p", paired("y"))
	c.UpdatePairing("p", mine)
	if err := c.Do(t.Context()); !errors.Is(err, ErrChanged) || !IsConflict(err) || !fault.Is(err, fault.Conflict) {
		t.Fatalf("beaten: %v", err)
	}
	if x, err := s.Pairing(t.Context(), "p", "x"); err != nil || x.Booked != 1 {
		t.Errorf("the rival's is lost: %+v, %v", x, err)
	}
	if _, err := s.Pairing(t.Context(), "p", "y"); !fault.Is(err, fault.NotFound) {
		t.Errorf("half of a commit was made: %v", err)
	}
	c = s.Commit()
	gone := paired("gone")
	gone.Version = now
	c.UpdatePairing("p", gone)
	if err := c.Do(t.Context()); !errors.Is(err, ErrChanged) {
		t.Errorf("an update of a document that is not there: %v", err)
	}
}

// The reply of a commit can be lost after it was made. The client may send it
// again by itself, or report the failure: both are the success that it was.
func TestLostReplyIsSuccess(t *testing.T) {
	t.Parallel()
	for _, code := range []codes.Code{codes.Unavailable, codes.DeadlineExceeded, codes.Internal, codes.Unknown} {
		var mu sync.Mutex
		lose := 0
		s := through(t, emulator(t), func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			err := invoke(ctx, method, req, reply, cc, opts...)
			mu.Lock()
			defer mu.Unlock()
			if err == nil && strings.HasSuffix(method, "/Commit") && lose > 0 {
				lose--
				return status.Error(code, "the reply was lost")
			}
			return err
		})
		losing := func(c *Commit) error {
			mu.Lock()
			lose = 1
			mu.Unlock()
			return c.Do(t.Context())
		}
		c := s.Commit()
		c.CreatePairing("p", paired("x"))
		if err := losing(c); err != nil {
			t.Errorf("%s after a create: %v", code, err)
		}
		x, err := s.Pairing(t.Context(), "p", "x")
		if err != nil {
			t.Fatal(err)
		}
		x.Booked = 1
		c = s.Commit()
		c.UpdatePairing("p", x)
		if err := losing(c); err != nil {
			t.Errorf("%s after an update: %v", code, err)
		}
		if x, err = s.Pairing(t.Context(), "p", "x"); err != nil || x.Booked != 1 {
			t.Errorf("%s: %+v, %v", code, x, err)
		}
		c = s.Commit()
		c.CreatePairing("p", paired("x"))
		if err := c.Do(t.Context()); !errors.Is(err, ErrExists) {
			t.Errorf("a rival's document passes for one's own: %v", err)
		}
	}
}

// The same where the caller's time ran out while the reply was awaited.
func TestLateReplyIsSuccess(t *testing.T) {
	t.Parallel()
	s := through(t, emulator(t), func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		err := invoke(ctx, method, req, reply, cc, opts...)
		if strings.HasSuffix(method, "/Commit") {
			<-ctx.Done()
			return status.FromContextError(ctx.Err()).Err()
		}
		return err
	})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	c := s.Commit()
	c.CreatePairing("p", paired("x"))
	if err := c.Do(ctx); err != nil {
		t.Errorf("made, and reported as %v", err)
	}
}

// Firestore that does not answer is a fault of its own kind, in good time.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // connects, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, address := range map[string]string{"silent": silent.Addr().String(), "refused": closed.Addr().String()} {
		s := through(t, address)
		for what, call := range map[string]func(ctx context.Context) error{
			"read":   func(ctx context.Context) error { _, err := s.Programme(ctx, "p"); return err },
			"list":   func(ctx context.Context) error { _, err := s.Programmes(ctx); return err },
			"count":  func(ctx context.Context) error { _, err := s.CountPairings(ctx, "p", pairing.Active); return err },
			"time":   func(ctx context.Context) error { _, err := s.Time(ctx); return err },
			"commit": func(ctx context.Context) error { c := s.Commit(); c.CreatePairing("p", paired("x")); return c.Do(ctx) },
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				began := time.Now()
				if err := call(ctx); !fault.Is(err, fault.Unavailable) {
					t.Errorf("error %v", err)
				}
				if took := time.Since(began); took > 5*time.Second {
					t.Errorf("took %v", took)
				}
			})
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Errorf("%s: ready", name)
		}
	}
}

// Twenty writers of one document, each of which reads again and tries again, as
// a person does who is told that someone else changed it.
func TestRacingWritersAllPass(t *testing.T) {
	t.Parallel()
	s := open(t)
	add(t, s, func(c *Commit) { c.CreatePairing("p", paired("x")) })
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var writers sync.WaitGroup
	for i := range 20 {
		writers.Go(func() {
			for {
				x, err := s.Pairing(ctx, "p", "x")
				if err != nil {
					t.Errorf("writer %d: %v", i, err)
					return
				}
				x.Booked++
				c := s.Commit()
				c.UpdatePairing("p", x)
				c.Audit(AuditEntry{Programme: "p", Did: fmt.Sprint(i), At: now})
				switch err := c.Do(ctx); {
				case err == nil:
					return
				case !errors.Is(err, ErrChanged):
					t.Errorf("writer %d: %v", i, err)
					return
				}
			}
		})
	}
	writers.Wait()
	x, err := s.Pairing(ctx, "p", "x")
	if err != nil || x.Booked != 20 {
		t.Errorf("%+v, %v", x, err)
	}
	if n, err := count(ctx, s.client.Collection("auditEntries").Query, "audit entries"); n != 20 || err != nil {
		t.Errorf("%d audit entries for 20 writes, %v", n, err)
	}
}

// Of twenty who create one document, one does, and the others are told.
func TestOneOfManyCreates(t *testing.T) {
	t.Parallel()
	s := open(t)
	var mu sync.Mutex
	outcomes := map[bool]int{}
	var writers sync.WaitGroup
	for range 20 {
		writers.Go(func() {
			c := s.Commit()
			c.CreatePairing("p", paired("x"))
			c.Audit(AuditEntry{At: now})
			err := c.Do(t.Context())
			if err != nil && !errors.Is(err, ErrExists) {
				t.Error(err)
			}
			mu.Lock()
			outcomes[err == nil]++
			mu.Unlock()
		})
	}
	writers.Wait()
	if n, _ := count(t.Context(), s.client.Collection("auditEntries").Query, "audit entries"); outcomes[true] != 1 || n != 1 {
		t.Errorf("%d created it, with %d audit entries", outcomes[true], n)
	}
}

// Ids come from addresses that anybody can type. One that is malformed names
// nothing, and above all no document of another collection.
func TestMalformedIDsNameNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	add(t, s, func(c *Commit) {
		c.CreateProgramme(&programme.Programme{ID: "p", Name: "Pilot"})
		c.CreatePairing("p", paired("x"))
		c.CreateSession(&pairing.Session{ID: "s", Programme: "p", Pairing: "x"})
	})
	for _, id := range []string{
		"", ".", "..", "/", "-", "__name__", "p/pairings/x", "p/pairings", "../programmes/p", "x/sessions/s", "\xff", "a\x00b", "a\nb", "p ", "é",
		strings.Repeat("x", 2000), "{client}", "%2e",
	} {
		_, ofProgramme := s.Programme(t.Context(), id)
		_, ofPairing := s.Pairing(t.Context(), "p", id)
		_, inProgramme := s.Pairing(t.Context(), id, "x")
		_, ofSession := s.Session(t.Context(), "p", "x", id)
		_, inPairing := s.Session(t.Context(), "p", id, "s")
		_, ofMatch := s.Match(t.Context(), "p", id, id)
		_, ofLink := s.Link(t.Context(), id)
		_, _, ofMessage := s.Message(t.Context(), id)
		_, ofInvitation := s.Invitation(t.Context(), "p", id)
		_, ofContact := s.Contact(t.Context(), "p", id)
		for i, err := range []error{ofContact, ofProgramme, ofPairing, inProgramme, ofSession, inPairing, ofMatch, ofLink, ofMessage, ofInvitation} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%.20q, %d: %v", id, i, err)
			}
		}
		if _, err := s.Sessions(t.Context(), "p", id); err != nil {
			t.Errorf("sessions of %.20q: %v", id, err)
		}
		if _, err := s.Enrolments(t.Context(), id); err != nil {
			t.Errorf("enrolments of %.20q: %v", id, err)
		}
		for what, write := range map[string]func(*Commit){
			"pairing": func(c *Commit) { c.CreatePairing("p", paired(id)) },
			"session": func(c *Commit) { c.CreateSession(&pairing.Session{ID: "s", Programme: "p", Pairing: id}) },
		} {
			c := s.Commit()
			write(c)
			if err := c.Do(t.Context()); err == nil || IsConflict(err) {
				t.Errorf("a %s was written under %.20q: %v", what, id, err)
			}
		}
	}
}

func TestCommitIsBounded(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.Commit().Do(t.Context()); err != nil {
		t.Errorf("of nothing: %v", err)
	}
	c := s.Commit()
	for range MaxWrites {
		c.Audit(AuditEntry{Programme: "p", At: now})
	}
	do(t, c)
	c = s.Commit()
	for range MaxWrites + 1 {
		c.Audit(AuditEntry{Programme: "q", At: now})
	}
	if err := c.Do(t.Context()); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("of 501 writes: %v", err)
	}
	if n, _ := count(t.Context(), s.client.Collection("auditEntries").Where("programme", "==", "q"), "audit entries"); n != 0 {
		t.Errorf("%d of 501 were made", n)
	}
}

// An update writes the fields that this version of the code knows, and leaves
// those of a later one.
func TestUnknownFieldsStay(t *testing.T) {
	t.Parallel()
	s := open(t)
	add(t, s, func(c *Commit) { c.CreatePairing("p", paired("x")) })
	ref := s.client.Doc("programmes/p/pairings/x")
	if _, err := ref.Update(t.Context(), []firestore.Update{{Path: "later", Value: "kept"}, {Path: "held", Value: firestore.Delete}}); err != nil {
		t.Fatal(err)
	}
	x, err := s.Pairing(t.Context(), "p", "x")
	if err != nil {
		t.Fatal(err)
	}
	x.Booked = 2
	add(t, s, func(c *Commit) { c.UpdatePairing("p", x) })
	snap, err := ref.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if data := snap.Data(); data["later"] != "kept" || data["booked"] != int64(2) || data["held"] != int64(0) {
		t.Errorf("document %v", data)
	}
}

// Every kind of document is read back as it was written, and written again as it
// was read.
func TestDocumentsReadAsWritten(t *testing.T) {
	t.Parallel()
	s := open(t)
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p.ID, p.Salt, p.Run, p.CreatedAt, p.UpdatedAt = "p", "salt", "r", now, now
	e := &enrolment.Enrolment{ID: "e", Role: programme.Client, Person: enrolment.Person{Name: "Siân", Email: "a@example.org", Phone: "1"},
		Organisation: enrolment.Organisation{Name: "T", Number: "GB-CHC-1", Postcode: "LS6 2AB", Region: "r", Categories: []string{"HE"}, Income: 250_000},
		Skills:       map[string]int{"board": 3}, Experience: map[string]int{"board": 1}, Availability: []string{"mon-am"}, Meeting: []string{"video"}, Languages: []string{"Welsh"},
		Capacity: 1, Places: []string{"m"}, Conflicts: []string{"x"}, Supervisor: "su",
		Consent: enrolment.Consent{Version: "v", At: now}, State: enrolment.Ready, Readiness: enrolment.Readiness{Workshop: true}, Invite: programme.Baseline, Digest: "d", CreatedAt: now, UpdatedAt: now}
	side := pairing.Side{Enrolment: "e", Answer: pairing.Yes, Expectations: "v", AnsweredAt: now}
	m := &pairing.Match{ID: "m", Run: "r", Programme: "p", Client: side, Consultant: pairing.Side{Enrolment: "f", Answer: pairing.No, Reason: "why"},
		Reasons: matching.Reasons{Region: "r", Met: []matching.Need{{Skill: "board", Priority: 3, Level: 2}}}, Score: 60, State: pairing.Declined, CreatedAt: now, UpdatedAt: now}
	x := paired("x")
	session := &pairing.Session{ID: "s", Programme: "p", Pairing: "x", Number: 1, Client: "a", Consultant: "b", StartsAt: now, Minutes: 90, Place: "here",
		BookedBy: programme.Client, State: pairing.Booked, DueAt: now, Logged: map[string]bool{}, CreatedAt: now, UpdatedAt: now}
	d := &Draft{ID: "d", Role: programme.Consultant, Form: enrolment.Form{Name: "A", Income: 5, Skills: map[string]int{"board": 1}, Experience: map[string]int{"board": 2}, Categories: []string{"HE"},
		Availability: []string{"mon-am"}, Meeting: []string{"phone"}, Languages: []string{"Welsh"}, Conflicts: []string{"x"}, Capacity: 2},
		ExpireAt: now, CreatedAt: now, UpdatedAt: now}
	l := &Link{ID: "l", Purpose: "/match", Programme: "p", Person: "e", Role: programme.Client, IDs: outbox.IDs{Run: "r", Match: "m", Pairing: "x", Invitation: "i"}, Topics: []message.Topic{message.Preparing}, ExpireAt: now, RevokedAt: now, CreatedAt: now}
	r := &Run{ID: "r", State: Applied, Input: "i", Before: "q", Clients: 2, Consultants: 3, Matched: 1, Score: 60, Worst: 7, Moves: 1, Gain: proposal.Gain{Matched: 1, Worst: 2, Total: 3},
		Released: 4, Withdrawn: 5, Decided: 6, CreatedAt: now, UpdatedAt: now}
	decision := &pairing.Decision{ID: "a_z_1", Kind: pairing.Pin, Client: "a", Consultant: "z", Reason: "why", By: "st", At: now, LiftedBy: "su", LiftedAt: now, CreatedAt: now, UpdatedAt: now}
	i := &questionnaire.Invitation{ID: "i", Enrolment: "e", Pairing: "x", Role: programme.Client, Moment: programme.Closing, Questionnaire: "q", Former: "z", Submitted: true, CreatedAt: now, UpdatedAt: now}
	marks := &questionnaire.Marks{Programme: "p", Day: "2027-03-01", Closed: []programme.Moment{programme.Baseline}, Anonymous: true}
	supervisor := &supervision.Supervisor{ID: "su", Name: "Robin", Email: "r@example.org", Capacity: 8, Places: []string{"m"}, CreatedAt: now, UpdatedAt: now}
	person := &contact.Contact{ID: "e", Zone: "Europe/Paris", Day: "2027-03-01", Lead: "m", Asks: []contact.Ask{{Message: "m", Kind: message.KindGetReady, At: now}}, SnoozedUntil: now,
		Declined: []message.Topic{message.Questionnaires}, Stopped: contact.Bounced, StoppedAt: now, CreatedAt: now, UpdatedAt: now}
	staff := &Staff{ID: "st", Name: "Morgan", Email: "m@example.org", Roles: access.ByProgramme{"p": {access.Coordinator}}, CreatedAt: now, UpdatedAt: now}
	add(t, s, func(c *Commit) {
		c.CreateProgramme(p)
		c.CreateEnrolment("p", e)
		c.CreateMatch("p", m)
		c.CreatePairing("p", x)
		c.CreateSession(session)
		c.CreateDraft(&programme.Programme{ID: "p"}, d)
		c.CreateLink(l)
		c.CreateRun("p", r)
		c.CreateInvitation("p", i)
		c.SaveMarks(marks)
		c.CreateStaff(staff)
		c.CreateSupervisor("p", supervisor)
		c.SaveContact("p", person, now)
		c.CreateDecision("p", decision, nil)
		c.CreateLog("p", "x", &pairing.Log{Session: "s", Role: programme.Client, Held: true, Balance: "both", CreatedAt: now, UpdatedAt: now})
	})
	ctx := t.Context()
	for _, row := range []struct {
		want  any
		read  func() (any, error)
		again func(*Commit, any)
	}{
		{p, func() (any, error) { return s.Programme(ctx, "p") }, func(c *Commit, v any) { c.UpdateProgramme(v.(*programme.Programme)) }},
		{e, func() (any, error) { return s.Enrolment(ctx, "p", "e") }, func(c *Commit, v any) { c.UpdateEnrolment("p", v.(*enrolment.Enrolment)) }},
		{person, func() (any, error) { return s.Contact(ctx, "p", "e") }, func(c *Commit, v any) { c.SaveContact("p", v.(*contact.Contact), now) }},
		{m, func() (any, error) { return s.Match(ctx, "p", "r", "m") }, func(c *Commit, v any) { c.UpdateMatch("p", v.(*pairing.Match)) }},
		{x, func() (any, error) { return s.Pairing(ctx, "p", "x") }, func(c *Commit, v any) { c.UpdatePairing("p", v.(*pairing.Pairing)) }},
		{session, func() (any, error) { return s.Session(ctx, "p", "x", "s") }, func(c *Commit, v any) { c.UpdateSession(v.(*pairing.Session)) }},
		{d, func() (any, error) { return s.Draft(ctx, "p", "d") }, func(c *Commit, v any) { c.UpdateDraft(&programme.Programme{ID: "p"}, v.(*Draft)) }},
		{l, func() (any, error) { return s.Link(ctx, "l") }, func(c *Commit, v any) { c.UpdateLink(v.(*Link)) }},
		{r, func() (any, error) { return s.Run(ctx, "p", "r") }, func(c *Commit, v any) { c.UpdateRun("p", v.(*Run)) }},
		{decision, func() (any, error) { all, err := s.Decisions(ctx, "p"); return all[0], err }, func(c *Commit, v any) { c.UpdateDecision("p", v.(*pairing.Decision), nil) }},
		{i, func() (any, error) { return s.Invitation(ctx, "p", "i") }, func(c *Commit, v any) { c.UpdateInvitation("p", v.(*questionnaire.Invitation)) }},
		{marks, func() (any, error) { return s.Marks(ctx, "p") }, func(c *Commit, v any) { c.SaveMarks(v.(*questionnaire.Marks)) }},
		{staff, func() (any, error) { return s.StaffMember(ctx, "st") }, nil},
		{supervisor, func() (any, error) { return s.Supervisor(ctx, "p", "su") }, func(c *Commit, v any) { c.UpdateSupervisor("p", v.(*supervision.Supervisor)) }},
	} {
		for range 2 {
			got, err := row.read()
			if err != nil {
				t.Errorf("%T: %v", row.want, err)
				break
			}
			if row.again != nil {
				c := s.Commit()
				row.again(c, got)
				if err := c.Do(ctx); err != nil {
					t.Errorf("%T: %v", row.want, err)
				}
			}
			unversioned(got)
			if !reflect.DeepEqual(got, row.want) {
				t.Errorf("%T\n read %+v\nwrote %+v", row.want, got, row.want)
			}
		}
	}
	logs, err := s.Logs(ctx, "p", "x", programme.Client)
	if err != nil || len(logs) != 1 || !logs[0].Held {
		t.Errorf("logs %v, %v", logs, err)
	}
	if others, err := s.Logs(ctx, "p", "x", programme.Consultant); err != nil || len(others) != 0 {
		t.Errorf("the other side reads %v, %v", others, err)
	}
	if found, err := s.StaffByEmail(ctx, "m@example.org"); err != nil || found == nil || found.ID != "st" {
		t.Errorf("staff by address: %+v, %v", found, err)
	}
	if found, err := s.StaffByEmail(ctx, "nobody@example.org"); err != nil || found != nil {
		t.Errorf("nobody by address: %+v, %v", found, err)
	}
}

// unversioned takes the time of the write off a document.
func unversioned(doc any) {
	if v := reflect.ValueOf(doc).Elem().FieldByName("Version"); v.IsValid() {
		v.SetZero()
	}
}

// Of other runs than the latest one, only what is out is seen.
func TestMatchesOfAllRuns(t *testing.T) {
	t.Parallel()
	s := open(t)
	const runs, each = 3, 120 // more than the client fetches at once
	for r := range runs {
		add(t, s, func(c *Commit) {
			run := fmt.Sprintf("r%d", r)
			c.CreateRun("p", &Run{ID: run, Matched: each, CreatedAt: now.Add(time.Duration(r) * time.Hour)})
			for i := range each {
				state := []pairing.MatchState{pairing.Proposed, pairing.Released, pairing.Accepted, pairing.Declined}[i%4]
				c.CreateMatch("p", &pairing.Match{ID: fmt.Sprintf("m%d", i), Run: run, Programme: "p", State: state, Client: pairing.Side{Enrolment: "a"}, Consultant: pairing.Side{Enrolment: "b"}})
			}
			c.CreateMatch("q", &pairing.Match{ID: "other", Run: run, Programme: "q", State: pairing.Released})
		})
	}
	ctx := t.Context()
	if n, err := s.CountMatches(ctx, "p", pairing.Released, pairing.Declined); n != runs*each/2 || err != nil {
		t.Errorf("%d matches, %v", n, err)
	}
	all, err := s.Matches(ctx, "p", pairing.Out...)
	if err != nil || len(all) != runs*each*3/4 {
		t.Fatalf("%d matches, %v", len(all), err)
	}
	seen := map[string]bool{}
	for _, m := range all {
		if m.Run == "" || m.ID == "" || m.Version.IsZero() || seen[m.Run+"/"+m.ID] {
			t.Fatalf("match %+v", m)
		}
		seen[m.Run+"/"+m.ID] = true
	}
	for run, want := range map[string]int{"": 0, "r1": each / 4, "r9": 0, "a/b": 0} {
		p := &programme.Programme{ID: "p", Run: run}
		proposed, err := s.Proposals(ctx, p)
		if err != nil || len(proposed) != want {
			t.Errorf("run %q: %d proposed, %v", run, len(proposed), err)
		}
		for _, m := range proposed {
			if m.Run != run || m.State != pairing.Proposed {
				t.Fatalf("match %+v", m)
			}
		}
		if n, err := s.CountProposals(ctx, p); n != want || err != nil {
			t.Errorf("run %q: %d proposed, %v", run, n, err)
		}
		pairs, err := s.MatchedPairs(ctx, p)
		if err != nil || len(pairs) != want+runs*each/2 || pairs[0].Client.Enrolment != "a" || pairs[0].Consultant.Enrolment != "b" {
			t.Errorf("run %q: %d pairs, %v", run, len(pairs), err)
		}
	}
	some, err := s.MatchesOf(ctx, "p", []MatchRef{{"r2", "m7"}, {"r2", "m999"}, {"", ""}, {"r0", "m0"}, {"r2", "m7"}, {"r0", "x/y/z"}})
	if err != nil || some[0] == nil || some[0].Run != "r2" || some[0].ID != "m7" || some[1] != nil || some[2] != nil || some[3] == nil || some[3].ID != "m0" || some[4] == nil || some[5] != nil {
		t.Errorf("matches by name: %v, %v", some, err)
	}
	newest, err := s.Runs(ctx, "p")
	if err != nil || len(newest) != runs || newest[0].ID != "r2" {
		t.Errorf("runs %v, %v", newest, err)
	}
}

func TestWhatIsDue(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	add(t, s, func(c *Commit) {
		for i, state := range []outbox.State{outbox.Pending, outbox.Pending, outbox.Sending, outbox.Sent, outbox.SetAside} {
			c.Enqueue(ctx, outbox.Message{ID: fmt.Sprintf("m%d", i), Kind: message.KindMatchReleased, Programme: "p", To: "e", State: state}, now)
		}
		for i, due := range []time.Time{now, now.Add(-time.Hour), now.Add(time.Microsecond), {}} {
			c.CreateSession(&pairing.Session{ID: fmt.Sprintf("s%d", i), Programme: "p", Pairing: "x", DueAt: due, State: pairing.Booked})
		}
	})
	// Owing is always pending and due at once; the states are set afterwards.
	for i, state := range []outbox.State{outbox.Pending, outbox.Pending, outbox.Sending, outbox.Sent, outbox.SetAside} {
		m, read, err := s.Message(ctx, fmt.Sprintf("m%d", i))
		if err != nil || m.State != outbox.Pending || m.DueAt.After(read) || time.Since(read).Abs() > time.Minute {
			t.Fatalf("owed %+v, read at %v: %v", m, read, err)
		}
		m.State, m.DueAt = state, now.Add(-time.Duration(i)*time.Minute)
		if i == 1 {
			m.DueAt = now.Add(time.Hour)
		}
		add(t, s, func(c *Commit) { c.UpdateMessage(m) })
	}
	var ids []string
	for m, err := range s.Due(ctx, "p", outbox.Known, now, now) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID)
	}
	if !reflect.DeepEqual(ids, []string{"m2", "m0"}) {
		t.Errorf("due %v", ids)
	}
	if dead, err := s.Messages(ctx, "p", outbox.SetAside); err != nil || len(dead) != 1 || dead[0].ID != "m4" {
		t.Errorf("dead %v, %v", dead, err)
	}
	var due []string
	for _, age := range []time.Duration{24 * time.Hour, 0} { // it may be midnight by now
		day := DiaryDay(time.Now().Add(-age))
		entries, err := s.DueOn(ctx, day, now, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range entries {
			if due = append(due, d.Path); d.Kind() != "sessions" || d.Programme() != "p" {
				t.Errorf("entry %+v", d)
			}
		}
	}
	if len(due) != 2 || !strings.HasSuffix(due[0], "/s1") || !strings.HasSuffix(due[1], "/s0") {
		t.Errorf("due are %q", due)
	}
	server, err := s.Time(ctx)
	if err != nil || time.Since(server).Abs() > time.Minute {
		t.Errorf("the server's time is %v, %v", server, err)
	}
}

// What has come to its end is not looked for: also where it was put aside unread, or an
// earlier version wrote its times as zero.
func TestWhatHasEndedIsNeitherDueNorUnsettled(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	add(t, s, func(c *Commit) {
		for id, p := range map[string]string{"unreadable": "p", "earlier": "q", "tried": "q"} {
			c.Enqueue(ctx, outbox.Message{ID: id, Kind: message.KindMatchReleased, Programme: p, To: "e"}, now)
		}
	})
	for id, updates := range map[string][]firestore.Update{
		"unreadable": {{Path: "attempts", Value: "many"}, {Path: "triedAt", Value: now}},
		"earlier":    {{Path: "state", Value: outbox.Sent}, {Path: "dueAt", Value: time.Time{}}, {Path: "triedAt", Value: time.Time{}}},
		"tried":      {{Path: "triedAt", Value: now}},
	} {
		if _, err := s.outbox().Doc(id).Update(ctx, updates); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PutAside(ctx, "unreadable", "it cannot be read"); err != nil {
		t.Fatal(err)
	}
	for m, err := range s.Due(ctx, "p", outbox.Known, now, now) {
		t.Errorf("due: %+v, %v", m, err)
	}
	for p, want := range map[string]time.Time{"p": {}, "q": now} {
		if since, err := s.Unsettled(ctx, p); err != nil || !since.Equal(want) {
			t.Errorf("%s: unsettled since %v, want %v, %v", p, since, want, err)
		}
	}
}

// Supervisors come by name, each programme's own, and with them who is theirs.
func TestSupervisorsAndWhoIsTheirs(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	add(t, s, func(c *Commit) {
		for id, name := range map[string]string{"a": "Sage", "b": "Kit", "c": "Robin"} {
			c.CreateSupervisor("p", &supervision.Supervisor{ID: id, Name: name})
		}
		c.CreateSupervisor("other", &supervision.Supervisor{ID: "d", Name: "Lane"})
		for id, supervisor := range map[string]string{"x": "a", "y": "b", "z": ""} {
			c.CreateEnrolment("p", &enrolment.Enrolment{ID: id, Role: programme.Consultant, Supervisor: supervisor})
		}
		c.CreateEnrolment("other", &enrolment.Enrolment{ID: "w", Supervisor: "d"})
	})
	// A document from before there were supervisors.
	if _, err := s.client.Doc("programmes/p/enrolments/old").Create(ctx, map[string]any{"schema": 1, "role": "consultant", "state": "ready", "readiness": map[string]any{"trained": true, "supervised": true}}); err != nil {
		t.Fatal(err)
	}
	all, err := s.Supervisors(ctx, "p")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range all {
		names = append(names, x.ID+" "+x.Name)
	}
	if want := []string{"b Kit", "c Robin", "a Sage"}; !slices.Equal(names, want) {
		t.Errorf("supervisors %q, want %q", names, want)
	}
	some, err := s.SupervisorsOf(ctx, "p", []string{"a", "nobody", "b", "", "a", "d", "a/b"})
	if err != nil || len(some) != 2 || some["a"].Name != "Sage" || some["b"].Name != "Kit" {
		t.Errorf("supervisors %v; %v", some, err)
	}
	if e, err := s.Enrolment(ctx, "p", "old"); err != nil || e.Supervisor != "" || e.Prepared() || len(e.Meeting)+len(e.Languages) > 0 {
		t.Errorf("an old document is %+v, %v", e, err)
	}
	for _, id := range []string{"", "nobody", "a/b", "d"} {
		if _, err := s.Supervisor(ctx, "p", id); !fault.Is(err, fault.NotFound) {
			t.Errorf("supervisor %q: %v", id, err)
		}
	}
}
