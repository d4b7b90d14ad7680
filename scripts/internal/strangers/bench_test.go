package strangers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// BenchmarkKnownAndUnknown posts to each page that takes an address one that is known and one
// that nobody has, in turn, over HTTP, and prints the median time of each and their ratio.
//
//	go run ./scripts/cmd/up emulator go test -run - -bench KnownAndUnknown -benchtime 300x ./scripts/internal/strangers
func BenchmarkKnownAndUnknown(b *testing.B) {
	h := newHost(b, func(c *serve.Config) { c.Budgets.PerNetwork, c.Budgets.PerProgramme = 0, 0 })
	h.person("mallory", "Mallory Sample", programme.Client)
	at, asking := h.codeFor("mallory")
	// Of each there are many, so that all are sent their emails.
	known := func(i int) string { return h.address(fmt.Sprint("known", i)) }
	unknown := func(i int) string { return h.address(fmt.Sprint("ghost", i)) }
	for i := range b.N {
		h.person(fmt.Sprint("known", i), "Known Sample", programme.Client)
		c := h.Store.Commit()
		c.CreateStaff(&store.Staff{ID: fmt.Sprint("known", i), Name: "Known Sample", Email: email.Address(known(i)), Roles: access.ByProgramme{"pilot": {access.Coordinator}}})
		h.Commit(c)
	}
	one := h.browser()
	pages := []struct {
		name string
		post func(address string) int
	}{
		{"a form", func(address string) int { return h.enrols("seek", form(h.Programme, "Alex Sample", address)) }},
		{"links", func(address string) int { return one.post("/emails/", url.Values{"email": {address}}) }},
		{"sign-in", func(address string) int { return one.post("/desk/sign-in", url.Values{"email": {address}}) }},
		{"another address", func(address string) int { return asking.post(at+"/address", url.Values{"email": {address}}) }},
	}
	took := map[string][2][]time.Duration{}
	b.ResetTimer()
	for i := range b.N {
		for _, page := range pages {
			both := took[page.name]
			for k := range 2 { // the one and the other is first
				which := (i + k) % 2
				if page.name == "another address" {
					h.mayAskAgain("mallory")
				}
				address := [2]func(int) string{known, unknown}[which](i)
				start := time.Now()
				status := page.post(address)
				both[which] = append(both[which], time.Since(start))
				if status >= http.StatusBadRequest {
					b.Fatalf("%s, %s: status %d", page.name, address, status)
				}
			}
			took[page.name] = both
		}
	}
	median := func(all []time.Duration) float64 {
		slices.Sort(all)
		return float64(all[len(all)/2])
	}
	for _, page := range pages {
		known, unknown := median(took[page.name][0]), median(took[page.name][1])
		fmt.Printf("%-16s known %.2f ms, unknown %.2f ms: %.2f times\n", page.name, known/1e6, unknown/1e6, known/unknown)
	}
	b.ReportMetric(0, "ns/op")
}

// mayAskAgain has somebody ask for other addresses as if they had not yet today.
func (h *host) mayAskAgain(name string) {
	h.t.Helper()
	id := enrolment.ID(h.Programme.Salt, programme.Client, email.Address(h.address(name)))
	e, err := h.Store.Enrolment(h.t.Context(), "pilot", id)
	if err != nil {
		h.t.Fatal(err)
	}
	e.NewEmail, e.NewEmails = "", 0
	c := h.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	h.Commit(c)
}
