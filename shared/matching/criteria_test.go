package matching_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// ruledOut asks a pool of two people.
func ruledOut(t rapid.TB, p *programme.Programme, client, consultant matching.Person, relaxed int, forbidden ...matching.Pair) matching.Criterion {
	t.Helper()
	pool, err := matching.NewPool(p, []matching.Person{client}, []matching.Person{consultant}, forbidden)
	if err != nil {
		t.Fatal(err)
	}
	return pool.RuledOut(0, 0, relaxed)
}

func TestEachCriterionRulesOut(t *testing.T) {
	t.Parallel()
	type both struct {
		p                  *programme.Programme
		client, consultant *matching.Person
	}
	for _, row := range []struct {
		name               string
		client, consultant matching.Person
		change             func(both)
		want               matching.Criterion
	}{
		{"same region, other service", needs("a", "LS6 2AB", "HE"), offers("b", "LS1 1AA", "AR"), nil, ""},
		{"same region, same service, other area", needs("a", "LS6 2AB", "HE"), offers("b", "S1 1AA", "HE"), nil, ""},
		{"other region", needs("a", "LS6 2AB", "HE"), offers("b", "M1 1AA", "AR"), nil, matching.NearEnough},
		{"one of several services in the same area", needs("a", "LS6 2AB", "HE"), offers("b", "LS28 1AA", "SC", "HE"), nil, matching.NoCompetition},

		{"a conflict by name, without regard to case and punctuation", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) { x.client.Conflicts = []string{"organisation-B!"} }, matching.NoConflict},
		{"the other's conflict by name", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) { x.consultant.Conflicts = []string{"ORGANISATION A"} }, matching.NoConflict},
		{"a conflict by the whole number", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) {
				x.consultant.Organisation.Number, x.client.Conflicts = "GB-CHC-1000430", []string{" gb-chc-1000430 "}
			}, matching.NoConflict},
		{"a conflict by the number without its register", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) {
				x.client.Organisation.Number, x.consultant.Conflicts = "GB-CHC-1000430", []string{"1000430"}
			}, matching.NoConflict},
		{"a part of a number, a part of a name and nothing name nobody", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) {
				x.consultant.Organisation.Number, x.client.Conflicts = "GB-CHC-1000430", []string{"430", "Organisation", "", " ", "-", "GB"}
			}, ""},
		{"a name that differs in a digit", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) {
				x.consultant.Organisation.Name, x.client.Conflicts = "Branch 10", []string{"Branch 1", "Branch 100"}
			}, ""},
		{"the name of a third", needs("a", "LS6 2AB"), offers("b", "S1 1AA"), func(x both) { x.client.Conflicts = []string{"Organisation c"} }, ""},
		{"nameless organisations are not each other's", needs("a", "LS6 2AB"), offers("b", "LS6 2AB"),
			func(x both) { x.client.Organisation.Name, x.consultant.Organisation.Name = "", "" }, ""},
		{"both bid to one funder, as each writes it", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) {
				x.client.Bids, x.consultant.Bids = []string{"Another", "The Example Fund"}, []string{"the example FUND."}
			}, matching.NoConflict},
		{"they bid to different funders", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) {
				x.client.Bids, x.consultant.Bids = []string{"Example Fund North"}, []string{"Example Fund"}
			}, ""},
		{"one funder mentioned it to both", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) { x.client.Mention, x.consultant.Mention = "Example Fund", "Example Fund" }, ""},
		{"one bids to the other", needs("a", "LS6 2AB"), offers("b", "S1 1AA"), func(x both) { x.client.Bids = []string{"organisation b"} }, matching.NoConflict},
		{"the other bids to the one", needs("a", "LS6 2AB"), offers("b", "S1 1AA"), func(x both) { x.consultant.Bids = []string{"Organisation A"} }, matching.NoConflict},
		{"one's funder is the other", needs("a", "LS6 2AB"), offers("b", "S1 1AA"), func(x both) { x.client.Mention = "Organisation B" }, matching.NoConflict},
		{"the other's funder is the one", needs("a", "LS6 2AB"), offers("b", "S1 1AA"), func(x both) { x.consultant.Mention = "Organisation a" }, matching.NoConflict},
		{"declined by the one", needs("a", "LS6 2AB"), offers("b", "S1 1AA"), func(x both) { x.client.Declined = []string{"z", "b"} }, matching.NoConflict},
		{"declined by the other", needs("a", "LS6 2AB"), offers("b", "S1 1AA"), func(x both) { x.consultant.Declined = []string{"a"} }, matching.NoConflict},
		{"one organisation by its number", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) {
				x.client.Organisation.Number, x.consultant.Organisation.Number = "GB-CHC-1", "GB-CHC-1"
			}, matching.NoConflict},
		{"one organisation by name and postcode", needs("a", "LS6 2AB"), offers("b", "LS6 2AB"),
			func(x both) {
				x.client.Organisation.Name, x.consultant.Organisation.Name = "The Same", "the same."
			}, matching.NoConflict},
		{"one person in both roles, with two organisations", needs("a-seek", "LS6 2AB"), offers("a-offer", "S1 1AA"), nil, matching.NoConflict},
		{"two people with ids of that form", needs("a-seek", "LS6 2AB"), offers("b-offer", "S1 1AA"), nil, ""},
		{"the same name elsewhere", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) {
				x.client.Organisation.Name, x.consultant.Organisation.Name = "Age Concern", "Age Concern"
			}, matching.NoConflict},

		{"no language in common", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) {
				x.client.Languages, x.consultant.Languages = []string{"Welsh"}, []string{"English", "Polish"}
			}, matching.CommonLanguage},
		{"one language of two", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) {
				x.client.Languages, x.consultant.Languages = []string{"English", "Welsh"}, []string{"Welsh"}
			}, ""},
		{"none given is English", needs("a", "LS6 2AB"), offers("b", "S1 1AA"), func(x both) { x.client.Languages = []string{"Welsh"} }, matching.CommonLanguage},

		{"no way of meeting in common", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) {
				x.client.Meeting, x.consultant.Meeting = []string{"in-person"}, []string{"video", "phone"}
			}, matching.CommonMeeting},
		{"none given is every way", needs("a", "LS6 2AB"), offers("b", "S1 1AA"), func(x both) { x.client.Meeting = []string{"phone"} }, ""},

		{"no skill for a need", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) { x.consultant.Skills = map[string]int{"digital": 3} }, matching.SomethingToAsk},
		{"a need or a skill of level 0 is none", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) {
				x.client.Needs["digital"], x.consultant.Skills = 0, map[string]int{"digital": 3, "fundraising": 0}
			}, matching.SomethingToAsk},
		{"what the client has is no offer", needs("a", "LS6 2AB"), person("b", "S1 1AA"),
			func(x both) { x.consultant.Needs, x.client.Skills = x.client.Needs, x.client.Needs }, matching.SomethingToAsk},
		{"a skill that the programme dropped", needs("a", "LS6 2AB"), offers("b", "S1 1AA"),
			func(x both) { x.p.Skills = x.p.Skills[:2] }, matching.SomethingToAsk},

		{"the first of several criteria is named", needs("a", "LS6 2AB", "HE"), offers("b", "LS1 1AA", "HE"),
			func(x both) {
				x.client.Declined, x.client.Languages, x.client.Meeting = []string{"b"}, []string{"Welsh"}, []string{"phone"}
			}, matching.NoCompetition},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := pilot(t)
			if row.change != nil {
				row.change(both{p, &row.client, &row.consultant})
			}
			if got := ruledOut(t, p, row.client, row.consultant, 0); got != row.want {
				t.Errorf("ruled out by %q, want %q", got, row.want)
			}
		})
	}
}

func TestPlaceIsTheProgrammes(t *testing.T) {
	t.Parallel()
	const neighbouring, online = programme.Neighbouring, programme.Online
	here, remote := []string{"in-person"}, []string{"video"}
	for _, row := range []struct {
		name     string
		place    programme.Place
		relax    []programme.Within
		relaxed  int
		postcode string // of the consultant; the client is in Leeds
		meeting  []string
		want     matching.Criterion
	}{
		{"region: Sheffield", programme.Place{Within: programme.SameRegion}, nil, 0, "S1 1AA", here, ""},
		{"region: Manchester", programme.Place{Within: programme.SameRegion}, nil, 0, "M1 1AA", remote, matching.NearEnough},
		{"50 km: Sheffield, 49 km", programme.Place{Within: programme.Distance, Kilometres: 50}, nil, 0, "S1 1AA", here, ""},
		{"45 km: Sheffield", programme.Place{Within: programme.Distance, Kilometres: 45}, nil, 0, "S1 1AA", here, matching.NearEnough},
		{"60 km: Manchester, another region", programme.Place{Within: programme.Distance, Kilometres: 60}, nil, 0, "M1 1AA", here, ""},
		{"1 km: the same district", programme.Place{Within: programme.Distance, Kilometres: 1}, nil, 0, "LS6 9ZZ", here, ""},
		{"1 km: the same area, 8 km apart", programme.Place{Within: programme.Distance, Kilometres: 1}, nil, 0, "LS28 1AA", here, matching.NearEnough},
		{"10 km: a district that is not known, from the area's main town", programme.Place{Within: programme.Distance, Kilometres: 10}, nil, 0, "LS99 1AA", here, ""},
		{"online: Belfast by video", programme.Place{Within: online}, nil, 0, "BT1 1AA", remote, ""},
		{"online: Belfast in person", programme.Place{Within: online}, nil, 0, "BT1 1AA", here, matching.CommonMeeting},
		{"online: Sheffield in person", programme.Place{Within: online}, nil, 0, "S1 1AA", here, ""},

		{"relaxed no further than allowed", programme.Place{Within: programme.SameRegion}, []programme.Within{neighbouring, online}, 0, "M1 1AA", nil, matching.NearEnough},
		{"neighbouring: Manchester in person", programme.Place{Within: programme.SameRegion}, []programme.Within{neighbouring, online}, 1, "M1 1AA", here, ""},
		{"neighbouring: Belfast", programme.Place{Within: programme.SameRegion}, []programme.Within{neighbouring, online}, 1, "BT1 1AA", nil, matching.NearEnough},
		{"then online: Belfast by video", programme.Place{Within: programme.SameRegion}, []programme.Within{neighbouring, online}, 2, "BT1 1AA", remote, ""},
		{"then online: Belfast in person", programme.Place{Within: programme.SameRegion}, []programme.Within{neighbouring, online}, 2, "BT1 1AA", here, matching.CommonMeeting},
		{"then online: Manchester still in person", programme.Place{Within: programme.SameRegion}, []programme.Within{neighbouring, online}, 2, "M1 1AA", here, ""},
		{"online first: Manchester in person", programme.Place{Within: programme.SameRegion}, []programme.Within{online, neighbouring}, 1, "M1 1AA", here, matching.CommonMeeting},
		{"online first, then neighbouring: Manchester in person", programme.Place{Within: programme.SameRegion}, []programme.Within{online, neighbouring}, 2, "M1 1AA", here, ""},
		{"10 km, then neighbouring: Sheffield, the same region", programme.Place{Within: programme.Distance, Kilometres: 10}, []programme.Within{neighbouring}, 1, "S1 1AA", here, ""},
		{"an unknown place is near nobody", programme.Place{Within: programme.Distance, Kilometres: 1000}, nil, 0, "", here, matching.NearEnough},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := pilot(t)
			p.Place, p.Relax = row.place, row.relax
			consultant := offers("b", row.postcode, "AR")
			consultant.Meeting = row.meeting
			if got := ruledOut(t, p, needs("a", "LS6 2AB", "HE"), consultant, row.relaxed); got != row.want {
				t.Errorf("ruled out by %q, want %q", got, row.want)
			}
		})
	}
	p := pilot(t)
	p.Place = programme.Place{Within: programme.Distance, Kilometres: 10}
	if got := ruledOut(t, p, needs("a", ""), offers("b", ""), 0); got != matching.NearEnough {
		t.Errorf("two people of whom nobody knows where they are: ruled out by %q", got)
	}
}

func TestCompetitionIsASharedCategoryInTheSameArea(t *testing.T) {
	t.Parallel()
	const area, district, region = programme.PostcodeArea, programme.District, programme.Region
	for _, row := range []struct {
		area     programme.Area
		level    int
		postcode string // of the consultant; the client is in LS6 and does AR303
		category string
		want     matching.Criterion
	}{
		{area, 0, "LS1 1AA", "AR501", matching.NoCompetition},
		{area, 1, "LS1 1AA", "AR501", matching.NoCompetition},
		{area, 1, "LS1 1AA", "AR", matching.NoCompetition},
		{area, 1, "LS1 1AA", "AN303", ""},
		{area, 2, "LS1 1AA", "AR501", ""},
		{area, 2, "LS1 1AA", "AR305", matching.NoCompetition},
		{area, 2, "LS1 1AA", "AR", ""},
		{area, 3, "LS1 1AA", "AR305", ""},
		{area, 3, "LS1 1AA", "AR303", matching.NoCompetition},
		{area, 1, "S1 1AA", "AR303", ""},
		{district, 1, "LS1 1AA", "AR303", ""},
		{district, 1, "LS6 9ZZ", "AR303", matching.NoCompetition},
		{region, 1, "S1 1AA", "AR303", matching.NoCompetition},
		{region, 3, "S1 1AA", "AR305", ""},
	} {
		t.Run(fmt.Sprintf("%s, level %d: %s in %s", row.area, row.level, row.category, row.postcode), func(t *testing.T) {
			t.Parallel()
			p := pilot(t)
			p.Competition = programme.Competition{Area: row.area, Level: row.level}
			if got := ruledOut(t, p, needs("a", "LS6 2AB", "HE101", "AR303"), offers("b", row.postcode, row.category), 0); got != row.want {
				t.Errorf("ruled out by %q, want %q", got, row.want)
			}
		})
	}
	// Without a postcode the region is the area.
	a, b := needs("a", "", "AR"), offers("b", "", "AR")
	a.Organisation.Region, b.Organisation.Region = "Wales", "Wales"
	if got := ruledOut(t, pilot(t), a, b, 0); got != matching.NoCompetition {
		t.Errorf("two of one kind, somewhere in Wales: ruled out by %q", got)
	}
}

// Whoever compares what a page says before and after must not learn which of them it was.
func TestPrivateReasonsAreOneClass(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	client, consultant := needs("a", "LS6 2AB"), offers("b", "S1 1AA")
	avoids, avoided, declines := client, consultant, client
	avoids.Conflicts, avoided.Conflicts, declines.Declined = []string{"Organisation b"}, []string{"Organisation a"}, []string{"b"}
	for name, got := range map[string]matching.Criterion{
		"the one avoids":       ruledOut(t, p, avoids, consultant, 0),
		"the other avoids":     ruledOut(t, p, client, avoided, 0),
		"declined":             ruledOut(t, p, declines, consultant, 0),
		"a coordinator's word": ruledOut(t, p, client, consultant, 0, matching.Pair{Client: "a", Consultant: "b"}),
	} {
		if got != matching.NoConflict {
			t.Errorf("%s: ruled out by %q", name, got)
		}
	}
	if got := ruledOut(t, p, client, consultant, 0, matching.Pair{Client: "b", Consultant: "a"}, matching.Pair{Client: "a", Consultant: "z"}); got != "" {
		t.Errorf("other pairs are forbidden, and this one is ruled out by %q", got)
	}
}

func TestEveryPairIsJudgedByTheRulesAsWritten(t *testing.T) {
	t.Parallel()
	seen := map[matching.Criterion]int{}
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		p := anyProgramme(t, c, 3+c.IntN(5))
		a, b := anyPeople(c, p, 8, 8)
		pool, err := matching.NewPool(p, a, b, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, client := range pool.Clients {
			for j, consultant := range pool.Consultants {
				for relaxed := range len(p.Relax) + 1 {
					got, want := pool.RuledOut(i, j, relaxed), unmet(p, *client, *consultant, relaxed)
					if got != want {
						t.Fatalf("%+v and %+v with the first %d of %q: ruled out by %q, want %q", client, consultant, relaxed, p.Relax, got, want)
					}
					if row := pool.FirstUnmet(i, j, relaxed); row != got {
						t.Fatalf("%+v and %+v with the first %d of %q: ruled out by %q, and row by row by %q", client, consultant, relaxed, p.Relax, got, row)
					}
					seen[got]++
				}
			}
		}
	})
	for _, k := range append([]matching.Criterion{""}, matching.Criteria...) {
		if seen[k] < 100 {
			t.Errorf("%q met only %d times: the people drawn say little of it", k, seen[k])
		}
	}
}

func TestPeopleWhoCannotBeComparedAreRefused(t *testing.T) {
	t.Parallel()
	many := make([]string, 65)
	for k := range many {
		many[k] = fmt.Sprintf("Language %d", k)
	}
	for name, change := range map[string]func(x *matching.Person){
		"no id":              func(x *matching.Person) { x.ID = "" },
		"an id given twice":  func(x *matching.Person) { x.ID = "z" },
		"a level of 4":       func(x *matching.Person) { x.Needs = map[string]int{"digital": 4} },
		"a level below 0":    func(x *matching.Person) { x.Skills = map[string]int{"digital": -1} },
		"too many languages": func(x *matching.Person) { x.Languages = many },
	} {
		x, z := needs("a", "LS6 2AB"), needs("z", "LS6 2AB")
		z.Languages = many[:1]
		change(&x)
		if _, err := matching.NewPool(pilot(t), []matching.Person{x, z}, nil, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := matching.NewPool(pilot(t), nil, []matching.Person{z, x}, nil); err == nil {
			t.Errorf("%s, on the other side: no error", name)
		}
	}
}
