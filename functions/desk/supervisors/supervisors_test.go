package supervisors_test

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// seen are the supervisors on their page, each "name, email, people, caseload tag".
func (b *bed) seen() []string {
	b.T.Helper()
	got := b.Get(desk + "/supervisors")
	if got.StatusCode != http.StatusOK {
		b.T.Fatalf("status %d: %s", got.StatusCode, got.Body)
	}
	row := regexp.MustCompile(`/supervisors/[^"]*">([^<]*)</a></th><td[^>]*><a[^>]*>([^<]*)</a></td><td[^>]*>([^<]*)</td><td[^>]*>(.*?)</td>`)
	tags := regexp.MustCompile(`<[^>]*>`)
	var all []string
	for _, r := range row.FindAllStringSubmatch(got.Body, -1) {
		all = append(all, html.UnescapeString(strings.Join([]string{r[1], r[2], r[3], tags.ReplaceAllString(r[4], "")}, ", ")))
	}
	return all
}

// blank is the form to add a supervisor, filled in.
func (b *bed) blank(name, email, capacity string) url.Values {
	b.T.Helper()
	found := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(b.Get(desk + "/supervisors/new").Body)
	if found == nil {
		b.T.Fatal("the form has no id")
	}
	return url.Values{"form": {found[1]}, "name": {name}, "email": {email}, "capacity": {capacity}}
}

func TestSupervisorsAreAddedAndChanged(t *testing.T) {
	b := newBed(t)
	if got := b.Get(desk + "/supervisors"); len(b.seen()) > 0 || !strings.Contains(got.Body, "Nobody yet") {
		t.Errorf("at first: %s", got.Body)
	}
	for _, posted := range []url.Values{b.blank(" Robin  Sample", "robin@EXAMPLE.org ", " 8"), b.blank("Kit Sample", "kit@example.org", "0")} {
		for range 2 { // a double click
			if got := b.Post(desk+"/supervisors/new", posted); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), desk+"/supervisors?done=added&to=") {
				t.Fatalf("%v: status %d, to %q: %s", posted, got.StatusCode, got.Header.Get("Location"), got.Body)
			}
		}
	}
	if got, want := b.seen(), []string{"Kit Sample, kit@example.org, 0, 0 of 0 full", "Robin Sample, robin@example.org, 0, 0 of 8"}; !slices.Equal(got, want) {
		t.Errorf("shown %q, want %q", got, want)
	}
	all, err := b.Store.Supervisors(t.Context(), "pilot")
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	at := desk + "/supervisors/" + all[1].ID
	for _, want := range []string{`value="Robin Sample"`, `value="robin@example.org"`, `value="8"`, "Pairings under them now: 0"} {
		if got := b.Get(at); !strings.Contains(got.Body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for range 2 {
		if got := b.Post(at, url.Values{"name": {"Robin Example"}, "email": {"robin@example.org"}, "capacity": {"5"}}); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	if x := b.Supervisor(all[1].ID); x.Name != "Robin Example" || x.Capacity != 5 || x.CreatedAt != all[1].CreatedAt || !x.UpdatedAt.After(x.CreatedAt) {
		t.Errorf("%+v", x)
	}
	want := []string{
		"morgan added the supervisor " + all[1].ID + " in pilot", "morgan gave the role supervisor " + all[1].Staff + " in pilot",
		"morgan added the supervisor " + all[0].ID + " in pilot", "morgan gave the role supervisor " + all[0].Staff + " in pilot",
		"morgan changed the supervisor " + all[1].ID + " in pilot", "morgan changed the supervisor " + all[1].ID + " in pilot",
	}
	slices.Sort(want) // some are of the same moment
	if got := slices.Sorted(slices.Values(b.Audited())); !slices.Equal(got, want) {
		t.Errorf("audited %q, want %q", got, want)
	}
}

// member is the member of staff with an address, as "name: programme roles …", or "".
func (b *bed) member(address email.Address) string {
	b.T.Helper()
	m, err := b.Store.StaffByEmail(b.T.Context(), address)
	if err != nil {
		b.T.Fatal(err)
	}
	if m == nil {
		return ""
	}
	text := m.Name + ":"
	for _, p := range slices.Sorted(maps.Keys(m.Roles)) {
		text += " " + p + " " + access.All(m.Roles[p])
	}
	return text
}

// Whoever supervises can sign in, with the address that the desk has, and with no other
// for long. Who was a member of staff before stays who they were.
func TestSupervisorsAreMembersOfStaff(t *testing.T) {
	b := newBed(t)
	b.Supervisors(map[string]int{"robin": 4}) // as an earlier version left one
	for _, row := range []struct {
		what, at, name, address string
		want                    map[email.Address]string
	}{
		{"added", "new", "Kit Sample", "kit@example.org", map[email.Address]string{"kit@example.org": "Kit Sample: pilot supervisor"}},
		{"changed, but for the address", "kit", "Kit Example", "KIT@example.org", map[email.Address]string{"kit@example.org": "Kit Example: pilot supervisor"}},
		{"another address", "kit", "Kit Example", "kit2@example.org", map[email.Address]string{"kit@example.org": "Kit Example:", "kit2@example.org": "Kit Example: pilot supervisor"}},
		{"the address of another programme's coordinator", "kit", "Kit Example", "omar@example.org",
			map[email.Address]string{"kit2@example.org": "Kit Example:", "omar@example.org": "Omar Sample: other coordinator pilot supervisor"}},
		{"and away again", "kit", "Kit Example", "kit@example.org", map[email.Address]string{"omar@example.org": "Omar Sample: other coordinator", "kit@example.org": "Kit Example: pilot supervisor"}},
		{"one's own", "kit", "Kit Example", "morgan@example.org", map[email.Address]string{"morgan@example.org": "Morgan Sample: pilot coordinator and supervisor", "kit@example.org": "Kit Example:"}},
		{"who supervises elsewhere", "kit", "Kit Example", "both@example.org", map[email.Address]string{"both@example.org": "Both Sample: other supervisor pilot evaluator and supervisor", "morgan@example.org": "Morgan Sample: pilot coordinator"}},
		{"one of before", "robin", "Robin Sample", "robin@example.org", map[email.Address]string{"robin@example.org": "Robin Sample: pilot supervisor"}},
	} {
		posted := url.Values{"name": {row.name}, "email": {row.address}, "capacity": {"4"}}
		at := row.at
		switch at {
		case "new":
			posted = b.blank(row.name, row.address, "4")
		case "kit":
			all, err := b.Store.Supervisors(t.Context(), "pilot")
			if err != nil || !strings.HasPrefix(all[0].Name, "Kit") {
				t.Fatal(all, err)
			}
			at = all[0].ID
		}
		for range 2 {
			if got := b.Post(desk+"/supervisors/"+at, posted); got.StatusCode != http.StatusSeeOther {
				t.Fatalf("%s: status %d: %s", row.what, got.StatusCode, got.Body)
			}
		}
		for address, want := range row.want {
			if got := b.member(address); got != want {
				t.Errorf("%s: %s is %q, want %q", row.what, address, got, want)
			}
		}
	}
	want := []string{"kit@example.org +", "kit@example.org -", "kit2@example.org +", "kit2@example.org -", "omar@example.org +", "omar@example.org -",
		"kit@example.org +", "kit@example.org -", "morgan@example.org +", "morgan@example.org -", "both@example.org +", "robin@example.org +"}
	var got []string
	for _, entry := range b.Audited() {
		for did, sign := range map[string]string{"morgan gave the role supervisor ": " +", "morgan took away the role supervisor ": " -"} {
			if id, ok := strings.CutPrefix(strings.TrimSuffix(entry, " in pilot"), did); ok {
				m, err := b.Store.StaffMember(t.Context(), id)
				if err != nil {
					t.Fatal(entry, err)
				}
				got = append(got, string(m.Email)+sign)
			}
		}
	}
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("audited %q, want %q", got, want)
	}

	b.As()
	for address, sent := range map[string]bool{"robin@example.org": true, "kit@example.org": false, "kit2@example.org": false} {
		before := len(b.Owed())
		if got := b.Post(signin.Page, url.Values{"email": {address}}); got.StatusCode != http.StatusOK || len(b.Owed()) > before != sent {
			t.Errorf("%s asks for a link: status %d, owed %q", address, got.StatusCode, b.Owed())
		}
	}
}

// Of two coordinators who give the same new address to two supervisors at once, one is
// told to look again; the address has one account.
func TestRivalsForAnAddress(t *testing.T) {
	b := newBed(t)
	for round := range 3 {
		address := fmt.Sprintf("kit-%d@example.org", round)
		forms := []url.Values{b.blank("Kit Sample", address, "1"), b.blank("Robin Sample", address, "2")}
		var done atomic.Int32
		var at sync.WaitGroup
		for _, form := range forms {
			at.Go(func() {
				switch got := b.Post(desk+"/supervisors/new", form); got.StatusCode {
				case http.StatusSeeOther:
					done.Add(1)
				case http.StatusConflict, http.StatusUnprocessableEntity:
				default:
					t.Errorf("status %d: %s", got.StatusCode, got.Body)
				}
			})
		}
		at.Wait()
		accounts, err := b.Raw.Collection("staff").Where("email", "==", address).Documents(t.Context()).GetAll()
		if err != nil || len(accounts) != 1 || done.Load() != 1 {
			t.Errorf("%s: %d accounts, %d added, %v", address, len(accounts), done.Load(), err)
		}
	}
}

func TestWhatIsWrongWithASupervisorIsSaidBesideIt(t *testing.T) {
	b := newBed(t)
	b.Supervisors(map[string]int{"robin": 4, "kit": 2})
	for _, row := range []struct {
		name, email, capacity string
		says, keeps           []string
	}{
		{"", "", "", []string{`href="#name"`, `href="#email"`, `href="#capacity"`, "Enter their full name", "0 to 500"}, nil},
		{"Sage\x07", "sage", "many", []string{`href="#name"`, `href="#email"`, `href="#capacity"`}, []string{`value="sage"`, `value="many"`}},
		{"Sage Sample", "sage@example.org", "-1", []string{`href="#capacity"`}, []string{`value="Sage Sample"`, `value="-1"`}},
		{"Sage Sample", "sage@example.org", "2.5", []string{`href="#capacity"`}, []string{`value="2.5"`}},
		{"Sage Sample", "sage@example.org", "501", []string{`href="#capacity"`}, nil},
		{"Sage Sample", "KIT@example.org", "3", []string{`href="#email"`, "Kit Sample has this address already"}, []string{`value="KIT@example.org"`}},
	} {
		for _, at := range []string{"/supervisors/new", "/supervisors/robin"} {
			posted := b.blank(row.name, row.email, row.capacity)
			got := b.Post(desk+at, posted)
			if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "<title>Error: ") {
				t.Errorf("%s %+v: status %d", at, row, got.StatusCode)
			}
			want := slices.Concat(row.says, row.keeps)
			if at == "/supervisors/new" { // corrected, it is still the same form
				want = append(want, posted.Get("form"))
			}
			for _, s := range want {
				if !strings.Contains(got.Body, s) {
					t.Errorf("%s %+v: the page lacks %q", at, row, s)
				}
			}
		}
	}
	if got := b.seen(); len(got) != 2 || b.Supervisor("robin").Capacity != 4 {
		t.Errorf("supervisors %q", got)
	}
	b.Untouched("what was wrong")

	// A form that was sent, then changed and sent again by the back button.
	posted := b.blank("Sage Sample", "sage@example.org", "3")
	b.Post(desk+"/supervisors/new", posted)
	posted.Set("capacity", "30")
	if got := b.Post(desk+"/supervisors/new", posted); got.StatusCode != http.StatusConflict || !strings.Contains(got.Body, "has added Sage Sample already") {
		t.Errorf("status %d: %s", got.StatusCode, got.Body)
	}
}

func TestCaseloadsAreShown(t *testing.T) {
	b := newBed(t)
	b.Supervisors(map[string]int{"robin": 3, "kit": 1, "sage": 1, "tatum": 0})
	b.Enrol("pilot", desktest.Supervised("z1", "robin"), desktest.Supervised("z2", "robin"), desktest.Supervised("z3", "kit"), desktest.Supervised("z4", "sage"), desktest.Person("z5"), desktest.Person("z6"), desktest.Person("a1"),
		desktest.Person("z7", func(e *enrolment.Enrolment) { e.State = enrolment.Unconfirmed }))
	b.Enrol("other", desktest.Supervised("z1", "robin"))
	for i, row := range []struct {
		consultant string
		state      pairing.MatchState
	}{
		{"z1", pairing.Proposed}, {"z1", pairing.Declined}, {"z2", pairing.Accepted}, {"z2", pairing.Accepted}, {"z3", pairing.Released}, {"z4", pairing.Accepted}, {"z4", pairing.Released}, {"z6", pairing.Accepted},
	} {
		b.Matched(fmt.Sprint("m", i), fmt.Sprint("a", i), row.consultant, row.state)
	}
	b.Matched("elsewhere", "a9", "z1", pairing.Accepted, func(m *pairing.Match) { m.Programme = "other" })
	// Of the two of z2 one is completed.
	c := b.Store.Commit()
	x := &pairing.Pairing{ID: "m2", Client: "a2", Consultant: "z2", State: pairing.Completed}
	ch := &matches.Change{Store: b.Store, Commit: c, Programme: b.Programme, Now: b.Now()}
	if err := ch.End(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	b.Commit(c)
	want := []string{"Kit Sample, kit@example.org, 1, 1 of 1 full", "Robin Sample, robin@example.org, 2, 1 of 3", "Sage Sample, sage@example.org, 1, 2 of 1 too many", "Tatum Sample, tatum@example.org, 0, 0 of 0 full"}
	if got := b.seen(); !slices.Equal(got, want) {
		t.Errorf("shown %q, want %q", got, want)
	}
	without := map[string]string{}
	_, list, _ := strings.Cut(b.Get(desk+"/supervisors").Body, "Zworps without a supervisor")
	for _, found := range regexp.MustCompile(`/people/([^"]+)">[^<]*</a>(?: <strong[^>]*>([^<]*))?`).FindAllStringSubmatch(list, -1) {
		without[found[1]] = found[2]
	}
	if want := map[string]string{"z5": "", "z6": "1 under way"}; !maps.Equal(without, want) {
		t.Errorf("without a supervisor are %v, want %v", without, want)
	}
}

// The limit holds whichever way somebody comes near it.
func TestNobodyGetsASupervisorWhoHasNoRoom(t *testing.T) {
	b := newBed(t)
	b.Supervisors(map[string]int{"robin": 2, "kit": 1, "sage": 0})
	b.Enrol("pilot", desktest.Supervised("z1", "robin"), desktest.Supervised("z2", "kit"), desktest.Person("z3"))
	b.Matched("m1", "a1", "z1", pairing.Accepted)
	b.Matched("m2", "a2", "z1", pairing.Released)
	for _, row := range []struct {
		id, supervisor string
		status         int
		says           string
	}{
		{"z1", "kit", 422, "Kit Sample can take 1 more, and 2 are under way"},
		{"z1", "", 422, "Select a supervisor: pairings are under way"},
		{"z1", "nobody", 422, "Select a supervisor from the list"},
		{"z1", "a/b", 422, "Select a supervisor from the list"},
		{"z3", "nobody", 422, "Select a supervisor from the list"},
		{"z1", "robin", 303, ""}, // as it is
		{"z2", "sage", 303, ""},  // who brings none
		{"z2", "", 303, ""},
		{"z3", "robin", 303, ""}, // full, and matching gives no more
	} {
		before := b.Enrolment(row.id)
		got := b.Post(desk+"/people/"+row.id, desktest.Trained(row.supervisor))
		if got.StatusCode != row.status || !strings.Contains(got.Body, row.says) {
			t.Errorf("%+v: status %d: %s", row, got.StatusCode, got.Body)
		}
		e := b.Enrolment(row.id)
		if want := map[bool]string{true: row.supervisor, false: before.Supervisor}[row.status == 303]; e.Supervisor != want || row.status == 422 && e.Version != before.Version {
			t.Errorf("%+v: has the supervisor %q", row, e.Supervisor)
		}
		if row.status == 422 && (!strings.Contains(got.Body, `href="#supervisor"`) || !strings.Contains(got.Body, `id="supervisor-error"`)) {
			t.Errorf("%+v: the page does not lead to the choice", row)
		}
	}
	for capacity, status := range map[string]int{"1": 422, "0": 422, "2": 303} {
		if got := b.Post(desk+"/supervisors/robin", url.Values{"name": {"Robin Sample"}, "email": {"robin@example.org"}, "capacity": {capacity}}); got.StatusCode != status {
			t.Errorf("a capacity of %s: status %d", capacity, got.StatusCode)
		}
	}
	if got := b.Post(desk+"/supervisors/kit", url.Values{"name": {"Kit Sample"}, "email": {"kit@example.org"}, "capacity": {"2"}}); got.StatusCode != http.StatusSeeOther {
		t.Errorf("status %d", got.StatusCode)
	}
	if got := b.Post(desk+"/people/z1", desktest.Trained("kit")); got.StatusCode != http.StatusSeeOther || b.Enrolment("z1").Supervisor != "kit" {
		t.Errorf("with room for both: status %d", got.StatusCode)
	}
}

// Of several who bring their pairings at once to a supervisor, no more come than fit.
func TestRivalsForASupervisorsLastPlace(t *testing.T) {
	b := newBed(t)
	b.Supervisors(map[string]int{"robin": 2, "kit": 9})
	for i := range 5 {
		b.Enrol("pilot", desktest.Supervised(fmt.Sprint("z", i), "kit"))
		b.Matched(fmt.Sprint("m", i), fmt.Sprint("a", i), fmt.Sprint("z", i), pairing.Accepted)
	}
	for range 4 { // those who were beaten look again
		var at sync.WaitGroup
		for i := range 5 {
			at.Go(func() {
				switch got := b.Post(desk+fmt.Sprint("/people/z", i), desktest.Trained("robin")); got.StatusCode {
				case http.StatusSeeOther, http.StatusConflict, http.StatusUnprocessableEntity:
				default:
					t.Errorf("status %d", got.StatusCode)
				}
			})
		}
		at.Wait()
	}
	if got, want := b.seen(), []string{"Kit Sample, kit@example.org, 3, 3 of 9", "Robin Sample, robin@example.org, 2, 2 of 2 full"}; !slices.Equal(got, want) {
		t.Errorf("shown %q, want %q", got, want)
	}
}

// A matching run that read the people before one got another supervisor, or before
// one can take fewer, names itself in the programme too late.
func TestRunThatCountedOnTheOldCaseloadsComesTooLate(t *testing.T) {
	b := newBed(t)
	b.Supervisors(map[string]int{"robin": 2, "kit": 9})
	b.Enrol("pilot", desktest.Supervised("z1", "kit"), desktest.Person("z2"))
	for _, row := range []struct {
		what string
		do   func() testbed.Answer
		late bool
	}{
		{"another supervisor", func() testbed.Answer { return b.Post(desk+"/people/z1", desktest.Trained("robin")) }, true},
		{"the same", func() testbed.Answer { return b.Post(desk+"/people/z1", desktest.Trained("robin")) }, false},
		{"the first", func() testbed.Answer { return b.Post(desk+"/people/z2", desktest.Trained("robin")) }, false}, // who was in no run
		{"fewer", func() testbed.Answer {
			return b.Post(desk+"/supervisors/kit", url.Values{"name": {"Kit"}, "email": {"kit@example.org"}, "capacity": {"8"}})
		}, true},
		{"more", func() testbed.Answer {
			return b.Post(desk+"/supervisors/kit", url.Values{"name": {"Kit"}, "email": {"kit@example.org"}, "capacity": {"9"}})
		}, false},
	} {
		p, err := b.Store.Programme(t.Context(), "pilot")
		if err != nil {
			t.Fatal(err)
		}
		if got := row.do(); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: status %d: %s", row.what, got.StatusCode, got.Body)
		}
		p.Run = "run"
		c := b.Store.Commit()
		c.UpdateProgramme(p)
		if err := c.Do(t.Context()); (err != nil) != row.late {
			t.Errorf("%s: a run that had begun: %v", row.what, err)
		}
	}
}

// Raced by both, a supervisor's capacity and what is under them never part.
func TestLoweringAndBringingAtOnce(t *testing.T) {
	b := newBed(t)
	b.Supervisors(map[string]int{"robin": 1, "kit": 9})
	b.Enrol("pilot", desktest.Supervised("z1", "kit"))
	b.Matched("m1", "a1", "z1", pairing.Accepted)
	var done atomic.Int32
	var at sync.WaitGroup
	for _, post := range []func() testbed.Answer{
		func() testbed.Answer { return b.Post(desk+"/people/z1", desktest.Trained("robin")) },
		func() testbed.Answer {
			return b.Post(desk+"/supervisors/robin", url.Values{"name": {"Robin"}, "email": {"robin@example.org"}, "capacity": {"0"}})
		},
	} {
		at.Go(func() {
			if post().StatusCode == http.StatusSeeOther {
				done.Add(1)
			}
		})
	}
	at.Wait()
	if x, e := b.Supervisor("robin"), b.Enrolment("z1"); done.Load() > 1 || e.Supervisor == "robin" && x.Capacity < 1 {
		t.Errorf("both were done: %+v, %+v", x, e)
	}
}
