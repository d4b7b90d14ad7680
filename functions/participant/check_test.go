package participant

import (
	"encoding/json"
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/matching/commitment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

// bind binds the run "r" to what alex and zoe have answered, with a certificate: beside its
// match, or, as a version before did, in parts of its own.
func (b *bed) bind(former bool) *proposal.Commitment {
	b.t.Helper()
	at := &proposal.Input{Programme: b.Programme}
	for _, id := range []string{"alex", "zoe"} {
		at.Ready = append(at.Ready, b.enrolment(id))
	}
	bound, err := proposal.Commit(at, "")
	if err != nil {
		b.t.Fatal(err)
	}
	c := b.Store.Commit()
	if !former {
		m := b.theMatch()
		tree, err := commitment.Commit([]byte(b.Programme.Salt), bound.ID, []commitment.Entry{proposal.Entry(at.Ready[0]), proposal.Entry(at.Ready[1])})
		if err != nil {
			b.t.Fatal(err)
		}
		m.Bound = pairing.Bound{ID: bound.ID, Root: bound.Root, People: bound.People, At: b.Now()}
		m.Client.Proof, _ = tree.Proof("alex", []commitment.Price{{Claim: certificate.Total, Price: 7}})
		m.Consultant.Proof, _ = tree.Proof("zoe", []commitment.Price{{Claim: certificate.Total, Price: 3}})
		c.UpdateMatch("pilot", m)
		b.Commit(c)
		return bound
	}
	run, err := b.Store.Run(b.t.Context(), "pilot", "r")
	if err != nil {
		b.t.Fatal(err)
	}
	text, err := json.Marshal(matching.Certificate{Proofs: []certificate.Proof{{Claim: certificate.Total, Clients: map[string]int64{"alex": 7}, Consultants: map[string]int64{"zoe": 3}}}})
	if err != nil {
		b.t.Fatal(err)
	}
	run.Commitment, run.Root = bound.ID, bound.Root
	c.CreateCommitment("pilot", bound, b.Now())
	c.CreateParts("pilot", &proposal.Proposal{ID: "r", Commitment: bound, Certificate: text})
	c.UpdateRun("pilot", run)
	b.Commit(c)
	return bound
}

func TestEachSideChecksTheirOwnRowAndSeesNobodyElses(t *testing.T) {
	t.Run("now", func(t *testing.T) { checksTheirOwnRow(t, false) })
	t.Run("of a version before", func(t *testing.T) { checksTheirOwnRow(t, true) })
}

func checksTheirOwnRow(t *testing.T, former bool) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Released)
	bound := b.bind(former)
	var root commitment.Hash
	if err := root.UnmarshalText([]byte(bound.Root)); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		link, id, own, other string
		price                int64
	}{{alex, "alex", "Alex Trust", "Zoe", 7}, {zoe, "zoe", "Zoe Trust", "Alex", 3}} {
		page := b.Get(row.link + "/check")
		b.status(page, http.StatusOK)
		b.says("the check", html.UnescapeString(page.Body), bound.Root, "cascade check-row row.json --root "+bound.Root, row.own, "Tuesday 2 March 2027", "2 people had answered", `href="`+row.link+`/check/row"`)
		got := b.Get(row.link + "/check/row")
		b.status(got, http.StatusOK)
		if !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", got.Header)
		}
		var found commitment.Receipt
		if err := json.Unmarshal([]byte(got.Body), &found); err != nil {
			t.Fatal(err)
		}
		if err := commitment.Check(root, found.Row); err != nil || found.Root != root || found.ID != row.id || len(found.Prices) != 1 || found.Prices[0].Price != row.price {
			t.Errorf("%s: %v: %s", row.id, err, got.Body)
		}
		for name, body := range map[string]string{"the page": page.Body, "the row": got.Body} {
			b.silent(name, body, row.other+" Sample", row.other+" Trust", "Rival of "+row.other, b.Programme.Salt)
		}
	}
}

func TestRowIsOfTheAnswersThatTheRunWasBoundToAlone(t *testing.T) {
	b := newBed(t)
	alex, _ := b.match(pairing.Released)
	b.says("a run that is not bound", b.Get(alex+"/check").Body, "There is nothing to check")
	b.status(b.Get(alex+"/check/row"), http.StatusNotFound)

	b.bind(false)
	e := b.enrolment("alex")
	e.Conflicts = append(e.Conflicts, "Somebody else")
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
	page := b.Get(alex + "/check").Body
	b.says("after a change", page, "has changed since this run")
	b.silent("after a change", page, "Somebody else", "Rival of")
	b.status(b.Get(alex+"/check/row"), http.StatusNotFound)
}

func TestMatchThatIsOnlyProposedHasNoRowToCheck(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Proposed)
	b.bind(true)
	for _, link := range []string{alex, zoe} {
		b.status(b.Get(link+"/check"), http.StatusNotFound)
		b.status(b.Get(link+"/check/row"), http.StatusNotFound)
	}
}
