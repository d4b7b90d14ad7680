package message

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/cascading-leadership/cascade/shared/outbox"
)

// kinds are all that have a name, read from its source: one that somebody
// adds is found here.
func kinds(t *testing.T) []outbox.Kind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "kinds.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []outbox.Kind
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := v.Type.(*ast.SelectorExpr); !ok || kind.Sel.Name != "Kind" {
			return true
		}
		for _, x := range v.Values {
			text, err := strconv.Unquote(x.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, outbox.Kind(text))
		}
		return true
	})
	if len(found) < 20 {
		t.Fatalf("found the kinds %q alone", found)
	}
	return found
}

func TestEveryKindHasItsClass(t *testing.T) {
	t.Parallel()
	all := kinds(t)
	for _, k := range all {
		if n := len(slices.DeleteFunc(slices.Clone(policies), func(m Policy) bool { return m.Kind != k })); n != 1 {
			t.Errorf("%s is %d times in the table of policies", k, n)
		}
	}
	for _, m := range policies {
		if !slices.Contains(all, m.Kind) || m.Class < Answer || m.Class > Reminder {
			t.Errorf("%+v is of no kind or class", m)
		}
		if m.Topic != "" && (!m.Topic.Known() || m.Class < News) {
			t.Errorf("%s may be declined as %q", m.Kind, m.Topic)
		}
	}
}

// Nobody can decline what others wait for, or what they must have to be at a meeting.
func TestWhatEverybodyMustHaveCannotBeDeclined(t *testing.T) {
	t.Parallel()
	for _, k := range []outbox.Kind{
		KindConfirmEnrolment, KindAlreadyEnrolled, KindEnrolmentConfirmed, KindStaffSignIn,
		KindMatchReleased, KindMatchChosen, KindMatchDeclined, KindMatchWithdrawn, KindAnswerMatch, KindChooseNow, KindPairingStarted,
		KindSessionBooked, KindSessionMoved, KindSessionCancelled, KindSessionTomorrow,
	} {
		if topic := TopicOf(k); topic != "" {
			t.Errorf("%s can be declined as %q", k, topic)
		}
	}
	for k, want := range map[outbox.Kind]Topic{
		KindBookSession: SessionPlanning, KindSessionInAWeek: SessionPlanning, KindLogYourSession: SessionLogs, KindFollowUp: SessionLogs,
		KindQuestionnaireInvited: Questionnaires, KindQuestionnaireWaits: Questionnaires, KindGetReady: Preparing, KindAgreeExpectations: Preparing,
	} {
		if topic := TopicOf(k); topic != want {
			t.Errorf("%s can be declined as %q, want %q", k, topic, want)
		}
	}
}

func TestEmailIsDeclinedByItsTopics(t *testing.T) {
	t.Parallel()
	got := TopicsOf(KindQuestionnaireWaits, KindMatchReleased, KindGetReady, KindQuestionnaireInvited)
	if !slices.Equal(got, []Topic{Preparing, Questionnaires}) || TopicsOf(KindMatchReleased) != nil {
		t.Errorf("topics %q", got)
	}
}

func TestReminderToConfirmIsAReminder(t *testing.T) {
	t.Parallel()
	for step, want := range map[int]Class{0: Answer, 1: Answer, 2: Reminder, 3: Reminder} {
		if got := ClassOf(KindConfirmEnrolment, step); got != want {
			t.Errorf("step %d is of class %d, want %d", step, got, want)
		}
	}
	if got := ClassOf("of another version", 1); got != News {
		t.Errorf("a kind that is not known is of class %d", got)
	}
}
