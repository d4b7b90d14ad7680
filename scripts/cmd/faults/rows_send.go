package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/sendgrid/sendgrid-go"
	sgmail "github.com/sendgrid/sendgrid-go/helpers/mail"
	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// The guards whose sabotage is in these scripts and not in a function: the twin shows
// that the row would notice what it looks for.
const (
	planted  sabotage.Guard = "planted"
	sharedBy sabotage.Guard = "a client of its own for each email"
)

var _ = add(
	row{
		id: "D10", breaks: "each document event ten times at once, in any order, in both forms of body", short: true,
		guards: []sabotage.Guard{sabotage.Update},
		run:    tenfold,
	},
	row{
		id: "D12", breaks: "poison messages at the head of the queue: of a bad type, an unknown kind, huge, to what is no address, and never taken", short: true,
		guards: []sabotage.Guard{sabotage.Poison},
		run:    poisoned,
	},
	row{
		id: "D13", breaks: "emails sent by 32 at once through one provider", short: true,
		guards: []sabotage.Guard{sharedBy},
		run:    together,
	},
	row{
		id: "D14", breaks: "SIGTERM while requests are under way",
		guards: []sabotage.Guard{sabotage.Drain},
		run:    drainedAtTheEnd,
	},
	row{
		id: "D15", breaks: "people who leave, are erased, stop emails or move, while an email to them is on its way", short: true,
		guards: []sabotage.Guard{sabotage.Wanted},
		run:    leaving,
	},
	row{
		id: "D4", breaks: "the provider down for six hours",
		guards: []sabotage.Guard{sabotage.RateLimit},
		run:    outage,
	},
)

// tenfold posts every event ten times.
func tenfold(ctx context.Context, at *place) error {
	if err := at.run(ctx, "outbox", 3); err != nil {
		return err
	}
	l, err := at.people(ctx, at.size(500, 60), "2")
	if err != nil {
		return err
	}
	var ids []string
	for id := range l.all {
		for range 10 {
			ids = append(ids, id)
		}
	}
	r := mathrand.New(mathrand.NewPCG(at.ground.seed, 10))
	// Those about one message come close together, so that they meet.
	slices.Sort(ids)
	for i := 0; i+30 <= len(ids); i += 30 {
		r.Shuffle(30, func(a, b int) { ids[i+a], ids[i+b] = ids[i+b], ids[i+a] })
	}
	var wait sync.WaitGroup
	next := make(chan int)
	for range 30 {
		wait.Go(func() {
			for i := range next {
				at.happen(ctx, "outbox", "outbox/"+ids[i], i%2 == 0)
			}
		})
	}
	for i := range ids {
		next <- i
	}
	close(next)
	wait.Wait()
	at.count("events", len(ids))
	if err := at.drained(ctx, l, 30*time.Second); err != nil {
		return err
	}
	return at.promises(ctx, l)
}

// happen posts a document event until it is taken, as a broker would.
func (at *place) happen(ctx context.Context, function, document string, encoded bool) {
	body := []byte{0x0a, 0x02, 0x08, 0x01, 0xff} // protobuf that nobody has to read
	if encoded {
		body = []byte(base64.StdEncoding.EncodeToString(body))
	}
	for ctx.Err() == nil {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, at.inside(function)+cloudevent.Path, bytes.NewReader(body))
		if err != nil {
			return
		}
		h := r.Header
		h.Set("ce-specversion", "1.0")
		h.Set("ce-id", rand.Text())
		h.Set("ce-type", "google.cloud.firestore.document.v1.created")
		h.Set("ce-source", "//firestore.googleapis.com/projects/"+at.project+"/databases/(default)")
		h.Set("ce-document", document)
		h.Set("Content-Type", "application/protobuf")
		at.ground.issuer.Sign(h, localissuer.Relay)
		response, err := within.Do(r)
		if err == nil {
			response.Body.Close()
			if response.StatusCode < 500 {
				return
			}
		}
		pause(ctx, 50*time.Millisecond)
	}
}

// poisoned has a sweep meet poison before all else, and counts what it does: the others
// must all go in that one sweep, with hardly more work than without poison. How long it
// takes says little on a machine that others use as well.
func poisoned(ctx context.Context, at *place) error {
	calls, err := at.proxied()
	if err != nil {
		return err
	}
	if err := at.atTen(); err != nil {
		return err
	}
	var mu sync.Mutex
	never := map[string]bool{} // what the provider never takes
	at.provider.plan = func(message string, _ int) fault {
		mu.Lock()
		defer mu.Unlock()
		if never[message] {
			return brokenPre
		}
		return fine
	}
	// Reports would be writes besides.
	at.provider.events = func(string, int) []happening { return nil }
	if err := at.run(ctx, "outbox", 1); err != nil {
		return err
	}
	// sweep sends what is due, and says in how many commits. What else fails is seen by
	// what was sent.
	sweep := func(healthy *ledger) int {
		before := calls.commits()
		_ = at.tick(ctx, "outbox", "outbox-sweep")
		copies := at.provider.copies()
		for id := range healthy.all {
			if len(copies[id]) != 1 {
				at.violation("%s went in %d emails by the end of the sweep in which it was due", id, len(copies[id]))
			}
		}
		return calls.commits() - before
	}
	n := at.size(600, 100)
	poison := map[string]bool{}
	round := func(prefix string, bad int) (int, error) {
		for i := range bad {
			id, err := at.poison(ctx, i, prefix)
			if err != nil {
				return 0, err
			}
			poison[id] = true
			mu.Lock()
			never[id] = i%poisons == takenNever
			mu.Unlock()
		}
		healthy, err := at.people(ctx, n, prefix)
		if err != nil {
			return 0, err
		}
		return sweep(healthy), nil
	}
	without, err := round("3", 0)
	if err != nil {
		return err
	}
	with, err := round("4", max(poisons, n/50))
	if err != nil {
		return err
	}
	at.count("poison", len(poison))
	at.count("commits of a sweep without poison", without)
	at.count("commits of a sweep with poison", with)
	if with > without+without/10 {
		at.violation("a sweep made %d commits with poison among the emails, and %d without", with, without)
	}
	// What is tried again and again is tried for days, beside what comes meanwhile.
	for i := range outbox.MaxAttempts + 2 {
		if err := at.pass(7 * time.Hour); err != nil {
			return err
		}
		healthy, err := at.people(ctx, 1, fmt.Sprintf("5%02d", i))
		if err != nil {
			return err
		}
		sweep(healthy)
	}
	docs, err := at.messages(ctx)
	if err != nil {
		return err
	}
	for id, m := range docs {
		switch tries := len(at.provider.requests[id]); {
		case !poison[id] && (m.state != string(outbox.Sent) || m.attempts != 1):
			at.violation("%s is %q after %d attempts, and nothing was wrong with it", id, m.state, m.attempts)
		case poison[id] && m.state != string(outbox.SetAside):
			at.violation("poison %s is %q and not set aside: %s", id, m.state, m.failure)
		case poison[id] && (m.attempts > outbox.MaxAttempts || tries > outbox.MaxAttempts):
			at.violation("poison %s was tried %d times, in %d requests", id, m.attempts, tries)
		case never[id] && tries != outbox.MaxAttempts:
			at.violation("%s, which might have gone at last, was tried %d times", id, tries)
		}
	}
	return nil
}

// poisons are how many kinds of poison there are. The provider never takes those of the
// last.
const (
	poisons    = 5
	takenNever = poisons - 1
)

// poison writes a message that cannot be sent.
func (at *place) poison(ctx context.Context, i int, prefix string) (string, error) {
	name := fmt.Sprintf("p%s9%03d", prefix, i)
	m := confirmed(name, "poison")
	c := at.store.Commit()
	switch i % poisons {
	case 0: // a kind that there is no letter for
		enrolPerson(c, name, at.now())
		m.Kind = "no-such-letter"
	case 1: // an address that is none
		c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: name, Role: programme.Client, State: enrolment.Ready,
			Person: enrolment.Person{Name: name, Email: "nobody at all"}, Organisation: enrolment.Organisation{Name: "Sample Trust"}})
	default:
		enrolPerson(c, name, at.now())
	}
	c.Enqueue(ctx, m, at.now())
	if err := c.Do(ctx); err != nil {
		return "", err
	}
	var updates []firestore.Update
	switch i % poisons {
	case 2: // fields of another type
		updates = []firestore.Update{{Path: "attempts", Value: "many"}, {Path: "createdAt", Value: true}}
	case 3: // huge, and what it is about is not there
		updates = []firestore.Update{{Path: "kind", Value: strings.Repeat("x", 900_000)}}
	default:
		return m.ID, nil
	}
	_, err := at.db.Collection("outbox").Doc(m.ID).Update(ctx, updates)
	return m.ID, err
}

// together sends emails by many at once, and compares recipients with what they got.
func together(ctx context.Context, at *place) error {
	var mixed, taken atomic.Int64
	var mu sync.Mutex
	got := map[string]int{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			unpacked, err := gzip.NewReader(bytes.NewReader(body))
			if err == nil {
				body, err = io.ReadAll(unpacked)
			}
			if err != nil {
				mixed.Add(1)
				w.WriteHeader(http.StatusBadRequest)
				return
			}
		}
		var v struct {
			Personalizations []struct {
				To []struct{ Email string } `json:"to"`
			} `json:"personalizations"`
			Content []struct{ Value string } `json:"content"`
		}
		if json.Unmarshal(body, &v) != nil || len(v.Personalizations) != 1 || len(v.Content) == 0 {
			mixed.Add(1)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		to := v.Personalizations[0].To[0].Email
		if name, _, _ := strings.Cut(to, "@"); !strings.Contains(v.Content[0].Value, name+".") {
			mixed.Add(1)
		}
		taken.Add(1)
		mu.Lock()
		got[to]++
		mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
	})}
	go func() { _ = server.Serve(l) }() // until it is closed
	defer server.Close()
	host := "http://" + l.Addr().String()

	n := at.size(20_000, 4_000)
	provider := mail.NewSendGrid("local", host, "Cascade", "programme@example.org", false)
	one := sendgrid.NewSendClient("local")
	one.BaseURL = host + "/v3/mail/send"
	one.Headers["Content-Encoding"] = "gzip" // which makes it happen sooner
	send := func(name string) error {
		_, err := provider.Send(ctx, mail.Envelope{Email: mail.Email{Subject: "Hello", Text: "Dear " + name + ".", HTML: "<p>Dear " + name + ".</p>"},
			ToName: name, ToAddress: address(name), Message: name, Attempt: 1})
		return err
	}
	if slices.Contains(at.off, sharedBy) {
		send = func(name string) error {
			_, err := one.SendWithContext(ctx, sgmail.NewSingleEmail(sgmail.NewEmail("Cascade", "programme@example.org"), "Hello",
				sgmail.NewEmail(name, address(name)), "Dear "+name+".", "<p>Dear "+name+".</p>"))
			return err
		}
	}
	var wait sync.WaitGroup
	next := make(chan string)
	for range 32 {
		wait.Go(func() {
			for name := range next {
				if err := send(name); err != nil && ctx.Err() == nil {
					mixed.Add(1)
				}
			}
		})
	}
	for i := range n {
		next <- fmt.Sprintf("p%05d", i)
	}
	close(next)
	wait.Wait()
	without, twice := 0, 0
	for i := range n {
		switch k := got[address(fmt.Sprintf("p%05d", i))]; {
		case k == 0:
			without++
		case k > 1:
			twice++
		}
	}
	at.count("emails", n)
	if m := int(mixed.Load()); m+without+twice > 0 {
		at.violation("%d emails were mixed up, %d people got none, %d got theirs twice", m, without, twice)
	}
	return nil
}

// drainedAtTheEnd enrols people while the function is told to stop again and again.
func drainedAtTheEnd(ctx context.Context, at *place) error {
	if err := at.run(ctx, "enrolment", 1); err != nil {
		return err
	}
	w := at.all("enrolment")[0]
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	var mu sync.Mutex
	answered, cutOff := map[string]bool{}, map[string]error{}
	var sent atomic.Int64
	asking, stop := context.WithCancel(ctx)
	defer stop()
	var wait sync.WaitGroup
	for range 12 {
		wait.Go(func() {
			for asking.Err() == nil {
				email := fmt.Sprintf("p%05d@example.org", sent.Add(1))
				body, _ := json.Marshal(applicant("Alex Sample", email))
				r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+w.host+"/enrol/pilot/seek", bytes.NewReader(body))
				if err != nil {
					return
				}
				r.Header.Set("Content-Type", "application/json")
				response, err := client.Do(r)
				if errors.Is(err, syscall.ECONNREFUSED) {
					pause(ctx, 10*time.Millisecond)
					continue // it never heard of it
				}
				if err == nil {
					_, err = io.ReadAll(response.Body)
					response.Body.Close()
				}
				mu.Lock()
				if err != nil {
					cutOff[email] = err
				} else if response.StatusCode < 300 {
					answered[email] = true
				} else if response.StatusCode < 500 {
					at.violation("an enrolment was answered with %s", response.Status)
				}
				mu.Unlock()
			}
		})
	}
	for range at.size(200, 12) {
		if !pause(ctx, 30*time.Millisecond+at.random.upTo(200*time.Millisecond)) {
			break
		}
		if err := w.signal(syscall.SIGTERM); err != nil && !errors.Is(err, errGone) {
			return err
		}
		at.count("SIGTERM", 1)
		if !w.wait(25 * time.Second) {
			at.violation("the function did not end within 25 s")
			w.kill()
		}
		if err := w.start(); err != nil {
			return err
		}
		if err := w.ready(ctx); err != nil {
			return err
		}
	}
	stop()
	wait.Wait()
	all, err := at.db.Collection("programmes/pilot/claims").Documents(ctx).GetAll()
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, d := range all {
		claim := new(enrolment.Claim)
		if err := d.DataTo(claim); err != nil {
			return err
		}
		there[claim.Form.Email] = true
	}
	at.count("enrolments", len(answered))
	at.count("refused while ending", len(cutOff))
	for email, err := range cutOff {
		if there[email] {
			at.violation("the answer to an enrolment that was made was cut off: %v", err)
		}
	}
	for email := range answered {
		if !there[email] {
			at.violation("%s was told to be enrolled and is not", email)
		}
	}
	return nil
}

// applicant is a form that is acceptable.
func applicant(name, email string) enrolment.Form {
	return enrolment.Form{
		Name: name, Email: email, Organisation: "Example Trust", Number: "1000430", Postcode: "ls62ab",
		Categories: []string{"HE"}, Skills: map[string]int{"fundraising": 3, "board": 1}, Availability: []string{"mon-am"}, Meeting: []string{"video"},
		Conflicts: []string{}, Consent: "2026-11",
	}
}

// moment is how long an email may be on its way that was wanted when it was last
// asked: it is written and handed over then.
const moment = time.Second

// askedPeople are people who are asked to confirm their enrolment, and some who are
// told of a session.
func (at *place) askedPeople(ctx context.Context, n int) (*ledger, error) {
	l := newLedger()
	for i := range n {
		name := fmt.Sprintf("p5%04d", i)
		now := at.now()
		c := at.store.Commit()
		e := &enrolment.Enrolment{ID: name, Role: programme.Client, Person: enrolment.Person{Name: name, Email: email.Address(address(name))},
			Organisation: enrolment.Organisation{Name: "Sample Trust"}, State: enrolment.Ready, CreatedAt: now, UpdatedAt: now}
		var m outbox.Message
		switch way := int(at.of("how", name) * ways); {
		case way < 3:
			claim, err := enrolment.NewClaim(at.programme, programme.Client, applicant("Alex Sample", address(name)), name, now)
			if err != nil {
				return nil, err
			}
			c.CreateClaim("pilot", claim)
			m, e = message.ConfirmEnrolment(at.programme, claim), nil
		case way == 3:
			m = message.YourLink(at.programme, e, "", now)
		default:
			other := name + "-other"
			c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: other, Role: programme.Consultant, Person: enrolment.Person{Name: "Robin Sample", Email: email.Address(address(other))},
				Organisation: enrolment.Organisation{Name: "Sample Trust"}, State: enrolment.Ready})
			match := &pairing.Match{ID: name, Run: "run", Programme: "pilot", State: pairing.Accepted,
				Client: pairing.Side{Enrolment: name}, Consultant: pairing.Side{Enrolment: other}}
			pair := pairing.Start(match, now)
			pair.Milestone = pairing.None
			session, err := pair.Book("s", "pilot", programme.Client, pairing.Booking{StartsAt: now.Add(9 * 24 * time.Hour).Truncate(time.Hour), Minutes: 90, Place: "Room 2"}, programme.MostSessions, now)
			if err != nil {
				return nil, err
			}
			c.CreateMatch("pilot", match)
			c.CreatePairing("pilot", pair)
			c.CreateSession(session)
			m = message.SessionBooked(at.programme, session, programme.Client)
		}
		if e != nil {
			c.CreateEnrolment("pilot", e)
		}
		c.Enqueue(ctx, m, now)
		if err := c.Do(ctx); err != nil {
			return nil, err
		}
		l.add(owed{message: m.ID, to: address(name)})
	}
	at.count("owed", l.len())
	return l, nil
}

// ways are how somebody can leave, or what they were to be told of change.
const ways = 6

// leaving has people leave while an email to them waits, is leased, or goes.
func leaving(ctx context.Context, at *place) error {
	if err := at.atTen(); err != nil {
		return err
	}
	if err := at.run(ctx, "outbox", 3); err != nil {
		return err
	}
	l, err := at.askedPeople(ctx, at.size(1000, 150))
	if err != nil {
		return err
	}
	var leave errgroup.Group
	leave.SetLimit(100)
	var mu sync.Mutex
	moved := map[string]time.Time{}
	for _, o := range l.all {
		name, _, _ := strings.Cut(o.to, "@")
		leaves := time.Duration(at.of("leaves", name) * float64(600*time.Millisecond))
		wakes := time.Duration(at.of("wakes", name) * float64(3*time.Second))
		way := int(at.of("how", name) * ways)
		leave.Go(func() error {
			var both sync.WaitGroup
			both.Go(func() {
				if pause(ctx, wakes) {
					at.happen(ctx, "outbox", "outbox/"+o.message, false)
				}
			})
			both.Go(func() {
				if !pause(ctx, leaves) {
					return
				}
				claim := at.db.Doc("programmes/pilot/claims/" + name)
				var err error
				switch way {
				case 0: // which is all that it asks for
					_, err = claim.Delete(ctx)
					l.stop(o.message)
					at.count("confirmed", 1)
				case 1:
					_, err = claim.Delete(ctx)
					l.stop(o.message)
					at.count("erased", 1)
				case 2:
					_, err = claim.Update(ctx, []firestore.Update{{Path: "form.Email", Value: "new-" + o.to}})
					mu.Lock()
					moved[o.message] = time.Now()
					mu.Unlock()
					at.count("moved", 1)
				case 3:
					_, err = at.db.Doc("programmes/pilot/enrolments/"+name).Update(ctx, []firestore.Update{{Path: "state", Value: string(enrolment.Withdrawn)}})
					l.stop(o.message)
					at.count("withdrawn", 1)
				case 4: // by whom the provider has heard that nothing should come any more
					_, err = at.db.Doc("programmes/pilot/contacts/"+name).Set(ctx, map[string]any{"stopped": "spam report", "stoppedAt": at.now(), "schema": 1})
					l.stop(o.message)
					at.count("stopped", 1)
				case 5:
					_, err = at.db.Doc("programmes/pilot/pairings/"+name+"/sessions/s").Update(ctx, []firestore.Update{{Path: "sequence", Value: 7}})
					l.stop(o.message)
					at.count("sessions moved", 1)
				}
				if err != nil {
					at.violation("%s could not leave: %v", name, err)
				}
			})
			both.Wait()
			return nil
		})
	}
	_ = leave.Wait() // what fails is counted
	if err := at.drained(ctx, l, 30*time.Second); err != nil {
		return err
	}
	for id, taken := range at.provider.copies() {
		o := l.all[id]
		for _, r := range taken {
			switch {
			case o.dropped && r.at.Sub(o.stopped) > moment:
				at.violation("I5: %s was sent %v after its person had gone", id, r.at.Sub(o.stopped).Round(time.Millisecond))
			case r.to == o.to && !moved[id].IsZero() && r.at.Sub(moved[id]) > moment:
				at.violation("I5: %s was sent to the old address %v after it had changed", id, r.at.Sub(moved[id]).Round(time.Millisecond))
			}
		}
		if len(taken) > 1 {
			at.violation("I4: %d copies of %s", len(taken), id)
		}
	}
	docs, err := at.messages(ctx)
	if err != nil {
		return err
	}
	for id, o := range l.all {
		m := docs[id]
		sent := len(at.provider.copies()[id]) > 0
		if !final(m.state) || sent != (m.state == string(outbox.Sent)) || !sent && !o.dropped {
			at.violation("I3: %s is %q (%s), sent: %v, its person gone: %v", id, m.state, m.failure, sent, o.dropped)
		}
	}
	return nil
}

// outage has the provider down for six of the programme's hours.
func outage(ctx context.Context, at *place) error {
	const perMinute = 240
	at.environment = []string{fmt.Sprintf("CASCADE_MAILS_PER_MINUTE=%d", perMinute)}
	if err := at.atTen(); err != nil {
		return err
	}
	var down atomic.Bool
	down.Store(true)
	at.provider.plan = func(message string, nth int) fault {
		if !down.Load() {
			return fine
		}
		if nth%2 == 0 {
			return brokenPre
		}
		return resetPre // of which nobody knows that nothing was taken
	}
	if err := at.run(ctx, "outbox", 2); err != nil {
		return err
	}
	l, err := at.people(ctx, 300, "6")
	if err != nil {
		return err
	}
	for range 36 {
		if err := at.pass(10 * time.Minute); err != nil {
			return err
		}
		if err := at.tick(ctx, "outbox", "outbox-sweep"); err != nil {
			return err
		}
	}
	at.count("refused", len(at.provider.log()))
	down.Store(false)
	back := len(at.provider.log())
	if err := at.drained(ctx, l, 150*time.Second); err != nil {
		return err
	}
	at.paced(at.provider.log()[back:], perMinute)
	return at.promises(ctx, l)
}

// paced checks that no ten seconds had more emails than their share of a minute's, but
// for those that were on their way as they began.
func (at *place) paced(log []request, perMinute int) {
	const window = 10 * time.Second
	windows := map[time.Time]int{}
	for _, r := range log {
		windows[r.at.UTC().Truncate(window)]++
	}
	most := perMinute / 6
	for from, n := range windows {
		if n > most+most/5+2 {
			at.violation("%d emails went in the ten seconds from %s, of %d that may", n, from.Format("15:04:05"), most)
		}
	}
	at.count("spans of ten seconds", len(windows))
}
