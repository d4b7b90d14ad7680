package device

import (
	"crypto/hmac"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/devicecode"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// Pages are the templates of a door.
//
//go:embed pages/*.html
var Pages embed.FS

// Door is the page at which a device that was not seen before is sent a code, and gives it,
// under the links of one purpose. Opening it sends nothing: a button does.
type Door struct {
	Devices *Devices
	Pages   *web.Pages
	Purpose purpose.Purpose
	// Behind is what they can do then, so that it follows "to".
	Behind string
	// Each are the pages that ask for a code each time, also on a device that is known.
	Each []string
}

// each reports whether a page asks for a code each time.
func (d Door) each(page string) bool { return slices.Contains(d.Each, page) }

// Fresh reports whether a code was given just now on the way to a page that asks for one each
// time.
func (d Door) Fresh(r *http.Request, page string) (bool, error) {
	l, err := link.Of(r)
	if err != nil {
		return false, err
	}
	whose := d.Devices.whose(l)
	c, err := r.Cookie(freshCookie + whose)
	if err != nil {
		return false, nil
	}
	value, _ := d.Devices.asked.Verify(c.Value)
	parts := strings.Split(value, "~")
	if len(parts) != 4 || parts[0] != whose || parts[1] != string(d.Purpose) || parts[2] != page {
		return false, nil
	}
	at, err := strconv.ParseInt(parts[3], 10, 64)
	return err == nil && d.Devices.now().Before(time.Unix(at, 0).Add(freshLife)), nil
}

// Spend has the page ask for another code from now on.
func (d Door) Spend(w http.ResponseWriter, r *http.Request) {
	if l, err := link.Of(r); err == nil {
		http.SetCookie(w, cookie(freshCookie+d.Devices.whose(l), "", -1))
	}
}

// door is where a Door stands under a link.
const door = "code"

// To is the address of the door, for somebody who is to go on to a page under the link.
func (d Door) To(r *http.Request, page string) string {
	at := link.Path(r, d.Purpose, door)
	if page != "" {
		at += "?to=" + url.QueryEscape(page)
	}
	return at
}

// visit is a request at the door.
type visit struct {
	Door
	link      *store.Link
	programme *programme.Programme
	page      doorPage
	// status is that of an answer which says nothing to correct.
	status int
}

// doorPage is what the page shows.
type doorPage struct {
	// Link is the person's, and Action the door.
	Link, Action string
	// To is the page to which they go on, under the link.
	To     string
	Behind string
	// Each says that the page asks for a code each time.
	Each bool
	// Address is theirs, masked.
	Address string
	// Until is until when the code is good for which this browser has asked; the zero
	// time where there is none.
	Until time.Time
	// Wait is from when on something can be asked for or tried again, where there was too
	// much of it; the zero time else.
	Wait time.Time
	// Kept are the fields of a form that was sent and is not saved.
	Kept []kept
}

// kept is a field of a form.
type kept struct{ Name, Value string }

// keeps is before the names of kept fields, which may be any.
const keeps = "kept."

// keep keeps the fields whose names begin with a prefix, without it.
func (p *doorPage) keep(form url.Values, prefix string) {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if field, ok := strings.CutPrefix(name, prefix); ok {
			for _, value := range form[name] {
				p.Kept = append(p.Kept, kept{field, value})
			}
		}
	}
}

// pageForm is a page's path under a link.
var pageForm = regexp.MustCompile(`^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$`)

// visit reads who stands at the door, on the way to which page.
func (d Door) visit(r *http.Request, to string) (*visit, error) {
	l, err := link.Of(r)
	if err != nil {
		return nil, err
	}
	v := &visit{Door: d, link: l, status: http.StatusOK}
	if v.programme, err = d.Devices.store.Programme(r.Context(), l.Programme); err != nil {
		return nil, err
	}
	if !pageForm.MatchString(to) {
		to = ""
	}
	v.page = doorPage{Link: link.Path(r, d.Purpose), Action: link.Path(r, d.Purpose, door), To: to, Behind: d.Behind, Each: d.each(to), Address: l.Owner.Person.Email.Masked()}
	if a, ok := v.ask(r); ok {
		v.page.Until = a.at.Add(devicecode.Life)
	}
	return v, nil
}

// Next is where the person goes on to.
func (p doorPage) Next() string {
	if p.To == "" {
		return p.Link
	}
	return p.Link + "/" + p.To
}

// Show shows the door; where a code was given already, it stands open.
func (d Door) Show(w http.ResponseWriter, r *http.Request) error {
	v, err := d.visit(r, r.URL.Query().Get("to"))
	if err != nil {
		return err
	}
	known, err := d.Devices.Of(r)
	if err != nil {
		return err
	}
	open := known.seen
	if d.each(v.page.To) {
		if open, err = d.Fresh(r, v.page.To); err != nil {
			return err
		}
	}
	if open {
		return web.Redirect(w, r, v.page.Next())
	}
	return v.show(w, r, nil)
}

// Stop shows the door in the place of what somebody has sent from a device that may not
// change what it is about, on the page of the form. What they have sent is not saved, and
// stays with them: they send it again once they have given the code.
func (d Door) Stop(w http.ResponseWriter, r *http.Request, page string, sent url.Values) error {
	v, err := d.visit(r, page)
	if err != nil {
		return err
	}
	v.page.keep(sent, "")
	v.status = http.StatusForbidden
	return v.show(w, r, nil)
}

func (v *visit) show(w http.ResponseWriter, r *http.Request, invalid *fault.Invalid) error {
	title := "Get a code"
	if !v.page.Until.IsZero() {
		title = "Enter the code"
	}
	page := web.Page{Title: title, Programme: v.programme, Back: v.page.Link, Data: v.page, Invalid: invalid}
	switch {
	case !v.page.Wait.IsZero():
		w.Header().Set("Retry-After", strconv.Itoa(int(v.page.Wait.Sub(v.Devices.now())/time.Second)+1))
		v.status = http.StatusTooManyRequests
	case invalid != nil:
		v.status = http.StatusUnprocessableEntity
	}
	return v.Pages.Render(w, r, v.status, "device-code", page)
}

// Enter sends a code, or takes one.
func (d Door) Enter(w http.ResponseWriter, r *http.Request) error {
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	v, err := d.visit(r, posted.Get("to"))
	if err != nil {
		return err
	}
	v.page.keep(posted, keeps)
	switch posted.Get("do") {
	case "send":
		return v.send(w, r)
	case "give":
		return v.give(w, r, posted.Get("code"))
	}
	return fault.New(fault.NotFound, "This page does not know what was asked of it. Go back, and use its buttons.")
}

// asked is that a browser has asked for a code.
type asked struct {
	nonce string
	at    time.Time
}

// ask is what the browser of a request has asked for and can still use, by its cookie.
func (v *visit) ask(r *http.Request) (a asked, ok bool) {
	whose := v.Devices.whose(v.link)
	c, err := r.Cookie(askedCookie + whose)
	if err != nil {
		return a, false
	}
	value, _ := v.Devices.asked.Verify(c.Value)
	parts := strings.Split(value, "~")
	if len(parts) != 3 || parts[0] != whose {
		return a, false
	}
	at, err := strconv.ParseInt(parts[2], 10, 64)
	a = asked{parts[1], time.Unix(at, 0)}
	return a, err == nil && v.Devices.now().Before(a.at.Add(devicecode.Life))
}

// code is the one that was asked for: it follows from who asked and when, by a key.
func (v *visit) code(a asked) string {
	hash, err := hex.DecodeString(v.Devices.codes.Hash(strings.Join([]string{string(v.Purpose), v.Devices.whose(v.link), a.nonce, strconv.FormatInt(a.at.Unix(), 10)}, "\x00")))
	if err != nil {
		panic(err) // it is a hash in hexadecimal
	}
	return devicecode.Of(hash)
}

// send sends a code to the person's address, which this browser alone can use.
func (v *visit) send(w http.ResponseWriter, r *http.Request) error {
	now := v.Devices.now()
	codes, err := v.Devices.store.Codes(r.Context(), v.programme.ID, enrolment.PersonOf(v.link.Person))
	if err != nil {
		return err
	}
	a := asked{rand.Text(), now}
	if !codes.Send(a.nonce, now) {
		v.page.Wait = codes.SendFrom(now)
		return v.show(w, r, nil)
	}
	c := v.Devices.store.Commit()
	c.SaveCodes(v.programme.ID, codes, now)
	c.Enqueue(r.Context(), message.DeviceCode(v.programme, v.link.Owner.ID, v.link.Owner.Role, a.nonce, v.code(a), now), now)
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	whose := v.Devices.whose(v.link)
	http.SetCookie(w, cookie(askedCookie+whose, v.Devices.asked.Sign(strings.Join([]string{whose, a.nonce, strconv.FormatInt(now.Unix(), 10)}, "~")), devicecode.Life))
	if len(v.page.Kept) > 0 {
		v.page.Until = now.Add(devicecode.Life)
		return v.show(w, r, nil)
	}
	return web.Redirect(w, r, v.To(r, v.page.To))
}

// What is wrong with a code that was given.
var outcomes = map[devicecode.Outcome]string{
	devicecode.Wrong: "This is not the code in our newest email to you. Check it and enter it again",
	devicecode.Old:   "This code can be used no longer. Send another one",
	devicecode.Spent: "A wrong code was entered too often, and this one can be used no longer. Send another one",
}

// give takes a code. The try is counted, and that the code is used, before anything is said
// about it: of many tries at once each is.
func (v *visit) give(w http.ResponseWriter, r *http.Request, typed string) error {
	wrong := func(message string) error {
		return v.show(w, r, &fault.Invalid{Fields: []fault.Field{{Name: "code", Message: message}}})
	}
	a, ok := v.ask(r)
	if !ok {
		return wrong("This browser has asked for no code in the last 15 minutes. Send one, and enter it here")
	}
	code, ok := devicecode.Read(typed)
	if !ok {
		return wrong("Enter the six digits that are in our email")
	}
	now := v.Devices.now()
	codes, err := v.Devices.store.Codes(r.Context(), v.programme.ID, enrolment.PersonOf(v.link.Person))
	if err != nil {
		return err
	}
	outcome := codes.Try(a.nonce, hmac.Equal([]byte(code), []byte(v.code(a))), now)
	if outcome == devicecode.TooMany {
		v.page.Wait = codes.SendFrom(now)
		return v.show(w, r, nil)
	}
	if outcome == devicecode.Right || outcome == devicecode.Wrong {
		c := v.Devices.store.Commit()
		c.SaveCodes(v.programme.ID, codes, now)
		if err := c.Do(r.Context()); err != nil {
			return err
		}
	}
	if outcome != devicecode.Right {
		return wrong(outcomes[outcome])
	}
	return v.open(w, r)
}

// open has the browser known from now on, and lets the person go on.
func (v *visit) open(w http.ResponseWriter, r *http.Request) error {
	whose := v.Devices.whose(v.link)
	opened := &Device{devices: v.Devices, cookies: r.Cookies(), whose: whose, link: v.link, nonce: rand.Text(), seen: true, fresh: true}
	opened.Keep(w)
	http.SetCookie(w, cookie(askedCookie+whose, "", -1))
	if v.each(v.page.To) {
		http.SetCookie(w, cookie(freshCookie+whose, v.Devices.asked.Sign(strings.Join([]string{whose, string(v.Purpose), v.page.To, strconv.FormatInt(v.Devices.now().Unix(), 10)}, "~")), freshLife))
	}
	if len(v.page.Kept) > 0 {
		return v.Pages.Show(w, r, "device-seen", web.Page{Title: "Now save what you wrote", Programme: v.programme, Back: v.page.Next(), Data: v.page})
	}
	return web.Redirect(w, r, v.page.Next())
}
