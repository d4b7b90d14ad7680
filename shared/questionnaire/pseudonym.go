package questionnaire

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/id"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Pseudonyms are the ids under which the answers of a programme's people are kept: keyed
// hashes of who they are. Their key is made of two: the one that the questionnaires function
// alone holds, and the programme's Secret. Who lacks either cannot tell whose answers are
// whose, with all documents of both databases before them; and once the secret is destroyed,
// nobody can.
type Pseudonyms struct{ key []byte }

// NewPseudonyms are those under a key.
func NewPseudonyms(key []byte) Pseudonyms { return Pseudonyms{key} }

// Response is the id of what a person hands in at a moment. The person of an enrolment is
// one in both roles.
func (p Pseudonyms) Response(enrolmentID string, m programme.Moment) string {
	return p.of("response", enrolment.PersonOf(enrolmentID), string(m))
}

// Saved is the id of what a person has saved so far.
func (p Pseudonyms) Saved(enrolmentID string, m programme.Moment) string {
	return p.of("saved", enrolment.PersonOf(enrolmentID), string(m))
}

// Agreed is the id of that a person has agreed to a notice.
func (p Pseudonyms) Agreed(enrolmentID string) string {
	return p.of("agreed", enrolment.PersonOf(enrolmentID))
}

// Respondent is a person's pseudonym, which joins their answers at both moments.
func (p Pseudonyms) Respondent(enrolmentID string) string {
	return p.of("respondent", enrolment.PersonOf(enrolmentID))
}

// Rewritten is the id that a response has from when its moment has closed: it follows from
// the one before, and so from the person.
func (p Pseudonyms) Rewritten(response string) string { return p.of("rewritten", response) }

// Standing is what somebody stands as behind published figures, by the id of a person or a
// respondent: of two ids of the same person nothing tells that they are one's.
func (p Pseudonyms) Standing(id string) uint64 {
	mac := hmac.New(sha256.New, p.key)
	mac.Write([]byte("standing"))
	mac.Write([]byte{0})
	mac.Write([]byte(id))
	return binary.BigEndian.Uint64(mac.Sum(nil))
}

func (p Pseudonyms) of(use string, parts ...string) string {
	mac := hmac.New(sha256.New, p.key)
	mac.Write([]byte(use))
	for _, part := range parts {
		mac.Write([]byte{0})
		mac.Write([]byte(part))
	}
	return id.FromHash(mac.Sum(nil))
}

// Secret is a programme's own part of the key of its Pseudonyms, at random. It lies among
// the answers, and is destroyed on the day from which on they are anonymous.
type Secret struct {
	Programme string `firestore:"-"`
	// Key is the id of the questionnaires function's key that is the other part.
	Key string `firestore:"key,omitempty"`
	// Value is the secret; "" once it is destroyed.
	Value string `firestore:"value,omitempty"`
	// Buried are the tombstones with which the answers were compared, see Bury, Closed are the
	// moments of which they were written anew, and Over says that what ends with the programme's
	// period was deleted. A backup brings back what these were then, by which it shows, see Behind.
	Buried []byte             `firestore:"buried,omitempty"`
	Closed []programme.Moment `firestore:"closed,omitempty"`
	Over   bool               `firestore:"over,omitempty"`
	// Look is how far a comparison has come that goes on.
	Look Look `firestore:"look,omitempty"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Look is how far a comparison of answers with tombstones has come. Each goes on for as long
// as there are as many tombstones as when it began.
type Look struct {
	Tombstones int `firestore:"tombstones,omitempty"`
	// Kind and After are where it goes on: the kind of documents, and the last id that was
	// looked at, "" for none yet.
	Kind  int    `firestore:"kind,omitempty"`
	After string `firestore:"after,omitempty"`
}

// Destroyed reports whether nobody can tell any more whose answers are whose.
func (s *Secret) Destroyed() bool { return s.Value == "" }

// Behind reports whether the answers beside the secret may be those of a backup, without what
// was done to them since: some were taken away of which there are tombstones, were written anew
// when a moment closed, became anonymous, or ended with the programme's period, which over
// says. Until all of that is done again, nothing is made of them.
func (s *Secret) Behind(m *Marks, tombstones int, over bool) bool {
	return !s.Destroyed() && (len(s.Buried)/inBuried != tombstones || m.Anonymous || over && !s.Over ||
		slices.ContainsFunc(m.Closed, func(moment programme.Moment) bool { return !slices.Contains(s.Closed, moment) }))
}

// inBuried is how many bytes stand in Buried for a tombstone. Of 100,000 there are 800 KB, which
// a document can hold.
const inBuried = 8

// Bury records that the answers were compared with the tombstone of an id. All that a backup
// from before has under the ids that it names is then from before the erasure, whoever has
// enrolled again since.
func (s *Secret) Bury(id string) {
	if !s.Knows(id) {
		s.Buried = append(s.Buried, buried(id)...)
	}
}

// Knows reports whether the answers were compared with the tombstone of an id.
func (s *Secret) Knows(id string) bool {
	this := buried(id)
	for known := range slices.Chunk(s.Buried, inBuried) {
		if bytes.Equal(known, this) {
			return true
		}
	}
	return false
}

func buried(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:inBuried]
}

// Close records that the answers of a moment were written anew, and reports whether that is new.
func (s *Secret) Close(m programme.Moment) bool {
	if slices.Contains(s.Closed, m) {
		return false
	}
	s.Closed = append(s.Closed, m)
	return true
}
