package id

import (
	"crypto/sha256"
	"testing"
)

// What is stored, and what links name, was derived like this: another spelling of the
// same hash would be another id.
func TestIDsStayAsTheyWere(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte("a message"))
	for _, row := range []struct {
		sum  []byte
		want string
	}{
		{sum[:], "6u6atsrzof5elrrntlfi7ait5x"}, {sum[:16], "6u6atsrzof5elrrntlfi7ait5u"}, {make([]byte, 16), "aaaaaaaaaaaaaaaaaaaaaaaaaa"},
	} {
		if got := FromHash(row.sum); got != row.want {
			t.Errorf("%x: %q, want %q", row.sum, got, row.want)
		}
	}
}
