package enrolment

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// sent are the claims that come of forms with these names, one after another, all of one
// address.
func sent(t *testing.T, b *testbed.Bed, names ...string) (all []*enrolment.Claim) {
	t.Helper()
	for _, name := range names {
		f := form()
		f.Name, f.Organisation, f.Phone, f.Conflicts = name, name+" House", "020 7946 0001", []string{name + " and Sons"}
		if got := b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", document(t, f)); got.StatusCode != http.StatusAccepted {
			t.Fatalf("%s: status %d: %s", name, got.StatusCode, got.Body)
		}
		for _, c := range b.Claims() {
			if c.Form.Name == name {
				all = append(all, c)
			}
		}
	}
	return all
}

// Whoever reads the address sees all that a form says of them, and it counts from when they
// say so: with the notice that they have seen then.
func TestClaimCountsOnceItsReaderHasSaidSo(t *testing.T) {
	b := bed(t)
	c := sent(t, b, "Alex Sample")[0]
	page := b.Link(purpose.Confirm, of(c))
	got := b.Get(page)
	for _, want := range []string{"Alex Sample", "alex@example.org", "020 7946 0001", "Alex Sample House", "1000430", "LS6 2AB", "Yorkshire and the Humber", "Fundraising", "Monday morning", "By video",
		"Alex Sample and Sons", b.Programme.Privacy.Version, `href="/privacy/pilot"`, "Yes: I lead this organisation now"} {
		if !strings.Contains(got.Body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	b.Pass(3 * time.Hour)
	before := b.Now()
	for range 2 { // a double press
		if got := b.Decide(page, "confirm"); got.StatusCode != http.StatusSeeOther && got.StatusCode != http.StatusOK {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	all := enrolments(t, b)
	if len(all) != 1 || len(b.Claims()) > 0 {
		t.Fatalf("%d enrolments, %d claims", len(all), len(b.Claims()))
	}
	if e := all[0]; e.State != enrolment.Confirmed || e.ConfirmedAt.Before(before) || !e.Consent.At.Equal(e.ConfirmedAt) || e.Consent.Version != b.Programme.Privacy.Version || e.ID != c.Enrolment {
		t.Errorf("enrolment %+v", e)
	}
	kinds := map[outbox.Kind]int{}
	for _, m := range messages(t, b) {
		kinds[m.Kind]++
	}
	if kinds[message.KindEnrolmentConfirmed] != 1 || kinds[message.KindConfirmEnrolment] != 1 || len(kinds) != 2 {
		t.Errorf("messages %v", kinds)
	}
	if got := b.Get(page); got.StatusCode != http.StatusOK || !strings.Contains(got.Body, "Your enrolment is confirmed") {
		t.Errorf("afterwards: status %d", got.StatusCode)
	}

	other := b.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: c.Enrolment})
	if got := b.Get(strings.Replace(other, "/pairing", "/enrol/confirm", 1)); got.StatusCode != http.StatusForbidden {
		t.Errorf("a link for another purpose: status %d", got.StatusCode)
	}
	b.Pass(31 * 24 * time.Hour)
	if got := b.Get(page); got.StatusCode != http.StatusGone {
		t.Errorf("an expired link: status %d", got.StatusCode)
	}
}

// A scanner that opens the link, or posts to it without having filled in the page, confirms
// nothing and discards nothing.
func TestScannerConfirmsNothing(t *testing.T) {
	b := bed(t)
	all := sent(t, b, "Alex Sample", "Sam Sample")
	page, others := b.Link(purpose.Confirm, of(all[0])), b.Link(purpose.Confirm, of(all[1]))
	shown := testbed.Hidden(b.Get(page).Body)
	elsewhere := testbed.Hidden(b.Get(others).Body)
	if shown.Get("shown") == "" || shown.Get("shown") == elsewhere.Get("shown") {
		t.Fatalf("the pages' fields are %v and %v", shown, elsewhere)
	}
	with := func(change ...string) url.Values {
		form := url.Values{"form": shown["form"], "shown": shown["shown"], "do": {"confirm"}}
		for i := 0; i < len(change); i += 2 {
			form.Set(change[i], change[i+1])
		}
		return form
	}
	for what, posted := range map[string]url.Values{
		"nothing":              nil,
		"a button":             {"confirm": {"yes"}},
		"the choice alone":     {"do": {"confirm"}},
		"discarding alone":     {"do": {"discard"}},
		"the claim alone":      {"do": {"confirm"}, "form": shown["form"]},
		"the form, unfilled":   with("do", ""),
		"another choice":       with("do", "everything"),
		"another page's field": with("shown", elsewhere.Get("shown")),
		"another claim":        with("form", elsewhere.Get("form")),
		"an unknown claim":     with("form", "nothing"),
	} {
		got := b.Post(page, posted)
		if got.StatusCode != http.StatusUnprocessableEntity && got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: status %d", what, got.StatusCode)
		}
		if got.StatusCode == http.StatusUnprocessableEntity && !strings.Contains(got.Body, "Select what to do") {
			t.Errorf("%s: the page says nothing", what)
		}
		if len(b.Claims()) != 2 || len(enrolments(t, b)) > 0 {
			t.Fatalf("%s: %d claims and %d enrolments are left", what, len(b.Claims()), len(enrolments(t, b)))
		}
	}
	for range 3 {
		b.Get(page)
	}
	if len(b.Claims()) != 2 || len(enrolments(t, b)) > 0 {
		t.Error("opening the link changed something")
	}
	// Where the notice has changed meanwhile, it is shown again.
	p, err := b.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	p.Privacy.Version = "2027-01"
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
	if got := b.Post(page, with()); got.StatusCode != http.StatusUnprocessableEntity || len(enrolments(t, b)) > 0 {
		t.Errorf("with another notice: status %d", got.StatusCode)
	}
	if b.Decide(page, "confirm"); len(enrolments(t, b)) != 1 || enrolments(t, b)[0].Consent.Version != "2027-01" {
		t.Errorf("enrolments %+v", enrolments(t, b))
	}
}

// Several claims wait side by side: what one says is not mixed with another, the reader's
// choice is of one of them, and one press discards all that a stranger sent.
func TestClaimsWaitSideBySide(t *testing.T) {
	b := bed(t)
	all := sent(t, b, "Alex Sample", "Mallory", "Mallet")
	page := b.Link(purpose.Confirm, of(all[1]))
	got := b.Get(page).Body
	if !strings.Contains(got, "Mallory House") || strings.Contains(got, "Mallet House") || strings.Contains(got, "Alex Sample House") || strings.Count(got, "?form=") != 2 || !strings.Contains(got, "Discard all 3 forms") {
		t.Errorf("the page: %s", got)
	}
	// Theirs is another one than the email was about: all stands on its page.
	mine := page + "?form=" + all[0].ID
	if got := b.Get(mine).Body; !strings.Contains(got, "Alex Sample House") || strings.Contains(got, "Mallory") {
		t.Errorf("the other page: %s", got)
	}
	if got := b.Decide(page, "discard"); got.StatusCode != http.StatusSeeOther || len(b.Claims()) != 2 {
		t.Fatalf("discarding one: status %d, %d left", got.StatusCode, len(b.Claims()))
	}
	if got := b.Get(page + "?done=discard").Body; !strings.Contains(got, "The form is discarded. Another one waits.") {
		t.Errorf("it is not said: %s", got)
	}
	form := testbed.Hidden(b.Get(mine).Body)
	form.Set("do", "confirm")
	if got := b.Post(page, form); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("confirming another: status %d", got.StatusCode)
	}
	if e := enrolments(t, b); len(e) != 1 || e[0].Person.Name != "Alex Sample" || len(b.Claims()) > 0 {
		t.Errorf("enrolments %+v, claims %+v", e, b.Claims())
	}

	c := bed2(t)
	var many []string
	for i := range 25 {
		many = append(many, fmt.Sprint("Mallory ", 'a'+i))
	}
	all = sent(t, c, many...)
	page = c.Link(purpose.Confirm, of(all[0]))
	if got := c.Decide(page, "discard-all"); got.StatusCode != http.StatusSeeOther || len(c.Claims()) > 0 || len(enrolments(t, c)) > 0 {
		t.Errorf("discarding all: status %d, %d left", got.StatusCode, len(c.Claims()))
	}
	if got := c.Get(page + "?done=discard"); got.StatusCode != http.StatusOK || !strings.Contains(got.Body, "a copy for two days at most") {
		t.Errorf("afterwards: status %d", got.StatusCode)
	}
	if got := c.Get(page); got.StatusCode != http.StatusGone {
		t.Errorf("and later: status %d", got.StatusCode)
	}
}

// bed2 is another project of a test.
func bed2(t *testing.T) *testbed.Bed {
	t.Helper()
	b := testbed.New(t)
	b.Serve("enrolment", New)
	return b
}

// Who takes part with an address already is told so on the page alone, can discard what was
// sent, and nothing of theirs changes: also where the address was another's before.
func TestClaimOfSomebodyWhoTakesPartChangesNothing(t *testing.T) {
	for name, change := range map[string]func(*enrolment.Enrolment){
		"as they enrolled": func(*enrolment.Enrolment) {}, "in another role": func(e *enrolment.Enrolment) { e.Role, e.ID = programme.Consultant, "other-offer" },
		"who had another address": func(e *enrolment.Enrolment) { e.ID = "moved-seek" }, "who has left": func(e *enrolment.Enrolment) { e.Withdraw() },
	} {
		t.Run(name, func(t *testing.T) {
			b := bed(t)
			f := form()
			f.Name = "Owner Sample"
			e, err := enrolment.New(b.Programme, programme.Client, f, b.Now())
			if err != nil {
				t.Fatal(err)
			}
			change(e)
			commit := b.Store.Commit()
			commit.CreateEnrolment("pilot", e)
			b.Commit(commit)
			c := sent(t, b, "Mallory")[0]
			page := b.Link(purpose.Confirm, of(c))
			got := b.Get(page)
			if name == "in another role" {
				if b.Decide(page, "confirm"); len(enrolments(t, b)) != 2 {
					t.Errorf("%d enrolments in two roles", len(enrolments(t, b)))
				}
				return
			}
			says := map[bool]string{true: "You had left", false: "Somebody sent another form"}[name == "who has left"]
			if got.StatusCode != http.StatusOK || !strings.Contains(got.Body, says) || !strings.Contains(got.Body, `href="/emails/">ask for your link`) || strings.Contains(got.Body, `value="confirm"`) {
				t.Errorf("status %d: %s", got.StatusCode, got.Body)
			}
			if got := b.Decide(page, "confirm"); got.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("confirming: status %d", got.StatusCode)
			}
			if got := b.Decide(page, "discard"); got.StatusCode != http.StatusSeeOther || len(b.Claims()) > 0 {
				t.Errorf("discarding: status %d", got.StatusCode)
			}
			after := enrolments(t, b)
			if len(after) != 1 || after[0].Person.Name != "Owner Sample" || !after[0].UpdatedAt.Equal(e.UpdatedAt) {
				t.Errorf("enrolments %+v", after)
			}
		})
	}
}

// What an earlier version stored before anybody had confirmed it opens by the link that was
// sent then, and is confirmed or discarded, whether it was migrated or not.
func TestUnconfirmedEnrolmentsOfAnEarlierVersion(t *testing.T) {
	for _, migrated := range []bool{false, true} {
		for _, do := range []string{"confirm", "discard"} {
			t.Run(fmt.Sprint(do, migrated), func(t *testing.T) {
				t.Parallel()
				b, links := testbed.Kept(t, testbed.KeptDates(t)[0])
				b.Serve("enrolment", New)
				var page string
				for _, l := range links {
					if strings.HasPrefix(l.Path, string(purpose.Confirm)) && strings.Contains(b.Get(l.Path).Body, "Is this yours?") {
						page = l.Path
					}
				}
				if page == "" {
					t.Fatal("nothing waits to be confirmed")
				}
				count := func(states ...enrolment.State) int {
					n, err := b.Store.CountEnrolments(t.Context(), "pilot", states...)
					if err != nil {
						t.Fatal(err)
					}
					return n
				}
				waiting, confirmed := count(enrolment.Unconfirmed), count(enrolment.Confirmed)
				if waiting == 0 {
					t.Fatal("the export holds nobody who has not confirmed")
				}
				if migrated {
					if _, err := b.Store.Migrate(t.Context(), store.Migrations, true, func(string, int, int) {}); err != nil {
						t.Fatal(err)
					}
					if n := count(enrolment.Unconfirmed); n > 0 || len(b.Claims()) != waiting {
						t.Errorf("%d enrolments are left, %d claims for %d", n, len(b.Claims()), waiting)
					}
				}
				if got := b.Decide(page, do); got.StatusCode != http.StatusSeeOther {
					t.Fatalf("status %d: %s", got.StatusCode, got.Body)
				}
				want := confirmed
				if do == "confirm" {
					want++
				}
				if n := count(enrolment.Confirmed); n != want {
					t.Errorf("%d are confirmed, want %d", n, want)
				}
				left := count(enrolment.Unconfirmed) + len(b.Claims())
				if left != waiting-1 {
					t.Errorf("%d wait of %d", left, waiting)
				}
			})
		}
	}
}
