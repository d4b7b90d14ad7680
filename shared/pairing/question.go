package pairing

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Question is what one of the two asked about their match, through the coordinator.
type Question struct {
	By   programme.Role `firestore:"by"`
	Text string         `firestore:"text"`
	At   time.Time      `firestore:"at"`
	// PassedAt is when the coordinator has passed it on to the other, who then answers it; the
	// zero time where they did not.
	PassedAt time.Time `firestore:"passedAt"`
	// Reply is the answer, "" while there is none: of the other where ByOther, or of the
	// coordinator.
	Reply     string    `firestore:"reply"`
	RepliedAt time.Time `firestore:"repliedAt"`
	ByOther   bool      `firestore:"byOther"`
}

// Open reports whether it waits for the coordinator, who answers it or passes it on.
func (q Question) Open() bool { return q.Reply == "" && q.PassedAt.IsZero() }

// MostQuestions is how many questions one side can ask about a match.
const MostQuestions = 3

// Ask records a question of one side, which waits for the coordinator. For the first about a
// match the day to answer moves to replyBy, where that is later: nobody has to answer before
// they could hear back. Asked twice in the same words it is one question.
func (m *Match) Ask(r programme.Role, text string, replyBy, now time.Time) (changed bool, err error) {
	asked := 0
	for _, q := range m.Questions {
		if q.By == r {
			asked++
			if q.Text == text {
				return false, nil
			}
		}
	}
	var invalid fault.Invalid
	switch {
	case m.State != Released:
		return false, errNotOpen
	case text == "":
		invalid.Add("question", "Write what you would like to know")
	case len([]rune(text)) > MaxText:
		invalid.Add("question", "Your question must be %d characters or fewer", MaxText)
	case asked >= MostQuestions:
		invalid.Add("question", "You have asked %d questions about this match. Ring or write to the coordinator instead", MostQuestions)
	}
	if err := invalid.Err(); err != nil {
		return false, err
	}
	m.Questions = append(m.Questions, Question{By: r, Text: text, At: now})
	if !m.Extended && !m.ReplyBy.IsZero() && replyBy.After(m.ReplyBy) {
		m.ReplyBy, m.Extended = replyBy, true
	}
	m.Overdue, m.DueAt = true, programme.DueNow(m.DueAt, now)
	return true, nil
}

// Pass passes a question on to the other side, who may answer it. Passed twice it is once.
func (m *Match) Pass(n int, now time.Time) (changed bool, err error) {
	q, err := m.question(n)
	switch {
	case err != nil:
		return false, err
	case !q.Open():
		return false, nil
	case m.State != Released:
		return false, fault.New(fault.Conflict, "This match is over, so that the other has nothing to answer. You can answer yourself.")
	}
	q.PassedAt = now
	m.settled()
	return true, nil
}

// Answer answers a question, as the coordinator where by is "", or as the side that it was
// passed on to. The first answer stands.
func (m *Match) Answer(n int, reply string, by programme.Role, now time.Time) (changed bool, err error) {
	q, err := m.question(n)
	if err != nil {
		return false, err
	}
	if by != "" && (by != q.By.Other() || q.PassedAt.IsZero()) {
		return false, errNoQuestion
	}
	if q.Reply != "" {
		return false, nil
	}
	var invalid fault.Invalid
	if reply == "" {
		invalid.Add("reply", "Write an answer")
	} else if len([]rune(reply)) > MaxText {
		invalid.Add("reply", "Your answer must be %d characters or fewer", MaxText)
	}
	if err := invalid.Err(); err != nil {
		return false, err
	}
	q.Reply, q.RepliedAt, q.ByOther = reply, now, by != ""
	m.settled()
	return true, nil
}

func (m *Match) question(n int) (*Question, error) {
	if n < 0 || n >= len(m.Questions) {
		return nil, errNoQuestion
	}
	return &m.Questions[n], nil
}

// Asked reports whether something that one of the two has asked waits for the coordinator.
func (m *Match) Asked() bool {
	return slices.ContainsFunc(m.Questions, Question.Open) || m.LooksAgain()
}

// settled has the coordinator's list go by what still waits for them.
func (m *Match) settled() {
	if !m.Asked() && m.State != Released { // of one that is out, reminders say whether it waits
		m.Overdue = false
	}
	if m.State == Released {
		m.Overdue = m.Asked()
	}
}

// Look is that one of the two declined a match and asked that somebody who did not make it
// looks again at how it was made.
type Look struct {
	By programme.Role `firestore:"by"`
	At time.Time      `firestore:"at"`
	// Finding is what was found, for who asked; "" until then. SettledBy is the id of the member
	// of staff, and Same that they also released the match, since nobody else could look.
	Finding   string    `firestore:"finding"`
	SettledBy string    `firestore:"settledBy"`
	SettledAt time.Time `firestore:"settledAt"`
	Same      bool      `firestore:"same"`
}

// LookAgain asks that somebody looks again at a match that one side has just declined.
func (m *Match) LookAgain(r programme.Role, now time.Time) {
	if m.Look.By == "" {
		m.Look, m.Overdue = Look{By: r, At: now}, true
	}
}

// LooksAgain reports whether it waits for somebody who looks again.
func (m *Match) LooksAgain() bool { return m.Look.By != "" && m.Look.SettledAt.IsZero() }

// SettleLook records what a member of staff found who has looked again. Who released or
// pinned the match, which is among makers, cannot, unless alone says that nobody else is there.
func (m *Match) SettleLook(by, finding string, makers []string, alone bool, now time.Time) (changed bool, err error) {
	same := slices.Contains(makers, by)
	switch {
	case m.Look.By == "":
		return false, fault.New(fault.NotFound, "Nobody has asked that somebody looks again.")
	case !m.Look.SettledAt.IsZero():
		return false, nil
	case same && !alone:
		return false, fault.New(fault.Conflict, "You made this match yourself. Another coordinator has to look at it.")
	}
	var invalid fault.Invalid
	if finding == "" {
		invalid.Add("finding", "Write what you found")
	} else if len([]rune(finding)) > MaxText {
		invalid.Add("finding", "What you found must be %d characters or fewer", MaxText)
	}
	if err := invalid.Err(); err != nil {
		return false, err
	}
	m.Look.Finding, m.Look.SettledBy, m.Look.SettledAt, m.Look.Same = finding, by, now, same
	m.settled()
	return true, nil
}

var errNoQuestion = fault.New(fault.NotFound, "There is no such question.")
