package matches

import (
	"strings"
	"testing"
)

func TestWorkThatPanicsIsAnErrorAndGivesItsPlaceBack(t *testing.T) {
	t.Parallel()
	for range 2 * solvingAtOnce {
		if _, err := within(t.Context(), func() (int, error) { panic("a fault") }); err == nil || !strings.Contains(err.Error(), "a fault") {
			t.Fatal(err)
		}
	}
	if n, err := within(t.Context(), func() (int, error) { return 7, nil }); n != 7 || err != nil {
		t.Error(n, err)
	}
}
