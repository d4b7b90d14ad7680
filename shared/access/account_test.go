package access

import (
	"testing"

	"github.com/cascading-leadership/cascade/shared/fault"
)

func TestAddressThatIsGivenToAnotherLetsNobodyIn(t *testing.T) {
	t.Parallel()
	mine := NewAccount("https://id.example.org", "1")
	for _, row := range []struct {
		kept    Account
		is, new bool
	}{
		{"", true, true},
		{mine, true, false},
		{NewAccount("https://id.example.org", "2"), false, false},
		{NewAccount("https://id.example.org", ""), false, false},
		{NewAccount("https://before.example.org", "1"), true, true},
		{NewAccount("https://id.example.org/", "1"), true, true}, // issuers differ by the least
	} {
		if isNew, err := mine.Belongs(row.kept); (err == nil) != row.is || isNew != row.new || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("known as %q: new %v, %v", row.kept, isNew, err)
		}
	}
}
