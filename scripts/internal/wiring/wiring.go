// Package wiring reads what runs when: the schedules and document triggers of
// infra/, the only source for the local stack and for the manifests alike.
package wiring

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/robfig/cron/v3"
)

// Schedule fires a function at fixed times.
type Schedule struct {
	Name string `yaml:"name"`
	// Cron has five fields, as a Knative PingSource reads them.
	Cron     string `yaml:"cron"`
	Timezone string `yaml:"timezone"`
	Function string `yaml:"function"`
	Why      string `yaml:"why"`

	times cron.Schedule
}

// Next is when the schedule fires next after a time.
func (s Schedule) Next(after time.Time) time.Time { return s.times.Next(after) }

// Silent reports whether a schedule has been silent for two intervals at a time, whose
// work was last done at another: since then it came due twice.
func (s Schedule) Silent(last, now time.Time) bool { return !s.Next(s.Next(last)).After(now) }

// Trigger wakes a function when a document is written.
type Trigger struct {
	Name     string `yaml:"name"`
	Type     string `yaml:"type"`
	Document string `yaml:"document"`
	Function string `yaml:"function"`
}

// Schedules reads infra/schedules.yaml below the project's root. A time that
// cannot be read is an error that names the schedule.
func Schedules(root string) ([]Schedule, error) {
	var file struct {
		Schedules []Schedule `yaml:"schedules"`
	}
	if err := read(root, "schedules.yaml", &file); err != nil {
		return nil, err
	}
	for i, s := range file.Schedules {
		// The parser and the prefix are those of Knative's PingSource.
		times, err := cron.ParseStandard("CRON_TZ=" + s.Timezone + " " + s.Cron)
		if err != nil {
			return nil, fmt.Errorf("infra/schedules.yaml: %s: %w", s.Name, err)
		}
		file.Schedules[i].times = times
	}
	return file.Schedules, nil
}

// Triggers reads infra/triggers.yaml below the project's root.
func Triggers(root string) ([]Trigger, error) {
	var file struct {
		Triggers []Trigger `yaml:"triggers"`
	}
	err := read(root, "triggers.yaml", &file)
	return file.Triggers, err
}

func read(root, name string, into any) error {
	text, err := os.ReadFile(filepath.Join(root, "infra", name))
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions(text, into, yaml.Strict()); err != nil {
		return fmt.Errorf("infra/%s: %w", name, err)
	}
	return nil
}
