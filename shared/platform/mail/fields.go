package mail

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// field is what stands in the place of a name in braces, such as {when}: words in a
// sentence, one item of a list for each of several lines, or where a link leads.
// Exactly one of the three is set.
type field struct {
	words func(*Facts) string
	items func(*Facts) []string
	link  func(*Facts) string
}

// fields are all that letters can name. Which of them the letters of a kind can name
// is in message.Fields: not every reader may know all of this.
var fields = map[string]field{
	// The recipient and the programme.
	"name":             {words: func(f *Facts) string { return f.Name }},
	"programme":        {words: func(f *Facts) string { return f.Programme.Name }},
	"minimum-sessions": {words: func(f *Facts) string { return strconv.Itoa(f.Programme.Sessions.Minimum) }},
	"host-contact":     {words: func(f *Facts) string { return f.Programme.Host.Contact }},
	"host-email":       {words: func(f *Facts) string { return f.Programme.Host.Email }},
	"host-phone":       {words: func(f *Facts) string { return f.Programme.Host.Phone }},

	// The roles in the programme's terms: "a client", and at the start of a sentence
	// "A client"; without the article "client", and "clients".
	"your-role":        {words: func(f *Facts) string { return f.Mine().Indefinite() }},
	"their-role":       {words: func(f *Facts) string { return f.Theirs().Indefinite() }},
	"Their-role":       {words: func(f *Facts) string { return programme.Capital(f.Theirs().Indefinite()) }},
	"their-role-alone": {words: func(f *Facts) string { return f.Theirs().Singular }},
	"their-roles":      {words: func(f *Facts) string { return f.Theirs().Plural }},

	// The other side of a match or pairing.
	"other":              {words: func(f *Facts) string { return f.Other.Person.Name }},
	"other-email":        {words: func(f *Facts) string { return f.Other.Person.Email.Shown() }},
	"other-organisation": {words: func(f *Facts) string { return f.Other.Organisation.Name }},

	// Why the two of a match: a sentence about where they are, and the names of the
	// needs that are met, the most important first.
	"near":      {words: near},
	"needs-met": {words: needsMet},

	// A sentence that says until when a match is to be answered.
	"reply-by": {words: replyBy},

	// A session: its number, its start in words in the programme's zone, its length
	// with its unit, and what these were before its last move.
	"session":           {words: func(f *Facts) string { return strconv.Itoa(f.Session.Number) }},
	"when":              {words: func(f *Facts) string { return web.When(f.Session.StartsAt, f.Programme.Location()) }},
	"when-before":       {words: func(f *Facts) string { return web.When(f.Session.Was.StartsAt, f.Programme.Location()) }},
	"length":            {words: length},
	"length-and-before": {words: lengthAndBefore},
	"place":             {words: func(f *Facts) string { return f.Session.Booking().Where() }},
	"place-and-before":  {words: placeAndBefore},
	"reason":            {words: func(f *Facts) string { return f.Session.Reason }},

	// What the other proposes for a session: its times, its length, and where.
	"times": {items: func(f *Facts) (times []string) {
		for _, at := range f.Pairing.Proposal.Times {
			times = append(times, web.When(at, f.Programme.Location()))
		}
		return times
	}},
	"proposed-length": {words: func(f *Facts) string { return fmt.Sprintf("%d minutes", f.Pairing.Proposal.Minutes) }},
	"proposed-place":  {words: func(f *Facts) string { return f.Pairing.Proposal.Booking(time.Time{}).Where() }},

	// When a pause of a pairing ends.
	"until": {words: func(f *Facts) string {
		return f.Pairing.PausedUntil.In(f.Programme.Location()).Format("Monday 2 January 2006")
	}},

	// A complaint: by which day it is answered, and by whom.
	"answer-by": {words: func(f *Facts) string {
		return f.Complaint.AnswerBy.In(f.Programme.Location()).Format("Monday 2 January 2006")
	}},
	"complaints-name": {words: func(f *Facts) string { return f.Programme.Complaints.Name }},

	// Who asks to be rung, and how they are reached.
	"caller": {words: func(f *Facts) string { return f.Caller.Person.Name }},
	"caller-reach": {words: func(f *Facts) string {
		if f.Caller.Person.Phone == "" {
			return f.Caller.Person.Email.Shown()
		}
		return f.Caller.Person.Phone + " or " + f.Caller.Person.Email.Shown()
	}},

	// The address, which is confirmed, of who lets the reader pick times.
	"by-email": {words: func(f *Facts) string { return f.Person.Person.Email.Shown() }},

	// Lists: what the recipient still needs before they can be matched, and what needs
	// a coordinator.
	"missing":  {items: func(f *Facts) []string { return reminder.Missing(f.Person) }},
	"concerns": {items: concerns},

	// What the recipient told when they enrolled, but for what is private: an email lies in an
	// inbox that others may read.
	"answers": {items: answers},

	// A code, in two parts to be read more easily.
	"code": {words: func(f *Facts) string { return f.Code[:len(f.Code)/2] + " " + f.Code[len(f.Code)/2:] }},

	// Where the one thing to do is done.
	"link": {link: func(f *Facts) string { return f.Link }},
}

// sampleFacts are facts of nobody, in which every field has something to say.
func sampleFacts(p *programme.Programme, role programme.Role) Facts {
	// Two in the afternoon in London, on the first day of summer time.
	start := time.Date(2027, 3, 28, 13, 0, 0, 0, time.UTC)
	return Facts{
		Programme: p, Name: "Alex Example", Role: role, Step: 1,
		Subject: message.Subject{
			Person: samplePerson(role),
			Other: &enrolment.Enrolment{
				Person:       enrolment.Person{Name: "Robin Sample", Email: "robin.sample@example.org"},
				Organisation: enrolment.Organisation{Name: "Sample House"},
			},
			Match: &pairing.Match{State: pairing.Released, ReplyBy: start.Add(10 * time.Hour), Reasons: matching.Reasons{Region: "Yorkshire and the Humber",
				Met: []matching.Need{{Skill: "board", Priority: 3, Level: 2}, {Skill: "finance", Priority: 1, Level: 3}}}},
			Pairing: &pairing.Pairing{ID: "x", State: pairing.Active, Dates: map[string]time.Time{"s": start},
				Further:     pairing.Further{State: pairing.FurtherAsked, By: role.Other(), Why: "To look at the budget together"},
				PausedUntil: start.Add(-13 * time.Hour), Proposal: pairing.Proposal{ID: "t", By: role.Other(),
					Times: []time.Time{start.AddDate(0, 0, 2), start.AddDate(0, 0, 3)}, Minutes: 90, Way: pairing.ByVideo, Place: "https://meet.example.org/a?b=c"}},
			Session: &pairing.Session{
				ID: "s", Pairing: "x", Number: 1, Minutes: 90, Place: "Room 2, Sample Library", StartsAt: start, State: pairing.Booked,
			},
			Invitation: &questionnaire.Invitation{Moment: programme.Baseline},
			Caller:     &enrolment.Enrolment{Person: enrolment.Person{Name: "Lee Sample", Email: "lee.sample@example.org", Phone: "020 7946 0123"}},
			Nomination: &nomination.Nomination{Email: "lee@example.org"},
			Complaint:  &complaint.Complaint{State: complaint.Received, AnswerBy: start.AddDate(0, 0, 26)},
			Concerns:   message.Concerns{Enrolled: 5, Declined: 2, Lapsed: 2, Stopped: 2, Proposed: 8, Unclear: 3, Unanswered: 2, Unbooked: 3, Unready: 12, SetAside: 4, Requests: 3, LateRequests: 2, OwnRequests: 2, RequestDue: start.AddDate(0, 0, -1), Further: 3, LateFurther: 2, FurtherDue: start.AddDate(0, 0, 3), Deletes: start.AddDate(0, 1, 0)},
		},
		Code:    "042817",
		Link:    "https://cascade.example.org/link",
		Choices: "https://cascade.example.org/choices",
		My:      "https://cascade.example.org/my",
		Notice:  "https://cascade.example.org/privacy/pilot",
	}
}

// samplePerson is nobody, as they enrolled.
func samplePerson(role programme.Role) *enrolment.Enrolment {
	e := &enrolment.Enrolment{
		Role: role, Person: enrolment.Person{Name: "Alex Example", Email: "alex.example@example.org"},
		Organisation: enrolment.Organisation{Name: "Example Trust", Postcode: "LS6 2AB", Region: "Yorkshire and the Humber", Categories: []string{"HE"}},
		Skills:       map[string]int{"board": 3, "finance": 1}, Bids: []string{"The Council"},
	}
	if role == programme.Client {
		e.Experience, e.Strengths = map[string]int{"finance": 1}, []string{"team"}
	}
	return e
}

// Those that the letters of every kind can name, and of every kind but the staff's,
// who have no role. A letter need not use them.
var (
	forAll          = []string{"name", "programme", "host-contact", "host-email", "host-phone"}
	forParticipants = []string{"your-role", "their-role", "Their-role", "their-role-alone", "their-roles"}
)

// article is a term with its article, as in "a client".

// near says in which way the two of a match are near enough to each other.
func near(f *Facts) string {
	switch within, relaxed := f.Programme.Place.Within, f.Match.Reasons.Relaxed; {
	case relaxed == programme.Neighbouring:
		return "Your regions border on each other. The programme allows that where nobody nearer is left."
	case relaxed == programme.Online:
		return "You can meet without travelling. The programme allows that where nobody nearer is left."
	case within == programme.Distance:
		return "You are near enough to each other to meet."
	case within == programme.Neighbouring:
		return "You are in the same region, or in regions that border on each other."
	case within == programme.Online:
		return "You can meet without travelling, and the programme asks for no more."
	}
	return fmt.Sprintf("You are in the same region: %s.", f.Match.Reasons.Region)
}

// replyBy says until when a match is to be answered, where something ends that.
func replyBy(f *Facts) string {
	last := f.Match.LastDay()
	if last.IsZero() {
		return "Please answer as soon as you can."
	}
	return "Please answer by the end of " + last.In(f.Programme.Location()).Format("Monday 2 January 2006") + "."
}

func answers(f *Facts) (lines []string) {
	for _, a := range enrolment.FormOf(f.Person).Answers(f.Programme, f.Role) {
		if said := slices.DeleteFunc(a.Lines, func(l string) bool { return l == "" }); !a.Private && len(said) > 0 {
			lines = append(lines, a.Question+": "+strings.Join(said, "; "))
		}
	}
	return lines
}

func needsMet(f *Facts) string {
	names := make([]string, len(f.Match.Reasons.Met))
	for i, n := range f.Match.Reasons.Met {
		names[i] = f.Programme.SkillName(n.Skill)
	}
	return strings.Join(names, ", ")
}

func length(f *Facts) string { return fmt.Sprintf("%d minutes", f.Session.Minutes) }

func lengthAndBefore(f *Facts) string {
	if f.Session.Was.Minutes == f.Session.Minutes {
		return length(f)
	}
	return fmt.Sprintf("%s, and no longer %d", length(f), f.Session.Was.Minutes)
}

func placeAndBefore(f *Facts) string {
	now, was := f.Session.Booking().Where(), f.Session.Was.Where()
	if now == was {
		return now
	}
	return fmt.Sprintf("%s (before: %s)", now, was)
}

func concerns(f *Facts) (lines []string) {
	for _, x := range []struct {
		n         int
		one, many string
	}{
		{f.Concerns.Enrolled, "person has enrolled", "people have enrolled"},
		{f.Concerns.Proposed, "proposed match waits for your review", "proposed matches wait for your review"},
		{f.Concerns.Declined, "match was declined: the desk says why", "matches were declined: the desk says why"},
		{f.Concerns.Lapsed, "match lapsed without an answer: the desk says who did not give one", "matches lapsed without an answer: the desk says who did not give one"},
		{f.Concerns.Stopped, "pairing was stopped", "pairings were stopped"},
		{f.Concerns.Unclear, "person named organisations, and it is not clear which", "people named organisations, and it is not clear which"},
		{f.Concerns.Unanswered, "match needs you: it waits for an answer, or somebody has asked something", "matches need you: they wait for an answer, or somebody has asked something"},
		{f.Concerns.Unbooked, "pairing needs you", "pairings need you"},
		{f.Concerns.Unready, "person has not been ready to be matched for a long time", "people have not been ready to be matched for a long time"},
		{f.Concerns.SetAside, "email could not be sent", "emails could not be sent"},
	} {
		switch x.n {
		case 0:
		case 1:
			lines = append(lines, "1 "+x.one)
		default:
			lines = append(lines, strconv.Itoa(x.n)+" "+x.many)
		}
	}
	if at := f.Concerns.Deletes; !at.IsZero() {
		lines = append(lines, "from "+at.In(f.Programme.Location()).Format("Monday 2 January 2006")+" on, all that is kept about those who took part is deleted: the desk says what that is")
	}
	return append(append(lines, furthers(f)...), requests(f)...)
}

// furthers are the lines about pairs who both ask for a further session: how many wait and by
// when they are to be answered, and by how many that is over.
func furthers(f *Facts) (lines []string) {
	c, due := f.Concerns, f.Concerns.FurtherDue.Add(-time.Second).In(f.Programme.Location()).Format("2 January 2006")
	switch {
	case c.Further == 0:
		return nil
	case c.Further == 1:
		lines = append(lines, "1 pair asks for a further session, and is to be answered by "+due)
	default:
		lines = append(lines, strconv.Itoa(c.Further)+" pairs ask for a further session, the first to be answered by "+due)
	}
	switch {
	case c.LateFurther == 1:
		lines = append(lines, "1 answer about a further session is late")
	case c.LateFurther > 1:
		lines = append(lines, strconv.Itoa(c.LateFurther)+" answers about further sessions are late")
	}
	return lines
}

// requests are the lines about what people asked about their own data: how many wait and by
// when they are to be answered, and by how many that is over.
func requests(f *Facts) (lines []string) {
	c := f.Concerns
	if c.Requests == 0 {
		return nil
	}
	line := "1 person asked about their data, and is to be answered by "
	if c.Requests > 1 {
		line = strconv.Itoa(c.Requests) + " requests of people about their data wait, the first to be answered by "
	}
	line += c.RequestDue.In(f.Programme.Location()).Format("2 January 2006")
	switch {
	case c.OwnRequests == 1 && c.Requests == 1:
		line += ", by you"
	case c.OwnRequests > 0:
		line += fmt.Sprintf("; %d by you", c.OwnRequests)
	}
	lines = append(lines, line)
	switch {
	case c.LateRequests == 1:
		lines = append(lines, "1 answer about somebody’s data is late")
	case c.LateRequests > 1:
		lines = append(lines, fmt.Sprintf("%d answers about people’s data are late", c.LateRequests))
	}
	return lines
}
