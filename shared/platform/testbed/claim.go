package testbed

import (
	"net/url"
	"regexp"

	"github.com/cascading-leadership/cascade/shared/enrolment"
)

// hiddenField is a field of a form that nobody fills in.
var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// Decide does with a claim, on the page behind its link, what its reader has chosen.
func (b *Bed) Decide(page, do string) Answer {
	b.t.Helper()
	form := Hidden(b.Get(page).Body)
	form.Set("do", do)
	return b.Post(page, form)
}

// Hidden are the fields of a page's forms that nobody fills in.
func Hidden(page string) url.Values {
	form := url.Values{}
	for _, found := range hiddenField.FindAllStringSubmatch(page, -1) {
		form.Set(found[1], found[2])
	}
	return form
}

// Claims are the claims of the pilot programme.
func (b *Bed) Claims() (all []*enrolment.Claim) {
	b.t.Helper()
	found, err := b.database().Collection("programmes/pilot/claims").Documents(b.t.Context()).GetAll()
	if err != nil {
		b.t.Fatal(err)
	}
	for _, snap := range found {
		c := new(enrolment.Claim)
		if err := snap.DataTo(c); err != nil {
			b.t.Fatal(err)
		}
		c.ID = snap.Ref.ID
		all = append(all, c)
	}
	return all
}
