package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// arraysCommand writes a problem as NumPy reads it, in a process of its own so that
// the one that measures stays small.
func arraysCommand() *cobra.Command {
	var w problemSpec
	c := &cobra.Command{Use: "arrays FOLDER", Args: cobra.ExactArgs(1), Hidden: true, RunE: func(_ *cobra.Command, args []string) error {
		p, err := problem(w.shape, w.settings, w.size, w.seed)
		if err != nil {
			return err
		}
		return writeArrays(args[0], p)
	}}
	w.flags(c)
	return c
}

// writeArrays writes each side's features, taken from the people themselves and not
// from what the solver makes of them, and the weights.
func writeArrays(folder string, p *matching.Problem) error {
	weights := p.Programme.Weights
	text, err := json.Marshal(map[string]int{
		"fit": weights.Fit, "breadth": weights.Breadth, "experience": weights.Experience,
		"size": weights.Size, "difference": weights.Difference, "availability": weights.Availability,
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "weights.json"), text, 0o644); err != nil {
		return err
	}
	numbers := numbering{}
	for side, people := range map[string][]matching.Person{"clients": p.Clients, "consultants": p.Consultants} {
		for name, a := range features(p.Programme, people, numbers) {
			if a == nil {
				return fmt.Errorf("%s: somebody's %s are more than dense.py knows", side, name)
			}
			if err := a.write(filepath.Join(folder, side+"-"+name+".npy")); err != nil {
				return err
			}
		}
	}
	return nil
}

// numbering numbers those of each kind, for both sides alike.
type numbering map[string]map[string]int

func (w numbering) number(kind, word string) int {
	if w[kind] == nil {
		w[kind] = map[string]int{}
	}
	n, ok := w[kind][word]
	if !ok {
		n = len(w[kind])
		w[kind][word] = n
	}
	return n
}

// features are what dense.py scores by. Levels are a client's needs or a
// consultant's skills: made-up clients have no skills of their own.
func features(p *programme.Programme, people []matching.Person, numbers numbering) map[string]*array {
	n := len(people)
	all := map[string]*array{
		"region": column(n), "area": column(n), "band": matrix(n, 0), "levels": matrix(n, len(p.Skills)), "halves": matrix(n, len(enrolment.HalfDays)),
		"meeting": matrix(n, len(enrolment.Meetings)), "languages": matrix(n, 8), "kinds": matrix(n, len(p.Categories)),
	}
	for i, person := range people {
		o := person.Organisation
		all["region"].set(i, 0, numbers.number("region", o.Region))
		all["area"].set(i, 0, numbers.number("area", p.Competition.Neighbourhood(p.Territory(), o.Postcode, o.Region)))
		all["band"].set(i, 0, programme.Band(o.Income))
		levels := person.Skills
		if person.Needs != nil {
			levels = person.Needs
		}
		for k, s := range p.Skills {
			all["levels"].set(i, k, levels[s.ID])
		}
		for k, h := range enrolment.HalfDays {
			all["halves"].flag(i, k, slices.Contains(person.Availability, h.ID))
		}
		for k, m := range enrolment.Meetings {
			all["meeting"].flag(i, k, len(person.Meeting) == 0 || slices.Contains(person.Meeting, m.ID))
		}
		for k, c := range p.Categories {
			all["kinds"].flag(i, k, slices.Contains(o.Categories, c.Code))
		}
		languages := person.Languages
		if len(languages) == 0 {
			languages = p.Spoken()[:1]
		}
		for _, l := range languages {
			k := numbers.number("language", l)
			if k >= 8 {
				all["languages"] = nil
				return all
			}
			all["languages"].flag(i, k, true)
		}
		if person.Needs != nil && len(person.Skills) > 0 {
			all["levels"] = nil
			return all
		}
	}
	return all
}

// array is a NumPy array of small numbers, or one column of larger ones.
type array struct {
	people, width int // width 0 for one dimension
	small         []uint8
	large         []int32
}

func matrix(people, width int) *array {
	return &array{people: people, width: width, small: make([]uint8, people*max(1, width))}
}

func column(people int) *array { return &array{people: people, large: make([]int32, people)} }

func (a *array) set(i, k, value int) {
	if a.large != nil {
		a.large[i] = int32(value)
	} else {
		a.small[i*max(1, a.width)+k] = uint8(value)
	}
}

func (a *array) flag(i, k int, yes bool) {
	if yes {
		a.set(i, k, 1)
	}
}

// write writes version 1.0 of NumPy's format (numpy.lib.format): a magic string, the
// length of a header that is a Python dictionary padded to a multiple of 64 bytes,
// and the numbers.
func (a *array) write(file string) error {
	kind, shape := "|u1", fmt.Sprintf("(%d, %d)", a.people, a.width)
	if a.large != nil {
		kind = "<i4"
	}
	if a.width == 0 {
		shape = fmt.Sprintf("(%d,)", a.people)
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", kind, shape)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	out.WriteString("\x93NUMPY\x01\x00")
	_ = binary.Write(out, binary.LittleEndian, uint16(len(header)))
	out.WriteString(header)
	if a.large != nil {
		_ = binary.Write(out, binary.LittleEndian, a.large)
	} else {
		_, _ = out.Write(a.small)
	}
	if err := out.Flush(); err != nil { // which keeps the first error
		f.Close()
		return err
	}
	return f.Close()
}
