package main

import (
	"strings"
	"testing"
)

const toSolve = "solve --edges edges.csv --out matches.csv --certificate cert.json"

func TestSolveFindsTheBestByItsObjective(t *testing.T) {
	t.Parallel()
	// a with x and b with y total 10, but leave b with 1; the other way round it is 4
	// and 5.
	const edges = "a,x,9\na,y,4\nb,x,5\nb,y,1\n"
	const head = "client,consultant,score\n"
	for _, row := range []struct{ flags, want string }{
		{"", head + "a,x,9\nb,y,1\n"},
		{" --objective total", head + "a,x,9\nb,y,1\n"},
		{" --objective fair", head + "a,y,4\nb,x,5\n"},
	} {
		for _, text := range []string{edges, head + edges, "\ufeff" + strings.ReplaceAll(head+edges, "\n", "\r\n"), "b,y,1\nb,x,5\na,y,4\na,x,9"} {
			f := newFolder(t, map[string]string{"edges.csv": text})
			out := ran(t, "", f.args(toSolve+row.flags)...)
			if got := f.read(t, "matches.csv"); got != row.want || !strings.Contains(out, "Matched 2 of 2 clients with 2 consultants.") {
				t.Errorf("%q of %q: it writes %q and says %q", row.flags, text, got, out)
			}
			ran(t, "", f.args("verify --edges edges.csv --matches matches.csv --certificate cert.json")...)
		}
	}
	f := newFolder(t, map[string]string{"edges.csv": edges})
	_, err := run(t, "", f.args(toSolve+" --objective best")...)
	refuses(t, "an unknown objective", err, `"best" is no objective: use total or fair`)
}

// More clients come before any score; capacities and supervisors hold.
func TestSolveKeepsToCapacities(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, edges, caps, want, says string }{
		{"one place each", "a,x,1048576\na,y,0\nb,x,1\n", "", "a,y,0\nb,x,1\n", "Matched 2 of 2"},
		{"two places", "a,x,5\nb,x,5\n", "consultant,x,2\n", "a,x,5\nb,x,5\n", "Matched 2 of 2"},
		{"no place", "a,x,5\n", "consultant,x,0\n", "", "Matched 0 of 1"},
		{"a supervisor with one place", "a,x,5\nb,y,6\n", "consultant,x,1,s\nconsultant,y,1,s\nsupervisor,s,,\n", "b,y,6\n", "Matched 1 of 2"},
		{"one who has no row", "a,x,5\nb,y,6\n", "kind,id,capacity,supervisor\nconsultant,x,1,s\nconsultant,y,1,s\n", "b,y,6\n", "have a capacity of 1: s."},
		{"people without pairs", "a,x,5\n", "consultant,z,9,t\nsupervisor,t,9,\n", "a,x,5\n", "with 2 consultants"},
		{"nobody", "client,consultant,score\n", "", "", "Matched 0 of 0 clients with 0 consultants. Total score 0"},
		{"ties everywhere", "a,x,1\na,y,1\nb,x,1\nb,y,1\n", "", "", "Matched 2 of 2"},
	} {
		for _, objective := range []string{"total", "fair"} {
			f := newFolder(t, map[string]string{"edges.csv": row.edges, "caps.csv": row.caps})
			with := " --capacities caps.csv"
			if row.caps == "" {
				with = ""
			}
			out := ran(t, "", f.args(toSolve+with+" --objective "+objective)...)
			if got := f.read(t, "matches.csv"); got != "client,consultant,score\n"+row.want && row.name != "ties everywhere" || !strings.Contains(out, row.says) {
				t.Errorf("%s, %s: it writes %q and says %q", row.name, objective, got, out)
			}
			if out := ran(t, "", f.args("verify --edges edges.csv --matches matches.csv --certificate cert.json"+with)...); !strings.Contains(out, "valid: optimal") {
				t.Errorf("%s, %s: verify says %q", row.name, objective, out)
			}
		}
	}
}

func TestWhatCannotBeSolvedIsRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, edges, caps, says string }{
		{"a pair twice", "a,x,1\na,x,1\n", "consultant,x,1\n", "edges.csv, line 2, column 2 (consultant)"},
		{"a score out of range", "a,x,1048577\n", "consultant,x,1\n", "edges.csv, line 1, column 3 (score)"},
		{"a capacity below 0", "a,x,1\n", "consultant,x,-1\n", "caps.csv, line 1, column 3 (capacity)"},
		{"an unknown column", "a,x,1\n", "kind,id,capacity,boss\n", `unknown column "boss"`},
		{"no edges", "", "consultant,x,1\n", "edges.csv, line 1, column 1: the file is empty"},
	} {
		f := newFolder(t, map[string]string{"edges.csv": row.edges, "caps.csv": row.caps})
		_, err := run(t, "", f.args(toSolve+" --capacities caps.csv")...)
		if refuses(t, row.name, err, row.says); err != nil && status(err) != 2 {
			t.Errorf("%s: status %d", row.name, status(err))
		}
		f.holds(t, row.name, "edges.csv", "caps.csv")
	}
}
