package desk_test

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

const nextRun = "from the next run on, on weekday mornings at 6am"

// says fails unless doing something ends on a page that says so. Sent twice it says the
// same.
func says(b *desktest.Bed, path string, form url.Values, want ...string) {
	b.T.Helper()
	first := b.Does(path, form)
	for _, words := range want {
		if !strings.Contains(first, words) {
			b.T.Errorf("%s %v: it says %q, without %q", path, form, first, words)
		}
	}
	if second := b.Does(path, form); second != first {
		b.T.Errorf("%s %v: it says %q, and sent twice %q", path, form, first, second)
	}
}

func TestWhatWasDoneAboutPeopleIsSaid(t *testing.T) {
	b := newBed(t)
	b.Supervisors(map[string]int{"robin": 4})
	b.Enrol("pilot", desktest.Person("alex"), desktest.Person("zoe"))
	alex, zoe := desk+"/people/alex", desk+"/people/zoe"
	says(b, alex, desktest.Ticked("workshop"), "Alex Sample is ready. They can be matched "+nextRun+".")
	says(b, alex, nil, "Alex Sample is not ready yet. They can be matched once they have been to the workshop.")
	says(b, zoe, nil, "once they are trained and have a supervisor.")
	says(b, zoe, url.Values{"supervisor": {"robin"}}, "once they are trained.")
	says(b, zoe, desktest.Ticked("trained"), "once they have a supervisor.")
	says(b, zoe, desktest.Trained("robin"), "Zoe Sample is ready.")
	says(b, alex+"/address", url.Values{"email": {"other@example.org"}}, "We have sent an email to other@example.org. The address counts once Alex Sample has pressed the button in it.")
	says(b, alex+"/organisation", url.Values{"joined": {"The Alex House"}}, "The other names of Alex Trust are saved.", nextRun)
	says(b, alex+"/organisation", url.Values{"joined": {""}}, "Alex Trust has no other names.")
	says(b, alex+"/correct/you", url.Values{"name": {"Alex Sample"}, "phone": {"020 7946 0123"}, "reason": {"They rang"}}, "What Alex Sample answered is as you saved it.", nextRun)
	b.Contact("alex", func(c *contact.Contact) { c.Stop(contact.Bounced, b.Now()) })
	says(b, alex+"/emails", nil, "Alex Sample is written to again, and gets what waits for them.")
	says(b, alex+"/leave", url.Values{"do": {"leave"}, "reason": {"They rang"}}, "Alex Sample has left.", "You can take them in again.")
	says(b, alex+"/leave", url.Values{"do": {"return"}, "reason": {"They rang"}}, "Alex Sample takes part again. They can be matched once")
}

// What is next is what is next in a programme of that kind.
func TestWhatIsNextGoesByTheProgramme(t *testing.T) {
	for mode, want := range map[programme.Mode][2]string{
		programme.Assigned:  {"They can be matched " + nextRun + ".", "They can be matched " + nextRun + "."},
		programme.Ranked:    {"and say whom they prefer by the link in the email", "and say whom they prefer by the link in the email"},
		programme.Directory: {"They choose by the link in the email", " can choose them from now on."},
	} {
		t.Run(string(mode), func(t *testing.T) {
			b := newBed(t)
			b.Mode(mode)
			b.Supervisors(map[string]int{"robin": 4})
			b.Enrol("pilot", desktest.Person("alex"), desktest.Person("zoe"), desktest.Person("amy", func(e *enrolment.Enrolment) { e.Places = []string{"m"} }))
			says(b, desk+"/people/alex", desktest.Ticked("workshop"), want[0])
			says(b, desk+"/people/zoe", desktest.Trained("robin"), want[1])
			says(b, desk+"/people/amy", desktest.Ticked("workshop"), "They have as many matches as they can take.")
		})
	}
}

func TestWhatWasDoneAboutOrganisationsIsSaid(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex", func(e *enrolment.Enrolment) { e.Conflicts = []string{"Elsewhere House", "Nowhere House"} }))
	at, err := b.Store.MatchingInput(t.Context(), "pilot")
	if err == nil {
		err = b.Store.KeepUnclear(t.Context(), "pilot", enrolment.FindUnclear(at.Ready), b.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	says(b, desk+"/organisations", url.Values{"person": {"alex"}, "entry": {"Elsewhere House"}}, "It is settled whom Alex Sample means.", nextRun, "Of one person entries are left to settle.")
	says(b, desk+"/organisations", url.Values{"do": {"nobody"}}, "Those that resemble nobody rule nobody out. Nothing is left to settle.")
}

func TestWhatWasDoneAboutEmailsIsSaid(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"))
	b.SetAside("m", "pilot", "alex", "")
	says(b, desk+"/emails", url.Values{"message": {"m"}}, "is tried again, and goes within some minutes.")
	m := b.Message("m")
	m.PutAside("refused again")
	c := b.Store.Commit()
	c.UpdateMessage(m)
	b.Commit(c)
	if said := b.Said(desk + "/emails?done=tried&to=m"); said != "" {
		t.Errorf("an email that has come back is said to go: %q", said)
	}
}

func TestWhatWasDoneAboutSupervisorsIsSaid(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("zoe"))
	form := url.Values{"name": {"Robin Sample"}, "email": {"robin@example.org"}, "capacity": {"4"}, "form": {"ABCDEFGHIJKLMNOPQRSTUVWXYZ"}}
	says(b, desk+"/supervisors/new", form, "Added: Robin Sample can supervise 4 pairings at once, and has 0.", "those without a supervisor below")
	form.Set("capacity", "2")
	form.Del("form")
	says(b, desk+"/supervisors/ABCDEFGHIJKLMNOPQRSTUVWXYZ", form, "Saved: Robin Sample can supervise 2 pairings at once", nextRun)
}

func TestWhatWasDoneAboutMatchesIsSaid(t *testing.T) {
	b := newBed(t)
	b.Three()
	var all []string
	for _, m := range b.Solved() {
		all = append(all, m.Run+"/"+m.ID)
	}
	says(b, desk+"/matches", url.Values{"match": all[:1]}, "The match of ", " is released. Both people get an email")
	says(b, desk+"/matches", url.Values{"match": all[1:]}, "2 matches are released.")
	says(b, desk+"/matches/withdraw", url.Values{"match": all[:2]}, "2 matches are taken back.", "free for the next run, on weekday mornings at 6am.")

	run, id, _ := strings.Cut(all[2], "/")
	m, err := b.Store.Match(t.Context(), "pilot", run, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range programme.Roles {
		if err := m.Accept(role, b.Programme.Expectations.Version, b.Now()); err != nil {
			t.Fatal(err)
		}
	}
	c := b.Store.Commit()
	c.UpdateMatch("pilot", m)
	c.CreatePairing("pilot", pairing.Start(m, b.Now()))
	b.Commit(c)
	of := desk + "/matches/of/" + all[2]
	says(b, of, url.Values{"do": {"stop"}}, "The pairing is stopped. We have written to both")
	says(b, of, url.Values{"do": {"again"}, "side": {"seek"}}, b.Enrolment(m.Client.Enrolment).Person.Name+" can be matched again "+nextRun+".")
}

func TestWhatWasDecidedByHandIsSaid(t *testing.T) {
	b := newBed(t)
	b.Three()
	b.Solved()
	decide := func(query string) url.Values {
		return desktest.Filled(b.Get(desk+"/matches/change?"+query).Body, "They know each other")
	}
	says(b, desk+"/matches/change", decide("kind=forbid&for=alex&with=zac"), "Ruled out: Alex Sample with Zac Sample. Matching goes by it "+nextRun+", until you lift it here.")
	says(b, desk+"/matches/change", decide("kind=swap&for=amy&other=ann"), "Pinned: A", ", and A", nextRun)
	all, err := b.Store.Decisions(t.Context(), "pilot")
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	i := slices.IndexFunc(all, func(d *pairing.Decision) bool { return d.Kind == pairing.Forbid })
	says(b, desk+"/matches/decisions", url.Values{"decision": {all[i].ID}}, "Lifted: Alex Sample with Zac Sample. Matching goes without it "+nextRun+".")
}

// What a page says was done is so: an address that anybody wrote says nothing that is not.
func TestNothingIsSaidThatIsNotSo(t *testing.T) {
	b := newBed(t)
	b.Three()
	matches := b.Solved()
	reference := matches[0].Run + "/" + matches[0].ID
	b.SetAside("m", "pilot", "alex", outbox.Bounced)
	b.SetAside("elsewhere", "other", "alex", "")
	c := b.Store.Commit()
	d, err := pairing.Decide(pairing.Forbid, "alex", "zac", "They know each other", "morgan", b.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.CreateDecision("pilot", d, nil)
	b.Commit(c)
	for _, row := range []struct {
		page    string
		did, to []string
	}{
		{"/people", []string{"leave", "return", "joined"}, []string{"alex"}},
		{"/people", []string{"prepared"}, nil},
		{"/people/alex", []string{"prepared", "leave", "readdressed", "written-to"}, nil},
		{"/organisations", []string{"settled"}, []string{"alex"}},
		{"/emails", []string{"tried"}, []string{"m"}},
		{"/supervisors", []string{"released"}, []string{"robin"}},
		{"/supervisors", []string{"added", "changed"}, nil},
		{"/matches", []string{"released", "withdrawn"}, []string{reference}},
		{"/matches/of/" + reference, []string{"stop", "complete", "again"}, []string{"client"}},
		{"/matches/decisions", []string{"lifted"}, []string{d.ID}},
		{"/matches/decisions", []string{"decided"}, nil},
	} {
		for _, did := range append(row.did, "<script>") {
			for _, to := range append(row.to, "", "elsewhere", "../x") {
				if said := b.Said(desk + row.page + "?" + url.Values{"done": {did}, "to": {to}}.Encode()); said != "" {
					t.Errorf("%s says of %q to %q: %q", row.page, did, to, said)
				}
			}
		}
	}
}

// Whatever a form of the desk changes, it leads to a page that says so: no answer sends
// somebody on in silence.
func TestEveryFormIsFollowedByWhatItDid(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*/*.go")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if strings.HasPrefix(name, "signin/") || name == "trail/trail.go" /* whose form only finds */ || strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "web.Redirect(") {
			t.Errorf("%s sends somebody on without a word: use web.Done", name)
		}
	}
}
