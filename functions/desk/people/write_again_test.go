package people_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
)

func left(e *enrolment.Enrolment) { e.State = enrolment.Withdrawn }

// The coordinator sees how much is asked of somebody, and why nothing is sent where
// nothing is.
func TestPersonsPageSaysWhatTheyAreSent(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("new"), desktest.Person("asked"), desktest.Person("bounced-seek"), desktest.Person("spam-seek"), desktest.Person("left", left), desktest.Person("few"), desktest.Person("reached"))
	cal := calendar.Of(b.Programme, "", "")
	b.Contact("asked", func(c *contact.Contact) {
		for i, days := range []int{40, 29, 0} {
			c.Record(cal, []contact.Pending{{ID: fmt.Sprint(i), Kind: message.KindGetReady}}, b.Now().AddDate(0, 0, -days))
		}
	})
	b.Contact("bounced-seek", func(c *contact.Contact) { c.Stop(contact.Bounced, b.Now()) })
	b.Contact("spam-seek", func(c *contact.Contact) { c.Stop(contact.SpamReport, b.Now()) })
	b.Contact("few", func(c *contact.Contact) {
		c.Decline(message.Questionnaires, message.SessionLogs)
		c.Snooze(cal, b.Now())
	})
	b.Contact("reached", func(c *contact.Contact) { c.Reached(time.Date(2026, time.November, 27, 9, 0, 0, 0, time.UTC)) })
	if page := b.Get(desk + "/people/new").Body; strings.Contains(page, "last arrived") {
		t.Error("an email is said to have arrived of which nobody knows")
	}
	list := b.Get(desk + "/emails").Body
	for id, listed := range map[string]bool{"bounced-seek": true, "spam-seek": true, "left": false, "few": false, "new": false} {
		if strings.Contains(list, `href="`+desk+"/people/"+id+`"`) != listed {
			t.Errorf("%s is listed among those to whom nothing is sent, or is not", id)
		}
	}
	const button = "Write to "
	for id, row := range map[string]struct {
		says   []string
		button bool
	}{
		"new":          {[]string{"were asked for nothing that could wait", "more than 4 times"}, false},
		"asked":        {[]string{"asked 2 times for something that could wait"}, false},
		"bounced-seek": {[]string{"Nothing is sent: their address did not take"}, true},
		"spam-seek":    {[]string{"Nothing is sent: they marked"}, true},
		"reached":      {[]string{"An email last arrived on Friday 27 November 2026."}, false},
		"left":         {[]string{"Nothing is sent: they have left"}, false},
		"few":          {[]string{"paused reminders until", "about logs and follow-ups, questionnaires."}, false},
	} {
		page := b.Get(desk + "/people/" + id).Body
		for _, want := range row.says {
			if !strings.Contains(page, want) {
				t.Errorf("%s's page lacks %q", id, want)
			}
		}
		if strings.Contains(page, button) != row.button {
			t.Errorf("%s's page has the button or lacks it", id)
		}
	}
}

func TestWhoWasStoppedIsWrittenToAgain(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("spam"), desktest.Person("left", left))
	b.Contact("spam", func(c *contact.Contact) { c.Stop(contact.SpamReport, b.Now()) })
	for range 2 { // sent twice
		if got := b.Post(desk+"/people/spam/emails", nil); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	if got := b.Post(desk+"/people/left/emails", nil); got.StatusCode != http.StatusConflict {
		t.Errorf("who has left: status %d", got.StatusCode)
	}
	if c, err := b.Store.Contact(t.Context(), "pilot", "spam"); err != nil || c.Stopped != "" {
		t.Errorf("still stopped: %q, %v", c.Stopped, err)
	}
}
