package journey

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// handsOver: in a programme in which they chose each other and have met once, whoever was helped
// leads the organisation no longer and says who does. That one takes the place by a form of their
// own, both agree to go on, and the page shows what was before.
func (s *story) handsOver(b *browser) {
	s.t.Helper()
	const id, kims = "chosen", "kim.sample@example.org"
	client, helper := *s.seekers[1], *s.offers[1]
	client.email, client.codes, helper.email, helper.codes = "choosing-"+client.email, 0, "choosing-"+helper.email, 0
	s.walker.post(s.walker.link(helper.email, "/match/", 1)+"/accept", url.Values{"agree": {"2026-11"}})
	s.nextDay()
	client.pairing = s.walker.link(client.email, "/pairing/", 1)
	at := s.now().In(london()).AddDate(0, 0, 2)
	form := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(s.walker.get(client.pairing + "/book"))
	s.walker.post(client.pairing+"/book", url.Values{"form": {form[1]}, "date": {strconv.Itoa(at.Day())}, "date-month": {strconv.Itoa(int(at.Month()))}, "date-year": {strconv.Itoa(at.Year())},
		"time": {"14:00"}, "minutes": {"60"}, "place": {"By video call"}})
	s.forward(3)
	log := regexp.MustCompile(`href="([^"]+/log/[^"]+)">Write`).FindStringSubmatch(s.walker.get(client.pairing))
	if log == nil {
		s.t.Fatal("no log is asked for")
	}
	s.walker.post(log[1], url.Values{"held": {"yes"}, "balance": {"both"}, "thinking": {"asked"}, "surfaced": {"canary of the one before"}})

	b.open(s.walker.link(client.email, "/my/", 1))
	s.givesCode(b, &client)
	b.press("I no longer lead " + client.form.Organisation)
	b.sees("They get one email from us", "Until they confirm, your place stays as it is")
	b.press("Ask them")
	b.refused("Enter an email address, like name@example.org")
	b.picture("another leads my organisation")
	b.write("email", kims)
	b.press("Ask them")
	b.sees("Thank you. That is all", "whether they refuse or say nothing")
	b.picture("another leads my organisation, asked")

	b.open(s.walker.link(kims, "/enrol/passed-on/", 1))
	b.sees("We were told that you lead "+client.form.Organisation+" now", "You are a new person to us")
	b.picture("do you lead this organisation now")
	b.press("I lead it now: take its place")
	b.tick("consent", client.form.Consent)
	b.press("Continue")
	if filled := b.eval(`document.getElementById("email").value`); filled != kims {
		s.t.Errorf("the address is filled in as %q", filled)
	}
	b.write("name", "Kim Sample")
	b.press("Continue")
	if filled := b.eval(`document.getElementById("organisation").value`); filled != client.form.Organisation {
		s.t.Errorf("the organisation is filled in as %q", filled)
	}
	b.press("Continue")
	b.tick("strengths", "finance")
	b.press("Continue")
	b.tick("needs", "fundraising")
	b.press("Continue")
	b.choose("skill-fundraising", "2", "own-fundraising", "1")
	b.press("Continue")
	b.press("Send my enrolment")
	b.open(s.walker.link(kims, "/enrol/confirm/", 1))
	b.sees("you take the place of " + client.form.Organisation + " in the programme")
	b.tick("do", "confirm")
	b.press("Continue")
	b.sees("Your enrolment is confirmed", "we ask both of you whether you go on together")
	b.picture("the place is taken")

	s.walker.post("/local/run", url.Values{"schedule": {"reminders-tick"}})
	s.walker.email(client.email, "What you told us stays yours", 1)
	s.nextDay() // when news come
	s.walker.post(s.walker.link(helper.email, "/match/", 2)+"/accept", url.Values{"agree": {"2026-11"}})
	b.open(s.walker.link(kims, "/match/", 1))
	b.sees("Before you led "+client.form.Organisation, "or be matched anew")
	b.picture("go on where another leads")
	b.press("Read what to expect and accept")
	b.tick("agree", "2026-11")
	b.press("Accept the match")
	b.sees("Before you: one session with the one who led before", "1 of at least", "counting those before")
	b.eval(`document.querySelectorAll("summary").forEach(s => s.click()), ""`)
	b.picture("sessions of who leads now")
	if strings.Contains(b.text(), "canary") {
		s.t.Error("what was written before is shown")
	}
}
