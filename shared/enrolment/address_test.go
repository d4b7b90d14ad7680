package enrolment

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
)

func TestAddressCountsOnceConfirmed(t *testing.T) {
	t.Parallel()
	e := ready("a", "Own", "")
	e.Person.Email = "alex@example.org"
	for _, wrong := range []string{"", "alex", "a b@example.org", "alex@example.org, zoe@example.org"} {
		var invalid *fault.Invalid
		if changed, err := e.AskAddress(wrong, morning); changed || !errors.As(err, &invalid) || e.NewEmail != "" {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	for i := range 2 {
		if changed, err := e.AskAddress(" New@Example.org ", morning); changed != (i == 0) || err != nil || e.Person.Email != "alex@example.org" || e.NewEmail != "New@example.org" || e.Generation != 0 {
			t.Errorf("try %d: %v, %+v", i, err, e)
		}
	}
	if _, err := e.ConfirmAddress(morning.Add(-time.Second), morning); !fault.Is(err, fault.Gone) {
		t.Errorf("a link from before it was asked for confirms it: %v", err)
	}
	if _, err := e.ConfirmAddress(morning, morning.Add(addressLasts)); !fault.Is(err, fault.Gone) {
		t.Errorf("confirmed too late: %v", err)
	}
	if changed, err := e.ConfirmAddress(morning, morning.Add(time.Hour)); !changed || err != nil || e.Person.Email != "New@example.org" || e.FormerEmail != "alex@example.org" || e.NewEmail != "" || e.Generation != 1 {
		t.Errorf("%v, %+v", err, e)
	}
	if _, err := e.ConfirmAddress(morning, morning.Add(time.Hour)); !fault.Is(err, fault.Gone) {
		t.Errorf("confirmed twice: %v", err)
	}
	// What was asked for is taken back with the address that they have, or by who it was not.
	for _, take := range []func(){func() {
		_, _ = e.AskAddress("new@example.org", morning)
		_, _ = e.AskAddress("New@example.org", morning)
	}, func() { e.Disown() }} {
		if _, err := e.AskAddress("third@example.org", morning.AddDate(0, 0, 1)); err != nil || !e.AddressWaits(morning.AddDate(0, 0, 1)) {
			t.Fatal(err)
		}
		if take(); e.NewEmail != "" || e.AddressWaits(morning.AddDate(0, 0, 1)) {
			t.Errorf("it still waits: %+v", e)
		}
	}
}

func TestAddressesAreAskedForWithinABudget(t *testing.T) {
	t.Parallel()
	e := ready("a", "Own", "")
	for i := range mostNewEmails + 1 {
		changed, err := e.AskAddress(fmt.Sprintf("a%d@example.org", i), morning)
		if most := i == mostNewEmails; changed == most || most != fault.Is(err, fault.Conflict) {
			t.Errorf("address %d: %v", i, err)
		}
	}
	if changed, err := e.AskAddress("z@example.org", morning.AddDate(0, 0, 1)); !changed || err != nil {
		t.Errorf("on the next day: %v", err)
	}
}
