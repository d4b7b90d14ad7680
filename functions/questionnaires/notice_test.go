package questionnaires

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// agreedLongAgo writes that somebody agreed to a notice of before.
func (b *bed) agreedLongAgo(id string) {
	b.t.Helper()
	e := b.enrolment(id)
	e.Consent = enrolment.Consent{Version: "2015-01", At: b.Now().Add(-1000 * time.Hour)}
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
}

func (b *bed) enrolment(id string) *enrolment.Enrolment {
	b.t.Helper()
	e, err := b.Store.Enrolment(b.t.Context(), "pilot", id)
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

// notice is the programme's as the function shows it.
func (b *bed) notice() *privacy.Notice {
	return privacy.New(b.Programme, store.Stored(), privacy.Deployment{Mail: "sendgrid", SendGrid: "https://api.sendgrid.com"})
}

// tick is the form by which somebody agrees, and goes on to a page.
func (b *bed) tick(to string) url.Values {
	b.t.Helper()
	p, err := b.Store.Programme(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	return url.Values{"to": {to}, "consent": {p.Privacy.Version}}
}

// A notice that says something else is agreed anew before the first question and before saved
// answers, which stay. It is kept among the answers, and is written beside people with the
// day's marks: in both roles, with the day and no time.
func TestChangedNoticeIsAgreedAnewBeforeQuestions(t *testing.T) {
	b, path, id := answered(t)
	saved := b.response(id).Answers
	b.leads(b.Get(path+"/1"), http.StatusOK, "") // nobody asks who is from before versions
	if page := b.Get(path + "/notice"); !strings.Contains(page.Body, "What you have agreed to") || strings.Contains(page.Body, "<form") {
		t.Errorf("before it changes: %s", page.Body)
	}
	if _, footer, _ := strings.Cut(b.Get(path+"/1").Body, "<footer"); !strings.Contains(footer, `href="`+path+`/notice"`) {
		t.Errorf("the footer does not lead to it: %s", footer)
	}
	b.agreedLongAgo("alex")
	people := b.Documents()
	for _, page := range []string{"1", "2", "check"} {
		b.leads(b.Get(path+"/"+page), http.StatusSeeOther, path+"/notice?to="+page)
	}
	b.leads(b.Get(path), http.StatusOK, "")
	// What is sent is taken, and asks before it goes on.
	b.leads(b.Post(path+"/1", you), http.StatusSeeOther, path+"/2")

	page := b.Get(path + "/notice?to=check")
	for _, want := range []string{"Our privacy notice has changed", `href="/privacy/pilot"`, `name="consent"`, `name="to" value="check"`, "stays saved"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the page lacks %s: %s", want, page.Body)
		}
	}
	if strings.Contains(page.Body, " checked") || strings.Contains(page.Body, "less alone") {
		t.Errorf("it is ticked beforehand, or shows answers: %s", page.Body)
	}
	for _, no := range []url.Values{nil, {"consent": {"2015-01"}}, {"to": {"check"}}} {
		b.leads(b.Post(path+"/notice", no), http.StatusUnprocessableEntity, "")
	}
	b.leads(b.Get(path+"/1"), http.StatusSeeOther, path+"/notice?to=1")
	for _, row := range []struct{ to, leads string }{{"https://example.org", path}, {"check", path + "/check"}, {"99", path}, {"2", path + "/2"}} {
		b.leads(b.Post(path+"/notice", b.tick(row.to)), http.StatusSeeOther, row.leads)
	}
	for _, page := range []string{"1", "2", "check", "notice"} {
		b.leads(b.Get(path+"/"+page), http.StatusOK, "")
	}
	if page, want := b.Get(path+"/notice").Body, b.Now().In(b.Programme.Location()).Format("2 January 2006"); !strings.Contains(page, "You agreed to") || !strings.Contains(page, want) {
		t.Errorf("agreed, it does not say so: %s", page)
	}
	if got := b.response(id).Answers; !maps.Equal(got, saved) {
		t.Errorf("saved were %v, and are %v", saved, got)
	}
	for at, d := range b.Documents() {
		if !strings.HasPrefix(at, "programmes/pilot/enrolments/") && !strings.HasPrefix(at, "auditEntries/") {
			continue
		}
		if before := people[at]; before == nil || !before.UpdateTime.Equal(d.UpdateTime) {
			t.Errorf("%s was written when somebody agreed", at)
		}
	}

	day := b.Now().In(b.Programme.Location()).Format(time.DateOnly)
	b.leads(b.Post(path+"/check", nil), http.StatusSeeOther, path)
	b.tomorrowAtTen()
	b.sweep()
	n, got := b.notice(), b.enrolment("alex").Consent
	if at := got.At.In(b.Programme.Location()); got.Version != n.Version || got.Facts != n.Facts || at.Format("2006-01-02 15:04:05.999") != day+" 00:00:00" {
		t.Errorf("recorded as %+v, of %s", got, day)
	}
	if got := b.enrolment("zoe").Consent; got.Version != "" {
		t.Errorf("somebody else agreed: %+v", got)
	}
	for at := range b.AnswerDocuments() {
		if strings.Contains(at, "/agreed/") {
			t.Errorf("%s is still there", at)
		}
	}
	if !b.response(id).Submitted {
		t.Error("the answers are not handed in")
	}
}

// Who has agreed on another page since is recorded as they did there, and who changes their
// mind about answering has agreed all the same; sent twice at once it is once.
func TestAgreementElsewhereGoesBefore(t *testing.T) {
	b := newBed(t)
	b.sweep()
	b.agreedLongAgo("alex")
	b.agreedLongAgo("zoe")
	n := b.notice()
	for _, who := range []string{"alex", "zoe"} {
		path, _ := b.asked(who, "baseline-1")
		b.leads(b.Get(path+"/1"), http.StatusSeeOther, path+"/notice?to=1")
		for range 2 {
			b.leads(b.Post(path+"/notice", b.tick("1")), http.StatusSeeOther, path+"/1")
		}
		b.AnotherBrowser()
		b.leads(b.Get(path+"/1"), http.StatusOK, "")
	}
	e, since := b.enrolment("alex"), b.Now()
	e.AgreeToNotice(n, since)
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
	b.tomorrowAtTen()
	b.sweep()
	b.sweep()
	if got := b.enrolment("alex").Consent; !got.At.Equal(since.Truncate(time.Microsecond)) {
		t.Errorf("what was agreed elsewhere is %+v", got)
	}
	if got := b.enrolment("zoe").Consent; got.Version != n.Version || got.Facts != n.Facts {
		t.Errorf("zoe: %+v", got)
	}
}

// Where a notice changes once more before what was agreed is recorded, it is asked once more;
// and nobody is asked whose questions are over.
func TestNoticeThatChangesOnceMoreIsAskedOnceMore(t *testing.T) {
	b := newBed(t)
	b.sweep()
	b.agreedLongAgo("alex")
	path, _ := b.asked("alex", "baseline-1")
	b.leads(b.Post(path+"/notice", b.tick("1")), http.StatusSeeOther, path+"/1")
	b.change(func(p *programme.Programme) { p.Privacy.Version = "2031-01" })
	b.leads(b.Get(path+"/1"), http.StatusSeeOther, path+"/notice?to=1")
	b.leads(b.Post(path+"/notice", b.tick("1")), http.StatusSeeOther, path+"/1")
	b.leads(b.Get(path+"/1"), http.StatusOK, "")
	b.change(func(p *programme.Programme) { p.Privacy.Version = "2032-01" })
	for k, form := range []url.Values{you, others, hope} {
		b.leads(b.Post(path+"/"+string(rune('1'+k)), form), http.StatusSeeOther, path+"/"+[]string{"2", "3", "check"}[k])
	}
	b.leads(b.Post(path+"/check", nil), http.StatusSeeOther, path)
	b.leads(b.Get(path+"/notice?to=1"), http.StatusSeeOther, path+"/1") // where nothing is to be answered any more
	b.leads(b.Post(path+"/notice", b.tick("1")), http.StatusSeeOther, path+"/1")
	b.leads(b.Get(path+"/1"), http.StatusSeeOther, path)
}
