package matches_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

const further = desk + "/further"

// asking are pairings of which both ask for a further session, in a programme that can give some.
func (b *bed) asking(most int, ids ...string) {
	b.T.Helper()
	b.Enrol("pilot", desktest.Ready("alex"), desktest.Ready("zoe"))
	p, err := b.Store.Programme(b.T.Context(), "pilot")
	if err != nil {
		b.T.Fatal(err)
	}
	p.Sessions.Further = most
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	for _, id := range ids {
		c.CreatePairing("pilot", &pairing.Pairing{ID: id, Client: "alex", Consultant: "zoe", State: pairing.Active, StartedAt: b.Now(),
			Further: pairing.Further{State: pairing.FurtherAgreed, By: programme.Consultant, Why: "The <b>budget</b> of " + id, AskedAt: b.Now().Truncate(time.Microsecond), AgreedAt: b.Now(), AnswerBy: b.Now().AddDate(0, 0, 7)}})
	}
	b.Commit(c)
}

func (b *bed) given() int {
	b.T.Helper()
	g, err := b.Store.Grants(b.T.Context(), "pilot")
	if err != nil {
		b.T.Fatal(err)
	}
	return g.Given
}

// answering is what is said of a pairing's further session.
func (b *bed) answering(id, do string) url.Values {
	return url.Values{"pairing": {id}, "do": {do}, "asked": {strconv.FormatInt(b.pairing(id).Further.AskedAt.UnixMicro(), 10)}}
}

func TestFurtherSessionIsGivenOrNot(t *testing.T) {
	b := newBed(t)
	b.asking(2, "x", "y")
	if page := b.Get(desk).Body; !strings.Contains(page, further) || !strings.Contains(page, "Ask for a further session") {
		t.Errorf("the desk: %s", page)
	}
	page := b.Get(further).Body
	for _, says := range []string{"given 0 of the 2", "The &lt;b&gt;budget&lt;/b&gt; of x", "Zoe Sample asked on", "Give them the session"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page lacks %q: %s", says, page)
		}
	}
	for range 2 {
		if said := b.Does(further, b.answering("x", "grant")); !strings.Contains(said, "The session is given") {
			t.Errorf("said %q", said)
		}
		if said := b.Does(further, b.answering("y", "refuse")); !strings.Contains(said, "stays as planned") {
			t.Errorf("said %q", said)
		}
	}
	if x, y := b.pairing("x"), b.pairing("y"); x.Granted != 1 || y.Granted != 0 || b.given() != 1 {
		t.Errorf("%+v, %+v, %d given", x, y, b.given())
	}
	if got, want := b.Owed(), []string{"further-granted alex", "further-granted zoe", "further-refused alex", "further-refused zoe"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
	if page := b.Get(further).Body; !strings.Contains(page, "Nobody waits for an answer") || !strings.Contains(page, "given 1 of the 2") {
		t.Errorf("the page: %s", page)
	}
	if got := b.Post(further, b.answering("y", "grant")); got.StatusCode != http.StatusConflict {
		t.Errorf("after that: status %d", got.StatusCode)
	}
	if got := b.Post(further, url.Values{"pairing": {"none"}, "do": {"grant"}}); got.StatusCode != http.StatusNotFound {
		t.Errorf("of nobody: status %d", got.StatusCode)
	}
	if audited := b.Audited(); len(audited) != 2 {
		t.Errorf("audited %q", audited)
	}
}

// Two coordinators give the last one at the same moment: one pair has it, and the other
// coordinator is told that none is left.
func TestTheLastFurtherSessionIsGivenOnce(t *testing.T) {
	b := newBed(t)
	b.asking(1, "x", "y")
	var at sync.WaitGroup
	answers := make([]testbed.Answer, 2)
	for i, id := range []string{"x", "y"} {
		form := b.answering(id, "grant")
		at.Go(func() { answers[i] = b.Post(further, form) })
	}
	at.Wait()
	status := []int{answers[0].StatusCode, answers[1].StatusCode}
	slices.Sort(status)
	if !slices.Equal(status, []int{http.StatusSeeOther, http.StatusConflict}) {
		t.Errorf("answers %v", status)
	}
	for _, a := range answers {
		if a.StatusCode == http.StatusConflict && !strings.Contains(a.Body, "has given all the further sessions") {
			t.Errorf("the second is told %s", a.Body)
		}
	}
	if n := b.pairing("x").Granted + b.pairing("y").Granted; n != 1 || b.given() != 1 || len(b.Owed()) != 2 {
		t.Errorf("%d have one, %d given, owed %v", n, b.given(), b.Owed())
	}
	if page := b.Get(further).Body; !strings.Contains(page, "none is left") || strings.Contains(page, "Give them the session") || !strings.Contains(page, "Leave it as planned") {
		t.Errorf("the page: %s", page)
	}
}

// Coordinators hear each working day of those that wait, and of those that are late.
func TestFurtherSessionThatIsLate(t *testing.T) {
	b := newBed(t)
	b.asking(2, "x")
	for _, want := range []struct {
		after       time.Duration
		late        int
		page, other string
	}{{0, 0, "To be answered by", "Late"}, {8 * 24 * time.Hour, 1, "Late", "none is left"}} {
		b.Pass(want.after)
		b.As(b.Cookie("morgan"))
		n, err := b.Store.Concerns(t.Context(), b.Programme, time.Time{})
		if err != nil || n.Further != 1 || n.LateFurther != want.late || !n.FurtherDue.Equal(b.pairing("x").Further.AnswerBy) || !n.Any() {
			t.Errorf("concerns %+v, %v", n, err)
		}
		if page := b.Get(further).Body; !strings.Contains(page, want.page) || strings.Contains(page, want.other) {
			t.Errorf("the page: %s", page)
		}
	}
}
