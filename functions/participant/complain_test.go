package participant

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// complained are the complaints of alex.
func (b *bed) complained() []*complaint.Complaint {
	b.t.Helper()
	all, err := b.Store.ComplaintsOf(b.t.Context(), "pilot", "alex")
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// answers is the named person's link to a complaint.
func (b *bed) answers(c *complaint.Complaint) string {
	b.t.Helper()
	return b.Link(purpose.Complaint, store.Link{Programme: "pilot", Person: complaint.Recipient, IDs: outbox.IDs{Complaint: c.ID}, Generation: complaint.Answerer(b.Programme).Generation})
}

// owing is how many messages of a kind are owed.
func (b *bed) owing(kind outbox.Kind) (n int) {
	b.t.Helper()
	all, err := b.Store.Messages(b.t.Context(), "pilot", outbox.Pending)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, m := range all {
		if m.Kind == kind {
			n++
		}
	}
	return n
}

const unruly = "They said: </p><script>alert(1)</script> {{.}}\r\nمرحبا 🙃\nand \"left\"."

// Somebody who takes part complains behind the code, by a form that is one complaint however
// often it is sent; they and the named person hear of it, and read in it what was written, as
// it was written; acknowledged and answered, its author sees what they are told.
func TestSomebodyComplainsAndIsAnswered(t *testing.T) {
	b := newBed(t)
	my := b.Link(purpose.My, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client})
	if got := b.Get(my + "/complain"); got.StatusCode != http.StatusSeeOther || !strings.Contains(got.Header.Get("Location"), "/code") {
		t.Fatalf("on a device not seen before: %d", got.StatusCode)
	}
	if got := b.Post(my+"/complain", url.Values{"what": {unruly}, "form": {"f"}}); got.StatusCode != http.StatusForbidden || len(b.complained()) != 0 {
		t.Fatalf("sent from a device not seen before: %d", got.StatusCode)
	}
	b.GiveCode(my)
	if page := b.Get(my + "/complain"); page.StatusCode != http.StatusOK || !strings.Contains(page.Body, "Kit Sample, a trustee of the host") {
		t.Fatalf("%d: %s", page.StatusCode, page.Body)
	}
	for _, wrong := range []string{"", " \n ", strings.Repeat("é", complaint.Most+1)} {
		if got := b.Post(my+"/complain", url.Values{"what": {wrong}, "form": {"f"}}); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%d characters: %d", len(wrong), got.StatusCode)
		}
	}
	for range 2 {
		if got := b.Post(my+"/complain", url.Values{"what": {unruly}, "form": {"f"}}); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("%d: %s", got.StatusCode, got.Body)
		}
	}
	all := b.complained()
	if len(all) != 1 || all[0].Desk || all[0].State != complaint.Received || !all[0].AnswerBy.After(b.Now().AddDate(0, 0, 26)) || !all[0].DueAt.Before(all[0].AnswerBy) {
		t.Fatalf("%d complaints, the first %+v", len(all), all[0])
	}
	if b.owing(message.KindComplaintReceived) != 1 || b.owing(message.KindComplaintArrived) != 1 {
		t.Error("not both hear of it once")
	}
	if page := b.Get(my).Body; !strings.Contains(page, "It has arrived. Kit Sample answers you by") || !strings.Contains(page, "&lt;script&gt;") {
		t.Errorf("My programme says: %s", page)
	}

	c := all[0]
	b.AnotherBrowser()
	at := b.answers(c)
	if got := b.Get(at); got.StatusCode != http.StatusSeeOther || strings.Contains(got.Body, "left") {
		t.Fatalf("without a code: %d: %s", got.StatusCode, got.Body)
	}
	if got := b.Post(at, url.Values{"do": {"answer"}, "note": {"x"}}); got.StatusCode != http.StatusForbidden {
		t.Fatalf("answered without a code: %d", got.StatusCode)
	}
	b.GiveCode(at)
	if page := b.Get(at); page.StatusCode != http.StatusOK || !strings.Contains(page.Body, "&lt;script&gt;alert(1)&lt;/script&gt; {{.}}") || !strings.Contains(page.Body, "مرحبا 🙃") || !strings.Contains(page.Body, "see nothing of it") {
		t.Fatalf("%d: %s", page.StatusCode, page.Body)
	}
	if got := b.Post(at, url.Values{"do": {"answer"}, "note": {" "}}); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an empty answer: %d", got.StatusCode)
	}
	if got := b.Post(at, url.Values{"do": {"delete"}}); got.StatusCode != http.StatusNotFound {
		t.Errorf("what there is not: %d", got.StatusCode)
	}
	for range 2 {
		b.Post(at, url.Values{"do": {"acknowledge"}})
	}
	if b.complained()[0].State != complaint.Acknowledged || b.owing(message.KindComplaintNews) != 1 {
		t.Error("acknowledged, and not told once")
	}
	for range 2 {
		b.Post(at, url.Values{"do": {"answer"}, "note": {"We are sorry."}})
	}
	b.Post(at, url.Values{"do": {"acknowledge"}, "note": {"Not so."}})
	if got := b.complained()[0]; got.State != complaint.Answered || got.Note != "We are sorry." || b.owing(message.KindComplaintNews) != 2 {
		t.Errorf("answered: %+v", got)
	}
	b.AnotherBrowser()
	b.GiveCode(my)
	if page := b.Get(my).Body; !strings.Contains(page, "Kit Sample has answered you.") || !strings.Contains(page, "We are sorry.") {
		t.Errorf("My programme says: %s", page)
	}
}

// A link to a complaint opens that one alone, for whoever is named now: for nobody who takes
// part, of no other programme, and not for who was named before.
func TestComplaintIsReadByWhoIsNamedAlone(t *testing.T) {
	b := newBed(t)
	c, err := complaint.New(b.Programme, person("alex", "Alex", programme.Client), "one", "A secret.", false, b.Now())
	if err != nil {
		t.Fatal(err)
	}
	commit := b.Store.Commit()
	commit.SaveComplaint("pilot", c)
	b.Commit(commit)
	generation := complaint.Answerer(b.Programme).Generation
	for name, l := range map[string]store.Link{
		"somebody who takes part":  {Programme: "pilot", Person: "alex", Role: programme.Client, IDs: outbox.IDs{Complaint: "one"}, Generation: generation},
		"who was named before":     {Programme: "pilot", Person: complaint.Recipient, IDs: outbox.IDs{Complaint: "one"}, Generation: generation + 1},
		"of a programme not there": {Programme: "north", Person: complaint.Recipient, IDs: outbox.IDs{Complaint: "one"}, Generation: generation},
	} {
		b.AnotherBrowser()
		if got := b.Get(b.Link(purpose.Complaint, l) + "/code"); got.StatusCode < 400 {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
	b.AnotherBrowser()
	at := b.answers(&complaint.Complaint{ID: "other"})
	b.GiveCode(at)
	if got := b.Get(at); got.StatusCode != http.StatusNotFound {
		t.Errorf("another: %d", got.StatusCode)
	}
	// Whoever takes part sees none of somebody else's.
	zoe := b.Link(purpose.My, store.Link{Programme: "pilot", Person: "zoe", Role: programme.Consultant})
	b.AnotherBrowser()
	b.GiveCode(zoe)
	if page := b.Get(zoe); page.StatusCode != http.StatusOK || strings.Contains(page.Body, "A secret") {
		t.Errorf("zoe sees: %d", page.StatusCode)
	}
}

// No more than five wait at once, and without a named person nobody is asked to complain.
func TestComplaintsAreBounded(t *testing.T) {
	b := newBed(t)
	my := b.Link(purpose.My, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client})
	b.GiveCode(my)
	for i := range 6 {
		got := b.Post(my+"/complain", url.Values{"what": {"Again."}, "form": {fmt.Sprint(i)}})
		if want := map[bool]int{true: http.StatusSeeOther, false: http.StatusConflict}[i < 5]; got.StatusCode != want {
			t.Errorf("%d: %d", i, got.StatusCode)
		}
	}
	b.Programme.Complaints = programme.Complaints{}
	c := b.Store.Commit()
	c.UpdateProgramme(b.Programme)
	b.Commit(c)
	b.Pass(time.Hour)
	if page := b.Get(my).Body; strings.Contains(page, my+"/complain") {
		t.Error("My programme leads to a form for nobody")
	}
	if got := b.Get(my + "/complain"); got.StatusCode != http.StatusNotFound || !strings.Contains(got.Body, b.Programme.Host.Contact) {
		t.Errorf("without a named person: %d", got.StatusCode)
	}
}
