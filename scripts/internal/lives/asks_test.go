package lives

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	ids "github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

const (
	// mostAsks is how many emails may ask somebody for something in a whole programme with one
	// other person, also where they let all lie until they are reminded; and mostAsksOfTwo, where
	// a consultant has two.
	mostAsks, mostAsksOfTwo = 15, 20
	// What a person's time is counted by: words that they read and type in a minute, and how long
	// it takes until a page is there, and until something on it is pressed or chosen.
	readsAMinute, typesAMinute = 200, 20
	perPage, perClick          = 3 * time.Second, 2 * time.Second
	// plainMonth is what a month may take somebody beside the sessions, in which there is neither a
	// match to read about, nor an end, nor a questionnaire.
	plainMonth = 10 * time.Minute
)

// busy is somebody who does what an email asks, some time after it has come.
type busy struct {
	*life
	emails []arrived
	// spent is what took their time, and when.
	spent []spent
	// waits are the messages that they have read and not acted on, since when.
	waits []waiting
}

// waiting is what a message asks for that has come.
type waiting struct {
	*ids.Message
	at time.Time
}

// arrived is an email that was sent, with the kinds of what it holds.
type arrived struct {
	at    time.Time
	kinds []ids.Kind
}

// spent is a time that something took, of what.
type spent struct {
	at   time.Time
	what string
	took time.Duration
}

// asks reports whether an email asks for something: what is to be answered, picked or
// confirmed, and what they are reminded of.
func (a arrived) asks() bool {
	return slices.ContainsFunc(a.kinds, func(k ids.Kind) bool {
		return message.Asks(k) || k == message.KindConfirmEnrolment || k == message.KindTimesProposed
	})
}

// couldWait reports whether all of an email is what nobody has just done.
func (a arrived) couldWait() bool {
	return !slices.ContainsFunc(a.kinds, func(k ids.Kind) bool {
		return message.ClassOf(k) != message.Reminder && k != message.KindQuestionnaireInvited
	})
}

var (
	tags  = regexp.MustCompile(`(?s)<(script|style|head|header|footer)\b.*?</(script|style|head|header|footer)>|<[^>]*>`)
	radio = regexp.MustCompile(`name="([a-z]+)" type="radio" value="([^"]+)"`)
)

// reads counts that somebody reads a page.
func (p *busy) reads(at time.Time, what, page string) {
	words := len(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))))
	p.spent = append(p.spent, spent{at, what, perPage + time.Duration(words)*time.Minute/readsAMinute})
}

// fills counts that somebody fills in a form: what is in words is typed, the rest chosen.
func (p *busy) fills(at time.Time, what string, form url.Values) {
	took := perClick // the button
	for name, values := range form {
		for _, v := range values {
			switch words := len(strings.Fields(v)); {
			case name == "form" || name == "seen" || name == "do" || name == "asked" || name == "read":
			case words > 1 || strings.HasPrefix(name, "date") || strings.HasPrefix(name, "time"):
				took += time.Duration(words) * time.Minute / typesAMinute
			default:
				took += perClick
			}
		}
	}
	p.spent = append(p.spent, spent{at, what, took})
}

// most is the most that any days of so many took, of those in which something was, or was not.
func (p *busy) most(days int, with func(string) bool, there bool) (most time.Duration) {
	for _, from := range p.spent {
		var sum time.Duration
		found := false
		for _, s := range p.spent {
			if !s.at.Before(from.at) && s.at.Before(from.at.AddDate(0, 0, days)) {
				sum += s.took
				found = found || with(s.what)
			}
		}
		if found == there {
			most = max(most, sum)
		}
	}
	return most
}

// within is the most emails of some in any days of so many.
func (p *busy) within(days int, of func(arrived) bool) (most int) {
	for i, first := range p.emails {
		n := 0
		for _, e := range p.emails[i:] {
			if of(e) && e.at.Before(first.at.AddDate(0, 0, days)) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// year is a programme in which busy people take part.
type year struct {
	*lives
	people []*busy
	// delay is how long they let lie what they are asked for.
	delay time.Duration
	// counted are the messages of which it is known that they have come, and read the emails of
	// the provider that were read.
	counted map[string]bool
	read    int
}

// busyYear begins one with some clients and one consultant, who takes all of them on.
func busyYear(t *testing.T, clients int, delay time.Duration) *year {
	t.Helper()
	x := &year{lives: newLives(t, clients), delay: delay, counted: map[string]bool{}, read: len(emails.since(0))}
	consultant := x.pairs[0].people[programme.Consultant]
	for _, pair := range x.pairs {
		pair.people[programme.Consultant] = consultant
		x.people = append(x.people, &busy{life: pair.people[programme.Client]})
	}
	x.people = append(x.people, &busy{life: consultant})
	claims := map[*busy]*enrolment.Claim{}
	for _, p := range x.people {
		f := enrolment.Form{
			Name: p.name, Email: p.email, Organisation: "Trust" + p.tag, Postcode: "LS6 2AB", Region: "Yorkshire and the Humber", Categories: []string{"AR"},
			Skills: map[string]int{"board": 3, "coaching": 2}, Availability: []string{"mon-am", "tue-pm"}, Meeting: []string{"video"}, Languages: []string{"English"}, Consent: x.Programme.Privacy.Version,
		}
		if p.role == programme.Consultant {
			f.Capacity, f.Categories = clients, []string{"HE"}
		}
		claim, err := enrolment.NewClaim(x.Programme, p.role, f, "claim-"+p.tag, x.Now())
		if err != nil {
			t.Fatal(err)
		}
		claims[p] = claim
		c := x.Store.Commit()
		c.CreateClaim("pilot", claim)
		c.Enqueue(t.Context(), message.ConfirmEnrolment(x.Programme, claim), x.Now())
		x.Commit(c)
		p.id = claim.Enrolment
	}
	x.day()
	c := x.Store.Commit()
	for p, claim := range claims {
		x.Drop("programmes/pilot/claims/" + claim.ID)
		e := claim.Confirmed(x.Programme, x.Programme.Privacy.Version, x.Now())
		c.CreateEnrolment("pilot", e)
		c.Enqueue(t.Context(), message.EnrolmentConfirmed(x.Programme, e), x.Now())
		p.id = e.ID
	}
	x.Commit(c)
	x.day()
	points[2].come(x.lives) // ready
	x.day()
	x.tick("matching", "matching-run")
	p, err := x.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	x.Programme = p
	all, err := x.Store.Proposals(t.Context(), p)
	if err != nil || len(all) != clients {
		t.Fatal(len(all), err)
	}
	x.join(all)
	for i, pair := range x.pairs { // apart: not in the same week
		if i > 0 {
			for range 14 {
				x.day()
			}
		}
		if refused, err := matches.Release(t.Context(), x.Store, p, "morgan", []store.MatchRef{{Run: pair.match.Run, ID: pair.match.ID}}, x.Now()); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
	}
	return x
}

// day is the next day at noon: what is due is done, emails go, and people do what is theirs.
func (x *year) day() {
	x.t.Helper()
	x.Pass(24 * time.Hour)
	for range 2 { // what they do has emails of its own
		x.tick("reminders", "reminders-tick")
		x.tick("questionnaires", "questionnaires-sweep")
		x.tick("outbox", "outbox-sweep")
		x.arrive()
		for _, p := range x.people {
			x.act(p)
		}
	}
}

// arrive has people read the emails that have come.
func (x *year) arrive() {
	x.t.Helper()
	for _, email := range emails.since(x.read) {
		x.read++
		var sent struct {
			Personalizations []struct{ To []struct{ Email string } }
			Content          []struct{ Type, Value string }
		}
		if err := json.Unmarshal([]byte(email), &sent); err != nil {
			x.t.Fatal(err)
		}
		said, _, _ := strings.Cut(sent.Content[0].Value, "\n-- \n") // what stands below is the same in each
		for _, p := range x.people {
			if sent.Personalizations[0].To[0].Email == p.email {
				p.reads(x.Now(), "an email", said)
			}
		}
	}
	all, err := x.Store.Messages(x.t.Context(), "pilot", ids.Sent)
	if err != nil {
		x.t.Fatal(err)
	}
	for _, p := range x.people {
		together := map[string][]ids.Kind{}
		for _, m := range all {
			if m.To != p.id || x.counted[m.ID] {
				continue
			}
			x.counted[m.ID] = true
			with := cmp.Or(m.With, m.ID)
			together[with] = append(together[with], m.Kind)
			p.waits = append(p.waits, waiting{m, x.Now()})
		}
		for _, kinds := range together {
			p.emails = append(p.emails, arrived{x.Now(), kinds})
		}
	}
}

// act has somebody do what they were asked for long enough ago.
func (x *year) act(p *busy) {
	x.t.Helper()
	for _, m := range p.waits {
		if x.Now().Sub(m.at) < x.delay {
			continue
		}
		m.at = time.Time{}
		for _, pair := range x.pairs {
			if pair.match != nil && (m.Pairing == pair.match.ID || m.Match == pair.match.ID) {
				x.doAbout(p, pair, m.Message)
			}
		}
		if m.Invitation != "" && !x.submitted(m.Invitation) {
			x.answersAll(p, m.Invitation)
		}
	}
	p.waits = slices.DeleteFunc(p.waits, func(m waiting) bool { return x.Now().Sub(m.at) >= x.delay })
}

func (x *year) submitted(id string) bool {
	x.t.Helper()
	i, err := x.Store.Invitation(x.t.Context(), "pilot", id)
	if err != nil {
		x.t.Fatal(err)
	}
	return i.Submitted
}

// reading is a page that somebody opens.
func (x *year) reading(p *busy, what, function, path string) string {
	x.t.Helper()
	w := x.do(function, http.MethodGet, path, nil)
	if w.Code != http.StatusOK {
		x.t.Fatalf("%s: status %d: %s", path, w.Code, w.Body)
	}
	p.reads(x.Now(), what, w.Body.String())
	return w.Body.String()
}

// sends is a form that somebody fills in.
func (x *year) sends(p *busy, what, function, path string, form url.Values) {
	x.t.Helper()
	x.posted(function, path, form)
	p.fills(x.Now(), what, form)
}

// doAbout does what a message about a match or pairing asks for, unless it is done.
func (x *year) doAbout(p *busy, pair *couple, m *ids.Message) {
	x.t.Helper()
	switch m.Kind {
	case message.KindMatchReleased, message.KindAnswerMatch, message.KindAgreeExpectations:
		now, err := x.Store.Match(x.t.Context(), "pilot", pair.match.Run, pair.match.ID)
		if err != nil {
			x.t.Fatal(err)
		}
		if now.Owes(p.role) {
			at := x.at(purpose.Match, pair, p.role)
			x.reading(p, "a match", "participant", at)
			x.reading(p, "a match", "participant", at+"/accept")
			x.sends(p, "a match", "participant", at+"/accept", url.Values{"agree": {x.Programme.Expectations.Version}})
		}
		return
	case message.KindPairingStarted, message.KindBookSession, message.KindTimesProposed, message.KindLogYourSession, message.KindFinishProposed, message.KindFinishWaits:
	default:
		return
	}
	is, at := x.pairing(pair), x.at(purpose.Pairing, pair, p.role)
	switch {
	case is.State != pairing.Active:
	case m.Kind == message.KindLogYourSession:
		session, err := x.Store.Session(x.t.Context(), "pilot", is.ID, m.Session)
		if err != nil {
			x.t.Fatal(err)
		}
		if session.Logged[string(p.role)] {
			return
		}
		x.reading(p, "a log", "participant", at)
		x.reading(p, "a log", "participant", at+"/log/"+m.Session)
		x.sends(p, "a log", "participant", at+"/log/"+m.Session, url.Values{"held": {"yes"}, "balance": {"both"}, "thinking": {"asked"},
			"surfaced": {"what I could leave to others in my team"}, "next": {"ask the chair for a morning"}})
		if is = x.pairing(pair); p.role == programme.Client && is.Held >= x.Programme.Sessions.Target {
			x.sends(p, "finishing", "participant", at+"/finish", url.Values{"do": {"propose"}})
		}
	case m.Kind == message.KindFinishProposed || m.Kind == message.KindFinishWaits:
		x.reading(p, "finishing", "participant", at)
		x.sends(p, "finishing", "participant", at+"/finish", url.Values{"do": {"agree"}})
	case m.Kind == message.KindTimesProposed && is.Proposal.By == p.role.Other():
		x.reading(p, "a time", "participant", at)
		x.sends(p, "a time", "participant", at+"/pick", url.Values{"seen": {is.Proposal.ID}, "at": {strconv.FormatInt(is.Proposal.Times[0].Unix(), 10)}})
	case p.role == programme.Client && is.Proposal.ID == "" && !is.ToCome(x.Now()) && len(is.Dates) < x.Programme.Sessions.Target:
		x.reading(p, "a time", "participant", at)
		x.reading(p, "a time", "participant", at+"/propose")
		cal := calendar.Of(x.Programme, "Yorkshire and the Humber", "")
		form := url.Values{"minutes": {"90"}, "way": {"video"}, "place": {"https://meet.example.org/a"}}
		for i := range 2 {
			day := cal.AddWorkingDays(x.Now(), 10+i).In(cal.Zone())
			n := fmt.Sprint(i + 1)
			form["date-"+n], form["date-"+n+"-month"], form["date-"+n+"-year"], form["time-"+n] = []string{fmt.Sprint(day.Day())}, []string{fmt.Sprint(int(day.Month()))}, []string{fmt.Sprint(day.Year())}, []string{"14:00"}
		}
		x.sends(p, "a time", "participant", at+"/propose", form)
	}
}

// answersAll answers all questions of an invitation, and hands them in.
func (x *year) answersAll(p *busy, invitation string) {
	x.t.Helper()
	at := x.link(purpose.Questionnaire, store.Link{Programme: "pilot", Person: p.id, Role: p.role, IDs: ids.IDs{Invitation: invitation}})
	x.reading(p, questionnaire, "questionnaires", at)
	for n := 1; n <= 3; n++ {
		form := url.Values{}
		for _, found := range radio.FindAllStringSubmatch(x.reading(p, questionnaire, "questionnaires", fmt.Sprint(at, "/", n)), -1) {
			form.Set(found[1], found[2])
		}
		x.sends(p, questionnaire, "questionnaires", fmt.Sprint(at, "/", n), form)
	}
	x.reading(p, questionnaire, "questionnaires", at+"/check")
	x.sends(p, questionnaire, "questionnaires", at+"/check", url.Values{})
}

// questionnaire is what takes time in a month in which one is asked.
const questionnaire = "a questionnaire"

// The whole of a pilot programme asks a client and a consultant at most fifteen times, whether they
// do what they are asked for on the next day or let it lie for a week. In no week does more than one email come that
// could wait, and in no month more than four; and beside the sessions a plain month takes less
// than ten minutes.
func TestAPilotAsksForLittle(t *testing.T) {
	for name, row := range map[string]struct {
		clients int
		late    bool
	}{"who does it on the next day": {1, false}, "who lets it lie for a week": {1, true}, "with two clients": {2, false}} {
		if testing.Short() && row.clients == 1 && !row.late {
			continue // two clients do it on the next day, too
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			delay := 20 * time.Hour
			if row.late {
				delay = 7 * 24 * time.Hour
			}
			x := busyYear(t, row.clients, delay)
			begun := x.Now()
			over := func() bool {
				for _, pair := range x.pairs {
					if got, err := x.Store.Pairing(t.Context(), "pilot", pair.match.ID); err != nil || got.State != pairing.Completed {
						return false
					}
				}
				return true
			}
			for n := 0; !over(); n++ {
				if n > 200 {
					t.Fatal("they have not come to the end")
				}
				x.day()
			}
			for range 40 { // what is asked at the end
				x.day()
			}
			asked := func(a arrived) bool { return a.asks() }
			waits := func(a arrived) bool { return a.couldWait() }
			answers := func(what string) bool { return what == questionnaire }
			beside := func(what string) bool { return what == questionnaire || what == "a match" || what == "finishing" }
			for _, p := range x.people {
				kinds := map[ids.Kind]int{}
				for _, e := range p.emails {
					for _, k := range e.kinds {
						kinds[k]++
					}
				}
				all, week, month := p.within(1000, asked), p.within(7, waits), p.within(30, waits)
				plain, with := p.most(30, beside, false), p.most(30, answers, true)
				t.Logf("a %s, over %d days: %d emails, of which %d ask; that could wait %d in a week and %d in a month; in a plain month %.1f minutes, in one with a questionnaire %.1f; %v",
					p.role, int(x.Now().Sub(begun).Hours()/24), len(p.emails), all, week, month, plain.Minutes(), with.Minutes(), kinds)
				both := row.clients > 1 && p.role == programme.Consultant // who is asked for each of them
				if most := map[bool]int{true: mostAsksOfTwo, false: mostAsks}[both]; all > most {
					t.Errorf("the %s is asked %d times, and at most %d", p.role, all, most)
				}
				if week > 1 || month > 4 {
					t.Errorf("the %s gets %d emails in a week that could wait, and %d in a month", p.role, week, month)
				}
				if !both && plain >= plainMonth {
					t.Errorf("a plain month takes the %s %s", p.role, plain)
				}
			}
		})
	}
}
