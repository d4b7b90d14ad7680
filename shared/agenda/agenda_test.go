package agenda

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// monday is a working day, at noon.
var monday = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func pilot(t interface{ Fatal(...any) }) *programme.Programme {
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p.ID = "pilot"
	return p
}

// me is somebody ready in a role, and other the one on the other side.
func me(role programme.Role) *enrolment.Enrolment {
	return &enrolment.Enrolment{ID: "me-" + role.Side(), Role: role, State: enrolment.Ready, Capacity: 1}
}

func pair(role programme.Role) *pairing.Pairing {
	x := &pairing.Pairing{ID: "x", State: pairing.Active, StartedAt: monday.Add(-20 * day), Client: "other-" + programme.Client.Side(), Consultant: "other-" + programme.Consultant.Side(), Dates: map[string]time.Time{}}
	if role == programme.Client {
		x.Client = me(role).ID
	} else {
		x.Consultant = me(role).ID
	}
	return x
}

func meeting(x *pairing.Pairing, id string, at time.Time, state pairing.SessionState) *pairing.Session {
	if state != pairing.Cancelled && state != pairing.NotHeld {
		x.Dates[id] = at
	}
	return &pairing.Session{ID: id, Programme: "pilot", Pairing: x.ID, Client: x.Client, Consultant: x.Consultant, StartsAt: at, Minutes: 60, State: state, Logged: map[string]bool{}, CreatedAt: x.StartedAt}
}

// Each state that somebody can be in has its next step.
func TestWhatIsNext(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	client, consultant := programme.Client, programme.Consultant
	match := func(mine pairing.Answer) *pairing.Match {
		return &pairing.Match{ID: "m", Run: "r", State: pairing.Released, Client: pairing.Side{Enrolment: me(client).ID, Answer: mine}, Consultant: pairing.Side{Enrolment: "other"}}
	}
	with := func(role programme.Role, change func(*Facts, *enrolment.Enrolment, *pairing.Pairing)) Facts {
		e, x := me(role), pair(role)
		e.Places = []string{x.ID}
		f := Facts{Programme: p, Enrolments: []*enrolment.Enrolment{e}, Pairings: []*pairing.Pairing{x}}
		change(&f, e, x)
		return f
	}
	only := func(e *enrolment.Enrolment) Facts {
		return Facts{Programme: p, Enrolments: []*enrolment.Enrolment{e}}
	}
	times := func(by programme.Role) pairing.Proposal {
		return pairing.Proposal{ID: "t", By: by, Times: []time.Time{monday.Add(9 * day)}, Minutes: 60, Place: "York"}
	}
	enough := func(x *pairing.Pairing) {
		x.Held = p.Sessions.Most()
		for i := range x.Held {
			x.Dates[fmt.Sprint(i)] = monday.Add(-time.Duration(i+1) * day)
		}
	}
	more := func(state pairing.FurtherState, by programme.Role) pairing.Further {
		return pairing.Further{State: state, By: by, Why: "The budget", AskedAt: monday.Add(-day)}
	}
	directory := pilot(t)
	directory.Mode = programme.Directory
	for name, c := range map[string]struct {
		facts Facts
		want  []What
	}{
		"not ready":   {only(&enrolment.Enrolment{ID: "me-seek", Role: client, State: enrolment.Confirmed}), []What{Prepare}},
		"ready":       {only(me(client)), []What{BeMatched}},
		"chooses":     {Facts{Programme: directory, Enrolments: []*enrolment.Enrolment{me(client)}}, []What{Choose}},
		"left":        {only(&enrolment.Enrolment{ID: "me-seek", Role: client, State: enrolment.Withdrawn}), []What{Left}},
		"not for now": {only(&enrolment.Enrolment{ID: "me-seek", Role: client, State: enrolment.Ready, NotNow: true}), []What{NotForNow}},
		"a match":     {Facts{Programme: p, Enrolments: []*enrolment.Enrolment{me(client)}, Matches: []*pairing.Match{match("")}}, []What{AnswerMatch}},
		"accepted":    {Facts{Programme: p, Enrolments: []*enrolment.Enrolment{me(client)}, Matches: []*pairing.Match{match(pairing.Yes)}}, []What{TheirAnswer}},
		"just paired": {with(client, func(*Facts, *enrolment.Enrolment, *pairing.Pairing) {}), []What{Book}},
		"booked": {with(client, func(f *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			f.Sessions = []*pairing.Session{meeting(x, "s", monday.Add(day), pairing.Booked)}
		}), []What{Meet}},
		"met, not logged": {with(client, func(f *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			f.Sessions = []*pairing.Session{meeting(x, "s", monday.Add(-day), pairing.Booked)}
		}), []What{WriteLog, Book}},
		"met, the other has logged": {with(client, func(f *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			s := meeting(x, "s", monday.Add(-day), pairing.Held)
			s.Logged[string(consultant)] = true
			f.Sessions = []*pairing.Session{s, meeting(x, "next", monday.Add(3*day), pairing.Booked)}
		}), []What{WriteLog, Meet}},
		"cancelled": {with(client, func(f *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			f.Sessions = []*pairing.Session{meeting(x, "s", monday.Add(-day), pairing.Cancelled)}
		}), []What{Book}},
		"enough": {with(consultant, func(f *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			for i := range p.Sessions.Target {
				s := meeting(x, fmt.Sprint(i), monday.Add(-time.Duration(i+1)*day), pairing.Held)
				s.Logged[string(consultant)] = true
				f.Sessions = append(f.Sessions, s)
			}
			x.Held = p.Sessions.Target
		}), []What{Finish}},
		"I propose times": {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) { x.Proposal = times(client) }), []What{TheirPick}},
		"they propose times, beside a session": {with(client, func(f *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			x.Proposal = times(consultant)
			f.Sessions = []*pairing.Session{meeting(x, "s", monday.Add(day), pairing.Booked)}
		}), []What{PickTime, Meet}},
		"they proposed times that are over": {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			x.Proposal = times(consultant)
			x.Proposal.Times[0] = monday.Add(-day)
		}), []What{Book}},
		"I ask for one more": {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			enough(x)
			x.Further = more(pairing.FurtherAsked, client)
		}), []What{Finish, TheirMore}},
		"they ask for one more": {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			enough(x)
			x.Further = more(pairing.FurtherAsked, consultant)
		}), []What{AnswerFurther, Finish}},
		"we both do": {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			enough(x)
			x.Further = more(pairing.FurtherAgreed, consultant)
		}), []What{Finish, HostsMore}},
		"we have it": {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			enough(x)
			x.Further, x.Granted = more(pairing.FurtherGranted, client), 1
		}), []What{Book}},
		"it stays as planned": {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			enough(x)
			x.Further = more(pairing.FurtherAsPlanned, client)
		}), []What{Finish}},
		"in a pause nothing is asked": {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) {
			x.Further, x.PausedUntil = more(pairing.FurtherAsked, consultant), monday.Add(day)
		}), []What{Rest}},
		"I propose":  {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) { x.FinishBy = client }), []What{TheirFinish}},
		"they do":    {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) { x.FinishBy = consultant }), []What{AgreeToFinish}},
		"paused":     {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) { x.PausedUntil = monday.Add(day) }), []What{Rest}},
		"after that": {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) { x.PausedUntil = monday.Add(-day) }), []What{Book}},
		"stopped":    {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) { x.State = pairing.Stopped }), []What{SayNext}},
		"another, please": {with(client, func(_ *Facts, e *enrolment.Enrolment, x *pairing.Pairing) {
			x.State, x.Next, e.Places = pairing.Stopped, map[string]pairing.Next{"client": pairing.Another}, nil
		}), []What{BeMatched}},
		"completed": {with(client, func(_ *Facts, _ *enrolment.Enrolment, x *pairing.Pairing) { x.State = pairing.Completed }), []What{Supported}},
		"completed as a consultant": {with(consultant, func(_ *Facts, e *enrolment.Enrolment, x *pairing.Pairing) {
			x.State, e.Places = pairing.Completed, nil
		}), []What{BeMatched}},
		"asked": {with(client, func(f *Facts, e *enrolment.Enrolment, _ *pairing.Pairing) {
			f.Invitations = []*questionnaire.Invitation{{ID: "i", Enrolment: e.ID, Role: client, Moment: programme.Baseline}, {ID: "j", Enrolment: e.ID, Moment: programme.Closing, Submitted: true}}
		}), []What{Book, AnswerAsked}},
	} {
		var got []What
		for _, item := range Of(c.facts, monday) {
			got = append(got, item.What)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Whatever somebody's state is: each role has something, what is theirs to do comes first,
// and nothing is about a match or a pairing of others.
func TestNothingEndsWithoutANextStep(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := facts(t)
		all := Of(f, monday)
		waiting := false
		for _, item := range all {
			if waiting && item.What.Theirs() {
				t.Errorf("%q comes after what they wait for", item.What)
			}
			waiting = !item.What.Theirs()
			if slices.Index(order, item.What) < 0 {
				t.Errorf("%q has no place", item.What)
			}
			if item.Pairing != nil && item.Pairing.Enrolment(item.Role) != me(item.Role).ID || item.Match != nil && item.Match.Side(item.Role).Enrolment != me(item.Role).ID {
				t.Errorf("%q is about others", item.What)
			}
		}
		for _, e := range f.Enrolments {
			if !slices.ContainsFunc(all, func(i Item) bool { return i.Role == e.Role && i.Invitation == nil }) {
				t.Errorf("nothing is next for %+v", e)
			}
		}
	})
}

// Whatever an email asks for stands on the page, too.
func TestWhatEmailsAskForIsThere(t *testing.T) {
	t.Parallel()
	asked := map[outbox.Kind]int{}
	any := rapid.Custom(facts)
	for example := range 300 { // the same ones each time, of which some ask for each thing
		f := any.Example(example)
		p := f.Programme
		cal := calendar.Of(p, "London", "")
		who := reminder.Calendars{programme.Client: cal, programme.Consultant: cal}
		// All that is owed in the weeks from then on, a day at a time.
		for now := monday; now.Before(monday.Add(40 * day)); now = now.Add(day) {
			since := now.Add(-day)
			var owed []outbox.Message
			for _, m := range f.Matches {
				owed = append(owed, reminder.OfMatch(p, m, who, since, now).Owed...)
			}
			for _, x := range f.Pairings {
				owed = append(owed, reminder.OfPairing(p, x, who, since, now).Owed...)
			}
			for _, s := range f.Sessions {
				owed = append(owed, reminder.OfSession(p, s, f.Pairings[0], who, since, now).Owed...)
			}
			for _, i := range f.Invitations {
				owed = append(owed, reminder.OfInvitation(p, i, cal, since, now).Owed...)
			}
			all := Of(f, now)
			for _, m := range owed {
				what, asks := map[outbox.Kind]What{
					message.KindAnswerMatch: AnswerMatch, message.KindAgreeExpectations: AnswerMatch, message.KindFinishWaits: AgreeToFinish,
					message.KindBookSession: Book, message.KindLogYourSession: WriteLog, message.KindQuestionnaireWaits: AnswerAsked,
				}[m.Kind]
				e := f.mine(m.To)
				if !asks || e == nil || e.State == enrolment.Withdrawn {
					continue
				}
				asked[m.Kind]++
				if !slices.ContainsFunc(all, func(i Item) bool {
					return i.What == what && i.Role == e.Role && (i.Session == nil || i.Session.ID == m.Session)
				}) {
					t.Errorf("%s asks for what is not there: %+v", m.Kind, all)
				}
			}
		}
	}
	if len(asked) < 5 {
		t.Errorf("only these were tried: %v", asked)
	}
}

// mine is the person's enrolment by its id, or nil.
func (f Facts) mine(id string) *enrolment.Enrolment {
	for _, e := range f.Enrolments {
		if e.ID == id {
			return e
		}
	}
	return nil
}

// facts are somebody's at random: in one role or both, with a match or a pairing in one.
func facts(t *rapid.T) Facts {
	f := Facts{Programme: pilot(t)}
	f.Programme.Mode = rapid.SampledFrom([]programme.Mode{programme.Assigned, programme.Ranked, programme.Directory}).Draw(t, "mode")
	role := rapid.SampledFrom(programme.Roles).Draw(t, "role")
	e := me(role)
	e.State = rapid.SampledFrom([]enrolment.State{enrolment.Confirmed, enrolment.Ready, enrolment.Withdrawn}).Draw(t, "state")
	e.NotNow = rapid.Bool().Draw(t, "not now")
	f.Enrolments = append(f.Enrolments, e)
	if rapid.Bool().Draw(t, "both roles") {
		f.Enrolments = append(f.Enrolments, me(role.Other()))
	}
	if e.State != enrolment.Ready {
		return f
	}
	answers := rapid.SampledFrom([]pairing.Answer{"", pairing.Yes})
	switch rapid.SampledFrom([]string{"match", "pairing", "nothing"}).Draw(t, "with") {
	case "match":
		m := &pairing.Match{ID: "m", Run: "r", Programme: "pilot", State: pairing.Released, ReleasedAt: monday.Add(-4 * day), Client: pairing.Side{Enrolment: "other-seek"}, Consultant: pairing.Side{Enrolment: "other-offer"}}
		m.Side(role).Enrolment, m.Side(role).Answer = e.ID, answers.Draw(t, "answer")
		f.Matches, e.Places = append(f.Matches, m), []string{"m"}
	case "pairing":
		x := pair(role)
		x.State = rapid.SampledFrom([]pairing.State{pairing.Active, pairing.Active, pairing.Active, pairing.Completed, pairing.Stopped}).Draw(t, "pairing")
		e.Places = []string{x.ID}
		f.Pairings = append(f.Pairings, x)
		for i := range rapid.IntRange(0, f.Programme.Sessions.Most()).Draw(t, "sessions") {
			at := monday.Add(time.Duration(rapid.IntRange(-20*24, 20*24).Draw(t, "at")) * time.Hour)
			state := pairing.Booked
			if at.Before(monday) {
				state = rapid.SampledFrom([]pairing.SessionState{pairing.Booked, pairing.Held, pairing.NotHeld, pairing.Disputed, pairing.Cancelled}).Draw(t, "session")
			}
			s := meeting(x, fmt.Sprint("s", i), at, state)
			s.BookedAt = at.Add(-10 * day)
			for _, r := range programme.Roles {
				s.Logged[string(r)] = at.Before(monday) && rapid.Bool().Draw(t, "logged")
			}
			if state == pairing.Held {
				x.Held++
			}
			f.Sessions = append(f.Sessions, s)
		}
		if x.State == pairing.Active {
			x.FinishBy = rapid.SampledFrom([]programme.Role{"", "", role, role.Other(), role.Other()}).Draw(t, "finish by")
			x.FinishAt = monday.Add(-2 * day)
			x.PausedUntil = monday.Add(time.Duration(rapid.IntRange(-10, 3).Draw(t, "paused until")) * day)
		} else {
			x.Next = map[string]pairing.Next{string(role): rapid.SampledFrom([]pairing.Next{"", pairing.Another, pairing.Later}).Draw(t, "next")}
		}
	}
	if rapid.Bool().Draw(t, "invited") {
		f.Invitations = []*questionnaire.Invitation{{ID: "i", Enrolment: e.ID, Role: role, Moment: programme.Baseline, CreatedAt: monday.Add(-3 * day), Submitted: rapid.Bool().Draw(t, "submitted")}}
	}
	return f
}
