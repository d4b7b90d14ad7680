package messages

import (
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/mail"
)

func TestEachKindOfEmailHasAName(t *testing.T) {
	t.Parallel()
	letters, err := mail.Parse()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range letters.Kinds() {
		if abouts[k] == "" {
			t.Errorf("%s has none", k)
		}
	}
}
