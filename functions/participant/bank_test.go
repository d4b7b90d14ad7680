package participant

import (
	"html"
	"net/http"
	"testing"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Who asks opens the questions, from their sessions and My programme; who is asked cannot, but
// among peers; and opening them writes and sends nothing.
func TestQuestionsAreOpenedByWhoAsks(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	before := len(b.documents())
	page := b.Get(zoe + "/bank").Body
	b.says("the questions", page, "Before the first session", "While trust grows", "In the middle", "As it ends", "What is nobody saying?", "Alex Sample does not see that you opened it")
	b.says("the sessions of who asks", b.Get(zoe).Body, zoe+"/bank")
	b.silent("the sessions of who is asked", b.Get(alex).Body, alex+"/bank")
	b.status(b.Get(alex+"/bank"), http.StatusNotFound)
	if after := len(b.documents()); after != before || len(b.owed()) != 0 {
		t.Errorf("opening it wrote %d documents and owes %v", after-before, b.owed())
	}
	for who, has := range map[string]bool{"zoe": true, "alex": false} {
		my := b.toMy(who)
		b.giveFor(my, "")
		if has {
			b.says("My programme", b.Get(my).Body, "Questions to think with")
			b.leads(my+"/open/bank/x", "/pairing/", "Questions to think with")
		} else {
			b.silent("My programme", b.Get(my).Body, "Questions to think with")
		}
	}

	p, err := b.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	p.Peers, p.Bank = true, []programme.Phase{{Title: "At sea " + hostile[0], Questions: []string{"Where is land, {client}? " + hostile[1]}}}
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
	page = b.Get(alex + "/bank").Body
	b.says("among peers", page, html.EscapeString("At sea "+hostile[0]), "Where is land, "+b.Programme.Terms.Client.Singular)
	b.silent("among peers", page, hostile[0], hostile[1], "While trust grows")
}
