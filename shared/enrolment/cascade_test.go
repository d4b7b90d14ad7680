package enrolment

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Whoever was helped and helps is of the generation after that of who helped them, as the same
// person, with what they said that they could offer and nothing of what they needed.
func TestGenerationsFollowEachOther(t *testing.T) {
	t.Parallel()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p.ID, p.Salt = "pilot", "salt"
	rapid.Check(t, func(t *rapid.T) {
		helper := &Enrolment{Role: programme.Consultant}
		for want := 2; want < 2+rapid.IntRange(1, 6).Draw(t, "generations"); want++ {
			client := &Enrolment{ID: of("zorro", programme.Client), Role: programme.Client, State: Ready, Generation: 3,
				Person: Person{Name: "Alex Sample", Email: "alex.other@example.org"}, Organisation: Organisation{Name: "Alex Trust", Postcode: "LS6 2AB", Region: "Yorkshire and the Humber", Categories: []string{"AR"}},
				Strengths: []string{"team", "no-more"}, Skills: map[string]int{"board": 3}, Experience: map[string]int{"board": 1}, Languages: []string{"English"}, Hopes: "Calm", Situation: "We grow", Conflicts: []string{"Rival"}}
			f := Onward(p, client, "To ask first")
			if f.Offering != "To ask first" || len(f.Skills) != 1 || f.Skills["team"] != 1 || f.Hopes+f.Situation+f.Consent != "" || len(f.Conflicts) != 1 {
				t.Fatalf("form %+v", f)
			}
			if _, err := Cascaded(p, client, f, "x", helper, noon); err == nil {
				t.Fatal("enrolled without agreeing to the notice")
			}
			f.Consent = p.Privacy.Version
			e, err := Cascaded(p, client, f, "x", helper, noon)
			if err != nil {
				t.Fatal(err)
			}
			if e.ID != of("zorro", programme.Consultant) || e.Role != programme.Consultant || e.State != Confirmed || e.Cascade.From != "x" || e.InGeneration() != want || e.Generation != 3 || e.Person != client.Person {
				t.Fatalf("%+v", e)
			}
			helper = e
		}
		if (&Enrolment{}).InGeneration() != 1 {
			t.Fatal("the first are not the first")
		}
	})
}
