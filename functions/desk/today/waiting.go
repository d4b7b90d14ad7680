package today

import (
	"net/http"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// waitingPage shows about what nobody has done anything for too long, so that people
// wait for a word from the coordinator.
type waitingPage struct{ Parts []waitingPart }

// waitingPart is what waits for one reason.
type waitingPart struct {
	Title, Hint string
	Rows        []waitingRow
}

// waitingRow is one or two people, since when, and on which page more is said, or "".
type waitingRow struct {
	People []*enrolment.Enrolment
	Since  time.Time
	Page   string
}

// ListWaiting lists what reminders have asked for in vain.
func (h Handlers) ListWaiting(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	all, err := h.Store.Overdue(r.Context(), p.ID)
	if err != nil {
		return err
	}
	var ids []string
	for _, m := range all.Matches {
		ids = append(ids, m.Client.Enrolment, m.Consultant.Enrolment)
	}
	for _, pair := range all.Pairings {
		ids = append(ids, pair.Client, pair.Consultant)
	}
	people, err := h.Store.EnrolmentsOf(r.Context(), p.ID, ids)
	if err != nil {
		return err
	}
	n := site.Names(people)
	matches := waitingPart{Title: "Matches without an answer", Hint: "Both were asked more than once. Call who has not answered, or take the match back. A match that is not answered by its day lapses by itself."}
	asked := waitingPart{Title: "Questions about a match", Hint: "One of the two asks something before they answer. Answer it, or pass it on, on the page of the match."}
	look := waitingPart{Title: "Matches to look at again", Hint: "One of the two declined and asks that somebody who did not make the match looks again at how it was made. Say what you find on the page of the match."}
	desk := deskpath.Of(p.ID)
	for _, m := range all.Matches {
		row := waitingRow{[]*enrolment.Enrolment{n.Of(m.Client.Enrolment), n.Of(m.Consultant.Enrolment)}, m.ReleasedAt, desk.Match(m.Run, m.ID)}
		part := &matches
		if i := slices.IndexFunc(m.Questions, pairing.Question.Open); i >= 0 {
			part, row.Since = &asked, m.Questions[i].At
		} else if m.LooksAgain() {
			part, row.Since = &look, m.Look.At
		}
		part.Rows = append(part.Rows, row)
	}
	unbooked := waitingPart{Title: "Pairings with no session to come", Hint: "Both were asked more than once to book one. Call either and ask what is in the way."}
	unfinished := waitingPart{Title: "Proposals to finish without an answer", Hint: "One of the two thinks that they have finished, and the other was asked more than once. Call who has not answered, or complete the pairing on the page of their match."}
	disputed := waitingPart{Title: "Sessions that are not clear", Hint: "One of the two says that a session was held, and the other that it was not. Talk with them: whoever is wrong can amend their log."}
	crowded := waitingPart{Title: "Pairings that cannot go on", Hint: "Their places were lent while they paused, and others have them now. Make room, or talk with them about another way."}
	for _, pair := range all.Pairings {
		part, since := &unbooked, pair.LastDate()
		switch {
		case pair.Disputed > 0:
			part = &disputed
		case pair.Lent:
			part, since = &crowded, pair.PausedUntil
		case pair.FinishBy != "":
			part, since = &unfinished, pair.FinishAt
		}
		part.Rows = append(part.Rows, waitingRow{[]*enrolment.Enrolment{n.Of(pair.Client), n.Of(pair.Consultant)}, since, ""})
	}
	unready := waitingPart{Title: "People who are not ready", Hint: "They confirmed long ago, and cannot be matched until what they need is arranged."}
	for _, e := range all.People {
		unready.Rows = append(unready.Rows, waitingRow{[]*enrolment.Enrolment{e}, e.ConfirmedAt, ""})
	}
	return h.Page(w, r, "waiting", web.Page{
		Title: "Waiting for too long", Programme: p, Back: deskpath.Of(p.ID).String(),
		Data: waitingPage{[]waitingPart{asked, look, matches, unbooked, unfinished, disputed, crowded, unready}},
	})
}
