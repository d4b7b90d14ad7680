package matches

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// errNoRun is the answer where there is no proof to show.
var errNoRun = fault.New(fault.NotFound, "There is no matching run yet.")

// DownloadCertificate gives the certificate of the latest run. It names people by the
// ids of their enrolments alone.
func (h Handlers) DownloadCertificate(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	if p.Run == "" {
		return errNoRun
	}
	c, err := h.Store.Certificate(r.Context(), p.ID, p.Run)
	if err != nil {
		return err
	}
	if err := h.TookAlong(r, access.Proof, p.Run); err != nil {
		return err
	}
	text, err := json.MarshalIndent(c, "", "\t")
	if err != nil {
		return err
	}
	return send(w, "application/json", "certificate.json", text)
}

// send answers with a file to keep.
func send(w http.ResponseWriter, kind, name string, content []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err := w.Write(content)
	return err
}

const howToCheck = `The proof of a matching run
===========================

edges.csv         all pairs that are allowed, with their scores
capacities.csv    how many each may take
matches.csv       the matches
certificate.json  the prices that show that no other matches are better

Check them with the program that comes with Cascade,

    cascade verify --edges edges.csv --capacities capacities.csv --matches matches.csv --certificate certificate.json

or with one of your own: docs/certificate.md says what has to be checked, and has one of fifty lines.
People are named by the numbers of their enrolments. Pairs that were pinned are not in the files.
`

// DownloadProof gives all that somebody needs to check the latest run: the problem,
// the matches and the certificate, as cascade verify reads them. The problem is not
// kept with a run, since it grows with the square of the people; it is written down
// again while all is as it was.
func (h Handlers) DownloadProof(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	at, err := h.Store.MatchingInput(r.Context(), p.ID)
	if err != nil {
		return err
	}
	if at.Latest == nil {
		return errNoRun
	}
	c, err := h.Store.Certificate(r.Context(), p.ID, at.Latest.ID)
	if err != nil {
		return err
	}
	files, err := within(r.Context(), func() ([]byte, error) { return proofOf(at, c) })
	if err != nil {
		return err
	}
	if err := h.TookAlong(r, access.Proof, at.Latest.ID); err != nil {
		return err
	}
	return send(w, "application/zip", "proof.zip", files)
}

func proofOf(at *store.MatchingInput, c *matching.Certificate) ([]byte, error) {
	changed := fault.New(fault.Conflict, "People, a decision or a setting have changed since the run, or matches were released, so that its pairs cannot be written down any more. Its certificate can still be downloaded, and the proof of the next run when it is there.")
	if at.Latest.Input != at.Open().Digest() {
		return nil, changed
	}
	now, err := solve(at)
	if err != nil {
		return nil, err
	}
	var matches []certificate.Match
	for _, m := range now.Matches {
		if !m.Pinned {
			matches = append(matches, certificate.Match{Client: m.Client, Consultant: m.Consultant, Score: m.Score})
		}
	}
	problem := now.Problem()
	if certificate.Check(*problem, matches, *c) != nil {
		return nil, changed
	}
	var out bytes.Buffer
	files := zip.NewWriter(&out)
	add := func(name string, write func(io.Writer) error) {
		if err != nil {
			return
		}
		var f io.Writer
		if f, err = files.Create(name); err == nil {
			err = write(f)
		}
	}
	add("README.txt", func(f io.Writer) error { _, err := io.WriteString(f, howToCheck); return err })
	add("edges.csv", func(f io.Writer) error {
		w := csv.NewWriter(f)
		err := w.Write([]string{"client", "consultant", "score"})
		for i := range problem.Clients {
			problem.Edges(i, func(j, score int) {
				if err == nil {
					err = w.Write([]string{problem.Clients[i], problem.Consultants[j].ID, strconv.Itoa(score)})
				}
			})
		}
		w.Flush()
		if err == nil {
			err = w.Error()
		}
		return err
	})
	add("capacities.csv", func(f io.Writer) error {
		all := [][]string{{"kind", "id", "capacity", "supervisor"}}
		for _, supervisor := range problem.Supervisors {
			all = append(all, []string{"supervisor", supervisor.ID, strconv.Itoa(supervisor.Capacity), ""})
		}
		for _, consultant := range problem.Consultants {
			by := ""
			if consultant.Supervisor >= 0 {
				by = problem.Supervisors[consultant.Supervisor].ID
			}
			all = append(all, []string{string(programme.Consultant), consultant.ID, strconv.Itoa(consultant.Capacity), by})
		}
		return csv.NewWriter(f).WriteAll(all)
	})
	add("matches.csv", func(f io.Writer) error {
		all := [][]string{{"client", "consultant", "score"}}
		for _, m := range matches {
			all = append(all, []string{m.Client, m.Consultant, strconv.Itoa(m.Score)})
		}
		return csv.NewWriter(f).WriteAll(all)
	})
	add("certificate.json", func(f io.Writer) error { return json.NewEncoder(f).Encode(c) })
	if err == nil {
		err = files.Close()
	}
	return out.Bytes(), err
}
