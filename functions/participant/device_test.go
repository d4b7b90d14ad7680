package participant

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/devicecode"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// wrote is a bed in which both have started, and alex has written a log of the session "s"
// in the bed's browser.
func wrote(t *testing.T) (b *bed, alex, zoe string) {
	t.Helper()
	b = newBed(t)
	alex, zoe = b.pair()
	b.booked("s", time.Hour)
	b.booked("u", time.Hour)
	b.Pass(2 * time.Hour)
	b.status(b.Get(alex+"/log/s"), http.StatusOK)
	b.moved(b.Post(alex+"/log/s", heldLog("surfaced", "Doubts about the board", "next", "Speak to the chair")), alex)
	return b, alex, zoe
}

func (b *bed) send(link string) {
	b.t.Helper()
	b.moved(b.Post(link+"/code", url.Values{"do": {"send"}}), link+"/code")
}

func (b *bed) give(link, code string) testbed.Answer {
	b.t.Helper()
	return b.Post(link+"/code", url.Values{"do": {"give"}, "code": {code}})
}

// another is a code that is not this one.
func another(code string) string {
	last := (code[len(code)-1]-'0'+1)%10 + '0'
	return code[:len(code)-1] + string(last)
}

// codes is how many emails with a code are owed.
func (b *bed) codes() (n int) {
	for _, m := range b.Due() {
		if m.Kind == message.KindDeviceCode {
			n++
		}
	}
	return n
}

// Whoever opens a link in another browser sees the sessions, and of what was written in the
// logs nothing, before they gave the code that was sent to the person's address.
func TestAnotherBrowserSeesNoWordsBeforeTheCode(t *testing.T) {
	b, alex, _ := wrote(t)
	words := []string{"Doubts about the board", "Speak to the chair"}
	b.says("where it was written", b.Get(alex).Body, words...)
	b.says("where it was written", b.Get(alex+"/log/s").Body, words...)

	b.AnotherBrowser()
	page := b.Get(alex)
	b.says("another browser", page.Body, "Zoe Sample", "Session 1", "2 sessions held", `href="`+alex+`/code">Show what you wrote`)
	b.silent("another browser", page.Body, words...)
	b.silent("another browser", page.Body, "Amend my log")
	b.moved(b.Get(alex+"/log/s"), alex+"/code?to=log%2Fs")
	b.status(b.Get(alex+"/log/u"), http.StatusOK) // what is not written yet asks for nothing

	for range 3 { // a mail scanner
		door := b.Get(alex + "/code?to=log%2Fs")
		b.says("the door", door.Body, "a…x@example.org", "Send me a code", `name="to" value="log/s"`)
		b.silent("the door", door.Body, `name="code"`, "alex@example.org")
	}
	if b.codes() > 0 {
		t.Fatal("opening a page has sent a code")
	}
	b.moved(b.Post(alex+"/code", url.Values{"do": {"send"}, "to": {"log/s"}}), alex+"/code?to=log%2Fs")
	code := b.Code()
	door := b.Get(alex + "/code?to=log%2Fs")
	b.says("the door", door.Body, `inputmode="numeric"`, `autocomplete="one-time-code"`, "Send another code", `method="post" action="`+alex+`/code"`)
	b.silent("the door", door.Body, code)
	b.silent("another browser", b.Get(alex).Body, words...)
	b.moved(b.Post(alex+"/code", url.Values{"do": {"give"}, "to": {"log/s"}, "code": {code[:3] + " " + code[3:]}}), alex+"/log/s")
	b.says("after the code", b.Get(alex+"/log/s").Body, words...)
	b.says("after the code", b.Get(alex).Body, append(words, "Amend my log")...)
	b.moved(b.Get(alex+"/code"), alex)

	// It is known for a year, and no longer.
	b.Pass(364 * 24 * time.Hour)
	b.says("almost a year later", b.Get(alex).Body, words...)
	b.Pass(24 * time.Hour)
	b.silent("a year later", b.Get(alex).Body, words...)
}

func TestDoorLeadsNowhereElse(t *testing.T) {
	b, alex, _ := wrote(t)
	b.AnotherBrowser()
	for _, to := range []string{"//example.org", "/example.org", "../../desk/", "https://example.org", "log/s?x", "%2F%2Fexample.org", "log//s", "", "\\example.org"} {
		b.silent(to, b.Get(alex+"/code?to="+url.QueryEscape(to)).Body, `name="to"`)
	}
	b.send(alex)
	b.moved(b.Post(alex+"/code", url.Values{"do": {"give"}, "to": {"//example.org"}, "code": {b.Code()}}), alex)
	b.status(b.Post(alex+"/code", url.Values{"do": {"open"}}), http.StatusNotFound)
}

func TestWrongCodesOpenNothing(t *testing.T) {
	b, alex, zoe := wrote(t)
	b.AnotherBrowser()
	refused := func(what string, got testbed.Answer, says string) {
		t.Helper()
		b.status(got, http.StatusUnprocessableEntity)
		b.says(what, got.Body, says)
		b.silent(what, b.Get(alex).Body, "Doubts about the board")
	}
	refused("without one that was asked for", b.give(alex, "123456"), "has asked for no code")
	b.send(alex)
	code := b.Code()
	refused("nothing", b.give(alex, ""), "Enter the six digits")
	refused("no digits", b.give(alex, "o12345"), "Enter the six digits")
	refused("wrong", b.give(alex, another(code)), "not the code in our newest email")

	// The code of this browser is none in another, nor for another person, though zoe asks
	// in the same browser.
	own := b.Browser.Jar
	b.AnotherBrowser()
	refused("in another browser", b.give(alex, code), "has asked for no code")
	b.send(alex)
	refused("another browser's", b.give(alex, code), "not the code in our newest email")
	b.Browser.Jar = own
	b.status(b.give(zoe, code), http.StatusUnprocessableEntity)
	b.send(zoe)
	b.status(b.give(zoe, code), http.StatusUnprocessableEntity)

	b.Pass(devicecode.Life - time.Minute)
	b.moved(b.give(alex, code), alex)
	b.says("the right one", b.Get(alex).Body, "Doubts about the board")
	b.AnotherBrowser()
	b.send(alex)
	code = b.Code()
	b.Pass(devicecode.Life)
	refused("an old one", b.give(alex, code), "has asked for no code")
}

// A code opens once: neither the cookie with which it was asked for, kept from before, nor
// the code does so again.
func TestCodeOpensOnce(t *testing.T) {
	b, alex, _ := wrote(t)
	b.AnotherBrowser()
	b.send(alex)
	code, u := b.Code(), b.address()
	before := b.Browser.Jar.Cookies(u)
	b.moved(b.give(alex, code), alex)
	b.AnotherBrowser()
	b.Browser.Jar.SetCookies(u, before)
	got := b.give(alex, code)
	b.status(got, http.StatusUnprocessableEntity)
	b.says("the same once more", got.Body, "can be used no longer")
	b.silent("the same once more", b.Get(alex).Body, "Doubts about the board")
}

func (b *bed) address() *url.URL {
	u, err := url.Parse(b.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

// However many tries come at once, five of a code count, and each counts.
func TestParallelTriesCount(t *testing.T) {
	b, alex, _ := wrote(t)
	b.AnotherBrowser()
	b.send(alex)
	code := b.Code()
	var mu sync.Mutex
	tried := 0
	var at sync.WaitGroup
	for i := range 30 {
		at.Go(func() {
			wrong := fmt.Sprintf("%06d", i)
			if wrong == code {
				wrong = another(code)
			}
			got := b.give(alex, wrong)
			mu.Lock()
			defer mu.Unlock()
			if strings.Contains(got.Body, "not the code in our newest email") {
				tried++
			} else if got.StatusCode != http.StatusConflict && !strings.Contains(got.Body, "wrong code was entered too often") {
				t.Errorf("status %d: %s", got.StatusCode, content(got.Body))
			}
		})
	}
	at.Wait()
	for range devicecode.MostTriesEach { // those that nobody got through
		if strings.Contains(b.give(alex, another(code)).Body, "not the code in our newest email") {
			tried++
		}
	}
	codes, err := b.Store.Codes(t.Context(), "pilot", "alex")
	if err != nil {
		t.Fatal(err)
	}
	if tried != devicecode.MostTriesEach || len(codes.TriedAt) != tried || codes.Sent[0].Tries != tried {
		t.Errorf("%d were told that theirs is wrong, %+v", tried, codes)
	}
	b.status(b.give(alex, code), http.StatusUnprocessableEntity)
	b.silent("the right one after that", b.Get(alex).Body, "Doubts about the board")
}

// In an hour there are five codes with five tries each. The 26th try and the sixth code are
// told when there is more; the link goes on opening all else, and after that time there is.
func TestBudgetOfAnHour(t *testing.T) {
	b, alex, zoe := wrote(t)
	b.AnotherBrowser()
	for range devicecode.MostSent {
		b.send(alex)
		for range devicecode.MostTriesEach {
			b.status(b.give(alex, another(b.Code())), http.StatusUnprocessableEntity)
		}
	}
	first := b.Now()
	for what, got := range map[string]testbed.Answer{
		"the 26th try":   b.give(alex, b.Code()),
		"the sixth code": b.Post(alex+"/code", url.Values{"do": {"send"}}),
	} {
		b.status(got, http.StatusTooManyRequests)
		b.says(what, got.Body, "You can ask for another one from Tuesday 2 March 2027, 3:0", "programme@example.org")
		b.silent(what, got.Body, `name="code"`, "Send another code")
		if got.Header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", what)
		}
	}
	b.status(b.Get(alex), http.StatusOK)
	b.status(b.Get(alex+"/book"), http.StatusOK)
	if n := b.codes(); n != devicecode.MostSent {
		t.Errorf("%d codes are owed", n)
	}
	b.send(zoe) // hers is another budget
	b.Pass(time.Hour - b.Now().Sub(first))
	b.moved(b.GiveCode(alex), alex)
	b.says("an hour later", b.Get(alex).Body, "Doubts about the board")
}

// A cookie is good for whom it was made: neither another person's, nor one under another
// name or with other words in it, opens anything. Several people can use one browser.
func TestCookieIsOnePersons(t *testing.T) {
	b, alex, zoe := wrote(t)
	b.moved(b.Post(zoe+"/log/s", heldLog("surfaced", "Too much advice")), zoe) // in the same browser
	b.says("alex in the one browser", b.Get(alex).Body, "Doubts about the board")
	b.says("zoe in the one browser", b.Get(zoe).Body, "Too much advice")

	u := b.address()
	b.AnotherBrowser()
	b.moved(b.GiveCode(zoe), zoe)
	b.silent("with zoe's cookie", b.Get(alex).Body, "Doubts about the board")
	zoes := deviceCookies(b.Browser.Jar.Cookies(u))
	b.AnotherBrowser()
	b.moved(b.GiveCode(alex), alex)
	alexes := deviceCookies(b.Browser.Jar.Cookies(u))
	if len(zoes) != 1 || len(alexes) != 1 || zoes[0].Name == alexes[0].Name {
		t.Fatalf("cookies %v and %v", zoes, alexes)
	}
	for what, value := range map[string]string{
		"zoe's under alex's name":  zoes[0].Value,
		"zoe's words, alex's sign": zoes[0].Value[:strings.LastIndexByte(zoes[0].Value, '.')] + alexes[0].Value[strings.LastIndexByte(alexes[0].Value, '.'):],
		"without a signature":      alexes[0].Value[:strings.LastIndexByte(alexes[0].Value, '.')],
		"nothing":                  "",
	} {
		b.AnotherBrowser()
		b.Browser.Jar.SetCookies(u, []*http.Cookie{{Name: alexes[0].Name, Value: value, Path: "/", Secure: true}})
		b.silent(what, b.Get(alex).Body, "Doubts about the board")
	}
	b.AnotherBrowser()
	b.Browser.Jar.SetCookies(u, []*http.Cookie{{Name: alexes[0].Name, Value: alexes[0].Value, Path: "/", Secure: true}})
	b.says("alex's own", b.Get(alex).Body, "Doubts about the board")
	// Nor does it tell whose it is.
	if told := alexes[0].Name + alexes[0].Value; strings.Contains(told, "alex") || strings.Contains(told, "pilot") {
		t.Errorf("the cookie is %s", told)
	}
}

func deviceCookies(all []*http.Cookie) (found []*http.Cookie) {
	for _, c := range all {
		if strings.HasPrefix(c.Name, "__Host-cascade-device-") {
			found = append(found, c)
		}
	}
	return found
}

// Who writes from a device of their own, with the link alone, sees what they wrote there
// and nothing else, and no longer once its owner has put it right on a device with a code.
func TestWhoWritesSeesTheirOwnWordsAlone(t *testing.T) {
	b, alex, _ := wrote(t)
	known := b.AnotherBrowser()
	b.status(b.Get(alex+"/log/u"), http.StatusOK)
	b.moved(b.Post(alex+"/log/u", heldLog("surfaced", "A stranger's words")), alex)
	page := b.Get(alex).Body
	b.says("the stranger's device", page, "A stranger")
	b.silent("the stranger's device", page, "Doubts about the board")
	b.moved(b.Post(alex+"/log/u", heldLog("surfaced", "Amended by the stranger")), alex)
	b.moved(b.Get(alex+"/log/s"), alex+"/code?to=log%2Fs")

	stranger := b.AnotherBrowser()
	b.moved(b.GiveCode(alex), alex)
	b.says("alex's device", b.Get(alex).Body, "Amended by the stranger", "Doubts about the board")
	b.moved(b.Post(alex+"/log/u", heldLog("surfaced", "What it was in truth")), alex)
	stranger()
	b.silent("the stranger's device", b.Get(alex).Body, "What it was in truth", "Doubts about the board")
	b.status(b.Post(alex+"/log/u", heldLog("surfaced", "Once more")), http.StatusForbidden)
	known()
	b.says("where it was written", b.Get(alex).Body, "Doubts about the board")
}

// What somebody sends from a device that may not change it is not saved, and not lost: it
// goes with them through the code.
func TestWhatWasTypedIsNotLostToTheCode(t *testing.T) {
	b, alex, _ := wrote(t)
	b.AnotherBrowser()
	typed := heldLog("surfaced", "Written on the phone <b>&", "next", "Call \"Sam\"")
	stopped := b.Post(alex+"/log/s", typed)
	b.status(stopped, http.StatusForbidden)
	b.says("the door", stopped.Body, "is not saved yet", "Send me a code")
	b.silent("the door", stopped.Body, "Doubts about the board")
	asks := b.Post(alex+"/code", hidden(stopped.Body))
	b.status(asks, http.StatusOK)
	form := hidden(asks.Body)
	form.Set("do", "give")
	form.Set("code", another(b.Code()))
	wrong := b.Post(alex+"/code", form)
	b.status(wrong, http.StatusUnprocessableEntity)
	form = hidden(wrong.Body)
	form.Set("do", "give")
	form.Set("code", b.Code())
	open := b.Post(alex+"/code", form)
	b.status(open, http.StatusOK)
	b.says("after the code", open.Body, `action="`+alex+`/log/s"`, "Save what I wrote")
	if l := b.logs(programme.Client)[0]; l.Surfaced != "Doubts about the board" {
		t.Errorf("saved before they said so: %+v", l)
	}
	b.moved(b.Post(alex+"/log/s", hidden(open.Body)), alex)
	if l := b.logs(programme.Client)[0]; l.Surfaced != "Written on the phone <b>&" || l.Next != `Call "Sam"` {
		t.Errorf("saved is %+v", l)
	}
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// hidden are the hidden fields of a page's last form and of those before with the same
// names.
func hidden(page string) url.Values {
	form := url.Values{}
	for _, found := range hiddenInput.FindAllStringSubmatch(page, -1) {
		form.Set(found[1], html.UnescapeString(found[2]))
	}
	return form
}

// Whoever closes their links, such as by another address, is known on no device any more,
// and a code that was sent to the address before opens nothing.
func TestClosedLinksForgetDevices(t *testing.T) {
	b, alex, _ := wrote(t)
	b.AnotherBrowser()
	b.moved(b.GiveCode(alex), alex)
	b.says("before", b.Get(alex).Body, "Doubts about the board")
	b.send(alex)
	code := b.Code()
	e := b.enrolment("alex")
	e.Disown()
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
	b.status(b.Get(alex+"/code"), http.StatusGone)
	next := b.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, Generation: e.Generation, IDs: outbox.IDs{Pairing: "x"}})
	b.silent("after", b.Get(next).Body, "Doubts about the board")
	b.status(b.give(next, code), http.StatusUnprocessableEntity)
	b.moved(b.GiveCode(next), next)
	b.says("with a new code", b.Get(next).Body, "Doubts about the board")
}

// What the other of a pairing wrote, and what both keep, asks for the code on a device that was
// not seen before, also on one on which somebody wrote; and what is sent there comes after it.
// Times stand open, and no code of another function's link opens it.
func TestWordsOfBothAskForTheCode(t *testing.T) {
	b, alex, zoe := wrote(t)
	b.booked("v", 72*time.Hour)
	b.Known(zoe)
	b.moved(b.Post(zoe+"/log/s", heldLog("learnt", "canary-shared", "shares", "learnt")), zoe)
	b.moved(b.Post(zoe+"/note/v", url.Values{"released": {"canary-released"}}), zoe)
	b.moved(b.Post(zoe+"/notebook", keeping("goal", "goal", "canary-goal")), zoe+"/notebook")
	b.moved(b.Post(zoe+"/agreed", url.Values{"agreement": {"canary-agreed"}}), zoe+"/agreed")
	b.says("zoe's own", b.Get(zoe+"/note/v").Body, "canary-released")

	pages := []string{"agreed", "notebook", "story"}
	for _, device := range []string{"on which alex wrote", "never seen"} {
		b.says(device, b.Get(alex).Body, "Session 1", "Propose times", `href="`+alex+`/code">Show what`)
		b.silent(device, b.Get(alex).Body, "canary")
		for _, page := range pages {
			b.moved(b.Get(alex+"/"+page), alex+"/code?to="+page)
		}
		for _, page := range []string{"book", "propose", "move/v", "cancel/v", "pause", "stop"} {
			b.status(b.Get(alex+"/"+page), http.StatusOK)
			b.silent(page, b.Get(alex+"/"+page).Body, "canary")
		}
		b.AnotherBrowser()
	}
	b.moved(b.Get(zoe+"/note/v"), zoe+"/code?to=note%2Fv") // which was released, and nothing else kept

	questions := b.Link(purpose.Questionnaire, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client})
	b.status(b.Get("/pairing/"+path.Base(questions)), http.StatusForbidden)

	stopped := b.Post(alex+"/notebook", keeping("action", "action", "Ask the chair"))
	b.status(stopped, http.StatusForbidden)
	b.says("the door", stopped.Body, "is not saved yet", `name="to" value="notebook"`)
	b.silent("the door", stopped.Body, "canary")
	if n := b.kept(); len(n.Actions) != 0 {
		t.Errorf("kept %+v", n)
	}
	form := hidden(b.Post(alex+"/code", hidden(stopped.Body)).Body)
	form.Set("do", "give")
	form.Set("code", b.Code())
	open := b.Post(alex+"/code", form)
	b.says("after the code", open.Body, `action="`+alex+`/notebook"`, "Save what I wrote")
	b.moved(b.Post(alex+"/notebook", hidden(open.Body)), alex+"/notebook")
	b.says("after the code", b.Get(alex+"/notebook").Body, "canary-goal", "Ask the chair")
	b.says("after the code", b.Get(alex).Body, "canary-shared", "canary-released")
	b.says("after the code", b.Get(alex+"/agreed").Body, "canary-agreed")
	b.says("after the code", b.Get(alex+"/story").Body, "canary-shared")
}
