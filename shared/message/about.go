package message

import (
	"crypto/sha256"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/id"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// identified is a message with its id, from the subject that it is about; the occasion
// tells apart what is said about one subject more than once, and so does the step.
func identified(m outbox.Message, subject, occasion string) outbox.Message {
	if m.Step > 0 {
		occasion += "/" + strconv.Itoa(m.Step)
	}
	m.ID = idOf(m.Kind, m.To, subject, occasion)
	return m
}

// idOf derives a message's id from what it is about, so that owing it twice is one
// message.
func idOf(kind outbox.Kind, to, subject, occasion string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(kind), to, subject, occasion}, "\x00")))
	return id.FromHash(sum[:])
}

// toEnrolment is a message to somebody in a programme, by the id of their enrolment.
func toEnrolment(kind outbox.Kind, p *programme.Programme, id string, role programme.Role) outbox.Message {
	return outbox.Message{Kind: kind, Programme: p.ID, To: id, Person: enrolment.PersonOf(id), Role: role}
}

// ToNobody is a message that stands for one to somebody who is not there, and is never sent;
// the place tells it from others of its kind.
func ToNobody(kind outbox.Kind, place string) outbox.Message {
	return outbox.Message{ID: "nobody-" + place, Kind: kind, To: "nobody"}
}

// aboutClaim is to whoever reads the address of a claim.
func aboutClaim(p *programme.Programme, c *enrolment.Claim) outbox.Message {
	m := toEnrolment(KindConfirmEnrolment, p, c.Enrolment, c.Role)
	m.ClaimID = c.ID
	return m
}

func aboutEnrolment(kind outbox.Kind, p *programme.Programme, e *enrolment.Enrolment) outbox.Message {
	return toEnrolment(kind, p, e.ID, e.Role)
}

func aboutComplaint(kind outbox.Kind, p *programme.Programme, c *complaint.Complaint, to string, role programme.Role) outbox.Message {
	m := toEnrolment(kind, p, to, role)
	m.Complaint = c.ID
	return m
}

// aboutNomination is to whoever reads the address of an invitation that was passed on. It names
// no id that somebody has who takes part, so that nothing of it stands on a person's page.
func aboutNomination(p *programme.Programme, n *nomination.Nomination) outbox.Message {
	m := toEnrolment(KindPassedOn, p, "invited-"+n.ID, programme.Client)
	m.Nomination = n.ID
	return m
}

func aboutMatch(kind outbox.Kind, p *programme.Programme, match *pairing.Match, role programme.Role) outbox.Message {
	m := toEnrolment(kind, p, match.Side(role).Enrolment, role)
	m.Run, m.Match = match.Run, match.ID
	return m
}

func aboutPairing(kind outbox.Kind, p *programme.Programme, pair *pairing.Pairing, role programme.Role) outbox.Message {
	m := toEnrolment(kind, p, pair.Enrolment(role), role)
	m.Pairing = pair.ID
	return m
}

// aboutSession has its id, too: all that is said about a session is said once for each
// change of it.
func aboutSession(kind outbox.Kind, p *programme.Programme, s *pairing.Session, role programme.Role, step int) outbox.Message {
	m := toEnrolment(kind, p, s.Enrolment(role), role)
	m.Pairing, m.Session, m.Sequence, m.Step = s.Pairing, s.ID, s.Sequence, step
	return identified(m, s.Pairing+"/"+s.ID, strconv.Itoa(s.Sequence))
}

func aboutInvitation(kind outbox.Kind, p *programme.Programme, i *questionnaire.Invitation) outbox.Message {
	m := toEnrolment(kind, p, i.Enrolment, i.Role)
	m.Pairing, m.Invitation = i.Pairing, i.ID
	return m
}
