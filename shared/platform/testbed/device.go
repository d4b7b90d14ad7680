package testbed

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"

	"github.com/cascading-leadership/cascade/shared/message"
)

// AnotherBrowser has the bed use a browser without a cookie from now on, until it is given
// the one before back.
func (b *Bed) AnotherBrowser() (back func()) {
	before := b.Browser.Jar
	b.Browser.Jar, _ = cookiejar.New(nil)
	return func() { b.Browser.Jar = before }
}

// Code is the code in the newest email that is owed to somebody of the pilot programme, or
// "" where none is.
func (b *Bed) Code() (code string) {
	b.t.Helper()
	var newest int64
	for _, m := range b.Due() {
		if at := m.CreatedAt.UnixMicro(); m.Kind == message.KindDeviceCode && at > newest {
			code, newest = m.Code, at
		}
	}
	return code
}

// Known has the bed's browser known to whose links these are, as after a code.
func (b *Bed) Known(links ...string) {
	b.t.Helper()
	for _, link := range links {
		if got := b.GiveCode(link); got.StatusCode != http.StatusSeeOther {
			b.t.Fatalf("after the code: status %d", got.StatusCode)
		}
	}
}

// GiveCode asks for a code under a link, and gives it.
func (b *Bed) GiveCode(link string) Answer {
	b.t.Helper()
	b.Post(link+"/code", url.Values{"do": {"send"}})
	return b.Post(link+"/code", url.Values{"do": {"give"}, "code": {b.Code()}})
}
