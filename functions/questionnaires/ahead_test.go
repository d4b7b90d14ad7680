package questionnaires

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// The programmes whose links were opened last are guessed, no more of them than a page can read;
// and whichever is guessed, a page shows what is its reader's, and nothing once nobody can tell
// any more whose answers are whose.
func TestGuessesShowNobodyAnythingElse(t *testing.T) {
	var o opened
	for i := range 20 {
		o.add(fmt.Sprint(i % 3))
		o.add("last")
		if got := o.last(); len(got) > guesses || got[0] != "last" {
			t.Fatalf("after %d: %v", i, got)
		}
	}
	if got := o.last(); !slices.Equal(got, []string{"last", "1"}) {
		t.Errorf("%v", got)
	}

	b, path, _ := answered(t)
	for range 3 { // the first has nothing to guess by
		if got := b.Get(path + "/check"); !strings.Contains(got.Body, "To be less alone with it") {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	secret, err := b.Answers.Secret(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	c := b.Answers.Commit()
	c.DestroySecret(secret)
	b.Commit(c)
	for range 2 {
		if got := b.Get(path + "/check"); got.StatusCode != http.StatusGone || strings.Contains(got.Body, "less alone") {
			t.Errorf("once it is destroyed: status %d: %s", got.StatusCode, got.Body)
		}
	}
}
