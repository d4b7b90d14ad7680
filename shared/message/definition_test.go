package message

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// source is what the package's file says of a kind: the name of its constant, and
// whether it has a constructor: a function of the same name, without "Kind", that uses
// it or something that does and returns a message.
type source struct {
	kinds        map[string]outbox.Kind
	constructors map[string]bool
}

func read(t *testing.T) source {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "kinds.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := source{map[string]outbox.Kind{}, map[string]bool{}}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Type.Results != nil && len(f.Type.Results.List) == 1 {
			if result, ok := f.Type.Results.List[0].Type.(*ast.SelectorExpr); ok && result.Sel.Name == "Message" {
				s.constructors[f.Name.Name] = true
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := v.Type.(*ast.SelectorExpr); !ok || kind.Sel.Name != "Kind" {
			return true
		}
		for i, x := range v.Values {
			text, err := strconv.Unquote(x.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			s.kinds[v.Names[i].Name] = outbox.Kind(text)
		}
		return true
	})
	if len(s.kinds) < 20 || len(s.constructors) < 20 {
		t.Fatalf("found the kinds %q and constructors %v alone", s.kinds, s.constructors)
	}
	return s
}

// missing is what a kind lacks, by the name of its constant and among the rows of a
// table.
func (s source) missing(name string, table []Definition) (all []string) {
	kind := s.kinds[name]
	rows := slices.DeleteFunc(slices.Clone(table), func(d Definition) bool { return d.Kind != kind })
	if len(rows) != 1 {
		return []string{"row"}
	}
	d := rows[0]
	for what, there := range map[string]bool{
		"constructor": s.constructors[strings.TrimPrefix(name, "Kind")],
		"class":       d.Class >= Answer && d.Class <= Reminder,
		"words":       d.Words != "",
		"destination": d.Leads != nil,
		"rule":        d.Unwanted != nil,
		"link":        d.Leads == nil || slices.Contains(d.Fields, "link") == leads(d),
		// What comes at once nobody waits to decline.
		"topic": d.Topic == "" || d.Topic.Known() && d.Class != Answer && d.Class != AtOnce && !d.Staff,
	} {
		if !there {
			all = append(all, what)
		}
	}
	return all
}

// leads reports whether a kind's letter has a button for anybody, in any programme.
func leads(d Definition) bool {
	for _, mode := range programme.Modes {
		for _, role := range programme.Roles {
			if d.Leads(&programme.Programme{ID: "pilot", Mode: mode}, role, outbox.IDs{}) != (Destination{}) {
				return true
			}
		}
	}
	return false
}

// Every kind that has a name has all that belongs to one; its letter and its sample are
// looked for in platform/mail, and its id in the golden file.
func TestEveryKindIsComplete(t *testing.T) {
	t.Parallel()
	s := read(t)
	for name := range s.kinds {
		if missing := s.missing(name, kinds); len(missing) > 0 {
			t.Errorf("%s has no %s", name, strings.Join(missing, ", no "))
		}
	}
	if len(s.kinds) != len(kinds) {
		t.Errorf("%d rows for %d kinds", len(kinds), len(s.kinds))
	}
}

// The check finds each thing that somebody could leave out.
func TestWhatAKindLacksIsFound(t *testing.T) {
	t.Parallel()
	s := read(t)
	for want, without := range map[string]func(d *Definition){
		"row":         func(d *Definition) { d.Kind = "another" },
		"class":       func(d *Definition) { d.Class = 0 },
		"words":       func(d *Definition) { d.Words = "" },
		"destination": func(d *Definition) { d.Leads = nil },
		"rule":        func(d *Definition) { d.Unwanted = nil },
		"topic":       func(d *Definition) { d.Topic = "weather" },
		"link": func(d *Definition) {
			if leads(*d) {
				d.Leads = nowhere
			} else {
				d.Fields = []string{"link"}
			}
		},
	} {
		for name := range s.kinds {
			table := slices.Clone(kinds)
			i := slices.IndexFunc(table, func(d Definition) bool { return d.Kind == s.kinds[name] })
			if without(&table[i]); !slices.Equal(s.missing(name, table), []string{want}) {
				t.Errorf("%s without %s: %q is missing", name, want, s.missing(name, table))
			}
		}
	}
	for name := range s.kinds {
		s := source{s.kinds, maps.Clone(s.constructors)}
		delete(s.constructors, strings.TrimPrefix(name, "Kind"))
		if missing := s.missing(name, kinds); !slices.Equal(missing, []string{"constructor"}) {
			t.Errorf("%s without constructor: %q is missing", name, missing)
		}
	}
}

// A kind that this version does not know, such as one that a newer one wrote, is told
// like news.
func TestUnknownKindIsToldLikeNews(t *testing.T) {
	t.Parallel()
	const kind = "of another version"
	p := &programme.Programme{Mode: programme.Directory}
	if ClassOf(kind) != News || TopicOf(kind) != "" || Asks(kind) || ForStaff(kind) || Urgency(kind) != len(kinds) ||
		About(kind, p.Terms) != kind || Leads(kind, p, programme.Client, outbox.IDs{}) != (Destination{}) {
		t.Error("it is not")
	}
	about := Subject{Person: &enrolment.Enrolment{State: enrolment.Ready}}
	if why := Unwanted(&outbox.Message{Kind: kind}, about, time.Time{}); why != "" {
		t.Errorf("it is not wanted: %s", why)
	}
}

// Whoever chooses from a directory is led there once a match has come to nothing, and
// nobody else: the others wait for the next run.
func TestWhereLettersLead(t *testing.T) {
	t.Parallel()
	for _, kind := range []outbox.Kind{KindMatchDeclined, KindMatchWithdrawn, KindMatchLapsed} {
		for mode, want := range map[programme.Mode]purpose.Purpose{programme.Assigned: "", programme.Ranked: "", programme.Directory: purpose.Choose} {
			p := &programme.Programme{ID: "pilot", Mode: mode}
			if got := Leads(kind, p, programme.Client, outbox.IDs{}); got != (Destination{Purpose: want}) {
				t.Errorf("%s leads a client of %s to %+v, want %q", kind, mode, got, want)
			}
			if got := Leads(kind, p, programme.Consultant, outbox.IDs{}); got != (Destination{}) {
				t.Errorf("%s leads a consultant of %s to %+v", kind, mode, got)
			}
		}
	}
	if got := Leads(KindDailyDigest, &programme.Programme{ID: "pilot"}, "", outbox.IDs{}); got != (Destination{Page: "/desk/programmes/pilot"}) {
		t.Errorf("the digest leads to %+v", got)
	}
}

// Nobody can decline what others wait for, or what they must have to be at a meeting.
func TestWhatEverybodyMustHaveCannotBeDeclined(t *testing.T) {
	t.Parallel()
	for _, k := range []outbox.Kind{
		KindConfirmEnrolment, KindEnrolmentConfirmed, KindStaffSignIn,
		KindMatchReleased, KindMatchChosen, KindMatchDeclined, KindMatchWithdrawn, KindMatchLapsed, KindAnswerMatch, KindChooseNow, KindPairingStarted,
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

// What goes to an address that nobody has confirmed goes by itself: another email's words are
// not for whoever reads it.
func TestNothingGoesAlongToAnUnconfirmedAddress(t *testing.T) {
	t.Parallel()
	n := 0
	for _, d := range kinds {
		if d.Unconfirmed {
			n++
			if d.Class != Answer || d.Staff || slices.Contains(d.Fields, "other") {
				t.Errorf("%s: %+v", d.Kind, d)
			}
		}
		if d.To != nil && !d.Unconfirmed && d.Kind != KindAddressChanged {
			t.Errorf("%s goes to another address than the person has confirmed", d.Kind)
		}
	}
	if n != 5 {
		t.Errorf("%d kinds go to addresses that nobody has confirmed", n)
	}
}

// Nobody who signs in, asks for a link or a code, or is known otherwise waits behind strangers.
func TestOnlyLettersToUnconfirmedAddressesAreOfStrangers(t *testing.T) {
	t.Parallel()
	var strangers []outbox.Kind
	for _, k := range append(Kinds(), "of another version") {
		if LaneOf(k) != outbox.Known {
			strangers = append(strangers, k)
		}
	}
	if !slices.Equal(strangers, []outbox.Kind{KindConfirmEnrolment, KindPassedOn, KindConfirmAddress, KindAssistantAsked, KindAssistantTimes}) {
		t.Errorf("%q are", strangers)
	}
}
