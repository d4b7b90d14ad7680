package participant

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// Who came by an invitation is asked in private whether they felt free to say no. The page says
// first who would ring; whom they chose is asked to, once; and the answer is kept nowhere.
func TestWhoWasInvitedIsAskedWhetherTheyFeltFree(t *testing.T) {
	b := newBed(t)
	enrol := func(id, heard string) string {
		b.enrol(ready(id, programme.Client, func(e *enrolment.Enrolment) { e.Heard = heard }))
		at := b.Link(purpose.My, store.Link{Programme: "pilot", Person: id, Role: programme.Client})
		b.giveFor(at, "")
		return at
	}
	calls := func() (to []string) {
		all, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if m.Kind == message.KindCallWanted {
				to = append(to, m.To+" "+m.Caller)
			}
		}
		slices.Sort(to)
		return to
	}
	for i, heard := range []string{"", "self", "peer", "other"} {
		b.silent("who came by themselves", b.Get(enrol([]string{"una", "seb", "pat", "oli"}[i]+"-seek", heard)).Body, "Did you feel free to say no?")
	}
	for i, heard := range []string{enrolment.ByInvitation, "funder", "host"} {
		b.says("who was invited", b.Get(enrol([]string{"ida", "fay", "hal"}[i]+"-seek", heard)).Body, "Did you feel free to say no?", "your answer is not kept")
	}
	at := enrol("lee-seek", "funder")
	page := b.Get(at + "/free")
	b.says("the page", page.Body, "That would be Kit Sample, a trustee of the host, who does not run the programme", "Morgan Sample may ring me", "nobody needs to ring me", "I would rather not say")
	before, trail := b.Documents(), len(b.Audited())
	for _, answer := range []string{"yes", "nobody"} {
		b.moved(b.Post(at+"/free", url.Values{"free": {answer}}), at)
	}
	for _, wrong := range []string{"", "alex", "Complaints"} {
		b.refused(wrong, b.Post(at+"/free", url.Values{"free": {wrong}}), "free")
	}
	for path := range b.Documents() {
		if _, there := before[path]; !there {
			t.Errorf("an answer left %s", path)
		}
	}
	b.says("after that", b.Get(at+"?done=said").Body, "Nothing of it is sent or kept")
	for range 2 {
		b.moved(b.Post(at+"/free", url.Values{"free": {complaint.Recipient}}), at)
	}
	if got := calls(); !slices.Equal(got, []string{"complaints lee-seek"}) {
		t.Errorf("asked to ring are %q", got)
	}
	b.moved(b.Post(at+"/free", url.Values{"free": {complaint.Host}}), at)
	if got := calls(); !slices.Equal(got, []string{"complaints lee-seek", "host lee-seek"}) {
		t.Errorf("asked to ring are %q", got)
	}
	if n := len(b.Audited()); n != trail {
		t.Errorf("the trail has %d entries more", n-trail)
	}
	// Without a code nobody sees it.
	back := b.AnotherBrowser()
	defer back()
	if got := b.Post(at+"/free", url.Values{"free": {"host"}}); got.StatusCode != http.StatusForbidden {
		t.Errorf("on another device: %d", got.StatusCode)
	}
}
