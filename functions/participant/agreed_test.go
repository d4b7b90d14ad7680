package participant

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/pairing"
)

var readAt = regexp.MustCompile(`name="read" value="([0-9]*)"`)

// What both agreed to expect stays to be read as it was, and what they agree on stands beside it:
// both see who wrote it and when, and neither writes over the other's unread.
func TestWhatTheTwoAgreeOn(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Released)
	b.moved(b.Post(alex+"/accept", agree()), alex)
	b.accepted(b.Post(zoe+"/accept", agree()))
	expected := b.Programme.Terms.Say(b.Programme.Expectations.Points[0])
	later := *b.Programme
	later.Expectations.Version, later.Expectations.Points = "2030-01", []string{"Something else"}
	c := b.Store.Commit()
	c.UpdateProgramme(&later)
	b.Commit(c)
	toPairing := func(link string) string {
		got := b.Post(link+"/sessions", nil)
		return got.Header.Get("Location")
	}
	mine, theirs := toPairing(alex), toPairing(zoe)
	b.Known(mine, theirs)
	read := func(link string) string { return readAt.FindStringSubmatch(b.Get(link + "/agreed").Body)[1] }
	b.says("the sessions", b.Get(mine).Body, mine+"/agreed")
	b.says("what both agreed to", b.Get(mine+"/agreed").Body, expected, "(2026-11)", "Nothing yet.")
	b.silent("what both agreed to", b.Get(mine+"/agreed").Body, "Something else")
	write := func(link, text, read string) url.Values { return url.Values{"agreement": {text}, "read": {read}} }
	first, unread := read(mine), read(theirs)
	for range 2 { // pressed twice
		b.moved(b.Post(mine+"/agreed", write(mine, " We begin on time <b> ", first)), mine+"/agreed")
	}
	b.says("the other's page", b.Get(theirs+"/agreed").Body, "We begin on time &lt;b&gt;", "Alex Sample wrote this on ")
	got := b.Post(theirs+"/agreed", write(theirs, "No phones", unread))
	b.refused("unread", got, "agreement")
	b.says("unread", got.Body, "We begin on time &lt;b&gt;", ">No phones</textarea>")
	again := readAt.FindStringSubmatch(got.Body)
	b.moved(b.Post(theirs+"/agreed", write(theirs, "On time, no phones", again[1])), theirs+"/agreed")
	b.says("one's own page", b.Get(mine+"/agreed").Body, "On time, no phones", "Zoe Sample wrote this on ")
	b.refused("too much", b.Post(mine+"/agreed", write(mine, strings.Repeat("é", pairing.MaxText+1), read(mine))), "agreement")
}
