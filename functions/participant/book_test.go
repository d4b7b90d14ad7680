package participant

import (
	"crypto/rand"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/reminder"
	"github.com/cascading-leadership/cascade/shared/text"
)

func TestBookedSessionIsToldToBoth(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	form := b.Get(zoe + "/book")
	b.status(form, http.StatusOK)
	b.says("the form", form.Body, "Agree a time with Alex Sample first.", `href="`+zoe+`"`)
	entered := typed(form.Body)
	if !web.FormID(entered["form"]) || entered["minutes"] != "90" || typed(b.Get(zoe + "/book").Body)["form"] == entered["form"] {
		t.Errorf("the form begins as %v", entered)
	}
	b.moved(b.Post(zoe+"/book", booking("form", entered["form"], "place", "  Room 2,\r\n\tLeeds ")), zoe)

	all := b.sessions()
	if len(all) != 1 || b.pairing("x").Booked != 1 || b.pairing("x").Held != 0 {
		t.Fatalf("sessions %+v of %+v", all, b.pairing("x"))
	}
	s := all[0]
	if s.ID != entered["form"] || s.Number != 1 || s.Programme != "pilot" || s.Pairing != "x" || s.Client != "alex" || s.Consultant != "zoe" ||
		!s.StartsAt.Equal(time.Date(2027, time.March, 16, 14, 0, 0, 0, time.UTC)) || s.Minutes != 90 || s.Place != "Room 2, Leeds" ||
		s.BookedBy != programme.Consultant || s.State != pairing.Booked || s.DueAt.IsZero() || len(s.Logged) > 0 {
		t.Errorf("session %+v", s)
	}
	if got, want := b.owed(), []string{"session-booked alex", "session-booked zoe"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
	roles := map[string]programme.Role{"alex": programme.Client, "zoe": programme.Consultant}
	for _, m := range b.messages() {
		if m.Kind != message.KindSessionBooked || m.Role != roles[m.To] || m.Pairing != "x" || m.Session != s.ID {
			t.Errorf("message %+v", m)
		}
	}
	for _, link := range []string{alex, zoe} {
		b.says("the sessions", b.Get(link).Body, "Session 1 <strong", ">Booked<", "Tuesday 16 March 2027, 2:00pm UK time, 90 minutes<br>Room 2, Leeds")
	}
}

func TestWrongBookingIsShownAndNotKept(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	before := b.documents()
	for name, row := range map[string]struct {
		changes []string
		fields  []string
	}{
		"nothing":             {[]string{"date", "", "date-month", "", "date-year", "", "time", "", "minutes", "", "place", ""}, []string{"date", "time", "minutes", "place"}},
		"31 February":         {[]string{"date", "31", "date-month", "2", "date-year", "2028"}, []string{"date"}},
		"29 February":         {[]string{"date", "29", "date-month", "2", "date-year", "2027"}, []string{"date"}},
		"the month 13":        {[]string{"date-month", "13"}, []string{"date"}},
		"the day 0":           {[]string{"date", "0"}, []string{"date"}},
		"no day":              {[]string{"date", ""}, []string{"date"}},
		"a year of five":      {[]string{"date-year", "20270"}, []string{"date"}},
		"a date in one input": {[]string{"date", "16-3", "date-month", "2027"}, []string{"date"}},
		"yesterday":           {[]string{"date", "1"}, []string{"date"}},
		"an hour ago":         {[]string{"date", "2", "time", "11:00"}, []string{"date"}},
		"a minute ago":        {[]string{"date", "2", "time", "11:59"}, []string{"date"}},
		"in more than a year": {[]string{"date", "3", "date-year", "2028"}, []string{"date"}},
		"in the year 9999":    {[]string{"date-year", "9999"}, []string{"date"}},
		"no time":             {[]string{"time", ""}, []string{"time"}},
		"a time in words":     {[]string{"time", "after lunch"}, []string{"time"}},
		"the hour 25":         {[]string{"time", "25:00"}, []string{"time"}},
		"the minute 60":       {[]string{"time", "14:60"}, []string{"time"}},
		"13pm":                {[]string{"time", "13pm"}, []string{"time"}},
		"a time before 0":     {[]string{"time", "-1:00"}, []string{"time"}},
		"two times":           {[]string{"time", "14:00 15:00"}, []string{"time"}},
		// On 28 March 2027 the clocks in the UK go from 1:00 to 2:00.
		"an hour that is skipped": {[]string{"date", "28", "time", "01:30"}, []string{"time"}},
		"its first minute":        {[]string{"date", "28", "time", "1am"}, []string{"time"}},
		"no length":               {[]string{"minutes", ""}, []string{"minutes"}},
		"too short":               {[]string{"minutes", "14"}, []string{"minutes"}},
		"too long":                {[]string{"minutes", "481"}, []string{"minutes"}},
		"before it begins":        {[]string{"minutes", "-90"}, []string{"minutes"}},
		"longer than any number":  {[]string{"minutes", "99999999999999999999"}, []string{"minutes"}},
		"length in words":         {[]string{"minutes", "1.5 hours"}, []string{"minutes"}},
		"nowhere":                 {[]string{"place", ""}, []string{"place"}},
		"a blank place":           {[]string{"place", " \r\n\t "}, []string{"place"}},
		"a place with a code":     {[]string{"place", "Room 2\aLeeds"}, []string{"place"}},
		"a place turned around":   {[]string{"place", "Room 2\u202eLeeds"}, []string{"place"}},
		"a place of 301":          {[]string{"place", strings.Repeat("é", 301)}, []string{"place"}},
		"in the night or not":     {[]string{"time", "2:30"}, []string{"time"}},
		"the same with a dot":     {[]string{"time", "6.00"}, []string{"time"}},
		"all at once":             {[]string{"time", "soon", "minutes", "0", "place", strings.Repeat("x", 400)}, []string{"time", "minutes", "place"}},
		"hostile":                 {[]string{"time", hostile[1], "minutes", hostile[0], "place", strings.Join(hostile, " ")}, []string{"time", "minutes"}},
	} {
		form := booking(row.changes...)
		got := b.Post(alex+"/book", form)
		b.refused(name, got, row.fields...)
		shown := typed(got.Body)
		for _, input := range []string{"form", "date", "date-month", "date-year", "time", "minutes", "place"} {
			if want := text.Tidy(form.Get(input)); shown[input] != want {
				t.Errorf("%s: %s was %q, and is %q on the page", name, input, want, shown[input])
			}
		}
		if name == "hostile" {
			b.escaped("the form", got.Body, 2)
		}
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
}

func TestTimesAreUnderstoodAsPeopleWriteThem(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	winter := func(day, hour, minute int) time.Time { return time.Date(2027, 3, day, hour, minute, 0, 0, time.UTC) }
	for name, row := range map[string]struct {
		changes []string
		want    time.Time // in UTC
	}{
		"14:00":   {[]string{"time", "14:00"}, winter(16, 14, 0)},
		"14.30":   {[]string{"time", "14.30"}, winter(16, 14, 30)},
		"1430":    {[]string{"time", "1430"}, winter(16, 14, 30)},
		"2 p.m.":  {[]string{"time", "2 p.m."}, winter(16, 14, 0)},
		"02:30":   {[]string{"time", "02:30"}, winter(16, 2, 30)},
		"2pm":     {[]string{"time", "2pm"}, winter(16, 14, 0)},
		"2 PM":    {[]string{"time", " 2 PM "}, winter(16, 14, 0)},
		"2:30 pm": {[]string{"time", "2:30 pm"}, winter(16, 14, 30)},
		"2.30pm":  {[]string{"time", "2.30pm"}, winter(16, 14, 30)},
		"9:05":    {[]string{"time", "9:05"}, winter(16, 9, 5)},
		"09:05":   {[]string{"time", "09:05", "date-month", "03"}, winter(16, 9, 5)},
		"12am":    {[]string{"time", "12am"}, winter(16, 0, 0)},
		"12pm":    {[]string{"time", "12pm"}, winter(16, 12, 0)},
		"noon":    {[]string{"time", "noon"}, winter(16, 12, 0)},
		"narrow":  {[]string{"time", "2.30\u202fp.m."}, winter(16, 14, 30)},
		"March":   {[]string{"date-month", "March"}, winter(16, 14, 0)},
		"27":      {[]string{"date-year", "27"}, winter(16, 14, 0)},
		"pasted":  {[]string{"date", "Tue, 16th March 2027", "date-month", "", "date-year", ""}, winter(16, 14, 0)},

		// The clocks in the UK change on 28 March and 31 October 2027.
		"the day before summer time":  {[]string{"date", "27"}, winter(27, 14, 0)},
		"the last minute before it":   {[]string{"date", "28", "time", "0:59"}, winter(28, 0, 59)},
		"the first minute of it":      {[]string{"date", "28", "time", "02:00"}, winter(28, 1, 0)},
		"the first afternoon of it":   {[]string{"date", "28"}, winter(28, 13, 0)},
		"the last afternoon of it":    {[]string{"date", "30", "date-month", "10"}, time.Date(2027, 10, 30, 13, 0, 0, 0, time.UTC)},
		"the first afternoon after":   {[]string{"date", "31", "date-month", "10"}, time.Date(2027, 10, 31, 14, 0, 0, 0, time.UTC)},
		"soon":                        {[]string{"date", "2", "time", "12:30"}, winter(2, 12, 30)},
		"29 February":                 {[]string{"date", "29", "date-month", "2", "date-year", "2028"}, time.Date(2028, 2, 29, 14, 0, 0, 0, time.UTC)},
		"a year ahead":                {[]string{"date", "2", "date-year", "2028", "time", "12:00"}, time.Date(2028, 3, 2, 12, 0, 0, 0, time.UTC)},
		"the shortest":                {[]string{"minutes", "15"}, winter(16, 14, 0)},
		"the longest, with the place": {[]string{"minutes", "480", "place", strings.Repeat("é", 300)}, winter(16, 14, 0)},
	} {
		form := booking(row.changes...)
		b.forget()
		b.moved(b.Post(alex+"/book", form), alex)
		s, err := b.Store.Session(t.Context(), "pilot", "x", form.Get("form"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !s.StartsAt.Equal(row.want) {
			t.Errorf("%s: begins at %v, want %v", name, s.StartsAt, row.want)
		}
	}
	// The hour that comes twice is one of the two.
	b.forget()
	form := booking("date", "31", "date-month", "10", "time", "01:30")
	b.moved(b.Post(alex+"/book", form), alex)
	if s, err := b.Store.Session(t.Context(), "pilot", "x", form.Get("form")); err != nil || s.StartsAt.In(b.Programme.Location()).Format("15:04") != "01:30" {
		t.Errorf("session %+v, %v", s, err)
	}
}

// forget has the pairing know of none of its sessions, so that another can be at their time.
func (b *bed) forget() {
	b.t.Helper()
	x := b.pairing("x")
	x.Dates, x.Lengths, x.Changes = nil, nil, 0
	c := b.Store.Commit()
	c.UpdatePairing("pilot", x)
	b.Commit(c)
}

// The last session that there can be is booked once, however often its form is sent.
func TestLastFormSentTwiceIsOneSession(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	b.held(alex, "s", "u", "v")
	form := booking()
	for range 3 {
		b.moved(b.Post(alex+"/book", form), alex)
	}
	if n := len(b.sessions()); n != 4 {
		t.Errorf("%d sessions", n)
	}
}

func TestFormSentTwiceIsOneSession(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	once := func() {
		t.Helper()
		all := b.sessions()
		if len(all) != 1 || b.pairing("x").Booked != 1 || all[0].Number != 1 || all[0].Place != "Room 2, Leeds" {
			t.Errorf("sessions %+v of %+v", all, b.pairing("x"))
		}
		if got, want := b.owed(), []string{"session-booked alex", "session-booked zoe"}; !slices.Equal(got, want) {
			t.Errorf("owed %v, want %v", got, want)
		}
	}
	form := booking()
	var at sync.WaitGroup
	for range 6 { // an impatient click
		at.Go(func() { b.moved(b.Post(alex+"/book", form), alex) })
	}
	at.Wait()
	once()
	b.moved(b.Post(alex+"/book", form), alex) // a reload
	// Changed after it was sent, on a page that the browser kept: it says so, and
	// does not look as if the change were booked.
	for _, change := range [][]string{{"place", "Elsewhere"}, {"time", "15:00"}, {"minutes", "60"}} {
		got := b.Post(zoe+"/book", with(form, change...))
		b.status(got, http.StatusConflict)
		b.says("a changed form", got.Body, "This form has booked session 1 already, for Tuesday 16 March 2027, 2:00pm UK time.")
	}
	once()
}

func TestBothBookingAtOnceLosesNoSession(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	forms := map[string]url.Values{alex: booking("place", "Leeds"), zoe: booking("place", "York", "time", "16:00")}
	var again sync.Map
	var at sync.WaitGroup
	for link, form := range forms {
		at.Go(func() {
			switch got := b.Post(link+"/book", form); got.StatusCode {
			case http.StatusSeeOther:
			case http.StatusConflict: // look, and send it again
				again.Store(link, true)
			default:
				t.Errorf("status %d: %s", got.StatusCode, content(got.Body))
			}
		})
	}
	at.Wait()
	for link, form := range forms {
		if _, refused := again.Load(link); refused {
			b.moved(b.Post(link+"/book", form), link)
		}
	}
	all := b.sessions()
	if len(all) != 2 || b.pairing("x").Booked != 2 || all[0].Number != 1 || all[1].Number != 2 || all[0].Place == all[1].Place || all[0].BookedBy == all[1].BookedBy {
		t.Errorf("sessions %+v of %+v", all, b.pairing("x"))
	}
	if got, want := b.owed(), []string{"session-booked alex", "session-booked alex+", "session-booked zoe", "session-booked zoe+"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
}

func TestForgedFormBooksNothing(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	before := b.documents()
	for _, id := range []string{"", "1", "s", strings.ToLower(rand.Text()), rand.Text()[1:], rand.Text() + "A", "../" + rand.Text()[3:],
		"0189" + rand.Text()[4:], rand.Text()[:25] + "É", hostile[0]} {
		b.status(b.Post(alex+"/book", booking("form", id)), http.StatusConflict)
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
}

func TestNothingIsBookedOnceThePairingIsCompleted(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.held(alex, "s", "u")
	b.moved(b.Post(alex+"/finish", nil), alex)
	b.moved(b.Post(zoe+"/finish", nil), zoe)
	before := b.documents()
	for _, link := range []string{alex, zoe} {
		b.status(b.Post(link+"/book", booking()), http.StatusConflict)
		b.status(b.Post(link+"/book", booking("place", "")), http.StatusConflict)
		b.silent("the sessions", b.Get(link).Body, link+"/book")
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
}

// The same people can be in two pairings; a link is to one of them.
func TestSessionIsBookedInTheLinksPairingAlone(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	c := b.Store.Commit()
	c.CreatePairing("pilot", pairing.Start(&pairing.Match{ID: "y", Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "zoe"}}, b.Now()))
	b.Commit(c)
	other := b.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "y"}})
	form := booking("pairing", "y", "role", "consultant")
	b.moved(b.Post(alex+"/book", form), alex)
	if all := b.sessions(); len(all) != 1 || all[0].BookedBy != programme.Client || b.pairing("x").Booked != 1 || b.pairing("y").Booked != 0 {
		t.Errorf("sessions %+v", all)
	}
	b.says("the other pairing", b.Get(other).Body, "No session is booked yet.")
	b.Pass(30 * 24 * time.Hour)
	b.status(b.Get(other+"/log/"+form.Get("form")), http.StatusNotFound)
	b.status(b.Post(other+"/log/"+form.Get("form"), heldLog()), http.StatusNotFound)
	if b.pairing("y").Held != 0 || b.pairing("x").Held != 0 {
		t.Error("a log through another pairing's link counts")
	}
}

// A reminder waits for the message that it names as its first: that must be the one
// which was written when the session was booked or moved, or the pairing began.
func TestRemindersNameTheMessagesThatWereWritten(t *testing.T) {
	b := newBed(t)
	written := func(name string, l reminder.Due) {
		t.Helper()
		if len(l.Owed) == 0 {
			t.Errorf("%s: no reminders", name)
		}
		for _, m := range l.Owed {
			if _, _, err := b.Store.Message(t.Context(), m.After); err != nil {
				t.Errorf("%s: %s to %s comes after %q: %v", name, m.Kind, m.To, m.After, err)
			}
		}
	}
	cal := calendar.Of(b.Programme, "", "")
	who := reminder.Calendars{programme.Client: cal, programme.Consultant: cal}

	alex, zoe := b.match(pairing.Released)
	b.moved(b.Post(alex+"/accept", agree()), alex)
	b.accepted(b.Post(zoe+"/accept", agree()))
	x := b.pairing("m")
	written("a pairing", reminder.OfPairing(b.Programme, x, who, x.StartedAt, cal.AddWorkingDays(x.StartedAt, 5)))

	alex, _ = b.pair()
	b.moved(b.Post(alex+"/book", booking()), alex)
	near := func() reminder.Due {
		s := b.sessions()[0]
		return reminder.OfSession(b.Programme, s, b.pairing("x"), who, b.Now(), cal.DayBefore(s.StartsAt).Add(time.Hour))
	}
	written("a session", near())
	b.moved(b.Post(alex+"/move/"+b.sessions()[0].ID, moving()), alex)
	if b.sessions()[0].Sequence != 1 {
		t.Fatalf("it was not moved: %+v", b.sessions()[0])
	}
	written("a moved session", near())
}
