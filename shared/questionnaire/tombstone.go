package questionnaire

import (
	"slices"
	"strconv"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Tombstone is that the answers of somebody who was forgotten were taken away, so that they are
// again where a backup of the database of answers brings them back. It lies beside people, of
// whom that backup has none, and says neither whose they were nor when.
type Tombstone struct {
	ID        string `firestore:"-"`
	Programme string `firestore:"programme"`
	// Gone are what Pseudonyms.Gone and GoneFrom make of all ids that the person's answers could
	// have, whether or not they had any, in the order of the hashes.
	Gone []string `firestore:"gone"`
	// Buried says that the secret among the answers knows it from the commit on in which they
	// were taken away, see Secret.Bury. Of versions before it may know some only later.
	Buried bool `firestore:"buried,omitempty"`
}

// Tombstone is that of a person in a programme for one erasure, by when that was asked for:
// whoever enrols again and is forgotten again has two.
func (p Pseudonyms) Tombstone(programmeID, enrolmentID string, asked time.Time) *Tombstone {
	return &Tombstone{ID: p.of("tombstone", enrolment.PersonOf(enrolmentID), asked.UTC().Format(time.RFC3339Nano)), Programme: programmeID, Gone: p.AllGone(enrolmentID), Buried: true}
}

// AllGone are all that a tombstone of a person names.
func (p Pseudonyms) AllGone(enrolmentID string) []string {
	all := []string{p.Gone(p.Agreed(enrolmentID))}
	for _, m := range programme.Moments {
		id := p.Response(enrolmentID, m)
		all = append(all, p.Gone(id), p.Gone(p.Rewritten(id)), p.Gone(p.Saved(enrolmentID, m)))
	}
	for _, hash := range p.Standings(enrolmentID) {
		all = append(all, p.GoneFrom(hash))
	}
	slices.Sort(all)
	return all
}

// Standings are what a person stands as behind published figures: by who they are, for how
// far they came, and by what joins their answers.
func (p Pseudonyms) Standings(enrolmentID string) []uint64 {
	return []uint64{p.Standing(enrolment.PersonOf(enrolmentID)), p.Standing(p.Respondent(enrolmentID))}
}

// Gone is as what a tombstone names the id of a document of answers. It is hashed once more,
// since whoever reads a backup of the answers and the tombstones would else see which answers
// are those of somebody who was forgotten.
func (p Pseudonyms) Gone(id string) string { return p.of("gone", id) }

// GoneFrom is the same of what somebody stands as behind published figures.
func (p Pseudonyms) GoneFrom(standing uint64) string {
	return p.of("gone from", strconv.FormatUint(standing, 16))
}
