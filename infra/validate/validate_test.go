package validate

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yannh/kubeconform/pkg/resource"
	"github.com/yannh/kubeconform/pkg/validator"
	eventing "knative.dev/eventing/pkg/apis/eventing/v1"
	policies "knative.dev/eventing/pkg/apis/eventing/v1alpha1"
	"knative.dev/eventing/pkg/apis/feature"
	sources "knative.dev/eventing/pkg/apis/sources/v1"
	"knative.dev/pkg/apis"
	serving "knative.dev/serving/pkg/apis/serving/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

const overlay = "../knative/overlays/example"

// rendered is what `kubectl apply -k` would send, an object each.
func rendered(t *testing.T) []string { t.Helper(); return renderedFrom(t, overlay) }

// renderedFrom is what `kubectl apply -k` of a folder would send.
func renderedFrom(t *testing.T, folder string) []string {
	t.Helper()
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		t.Fatal(err)
	}
	text, err := objects.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n---\n")
}

// conformer is kubeconform with the schemas of Kubernetes, Knative and the Gateway API.
func conformer(t *testing.T) validator.Validator {
	t.Helper()
	dir := t.TempDir()
	core := filepath.Join("config", "core")
	err := writeCustom(dir,
		module(t, "knative.dev/serving", core, "300-resources", "service.yaml"),
		module(t, "knative.dev/eventing", core, "resources", "broker.yaml"),
		module(t, "knative.dev/eventing", core, "resources", "trigger.yaml"),
		module(t, "knative.dev/eventing", core, "resources", "pingsource.yaml"),
		module(t, "knative.dev/eventing", core, "resources", "eventpolicy.yaml"),
		module(t, "sigs.k8s.io/gateway-api", "config", "crd", "standard", "gateway.networking.k8s.io_httproutes.yaml"),
		module(t, "sigs.k8s.io/gateway-api", "config", "crd", "standard", "gateway.networking.k8s.io_referencegrants.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := writeCore(dir, "Namespace", "ServiceAccount", "ConfigMap", "networking/NetworkPolicy"); err != nil {
		t.Fatal(err)
	}
	v, err := validator.New([]string{filepath.Join(dir, schemaPath)}, validator.Opts{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// module is a file of a module that this one requires.
func module(t *testing.T, path string, file ...string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", path).Output()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return filepath.Join(append([]string{strings.TrimSpace(string(out))}, file...)...)
}

// knative is what Knative's webhook does with an object: decode every field,
// fill in defaults, validate. An object of another kind passes.
func knative(text string) error {
	var kind struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal([]byte(text), &kind); err != nil {
		return err
	}
	var object interface {
		apis.Defaultable
		apis.Validatable
	}
	switch kind.APIVersion + " " + kind.Kind {
	case "serving.knative.dev/v1 Service":
		object = &serving.Service{}
	case "sources.knative.dev/v1 PingSource":
		object = &sources.PingSource{}
	case "eventing.knative.dev/v1 Broker":
		object = &eventing.Broker{}
	case "eventing.knative.dev/v1 Trigger":
		object = &eventing.Trigger{}
	case "eventing.knative.dev/v1alpha1 EventPolicy":
		object = &policies.EventPolicy{}
	default:
		if strings.Contains(kind.APIVersion, "knative.dev/") {
			return fmt.Errorf("no validator for %s %s", kind.APIVersion, kind.Kind)
		}
		return nil
	}
	if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
		return err
	}
	ctx := feature.ToContext(apis.WithinCreate(context.Background()), feature.Flags{feature.OIDCAuthentication: feature.Enabled})
	object.SetDefaults(ctx)
	if err := object.Validate(ctx); err != nil { // warnings too
		return err
	}
	return nil
}

func conforms(v validator.Validator, text string) error {
	r := v.ValidateResource(resource.Resource{Bytes: []byte(text)})
	if r.Status != validator.Valid {
		return fmt.Errorf("status %d: %w", r.Status, r.Err)
	}
	return nil
}

func TestManifestsAreValid(t *testing.T) {
	t.Parallel()
	v := conformer(t)
	kinds := map[string]int{}
	for _, text := range rendered(t) {
		var object struct {
			Kind     string
			Metadata struct{ Name string }
		}
		if err := yaml.Unmarshal([]byte(text), &object); err != nil {
			t.Fatal(err)
		}
		kinds[object.Kind]++
		if err := conforms(v, text); err != nil {
			t.Errorf("%s %s, by its schema: %v", object.Kind, object.Metadata.Name, err)
		}
		if err := knative(text); err != nil {
			t.Errorf("%s %s, by Knative: %v", object.Kind, object.Metadata.Name, err)
		}
	}
	// As many as there are in what they are made from.
	listed := func(file string) int {
		text, err := os.ReadFile(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(text), "\n  - name: ")
	}
	for kind, n := range map[string]int{"Service": 8, "ServiceAccount": 8 + 1, "NetworkPolicy": 8 + 1, "PingSource": listed("schedules.yaml"), "Broker": 1, "EventPolicy": 1, "Trigger": listed("triggers.yaml"), "HTTPRoute": 1, "Namespace": 1, "ConfigMap": 1} {
		if kinds[kind] != n {
			t.Errorf("%d objects of kind %s, not %d", kinds[kind], kind, n)
		}
	}
}

// Each mistake, made in the real manifests, is found by the check named.
func TestMistakesAreFound(t *testing.T) {
	t.Parallel()
	v := conformer(t)
	all := rendered(t)
	for _, row := range []struct {
		in, old, new string
		schema       bool // else Knative's own validator
	}{
		{"kind: Service\n", "containerConcurrency:", "containerConcurency:", true},
		{"kind: Service\n", "timeoutSeconds: 60", "timeoutSeconds: soon", true},
		{"kind: Service\n", "timeoutSeconds: 60", "timeoutSeconds: 60000", false},
		{"kind: Service\n", `max-scale: "10"`, `max-scale: "many"`, false},
		{"kind: Service\n", "drop:", "add:", false},
		{"kind: Service\n", "memory: 256Mi", "memory: lots", false},
		{"kind: PingSource\n", "schedule: 0 6 * * 1-5", "schedule: 0 66 * * 1-5", false},
		{"kind: PingSource\n", "timezone: Europe/London", "timezone: Europe/Londinium", false},
		{"kind: PingSource\n", "sink:", "sinc:", true},
		{"kind: Trigger\n", "cesql: document LIKE", "cesql: document LIKES", false},
		{"kind: Trigger\n", "broker: cascade", "brocker: cascade", false},
		{"kind: Broker\n", "backoffDelay: PT1S", "backoffDelay: a while", false},
		{"kind: HTTPRoute\n", "type: PathPrefix", "type: Prefix", true},
		{"kind: NetworkPolicy\n", "podSelector:", "podsSelector:", true},
		{"kind: NetworkPolicy\n", "policyTypes:\n  - Ingress", "policyTypes: Ingress", true},
		{"kind: NetworkPolicy\n", "port: 8012", "prot: 8012", true},
		{"kind: EventPolicy\n", "- sub:", "- subject:", true},
		{"kind: EventPolicy\n", "kind: Broker", "knd: Broker", true},
		{"kind: EventPolicy\n", "- sub: system", "- sub: '*system", false},
		{"kind: PingSource\n", "audience:", "audiences:", true},
		{"kind: Trigger\n", "audience:", "audiences:", true},
		{"kind: ServiceAccount\n", "automountServiceAccountToken: false", "automountServiceAccountToken: no way", true},
	} {
		made := 0
		for _, text := range all {
			if !strings.Contains(text, row.in) || !strings.Contains(text, row.old) {
				continue
			}
			made++
			wrong := strings.Replace(text, row.old, row.new, 1)
			err := knative(wrong)
			if row.schema {
				err = conforms(v, wrong)
			}
			if err == nil {
				t.Errorf("%q in place of %q is not found", row.new, row.old)
			}
			break
		}
		if made == 0 {
			t.Errorf("no manifest with %q and %q", row.in, row.old)
		}
	}
}
