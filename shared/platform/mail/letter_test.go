package mail

import (
	"flag"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with the file that people have read and approved.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("%s differs (%v); read the difference, then write it with: go test ./shared/platform/mail -update\n%s", file, err, got)
	}
}

var pilot = sync.OnceValues(func() (*programme.Programme, error) { return programme.Preset("pilot-2016") })

// preset is a programme of the test's own.
func preset(t testing.TB) *programme.Programme {
	t.Helper()
	p, err := pilot()
	if err != nil {
		t.Fatal(err)
	}
	own := *p
	return &own
}

// person is one side of a match.
func person(name, organisation string) *enrolment.Enrolment {
	return &enrolment.Enrolment{
		Person:       enrolment.Person{Name: name, Email: "robin.sample@example.org"},
		Organisation: enrolment.Organisation{Name: organisation},
	}
}

// facts are all that any letter needs.
func facts(t testing.TB, role programme.Role) Facts { return sampleFacts(preset(t), role) }

// factsOf are those of a letter's first sample.
func factsOf(t testing.TB, kind outbox.Kind) Facts {
	t.Helper()
	for _, sample := range Samples(kind, preset(t)) {
		return sample.Facts
	}
	t.Fatalf("the letter %s has no sample", kind)
	return Facts{}
}

func letters(t testing.TB) *Letters {
	t.Helper()
	ls, err := Parse()
	if err != nil {
		t.Fatal(err)
	}
	return ls
}

// asSent is an email's text with whom it goes to.
func asSent(f Facts, e Email) string {
	if f.Role == "" {
		return "To the staff\nSubject: " + e.Subject + "\n\n" + e.Text + "\n"
	}
	return "To " + f.Mine().Indefinite() + "\nSubject: " + e.Subject + "\n\n" + e.Text + "\n"
}

// Every letter as each role reads it. What differs between the two is in both files.
func TestLettersReadAsApproved(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	for _, kind := range ls.Kinds() {
		var text strings.Builder
		for _, sample := range Samples(kind, preset(t)) {
			e, err := ls.Write(kind, sample.Facts)
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			if sample.Case != "" {
				text.WriteString("(" + sample.Case + ") ")
			}
			text.WriteString(asSent(sample.Facts, e))
		}
		if text.Len() == 0 {
			t.Errorf("the letter %s has no sample", kind)
		}
		golden(t, string(kind)+".txt", text.String())
	}
	e, err := ls.Write(message.KindMatchReleased, facts(t, programme.Client))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "match-released.html", e.HTML)
}

// A letter is in the language that its reader asked for, from its subject to its footer, where
// the programme says that somebody reviewed that and the letter is there in it; else all of it
// is in English, as is a bundle of which one letter is.
func TestLettersAreInOneLanguage(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	f := facts(t, programme.Client)
	f.In, f.Choices, f.My = language.Welsh, "https://example.org/emails/x", "https://example.org/my/x"
	inEnglish, err := ls.Write(message.KindConfirmEnrolment, f)
	if err != nil || !strings.HasPrefix(inEnglish.Text, "Hello,") || !strings.Contains(inEnglish.HTML, `<html lang="en">`) {
		t.Errorf("nobody has reviewed it: %v\n%s", err, inEnglish.Text)
	}
	say := programme.Translation{Language: language.Welsh, Reviewer: "Eurwen Sample", Reviewed: "2026-11-30", Name: "Rhaglen beilot", About: "Arweinwyr.",
		Terms:  programme.Terms{Client: programme.Term{Singular: "dysgwr", Plural: "dysgwyr"}, Consultant: programme.Term{Singular: "mentor", Plural: "mentoriaid"}},
		Points: slices.Repeat([]string{"Cyfarfod."}, len(f.Programme.Expectations.Points))}
	if err := f.Programme.Translate([]programme.Translation{say}); err != nil {
		t.Fatal(err)
	}
	for step, subject := range []string{"Cadarnhewch eich bod am gymryd rhan", "Mae ffurflen yn dal i aros amdanoch"} {
		f.Step = step + 1
		e, err := ls.Write(message.KindConfirmEnrolment, f)
		if err != nil || e.Subject != subject {
			t.Errorf("%q, %v", e.Subject, err)
		}
		for _, says := range []string{"Rhaglen beilot fel dysgwr", "Mae ateb i’r e-bost hwn yn cyrraedd Morgan Sample", "Fy rhaglen: popeth", "Pam rydych yn cael hwn? Rydych yn cymryd rhan yn Rhaglen beilot."} {
			if !strings.Contains(e.Text, says) {
				t.Errorf("it lacks %q:\n%s", says, e.Text)
			}
		}
		for _, english := range []string{"Hello", "Questions", "My programme", "How we use", "Why do you", "Choose what"} {
			if strings.Contains(e.Text, english) || strings.Contains(e.HTML, english) {
				t.Errorf("it says %q:\n%s", english, e.Text)
			}
		}
		if strings.Count(e.HTML, `lang="cy"`) != 2 {
			t.Error("it does not say that it is in Welsh")
		}
	}
	mixed, err := ls.Bundle([]Enclosure{{message.KindConfirmEnrolment, f}, {message.KindGetReady, f}})
	if err != nil || strings.Contains(mixed.Text, "Cwestiynau") || !strings.HasPrefix(mixed.Text, "Hello,") {
		t.Errorf("%v\n%s", err, mixed.Text)
	}
}

// Where one side chooses from a directory, letters say what happens there.
func TestLettersOfADirectoryReadAsApproved(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	coaching, err := programme.Preset("coaching")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, row := range []struct {
		kind outbox.Kind
		role programme.Role
	}{
		{message.KindEnrolmentConfirmed, programme.Client}, {message.KindEnrolmentConfirmed, programme.Consultant}, {message.KindChooseNow, programme.Client},
		{message.KindMatchChosen, programme.Consultant}, {message.KindMatchDeclined, programme.Client}, {message.KindMatchDeclined, programme.Consultant},
		{message.KindMatchWithdrawn, programme.Client}, {message.KindMatchWithdrawn, programme.Consultant},
	} {
		f := facts(t, row.role)
		f.Programme = coaching
		e, err := ls.Write(row.kind, f)
		if err != nil {
			t.Fatalf("%s: %v", row.kind, err)
		}
		text.WriteString(asSent(f, e))
	}
	golden(t, "directory.txt", text.String())
}

// Several letters that wait for one person are one email, in which the first leads.
func TestBundlesReadAsApproved(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	for name, bundle := range SampleBundles(preset(t), programme.Client) {
		e, err := ls.Bundle(bundle)
		if err != nil {
			t.Fatal(err)
		}
		name = "bundle-" + strings.ReplaceAll(name, " ", "-")
		golden(t, name+".txt", asSent(bundle[0].Facts, e))
		golden(t, name+".html", e.HTML)
	}
}

// A bundle has the subject and the button of its first letter, every other letter's
// heading, words and link once, and one greeting; one letter is just that letter.
func TestBundleLeadsWithTheFirstAndLosesNothing(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	kinds := slices.Sorted(slices.Values(ls.Kinds()))
	rapid.Check(t, func(r *rapid.T) {
		drawn := rapid.SliceOfNDistinct(rapid.SampledFrom(kinds), 1, 6, rapid.ID).Draw(r, "kinds")
		var bundle []Enclosure
		for i, kind := range drawn {
			f := factsOf(t, kind)
			f.Link = fmt.Sprintf("https://cascade.example.org/link/%d.", i)
			bundle = append(bundle, Enclosure{kind, f})
		}
		got, err := ls.Bundle(bundle)
		if err != nil {
			r.Fatal(err)
		}
		hello := "Hello Alex Example,"
		if message.ToUnconfirmed(drawn[0]) {
			hello = "Hello,"
		}
		if n := strings.Count(got.Text, "Hello"); n != 1 || strings.Count(got.HTML, hello) != 1 {
			r.Fatalf("%d greetings: %s", n, got.Text)
		}
		if n := strings.Count(got.HTML, "<h3"); n != len(bundle)-1 || strings.Count(got.HTML, "<h1") != 1 {
			r.Fatalf("%d sections after the first of %v", n, drawn)
		}
		for i, l := range bundle {
			alone, err := ls.Write(l.Kind, l.Facts)
			if err != nil {
				r.Fatal(err)
			}
			body, _, _ := strings.Cut(alone.Text, "-- \n")
			if i == 0 && (got.Subject != alone.Subject || !strings.HasPrefix(got.Text, body)) {
				r.Fatalf("it leads with %q and not %q", got.Subject, alone.Subject)
			}
			_, words, _ := strings.Cut(body, "\n\n") // after the greeting
			if i > 0 && !strings.Contains(got.Text, fmt.Sprintf("\n\n%d. %s\n\n%s", i, alone.Subject, words)) {
				r.Fatalf("it does not say %q but %s", words, got.Text)
			}
			once := 0
			if strings.Contains(alone.Text, l.Facts.Link) {
				once = 1
			}
			if strings.Count(got.Text, l.Facts.Link) != once || strings.Count(got.HTML, l.Facts.Link) != once {
				r.Fatalf("the link of %s is there, other than %d times: %s", l.Kind, once, got.Text)
			}
			if len(bundle) == 1 && got != alone {
				r.Fatalf("a bundle of one is not the letter: %s", got.Text)
			}
		}
	})
	if _, err := ls.Bundle(nil); err == nil {
		t.Error("an empty bundle is written")
	}
}

// Who may choose what they get is told where, once; what cannot be declined does
// not offer it, but does where it came together with what can.
func TestFooterLeadsToWhatMayBeChosen(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	const here = "https://cascade.example.org/choices/a?b=c"
	must, may := facts(t, programme.Client), facts(t, programme.Client)
	must.Choices, may.Choices = "", here
	for name, row := range map[string]struct {
		bundle []Enclosure
		times  int
	}{
		"what must be":                 {[]Enclosure{{message.KindConfirmEnrolment, must}}, 0},
		"what may be declined":         {[]Enclosure{{message.KindSessionTomorrow, may}}, 1},
		"both together":                {[]Enclosure{{message.KindMatchReleased, must}, {message.KindSessionTomorrow, may}}, 1},
		"several that may be declined": {[]Enclosure{{message.KindSessionTomorrow, may}, {message.KindLogYourSession, may}}, 1},
	} {
		e, err := ls.Bundle(row.bundle)
		if err != nil {
			t.Fatal(err)
		}
		for part, text := range map[string]string{"text": e.Text, "HTML": html.UnescapeString(e.HTML)} {
			for _, what := range []string{here, "Why do you get this? You take part in", "Choose what you get"} {
				if n := strings.Count(text, what); n != row.times {
					t.Errorf("%s: the %s says %q %d times, want %d", name, part, what, n, row.times)
				}
			}
		}
	}
}

// breaks sets what the HTML shows apart on lines of its own.
var breaks = strings.NewReplacer("</", "\n</", "<br>", "\n")

var tag = regexp.MustCompile(`<[^>]*>`)

// seen are the words of a text without its layout.
func seen(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "* ", " ")), " ")
}

// People who read the text part learn all that the HTML says.
func TestTextSaysWhatTheHTMLSays(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	for _, kind := range ls.Kinds() {
		e, err := ls.Write(kind, factsOf(t, kind))
		if err != nil {
			t.Fatal(err)
		}
		text := seen(e.Text)
		_, body, _ := strings.Cut(e.HTML, "</h1>")
		for _, line := range strings.Split(tag.ReplaceAllString(breaks.Replace(body), ""), "\n") {
			for _, part := range strings.Split(seen(html.UnescapeString(line)), "Questions? ") {
				if part = strings.Trim(part, ", "); !strings.Contains(text, part) {
					t.Errorf("%s: the text does not say %q", kind, part)
				}
			}
		}
		if strings.Contains(e.HTML, `href="`+facts(t, programme.Client).Link) != strings.Contains(e.Text, facts(t, programme.Client).Link) {
			t.Errorf("%s: only one part has the link", kind)
		}
	}
}

// Nothing that people enter becomes markup, a header, another block or another
// placeholder, whatever they enter.
func TestWhatPeopleEnterStaysText(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	kinds := slices.Sorted(slices.Values(ls.Kinds()))
	empty := map[outbox.Kind]string{}
	shape := func(e Email) string { return strings.Join(tag.FindAllString(e.HTML, -1), "") }
	for _, kind := range ls.Kinds() {
		e, err := ls.Write(kind, factsOf(t, kind))
		if err != nil {
			t.Fatal(err)
		}
		empty[kind] = shape(e)
	}
	// As forms leave it: without spaces around, and not empty.
	hostile := rapid.Map(rapid.OneOf(
		rapid.StringMatching(`[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\x{fffd}]{1,40}`),
		rapid.SampledFrom([]string{
			`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "=> Press here", "- an item", "{{.Link}}", "{Client}",
			"Subject: other", "</p></td></table>", "javascript:alert(1)", "名前", "Zoë O’Neill-Ünal", "👩🏽‍💼",
		})), func(s string) string { return strings.Join(strings.Fields("."+s), " ") })
	rapid.Check(t, func(r *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(r, "kind")
		f := factsOf(t, kind)
		f.Name = hostile.Draw(r, "name")
		f.Other = person(hostile.Draw(r, "other"), hostile.Draw(r, "organisation"))
		f.Session.Place, f.Session.Was.Place = hostile.Draw(r, "place"), hostile.Draw(r, "place before")
		if f.Session.State == pairing.Cancelled {
			f.Session.Reason = hostile.Draw(r, "reason")
		}
		e, err := ls.Write(kind, f)
		if err != nil {
			r.Fatal(err)
		}
		if got := shape(e); got != empty[kind] {
			r.Fatalf("the markup is %s, and not %s", got, empty[kind])
		}
		if strings.ContainsAny(e.Subject, "\r\n") {
			r.Fatalf("subject %q", e.Subject)
		}
		if greeted := strings.Contains(e.Text, "Hello "+f.Name+",\n"); greeted == message.ToUnconfirmed(kind) {
			r.Fatalf("%q is not greeted as such in %s", f.Name, e.Text)
		}
	})
}

func TestMatchedPeopleAreToldInWhichWayTheyAreNear(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		within, relaxed programme.Within
		says            string
	}{
		{programme.SameRegion, "", "You are in the same region: Wales."},
		{programme.SameRegion, programme.Neighbouring, "Your regions border on each other."},
		{programme.SameRegion, programme.Online, "You can meet without travelling. The programme allows"},
		{programme.Distance, "", "You are near enough to each other to meet."},
		{programme.Neighbouring, "", "or in regions that border on each other."},
		{programme.Online, "", "and the programme asks for no more."},
	} {
		f := Facts{Programme: &programme.Programme{Place: programme.Place{Within: row.within}}, Subject: message.Subject{Match: &pairing.Match{Reasons: matching.Reasons{Region: "Wales", Relaxed: row.relaxed}}}}
		if got := near(&f); !strings.Contains(got, row.says) {
			t.Errorf("%s, %s: %q", row.within, row.relaxed, got)
		}
	}
}

// A subject is read over shoulders and on locked screens: it names nobody and no place,
// and tells nothing that anybody wrote. The time of a session stands in it, which is
// what the email is for and tells nobody else anything.
func TestSubjectsHoldNothingPersonal(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	const personal = "Zyxw"
	for _, kind := range ls.Kinds() {
		for _, preset := range programme.Presets() {
			p, err := programme.Preset(preset)
			if err != nil {
				t.Fatal(err)
			}
			for i := range p.Skills {
				p.Skills[i].Name = personal
			}
			for _, sample := range Samples(kind, p) {
				f := sample.Facts
				f.Name, f.Other = personal, person(personal, personal)
				f.Other.Person.Email, f.Other.Person.Phone, f.Match.Reasons.Region = personal, personal, personal
				f.Session.Place, f.Session.Was.Place, f.Session.Reason = personal, personal, personal
				f.Link, f.Choices = personal, personal
				if e, err := ls.Write(kind, f); err != nil || strings.Contains(e.Subject, personal) || !strings.Contains(e.Text, personal) {
					t.Errorf("%s %s: %q, %v", kind, sample.Case, e.Subject, err)
				}
			}
		}
	}
}

// As plain text each link stands on a line of its own, after what is done there, so
// that no mail program breaks it or takes a full stop along; and no line is longer
// than what mail servers pass on.
func TestPlainTextKeepsLinksWhole(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	const link = "https://cascade.example.org/pairing/0123456789012345678901234567890123456789012"
	for _, kind := range ls.Kinds() {
		for _, sample := range Samples(kind, preset(t)) {
			f := sample.Facts
			f.Link, f.Choices, f.Notice, f.My = link, link, link, link
			e, err := ls.Bundle([]Enclosure{{kind, f}, {kind, f}})
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(e.Text, "\n")
			for i, line := range lines {
				if strings.Contains(line, "https://cascade") && (line != link || !strings.HasSuffix(lines[i-1], ":")) {
					t.Errorf("%s: the link stands in %q after %q", kind, line, lines[i-1])
				}
				if len(line) > 998 {
					t.Errorf("%s: a line of %d bytes", kind, len(line))
				}
			}
		}
	}
}

// BenchmarkWrite writes every sample in turn, and says what one costs.
func BenchmarkWrite(b *testing.B) {
	ls := letters(b)
	var all []Enclosure
	for _, kind := range slices.Sorted(slices.Values(ls.Kinds())) {
		for _, sample := range Samples(kind, preset(b)) {
			all = append(all, sample.Enclosure)
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l := all[i%len(all)]
		if _, err := ls.Write(l.Kind, l.Facts); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParse reads all letters, as a function does once when it starts.
func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(); err != nil {
			b.Fatal(err)
		}
	}
}

// Whoever reads an address that nobody has confirmed reads nothing that somebody has typed:
// whatever that was, the email is the same.
func TestLettersToUnconfirmedAddressesHoldNothingSubmitted(t *testing.T) {
	t.Parallel()
	ls, n := letters(t), 0
	for _, kind := range ls.Kinds() {
		if !message.ToUnconfirmed(kind) {
			continue
		}
		for _, p := range programmes(t) {
			for _, s := range Samples(kind, p) {
				n++
				before, err := ls.Bundle([]Enclosure{s.Enclosure})
				if err != nil {
					t.Fatal(err)
				}
				submitted := fillIn(reflect.New(reflect.TypeFor[enrolment.Enrolment]()).Interface().(*enrolment.Enrolment))
				submitted.Role, submitted.Person.Email = s.Facts.Role, s.Facts.Person.Person.Email // which is confirmed
				times := s.Facts.Pairing.Proposal.Times
				s.Facts.Name, s.Facts.Person, s.Facts.Other = canary, submitted, submitted
				s.Facts.Claim = fillIn(new(enrolment.Claim))
				s.Facts.Session, s.Facts.Match, s.Facts.Pairing = fillIn(new(pairing.Session)), fillIn(new(pairing.Match)), fillIn(new(pairing.Pairing))
				s.Facts.Pairing.Proposal.Times = times // which are no words
				after, err := ls.Bundle([]Enclosure{s.Enclosure})
				if err != nil {
					t.Fatal(err)
				}
				if before != after || strings.Contains(after.Subject+after.Text+after.HTML, canary) {
					t.Errorf("%s says what was submitted: %s", kind, after.Text)
				}
			}
		}
	}
	if n < 4 {
		t.Errorf("%d letters were looked at", n)
	}
}

const canary = "Quillfeather"

// fillIn puts the canary into every text of a document.
func fillIn[T any](doc *T) *T {
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			v.SetString(canary)
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Field(i).CanSet() {
					fill(v.Field(i))
				}
			}
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0))
		case reflect.Map:
			v.Set(reflect.MakeMap(v.Type()))
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key)
			fill(value)
			v.SetMapIndex(key, value)
		}
	}
	fill(reflect.ValueOf(doc).Elem())
	return doc
}

// programmes are one of each mode.
func programmes(t *testing.T) (all []*programme.Programme) {
	t.Helper()
	for _, mode := range programme.Modes {
		p, err := programme.Preset("pilot-2016")
		if err != nil {
			t.Fatal(err)
		}
		p.ID, p.Mode = "pilot", mode
		all = append(all, p)
	}
	return all
}

// A letter looks like its host: its colours in all that has one, and its logo over the name.
func TestLettersLookLikeTheHost(t *testing.T) {
	t.Parallel()
	ls, err := Parse()
	if err != nil {
		t.Fatal(err)
	}
	f := facts(t, programme.Client)
	p := *f.Programme
	p.Look = programme.Look{Colour: "#7a0019", Logo: programme.Logo{ID: "a", Alt: `A "tree"`, Width: 200, Height: 100}}
	f.Programme, f.Logo = &p, "https://cascade.example.org/enrol/look/pilot/a/logo"
	e, err := ls.Bundle([]Enclosure{{message.KindFollowUp, f}, {message.KindFollowUp, f}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(e.HTML, "#12436d") || strings.Count(e.HTML, "#7a0019") < 5 {
		t.Errorf("its colours: %s", e.HTML)
	}
	if want := `<img src="https://cascade.example.org/enrol/look/pilot/a/logo" alt="A &#34;tree&#34;" height="48"`; !strings.Contains(e.HTML, want) {
		t.Errorf("it does not hold %s: %s", want, e.HTML)
	}
	f.Logo = ""
	if e, err = ls.Write(message.KindFollowUp, f); err != nil || strings.Contains(e.HTML, "<img") {
		t.Errorf("without a logo: %v %s", err, e.HTML)
	}
}

// The email that confirms an enrolment repeats what was told, to its own address, but for what
// is private.
func TestCopyOfAnswersLeavesOutWhatIsPrivate(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	for _, role := range programme.Roles {
		f := sampleFacts(preset(t), role)
		f.Person.Situation, f.Person.Conflicts, f.Person.Mention, f.Person.Bids = "We grow.\n<b>Fast</b>", []string{"Secret House"}, "Secret Fund", []string{"Secret Council"}
		email, err := ls.Write(message.KindEnrolmentConfirmed, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{email.Text, email.HTML} {
			for _, want := range []string{"Example Trust", "Board and trustee relations: ", "We grow.; "} {
				if !strings.Contains(text, want) {
					t.Errorf("%s: %q is not in %s", role, want, text)
				}
			}
			if strings.Contains(text, "Secret") {
				t.Errorf("%s: what is private is in %s", role, text)
			}
		}
		if strings.Contains(email.HTML, "<b>") {
			t.Errorf("%s: what was typed is not text in %s", role, email.HTML)
		}
	}
}
