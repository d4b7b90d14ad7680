package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
)

// found is what a table says of results, and whether it calls for a failure.
func found(results ...result) (text string, found bool) {
	var b strings.Builder
	t := newTable(&b)
	for _, r := range results {
		t.add(r)
	}
	t.end()
	return b.String(), t.found
}

func with(violations int) *counts {
	c := new(counts)
	for range violations {
		c.violation("a promise")
	}
	return c
}

func TestWhatCountsAsKept(t *testing.T) {
	t.Parallel()
	guard := []sabotage.Guard{sabotage.Doubt}
	for _, row := range []struct {
		name   string
		result result
		want   string
		fails  bool
	}{
		{"kept, and the twin fails", result{counts: with(0), twins: []twin{{off: guard, counts: with(3)}}}, "kept", false},
		{"a promise was broken", result{counts: with(1), twins: []twin{{off: guard, counts: with(3)}}}, "BROKEN", true},
		{"it could not be run", result{counts: with(0), err: errors.New("no emulator")}, "BROKEN", true},
		{"the twin passes", result{counts: with(0), twins: []twin{{off: guard, counts: with(0)}}}, "NO PROOF", true},
		{"one of two twins passes", result{counts: with(0), twins: []twin{{off: guard, counts: with(1)}, {off: guard, counts: with(0)}}}, "NO PROOF", true},
		// Its failure has nothing to do with the guard then.
		{"the twin could not be run", result{counts: with(0), twins: []twin{{off: guard, counts: with(2), err: errors.New("no emulator")}}}, "NO PROOF", true},
		{"not built yet", result{counts: with(0), notRun: "there are no alerts yet"}, "not run", false},
	} {
		row.result.id = "D1"
		text, fails := found(row.result)
		if !regexp.MustCompile(`(?m)^D1 +`+row.want+` `).MatchString(text) || fails != row.fails {
			t.Errorf("%s: fails %v, in the table\n%s", row.name, fails, text)
		}
	}
}

// A row that was not run is counted by itself.
func TestRowThatWasNotRunIsNeverPassed(t *testing.T) {
	t.Parallel()
	text, _ := found(result{row: row{id: "X8"}, counts: with(0), notRun: "there are no alerts yet"}, result{row: row{id: "D1"}, counts: with(0)})
	if !strings.Contains(text, "1 kept, 0 not, 1 not run") || !strings.Contains(text, "there are no alerts yet") {
		t.Errorf("the table says\n%s", text)
	}
}

// Each row says what it breaks, and has a twin, unless it says why it is not run.
func TestEveryRowHasATwin(t *testing.T) {
	t.Parallel()
	notes := regexp.MustCompile(`^[DFLXS][1-9][0-9]?$`)
	seen := map[string]bool{}
	for _, r := range rows {
		if !notes.MatchString(r.id) || seen[r.id] || r.breaks == "" {
			t.Errorf("row %q, which breaks %q", r.id, r.breaks)
		}
		seen[r.id] = true
		if r.run != nil && len(r.guards)+len(r.together) == 0 || r.run == nil && r.needs == nil {
			t.Errorf("row %s has no twin", r.id)
		}
	}
	for _, id := range []string{"D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9", "D10", "D11", "D12", "D13", "D14", "D15",
		"F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "L1", "X3", "X7", "X8"} {
		if !seen[id] {
			t.Errorf("there is no row %s", id)
		}
	}
}

// A twin without code that asks for its guard would be the row once again.
func TestEverySwitchHasItsPlaceInTheSource(t *testing.T) {
	t.Parallel()
	all := hunks(switches)
	if _, err := switched("../../..", all); err != nil {
		t.Error(err)
	}
	var want, found []string
	for _, guard := range sabotage.Guards {
		want = append(want, string(guard))
	}
	for _, variable := range sabotage.Variables {
		if variable != sabotage.Variable {
			want = append(want, variable)
		}
	}
	for _, h := range all {
		found = append(found, h.names...)
		if strings.Count(h.to, "sabotage.") <= strings.Count(h.from, "sabotage.") {
			t.Errorf("%v: nothing is asked in\n%s", h.names, h.to)
		}
	}
	slices.Sort(want)
	slices.Sort(found)
	if found = slices.Compact(found); !slices.Equal(found, want) {
		t.Errorf("switches.diff has %v\nand not %v", found, want)
	}
}

// Each guard's twin is run somewhere.
func TestEveryGuardHasARow(t *testing.T) {
	t.Parallel()
	for _, guard := range sabotage.Guards {
		if !slices.ContainsFunc(rows, func(r row) bool { return slices.Contains(r.guards, guard) || slices.Contains(r.together, guard) }) {
			t.Errorf("no row is about %s", guard)
		}
	}
}

// A guard that has moved or changed is said to have, and not left standing.
func TestSwitchWithoutItsPlaceIsAnError(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "a.go"), []byte("package a\n\nfunc f() {\n\tguard()\n\tguard()\n\tonce()\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for diff, want := range map[string]string{
		"--- a.go\n@@ no-x\n-\tonce()\n+\tsabotage.Off()\n": "",
		"--- a.go\n@@ no-x\n-\tguard()\n+\tmore()\n":        "stand 2 times in a.go",
		"--- a.go\n@@ no-x\n-\tgone()\n+\tmore()\n":         "stand 0 times in a.go",
		"--- b.go\n@@ no-x\n-\tgone()\n+\tmore()\n":         "no such file",
	} {
		files, err := switched(root, hunks(diff))
		switch {
		case want == "":
			if err != nil || !strings.Contains(files["a.go"], "package a; import ") || !strings.Contains(files["a.go"], "\tguard()\n\tsabotage.Off()\n}") {
				t.Errorf("%v: %s", err, files["a.go"])
			}
		case err == nil || !strings.Contains(err.Error(), want):
			t.Errorf("%s: %v, not %q", diff, err, want)
		}
	}
}

func TestChosenRows(t *testing.T) {
	t.Parallel()
	ids := func(o options) string {
		chosen, err := o.chosen()
		if err != nil {
			return err.Error()
		}
		var all []string
		for _, r := range chosen {
			all = append(all, r.id)
		}
		return strings.Join(all, " ")
	}
	if got := ids(options{rows: []string{"f4", " D1"}}); got != "F4 D1" {
		t.Errorf("chosen are %s", got)
	}
	if got := ids(options{rows: []string{"D99"}}); !strings.Contains(got, `"D99"`) {
		t.Errorf("an unknown row: %s", got)
	}
	every, short := ids(options{}), ids(options{short: true})
	if !strings.Contains(every, "S1") || strings.Contains(short, "S1") || !strings.Contains(short, "D1") || len(short) >= len(every) {
		t.Errorf("every row %s, the short version %s", every, short)
	}
}

// What is posted as forged is forged, else the row would find fault with what is right.
func TestNoMutationIsTheSignature(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		sum := sha256.Sum256([]byte(rand.Text()))
		good, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		all := mutations(good, elliptic.P256().Params().N)
		if len(all) < 200 {
			t.Errorf("%d mutations", len(all))
		}
		for name, sig := range all {
			if string(sig) == string(good) {
				t.Errorf("%s is the signature itself", name)
			}
		}
	}
}

// The same seed gives the same message the same fate, and another seed another.
func TestFateBelongsToTheSeed(t *testing.T) {
	t.Parallel()
	at := func(seed uint64) *place { return &place{ground: &ground{options: options{seed: seed}}} }
	low, n := 0, 10_000
	for range n {
		id := rand.Text()
		x := at(1).of("fault", id)
		if x != at(1).of("fault", id) || x == at(2).of("fault", id) || x == at(1).of("kind", id) || x < 0 || x >= 1 {
			t.Fatalf("the fate of %s is %v", id, x)
		}
		if x < 0.17 {
			low++
		}
	}
	if share := float64(low) / float64(n); share < 0.15 || share > 0.19 {
		t.Errorf("%.3f of the fates are below 0.17", share)
	}
}

func TestRequestsFindTheirFunction(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/enrol/pilot/seek": "enrolment /enrol/pilot/seek", "/pairing/abc/book": "participant /pairing/abc/book", "/webhooks/sendgrid": "outbox /webhooks/sendgrid",
		"/-/outbox/events": "outbox /events", "/-/participant/events": "participant /events", "/desk/": "desk /desk/", "/nowhere": "enrolment /nowhere",
	} {
		if name, rest := function(path); name+" "+rest != want {
			t.Errorf("%s goes to %s %s, want %s", path, name, rest, want)
		}
	}
}

// Rows that fail one kind of write, or stop a sender at its claim, tell commits apart by
// what they write.
func TestCommitsAreKnownByWhatTheyWrite(t *testing.T) {
	t.Parallel()
	text := func(s string) *firestorepb.Value {
		return &firestorepb.Value{ValueType: &firestorepb.Value_StringValue{StringValue: s}}
	}
	const root = "projects/demo/databases/(default)/documents/"
	write := func(document string, create bool, fields map[string]*firestorepb.Value) *firestorepb.Write {
		w := &firestorepb.Write{Operation: &firestorepb.Write_Update{Update: &firestorepb.Document{Name: root + document, Fields: fields}}}
		if create {
			w.CurrentDocument = &firestorepb.Precondition{ConditionType: &firestorepb.Precondition_Exists{Exists: false}}
		}
		return w
	}
	enrolled := func(id string) *firestorepb.Write {
		return write("programmes/pilot/enrolments/"+id, true, map[string]*firestorepb.Value{"state": text("unconfirmed")})
	}
	confirm := write("outbox/m1", true, map[string]*firestorepb.Value{"kind": text("confirm-enrolment"), "state": text("pending")})
	attempts := &firestorepb.Value{ValueType: &firestorepb.Value_IntegerValue{IntegerValue: 3}}
	leased := write("outbox/m1", false, map[string]*firestorepb.Value{"kind": text("confirm-enrolment"), "state": text("sending"), "attempts": attempts})
	sent := write("outbox/m1", false, map[string]*firestorepb.Value{"kind": text("confirm-enrolment"), "state": text("sent")})
	told := write("outbox/m1", false, map[string]*firestorepb.Value{"state": text("sent"), "outcome": text("delivered")})
	gone := &firestorepb.Write{Operation: &firestorepb.Write_Delete{Delete: root + "links/l1"}}
	for _, row := range []struct {
		writes []*firestorepb.Write
		name   string
		claims string
	}{
		{nil, "", "map[]"},
		{[]*firestorepb.Write{enrolled("a"), confirm}, "create enrolments, create outbox confirm-enrolment", "map[]"},
		{[]*firestorepb.Write{confirm, enrolled("b"), enrolled("c")}, "create enrolments, create outbox confirm-enrolment", "map[]"},
		{[]*firestorepb.Write{leased}, "update outbox sending", "map[m1:3]"},
		{[]*firestorepb.Write{sent}, "update outbox sent", "map[]"},
		{[]*firestorepb.Write{told, gone}, "delete links, update outbox sent delivered", "map[]"},
	} {
		c := call{method: "Commit", writes: row.writes}
		if got := c.name(); got != row.name {
			t.Errorf("%v is named %q, want %q", row.writes, got, row.name)
		}
		if got := fmt.Sprint(c.claims()); got != row.claims {
			t.Errorf("%q claims %s, want %s", row.name, got, row.claims)
		}
	}
}

// What is looked for in the code is found there.
func TestTransactionsAreFound(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, folder := range []string{"functions", "shared"} {
		if err := os.Mkdir(filepath.Join(root, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(root, "functions", "f.go")
	for text, want := range map[string]int{
		"package f\nfunc f() { db.Get() }":                            0,
		"package f\n// RunTransaction(":                               0,
		"package f\nfunc f() { db.RunTransaction(ctx, nil) }":         1,
		"package f\nvar x = firestore.Increment(1)":                   1,
		"package f\nfunc f() { db.BulkWriter(); db.BulkWriter(ctx) }": 2,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at := &place{counts: new(counts), ground: &ground{options: options{root: root}}}
		if err := transactions(t.Context(), at); err != nil || at.violations() != want {
			t.Errorf("%q: %d found, want %d: %v", text, at.violations(), want, err)
		}
	}
}

// A process is there when it answers as functions do, and not when something took the
// connection.
func TestReadyIsWhoAnswers(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if (&worker{function: "enrolment", host: l.Addr().String(), process: &process{}}).ready(ctx) == nil {
		t.Error("it is ready, and has said nothing")
	}
}
