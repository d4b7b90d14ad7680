package pairing

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func proposal(id string, days ...int) Proposal {
	x := Proposal{ID: id, By: programme.Client, Minutes: 90, Place: "Room 1"}
	for _, d := range days {
		x.Times = append(x.Times, noon.AddDate(0, 0, d))
	}
	return x
}

func TestProposalIsPickedOnceByTheOther(t *testing.T) {
	t.Parallel()
	x := active()
	if changed, err := x.Propose(proposal("a", 3, 2), "", most, noon); !changed || err != nil || !x.Proposal.Times[0].Before(x.Proposal.Times[1]) {
		t.Fatalf("proposed: %v, %v, %+v", changed, err, x.Proposal)
	}
	if changed, err := x.Propose(proposal("again", 2, 3), "", most, noon); !changed && err != nil || x.Proposal.ID != "a" {
		t.Errorf("sent twice: %v, %v, %+v", changed, err, x.Proposal)
	}
	at := noon.AddDate(0, 0, 2)
	for name, row := range map[string]struct {
		seen string
		at   time.Time
		by   programme.Role
	}{
		"by who has proposed":          {"a", at, programme.Client},
		"of what was there before":     {"b", at, programme.Consultant},
		"of nothing":                   {"", at, programme.Consultant},
		"a time that was not proposed": {"a", at.Add(time.Hour), programme.Consultant},
	} {
		if s, err := x.Pick(row.seen, row.at, row.by, "p", most, noon); err == nil || s != nil || x.Booked != 0 {
			t.Errorf("picked %s: %+v", name, s)
		}
	}
	s, err := x.Pick("a", at, programme.Consultant, "p", most, noon)
	if err != nil || s.ID != "a" || !s.StartsAt.Equal(at) || s.BookedBy != programme.Consultant || x.Proposal.ID != "" || len(x.Proposed(noon)) != 0 {
		t.Errorf("picked: %+v, %v, %+v", s, err, x.Proposal)
	}
	if _, err := x.Pick("a", at, programme.Consultant, "p", most, noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("picked twice: %v", err)
	}
}

func TestProposalIsRefused(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(*Pairing, *Proposal)
		field  string
	}{
		"no time":          {func(_ *Pairing, p *Proposal) { p.Times = nil }, "date-1"},
		"in the past":      {func(_ *Pairing, p *Proposal) { p.Times[1] = noon }, "date-2"},
		"twice the same":   {func(_ *Pairing, p *Proposal) { p.Times[1] = p.Times[0] }, "date-2"},
		"nowhere":          {func(_ *Pairing, p *Proposal) { p.Place = "" }, "place"},
		"no such way":      {func(_ *Pairing, p *Proposal) { p.Way = "pigeon" }, "way"},
		"too short":        {func(_ *Pairing, p *Proposal) { p.Minutes = 1 }, "minutes"},
		"in a pause":       {func(x *Pairing, _ *Proposal) { x.PausedUntil = noon.AddDate(0, 0, 3) }, "date-1"},
		"beside a session": {func(x *Pairing, p *Proposal) { x.meet("s", Booking{StartsAt: p.Times[0], Minutes: 60}, noon) }, "date-1"},
	} {
		x, p := active(), proposal("a", 2, 4)
		row.change(x, &p)
		if changed, err := x.Propose(p, "", most, noon); changed || !invalid(err, row.field) || x.Proposal.ID != "" {
			t.Errorf("%s: %v, %v", name, changed, err)
		}
	}
	for name, change := range map[string]func(*Pairing){
		"once it has ended":               func(x *Pairing) { x.State = Stopped },
		"what changed meanwhile":          func(x *Pairing) { x.Proposal = proposal("other", 9) },
		"more often than people can be":   func(x *Pairing) { x.ChangedOn, x.Changes = noon.Format(time.DateOnly), mostChanges },
		"where there are sessions enough": func(x *Pairing) { x.Dates = map[string]time.Time{"s": noon} },
	} {
		x := active()
		change(x)
		if changed, err := x.Propose(proposal("a", 2), "", 1, noon); changed || !fault.Is(err, fault.Conflict) || x.Proposal.ID == "a" {
			t.Errorf("%s: %v, %v", name, changed, err)
		}
	}
}

// Whatever the two propose, pick, book, move and cancel, in whichever order: no two sessions
// are at one time, each picked time was on the table, and what is booked is proposed no more.
func TestProposalsAndSessionsStayApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, now := active(), noon
		var sessions []*Session
		for i := range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 8).Draw(t, "hours")) * time.Hour)
			role, id := rapid.SampledFrom(programme.Roles).Draw(t, "role"), string(rune('a'+i))
			at := func() time.Time {
				return now.Truncate(time.Hour).Add(time.Duration(rapid.IntRange(-2, 12).Draw(t, "ahead")) * time.Hour)
			}
			switch rapid.SampledFrom([]string{"propose", "pick", "book", "move", "cancel"}).Draw(t, "step") {
			case "propose":
				p := Proposal{ID: id, By: role, Times: []time.Time{at(), at(), at()}, Minutes: 60, Place: "here"}
				_, _ = x.Propose(p, x.Proposal.ID, most, now)
			case "pick":
				before := x.Proposal
				if s, err := x.Pick(before.ID, at(), role, "p", most, now); err == nil {
					if before.By == role || !slices.ContainsFunc(before.Times, s.StartsAt.Equal) {
						t.Fatalf("%s picked %v of %+v", role, s.StartsAt, before)
					}
					sessions = append(sessions, s)
				}
			case "book":
				if s, err := x.Book(id, "p", role, Booking{at(), 60, "here", ""}, most, now); err == nil {
					sessions = append(sessions, s)
				}
			case "move":
				if len(sessions) > 0 {
					s := rapid.SampledFrom(sessions).Draw(t, "session")
					_, _ = x.Move(s, s.Sequence, Booking{at(), 60, "there", ""}, now)
				}
			case "cancel":
				if len(sessions) > 0 {
					s := rapid.SampledFrom(sessions).Draw(t, "session")
					_, _ = x.Cancel(s, s.Sequence, "", now)
				}
			}
			for i, a := range sessions {
				for _, b := range sessions[:i] {
					if a.State == Booked && b.State == Booked && a.StartsAt.Before(b.EndsAt()) && b.StartsAt.Before(a.EndsAt()) {
						t.Fatalf("two sessions at one time: %+v, %+v", a, b)
					}
				}
			}
			for _, open := range x.Proposed(now) {
				if !open.After(now) || x.clash("", x.Proposal.Booking(open)) {
					t.Fatalf("what cannot be picked is open: %v", open)
				}
			}
		}
	})
}

func TestPlaceThatIsALink(t *testing.T) {
	t.Parallel()
	for place, link := range map[string]bool{
		"https://meet.example.org/a?b=c": true, "https://meet.example.org": true, "HTTPS://meet.example.org/": true,
		"http://meet.example.org": false, "javascript:alert(1)": false, "https://": false, "https:meet.example.org": false, "meet.example.org": false,
		"https://alex:secret@meet.example.org": false, "https://meet.example.org and then ring": false, "Room 2, Sample Library": false,
		"data:text/html,x": false, "//meet.example.org": false, `https://meet.example.org\@else.example.org`: false, "https://meet.example.org/\"onclick=alert(1)": true,
	} {
		got := Booking{Place: place}.Link()
		if (got != "") != link || got != "" && !strings.HasPrefix(got, "https://meet.example.org") || strings.ContainsAny(got, `"<> `) {
			t.Errorf("%q leads to %q", place, got)
		}
	}
}
