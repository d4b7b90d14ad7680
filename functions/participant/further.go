package participant

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// furtherAt tells what somebody saw of a further session from what is asked for meanwhile.
func furtherAt(f pairing.Further) string { return strconv.FormatInt(f.AskedAt.UnixMicro(), 10) }

// FurtherAt is that of the page.
func (d pairingPage) FurtherAt() string { return furtherAt(d.Pairing.Further) }

// AnswerBy is the last day on which the coordinator is to answer both.
func (d pairingPage) AnswerBy() time.Time { return d.Pairing.Further.AnswerBy.Add(-time.Second) }

// Late: the coordinator was to answer before now.
func (d pairingPage) Late() bool { return !d.Now.Before(d.Pairing.Further.AnswerBy) }

// further is what somebody says about a session more than the pairing can have: that they
// would like one, would like it too, leave it as planned, or take it back. Sent twice it is
// once; who acts on what has changed meanwhile is told.
func (s *site) further(w http.ResponseWriter, r *http.Request) error {
	p, data, posted, err := s.pairingForm(r)
	if err != nil {
		return err
	}
	pair, ch, by := data.Pairing, s.change(p), data.Role
	var asked time.Time
	if micro, wrong := strconv.ParseInt(posted.Get("asked"), 10, 64); wrong == nil {
		asked = time.UnixMicro(micro)
	}
	var changed bool
	did := posted.Get("do")
	tell, told := message.FurtherAsked, []programme.Role{by.Other()}
	var audited string
	switch did {
	case didAskFurther:
		given, failed := s.Store.Grants(r.Context(), p.ID)
		if failed != nil {
			return failed
		}
		data.Why = strings.TrimSpace(posted.Get("why"))
		changed, err = pair.AskFurther(by, data.Why, p.Sessions, given, ch.Now)
		audited = "asked for a further session"
	case didAgreeFurther:
		changed, err = pair.AgreeFurther(by, asked, reminder.FurtherBy(p, ch.Now), ch.Now)
		told, audited = nil, "agreed to a further session" // the coordinator hears of it in the day's email
	case didLeaveFurther:
		changed, err = pair.LeaveFurther(by, asked, ch.Now)
		tell, audited = message.FurtherRefused, "left the sessions as planned"
	case didWithdrawFurther:
		changed, err = pair.WithdrawFurther(by, asked, ch.Now)
		told, audited = nil, "took back that they asked for a further session"
	default:
		return fault.New(fault.NotFound, "There is no such choice.")
	}
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderPairing(w, r, p, data, invalid)
	}
	if err != nil || !changed {
		return doneOr(w, r, data.Link, did, err)
	}
	ch.Save(r.Context(), pair, tell, told...)
	ch.Audit(store.AuditEntry{Programme: p.ID, By: pair.Enrolment(by), Did: audited, To: pair.ID, About: []string{pair.Client, pair.Consultant}, At: ch.Now})
	return s.commit(w, r, ch, data.Link, did, nil)
}
