package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// What cascade audit verify prints is the hours and the head, which it takes again; a
// finding is printed by entry and hour and ends with 1, and what cannot be checked with 2.
func TestAuditIsVerified(t *testing.T) {
	s := project(t)
	file := filepath.Join(t.TempDir(), "clock")
	t.Setenv("CASCADE_CLOCK_FILE", file)
	_, err := run(t, "", "audit", "verify")
	if refuses(t, "without a key", err, keys.SealsSetting); status(err) != 2 {
		t.Errorf("without a key it ends with %d", status(err))
	}
	secret := keys.New(time.Now())
	t.Setenv(keys.SealsSetting, secret)
	ring, err := keys.Parse(secret)
	if err != nil {
		t.Fatal(err)
	}
	if got := ran(t, "", "audit", "verify"); got != "No hour is sealed yet, and 0 entries wait.\n" {
		t.Errorf("of nothing it says %q", got)
	}
	c := s.Commit()
	c.Audit(store.AuditEntry{Programme: "north", By: "morgan", Did: "looked"})
	if err := c.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("2h15m"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SealAudit(t.Context(), ring, clock.Real().Add(2*time.Hour+15*time.Minute)); err != nil {
		t.Fatal(err)
	}
	said := ran(t, "", "audit", "verify")
	head := regexp.MustCompile(`head: (\S+)\n$`).FindStringSubmatch(said)
	if head == nil || !strings.HasPrefix(said, "1 entry in ") || !strings.HasSuffix(head[1][:14], ":") {
		t.Fatalf("it says %q", said)
	}
	ran(t, "", "audit", "verify", "--head", head[1])
	ran(t, "", "audit", "verify", "--head", head[1], "--restored", "2027-02-03T11:30:00Z")
	other := head[1][:14] + strings.Repeat("0", 64)
	out, err := run(t, "", "audit", "verify", "--head", other)
	if status(err) != 1 || !strings.Contains(out, "head was kept") {
		t.Errorf("another head: %q, %v", out, err)
	}
	for _, flag := range []string{"--head=x", "--restored=yesterday"} {
		if _, err := run(t, "", "audit", "verify", flag); status(err) != 2 {
			t.Errorf("%s: %v", flag, err)
		}
	}
	client, err := firestore.NewClient(t.Context(), os.Getenv("GOOGLE_CLOUD_PROJECT"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	all, err := client.Collection("auditEntries").Documents(t.Context()).GetAll()
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	for _, d := range all {
		id := d.Ref.ID
		if _, err := d.Ref.Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
		out, err = run(t, "", "audit", "verify")
		if status(err) != 1 || !strings.Contains(out, ": entry "+id+": removed\n") {
			t.Errorf("without %s: %q, %v", id, out, err)
		}
	}
	if got := ran(t, "", "audit", "verify", "--help"); !strings.Contains(got, "Exit status: 0") || !strings.Contains(got, "cascade audit verify --head") {
		t.Errorf("its help is %q", got)
	}
}
