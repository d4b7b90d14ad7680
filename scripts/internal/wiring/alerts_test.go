package wiring_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
)

// alert is a rule of infra/alerts.yaml, in Prometheus's form.
type alert struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func alerts(t *testing.T) (all []alert) {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string  `yaml:"name"`
			Rules []alert `yaml:"rules"`
		} `yaml:"groups"`
	}
	text, err := os.ReadFile(filepath.Join(root, "infra", "alerts.yaml"))
	if err == nil {
		err = yaml.UnmarshalWithOptions(text, &file, yaml.Strict())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) == 0 {
		t.Fatal("there are no alerts")
	}
	return all
}

// figures are the names of all figures of the functions, as Prometheus has them.
func figures(t *testing.T) (all []string) {
	t.Helper()
	made := regexp.MustCompile(`telemetry\.(Counter|Gauge)\("([a-z.]+)"`)
	for _, folder := range []string{"functions", "shared"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range made.FindAllSubmatch(text, -1) {
				// Prometheus's names of what comes by OTLP: the unit, and _total of what only rises.
				suffix := map[string]string{"Counter": "_total", "Gauge": "_seconds"}[string(m[1])]
				all = append(all, strings.ReplaceAll(string(m[2]), ".", "_")+suffix)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestAlertsAreAboutFiguresThatThereAre(t *testing.T) {
	t.Parallel()
	all := figures(t)
	name := regexp.MustCompile(`cascade_[a-z_]+`)
	for _, a := range alerts(t) {
		used := name.FindAllString(a.Expr, -1)
		if len(used) == 0 {
			t.Errorf("%s is about no figure", a.Alert)
		}
		for _, n := range used {
			if !slices.Contains(all, n) {
				t.Errorf("%s asks for %s, which no function has: they have %v", a.Alert, n, all)
			}
		}
		if _, err := time.ParseDuration(a.For); a.For != "" && err != nil {
			t.Errorf("%s: %v", a.Alert, err)
		}
	}
}

// Whoever is called by an alert finds its section, and no section is about an alert
// that is gone. Each says what was seen when it was tried.
func TestEachAlertHasItsSectionInTheRunbook(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "runbook.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, under, ok := strings.Cut(string(text), "\n## Alerts\n")
	if !ok {
		t.Fatal("the runbook has no part Alerts")
	}
	under, _, _ = strings.Cut(under, "\n## ")
	sections := map[string]string{}
	for _, section := range strings.Split(under, "\n### ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		sections[title] = body
	}
	known := map[string]bool{}
	for _, a := range alerts(t) {
		known[a.Alert] = true
		if _, ok := sections[a.Alert]; !ok {
			t.Errorf("docs/runbook.md says nothing of %s", a.Alert)
		}
		if want := "/docs/runbook.md#" + strings.ToLower(a.Alert); !strings.HasSuffix(a.Annotations["runbook_url"], want) || a.Annotations["summary"] == "" {
			t.Errorf("%s does not lead to its section: %v", a.Alert, a.Annotations)
		}
		if s := a.Labels["severity"]; s != "page" && s != "ticket" {
			t.Errorf("%s has the severity %q", a.Alert, s)
		}
	}
	for title, body := range sections {
		if !known[title] {
			t.Errorf("docs/runbook.md has a section about %s, which is no alert", title)
		}
		for _, part := range []string{"**What it means.**", "**What people notice.**", "**Look at.**", "**Do.**", "**Over when.**", "*Tried:*"} {
			if !strings.Contains(body, part) {
				t.Errorf("docs/runbook.md: %s has no %s", title, part)
			}
		}
	}
}

// Each schedule has an alert of its own, which waits for two of its intervals, the
// longest that there are in a year, and not for much more.
func TestEachSchedulesSilenceIsAnAlert(t *testing.T) {
	t.Parallel()
	schedules, err := wiring.Schedules(root)
	if err != nil {
		t.Fatal(err)
	}
	bound := regexp.MustCompile(`\) > (\d+)\s`)
	for _, s := range schedules {
		i := slices.IndexFunc(alerts(t), func(a alert) bool { return a.Alert == "ScheduleSilent" && a.Labels["schedule"] == s.Name })
		if i < 0 {
			t.Errorf("no alert tells that %s is silent", s.Name)
			continue
		}
		a := alerts(t)[i]
		if n := strings.Count(a.Expr, `{schedule="`+s.Name+`"}`); n != 2 || strings.Count(strings.ReplaceAll(a.Expr, s.Name, "outbox-sweep"), `{schedule="outbox-sweep"}`) != strings.Count(a.Expr, "schedule=") {
			t.Errorf("%s is asked for as %s", s.Name, a.Expr)
		}
		m := bound.FindStringSubmatch(a.Expr)
		if m == nil {
			t.Errorf("%s has no bound: %s", s.Name, a.Expr)
			continue
		}
		seconds, _ := strconv.Atoi(m[1])
		longest := time.Duration(0)
		from := s.Next(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
		for at, n := from, 0; at.Before(from.AddDate(1, 0, 0)) && n < 40_000; at, n = s.Next(at), n+1 {
			longest = max(longest, s.Next(s.Next(at)).Sub(at))
		}
		if after := time.Duration(seconds)*time.Second - longest; after < 0 || after > 10*time.Minute {
			t.Errorf("%s is silent after %d seconds; its two longest intervals are %v", s.Name, seconds, longest)
		}
	}
}
