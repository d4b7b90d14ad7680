// Package evaluation says what a programme's release is made from: how far people came, and
// what they answered before and after. What of it is published, package disclosure says.
package evaluation

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// Release is a release as it is stored, with the words and the look that its page needs, so that
// whoever shows it reads nothing else.
type Release struct {
	disclosure.Release
	// Programme is the programme's name, and Terms are its words for the roles.
	Programme string          `firestore:"programme"`
	Terms     programme.Terms `firestore:"terms"`
	// Look is how the programme looked then. What its addresses lead to is as it is now.
	Look programme.Look `firestore:"look,omitempty"`
	// Baseline names the questionnaire whose questions are compared.
	Baseline  string    `firestore:"baseline"`
	CreatedAt time.Time `firestore:"createdAt"`
}

// Questions are those that are asked at both moments as a scale, in the order of the first.
func Questions(before, after *questionnaire.Definition) (all []questionnaire.Question) {
	asked := map[string]bool{}
	for _, q := range after.Questions() {
		asked[q.ID] = q.Kind == questionnaire.Scale
	}
	for _, q := range before.Questions() {
		if q.Kind == questionnaire.Scale && asked[q.ID] {
			all = append(all, q)
		}
	}
	return all
}

// Pair is who a match or pairing is between, by enrolment id, and how far it came.
type Pair struct {
	Client, Consultant string
	Held, Completed    bool
}

// The places among disclosure.Steps.
const (
	enrolled = iota
	ready
	matched
	paired
	held
	completed
)

// Reached says how far each person has come, once whatever roles and pairings they have.
// Who has withdrawn counts where they were matched.
func Reached(enrolments []*enrolment.Enrolment, matches, pairings []Pair) []disclosure.Reached {
	steps := map[string]int{}
	come := func(enrolmentID string, step int) {
		person := enrolment.PersonOf(enrolmentID)
		if before, ok := steps[person]; !ok || before < step {
			steps[person] = step
		}
	}
	for _, e := range enrolments {
		switch e.State {
		case enrolment.Confirmed:
			come(e.ID, enrolled)
		case enrolment.Ready:
			come(e.ID, ready)
		}
	}
	for _, m := range matches {
		come(m.Client, matched)
		come(m.Consultant, matched)
	}
	for _, p := range pairings {
		step := paired
		switch {
		case p.Completed:
			step = completed
		case p.Held:
			step = held
		}
		come(p.Client, step)
		come(p.Consultant, step)
	}
	all := make([]disclosure.Reached, 0, len(steps))
	for person, step := range steps {
		all = append(all, disclosure.Reached{ID: person, Step: step})
	}
	return all
}

// Answered joins what people handed in at both moments, by pseudonym. Whoever left one of the
// questions unanswered, or answered it with something else, has no answers of that moment.
func Answered(questions []questionnaire.Question, responses []*questionnaire.Response) []disclosure.Answered {
	people := map[string]*disclosure.Answered{}
	for _, r := range responses {
		a := people[r.Respondent]
		if a == nil {
			a = &disclosure.Answered{ID: r.Respondent, Role: r.Role}
			people[r.Respondent] = a
		}
		if given := scale(questions, r.Answers); r.Moment == programme.Baseline {
			a.Start = given
		} else {
			a.End = given
		}
	}
	all := make([]disclosure.Answered, 0, len(people))
	for _, a := range people {
		all = append(all, *a)
	}
	return all
}

// scale are the answers to some questions, nil where one is missing.
func scale(questions []questionnaire.Question, answers map[string]string) []int {
	all := make([]int, len(questions))
	for i, q := range questions {
		answer := answers[q.ID]
		if len(answer) != 1 || answer[0] < '1' || answer[0] > '5' {
			return nil
		}
		all[i] = int(answer[0] - '0')
	}
	return all
}

// Basis is who stands behind what a release made anew, so that the next one knows how many
// joined or left: as keyed hashes that lead to nobody without the key. It is no part of the
// release.
type Basis struct {
	// Figures are the names of what was made anew.
	Figures []string `firestore:"figures"`
	// Members are ten bytes for each person: eight of the hash, and two of which a bit is
	// set for each of Figures that they stand behind. They are in the order of the hashes.
	Members []byte `firestore:"members"`
	// Forgotten are how many who stood behind each of Figures were forgotten since.
	Forgotten []int     `firestore:"forgotten"`
	CreatedAt time.Time `firestore:"createdAt"`
	// ID and Version, the time of the last write, are the document's.
	ID      string    `firestore:"-"`
	Version time.Time `firestore:"-"`
}

// Forget takes out whose hashes are gone, and keeps that so many have left. It reports whether
// somebody was there.
func (b *Basis) Forget(gone func(hash uint64) bool) bool {
	var left []byte
	for at := 0; at+member <= len(b.Members); at += member {
		if !gone(binary.BigEndian.Uint64(b.Members[at:])) {
			left = append(left, b.Members[at:at+member]...)
			continue
		}
		for k := range b.Figures {
			if binary.BigEndian.Uint16(b.Members[at+8:])&(1<<k) != 0 {
				b.Forgotten[k]++
			}
		}
	}
	found := len(left) < len(b.Members)
	b.Members = left
	return found
}

// member is how many bytes one person takes up in a Basis.
const member = 10

// NewBasis is the basis of what is new in a release.
func NewBasis(behind disclosure.Behind, mark func(id string) uint64, now time.Time) *Basis {
	b := &Basis{CreatedAt: now}
	for name := range behind {
		b.Figures = append(b.Figures, name)
	}
	slices.Sort(b.Figures)
	b.Forgotten = make([]int, len(b.Figures))
	masks := map[uint64]uint16{}
	for i, name := range b.Figures {
		for _, id := range behind[name] {
			masks[mark(id)] |= 1 << i
		}
	}
	hashes := make([]uint64, 0, len(masks))
	for hash := range masks {
		hashes = append(hashes, hash)
	}
	slices.Sort(hashes)
	for _, hash := range hashes {
		b.Members = binary.BigEndian.AppendUint64(b.Members, hash)
		b.Members = binary.BigEndian.AppendUint16(b.Members, masks[hash])
	}
	return b
}

// Past are a programme's releases for the next one, oldest first, with their bases.
func Past(releases []*Release, bases []*Basis, mark func(id string) uint64) ([]disclosure.Past, error) {
	if len(releases) != len(bases) {
		return nil, fmt.Errorf("%d releases have %d bases", len(releases), len(bases))
	}
	all := make([]disclosure.Past, len(releases))
	for i, r := range releases {
		b := bases[i]
		if r.Number != i+1 || len(b.Members)%member != 0 || len(b.Figures) > 16 || len(b.Forgotten) != len(b.Figures) {
			return nil, fmt.Errorf("release %d is not the one after %d, or its basis is broken", r.Number, i)
		}
		all[i] = disclosure.Past{Release: &r.Release, Behind: map[string]map[uint64]bool{}, Mark: mark}
		for k, name := range b.Figures {
			all[i].Behind[name] = map[uint64]bool{}
			for n := range b.Forgotten[k] { // whose hash is gone, and who has left
				all[i].Behind[name][uint64(n)] = true
			}
		}
		for at := 0; at < len(b.Members); at += member {
			hash, mask := binary.BigEndian.Uint64(b.Members[at:]), binary.BigEndian.Uint16(b.Members[at+8:])
			for k, name := range b.Figures {
				if mask&(1<<k) != 0 {
					all[i].Behind[name][hash] = true
				}
			}
		}
	}
	return all, nil
}
