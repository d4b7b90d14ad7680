package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
	"github.com/cascading-leadership/cascade/scripts/internal/emulator"
)

// deadlines are those of calls to Firestore, which the environment of a twin moves away.
const deadlines sabotage.Guard = "deadline"

// proxied puts a proxy between the functions of this place and the emulator.
func (at *place) proxied() (*proxy, error) {
	p, err := newProxy(at.ground.host)
	if err == nil {
		at.through = p.host
		at.closers = append(at.closers, p.stop)
	}
	return p, err
}

var _ = add(
	row{
		id: "F3", alone: true, breaks: "the database stands still, its connections are cut, it refuses them, it is killed and comes back empty",
		guards: []sabotage.Guard{deadlines},
		run:    standstill,
	},
	row{
		id: "F4", breaks: "fifty write one pairing at once", short: true,
		guards: []sabotage.Guard{sabotage.Update},
		run:    contention,
	},
	row{
		id: "F5", breaks: "nothing: no function holds a transaction, so that none can be killed in one", short: true,
		guards: []sabotage.Guard{planted},
		run:    transactions,
	},
	row{
		id: "F6", breaks: "the answer to the commit of each command is lost", within: 6 * time.Minute,
		guards: []sabotage.Guard{sabotage.OperationID},
		run:    ambiguous,
	},
	row{
		id: "F7", breaks: "nothing: every query that a programme needs has its index in infra/", within: 5 * time.Minute,
		guards: []sabotage.Guard{planted},
		run:    indexes,
	},
	row{
		id: "F8", breaks: "documents too large, too deep, not UTF-8, with NUL and with names twice", short: true,
		guards: []sabotage.Guard{sabotage.Limits},
		run:    oversize,
	},
	row{
		id: "F9", breaks: "messages written by the version before and by the one after", short: true,
		guards: []sabotage.Guard{sabotage.Unknown},
		run:    versions,
	},
)

// standstill has people ask while Firestore does not answer, in four ways.
func standstill(ctx context.Context, at *place) error {
	const deadline = 2 * time.Second
	// A commit that failed is looked for, which has a time of its own.
	const most = deadline + 2*time.Second + 2*time.Second
	at.environment = []string{sabotage.StoreDeadline + "=" + deadline.String()}
	if slices.Contains(at.off, deadlines) {
		at.environment = []string{sabotage.StoreDeadline + "=10m"}
	}
	p, err := at.proxied()
	if err != nil {
		return err
	}
	if err := at.run(ctx, "enrolment", 1); err != nil {
		return err
	}
	host := "http://" + at.all("enrolment")[0].host
	client := &http.Client{Timeout: 25 * time.Second}
	var n atomic.Int64
	enrol := func() (int, string, time.Duration) {
		body, _ := json.Marshal(applicant("Alex Sample", address(fmt.Sprintf("p%05d", n.Add(1)))))
		began := time.Now()
		response, err := client.Post(host+"/enrol/pilot/seek", "application/json", bytes.NewReader(body))
		if err != nil {
			return 0, "", time.Since(began)
		}
		response.Body.Close()
		return response.StatusCode, response.Header.Get("Retry-After"), time.Since(began)
	}
	ready := func() int {
		response, err := client.Get(host + "/health/readiness")
		if err != nil {
			return 0
		}
		response.Body.Close()
		return response.StatusCode
	}
	if status, _, _ := enrol(); status != http.StatusAccepted {
		return fmt.Errorf("an enrolment before anything is broken: %d", status)
	}
	for _, way := range []struct {
		what       string
		begin, end func() error
		asks       int
	}{
		{"stands still", func() error { return at.ground.emulator.signal(syscall.SIGSTOP) }, func() error { return at.ground.emulator.signal(syscall.SIGCONT) }, 20},
		{"cuts every connection", func() error { p.listener.cut(false); return nil }, func() error { return nil }, 20},
		{"refuses connections", func() error { p.listener.cut(true); return nil }, func() error { p.listener.cut(false); return nil }, 20},
		{"is killed", func() error { at.ground.emulator.kill(); return nil }, func() error {
			if err := at.emptied(ctx); err != nil {
				return err
			}
			// What a function remembers of the programme it soon forgets.
			if err := until(ctx, 30*time.Second, "nobody can enrol in a programme that is gone", func() bool {
				status, _, _ := enrol()
				return status == http.StatusNotFound
			}); err != nil {
				at.violation("%v", err)
			}
			again := *at.programme
			c := at.store.Commit()
			c.CreateProgramme(&again)
			return c.Do(ctx)
		}, 20},
	} {
		if err := way.begin(); err != nil {
			return err
		}
		down := way.what != "cuts every connection"
		var wait sync.WaitGroup
		for range way.asks {
			wait.Go(func() {
				status, again, took := enrol()
				at.count("asked meanwhile", 1)
				switch {
				case status == 0 || took > most:
					at.violation("while the database %s: no answer within %v", way.what, took.Round(time.Millisecond))
				case status == http.StatusServiceUnavailable && again == "":
					at.violation("while the database %s: 503 without Retry-After", way.what)
				case status != http.StatusServiceUnavailable && (down || status != http.StatusAccepted):
					at.violation("while the database %s: %d", way.what, status)
				}
			})
		}
		if status := ready(); down && status != http.StatusServiceUnavailable {
			at.violation("while the database %s, it says of itself: %d", way.what, status)
		}
		wait.Wait()
		if err := way.end(); err != nil {
			return err
		}
		if len(at.off) > 0 {
			return nil // the first way is enough
		}
		if err := until(ctx, 15*time.Second, "it works again after the database "+way.what, func() bool {
			status, _, _ := enrol()
			return status == http.StatusAccepted && ready() == http.StatusOK
		}); err != nil {
			at.violation("%v", err)
		}
	}
	return nil
}

// emptied starts the emulator again that was killed, which holds nothing then.
func (at *place) emptied(ctx context.Context) error {
	if err := at.ground.emulator.start(); err != nil {
		return err
	}
	return until(ctx, time.Minute, "the emulator answers", func() bool { return at.ground.client("").Ready(ctx) })
}

// contention has fifty book sessions of one pairing at once.
func contention(ctx context.Context, at *place) error {
	j, err := at.paired(ctx)
	if err != nil {
		return err
	}
	if err := at.run(ctx, "participant", 2); err != nil {
		return err
	}
	began := time.Now()
	var wait sync.WaitGroup
	var booked, told atomic.Int64
	for i := range 50 { // each at a time of its own: sessions of a pair do not overlap
		wait.Go(func() {
			status, _, text, err := j.ask(ctx, http.MethodPost, j.link+"/book", "application/x-www-form-urlencoded", j.form(rand.Text(), 3+i%25, 9+i/25*5).Encode())
			switch {
			case err != nil:
				at.violation("%v", err)
			case status == http.StatusSeeOther:
				booked.Add(1)
			case status == http.StatusConflict:
				told.Add(1)
			default:
				at.violation("booking: %d: %s", status, says200(text))
			}
		})
	}
	wait.Wait()
	took := time.Since(began)
	at.count("booked", int(booked.Load()))
	at.count("told to look again", int(told.Load()))
	at.count("ms", int(took.Milliseconds()))
	if took > 15*time.Second {
		at.violation("fifty bookings took %v", took)
	}
	all, _, err := at.snapshot(ctx, "sessions", "pairings", "outbox")
	if err != nil {
		return err
	}
	if n := len(all["sessions"]); n != int(booked.Load()) {
		at.violation("%d were told that a session is booked, and there are %d", booked.Load(), n)
	}
	if n := len(all["outbox"]); n != 2*len(all["sessions"]) {
		at.violation("%d sessions, and %d messages about them", len(all["sessions"]), n)
	}
	numbers := map[int64]int{}
	for _, d := range all["sessions"] {
		var n int64
		field(d, "number", &n)
		if numbers[n]++; numbers[n] > 1 {
			at.violation("two sessions have the number %d", n)
		}
	}
	return nil
}

// pair is one pairing with a link to its pages.
type pair struct {
	*journey
	link string
}

// paired makes a pairing, without the functions.
func (at *place) paired(ctx context.Context) (*pair, error) {
	if err := at.atTen(); err != nil {
		return nil, err
	}
	c := at.store.Commit()
	x := onePairing(c, "p00001", at.now())
	if err := c.Do(ctx); err != nil {
		return nil, err
	}
	link, err := at.link(ctx, "/pairing", x)
	if err != nil {
		return nil, err
	}
	return &pair{&journey{at: at, promised: map[promise]bool{}}, link}, nil
}

// form books a session some days ahead.
func (j *journey) form(id string, days, hour int) url.Values {
	day := j.at.now().In(j.at.programme.Location()).AddDate(0, 0, days)
	return url.Values{"form": {id}, "date": {strconv.Itoa(day.Day())}, "date-month": {strconv.Itoa(int(day.Month()))}, "date-year": {strconv.Itoa(day.Year())},
		"time": {fmt.Sprintf("%02d:00", hour)}, "minutes": {"90"}, "place": {"Room 2"}}
}

// transactions looks for read-write transactions and the other calls that the rules of
// the store forbid, in the source.
func transactions(_ context.Context, at *place) error {
	forbidden := []string{"RunTransaction", "BulkWriter", "Increment"}
	look := func(name string, text any) error {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, 0)
		if err != nil {
			return err
		}
		at.count("files", 1)
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if s, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(forbidden, s.Sel.Name) {
					at.violation("%s calls %s", set.Position(call.Pos()), s.Sel.Name)
				}
			}
			return true
		})
		return nil
	}
	if slices.Contains(at.off, planted) {
		return look("planted.go", "package p\nfunc f() { db.RunTransaction(ctx, func() error { http.Get(\"x\"); return nil }) }")
	}
	for _, folder := range []string{"functions", "shared"} {
		err := filepath.WalkDir(filepath.Join(at.ground.root, folder), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "node_modules":
				return fs.SkipDir
			case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			return look(path, nil)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ambiguous loses the answer to the first commit of each command, which was made. The
// command must know that it was: whoever asked is told so at once.
func ambiguous(ctx context.Context, at *place) error {
	p, err := at.proxied()
	if err != nil {
		return err
	}
	at.environment = []string{sabotage.StoreDeadline + "=5s"}
	wrong := []codes.Code{codes.Unavailable, codes.DeadlineExceeded, codes.Internal, codes.Aborted, codes.ResourceExhausted}
	if at.ground.short || len(at.off) > 0 {
		wrong = wrong[:2]
	}
	j, err := at.begin(ctx, len(wrong))
	if err != nil {
		return err
	}
	if err := at.listen(ctx, doubled, "outbox", "questionnaires"); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	schedules := j.schedules(running)
	defer schedules.Wait()
	defer stop()
	// lose loses the answer to commits, so many in a row as the client may make of one.
	lose := func(code codes.Code, do func() error) error {
		var lost atomic.Bool
		p.set(func(c call) verdict {
			if c.method == "Commit" && lost.CompareAndSwap(false, true) {
				return verdict{code: code, after: true}
			}
			return verdict{}
		})
		err := do()
		p.set(func(call) verdict { return verdict{} })
		if lost.Load() {
			at.count("answers lost", 1)
		}
		return err
	}
	for i, code := range wrong {
		for _, command := range []func(context.Context, int) error{j.enrol, j.prepare} {
			if err := lose(code, func() error { return command(ctx, i) }); err != nil {
				return err
			}
		}
	}
	if err := lose(codes.Unavailable, func() error { return j.match(ctx) }); err != nil {
		return err
	}
	for i, code := range wrong {
		if err := lose(code, func() error { return j.accept(ctx, i) }); err != nil {
			return err
		}
	}
	// Who is invited after the day's email went is told the day after.
	if err := until(ctx, j.patience(), "all are invited to a questionnaire", func() bool {
		all, err := at.db.Collection("programmes/pilot/invitations").Documents(ctx).GetAll()
		return err == nil && len(all) == 2*len(wrong)
	}); err != nil {
		return err
	}
	if err := j.nextDay(ctx, 9); err != nil {
		return err
	}
	for i, code := range wrong {
		// Each commit by itself: filling in has one for every page.
		for _, command := range []func() error{
			func() error { return j.book(ctx, i) }, func() error { return j.fill(ctx, "p", i) }, func() error { return j.hand(ctx, "p", i) },
		} {
			if err := lose(code, command); err != nil {
				return err
			}
		}
	}
	for range 10 {
		if err := j.nextDay(ctx, 9); err != nil {
			return err
		}
		pause(ctx, 500*time.Millisecond)
		if err := j.sentToday(ctx); err != nil {
			return err
		}
	}
	at.mu.Lock()
	again := at.n["asked again"]
	at.mu.Unlock()
	if again > 0 {
		at.violation("%d times somebody was told that it could not be done when it was", again)
	}
	stop()
	schedules.Wait()
	if err := at.provider.quiet(ctx, 40*time.Second); err != nil {
		return err
	}
	return j.check(ctx)
}

// indexes takes two pairs through a programme, and compares what its queries needed
// with what is declared.
func indexes(ctx context.Context, at *place) error {
	declared, err := emulator.Declared(filepath.Join(at.ground.root, "infra", "firestore.indexes.json"))
	if err != nil {
		return err
	}
	j, err := at.begin(ctx, 2)
	if err != nil {
		return err
	}
	if err := at.listen(ctx, doubled, "outbox", "questionnaires"); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	schedules := j.schedules(running)
	err = j.whole(running)
	stop()
	schedules.Wait()
	if err != nil {
		return err
	}
	needed, err := at.ground.client(at.project).Needed(ctx)
	if err != nil {
		return err
	}
	// The checks of these scripts look at one field more than the functions do.
	at.count("indexes needed", len(needed))
	if slices.Contains(at.off, planted) && len(needed) > 0 {
		declared = slices.DeleteFunc(declared, func(i emulator.Index) bool { return i.String() == needed[0].String() })
	}
	for _, i := range emulator.Missing(needed, declared) {
		at.violation("infra/firestore.indexes.json lacks %s", i)
	}
	return nil
}

// oversize posts what must be refused before anything is asked of Firestore.
func oversize(ctx context.Context, at *place) error {
	p, err := at.proxied()
	if err != nil {
		return err
	}
	if err := at.run(ctx, "enrolment", 1); err != nil {
		return err
	}
	host := "http://" + at.all("enrolment")[0].host
	good, _ := json.Marshal(applicant("Alex Sample", "p00001@example.org"))
	client := &http.Client{Timeout: 20 * time.Second}
	post := func(body string) (int, time.Duration) {
		began := time.Now()
		response, err := client.Post(host+"/enrol/pilot/seek", "application/json", strings.NewReader(body))
		if err != nil {
			return 0, time.Since(began)
		}
		response.Body.Close()
		return response.StatusCode, time.Since(began)
	}
	if status, _ := post(string(good)); status != http.StatusAccepted {
		return fmt.Errorf("a good form: %d", status)
	}
	with := func(from, to string) string { return strings.Replace(string(good), from, to, 1) }
	deep := strings.Repeat(`{"a":`, 25) + "1" + strings.Repeat("}", 25)
	for _, bad := range []struct {
		what, body string
		status     int // 0 for any 4xx
	}{
		{"2 MiB", with("Alex Sample", strings.Repeat("x", 2<<20)), http.StatusRequestEntityTooLarge},
		{"2 MiB of spaces", strings.Repeat(" ", 2<<20) + string(good), http.StatusRequestEntityTooLarge},
		{"a name of 60 KiB", with("Alex Sample", strings.Repeat("x", 60<<10)), 0},
		{"not UTF-8", with("Alex Sample", "Alex \xff\xfe Sample"), 0},
		{"half a surrogate", with("Alex Sample", `Alex \ud800 Sample`), 0},
		{"NUL in a value", with("Alex Sample", `Alex \u0000 Sample`), 0},
		{"NUL in a name", with(`"name"`, `"na\u0000me"`), 0},
		{"nested 25 deep", with(`"HE"`, deep), 0},
		{"nested 10,000 deep", strings.Repeat("[", 10_000), 0},
		{"a name twice", with(`{`, `{"name":"Somebody Else",`), 0},
		{"a name in another case", with(`"name"`, `"NAME"`), 0},
		{"a field that is not there", with(`{`, `{"admin":true,`), 0},
		{"two documents", string(good) + string(good), 0},
		{"nothing", "", 0},
		{"a million skills", with(`"fundraising":3`, strings.TrimSuffix(strings.Repeat(`"x":1,`, 9_000), ",")), 0},
	} {
		before, _, _ := p.made()
		status, took := post(bad.body)
		after, _, _ := p.made()
		at.count("bodies", 1)
		if status < 400 || status >= 500 || bad.status != 0 && status != bad.status {
			at.violation("%s: answered with %d", bad.what, status)
		}
		if after != before {
			at.violation("%s: %d calls to the database", bad.what, after-before)
		}
		if took > 500*time.Millisecond {
			at.violation("%s: answered after %v", bad.what, took.Round(time.Millisecond))
		}
	}
	return nil
}

// versions has messages sent that another version of the code wrote: one that knew
// less, and one that knows more. What this version does not know stays.
func versions(ctx context.Context, at *place) error {
	if err := at.atTen(); err != nil {
		return err
	}
	l, err := at.people(ctx, 30, "b")
	if err != nil {
		return err
	}
	i := 0
	kind := map[string]int{}
	for id := range l.all {
		ref := at.db.Collection("outbox").Doc(id)
		var updates []firestore.Update
		switch kind[id] = i % 3; i % 3 {
		case 0: // the version before had none of these
			for _, name := range []string{"sequence", "step", "after", "until", "doubts", "retried", "bundle", "with", "outcome", "outcomeAt", "sentAt", "op"} {
				updates = append(updates, firestore.Update{Path: name, Value: firestore.Delete})
			}
			updates = append(updates, firestore.Update{Path: "schema", Value: 0})
		case 1:
		case 2: // the version after has more
			updates = []firestore.Update{{Path: "schema", Value: 2}, {Path: "later", Value: map[string]any{"known": true, "list": []any{1, "two"}}}, {Path: "priority", Value: 7}}
		}
		if len(updates) > 0 {
			if _, err := ref.Update(ctx, updates); err != nil {
				return err
			}
		}
		i++
	}
	if err := at.run(ctx, "outbox", 2); err != nil {
		return err
	}
	if err := at.drained(ctx, l, 30*time.Second); err != nil {
		return err
	}
	all, _, err := at.snapshot(ctx, "outbox")
	if err != nil {
		return err
	}
	for _, d := range all["outbox"] {
		var priority int64
		field(d, "priority", &priority)
		later, _ := d.DataAt("later")
		if kind[d.Ref.ID] == 2 && (priority != 7 || fmt.Sprint(later) != "map[known:true list:[1 two]]") {
			at.violation("what a later version wrote was lost: priority %d, later %v", priority, later)
		}
		at.count(fmt.Sprintf("of version n%+d", kind[d.Ref.ID]-1), 1)
	}
	return at.promises(ctx, l)
}
