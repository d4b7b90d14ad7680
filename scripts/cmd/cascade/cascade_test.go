package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/sample"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// project is an emulator's project of the test's own, in which commands work. The
// environment names it, so that these tests run one after the other.
func project(t *testing.T) *store.Store {
	t.Helper()
	if os.Getenv("FIRESTORE_EMULATOR_HOST") == "" {
		t.Fatal("this test needs the Firestore emulator: run ./scripts/test, or start one and set FIRESTORE_EMULATOR_HOST")
	}
	t.Setenv("GOOGLE_CLOUD_PROJECT", "demo-"+strings.ToLower(rand.Text())[:12])
	t.Setenv("FIRESTORE_DATABASE", "")
	t.Setenv(keys.AuditSetting, keys.New(time.Now()))
	s, err := open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// run runs a command in this process, with a text as its standard input.
func run(t *testing.T, input string, args ...string) (string, error) {
	t.Helper()
	c := command()
	var out bytes.Buffer
	c.SetIn(strings.NewReader(input))
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(args)
	err := c.ExecuteContext(t.Context())
	return out.String(), err
}

// ran is a command that must succeed.
func ran(t *testing.T, input string, args ...string) string {
	t.Helper()
	out, err := run(t, input, args...)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return out
}

// refuses fails unless a command fails with an error that says all of this.
func refuses(t *testing.T, name string, err error, says ...string) {
	t.Helper()
	for _, want := range says {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error %v does not say %q", name, err, want)
		}
	}
}

// What a preset prints is what a programme is created from, through a file or a pipe.
func TestProgrammeIsCreatedFromAPreset(t *testing.T) {
	s := project(t)
	salts := map[string]bool{}
	for i, preset := range programme.Presets() {
		text := ran(t, "", "programme", "settings", preset)
		file := filepath.Join(t.TempDir(), "settings.yaml")
		if err := os.WriteFile(file, []byte(strings.Replace(text, "name: ", "name: New ", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		for from, settings := range map[string]string{"pipe": "-", "file": file} {
			id := fmt.Sprintf("from-%s-%d", from, i)
			out := ran(t, text, "programme", "create", id, "--settings", settings)
			p, err := s.Programme(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			want, err := programme.Preset(preset)
			if err != nil {
				t.Fatal(err)
			}
			if from == "file" {
				want.Name = "New " + want.Name
			}
			if p.Name != want.Name || len(p.Skills) != len(want.Skills) || p.Terms != want.Terms || p.Sessions != want.Sessions {
				t.Errorf("%s: %+v, want %+v", id, p, want)
			}
			if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(p.Salt) || salts[p.Salt] || time.Since(p.CreatedAt) > time.Minute || p.Run != "" {
				t.Errorf("%s: %+v", id, p)
			}
			salts[p.Salt] = true
			for _, says := range []string{"Created " + p.Name, "/enrol/" + id, "cascade staff add --programme " + id} {
				if !strings.Contains(out, says) {
					t.Errorf("%s: the output %q does not say %q", id, out, says)
				}
			}
			if p.Mode != want.Mode {
				t.Errorf("%s: mode %s, want %s", id, p.Mode, want.Mode)
			}
		}
	}
	_, err := run(t, "", "programme", "settings", "nonsense")
	refuses(t, "an unknown preset", err, `no preset "nonsense"`, "pilot-2016")
	_, err = run(t, "", "programme", "settings", "../presets/pilot-2016")
	refuses(t, "a preset's path", err, "no preset")
}

func TestProgrammeIsCreatedOnce(t *testing.T) {
	s := project(t)
	text := ran(t, "", "programme", "settings", "pilot-2016")
	ran(t, text, "programme", "create", "north", "--settings", "-")
	before, err := s.Programme(t.Context(), "north")
	if err != nil {
		t.Fatal(err)
	}
	out, err := run(t, strings.Replace(text, "name: ", "name: Other ", 1), "programme", "create", "north", "--settings", "-")
	if refuses(t, "again", err, `there is a programme "north" already`); out != "" {
		t.Errorf("it says %q all the same", out)
	}
	if after, err := s.Programme(t.Context(), "north"); err != nil || after.Name != before.Name || after.Salt != before.Salt || !after.Version.Equal(before.Version) {
		t.Errorf("it was changed to %+v, %v", after, err)
	}
}

func TestProgrammeThatCannotBeCreated(t *testing.T) {
	s := project(t)
	text := ran(t, "", "programme", "settings", "pilot-2016")
	line := func(find string) string { // the number of the line that holds it
		before, _, ok := strings.Cut(text, find)
		if !ok {
			t.Fatalf("the preset does not hold %q", find)
		}
		return fmt.Sprintf("[%d:", strings.Count(before, "\n")+1)
	}
	for _, row := range []struct {
		name, settings string
		says           []string
	}{
		{"an unknown key", strings.Replace(text, "about:", "abuot:", 1), []string{"abuot", line("about:")}},
		{"half a document", "name: North\nhost: {name: x", []string{"[2:"}},
		{"a tab", "name: North\n\tabout: x", []string{"[2:"}},
		{"text for a number", "name: North\nsessions:\n  minimum: two\n", []string{"[3:"}},
		{"a missing setting", strings.Replace(text, "name: ", "# ", 1), []string{"name is missing"}},
		{"a zone of nowhere", regexp.MustCompile(`(?m)^zone: .*$`).ReplaceAllString(text, "zone: Europe/Leeds"), []string{"zone", "Europe/Leeds"}},
		{"nothing", "", []string{"-: "}},
	} {
		_, err := run(t, row.settings, "programme", "create", "north", "--settings", "-")
		refuses(t, row.name, err, row.says...)
	}
	file := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(file, []byte("name: North\nnmae: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := run(t, "", "programme", "create", "north", "--settings", file)
	refuses(t, "a file", err, file, "[2:1]", "nmae")
	_, err = run(t, "", "programme", "create", "north", "--settings", file+".not")
	refuses(t, "no file", err, file+".not")
	_, err = run(t, "", "programme", "create", "north")
	refuses(t, "no settings", err, "settings")
	_, err = run(t, "", "programme", "create")
	refuses(t, "no id", err, "1 arg")
	for _, id := range []string{"", "n", "North", "1st", "-north", "north/pairings", "nörth", "north leeds", strings.Repeat("n", 41), "../north", "north\nleeds"} {
		_, err := run(t, text, "programme", "create", "--settings", "-", "--", id)
		refuses(t, id, err, "cannot be a programme's id", "2 to 40 small letters")
	}
	for _, id := range taken {
		_, err := run(t, "", "programme", "create", id, "--settings", "-")
		refuses(t, id, err, "cannot be a programme's id", "another page's")
	}
	if all, err := s.Programmes(t.Context()); err != nil || len(all) > 0 {
		t.Errorf("there are %d, %v", len(all), err)
	}
	ran(t, text, "programme", "create", strings.Repeat("n", 40), "--settings", "-") // the longest
}

// add gives someone a role, with flags in place of the usual ones.
func add(t *testing.T, flags map[string]string) (string, error) {
	t.Helper()
	args := []string{"staff", "add"}
	for name, value := range map[string]string{"programme": "north", "name": "Morgan Sample", "email": "morgan@example.org", "role": ""} {
		if other, ok := flags[name]; ok {
			value = other
		} else if value == "" {
			continue
		}
		args = append(args, "--"+name, value)
	}
	return run(t, "", args...)
}

func TestStaffAreAddedAndUpdated(t *testing.T) {
	s := project(t)
	text := ran(t, "", "programme", "settings", "pilot-2016")
	for _, id := range []string{"north", "south"} {
		ran(t, text, "programme", "create", id, "--settings", "-")
	}
	var first *store.Staff
	for _, row := range []struct {
		flags map[string]string
		says  string
		name  string
		roles string
	}{
		{nil, "Morgan Sample is coordinator of north and signs in at /desk/ with ", "Morgan Sample", "coordinator "},
		{nil, "Morgan Sample is coordinator of north", "Morgan Sample", "coordinator "}, // twice is once
		{map[string]string{"name": "M. Sample", "email": "Morgan@Example.ORG", "role": "evaluator"}, "M. Sample is coordinator and evaluator of north", "M. Sample", "coordinator and evaluator "},
		{map[string]string{"email": "Morgan Sample <mailto:MORGAN@example.org>;\u00a0"}, "Morgan Sample is coordinator and evaluator of north and signs in at /desk/ with MORGAN@example.org.", "Morgan Sample", "coordinator and evaluator "},
		{map[string]string{"programme": "south", "email": "<morgan@example.org>"}, "Morgan Sample is coordinator of south", "Morgan Sample", "coordinator and evaluator coordinator"},
	} {
		out, err := add(t, row.flags)
		if err != nil || !strings.Contains(out, row.says) {
			t.Errorf("%v: %q, %v", row.flags, out, err)
		}
		m, err := s.StaffByEmail(t.Context(), "morgan@example.org")
		if err != nil || m == nil {
			t.Fatal(m, err)
		}
		if first == nil {
			first = m
		}
		if m.ID != first.ID || m.Name != row.name || access.All(m.Roles["north"])+" "+access.All(m.Roles["south"]) != row.roles || !m.CreatedAt.Equal(first.CreatedAt) || m.UpdatedAt.Before(first.UpdatedAt) {
			t.Errorf("%v: %+v", row.flags, m)
		}
	}
	if out, err := add(t, map[string]string{"email": "kit@gmial.com", "name": "Kit Sample"}); err != nil || !strings.Contains(out, "signs in at /desk/ with kit@gmial.com.") || !strings.Contains(out, "Did you mean kit@gmail.com?") {
		t.Errorf("a slip: %q, %v", out, err)
	}
	if out, err := add(t, map[string]string{"email": "robin@example.org", "name": "Robin Sample"}); err != nil {
		t.Errorf("another: %q, %v", out, err)
	}
	if m, err := s.StaffByEmail(t.Context(), "robin@example.org"); err != nil || m == nil || m.ID == first.ID {
		t.Errorf("another: %+v, %v", m, err)
	}
}

// An account stays somebody's until it is said that they have another.
func TestAccountIsForgottenWhereItIsSaid(t *testing.T) {
	s := project(t)
	ran(t, ran(t, "", "programme", "settings", "pilot-2016"), "programme", "create", "north", "--settings", "-")
	if _, err := add(t, nil); err != nil {
		t.Fatal(err)
	}
	staff := func() *store.Staff {
		t.Helper()
		m, err := s.StaffByEmail(t.Context(), "morgan@example.org")
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := staff()
	m.Account = access.NewAccount("https://id.example.org", "1")
	c := s.Commit()
	c.UpdateStaff(m)
	if err := c.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := add(t, nil); err != nil || staff().Account != m.Account {
		t.Errorf("added again, the account is %q, %v", staff().Account, err)
	}
	ran(t, "", "staff", "add", "--programme", "north", "--name", "Morgan Sample", "--email", "morgan@example.org", "--new-account")
	if got := staff(); got.Account != "" || !got.Roles.Has("north", access.Coordinator) {
		t.Errorf("it is %+v", got)
	}
}

// stored are the documents of a collection in the project, read past the store.
func stored(t *testing.T, collection string) (all []map[string]any) {
	t.Helper()
	client, err := firestore.NewClient(t.Context(), os.Getenv("GOOGLE_CLOUD_PROJECT"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	found, err := client.Collection(collection).Documents(t.Context()).GetAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range found {
		all = append(all, doc.Data())
	}
	return all
}

func TestRolesAreTakenAwayOneByOne(t *testing.T) {
	s := project(t)
	ran(t, ran(t, "", "programme", "settings", "pilot-2016"), "programme", "create", "north", "--settings", "-")
	for _, role := range []string{"coordinator", "evaluator"} {
		if _, err := add(t, map[string]string{"role": role}); err != nil {
			t.Fatal(err)
		}
	}
	m, err := s.StaffByEmail(t.Context(), "morgan@example.org")
	if err != nil {
		t.Fatal(err)
	}
	signIn(t, s, m.ID, "one", clock.Real())
	remove := func(email, programme, role string) (string, error) {
		return run(t, "", "staff", "remove", "--programme", programme, "--email", email, "--role", role)
	}
	for _, row := range []struct {
		name, email, programme, role string
		says, refuses                string
		left                         string
	}{
		{"somebody unknown", "robin@example.org", "north", "coordinator", "", "robin@example.org is not coordinator", "coordinator and evaluator"},
		{"in another programme", "morgan@example.org", "south", "coordinator", "", "is not coordinator of programme", "coordinator and evaluator"},
		{"a supervisor", "morgan@example.org", "north", "supervisor", "", "use coordinator, evaluator or administrator", "coordinator and evaluator"},
		{"one of two", "Morgan@Example.org", "north", "coordinator", "no longer coordinator of north, and is evaluator now", "", "evaluator"},
		{"twice", "morgan@example.org", "north", "coordinator", "", "is not coordinator", "evaluator"},
		{"the last", "morgan@example.org", "north", "evaluator", "no longer evaluator of north, and has no role in it now", "", ""},
	} {
		out, err := remove(row.email, row.programme, row.role)
		if row.refuses != "" {
			refuses(t, row.name, err, row.refuses)
		} else if err != nil || !strings.Contains(out, row.says) {
			t.Errorf("%s: %q, %v", row.name, out, err)
		}
		if m, err := s.StaffByEmail(t.Context(), "morgan@example.org"); err != nil || access.All(m.Roles["north"]) != row.left {
			t.Errorf("%s: %+v, %v", row.name, m, err)
		}
	}
	if sessions, err := s.StaffSessions(t.Context(), m.ID); err != nil || len(sessions) > 0 {
		t.Errorf("there are %d sessions of who has lost a role, %v", len(sessions), err)
	}
	_, err = run(t, "", "staff", "remove", "--programme", "north", "--email", "morgan@example.org")
	refuses(t, "a role that is left out", err, "role")
	var did []string
	for _, doc := range stored(t, "auditEntries") {
		if doc["kind"] == "change" {
			did = append(did, fmt.Sprint(doc["did"], " in ", doc["programme"], " by ", doc["by"] == s.Pseudonyms("cascade staff")[0]))
		}
	}
	slices.Sort(did)
	want := []string{
		"gave the role coordinator in north by true", "gave the role evaluator in north by true",
		"took away the role coordinator in north by true", "took away the role evaluator in north by true",
	}
	if !slices.Equal(did, want) {
		t.Errorf("the audit trail says %q, want %q", did, want)
	}
}

// signIn begins a session of a member of staff.
func signIn(t *testing.T, s *store.Store, staff, id string, at time.Time) {
	t.Helper()
	c := s.Commit()
	m, err := s.StaffMember(t.Context(), staff)
	if err != nil {
		t.Fatal(err)
	}
	c.CreateStaffSession(m, access.UsualLimits.Begin(id, staff, access.ByLink, "Mozilla/5.0 (Windows NT 10.0) Firefox/150.0", at))
	if err := c.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestStaffAreListedAndSignedOut(t *testing.T) {
	s := project(t)
	ran(t, ran(t, "", "programme", "settings", "pilot-2016"), "programme", "create", "north", "--settings", "-")
	ids := map[string]string{}
	for _, who := range []string{"morgan", "robin"} {
		if _, err := add(t, map[string]string{"name": who + " Sample", "email": who + "@example.org"}); err != nil {
			t.Fatal(err)
		}
		m, err := s.StaffByEmail(t.Context(), email.Address(who+"@example.org"))
		if err != nil {
			t.Fatal(err)
		}
		ids[who] = m.ID
		signIn(t, s, m.ID, who, clock.Real().Add(-10*time.Minute))
	}
	signIn(t, s, ids["morgan"], "over", clock.Real().Add(-13*time.Hour))
	list := func(args ...string) string {
		return ran(t, "", append([]string{"staff", "list", "--programme", "north"}, args...)...)
	}
	one := func(who string) string {
		return who + " Sample, " + who + "@example.org, coordinator\n  signed in with Firefox on Windows, used last 10 minutes ago\n"
	}
	if got := list(); got != one("morgan")+one("robin") {
		t.Errorf("listed is %q", got)
	}
	if got := list("--email", "Morgan@example.org", "--sign-out"); got != one("morgan")+"  is signed out everywhere now\n" {
		t.Errorf("signed out is %q", got)
	}
	if got := list(); got != "morgan Sample, morgan@example.org, coordinator\n"+one("robin") {
		t.Errorf("then listed is %q", got)
	}
	if all, err := s.StaffSessions(t.Context(), ids["morgan"]); err != nil || len(all) > 0 {
		t.Errorf("%d sessions are left, %v", len(all), err)
	}
	_, err := run(t, "", "staff", "list", "--programme", "north", "--email", "sam@example.org", "--sign-out")
	refuses(t, "somebody without a role", err, "sam@example.org has no role")
	if got := ran(t, "", "staff", "list", "--programme", "south"); got != "" {
		t.Errorf("in another programme: %q", got)
	}
}

func TestStaffWhoCannotBeAdded(t *testing.T) {
	s := project(t)
	ran(t, ran(t, "", "programme", "settings", "pilot-2016"), "programme", "create", "north", "--settings", "-")
	for _, row := range []struct {
		name  string
		flags map[string]string
		says  []string
	}{
		{"a role that is none", map[string]string{"role": "admin"}, []string{`"admin" is no role`, "coordinator, evaluator or administrator"}},
		{"an empty role", map[string]string{"role": ""}, []string{"is no role"}},
		{"no address", map[string]string{"email": "morgan"}, []string{`email "morgan": Enter an email address with an @ sign`}},
		{"an empty address", map[string]string{"email": ""}, []string{"Enter an email address"}},
		{"letters that no mail server takes", map[string]string{"email": "jörg@example.org"}, []string{"cannot send to one with “ö”"}},
		{"two addresses", map[string]string{"email": "morgan@example.org,robin@example.org"}, []string{"Enter one email address only"}},
		{"an unknown programme", map[string]string{"programme": "nowhere"}, []string{`programme "nowhere"`, "no such programme"}},
		{"no programme", map[string]string{"programme": ""}, []string{`programme ""`}},
		{"a programme's path", map[string]string{"programme": "north/pairings/x"}, []string{`programme "north/pairings/x"`}},
		{"an empty name", map[string]string{"name": " "}, []string{`"" is not a name`}},
		{"a name of which nobody sees a part", map[string]string{"name": "Morgan\x00Sample"}, []string{`"Morgan\x00Sample" is not a name`}},
	} {
		out, err := add(t, row.flags)
		if refuses(t, row.name, err, row.says...); out != "" {
			t.Errorf("%s: it says %q", row.name, out)
		}
	}
	_, err := run(t, "", "staff", "add", "--programme", "north")
	refuses(t, "flags that are left out", err, "name", "email")
	_, err = run(t, "", "staff", "add", "morgan@example.org")
	refuses(t, "an argument", err, "morgan@example.org")
	if m, err := s.StaffByEmail(t.Context(), "morgan@example.org"); err != nil || m != nil {
		t.Errorf("added: %+v, %v", m, err)
	}
}

// What is pasted as an argument is cleaned as every field is.
func TestArgumentsAreTidied(t *testing.T) {
	s := project(t)
	ran(t, ran(t, "", "programme", "settings", "\u200bpilot-2016 "), "programme", "create", "\u00a0north\ufeff", "--settings", "-")
	out, err := add(t, map[string]string{"programme": "north\u00a0", "name": "\u200bMorgan\u202fSample\n", "role": " evaluator"})
	if err != nil || !strings.HasPrefix(out, "Morgan Sample is evaluator of north ") {
		t.Errorf("it says %q, %v", out, err)
	}
	if m, err := s.StaffByEmail(t.Context(), "morgan@example.org"); err != nil || m == nil || m.Name != "Morgan Sample" || !m.Roles.Has("north", access.Evaluator) {
		t.Errorf("added: %+v, %v", m, err)
	}
	f := newFolder(t, map[string]string{"edges.csv": "a,x,1"})
	ran(t, "", append(f.args(toSolve), "--objective", "fair\u00a0")...)
	row, root := handedOut(t)
	ran(t, "\ufeff"+row, "check-row", "-", "--root", root.String()+"\u200b ")
}

func TestSampleIsLoadedIntoTheEmulatorAlone(t *testing.T) {
	s := project(t)
	host := os.Getenv("FIRESTORE_EMULATOR_HOST")
	t.Setenv("FIRESTORE_EMULATOR_HOST", "")
	_, err := run(t, "", "sample", "load")
	refuses(t, "without an emulator", err, "for the emulator alone", "FIRESTORE_EMULATOR_HOST")
	t.Setenv("FIRESTORE_EMULATOR_HOST", host)
	t.Setenv("CASCADE_ANSWER_KEYS", "")
	_, err = run(t, "", "sample", "load")
	refuses(t, "without the key of answers", err, "CASCADE_ANSWER_KEYS")
	t.Setenv("CASCADE_ANSWER_KEYS", keys.New(time.Now()))
	if _, err := s.Programme(t.Context(), sample.Programme); !fault.Is(err, fault.NotFound) {
		t.Errorf("refused, and yet: %v", err)
	}
	if out := ran(t, "", "sample", "load"); !strings.Contains(out, "15 and 15 leaders") {
		t.Errorf("it says %q", out)
	}
	if all, err := s.Enrolments(t.Context(), sample.Programme); err != nil || len(all) != 29 {
		t.Errorf("%d enrolments, %v", len(all), err)
	}
	if out := ran(t, "", "sample", "load"); out != "" {
		t.Errorf("the second time it says %q", out)
	}
}

// Nothing is done to a project that nobody named.
func TestProjectIsNamed(t *testing.T) {
	project(t)
	text := ran(t, "", "programme", "settings", "pilot-2016")
	t.Setenv("GOOGLE_CLOUD_PROJECT", "")
	for _, args := range [][]string{
		{"programme", "create", "north", "--settings", "-"},
		{"staff", "add", "--programme", "north", "--name", "Morgan Sample", "--email", "morgan@example.org"},
		{"sample", "load"},
	} {
		_, err := run(t, text, args...)
		refuses(t, strings.Join(args, " "), err, "GOOGLE_CLOUD_PROJECT is not set")
	}
}

// everyCommand calls f with each command and the words that call it.
func everyCommand(c *cobra.Command, words []string, f func(*cobra.Command, []string)) {
	f(c, words)
	for _, below := range c.Commands() {
		everyCommand(below, append(slices.Clone(words), below.Name()), f)
	}
}

func TestHelpOfEachCommandShowsAnExample(t *testing.T) {
	t.Parallel()
	everyCommand(command(), nil, func(c *cobra.Command, words []string) {
		out := ran(t, "", append(words, "--help")...)
		_, examples, ok := strings.Cut(out, "Examples:\n")
		examples, _, _ = strings.Cut(examples, "\n\n")
		if !ok || strings.TrimSpace(examples) == "" || !strings.Contains(out, "Usage:\n  "+strings.Join(append([]string{"cascade"}, words...), " ")) {
			t.Errorf("%q: the help is %s", words, out)
		}
		// Each example is one that the program takes.
		for line := range strings.SplitSeq(examples, "\n") {
			calls := regexp.MustCompile(`cascade ((?:'[^']*'|[^|>'])*)`).FindAllStringSubmatch(strings.ReplaceAll(line, "demo-cascade", "demo"), -1)
			if len(calls) == 0 {
				t.Errorf("%q: the example %q does not run cascade", words, line)
			}
			for _, call := range calls {
				var args []string
				for _, word := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(call[1], -1) {
					args = append(args, strings.Trim(word, "'"))
				}
				found, rest, err := command().Find(args)
				if err != nil || !strings.HasPrefix(strings.Join(args, " "), strings.Join(words, " ")) && len(calls) == 1 {
					t.Errorf("%q: the example %q: %v", words, line, err)
				} else if err := found.ParseFlags(rest); err != nil {
					t.Errorf("%q: the example %q: %v", words, line, err)
				} else if err := found.ValidateArgs(found.Flags().Args()); err != nil || found.HasSubCommands() && found.Annotations[runs] == "" {
					t.Errorf("%q: the example %q: %v", words, line, err)
				} else if err := found.ValidateRequiredFlags(); err != nil {
					t.Errorf("%q: the example %q: %v", words, line, err)
				}
			}
		}
	})
	if out := ran(t, ""); !strings.Contains(out, "Usage:") || !strings.Contains(out, "GOOGLE_CLOUD_PROJECT") {
		t.Errorf("alone, it says %s", out)
	}
}

func TestUnknownCommandsAreErrors(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"nonsense"}, {"programme", "nonsense"}, {"staff", "nonsense"}, {"sample", "nonsense"}, {"sample", "load", "nonsense"}} {
		out, err := run(t, "", args...)
		if refuses(t, strings.Join(args, " "), err, `unknown command "nonsense"`); out != "" {
			t.Errorf("%q: it says %q", args, out)
		}
	}
	_, err := run(t, "", "programme", "create", "north", "--oops")
	refuses(t, "an unknown flag", err, "unknown flag: --oops")
}

// What is held about somebody is printed, taken along and deleted at a terminal, with a
// reason, which goes with the person.
func TestPersonIsShownTakenAlongAndErased(t *testing.T) {
	s := project(t)
	ran(t, ran(t, "", "programme", "settings", "pilot-2016"), "programme", "create", "north", "--settings", "-")
	p, err := s.Programme(t.Context(), "north")
	if err != nil {
		t.Fatal(err)
	}
	e := &enrolment.Enrolment{ID: "kim-seek", Role: programme.Client, State: enrolment.Ready, Person: enrolment.Person{Name: "Kim Quill", Email: "kim@example.org"}}
	c := s.Commit()
	c.CreateEnrolment(p.ID, e)
	if err := c.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	whose := []string{"--programme", "north", "--email", "Kim@example.org", "--reason", "They rang"}
	with := func(do string, more ...string) []string {
		return append(append([]string{"person", do}, whose...), more...)
	}
	if out := ran(t, "", with("show")...); !strings.Contains(out, "Your name: Kim Quill") || !strings.Contains(out, "kept until") {
		t.Errorf("shown: %s", out)
	}
	for _, name := range []string{"kim.json", "kim.html"} {
		file := filepath.Join(t.TempDir(), name)
		ran(t, "", with("export", "--out", file)...)
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), "kim@example.org") || strings.HasSuffix(name, "html") != strings.Contains(string(text), "<h1>") {
			t.Errorf("%s: %v: %s", name, err, text)
		}
	}
	_, err = run(t, "", "person", "show", "--programme", "north", "--email", "robin@example.org", "--reason", "They rang")
	refuses(t, "somebody unknown", err, "nobody takes part")
	_, err = run(t, "", with("erase", "--stop")...)
	refuses(t, "nothing to stop", err, "nothing is to be deleted")
	for range 2 { // typed twice
		ran(t, "", with("erase")...)
	}
	if got, err := s.Erasure(t.Context(), "north", "kim"); err != nil || got == nil || got.State != erasure.Confirmed || got.By != "cascade person" || got.Reason != "They rang" {
		t.Errorf("%+v, %v", got, err)
	}
	ran(t, "", with("erase", "--stop")...)
	if got, err := s.Erasure(t.Context(), "north", "kim"); err != nil || got != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// On request somebody's answers are corrected by the rules of the pages, and they leave as
// everybody does; why stands with them.
func TestPersonIsCorrectedAndLeaves(t *testing.T) {
	s := project(t)
	ran(t, ran(t, "", "programme", "settings", "pilot-2016"), "programme", "create", "north", "--settings", "-")
	p, err := s.Programme(t.Context(), "north")
	if err != nil {
		t.Fatal(err)
	}
	c := s.Commit()
	for _, role := range programme.Roles {
		e := &enrolment.Enrolment{ID: "kim-" + role.Side(), Role: role, State: enrolment.Ready, Capacity: 1, Skills: map[string]int{"coaching": 1, "board": 3}, Person: enrolment.Person{Name: "Kim Quill", Email: "kim@example.org", Phone: "020 7946 0000"}}
		c.CreateEnrolment(p.ID, e)
	}
	if err := c.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	with := func(do string, more ...string) []string {
		return append([]string{"person", do, "--programme", "north", "--email", "kim@example.org", "--reason", "They rang"}, more...)
	}
	for says, more := range map[string][]string{
		"--role":                     {"--answers", `{"phone": "020 7946 0123"}`},
		"it can be client":           {"--role", "boss", "--answers", `{"phone": "020 7946 0123"}`},
		"no JSON object":             {"--role", "client", "--answers", `phone`},
		"unknown field":              {"--role", "client", "--answers", `{"fone": "1"}`},
		"email cannot be corrected":  {"--role", "client", "--answers", `{"email": "other@example.org"}`},
		"phone: ":                    {"--role", "client", "--answers", `{"phone": "ring me"}`},
		"capacity cannot be correct": {"--role", "client", "--answers", `{"capacity": 3}`},
	} {
		_, err := run(t, "", with("correct", more...)...)
		refuses(t, says, err, says)
	}
	if out := ran(t, "", with("correct", "--role", "client", "--answers", `{"phone": "020 7946 0123", "skills": {"coaching": 3}}`)...); !strings.Contains(out, "phone: 020 7946 0123, before: 020 7946 0000") || !strings.Contains(out, "Coaching: Most important") {
		t.Errorf("said: %s", out)
	}
	if out := ran(t, "", with("correct", "--role", "client", "--answers", `{"phone": "020 7946 0123"}`)...); !strings.Contains(out, "already") {
		t.Errorf("said again: %s", out)
	}
	e, err := s.Enrolment(t.Context(), "north", "kim-seek")
	if err != nil || e.Person.Phone != "020 7946 0123" || len(e.Skills) != 1 || e.Skills["coaching"] != 3 {
		t.Errorf("%+v, %v", e, err)
	}
	if other, err := s.Enrolment(t.Context(), "north", "kim-offer"); err != nil || other.Person.Phone != "020 7946 0000" {
		t.Errorf("the other role: %+v, %v", other, err)
	}
	ran(t, "", with("leave", "--role", "consultant")...)
	for id, want := range map[string]enrolment.State{"kim-seek": enrolment.Ready, "kim-offer": enrolment.Withdrawn} {
		if e, err := s.Enrolment(t.Context(), "north", id); err != nil || e.State != want {
			t.Errorf("%s: %s, %v", id, e.State, err)
		}
	}
	ran(t, "", with("leave")...)
	if out := ran(t, "", with("leave")...); !strings.Contains(out, "left already") {
		t.Errorf("twice: %s", out)
	}
	kept := 0
	for _, id := range []string{"kim-seek", "kim-offer"} {
		all, err := s.RequestsOf(t.Context(), "north", id)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range all {
			if q.Note == "They rang" {
				kept++
			}
		}
	}
	if kept == 0 {
		t.Error("why is not kept")
	}
}
