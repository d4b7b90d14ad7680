package questionnaires

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// values are all texts, numbers and times of a document that are its own: of its fields, of
// their names where they are not the type's, and of its path. What is shorter than six
// letters is in too many documents to tell anything.
func values(d *firestore.DocumentSnapshot) map[string]bool {
	all := map[string]bool{}
	add := func(text string) {
		if len(text) >= 6 {
			all[strings.ToLower(text)] = true
		}
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, each := range v {
				add(name)
				walk(each)
			}
		case []any:
			for _, each := range v {
				walk(each)
			}
		case time.Time:
			if !v.IsZero() {
				add("at " + v.UTC().Format(time.RFC3339Nano))
			}
		default:
			text := fmt.Sprint(v)
			add(text)
			// Paths and ids that are put together.
			for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("/- ,;:.|~", r) }) {
				add(part)
			}
		}
	}
	walk(d.Data())
	for part := range strings.SplitSeq(d.Ref.Path, "/") {
		walk(part)
	}
	return all
}

// hashes are what somebody without a key can make of a few texts: the hashes of each, alone
// and with others that they know, in the forms in which ids are written.
func hashes(known []string, own ...string) map[string]bool {
	all := map[string]bool{}
	add := func(parts ...string) {
		for _, between := range []string{"", "\x00"} {
			for _, end := range []string{"", "\x00"} {
				sum := sha256.Sum256([]byte(strings.Join(parts, between) + end))
				for _, n := range []int{16, 32} {
					all[hex.EncodeToString(sum[:n])] = true
					all[strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:n]))] = true
				}
				all[strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))[:26]] = true
			}
		}
	}
	for _, text := range own {
		add(text)
		for _, k := range known {
			add(k, text)
			add(text, k)
			for _, more := range known {
				add(k, text, more)
				add(k, more, text)
			}
		}
	}
	return all
}

// joined are the documents of answers that somebody who reads both databases, and lacks the
// key, can say whose they are: by a value that they share with documents of one person alone,
// or by a hash of what stands there. people are the persons' ids.
func joined(people, answers map[string]*firestore.DocumentSnapshot, persons []string, known ...string) map[string]string {
	owners := map[string]map[string]bool{} // of values
	for _, d := range people {
		all := values(d)
		whose := map[string]bool{}
		for _, person := range persons {
			for value := range all {
				if strings.Contains(value, person) {
					whose[person] = true
				}
			}
		}
		for value := range all {
			if owners[value] == nil {
				owners[value] = map[string]bool{}
			}
			maps.Copy(owners[value], whose)
		}
	}
	for value, of := range maps.Clone(owners) {
		if len(of) != 1 || len(value) > 60 || strings.HasPrefix(value, "at ") {
			continue
		}
		for hash := range hashes(known, value) {
			if owners[hash] == nil {
				owners[hash] = of
			}
		}
	}
	found := map[string]string{}
	for path, d := range answers {
		for value := range values(d) {
			if of := owners[value]; len(of) == 1 {
				found[path] = fmt.Sprintf("%s, by %q", slices.Collect(maps.Keys(of))[0], value)
			}
		}
	}
	return found
}

// Whoever has a dump of both databases, all of it but the key that this function alone holds,
// cannot say of a single answer whose it is: no field, no id and no time of ours is in both,
// and no hash of what stands there leads from the one to the other. What Firestore notes by
// itself is another matter, see docs/security.md.
func TestNothingJoinsPeopleToTheirAnswers(t *testing.T) {
	b := newBed(t)
	persons := []string{"alex", "zoe"}
	c := b.Store.Commit()
	for i := range 6 {
		id := strings.Repeat(string(rune('a'+i)), 20) + "canary"
		persons = append(persons, id)
		c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: id + "-seek", Role: programme.Client, State: enrolment.Confirmed, Invite: programme.Baseline,
			Consent: enrolment.Consent{Version: "2015-01", At: b.Now().Add(-time.Hour)}, Person: enrolment.Person{Name: "Person " + id, Email: "x@example.org"}})
		x := pairing.Start(&pairing.Match{ID: "pair-" + id, Client: pairing.Side{Enrolment: id + "-seek"}, Consultant: pairing.Side{Enrolment: "zoe"}}, b.Now())
		x.State, x.Milestone, x.Held = pairing.Completed, pairing.Ended, 2
		c.CreatePairing("pilot", x)
		// What others write about somebody when they answer.
		c.Audit(store.AuditEntry{Programme: "pilot", By: id + "-seek", Did: "gave a code", To: id + "-seek", At: b.Now()})
	}
	b.Commit(c)
	b.SignedIn(access.Coordinator)
	b.at(1, 6)
	b.sweep()
	answer := func(questionnaire string, hand bool, last url.Values, who ...string) {
		t.Helper()
		for _, person := range who {
			b.AnotherBrowser()
			path, _ := b.asked(person, questionnaire)
			b.leads(b.GiveCode(path), http.StatusSeeOther, path)
			// The notice has changed, and they agree to it on the way.
			b.leads(b.Post(path+"/notice", b.tick("1")), http.StatusSeeOther, path+"/1")
			for k, form := range []url.Values{you, others, last} {
				if got := b.Post(fmt.Sprintf("%s/%d", path, k+1), form); got.StatusCode != http.StatusSeeOther {
					t.Fatalf("%s: status %d", path, got.StatusCode)
				}
			}
			if hand {
				b.leads(b.Post(path+"/check", nil), http.StatusSeeOther, path)
			}
		}
	}
	own := make([]string, 0, len(persons))
	for _, person := range persons[2:] {
		own = append(own, person+"-seek")
	}
	answer("baseline-1", true, hope, own[:5]...)
	answer("closing-1", true, url.Values{"number": {"right"}, "match": {"4"}, "change": {"It went well"}}, own[:3]...)
	answer("closing-1", false, url.Values{"number": {"few"}}, own[3:5]...)
	b.at(1, 10)
	b.sweep()
	// What somebody agreed to today lies among the answers still.
	path, _ := b.asked(own[5], "baseline-1")
	b.leads(b.Post(path+"/notice", b.tick("1")), http.StatusSeeOther, path+"/1")

	// Of who was forgotten a tombstone is left. Whoever has an old copy of the answers beside it
	// finds nobody's among them.
	tombstone := b.pseudonyms().Tombstone("pilot", own[0], b.Now())
	if fresh, err := b.Store.BuryAnswers(t.Context(), tombstone); err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	buried := append(tombstone.Gone, tombstone.ID)
	for path, d := range b.AnswerDocuments() {
		for value := range values(d) {
			if slices.Contains(buried, value) {
				t.Errorf("a tombstone and %s both have %q", path, value)
			}
		}
	}

	p := b.Programme
	known := []string{p.Salt, "baseline", "closing", "response", "respondent"}
	answers := b.AnswerDocuments()
	for path, d := range answers {
		if strings.Contains(path, "/secrets/") {
			known = append(known, fmt.Sprint(d.Data()["value"]))
		}
	}
	if n := len(answers); n != 5+3+2+1+1 {
		t.Fatalf("%d documents of answers", n)
	}
	for path, whose := range joined(b.Documents(), answers, persons[2:], known...) {
		t.Errorf("%s is %s", path, whose)
	}
	for path, d := range answers {
		for name, value := range d.Data() {
			if _, is := value.(time.Time); is || name == "op" && !strings.Contains(path, "/saved/") && !strings.Contains(path, "/agreed/") && !strings.Contains(path, "/secrets/") {
				t.Errorf("%s has %s", path, name)
			}
		}
	}
	marked := map[time.Time]int{}
	for path, d := range b.Documents() {
		if strings.Contains(path, "/invitations/") && d.Data()["submitted"] == true {
			marked[d.UpdateTime]++
			if at, is := d.Data()["updatedAt"].(time.Time); !is || !at.Equal(d.Data()["createdAt"].(time.Time)) {
				t.Errorf("%s says when it was marked", path)
			}
		}
	}
	if len(marked) != 1 {
		t.Errorf("marked at %v", marked)
	}

	// The same attack finds everybody where answers stand as a version before kept them.
	before, _ := testbed.Kept(t, "2026-11-30")
	former, all, kept := map[string]*firestore.DocumentSnapshot{}, map[string]*firestore.DocumentSnapshot{}, map[string]bool{}
	for path, d := range before.Documents() {
		switch {
		case strings.Contains(path, "/responses/"):
			former[path] = d
		default:
			all[path] = d
		}
		if id, is := strings.CutPrefix(path, "programmes/pilot/enrolments/"); is {
			kept[enrolment.PersonOf(id)] = true
		}
	}
	handed := 0
	for _, d := range former {
		if d.Data()["submitted"] == true {
			handed++
		}
	}
	if found := joined(all, former, slices.Collect(maps.Keys(kept))); handed < 40 || len(found) < handed {
		t.Errorf("of %d former answers it finds %d: it proves nothing", handed, len(found))
	}
	before.Serve("questionnaires", New)
	before.Event("", "questionnaires-sweep")
	after := before.AnswerDocuments()
	if found := joined(before.Documents(), after, slices.Collect(maps.Keys(kept)), before.Programme.Salt); len(after) != handed+1 || len(found) > 0 {
		t.Errorf("moved, of %d it finds %v", len(after), found)
	}
}
