package participant

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// logs are one side's logs of the pairing "x".
func (b *bed) logs(role programme.Role) []*pairing.Log {
	b.t.Helper()
	all, err := b.Store.Logs(b.t.Context(), "pilot", "x", role)
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

func TestSessionIsLoggedOnceItHasBegun(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.booked("s", time.Hour)
	before := b.documents()
	for _, link := range []string{alex, zoe} {
		b.status(b.Post(link+"/log/s", heldLog()), http.StatusConflict)
		b.status(b.Post(link+"/log/s", url.Values{"held": {"no"}}), http.StatusConflict)
		b.silent("the sessions", b.Get(link).Body, "/log/")
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
	b.Pass(time.Hour)
	b.says("the sessions", b.Get(alex).Body, `href="`+alex+`/log/s">Write my log of session 1</a>`)
	form := b.Get(alex + "/log/s")
	b.status(form, http.StatusOK)
	b.says("the form", form.Body, "Session 1, Tuesday 2 March 2027", "Only you can read this, but for what you choose to share with Zoe Sample", "The zworp asked, and the ublick worked it out")
	b.silent("the form", form.Body, " checked")
	b.moved(b.Post(alex+"/log/s", heldLog()), alex)
	b.silent("the sessions", b.Get(alex).Body, "Write my log")
	b.says("the sessions", b.Get(alex).Body, `href="`+alex+`/log/s">Amend my log`)
	if s := b.sessions()[0]; s.State != pairing.Held || !s.Logged["client"] || s.Logged["consultant"] {
		t.Errorf("session %+v", s)
	}
}

func TestWrongLogIsShownAndNotKept(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	b.booked("s", time.Hour)
	b.Pass(time.Hour)
	before := b.documents()
	long := strings.Join(hostile, " ") + strings.Repeat("é", pairing.MaxText)
	for name, row := range map[string]struct {
		changes []string
		fields  []string
		keeps   []string
	}{
		"whether it was held":     {[]string{"held", "", "surfaced", "Trust"}, []string{"held"}, []string{`name="balance" type="radio" value="both" checked`, ">Trust</textarea>"}},
		"held, but perhaps":       {[]string{"held", "maybe"}, []string{"held"}, []string{`name="thinking" type="radio" value="asked" checked`}},
		"held without choices":    {[]string{"balance", "", "thinking", "", "next", "Rest"}, []string{"balance", "thinking"}, []string{`name="held" type="radio" value="yes" checked`, ">Rest</textarea>"}},
		"held without the second": {[]string{"thinking", ""}, []string{"thinking"}, []string{`value="both" checked`, `value="yes" checked`}},
		"choices that are none":   {[]string{"balance", "all", "thinking", "none"}, []string{"balance", "thinking"}, nil},
		"not held, and a choice":  {[]string{"held", "no", "balance", "all"}, []string{"balance"}, []string{`value="no" checked`}},
		"a line too long":         {[]string{"helps", strings.Repeat("é", pairing.MaxReason+1), "change", strings.Repeat("é", pairing.MaxReason+1)}, []string{"helps", "change"}, nil},
		"learnt too much":         {[]string{"learnt", long}, []string{"learnt"}, nil},
		"no such fit":             {[]string{"fit", "perhaps"}, []string{"fit"}, nil},
		"no such kind of issue":   {[]string{"topic", "astrology"}, []string{"topic"}, nil},
		"sharing the fit":         {[]string{"fit", "no", "shares", "fit"}, []string{"shares"}, []string{`name="fit" type="radio" value="no" checked`}},
		"too much":                {[]string{"surfaced", long, "next", long}, []string{"surfaced", "next"}, []string{">" + html.EscapeString(long) + "</textarea>"}},
	} {
		got := b.Post(alex+"/log/s", heldLog(row.changes...))
		b.refused(name, got, row.fields...)
		b.says(name, got.Body, row.keeps...)
		if name == "too much" {
			b.escaped("the form", got.Body, 2)
		}
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
	longest := strings.Repeat("é", pairing.MaxText)
	b.moved(b.Post(alex+"/log/s", heldLog("surfaced", longest, "next", longest)), alex)
}

func TestLogIsReadByItsAuthorAlone(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.booked("s", time.Hour)
	b.booked("u", time.Hour)
	b.Pass(time.Hour)
	b.moved(b.Post(alex+"/log/s", heldLog("surfaced", "  "+hostile[0]+" alone ", "next", hostile[1]+" rest")), alex)
	b.moved(b.Post(zoe+"/log/s", heldLog("balance", "practical", "thinking", "did", "surfaced", "Zoe helped too much")), zoe)

	mine, theirs := b.Get(alex).Body, b.Get(zoe).Body
	b.escaped("the author's page", mine, 1)
	b.says("the author's page", mine, "What came up:</strong> "+html.EscapeString(hostile[0]+" alone")+"</p>", "What the ublick decided:</strong> "+html.EscapeString(hostile[1]+" rest"))
	b.says("the other author's page", theirs, "Zoe helped too much")
	b.silent("the author's page", mine, "Zoe helped")
	for _, page := range []string{theirs, b.Get(zoe + "/book").Body, b.Get(zoe + "/log/u").Body, b.Get(zoe + "/log/s").Body} {
		b.silent("a page of the other side", page, "alert(1)", "onerror", "alone", "rest")
	}
	// Nor do the words reach what others read: a session, a message, the audit trail.
	for _, words := range []string{"alert(1)", "onerror=1"} {
		if got, want := b.holding(words), []string{"programmes/pilot/pairings/x/logs/s-client"}; !slices.Equal(got, want) {
			t.Errorf("%q stands in %v", words, got)
		}
	}
	logs := b.logs(programme.Client)
	if len(logs) != 1 || len(b.logs(programme.Consultant)) != 1 {
		t.Fatalf("%d and %d logs", len(logs), len(b.logs(programme.Consultant)))
	}
	if l := logs[0]; l.Session != "s" || !l.Held || l.Surfaced != hostile[0]+" alone" || l.Next != hostile[1]+" rest" || l.Balance != "both" || l.Thinking != "asked" {
		t.Errorf("log %+v", l)
	}
	if x := b.pairing("x"); x.Held != 1 || x.State != pairing.Active {
		t.Errorf("one session held, which both logged: %+v", x)
	}
}

func TestLogSentTwiceIsOneLog(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	b.booked("s", time.Hour)
	b.Pass(time.Hour)
	b.Get(alex + "/log/s")
	var at sync.WaitGroup
	for range 6 { // an impatient click
		at.Go(func() { b.moved(b.Post(alex+"/log/s", heldLog("surfaced", "Trust")), alex) })
	}
	at.Wait()
	// The way back leads to what was saved, and no words are lost there.
	b.says("the form", b.Get(alex+"/log/s").Body, ">Trust</textarea>", `value="both" checked`)
	b.refused("nothing", b.Post(alex+"/log/s", nil), "held")
	if logs := b.logs(programme.Client); len(logs) != 1 || logs[0].Surfaced != "Trust" || len(b.logs(programme.Consultant)) > 0 {
		t.Errorf("logs %+v", logs)
	}
	if x, s := b.pairing("x"), b.sessions()[0]; x.Held != 1 || s.State != pairing.Held || s.Logged["consultant"] {
		t.Errorf("pairing %+v, session %+v", x, s)
	}
}

func TestSessionIsHeldOnceEitherSaysSo(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	const none, yes, no = "", "yes", "no"
	rows := []struct {
		alex, zoe string
		state     pairing.SessionState
	}{
		{none, none, pairing.Booked},
		{yes, none, pairing.Held},
		{none, yes, pairing.Held},
		{no, none, pairing.NotHeld},
		{none, no, pairing.NotHeld},
		{no, no, pairing.NotHeld},
		{yes, yes, pairing.Held},
		{yes, no, pairing.Disputed},
		{no, yes, pairing.Disputed},
	}
	for i := range rows {
		b.booked(fmt.Sprint("s", i), time.Duration(2*i+1)*time.Hour)
	}
	b.Pass(24 * time.Hour)
	held := 0
	for i, row := range rows {
		id := fmt.Sprint("s", i)
		for link, said := range map[string]string{alex: row.alex, zoe: row.zoe} { // in either order
			if said != none {
				b.moved(b.Post(link+"/log/"+id, heldLog("held", said)), link)
			}
		}
		if row.state == pairing.Held {
			held++
		}
		if x, s := b.pairing("x"), b.sessions()[i]; s.ID != id || s.State != row.state || x.Held != held || x.Booked != len(rows) || x.State != pairing.Active {
			t.Errorf("%q and %q: session %+v, pairing %+v", row.alex, row.zoe, s, x)
		}
	}
	for _, link := range []string{alex, zoe} {
		b.says("the sessions", b.Get(link).Body, fmt.Sprintf("%d of at least 2 sessions held so far", held))
	}
}

// What both write at the same moment is kept: a log has words that would be lost.
func TestBothLoggingAtOnceKeepsBothLogs(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.booked("s", time.Hour)
	b.booked("u", time.Hour)
	b.Pass(time.Hour)
	var at sync.WaitGroup
	for _, link := range []string{alex, zoe} {
		for _, id := range []string{"s", "u"} {
			at.Go(func() { b.moved(b.Post(link+"/log/"+id, heldLog()), link) })
		}
	}
	at.Wait()
	if len(b.logs(programme.Client)) != 2 || len(b.logs(programme.Consultant)) != 2 {
		t.Errorf("%d and %d logs", len(b.logs(programme.Client)), len(b.logs(programme.Consultant)))
	}
	if x := b.pairing("x"); x.Held != 2 || x.State != pairing.Active {
		t.Errorf("pairing %+v", x)
	}
}

// However many were held, nothing ends by itself; and after the end logs are kept, and
// complete nothing again: the questionnaires of the end were sent by then.
func TestLogsEndNothing(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	for i, id := range []string{"s", "u", "v", "w"} {
		b.booked(id, time.Duration(2*i+1)*time.Hour)
	}
	b.Pass(8 * time.Hour)
	b.moved(b.Post(alex+"/log/s", url.Values{"held": {"no"}}), alex)
	b.moved(b.Post(alex+"/log/u", heldLog()), alex)
	b.moved(b.Post(zoe+"/log/v", heldLog()), zoe)
	if x := b.pairing("x"); x.State != pairing.Active || x.Booked != 4 || x.Held != 2 || x.Milestone != pairing.None || !x.EndedAt.IsZero() {
		t.Errorf("four booked and two held: %+v", x)
	}
	b.moved(b.Post(alex+"/finish", nil), alex)
	b.moved(b.Post(zoe+"/finish", nil), zoe)
	done := b.pairing("x")
	for _, link := range []string{alex, zoe} {
		page := b.Get(link).Body
		b.says("the sessions", page, "You have completed your sessions: 2 held.", link+"/log/w")
		b.silent("the sessions", page, link+"/book", link+"/finish")
	}
	done.Milestone = pairing.None
	c := b.Store.Commit()
	c.UpdatePairing("pilot", done)
	b.Commit(c)
	owed := b.owed()
	b.Pass(24 * time.Hour)
	b.moved(b.Post(alex+"/log/w", heldLog()), alex)
	b.moved(b.Post(zoe+"/log/u", heldLog()), zoe)
	if x := b.pairing("x"); x.State != pairing.Completed || x.Held != 3 || x.Milestone != pairing.None || !x.EndedAt.Equal(done.EndedAt) || !x.DueAt.IsZero() {
		t.Errorf("a log after the end: %+v", x)
	}
	if len(b.logs(programme.Client)) != 3 || len(b.logs(programme.Consultant)) != 2 || !slices.Equal(b.owed(), owed) {
		t.Errorf("%d and %d logs, owed %v", len(b.logs(programme.Client)), len(b.logs(programme.Consultant)), b.owed())
	}
}

// Each side writes a text of its own in each field, and shares one after the other: the other
// side's pages and downloads have that, and never anything else of it.
func TestOtherSideSeesWhatIsSharedAlone(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.Known(alex, zoe)
	b.booked("s", time.Hour)
	b.Pass(2 * time.Hour)
	words := []string{"surfaced", "next", "learnt", "helps", "change"}
	log := func(shares ...string) url.Values {
		form := heldLog("balance", "practical", "thinking", "mostly-told", "topic", "negotiation", "fit", "no")
		for _, field := range words {
			form.Set(field, "canary-"+field)
		}
		form["shares"] = shares
		return form
	}
	shown := map[string]string{"topic": "Negotiation", "balance": "Mostly practical help", "thinking": "The zworp mostly said what to do"}
	for _, field := range words {
		shown[field] = "canary-" + field
	}
	for _, shared := range append([]string{""}, pairing.Shareable(programme.Client)...) {
		b.moved(b.Post(alex+"/log/s", log(strings.Fields(shared)...)), alex)
		for _, page := range []string{zoe, zoe + "/log/s"} {
			got := b.Get(page).Body
			for field, text := range shown {
				if page == zoe && field == shared {
					b.says("what is shared of "+shared, got, text)
				} else if slices.Contains(words, field) || page == zoe {
					b.silent("a page of the other, where "+shared+" is shared", got, text)
				}
			}
			b.silent("a page of the other", got, "do not fit", "Amend my log")
		}
		want := []string{"programmes/pilot/pairings/x/logs/s-client"}
		if slices.Contains(words, shared) {
			want = append(want, "programmes/pilot/pairings/x/shared/s-client")
			if got := b.holding("canary-" + shared); !slices.Equal(got, want) {
				t.Errorf("what is shared stands in %v", got)
			}
		}
	}
	// Both at once, and taken back.
	b.moved(b.Post(alex+"/log/s", log(pairing.Shareable(programme.Client)...)), alex)
	page := b.Get(zoe).Body
	for _, text := range shown {
		b.says("what is shared", page, text)
	}
	b.says("their own page", b.Get(alex).Body, "in part shared with Zoe Sample")
	b.moved(b.Post(alex+"/log/s", log()), alex)
	page = b.Get(zoe).Body
	for _, text := range shown {
		b.silent("what is shared no more", page, text)
	}
	if got, want := b.holding("canary-"), []string{"programmes/pilot/pairings/x/logs/s-client"}; !slices.Equal(got, want) {
		t.Errorf("what is shared no more stands in %v", got)
	}
}

// After the first session each is asked whether the two fit. Whoever says no is offered another
// match, and the other learns nothing of it.
func TestWhetherTheTwoFitIsAskedAfterTheFirstSession(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.booked("s", time.Hour)
	b.booked("u", 3*time.Hour)
	b.Pass(4 * time.Hour)
	const ask = "Do the two of you fit?"
	b.says("the first log", b.Get(alex+"/log/s").Body, ask)
	b.silent("the second log", b.Get(alex+"/log/u").Body, ask)
	for answer, offered := range map[string]bool{"yes": false, "deciding": false, "no": true} {
		b.moved(b.Post(alex+"/log/s", heldLog("fit", answer)), alex)
		mine, theirs := b.Get(alex).Body, b.Get(zoe).Body
		if got := strings.Contains(mine, "You think that the two of you do not fit."); got != offered {
			t.Errorf("%s: another match is offered: %v", answer, got)
		}
		b.silent("the other's page", theirs, "do not fit", "nobody’s fault")
	}
	b.moved(b.Post(alex+"/log/s", heldLog("fit", "no")), alex)
	b.moved(b.Post(alex+"/log/u", heldLog("fit", "no")), alex) // it was not asked
	for _, l := range b.logs(programme.Client) {
		if want := map[string]pairing.Fit{"s": pairing.NoFit}[l.Session]; l.Fit != want {
			t.Errorf("session %s: %q", l.Session, l.Fit)
		}
	}
	b.moved(b.Post(alex+"/stop", url.Values{"next": {"another"}}), alex)
	b.silent("once it has ended", b.Get(alex).Body, "do not fit")
}

// The client picks the kind of issue, and the consultant is not asked; what the programme
// dropped since stays as it is.
func TestClientPicksTheKindOfIssue(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.booked("s", time.Hour)
	b.Pass(2 * time.Hour)
	b.silent("the consultant's form", b.Get(zoe+"/log/s").Body, "Which kind of issue", `value="topic"`)
	b.moved(b.Post(zoe+"/log/s", heldLog("topic", "negotiation")), zoe)
	b.refused("a kind that is not theirs", b.Post(zoe+"/log/s", heldLog("shares", "topic")), "shares")
	b.moved(b.Post(alex+"/log/s", heldLog("topic", "negotiation")), alex)
	if l := b.logs(programme.Consultant)[0]; l.Topic != "" {
		t.Errorf("the consultant picked %q", l.Topic)
	}
	b.Programme.Skills = slices.DeleteFunc(b.Programme.Skills, func(s programme.Skill) bool { return s.ID == "negotiation" })
	c := b.Store.Commit()
	c.UpdateProgramme(b.Programme)
	b.Commit(c)
	b.says("the form", b.Get(alex+"/log/s").Body, `<option value="negotiation" selected>`)
	b.moved(b.Post(alex+"/log/s", heldLog("topic", "negotiation", "learnt", "To listen")), alex)
	if l := b.logs(programme.Client)[0]; l.Topic != "negotiation" || l.Learnt != "To listen" {
		t.Errorf("log %+v", l)
	}
}
