package participant

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/agenda"
	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/device"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/sealed"
)

// beforeMy is the door before all that somebody takes part in.
func beforeMy(at *serve.Site) device.Door {
	return device.Door{Devices: at.Devices, Pages: at.Pages, Purpose: purpose.My, Behind: "see all that you take part in"}
}

// myPage is all that somebody takes part in, on one page.
type myPage struct {
	Link string
	// Standing is where they are, a sentence for each role.
	Standing []string
	// More are the titles of what they can tell yet, as they like, until they are matched.
	More []string
	// Next is what is theirs to do, and Coming what comes by itself or waits for others.
	Next, Coming []myItem
	// People are those with whom they work.
	People []myPerson
	// Assistant is who picks times for them, or is asked to; nil for nobody.
	Assistant *enrolment.Assistant
	// Offers are what they can do with what they have from it.
	Offers []myOffer
	// Letter is one to themselves, sealed or back; nil where there is none.
	Letter *sealed.Letter
	// Back says that it is back.
	Back bool
	// Complaints are those that they have made, the latest first.
	Complaints []*complaint.Complaint
	// Past is what happened, the latest first.
	Past []myEvent
	// Leads are the places of which they can say that somebody else leads the organisation now.
	Leads []*enrolment.Enrolment
	// Invited says that they came by an invitation, and so are asked whether they felt free.
	Invited bool
}

// myItem is one thing of the agenda in words.
type myItem struct {
	Title, Text string
	// By is until when, in words, or "".
	By string
	// Opens is where the button leads, and Button its words; both "" where there is none.
	Opens, Button string
	// First is the most pressing of those that are theirs to do.
	First bool
}

// myOffer is something that they can do, of which nobody reminds them.
type myOffer struct {
	Title, Text string
	// At is where it is, below the page's own path.
	At string
}

// offers are what each of the agenda's offers says, and where it is.
var offers = map[agenda.Offer]myOffer{
	agenda.PassOn:      {"Offer what you learnt", "You have been helped to think: other leaders look for the same. See what it would be, and decide then.", passOnOf},
	agenda.ChairBefore: {"A letter for your chair", "How many hours it takes, what they cost, and why they are worth protecting: begun for you, edited and sent by you.", chairOf + "/" + beforeItStarts},
	agenda.ChairAfter:  {"A summary for your chair", "What came of it, from what you wrote yourself: begun for you, edited and sent by you.", chairOf + "/" + afterwards},
	agenda.Statement:   {"A statement of the hours you gave", "Figures for you and your trustees, to print.", hoursOf},
	agenda.Assistant:   {"Let your assistant pick times", "They see the times that are proposed, and nothing else.", assistantOf},
	agenda.Myself:      {"A letter to yourself", "Sealed as you send it, and returned to you six months later. Nobody else reads it.", myselfOf},
}

// myPerson is somebody with whom they work.
type myPerson struct {
	Person       enrolment.Person
	Organisation enrolment.Organisation
	// Agreed opens what the two agreed on, and Bank the questions to think with; "" where they
	// are not the one who asks.
	Agreed, Bank string
}

// myEvent is something that happened.
type myEvent struct {
	At   time.Time
	What string
	// Opens is where its button leads, below the page's own path, or "".
	Opens string
}

// What a button of the page opens.
const (
	openMatch    = "match"
	openSessions = "sessions"
	openChoose   = "choose"
	openEmails   = "emails"
	openAgreed   = "agreed"
	openEnding   = "ending"
	openBank     = "bank"
	// sendQuestions is what the button does for questions: their page is another function's,
	// to which this one makes no links.
	sendQuestions = "questions"
)

func (s *site) showMy(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.behind(w, r, s.beforeMy, "")
	if stopped || err != nil {
		return err
	}
	var part *store.TakingPart
	var complaints []*complaint.Complaint
	var letter *sealed.Letter
	err = store.InParallel(r.Context(),
		func(ctx context.Context) (err error) {
			part, err = s.Store.TakingPart(ctx, m.programme, m.link.Person)
			return err
		},
		func(ctx context.Context) (err error) {
			complaints, err = s.Store.ComplaintsOf(ctx, m.programme.ID, m.link.Person)
			return err
		},
		func(ctx context.Context) (err error) {
			letter, err = s.Store.SealedLetter(ctx, m.programme.ID, enrolment.PersonOf(m.link.Person))
			return err
		},
	)
	if err != nil {
		return err
	}
	page := web.Page{Title: "My programme", Programme: m.programme}
	data := myPage{Link: link.Path(r, purpose.My)}
	now := s.Now()
	for _, item := range agenda.Of(part.Facts, now) {
		mine := inWords(page, part, item)
		if mine.Button == "" {
			mine.Opens = ""
		} else {
			mine.Opens = data.Link + "/open/" + mine.Opens
		}
		if item.What.Theirs() {
			mine.First = len(data.Next) == 0
			data.Next = append(data.Next, mine)
		} else {
			data.Coming = append(data.Coming, mine)
		}
	}
	for _, e := range part.Enrolments {
		data.Standing = append(data.Standing, standing(page, part, e))
		if e.State == enrolment.Withdrawn {
			continue
		}
		if e.Assistant.Named() {
			data.Assistant = &e.Assistant
		}
		data.Leads = append(data.Leads, e)
		if e.Matched() {
			continue
		}
		for _, g := range groups(m.programme, e).Later {
			if !g.Told && !slices.Contains(data.More, g.Title) {
				data.More = append(data.More, g.Title)
			}
		}
	}
	for _, pair := range part.Pairings {
		if pair.State == pairing.Active {
			with := part.With(other(part, pair))
			one := myPerson{Person: with.Person, Organisation: with.Organisation, Agreed: data.Link + "/open/" + openAgreed + "/" + pair.ID}
			if m.programme.Opens(role(part, pair)) {
				one.Bank = data.Link + "/open/" + openBank + "/" + pair.ID
			}
			data.People = append(data.People, one)
		}
	}
	if letter != nil && !letter.Over(now) {
		data.Letter, data.Back = letter, letter.Back(now)
	}
	for _, offer := range agenda.Offers(part.Facts, now) {
		if offer == agenda.Myself && data.Letter != nil {
			continue // it has a place of its own
		}
		one := offers[offer]
		one.At = data.Link + "/" + one.At
		data.Offers = append(data.Offers, one)
	}
	data.Complaints = complaints
	slices.SortFunc(data.Complaints, func(a, b *complaint.Complaint) int { return b.CreatedAt.Compare(a.CreatedAt) })
	data.Past, data.Invited = past(page, part, now), wasInvited(part.Enrolments)
	page.Data = data
	if web.WhatDone(r) == sendQuestions && slices.ContainsFunc(data.Next, func(i myItem) bool { return strings.Contains(i.Opens, "/open/"+sendQuestions+"/") }) {
		page.Said = "We have sent an email with the link to your address."
	}
	if web.WhatDone(r) == didComplain && len(data.Complaints) > 0 {
		page.Said = "Your complaint is on its way to " + m.programme.Complaints.Name + ". We have sent you an email that says so."
	}
	if web.WhatDone(r) == didPassOn && agenda.Helps(part.Facts) {
		page.Said = "You are enrolled as " + m.programme.Terms.Of(programme.Consultant).Article + " " + m.programme.Terms.Of(programme.Consultant).Singular + ". We have sent you an email that says what is next."
	}
	switch web.WhatDone(r) {
	case didWantCall:
		page.Said = "Whom you chose is asked to ring you. Nobody else learns of it."
	case didSayFree:
		page.Said = "Thank you. Nothing of it is sent or kept."
	}
	return s.Pages.Show(w, r, "my", page)
}

// known is a page that opens on a device that is known alone, and asks for a code at a door on
// any other: who forwards an email gives away no more than that email.
func (s *site) known(door device.Door, page web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if stopped, err := s.stopped(w, r, door, path.Base(r.URL.Path)); stopped || err != nil {
			return err
		}
		return page(w, r)
	}
}

// role is as what somebody is in a pairing.
func role(part *store.TakingPart, pair *pairing.Pairing) programme.Role {
	if slices.ContainsFunc(part.Enrolments, func(e *enrolment.Enrolment) bool { return e.ID == pair.Client }) {
		return programme.Client
	}
	return programme.Consultant
}

// other is the id of the one on the other side of a pairing.
func other(part *store.TakingPart, pair *pairing.Pairing) string {
	return pair.Enrolment(role(part, pair).Other())
}

// standing says where somebody is in one role.
func standing(page web.Page, part *store.TakingPart, e *enrolment.Enrolment) string {
	p := page.Programme
	as := "You take part as " + p.Terms.Of(e.Role).Indefinite()
	var with []string
	for _, pair := range part.Pairings {
		if pair.State == pairing.Active && pair.Enrolment(e.Role) == e.ID {
			with = append(with, part.With(pair.Enrolment(e.Role.Other())).Person.Name+" ("+counted(pair, p)+")")
		}
	}
	switch {
	case e.State == enrolment.Withdrawn && e.Handover.Taken():
		return "Somebody else leads " + e.Organisation.Name + " now, and has taken its place as " + p.Terms.Of(e.Role).Indefinite() + "."
	case e.State == enrolment.Withdrawn:
		return "You have left as " + p.Terms.Of(e.Role).Indefinite() + "."
	case len(with) > 0:
		return as + ", and work with " + strings.Join(with, " and ") + "."
	case slices.ContainsFunc(part.Matches, func(m *pairing.Match) bool { return m.Side(e.Role).Enrolment == e.ID }):
		return as + ". There is a match for you."
	case e.Role == programme.Client && agenda.Completed(part.Facts) != nil: // once, see pairing.Free
		return as + ", and have had your sessions."
	case e.State != enrolment.Ready:
		return as + ". You are getting ready to be matched."
	}
	return as + ", and are ready to be matched."
}

// counted says how many sessions of a pairing were held.
func counted(pair *pairing.Pairing, p *programme.Programme) string {
	return fmt.Sprintf("%d of at least %d sessions held", pair.HeldInAll(), p.Sessions.Minimum)
}

// inWords is an item of the agenda as it is read; Opens is below the page's own path.
func inWords(page web.Page, part *store.TakingPart, item agenda.Item) myItem {
	p := page.Programme
	mine := words[item.What]
	fill := []string{"{host}", p.Host.Contact, "{terms}", p.Terms.Of(item.Role.Other()).Singular}
	if item.Match != nil {
		if item.Match.Named() {
			fill = append(fill, "{with}", part.With(item.Match.Side(item.Role.Other()).Enrolment).Person.Name)
		} else {
			mine = unnamed[item.What]
		}
		mine.Opens = openMatch + "/" + item.Match.Run + "." + item.Match.ID
	}
	if item.Pairing != nil {
		fill = append(fill, "{with}", part.With(other(part, item.Pairing)).Person.Name)
		mine.Opens = openSessions + "/" + item.Pairing.ID
	}
	switch item.What {
	case agenda.Finish:
		mine.Opens = openEnding + "/" + item.Pairing.ID
	case agenda.Choose:
		mine.Opens = openChoose + "/" + item.Role.Side()
	case agenda.AnswerAsked:
		mine.Opens = sendQuestions + "/" + item.Invitation.ID
	case agenda.Meet:
		fill = append(fill, "{when}", page.When(item.At), "{where}", item.Session.Booking().Where())
	case agenda.WriteLog:
		fill = append(fill, "{when}", page.Date(item.At))
	case agenda.Rest:
		fill = append(fill, "{when}", page.Date(item.At))
	case agenda.Prepare:
		fill = append(fill, "{missing}", strings.Join(item.Missing, ", and "))
	}
	if !item.By.IsZero() {
		mine.By = page.Date(item.By.Add(-time.Second))
	}
	in := strings.NewReplacer(fill...)
	mine.Title, mine.Text, mine.Button = in.Replace(mine.Title), in.Replace(mine.Text), in.Replace(mine.Button)
	return mine
}

// words are how each thing of the agenda reads. {with} is the other person, {host} whoever
// answers for the programme, {terms} the word for the other side.
var words = map[agenda.What]myItem{
	agenda.AnswerMatch:   {Title: "Say whether you want to work with {with}", Text: "We have found a {terms} for you. Read why the two of you, and what to expect; then accept, or decline.", Button: "Read about the match"},
	agenda.AgreeToFinish: {Title: "{with} proposes to finish", Text: "Agree, or say that you would like to go on.", Button: "Answer {with}"},
	agenda.PickTime:      {Title: "{with} proposes times for a session", Text: "Pick one, or propose others.", Button: "Pick a time"},
	agenda.AnswerFurther: {Title: "{with} would like to meet once more than planned", Text: "Say whether you would like that, too. If you say nothing, it stays as planned.", Button: "Answer {with}"},
	agenda.WriteLog:      {Title: "Write your log of the session on {when}", Text: "A few lines about your meeting with {with}, for yourself. It takes two minutes.", Button: "Write the log"},
	agenda.Book:          {Title: "Book a session with {with}", Text: "Propose times, of which they pick one; or book one that you have agreed on.", Button: "Book a session"},
	agenda.Finish:        {Title: "Finish with {with}, or book another session", Text: "You have had the sessions that the programme plans. When it was enough, take a moment to end well.", Button: "End well"},
	agenda.Choose:        {Title: "Choose with whom you would like to work", Text: "See who takes part, and say whom you would like.", Button: "See who takes part"},
	agenda.SayNext:       {Title: "Say what you would like next", Text: "Your sessions with {with} have ended. You are not matched again until you say so.", Button: "Say what is next"},
	agenda.AnswerAsked:   {Title: "Answer the questionnaire", Text: "About five minutes, by the link in its email. Your answers are kept apart from your name, and you never have to give any.", Button: "Send me the link again"},

	agenda.Meet:        {Title: "You meet {with} on {when}", Text: "{where}", Button: "Move or cancel it"},
	agenda.TheirAnswer: {Title: "{with} has not answered yet", Text: "You have accepted. We write to you as soon as they have answered.", Button: "Read about the match"},
	agenda.TheirPick:   {Title: "{with} has not picked a time yet", Text: "You have proposed times for a session. We write to you both once one is picked.", Button: "Go to your sessions"},
	agenda.TheirMore:   {Title: "{with} has not said yet whether to meet once more", Text: "You have asked for a session more than planned. Until they answer, it stays as planned.", Button: "Go to your sessions"},
	agenda.HostsMore:   {Title: "{host} says whether you and {with} can meet once more", Text: "You have both asked for a session more than planned. Until there is an answer, it stays as planned.", Button: "Go to your sessions"},
	agenda.TheirFinish: {Title: "{with} has not answered yet", Text: "You have proposed to finish. Until they agree, your sessions go on.", Button: "Go to your sessions"},
	agenda.TheirLog:    {Title: "{with} has not written a log yet", Text: "Your sessions count as held once one of you says so.", Button: "Go to your sessions"},
	agenda.Rest:        {Title: "Your sessions with {with} pause until {when}", Text: "You are reminded of nothing until then.", Button: "Go to your sessions"},
	agenda.Prepare:     {Title: "Before you are matched", Text: "You still need {missing}. {host} writes to you about it; there is nothing that you have to do now."},
	agenda.BeMatched:   {Title: "We look for a {terms} for you", Text: "There is nothing that you have to do. We write to you when we have found one."},
	agenda.Supported:   {Title: "You have had your sessions", Text: "Thank you for taking part."},
	agenda.NotForNow:   {Title: "You want no match for now", Text: "If you change your mind, tell {host}."},
	agenda.Left:        {Title: "You have left", Text: "To come back, write to {host}."},
}

// unnamed are the words about a match of two who do not know yet who the other is.
var unnamed = map[agenda.What]myItem{
	agenda.AnswerMatch: {Title: "Say whether you see a conflict", Text: "We have found a {terms} for you. Before you learn each other’s names, read a few lines about them.", Button: "Read about the match"},
	agenda.TheirAnswer: {Title: "The {terms} has not answered yet", Text: "You see no conflict. You learn who it is as soon as they have said the same.", Button: "Read about the match"},
}

// past is what has happened, the latest first.
func past(page web.Page, part *store.TakingPart, now time.Time) []myEvent {
	var all []myEvent
	add := func(at time.Time, what string) {
		if !at.IsZero() && !at.After(now) {
			all = append(all, myEvent{At: at, What: what})
		}
	}
	for _, e := range part.Enrolments {
		at := e.ConfirmedAt
		if at.IsZero() { // from before it was kept
			at = e.CreatedAt
		}
		add(at, "You enrolled as "+page.Term(e.Role).Article+" "+page.Term(e.Role).Singular)
	}
	for _, pair := range part.Pairings {
		name := part.With(other(part, pair)).Person.Name
		add(pair.StartedAt, "You and "+name+" both accepted")
		if thanks, ok := pair.Thanks[string(role(part, pair).Other())]; ok {
			all = append(all, myEvent{thanks.At, name + " passed on thanks to you", openSessions + "/" + pair.ID})
		}
		switch pair.State {
		case pairing.Completed:
			all = append(all, myEvent{pair.EndedAt, "You and " + name + " finished", openSessions + "/" + pair.ID})
		case pairing.Stopped:
			all = append(all, myEvent{pair.EndedAt, "The sessions with " + name + " ended", openSessions + "/" + pair.ID})
		}
	}
	for _, session := range part.Sessions {
		if session.State == pairing.Held {
			name := page.Programme.Host.Name
			if i := slices.IndexFunc(part.Pairings, func(pair *pairing.Pairing) bool { return pair.ID == session.Pairing }); i >= 0 {
				name = part.With(other(part, part.Pairings[i])).Person.Name
			}
			add(session.StartsAt, "You met "+name)
		}
	}
	slices.SortStableFunc(all, func(a, b myEvent) int { return b.At.Compare(a.At) })
	return all
}

// openMy opens one thing of somebody's programme, by a link of its own that is made for it.
func (s *site) openMy(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.behind(w, r, s.beforeMy, "")
	if stopped || err != nil {
		return err
	}
	if _, err := web.Form(r); err != nil {
		return err
	}
	part, err := s.Store.TakingPart(r.Context(), m.programme, m.link.Person)
	if err != nil {
		return err
	}
	if r.PathValue("what") == sendQuestions {
		return s.sendQuestions(w, r, part, r.PathValue("id"))
	}
	what, to := opens(part, m.link, r.PathValue("what"), r.PathValue("id"))
	if what == "" {
		return errNoSuch
	}
	c := s.Store.Commit()
	url := s.Links.Add(c, what, to)
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	if what := r.PathValue("what"); what == openAgreed || what == openEnding || what == openBank {
		url += "/" + what
	}
	return web.Redirect(w, r, url)
}

// sendQuestions sends somebody the link to questions that wait for them once more.
func (s *site) sendQuestions(w http.ResponseWriter, r *http.Request, part *store.TakingPart, invitation string) error {
	for _, item := range agenda.Of(part.Facts, s.Now()) {
		if item.What != agenda.AnswerAsked || item.Invitation.ID != invitation {
			continue
		}
		for _, e := range part.Enrolments {
			if e.ID == item.Invitation.Enrolment {
				if err := s.change(part.Programme).SendQuestions(r.Context(), e, invitation); err != nil {
					return err
				}
				return web.Done(w, r, link.Path(r, purpose.My), sendQuestions)
			}
		}
	}
	return errNoSuch
}

// opens is the link by which one thing of theirs is opened; the purpose is "" where there is
// no such thing.
func opens(part *store.TakingPart, by *store.Link, what, id string) (purpose.Purpose, store.Link) {
	as := func(e *enrolment.Enrolment, about outbox.IDs) store.Link {
		return store.Link{Programme: by.Programme, Person: e.ID, Role: e.Role, Generation: e.Generation, IDs: about}
	}
	if what == openEmails {
		return purpose.Emails, as(by.Owner, outbox.IDs{})
	}
	for _, e := range part.Enrolments {
		if e.State == enrolment.Withdrawn {
			continue
		}
		switch what {
		case openChoose:
			if id == e.Role.Side() && part.Programme.Chooses(e.Role) {
				return purpose.Choose, as(e, outbox.IDs{})
			}
		case openMatch:
			for _, m := range part.Matches {
				if id == m.Run+"."+m.ID && m.Side(e.Role).Enrolment == e.ID {
					return purpose.Match, as(e, outbox.IDs{Run: m.Run, Match: m.ID})
				}
			}
		case openSessions, openAgreed, openEnding, openBank:
			for _, pair := range part.Pairings {
				if id == pair.ID && pair.Enrolment(e.Role) == e.ID {
					return purpose.Pairing, as(e, outbox.IDs{Match: pair.ID, Pairing: pair.ID})
				}
			}
		}
	}
	return "", store.Link{}
}
