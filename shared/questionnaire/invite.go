package questionnaire

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// MomentOf is when the questionnaires of a pairing's milestone are asked.
func MomentOf(m pairing.Milestone) (programme.Moment, bool) {
	switch m {
	case pairing.Started:
		return programme.Baseline, true
	case pairing.Ended:
		return programme.Closing, true
	}
	return "", false
}

// Invite makes one person's invitation to the questionnaire of a moment, and the
// empty response that it leads to. Their ids are derived, so that inviting twice
// is one invitation; the response's needs the programme's salt, so that an
// invitation's id alone does not lead to the answers.
func Invite(p *programme.Programme, pair *pairing.Pairing, e *enrolment.Enrolment, m programme.Moment, now time.Time) (*Invitation, *Response) {
	id := derived("invitation", pair.ID, e.ID, string(m))
	name := p.Questionnaires.At(m)
	r := &Response{
		ID: derived("response", p.Salt, id), Questionnaire: name, Moment: m, Role: e.Role,
		Respondent: e.Respondent, Answers: map[string]string{},
	}
	return &Invitation{
		ID: id, Enrolment: e.ID, Pairing: pair.ID, Role: e.Role, Moment: m, Questionnaire: name, Response: r.ID,
		DueAt: now, CreatedAt: now, UpdatedAt: now,
	}, r
}

func derived(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
