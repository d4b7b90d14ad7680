package questionnaire

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Invite makes a person's invitation to the questionnaire of a moment: when they have enrolled,
// or when the pairing has ended. Its id is derived, so that inviting twice is one invitation.
func Invite(p *programme.Programme, e *enrolment.Enrolment, m programme.Moment, pair string, now time.Time) *Invitation {
	return &Invitation{
		ID: derived("invitation", enrolment.PersonOf(e.ID), string(m)), Enrolment: e.ID, Pairing: pair, Role: e.Role, Moment: m,
		Questionnaire: p.Questionnaires.At(m), DueAt: now, CreatedAt: now, UpdatedAt: now,
	}
}

// MomentOf is the moment of a person's invitation, by its id; "" for one of versions before, whose
// id does not tell.
func MomentOf(invitation, enrolmentID string) programme.Moment {
	for _, m := range programme.Moments {
		if invitation == derived("invitation", enrolment.PersonOf(enrolmentID), string(m)) {
			return m
		}
	}
	return ""
}

func derived(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Asked reports whether somebody has been invited at a moment, with all invitations that they
// have had. Those of versions before had ids of their own, one for each pairing.
func Asked(invitations []*Invitation, m programme.Moment) bool {
	return slices.ContainsFunc(invitations, func(i *Invitation) bool { return i.Moment == m })
}

// AtTheEnd reports whether somebody is asked the closing questionnaire, with all pairings that
// they have had: the last one has ended, and they have met in any.
func AtTheEnd(pairings []*pairing.Pairing) bool {
	met := false
	for _, pair := range pairings {
		if pair.State == pairing.Active {
			return false
		}
		met = met || pair.Held > 0 || pair.State == pairing.Completed
	}
	return met
}

// New is somebody's empty answers, as an invitation asks for them.
func (p Pseudonyms) New(i *Invitation) *Saved {
	return &Saved{ID: p.Saved(i.Enrolment, i.Moment), Moment: i.Moment, Answers: map[string]string{}}
}

// Moved is what somebody handed in as a version before kept it, as it is kept now.
func (p Pseudonyms) Moved(i *Invitation, f *Former) *Response {
	return &Response{
		ID: p.Response(i.Enrolment, i.Moment), Questionnaire: f.Questionnaire, Moment: i.Moment, Role: f.Role,
		Respondent: p.Respondent(i.Enrolment), Answers: f.Answers,
	}
}

// Submit makes of saved answers what is handed in. It says which questions still need one.
func (p Pseudonyms) Submit(d *Definition, i *Invitation, s *Saved) (*Response, error) {
	if err := d.Complete(s.Answers); err != nil {
		return nil, err
	}
	return &Response{
		ID: p.Response(i.Enrolment, i.Moment), Questionnaire: i.Questionnaire, Moment: i.Moment, Role: i.Role,
		Respondent: p.Respondent(i.Enrolment), Answers: s.Answers,
	}, nil
}
