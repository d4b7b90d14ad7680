package serve

import (
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

const legacy = "7f38205932975761ae4f34549890447f994cbd67ffa12cbe870e9ec7b7ac8a16"

// Each function has the keys of its own pages' links, the one that writes emails those of
// all, the ones that staff open those of sessions, and the one that forgets people its own;
// those that add to the audit trail have its key, and the one that seals it is none of them.
func TestEachFunctionHasItsKeysAlone(t *testing.T) {
	t.Parallel()
	all := KeyConfig{Enrolment: "a:" + legacy, Participant: "a:" + legacy, Questionnaires: "a:" + legacy, Desk: "a:" + legacy, Staff: "a:" + legacy, Report: "a:" + legacy, Erasure: "a:" + legacy, Answers: "a:" + legacy}
	for function, want := range map[string][]string{
		"enrolment": {"audit", "enrolment"}, "participant": {"audit", "participant"}, "questionnaires": {"answers", "audit", "questionnaires"}, "desk": {"audit", "desk", "report", "staff"}, "evaluation": {"report"},
		"outbox": {"desk", "enrolment", "participant", "questionnaires"}, "matching": {"seals"}, "reminders": {"audit", "erasure"},
	} {
		own, err := all.rings(function)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		links, devices := own.links, own.devices
		for owner := range links {
			got = append(got, owner)
		}
		if own.staff != nil {
			got = append(got, "staff")
		}
		if own.erasure != nil {
			got = append(got, "erasure")
		}
		if answers, err := all.answers(function); err != nil {
			t.Fatal(err)
		} else if answers != nil {
			got = append(got, "answers")
		}
		if own.report != nil {
			got = append(got, "report")
		}
		for _, s := range KeysOf(function) {
			switch s {
			case keys.AuditSetting:
				got = append(got, "audit")
			case keys.SealsSetting:
				got = append(got, "seals")
			}
		}
		if _, opens := (KeyConfig{}).links()[function]; opens != (devices != nil) {
			t.Errorf("%s has keys of devices: %v", function, devices != nil)
		}
		if letters := own.letters; (function == "participant") != (letters != nil) {
			t.Errorf("%s has keys of letters to oneself: %v", function, letters != nil)
		} else if letters != nil {
			hidden := letters.Encrypt("canary", "thing")
			for _, other := range []keys.Ring{devices, links[function], keyOf(t, all.Participant)} {
				if _, ok := other.Decrypt(hidden, "thing"); ok {
					t.Error("another use's key opens a letter")
				}
			}
		}
		if devices != nil && (devices.Hash("token") == links[function].Hash("token") || devices.Hash("token") == keyOf(t, all.Participant).Hash("token")) {
			t.Errorf("%s: a key of devices is a key of something else", function)
		}
		if slices.Sort(got); !slices.Equal(got, want) || len(KeysOf(function)) != len(want) {
			t.Errorf("%s has the keys of %q and needs %q, want %q", function, got, KeysOf(function), want)
		}
	}
	for _, p := range purpose.All() {
		if own, err := all.rings("outbox"); err != nil || own.links[p.Function()] == nil {
			t.Errorf("the outbox cannot make links to %s", p)
		}
	}
}

// The key of versions before knows the links that they sent as it stands, beside the new
// ones; alone it stands in for all, and no purpose knows what another made by it.
func TestKeyOfVersionsBefore(t *testing.T) {
	t.Parallel()
	before, err := keys.Single(legacy)
	if err != nil {
		t.Fatal(err)
	}
	sent := before.Hash("token")
	alone, err := KeyConfig{Link: legacy}.rings("desk")
	if err != nil || !slices.Equal(alone.links["desk"].Hashes("token"), []string{sent}) {
		t.Fatalf("alone it knows %+v, %v", alone, err)
	}
	seen := map[string]bool{sent: true}
	for _, ring := range []keys.Ring{alone.staff, alone.report, alone.devices} {
		if hash := ring.Hash("token"); seen[hash] {
			t.Error("a key is one of another use")
		} else {
			seen[hash] = true
		}
	}
	beside, err := KeyConfig{Link: legacy, Desk: "new:" + strings.Repeat("0123456789abcdef0f1e2d3c4b5a6978", 2), Staff: "new:" + legacy, Report: "new:" + legacy}.rings("desk")
	if err != nil {
		t.Fatal(err)
	}
	if got := beside.links["desk"].Hashes("token"); len(got) != 2 || got[1] != sent || got[0] == sent {
		t.Errorf("beside another it knows %q", got)
	}
	if slices.Contains(beside.staff.Hashes("token"), sent) {
		t.Error("the keys of staff know a link")
	}
}

func keyOf(t *testing.T, setting string) keys.Ring {
	t.Helper()
	ring, err := keys.Parse(setting)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// Nothing stands in for the keys of answers, which nobody else may have.
func TestKeysOfAnswersAreTheFunctionsOwn(t *testing.T) {
	t.Parallel()
	for setting, says := range map[string]string{"": "CASCADE_ANSWER_KEYS is missing", "nonsense": "CASCADE_ANSWER_KEYS: key 1"} {
		if _, err := (KeyConfig{Link: legacy, Answers: setting}).answers("questionnaires"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", setting, err)
		}
	}
	ring, err := KeyConfig{Answers: "b:" + legacy + ",a:" + "8d3c1f0a7e5b2c4d6f90a1b2c3d4e5f60718293a4b5c6d7e8f9012ab34cd56ef"}.answers("questionnaires")
	if err != nil || len(ring) != 2 {
		t.Fatal(err)
	}
	if one, ok := ring.Named("a"); !ok || len(one) != 1 || one.Hash("x") != ring.Hashes("x")[1] {
		t.Error("a key is not found by its id")
	}
	if _, ok := ring.Named("c"); ok {
		t.Error("a key is found that is not there")
	}
}

// What strangers cause is counted under one key by all functions that they can cause it in:
// each of these has the key of which that is made.
func TestBudgetsAreCountedUnderOneKey(t *testing.T) {
	t.Parallel()
	n := 0
	for _, function := range []string{"desk", "enrolment", "evaluation", "matching", "outbox", "participant", "questionnaires", "reminders"} {
		if !TakesForms(function) {
			continue
		}
		n++
		if !slices.Contains(KeysOf(function), keys.AuditSetting) {
			t.Errorf("%s has no key for its budgets", function)
		}
	}
	if n != 3 {
		t.Errorf("%d functions take forms of strangers", n)
	}
}
