package validate

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every name that the guides use in a command or of a setting is one that is deployed.
func TestNamesInTheGuidesAreDeployed(t *testing.T) {
	t.Parallel()
	all := strings.Join(rendered(t), "\n---\n")
	found := func(text, pattern string) (names []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			names = append(names, m[1])
		}
		return names
	}
	keys := found(all, `KeyRef:\s+key: ([a-z-]+)`)
	if len(keys) < 10 {
		t.Fatalf("the functions take only the keys %q", keys)
	}
	deployed := map[string][]string{
		`kubectl -n ([a-z-]+)`: found(all, `kind: Namespace\nmetadata:\n(?:  labels:\n(?:    .*\n)+)?  name: ([a-z-]+)`),
		`kubectl -n [a-z-]+ (?:create secret generic|patch secret) ([a-z-]+)`: found(all, `secretKeyRef:\n\s+key: [a-z-]+\n\s+name: ([a-z-]+)`),
		`serving\.knative\.dev/service=([a-z-]+)`:                             found(all, `serviceAccountName: ([a-z-]+)`),
		`--from-literal=([a-z-]+)=`:                                           keys,
		`stringData\\?":\{\\?"([a-z-]+)`:                                      keys,
		"`((?:mails-per|smtp-|sendgrid-|mail-provider|telemetry|link-key|[a-z]+-link-keys|staff-|sign-in-link|openid-)[a-z-]*)[=`]": keys,
		"`((?:CASCADE_MAIL|SENDGRID_|SMTP_)[A-Z_]*)[=`]":                               found(all, `name: ([A-Z_]+)`),
		`kubectl -n [a-z-]+ (?:get|describe|delete) ([a-z,]+)`:                         {"ksvc,pingsource,trigger", "ksvc", "pingsource", "events", "pods", "pod"},
		"`(outbox-[a-z]+|reminders-[a-z]+|questionnaires-[a-z]+|matching-[a-z]+)`[: ]": found(all, `kind: PingSource\nmetadata:\n(?:  labels:\n(?:    .*\n)+)?  name: ([a-z-]+)`),
	}
	for _, guide := range []string{"runbook.md", "deploy.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", guide))
		if err != nil {
			t.Fatal(err)
		}
		for pattern, names := range deployed {
			if len(names) == 0 {
				t.Errorf("nothing is deployed of %s", pattern)
			}
			for _, name := range found(string(text), pattern) {
				if !slices.Contains(names, name) {
					t.Errorf("docs/%s names %s, and deployed are %q", guide, name, names)
				}
			}
		}
	}
}
