package participant

import (
	"encoding/csv"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/onward"
)

// The letters for one's chair begin with one's own words and the programme's figures, and are
// edited, printed and taken along; nothing of it is kept, and nobody is written to.
func TestLettersForTheChairAreSentByWhoWritesThem(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.hoped("alex", "canary-hope "+hostile[0])
	my := b.toMy("alex")
	b.moved(b.Get(my+"/chair/before"), my+"/code?to=chair%2Fbefore")
	b.status(b.Post(my+"/chair/before", url.Values{"do": {"show"}, "text": {"x"}}), http.StatusForbidden)
	b.giveFor(my, "chair/before")
	b.says("My programme", b.Get(my).Body, "A letter for your chair", my+"/chair/before")
	page := b.Get(my + "/chair/before").Body
	b.says("the letter before", page, "at least 2 meetings", html.EscapeString("canary-hope "+hostile[0]), "Alex Sample")
	b.silent("the letter before", page, hostile[0], "Zoe")

	b.held(alex, "s")
	b.moved(b.Post(alex+"/log/s", heldLog("next", "canary-decided", "learnt", "canary-learnt", "surfaced", "canary-private")), alex)
	b.moved(b.Post(zoe+"/log/s", heldLog("learnt", "canary-zoe", "shares", "learnt")), zoe)
	b.moved(b.Post(alex+"/ending", url.Values{"takes": {"canary-takes"}, "thanks": {"canary-thanks"}}), alex+"/ending")
	b.says("My programme", b.Get(my).Body, "A summary for your chair", my+"/chair/after")
	page = b.Get(my + "/chair/after").Body
	b.says("the summary", page, "1 session", "canary-decided", "canary-learnt", "canary-takes")
	b.silent("the summary", page, "Zoe", "canary-zoe", "canary-private", "canary-thanks")

	before, owed := len(b.documents()), len(b.owed())
	edited := url.Values{"subject": {"What came of it & more"}, "text": {"Dear Sam,\r\n\r\n" + hostile[0] + " ünïcode 🙃\r\nمرحبا"}, "do": {"show"}}
	got := b.Post(my+"/chair/after", edited)
	b.status(got, http.StatusOK)
	b.says("to print", got.Body, "Dear Sam,", html.EscapeString(hostile[0]), "مرحبا", "mailto:?subject=What%20came%20of%20it%20%26%20more&amp;body=Dear%20Sam%2C%0D%0A%0D%0A%3Cscript%3E")
	b.silent("to print", got.Body, hostile[0])
	edited.Set("do", "download")
	file := b.Post(my+"/chair/after", edited)
	if !strings.Contains(file.Header.Get("Content-Disposition"), "attachment") || !strings.HasPrefix(file.Body, "What came of it & more\r\n\r\nDear Sam,\r\n\r\n"+hostile[0]) {
		t.Errorf("the file: %v %q", file.Header, file.Body)
	}
	edited.Set("do", "edit")
	b.says("to change", b.Post(my+"/chair/after", edited).Body, html.EscapeString(hostile[0]))
	b.refused("nothing", b.Post(my+"/chair/after", url.Values{"do": {"show"}, "text": {" \n"}}), "text")
	b.refused("too long", b.Post(my+"/chair/after", url.Values{"do": {"show"}, "subject": {strings.Repeat("é", 201)}, "text": {strings.Repeat("é", onward.Most+1)}}), "subject", "text")
	edited.Set("do", "send")
	b.status(b.Post(my+"/chair/after", edited), http.StatusNotFound)
	b.status(b.Get(my+"/chair/never"), http.StatusNotFound)
	if len(b.documents()) != before || len(b.owed()) != owed {
		t.Error("something of it was kept, or somebody written to")
	}
}

// The statement has figures of what was held, and nobody's name but one's own.
func TestStatementOfHours(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	mine, theirs := b.toMy("zoe"), b.toMy("alex")
	b.moved(b.Get(mine+"/hours"), mine+"/code?to=hours")
	b.giveFor(mine, "hours")
	b.silent("My programme, before the first", b.Get(mine).Body, mine+"/hours")
	b.held(alex, "s", "u")
	b.booked("v", time.Hour)
	b.Known(alex)
	b.moved(b.Post(alex+"/notebook", keeping("follow-up", "date", "1", "date-month", "3", "how", "phone", "line", "canary")), alex+"/notebook")
	e := b.enrolment("zoe")
	if err := e.Prepare(enrolment.Readiness{Trained: true}, "robin", b.Now()); err != nil {
		t.Fatal(err)
	}
	e.Organisation.Name = "=HYPERLINK(1) Trust"
	p, err := b.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	p.Training = 12
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	c.UpdateProgramme(p)
	b.Commit(c)
	b.says("My programme", b.Get(mine).Body, "A statement of the hours you gave", mine+"/hours")
	minutes := b.session("s").Minutes + b.session("u").Minutes
	page := b.Get(mine + "/hours").Body
	b.says("the statement", page, "Zoe Sample", onward.Long(minutes), "Yes, recorded on Tuesday 2 March 2027", "Contacts by phone")
	b.silent("the statement", page, "Alex", "canary")
	file := b.Get(mine + "/hours/download")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\uFEFF"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]string{}
	for _, row := range rows {
		has[row[0]] = row[1]
	}
	if has["Sessions held"] != "2" || has["Hours given in them"] != onward.Long(minutes) || has["Hours of training"] != "12" || has["Contacts by phone between sessions"] != "1" || has["Organisation"] != "'=HYPERLINK(1) Trust" {
		t.Errorf("the file: %v", has)
	}
	b.AnotherBrowser()
	b.giveFor(theirs, "")
	b.status(b.Get(theirs+"/hours"), http.StatusNotFound)
	b.silent("who is helped", b.Get(theirs).Body, theirs+"/hours")
}
