package main

import (
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/scripts/internal/table"
	"github.com/cascading-leadership/cascade/shared/matching/sector"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestGeneratedPeopleReadAsTheSame(t *testing.T) {
	t.Parallel()
	p, err := programme.Preset(usual)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		seed := rapid.Uint64().Draw(r, "seed")
		n, m, s := rapid.IntRange(0, 30).Draw(r, "clients"), rapid.IntRange(1, 30).Draw(r, "consultants"), rapid.IntRange(0, 3).Draw(r, "supervisors")
		text := ran(t, "", "generate", "--clients", strconv.Itoa(n), "--consultants", strconv.Itoa(m), "--supervisors", strconv.Itoa(s), "--seed", strconv.FormatUint(seed, 10))
		got, err := table.ReadEnrolments("", strings.NewReader(text), p)
		if err != nil {
			r.Fatal(err)
		}
		clients, consultants := sector.People(p, n, m, rand.New(rand.NewPCG(seed, 2016)))
		if len(got.Supervisors) != s || len(got.Clients) != n || len(got.Consultants) != m {
			r.Fatalf("%d, %d and %d people", len(got.Supervisors), len(got.Clients), len(got.Consultants))
		}
		for j := range consultants {
			if (got.Consultants[j].Supervisor != "") != (s > 0) {
				r.Fatalf("%+v, of %d supervisors", got.Consultants[j], s)
			}
			consultants[j].Supervisor = got.Consultants[j].Supervisor
		}
		if n > 0 && !reflect.DeepEqual(got.Clients, clients) || m > 0 && !reflect.DeepEqual(got.Consultants, consultants) {
			r.Fatalf("got %+v and %+v\nwant %+v and %+v", got.Clients, got.Consultants, clients, consultants)
		}
	})
}

func TestGenerateWritesAFileOrRefuses(t *testing.T) {
	t.Parallel()
	f := newFolder(t, nil)
	text := ran(t, "", "generate", "--clients", "3", "--consultants", "2", "--seed", "5")
	if out := ran(t, "", f.args("generate --clients 3 --consultants 2 --seed 5 --out people.csv")...); out != "" || f.read(t, "people.csv") != text {
		t.Errorf("it says %q, and writes %q", out, f.read(t, "people.csv"))
	}
	f.holds(t, "after it", "people.csv")
	if info, err := os.Stat(f.path("people.csv")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is for others too: %v, %v", info.Mode(), err)
	}
	if other := ran(t, "", "generate", "--clients", "3", "--consultants", "2", "--seed", "6"); other == text {
		t.Error("another seed gives the same people")
	}
	for line, says := range map[string]string{
		"--clients -1 --consultants 1":                  "-1 people: use 0 to 1,000,000",
		"--clients 1 --consultants 1000001":             "1000001 people",
		"--clients x --consultants 1":                   "invalid argument",
		"--clients 1 --consultants 1 --seed -1":         "invalid argument",
		"--clients 1":                                   `"consultants" not set`,
		"--clients 1 --consultants 1 --programme /none": "/none",
		"--clients 1 --consultants 1 --out /":           "--out: / is a folder",
	} {
		_, err := run(t, "", append([]string{"generate"}, strings.Fields(line)...)...)
		refuses(t, line, err, says)
	}
}
