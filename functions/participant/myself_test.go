package participant

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/sealed"
)

// A letter to oneself is read by nobody until it is back: not on its author's own page, in no
// other, and in nothing that is stored; then by its author alone, once they have given a code. It
// survives whatever is written.
func TestLetterToOneselfIsReadByNobodyUntilItIsBack(t *testing.T) {
	b := newBed(t)
	b.pair()
	my := b.toMy("alex")
	words := hostile[0] + " canary-letter مرحبا 🙃 " + strings.Repeat("é", 5000)
	b.moved(b.Get(my+"/myself"), my+"/code?to=myself")
	b.status(b.Post(my+"/myself", url.Values{"do": {"seal"}, "words": {words}}), http.StatusForbidden)
	b.giveFor(my, "myself")
	b.says("My programme", b.Get(my).Body, "A letter to yourself", my+"/myself")
	b.refused("nothing", b.Post(my+"/myself", url.Values{"do": {"seal"}, "words": {" \n"}}), "words")
	b.refused("too long", b.Post(my+"/myself", url.Values{"do": {"seal"}, "words": {strings.Repeat("é", sealed.Most+1)}}), "words")
	b.status(b.Post(my+"/myself", url.Values{"do": {"open"}}), http.StatusNotFound)
	seal := func(words string) {
		b.moved(b.Post(my+"/myself", url.Values{"do": {"seal"}, "words": {words}}), my+"/myself")
	}

	// The first is replaced as long as it waits, and what is pressed twice is once.
	seal("canary-first")
	first, err := b.Store.SealedLetter(t.Context(), "pilot", enrolment.PersonOf("alex"))
	if err != nil {
		t.Fatal(err)
	}
	b.says("My programme", b.Get(my).Body, "You sealed a letter to yourself. It comes back to you on")
	b.says("the letter", b.Get(my+"/myself").Body, "takes the place of the one that you sealed")
	seal(words)
	seal(words)
	l, err := b.Store.SealedLetter(t.Context(), "pilot", enrolment.PersonOf("alex"))
	if err != nil || l.Sealed == first.Sealed || strings.Contains(l.Sealed, "canary") {
		t.Fatal(err, l)
	}
	if got, ok := b.Sealing.Decrypt(l.Sealed, l.Thing("another")); ok {
		t.Errorf("beside another programme it is read: %q", got)
	}
	page := b.Get(my + "/myself?done=sealed").Body
	b.says("the letter", page, "Your letter is sealed.")
	b.silent("the letter", page, "canary")
	if got := b.Post(my+"/myself", url.Values{"do": {"download"}}); got.StatusCode != http.StatusSeeOther {
		t.Errorf("it is taken along before it is back: %d", got.StatusCode)
	}

	b.Pass(l.ReturnAt.Sub(b.Now()) + time.Minute)
	my = b.toMy("alex")
	b.giveFor(my, "myself")
	b.says("My programme", b.Get(my).Body, "A letter from you has come back")
	page = b.Get(my + "/myself").Body
	b.says("the letter", page, html.EscapeString(words), "Nobody has read it since")
	b.silent("the letter", page, hostile[0], `value="seal"`)
	file := b.Post(my+"/myself", url.Values{"do": {"download"}})
	if !strings.Contains(file.Header.Get("Content-Disposition"), "attachment") || file.Body != words+"\r\n" {
		t.Errorf("the file: %v %q", file.Header, file.Body)
	}
	seal("canary-late") // it does not take the place of one that is back
	b.says("the letter", b.Get(my+"/myself").Body, html.EscapeString(words))
	b.moved(b.Post(my+"/myself", url.Values{"do": {"delete"}}), my+"/myself")
	b.moved(b.Post(my+"/myself", url.Values{"do": {"delete"}}), my+"/myself")
	if l, err := b.Store.SealedLetter(t.Context(), "pilot", enrolment.PersonOf("alex")); err != nil || l != nil {
		t.Error(err, l)
	}
}

// Where its key is gone, the page says so; and where all would be deleted before it is back,
// none is offered or taken.
func TestLetterToOneselfThatCannotComeBack(t *testing.T) {
	b := newBed(t)
	b.pair()
	my := b.toMy("alex")
	b.giveFor(my, "myself")
	l, err := sealed.New(b.Programme, &enrolment.Enrolment{ID: "alex", Role: programme.Client}, "x", b.Now())
	if err != nil {
		t.Fatal(err)
	}
	l.Sealed = "of-another-key"
	l.ReturnNow(b.Now())
	c := b.Store.Commit()
	c.SaveSealedLetter("pilot", l)
	b.Commit(c)
	b.says("the letter", b.Get(my+"/myself").Body, "cannot be opened any more")
	b.moved(b.Post(my+"/myself", url.Values{"do": {"delete"}}), my+"/myself")

	over := b.Now().AddDate(-1, 2, 0)
	b.Programme.Dates = programme.Dates{Starts: over.AddDate(0, -6, 0).Format(time.DateOnly), Ends: over.Format(time.DateOnly)}
	c = b.Store.Commit()
	c.UpdateProgramme(b.Programme)
	b.Commit(c)
	b.silent("My programme", b.Get(my).Body, "/myself")
	page := b.Get(my + "/myself").Body
	b.says("the letter", page, "It is too late for a letter")
	b.silent("the letter", page, `value="seal"`)
	b.status(b.Post(my+"/myself", url.Values{"do": {"seal"}, "words": {"Dear me"}}), http.StatusConflict)
}
