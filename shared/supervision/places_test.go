package supervision

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestMoveTakesAllOrNone(t *testing.T) {
	t.Parallel()
	from, to := &Supervisor{Name: "Kit", Capacity: 3, Places: []string{"a", "b", "c"}}, &Supervisor{Name: "Robin", Capacity: 2, Places: []string{"d"}}
	e := &enrolment.Enrolment{Places: []string{"a", "c"}}
	if got := wrong(t, Transfer(e, from, to)); got["supervisor"] != "Select another supervisor: Robin can take 1 more, and 2 are under way" {
		t.Errorf("%v", got)
	}
	if got := wrong(t, Transfer(e, from, nil)); got["supervisor"] != "Select a supervisor: pairings are under way" {
		t.Errorf("%v", got)
	}
	if len(from.Places) != 3 || len(to.Places) != 1 {
		t.Errorf("refused, and changed: %v, %v", from.Places, to.Places)
	}
	to.Capacity = 3
	if err := Transfer(e, from, to); err != nil || !slices.Equal(from.Places, []string{"b"}) || !slices.Equal(to.Places, []string{"d", "a", "c"}) {
		t.Errorf("%v; %v, %v", err, from.Places, to.Places)
	}
	for _, s := range []*Supervisor{nil, {}} { // who has none can have anybody or nobody
		if err := Transfer(&enrolment.Enrolment{}, from, s); err != nil {
			t.Error(err)
		}
	}
}

// Whatever is released, answered, withdrawn, ended, reassigned and changed in whatever
// order: nobody has more matches than places, and a supervisor has under them what
// their people have.
func TestNobodyHasMoreMatchesThanPlaces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		supervisors := map[string]*Supervisor{}
		for _, id := range []string{"kit", "robin"} {
			supervisors[id] = &Supervisor{ID: id, Name: id, Email: email.Address(id + "@example.org"), Capacity: rapid.IntRange(0, 4).Draw(t, "room")}
		}
		people := map[string]*enrolment.Enrolment{}
		for _, id := range []string{"a", "b", "c", "y", "z"} {
			e := &enrolment.Enrolment{ID: id, Role: programme.Client, State: enrolment.Ready, Capacity: 1}
			if id >= "y" {
				e.Role, e.Capacity = programme.Consultant, rapid.IntRange(1, 3).Draw(t, "capacity")
				e.Supervisor = rapid.SampledFrom([]string{"kit", "robin"}).Draw(t, "supervisor")
			}
			people[id] = e
		}
		holders := func(client, consultant string) pairing.Holders {
			return Holders(people[client], people[consultant], supervisors[people[consultant].Supervisor])
		}
		matches := map[string]*pairing.Match{}
		pairings := map[string]*pairing.Pairing{}
		freed := map[string]bool{} // stopped, and the client wants another match
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			client, consultant := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "client"), rapid.SampledFrom([]string{"y", "z"}).Draw(t, "consultant")
			id := client + consultant + fmt.Sprint(rapid.IntRange(0, 1).Draw(t, "run"))
			m := matches[id]
			if m == nil {
				m = &pairing.Match{ID: id, State: pairing.Proposed, Client: pairing.Side{Enrolment: client}, Consultant: pairing.Side{Enrolment: consultant}}
				matches[id] = m
			}
			h, role, e := holders(client, consultant), rapid.SampledFrom(programme.Roles).Draw(t, "role"), people[consultant]
			switch rapid.IntRange(0, 8).Draw(t, "step") {
			case 0, 1, 2:
				before := m.State
				if err := m.Release(h, time.Time{}, time.Time{}); before == pairing.Proposed && err == nil && (people[client].State != enrolment.Ready || e.State != enrolment.Ready) {
					t.Fatalf("%s is released to someone who is not ready", id)
				}
			case 3:
				if m.Accept(role, "v1", noon) == nil && m.State == pairing.Accepted && pairings[id] == nil {
					pairings[id] = pairing.Start(m, noon)
				}
			case 4:
				_ = m.Decline(role, "a reason", noon, h)
			case 5:
				_ = m.Withdraw(h)
			case 6:
				if x := pairings[id]; x != nil {
					end := rapid.SampledFrom([]func() (bool, error){
						func() (bool, error) { return x.Complete(noon), nil },
						func() (bool, error) { return x.Stop(pairing.Ender(role), "", pairing.Another, noon) },
						func() (bool, error) { return x.Stop(pairing.Coordinator, "", "", noon) },
						func() (bool, error) {
							return x.Choose(role, rapid.SampledFrom([]pairing.Next{pairing.Another, pairing.Later}).Draw(t, "next"))
						},
					}).Draw(t, "end")
					if changed, err := end(); changed && err == nil {
						x.Free(h)
						freed[id] = freed[id] || x.State == pairing.Stopped && x.Next[string(programme.Client)] == pairing.Another
					}
				}
			case 7:
				to := rapid.SampledFrom([]string{"", "kit", "robin"}).Draw(t, "to")
				if to != e.Supervisor && Transfer(e, supervisors[e.Supervisor], supervisors[to]) == nil {
					e.Supervisor = to
					if to == "" {
						e.State = enrolment.Confirmed
					}
				}
			case 8:
				s := supervisors[rapid.SampledFrom([]string{"kit", "robin"}).Draw(t, "changed")]
				_ = s.Change(Form{s.Name, string(s.Email), rapid.IntRange(0, 4).Draw(t, "takes")}, noon)
				x := people[rapid.SampledFrom([]string{"a", "z"}).Draw(t, "who")]
				x.State = rapid.SampledFrom([]enrolment.State{enrolment.Ready, enrolment.Confirmed}).Draw(t, "state")
				if x.Supervisor == "" && x.Role == programme.Consultant {
					x.State = enrolment.Confirmed
				}
			}

			under := map[string]int{}
			for id, e := range people {
				taken := 0
				for _, m := range matches {
					x := pairings[m.ID]
					over := x != nil && x.State != pairing.Active && (e.Role == programme.Consultant || freed[m.ID])
					if out := m.State == pairing.Released || m.State == pairing.Accepted; out && !over && (m.Client.Enrolment == id || m.Consultant.Enrolment == id) {
						taken++
						if !slices.Contains(e.Places, m.ID) {
							t.Fatalf("%s takes up no place of %s: %v", m.ID, id, e.Places)
						}
					}
				}
				if len(e.Places) != taken || taken > e.Capacity {
					t.Fatalf("%s has %d matches, %v in %d places", id, taken, e.Places, e.Capacity)
				}
				if e.Role == programme.Consultant {
					under[e.Supervisor] += taken
				}
			}
			if under[""] > 0 {
				t.Fatalf("%d pairings have no supervisor", under[""])
			}
			for id, s := range supervisors {
				if len(s.Places) != under[id] || under[id] > s.Capacity {
					t.Fatalf("%s has %v for %d, in %d", id, s.Places, under[id], s.Capacity)
				}
			}
		}
	})
}
