package enrolment

import (
	"net/http"
	"time"

	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// startPage is what a programme's home page shows.
type startPage struct {
	// Runs is from when to when, or "" where the programme has no dates.
	Runs string
	// Steps are those of the whole programme, in order.
	Steps []way
	// Rules are those of a match.
	Rules matching.Published
}

// way is one step of a programme: its picture, and the same in words.
type way struct{ Picture, Title, Text string }

func (s *site) showStart(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	page := web.Translated(w, r, web.Page{Programme: p, Back: "/"})
	p = page.Programme
	page.Title, page.Data = p.Name, startPage{runs(p, page.In), ways(p), matching.Publish(p, page.In)}
	if done := said[web.WhatDone(r)]; done != "" {
		page.Said = page.Say(done)
	}
	return s.Pages.Show(w, r, "start", page)
}

// said is what has just been done by who comes back to the start.
var said = map[string]string{"left": "You have left the programme. An email confirms it, and is the last one. Thank you for the time that you gave."}

// runs is from when to when a programme runs, in words.
func runs(p *programme.Programme, in language.Language) string {
	from, err := time.Parse(time.DateOnly, p.Dates.Starts)
	if err != nil {
		return ""
	}
	to, err := time.Parse(time.DateOnly, p.Dates.Ends)
	if err != nil {
		return ""
	}
	first := "2 January 2006"
	if from.Year() == to.Year() {
		first = "2 January"
	}
	return in.Say("%s to %s", in.Date(from, first), in.Date(to, "2 January 2006"))
}

// ways are a programme's steps as somebody goes through them, whichever mode it has.
func ways(p *programme.Programme) []way {
	match := way{"match", "Be matched", "A person looks at each match before you hear of it. You read with whom and why, and accept or decline."}
	switch p.Mode {
	case programme.Directory:
		match.Title, match.Text = "Find each other", "{Clients} choose {a consultant} themselves, from a directory of those who are possible for them. It shows organisations and what they offer, and no names. The {consultant} then accepts or declines."
	case programme.Ranked:
		match.Text = "Once you are ready you see who is possible for you, and can say with whom you would like to work. The matching takes into account what both sides prefer. The lists show organisations and what they offer or need, and no names."
	}
	return []way{
		{"enrol", "Enrol", "You say what you need, or what you could offer, and when you could meet. It counts once you have confirmed it by email."},
		{"ready", "Get ready", "{Clients} prepare at a workshop. {Consultants} are trained with a group, and have a supervisor."},
		match,
		{"meet", "Meet", "You book your meetings with each other, in person, by video or by phone. You get invitations for your calendar and reminders."},
		{"on", "Look back", "At the end you say what has changed. What you have learnt is yours to pass on."},
	}
}
