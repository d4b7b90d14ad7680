package mail

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
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
	"your-role":        {words: func(f *Facts) string { return article(f.Mine()) }},
	"their-role":       {words: func(f *Facts) string { return article(f.Theirs()) }},
	"Their-role":       {words: func(f *Facts) string { return programme.Capital(article(f.Theirs())) }},
	"their-role-alone": {words: func(f *Facts) string { return f.Theirs().Singular }},
	"their-roles":      {words: func(f *Facts) string { return f.Theirs().Plural }},

	// The other side of a match or pairing.
	"other":              {words: func(f *Facts) string { return f.Other.Person.Name }},
	"other-email":        {words: func(f *Facts) string { return string(f.Other.Person.Email) }},
	"other-organisation": {words: func(f *Facts) string { return f.Other.Organisation.Name }},

	// Why the two of a match: a sentence about where they are, and the names of the
	// needs that are met, the most important first.
	"near":      {words: near},
	"needs-met": {words: needsMet},

	// A session: its number, its start in words in the programme's zone, its length
	// with its unit, and what these were before its last move.
	"session":           {words: func(f *Facts) string { return strconv.Itoa(f.Session.Number) }},
	"when":              {words: func(f *Facts) string { return web.When(f.Session.StartsAt, f.Programme.Location()) }},
	"when-before":       {words: func(f *Facts) string { return web.When(f.Session.Was.StartsAt, f.Programme.Location()) }},
	"length":            {words: length},
	"length-and-before": {words: lengthAndBefore},
	"place":             {words: func(f *Facts) string { return f.Session.Place }},
	"place-and-before":  {words: placeAndBefore},
	"reason":            {words: func(f *Facts) string { return f.Session.Reason }},

	// Lists: what the recipient still needs before they can be matched, and what needs
	// a coordinator.
	"missing":  {items: func(f *Facts) []string { return f.Missing }},
	"concerns": {items: concerns},

	// Where the one thing to do is done.
	"link": {link: func(f *Facts) string { return f.Link }},
}

// Those that the letters of every kind can name, and of every kind but the staff's,
// who have no role. A letter need not use them.
var (
	forAll          = []string{"name", "programme", "host-contact", "host-email", "host-phone"}
	forParticipants = []string{"your-role", "their-role", "Their-role", "their-role-alone", "their-roles"}
)

// article is a term with its article, as in "a client".
func article(t programme.Term) string { return t.Article + " " + t.Singular }

// near says in which way the two of a match are near enough to each other.
func near(f *Facts) string {
	switch within := f.Programme.Place.Within; {
	case f.Reasons.Relaxed == programme.Neighbouring:
		return "Your regions border on each other. The programme allows that where nobody nearer is left."
	case f.Reasons.Relaxed == programme.Online:
		return "You can meet without travelling. The programme allows that where nobody nearer is left."
	case within == programme.Distance:
		return "You are near enough to each other to meet."
	case within == programme.Neighbouring:
		return "You are in the same region, or in regions that border on each other."
	case within == programme.Online:
		return "You can meet without travelling, and the programme asks for no more."
	}
	return fmt.Sprintf("You are in the same region: %s.", f.Reasons.Region)
}

func needsMet(f *Facts) string {
	names := make([]string, len(f.Reasons.Met))
	for i, n := range f.Reasons.Met {
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
	if f.Session.Was.Place == f.Session.Place {
		return f.Session.Place
	}
	return fmt.Sprintf("%s (before: %s)", f.Session.Place, f.Session.Was.Place)
}

func concerns(f *Facts) (lines []string) {
	for _, x := range []struct {
		n         int
		one, many string
	}{
		{f.Concerns.Unanswered, "match has waited for an answer for too long", "matches have waited for an answer for too long"},
		{f.Concerns.Unbooked, "pairing has had no session to come for too long", "pairings have had no session to come for too long"},
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
	return lines
}
