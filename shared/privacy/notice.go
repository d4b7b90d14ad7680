package privacy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

// Notice is what people are told before they are asked anything.
type Notice struct {
	Programme *programme.Programme
	// Version is the programme's own of its notice, and Facts a hash of all that it rests
	// on: where either is another, it is agreed anew.
	Version, Facts string
	Purposes       []Purpose
	// Kept are the types of documents about those who take part.
	Kept  []Holding
	Shown []Audience
	// Introduced is by what somebody is introduced to their match.
	Introduced []string
	Processors []Processor
	// Least is how many people stand behind a figure that others are shown.
	Least int
	// Ends is the last day of the programme in words, "" where none is set.
	Ends string
}

// Holding is one type of documents, as people read of it.
type Holding struct {
	What    string
	Purpose Purpose
	// Until is how long it is kept, and By what deletes it then.
	Until, By string
	// Open says that nothing does, since the programme has no last day.
	Open  bool
	Items []Item
}

// Item is some data in it.
type Item struct {
	// Label names what the person gives; "" for what the system records and staff note.
	Label, For, Seen string
	Class            register.Class
}

// Audience is somebody who is shown something, with what.
type Audience struct {
	Who  string
	What []string
}

// New is the notice of a programme, from what is stored and where.
func New(p *programme.Programme, all []Stored, d Deployment) *Notice {
	n := &Notice{Programme: p, Version: p.Privacy.Version, Least: disclosure.Threshold}
	if last, err := time.Parse(time.DateOnly, p.Dates.Ends); err == nil {
		n.Ends = last.Format("2 January 2006")
	}
	for _, purpose := range Purposes {
		if !purpose.Staff {
			n.Purposes = append(n.Purposes, purpose)
		}
	}
	for _, s := range all {
		purpose, ok := Of(s.For())
		if !ok || purpose.Staff || s.Path == "programmes/*" {
			continue // about nobody, or about those who work for the host
		}
		h := Holding{What: capital(Own(p, s.Title())), Purpose: purpose, Until: s.Kept.Until, By: s.Kept.By, Open: open(p, s)}
		for _, r := range s.Rows {
			if words := label(r); words != "" && r.Seen&register.Matched != 0 && strings.HasSuffix(s.Path, "/enrolments/*") {
				n.Introduced = append(n.Introduced, Own(p, words))
			}
			if r.Class != register.Technical {
				h.Items = append(h.Items, Item{Own(p, label(r)), Own(p, r.ForYou()), Seen(r.Seen, p), r.Class})
			}
		}
		n.Kept = append(n.Kept, h)
	}
	n.Shown = audiences(p, all)
	for _, processor := range d.Processors() {
		if !processor.Staff {
			n.Processors = append(n.Processors, processor)
		}
	}
	n.Facts = n.facts()
	return n
}

// open reports whether nothing deletes documents of a type, since they are kept until some
// time after the end of a programme that has none.
func open(p *programme.Programme, s Stored) bool {
	return s.Kept.At == register.OnceOver && !p.Dates.Set()
}

// facts are what somebody agrees to, as a hash. What the system merely records is not among
// them: a new release may record more without asking everybody anew.
func (n *Notice) facts() string {
	type row struct{ Label, For, Seen string }
	type holding struct {
		What, Until, By string
		Rows            []row
	}
	facts := struct {
		Purposes   []Purpose
		Kept       []holding
		Processors []Processor
		Host       programme.Host
		Points     []string
	}{n.Purposes, nil, n.Processors, n.Programme.Host, n.Programme.Privacy.Points}
	for _, h := range n.Kept {
		kept := holding{What: h.What, Until: h.Until, By: h.By}
		for _, i := range h.Items {
			if i.Class != register.Recorded {
				kept.Rows = append(kept.Rows, row{i.Label, i.For, i.Seen})
			}
		}
		if len(kept.Rows) > 0 {
			facts.Kept = append(facts.Kept, kept)
		}
	}
	text, err := json.Marshal(facts)
	if err != nil {
		panic(err) // it holds nothing that JSON cannot
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// Current reports whether who agreed to a version, with its facts, has agreed to what the
// notice says now. Facts of "" are from before they were kept.
func (n *Notice) Current(version, facts string) bool {
	return version == n.Version && (facts == "" || facts == n.Facts)
}

// roleWord is a role's name as the register writes it.
var roleWord = regexp.MustCompile(`\b(a )?(client|consultant)(s?)\b`)

// Own is a text of the register in the programme's own words for its roles.
func Own(p *programme.Programme, text string) string {
	return p.Terms.Say(roleWord.ReplaceAllString(text, "{$1$2$3}"))
}

// labels are the words for what people give, by the names of the fields.
var labels = map[string]string{
	"person.name": "your name", "person.email": "your email address", "person.phone": "your phone number", "role": "on which side you take part",
	"organisation.name": "your organisation", "organisation.region": "its region", "organisation.categories": "what it mainly does", "organisation.number": "its register number",
	"organisation.postcode": "its postcode", "organisation.income": "its income", "skills": "what you need or offer, and how much", "experience": "what you know already",
	"availability": "when you can meet", "meeting": "how you can meet", "languages": "in which languages", "capacity": "how many at once", "conflicts": "organisations that you want to avoid",
	"strengths": "what you could offer", "situation": "your situation, in your own words", "hopes": "what you hope for", "offering": "what you offer, in your own words", "introduction": "one sentence about you", "heard": "how you heard of the programme",
	"extra": "what the programme asks beside", "fits": "that you fit what the programme is for",
	"mention": "the funder who mentioned it", "bids": "to whom you bid",
	"preferences": "with whom you would like to work", "newEmail": "another address that you asked for", "notNow": "whether you want no other match for now",
	"consent.version": "which notice you agreed to", "consent.facts": "what it rested on", "consent.at": "when you did",
	"agreements.*.purpose": "what else you agreed to", "agreements.*.version": "by which notice", "agreements.*.given": "when you did", "agreements.*.withdrawn": "when you took it back",
	"zone": "your time zone", "movedAt": "when you chose it", "snoozedUntil": "until when you want no reminders", "declined": "what you want no emails about", "entries.*.text": "organisations that you want to avoid",
	"client.answer": "your answer to a match", "client.answeredAt": "when you gave it", "client.expectations": "which expectations you agreed to",
	"consultant.answer": "your answer to a match", "consultant.answeredAt": "when you gave it", "consultant.expectations": "which expectations you agreed to",
	"client.reason": "why you declined a match", "consultant.reason": "why you declined a match", "endReason": "why you stopped a pairing",
	"endedBy": "that you stopped", "next": "what you want next", "finishBy": "that you want to finish", "finishAt": "since when", "pausedBy": "that you pause", "pausedAt": "since when", "pausedUntil": "until when",
	"startsAt": "when you meet", "minutes": "for how long", "place": "where", "was.startsAt": "when you met before it was moved", "was.minutes": "for how long", "was.place": "where",
	"session": "of which session a log is", "held": "whether it was held",
}

// Label is what people read as the name of a field that they give, by its path; "" for others.
func Label(path string) string { return capital(labels[path]) }

// label names what a person gives; what has no words of its own here is named by what it is
// for, and what the person does not give is not named.
func label(r register.Row) string {
	if r.Class != register.Given {
		return ""
	}
	var all []string
	for _, name := range r.Names() {
		words, ok := labels[name]
		switch {
		case strings.HasPrefix(name, "form."):
			words = "what you fill in"
		case !ok:
			return ""
		}
		if !slices.Contains(all, words) {
			all = append(all, words)
		}
	}
	return capital(strings.Join(all, ", "))
}

// chosen reports whether people see each other in a list before they are matched.
func chosen(p *programme.Programme) bool {
	return p.Mode == programme.Directory || p.Mode == programme.Ranked
}

// roles are those to whom something can be shown, in the words of a notice.
func roles(p *programme.Programme) []struct {
	Role register.Roles
	Who  string
} {
	all := []struct {
		Role register.Roles
		Who  string
	}{
		{register.Anybody, "anybody"}, {register.Themselves, "you"}, {register.Matched, "the person you are matched with"},
		{register.Assistants, "whoever picks times for one of you two, where you let somebody"},
		{register.Choosing, "those who can choose you, before you are matched"}, {register.Coordinators, "the programme’s coordinators"}, {register.Evaluators, "its evaluators"},
	}
	if !chosen(p) {
		all = slices.DeleteFunc(all, func(r struct {
			Role register.Roles
			Who  string
		}) bool {
			return r.Role == register.Choosing
		})
	}
	return all
}

// Seen is who is shown something, said to the person whom it is about.
func Seen(r register.Roles, p *programme.Programme) string {
	var all []string
	for _, role := range roles(p) {
		if r&role.Role != 0 {
			all = append(all, role.Who)
		}
	}
	if len(all) == 0 {
		return "nobody: the programs alone use it"
	}
	return strings.Join(all, ", ")
}

// audiences are who is shown what of somebody else.
func audiences(p *programme.Programme, all []Stored) []Audience {
	var found []Audience
	for _, role := range roles(p) {
		if role.Role == register.Themselves || role.Role == register.Anybody {
			continue
		}
		a := Audience{Who: capital(role.Who)}
		for _, s := range all {
			if purpose, ok := Of(s.For()); !ok || purpose.Staff {
				continue
			}
			for _, r := range s.Rows {
				words := label(r)
				if words == "" {
					words = capital(r.ForYou())
				}
				if words = Own(p, words); r.Class == register.Given && r.Seen&role.Role != 0 && !slices.Contains(a.What, words) {
					a.What = append(a.What, words)
				}
			}
		}
		found = append(found, a)
	}
	return found
}

// capital is a text with its first letter in upper case.
func capital(text string) string { return programme.Capital(text) }
