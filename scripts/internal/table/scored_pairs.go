package table

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/text"
)

// The forms of the files of scored pairs and of matches. Their first line may be left
// out: a number where it would say score or capacity tells that it is.
var (
	pairs      = form{columns: []string{"client", "consultant", "score"}, headless: hasNumber}
	capacities = form{columns: []string{"kind", "id", "capacity", "supervisor"}, optional: 1, headless: hasNumber}
)

func hasNumber(row []string) bool {
	return len(row) > 2 && (row[2] == "" && (key(row[0]) == string(programme.Consultant) || key(row[0]) == supervisor) ||
		row[2] != "" && strings.IndexByte("+-.0123456789", row[2][0]) >= 0)
}

// pair reads a row of edges or matches.
func (t *rows) pair() (client, consultant string, score int, err error) {
	if client, err = t.id(0); err != nil {
		return
	}
	if consultant, err = t.id(1); err != nil {
		return
	}
	score, err = t.wholeNumber(2, certificate.MaxScore)
	return
}

// ReadEdges reads eligible pairs with their scores, with everybody at a
// capacity of 1 and without a supervisor.
func ReadEdges(file string, from io.Reader) (*matching.ScoredPairs, error) {
	t, err := pairs.read(file, from)
	if err != nil {
		return nil, err
	}
	b := &matching.ScoredPairs{}
	clients, consultants := map[string]int{}, map[string]int{}
	var lines [][]int32 // of each pair
	for {
		ok, err := t.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		client, consultant, score, err := t.pair()
		if err != nil {
			return nil, err
		}
		i, ok := clients[client]
		if !ok {
			i, client = len(clients), strings.Clone(client)
			clients[client] = i
			b.Clients, b.Pairs, lines = append(b.Clients, client), append(b.Pairs, nil), append(lines, nil)
		}
		j, ok := consultants[consultant]
		if !ok {
			j, consultant = len(consultants), strings.Clone(consultant)
			consultants[consultant] = j
			b.Consultants = append(b.Consultants, certificate.Consultant{ID: consultant, Capacity: 1, Supervisor: -1})
		}
		b.Pairs[i] = append(b.Pairs[i], matching.ScoredPair{Consultant: j, Score: score})
		lines[i] = append(lines[i], int32(t.line))
	}
	if err := distinct(t, b, lines); err != nil {
		return nil, err
	}
	return b, nil
}

// distinct sorts each client's pairs, and finds the first that is there twice.
func distinct(t *rows, b *matching.ScoredPairs, lines [][]int32) error {
	var twice *Error
	for i, edges := range b.Pairs {
		before := func(a, b matching.ScoredPair) int { return cmp.Compare(a.Consultant, b.Consultant) }
		if slices.IsSortedFunc(edges, before) && !repeats(edges) {
			continue
		}
		at := map[int]int32{} // the line of a consultant
		for k, e := range edges {
			if line := at[e.Consultant]; line > 0 && (twice == nil || int(lines[i][k]) < twice.Line) {
				twice = &Error{File: t.file, Line: int(lines[i][k]), Column: t.positions[1] + 1, Name: t.columns[1],
					Text: "the pair of " + text.Quote(b.Clients[i]) + " and " + text.Quote(b.Consultants[e.Consultant].ID) + " is on line " + strconv.Itoa(int(line)) + " already"}
			} else if line == 0 {
				at[e.Consultant] = lines[i][k]
			}
		}
		slices.SortFunc(edges, before)
	}
	if twice != nil {
		return twice
	}
	return nil
}

func repeats(edges []matching.ScoredPair) bool {
	for k := range edges {
		if k > 0 && edges[k-1].Consultant == edges[k].Consultant {
			return true
		}
	}
	return false
}

// ReadCapacities reads capacities and supervisors into a problem of scored pairs. People who
// have no eligible pair may be in it too. A capacity that is left out is 1; so is
// that of a supervisor who has no row, and these are listed, since a supervisor's
// id may be misspelt.
func ReadCapacities(file string, from io.Reader, b *matching.ScoredPairs) (unlisted []string, err error) {
	t, err := capacities.read(file, from)
	if err != nil {
		return nil, err
	}
	consultants := map[string]int{}
	for j, d := range b.Consultants {
		consultants[d.ID] = j
	}
	supervisors := map[string]int{}
	lines := map[[2]string]int{}
	supervise := func(id string) int {
		at, ok := supervisors[id]
		if !ok {
			at, id = len(b.Supervisors), strings.Clone(id)
			supervisors[id] = at
			b.Supervisors = append(b.Supervisors, certificate.Supervisor{ID: id, Capacity: 1})
		}
		return at
	}
	for {
		ok, err := t.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		kind := key(t.cell(0))
		if kind != string(programme.Consultant) && kind != supervisor {
			return nil, t.errorIn(0, "%s is no kind: use %s or %s", text.Quote(t.cell(0)), programme.Consultant, supervisor)
		}
		id, err := t.id(1)
		if err != nil {
			return nil, err
		}
		if line := lines[[2]string{kind, id}]; line > 0 {
			return nil, t.errorIn(1, "the %s %s is on line %d already", kind, text.Quote(id), line)
		}
		lines[[2]string{strings.Clone(kind), strings.Clone(id)}] = t.line
		capacity, err := t.capacity(2)
		if err != nil {
			return nil, err
		}
		if kind == supervisor {
			if s := t.cell(3); s != "" {
				return nil, t.errorIn(3, "%s in a row of kind %s: only one of kind %s has a supervisor", text.Quote(s), supervisor, programme.Consultant)
			}
			b.Supervisors[supervise(id)].Capacity = capacity
			continue
		}
		j, ok := consultants[id]
		if !ok {
			j, id = len(b.Consultants), strings.Clone(id)
			consultants[id] = j
			b.Consultants = append(b.Consultants, certificate.Consultant{ID: id, Supervisor: -1})
		}
		b.Consultants[j].Capacity = capacity
		if t.cell(3) != "" {
			s, err := t.id(3)
			if err != nil {
				return nil, err
			}
			b.Consultants[j].Supervisor = supervise(s)
		}
	}
	for _, s := range b.Supervisors {
		if lines[[2]string{supervisor, s.ID}] == 0 {
			unlisted = append(unlisted, s.ID)
		}
	}
	return unlisted, nil
}

// WriteEdges writes a problem's eligible pairs as ReadEdges reads them.
func WriteEdges(to io.Writer, p *certificate.Problem) error {
	w := newWriter(to)
	err := w.write(slices.Clone(pairs.columns)...)
	row := make([]string, 3)
	for i, client := range p.Clients {
		p.Edges(i, func(j, score int) {
			if err == nil {
				row[0], row[1], row[2] = client, p.Consultants[j].ID, strconv.Itoa(score)
				err = w.write(row...)
			}
		})
		if err != nil {
			return err
		}
	}
	return w.end()
}

// WriteCapacities writes a problem's capacities and supervisors as ReadCapacities
// reads them.
func WriteCapacities(to io.Writer, p *certificate.Problem) error {
	w := newWriter(to)
	err := w.write(slices.Clone(capacities.columns)...)
	for _, s := range p.Supervisors {
		err = errors.Join(err, w.write(supervisor, s.ID, strconv.Itoa(s.Capacity), ""))
	}
	for _, d := range p.Consultants {
		by := ""
		if d.Supervisor >= 0 {
			by = p.Supervisors[d.Supervisor].ID
		}
		err = errors.Join(err, w.write(string(programme.Consultant), d.ID, strconv.Itoa(d.Capacity), by))
	}
	return errors.Join(err, w.end())
}

// ReadMatches reads matches. Whether they fit together is the certificate's to say.
func ReadMatches(file string, from io.Reader) ([]certificate.Match, error) {
	t, err := pairs.read(file, from)
	if err != nil {
		return nil, err
	}
	var all []certificate.Match
	for {
		ok, err := t.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			return all, nil
		}
		client, consultant, score, err := t.pair()
		if err != nil {
			return nil, err
		}
		all = append(all, certificate.Match{Client: strings.Clone(client), Consultant: strings.Clone(consultant), Score: score})
	}
}

// WriteMatches writes matches as ReadMatches reads them.
func WriteMatches(to io.Writer, all []certificate.Match) error {
	w := newWriter(to)
	if err := w.write(slices.Clone(pairs.columns)...); err != nil {
		return err
	}
	for _, m := range all {
		if err := w.write(m.Client, m.Consultant, strconv.Itoa(m.Score)); err != nil {
			return err
		}
	}
	return w.end()
}
