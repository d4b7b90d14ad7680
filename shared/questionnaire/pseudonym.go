package questionnaire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
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
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Destroyed reports whether nobody can tell any more whose answers are whose.
func (s *Secret) Destroyed() bool { return s.Value == "" }
