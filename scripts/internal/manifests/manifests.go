// Package manifests writes the Kubernetes and Knative objects that follow from
// the list of functions and from infra's schedules and triggers, so that what is
// deployed cannot drift from what runs on one machine.
package manifests

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/go-json-experiment/json"

	"github.com/cascading-leadership/cascade/scripts/internal/gateway"
	"github.com/cascading-leadership/cascade/scripts/internal/stack"
	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

// Base is the folder of the generated objects, below the project's root, and
// Overlay the one to copy for a deployment of one's own.
const (
	Base    = "infra/knative/base"
	Overlay = "infra/knative/overlays/example"
)

// Identities is the script that gives each function what it works on.
const Identities = "infra/identities.sh"

// Namespace is where they are deployed.
const Namespace = "cascade"

//go:embed *.yaml *.env *.sh
var templates embed.FS

// Function is what a function's Service differs in from the others'.
type Function struct {
	Name string
	// Sends says that it talks to the email provider.
	Sends bool
	// Staff says that members of staff open its pages.
	Staff bool
	// SignsIn says that they sign in there.
	SignsIn bool
	// MaxScale bounds the instances, Concurrency the requests in one of them.
	MaxScale, Concurrency int
	// Memory is the limit in MiB.
	Memory int
	// Timeout is how many seconds a request may take.
	Timeout int
	// Public says that some of its paths are reached from outside.
	Public bool
	// Deliverers are the subjects of those who deliver its events.
	Deliverers []string
}

// Woken says that it takes events.
func (f Function) Woken() bool { return schedule.Wakes(f.Name) }

// Outside is what it reaches outside of the cluster.
func (f Function) Outside() string {
	all := []string{"Firestore"}
	if f.Sends {
		all = append(all, "the provider of emails")
	}
	if f.SignsIn {
		all = append(all, "the OpenID provider of staff")
	}
	if f.Woken() {
		all = append(all, "the issuer of events' tokens")
	}
	if n := len(all); n > 1 {
		return strings.Join(all[:n-1], ", ") + " and " + all[n-1]
	}
	return all[0]
}

// EventsFrom is the setting of who may deliver its events.
func (f Function) EventsFrom() (string, error) {
	text, err := json.Marshal([]bearer.Trusted{{Issuer: issuer, Keys: issuer + "/keys", Audience: audience(f.Name), Subjects: f.Deliverers}})
	if err != nil {
		return "", err
	}
	_, err = bearer.Parse(string(text))
	return string(text), err
}

// issuer stands for a cluster's.
const issuer = "https://issuer.example.org"

// audience is whom tokens are for that come with a function's events.
func audience(function string) string { return "cascade/" + function }

// subject is the identity that Knative gives a source or a trigger, see
// GetOIDCServiceAccountNameForResource of its package auth.
func subject(kind, name string) string {
	return "system:serviceaccount:" + Namespace + ":" + strings.ToLower(name+"-oidc-"+kind)
}

// Key is a secret key that a function needs.
type Key struct {
	Setting string // of its environment
	Name    string // in the secret
}

// Keys are those of its own purposes, and the one of versions before, which stands in for
// each of them.
func (f Function) Keys() (all []Key) {
	settings := serve.KeysOf(f.Name)
	if len(settings) > 0 && f.Name != serve.Sealer { // whose key nothing stands in for
		settings = append(settings, "CASCADE_LINK_KEY")
	}
	for _, s := range settings {
		all = append(all, Key{s, strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(s, "CASCADE_"), "_", "-"))})
	}
	return all
}

// OpensPeople says that it opens the database of people.
func (f Function) OpensPeople() bool { return serve.OpensPeople(f.Name) }

// OpensAnswers says that it opens the database of answers.
func (f Function) OpensAnswers() bool { return serve.OpensAnswers(f.Name) }

// TakesForms says that strangers send it forms.
func (f Function) TakesForms() bool { return serve.TakesForms(f.Name) }

// ShowsNotice says that it shows the privacy notice.
func (f Function) ShowsNotice() bool { return serve.ShowsNotice(f.Name) }

// Soft is how much of the memory, in MiB, Go uses before it collects as hard as it can.
func (f Function) Soft() int { return f.Memory * 4 / 5 }

// function is a function's Service: small, but for those that do long work.
func function(name string) Function {
	f := Function{Name: name, MaxScale: 10, Concurrency: 40, Memory: 256, Timeout: 60}
	switch name {
	case "matching": // one run at a time, with all who are ready in memory
		f.MaxScale, f.Concurrency, f.Memory, f.Timeout = 1, 4, 1024, 600
	case "outbox":
		f.Sends, f.MaxScale = true, 5
	case "desk":
		f.Staff, f.SignsIn = true, true
	}
	return f
}

// pattern is a trigger with its filter.
type pattern struct {
	wiring.Trigger
	// Like is the document as a pattern of CloudEvents SQL, and Deeper that of the
	// documents below it, since % stands for slashes too.
	Like, Deeper string
}

func filter(t wiring.Trigger) pattern {
	segments := strings.Split(t.Document, "/")
	for i := 1; i < len(segments); i += 2 {
		segments[i] = "%"
	}
	like := strings.Join(segments, "/")
	return pattern{t, like, like + "/%"}
}

// mostMatches is how many matches a rule of an HTTPRoute may have, by the Gateway API's schema.
const mostMatches = 8

// Generate returns the text of each generated file, by its path below the root.
func Generate(root string) (map[string]string, error) {
	schedules, err := wiring.Schedules(root)
	if err != nil {
		return nil, err
	}
	triggers, err := wiring.Triggers(root)
	if err != nil {
		return nil, err
	}
	data := struct {
		Functions []Function
		Schedules []wiring.Schedule
		Triggers  []pattern
		Prefixes  map[string][][]string
		EventPath string
		Namespace string
	}{Schedules: schedules, Prefixes: map[string][][]string{}, EventPath: cloudevent.Path, Namespace: Namespace}
	for _, name := range stack.Functions {
		f := function(name)
		f.Public = len(gateway.Prefixes[name]) > 0
		for _, s := range schedules {
			if s.Function == name {
				f.Deliverers = append(f.Deliverers, subject("sources.knative.dev-pingsource", s.Name))
			}
		}
		for _, t := range triggers {
			if t.Function == name {
				f.Deliverers = append(f.Deliverers, subject("eventing.knative.dev-trigger", t.Name))
			}
		}
		data.Functions = append(data.Functions, f)
		for some := range slices.Chunk(gateway.Prefixes[name], mostMatches) {
			var paths []string
			for _, prefix := range some {
				paths = append(paths, strings.TrimSuffix(prefix, "{$}"))
			}
			data.Prefixes[name] = append(data.Prefixes[name], paths)
		}
	}
	for _, t := range triggers {
		data.Triggers = append(data.Triggers, filter(t))
	}

	all, err := template.New("").Option("missingkey=error").Funcs(template.FuncMap{"audience": audience}).ParseFS(templates, "*")
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for file, from := range map[string]string{
		Base + "/functions.yaml": "functions.yaml", Base + "/schedules.yaml": "schedules.yaml", Base + "/triggers.yaml": "triggers.yaml",
		Base + "/network.yaml": "network.yaml", Overlay + "/events-from.env": "events-from.env", Identities: "identities.sh",
		Overlay + "/route.yaml": "route.yaml", Overlay + "/images/kustomization.yaml": "images.yaml",
	} {
		var text bytes.Buffer
		if err := all.ExecuteTemplate(&text, from, data); err != nil {
			return nil, fmt.Errorf("%s: %w", from, err)
		}
		files[file] = text.String()
	}
	return files, nil
}

// Write writes the generated files and reports which of them changed.
func Write(root string) (changed []string, err error) {
	files, err := Generate(root)
	if err != nil {
		return nil, err
	}
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if before, err := os.ReadFile(file); err == nil && string(before) == text {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return changed, err
		}
		mode := os.FileMode(0o644)
		if name == Identities {
			mode = 0o755
		}
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			return changed, err
		}
		changed = append(changed, name)
	}
	return changed, nil
}
