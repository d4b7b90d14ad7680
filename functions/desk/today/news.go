package today

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

const (
	// newsDays is for how many days something is new, and newsAtMost how many of a kind
	// are named.
	newsDays, newsAtMost = 14, 5
	// reasonAtMost is how much of a reason is shown, in characters.
	reasonAtMost = 300
)

// newsPart is what is new of one kind.
type newsPart struct {
	Title string
	Rows  []newsRow
	// More is how many are not named, which All lists.
	More int
	All  string
}

// newsRow is one or two people, what they did, and when.
type newsRow struct {
	People []*enrolment.Enrolment
	What   string
	At     time.Time
	// Reason is the one given, for the coordinator alone, or "", and Page where more is
	// said, or "".
	Reason, Page string
}

// news names the newest of what people did since a time, of which there is so much.
func (h Handlers) news(ctx context.Context, p *programme.Programme, since time.Time, n message.Concerns) ([]newsPart, error) {
	all, err := h.Store.Lately(ctx, p.ID, since, newsAtMost)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, m := range all.Declined {
		ids = append(ids, m.Client.Enrolment, m.Consultant.Enrolment)
	}
	for _, m := range all.Lapsed {
		ids = append(ids, m.Client.Enrolment, m.Consultant.Enrolment)
	}
	for _, pair := range all.Stopped {
		ids = append(ids, pair.Client, pair.Consultant)
	}
	found, err := h.Store.EnrolmentsOf(ctx, p.ID, ids)
	if err != nil {
		return nil, err
	}
	people, desk := site.Names(found), deskpath.Of(p.ID)
	var enrolled, declined, lapsed, stopped []newsRow
	for _, e := range all.Enrolled {
		term := p.Terms.Of(e.Role)
		enrolled = append(enrolled, newsRow{People: []*enrolment.Enrolment{e}, What: "as " + term.Article + " " + term.Singular, At: e.ConfirmedAt})
	}
	for _, m := range all.Declined {
		declined = append(declined, declinedRow(people, desk, m))
	}
	for _, m := range all.Lapsed {
		lapsed = append(lapsed, lapsedRow(people, desk, m))
	}
	for _, pair := range all.Stopped {
		stopped = append(stopped, stoppedRow(people, pair))
	}
	var news []newsPart
	for _, part := range []newsPart{
		{counted(n.Enrolled, "person has enrolled", "people have enrolled"), enrolled, n.Enrolled - len(enrolled), desk.People()},
		{counted(n.Declined, "match was declined", "matches were declined"), declined, n.Declined - len(declined), desk.Matches()},
		{counted(n.Lapsed, "match lapsed without an answer", "matches lapsed without an answer"), lapsed, n.Lapsed - len(lapsed), desk.Matches()},
		{counted(n.Stopped, "pairing was stopped", "pairings were stopped"), stopped, n.Stopped - len(stopped), desk.Matches()},
	} {
		if len(part.Rows) > 0 {
			news = append(news, part)
		}
	}
	return news, nil
}

// stoppedRow is a pairing that was stopped, by whom and why.
func stoppedRow(people site.Names, pair *pairing.Pairing) newsRow {
	by := "a coordinator"
	if role := programme.Role(pair.EndedBy); role == programme.Client || role == programme.Consultant {
		by = people.Of(pair.Enrolment(role)).Person.Name
	}
	return newsRow{People: []*enrolment.Enrolment{people.Of(pair.Client), people.Of(pair.Consultant)}, What: "stopped by " + by, At: pair.EndedAt, Reason: short(pair.EndReason)}
}

// declinedRow is a match that was declined, by whom and why.
func declinedRow(people site.Names, desk deskpath.Path, m *pairing.Match) newsRow {
	row := newsRow{People: []*enrolment.Enrolment{people.Of(m.Client.Enrolment), people.Of(m.Consultant.Enrolment)}, What: "declined", At: m.UpdatedAt, Page: desk.Match(m.Run, m.ID)}
	for _, role := range programme.Roles {
		if side := m.Side(role); side.Answer == pairing.No {
			row.What, row.Reason = "declined by "+people.Of(side.Enrolment).Person.Name, short(side.Reason)
			if side.Conflict {
				row.What += ", since there may be a conflict"
			}
		}
	}
	return row
}

// lapsedRow is a match that lapsed, and who did not answer it: a call finds out whether
// they still take part, and whether emails reach them.
func lapsedRow(people site.Names, desk deskpath.Path, m *pairing.Match) newsRow {
	var silent []string
	for _, role := range programme.Roles {
		if m.Silent(role) {
			silent = append(silent, people.Of(m.Side(role).Enrolment).Person.Name)
		}
	}
	return newsRow{
		People: []*enrolment.Enrolment{people.Of(m.Client.Enrolment), people.Of(m.Consultant.Enrolment)},
		What:   "lapsed without an answer from " + strings.Join(silent, " and "), At: m.UpdatedAt, Page: desk.Match(m.Run, m.ID),
	}
}

// short is a reason, or as much of it as the page has room for.
func short(reason string) string {
	if all := []rune(reason); len(all) > reasonAtMost {
		return string(all[:reasonAtMost]) + "…"
	}
	return reason
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
