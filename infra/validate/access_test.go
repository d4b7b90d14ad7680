package validate

import (
	"encoding/json"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	eventing "knative.dev/eventing/pkg/apis/eventing/v1"
	policies "knative.dev/eventing/pkg/apis/eventing/v1alpha1"
	"knative.dev/eventing/pkg/apis/feature"
	sources "knative.dev/eventing/pkg/apis/sources/v1"
	"knative.dev/eventing/pkg/auth"
	serving "knative.dev/serving/pkg/apis/serving/v1"
	"sigs.k8s.io/yaml"
)

// all are the rendered objects of a kind, by name.
func all[T any](t *testing.T, kind string, nameOf func(*T) string) map[string]*T {
	t.Helper()
	found := map[string]*T{}
	for _, text := range rendered(t) {
		var object struct{ APIVersion, Kind string }
		if err := yaml.Unmarshal([]byte(text), &object); err != nil {
			t.Fatal(err)
		}
		if object.APIVersion+" "+object.Kind != kind {
			continue
		}
		x := new(T)
		if err := yaml.UnmarshalStrict([]byte(text), x); err != nil {
			t.Fatal(err)
		}
		found[nameOf(x)] = x
	}
	return found
}

func services(t *testing.T) map[string]*serving.Service {
	return all(t, "serving.knative.dev/v1 Service", func(s *serving.Service) string { return s.Name })
}

// Each function runs by an identity that is its alone, that Kubernetes' own API is not shown,
// and that is given databases by name.
func TestEachFunctionHasAnIdentityOfItsOwn(t *testing.T) {
	t.Parallel()
	accounts := all(t, "v1 ServiceAccount", func(a *corev1.ServiceAccount) string { return a.Name })
	text, err := os.ReadFile(filepath.Join("..", "identities.sh"))
	if err != nil {
		t.Fatal(err)
	}
	rights := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^may ([a-z]+) "\$([a-z]+)"$`).FindAllStringSubmatch(string(text), -1) {
		rights[m[1]] = append(rights[m[1]], m[2])
	}
	used := map[string]string{}
	for name, s := range services(t) {
		spec := s.Spec.Template.Spec
		if spec.ServiceAccountName != name || used[spec.ServiceAccountName] != "" || accounts[name] == nil {
			t.Errorf("%s runs by the account %q", name, spec.ServiceAccountName)
		}
		used[spec.ServiceAccountName] = name
		if spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken {
			t.Errorf("%s is given a token for Kubernetes' API", name)
		}
		var want []string
		for _, v := range spec.Containers[0].Env {
			switch v.Name {
			case "FIRESTORE_DATABASE":
				want = append(want, "people")
			case "FIRESTORE_ANSWERS_DATABASE":
				want = append(want, "answers")
			}
		}
		if !slices.Equal(rights[name], want) {
			t.Errorf("%s may work on %q, and its settings name %q", name, rights[name], want)
		}
		delete(rights, name)
	}
	if len(rights) > 0 {
		t.Errorf("who is no function has rights: %v", rights)
	}
	for name, a := range accounts {
		if a.AutomountServiceAccountToken == nil || *a.AutomountServiceAccountToken {
			t.Errorf("%s's token is given to pods", name)
		}
		if used[name] == "" && name != "document-events" {
			t.Errorf("nobody runs by %s", name)
		}
	}
}

// Nothing reaches a function, and it reaches nothing, but by a policy of its own: from Knative
// alone, and to the internet, its names, its credentials and the collector.
func TestEachFunctionHasAPolicyOfItsOwn(t *testing.T) {
	t.Parallel()
	policies := all(t, "networking.k8s.io/v1 NetworkPolicy", func(p *networking.NetworkPolicy) string { return p.Name })
	both := []networking.PolicyType{networking.PolicyTypeIngress, networking.PolicyTypeEgress}
	nothing := policies["nothing"]
	if nothing == nil || len(nothing.Spec.PodSelector.MatchLabels)+len(nothing.Spec.PodSelector.MatchExpressions) > 0 || !slices.Equal(nothing.Spec.PolicyTypes, both) ||
		len(nothing.Spec.Ingress)+len(nothing.Spec.Egress) > 0 {
		t.Fatalf("what no policy speaks of is not refused: %+v", nothing)
	}
	delete(policies, "nothing")
	where := func(p networking.NetworkPolicyPeer) string {
		if p.IPBlock != nil {
			return p.IPBlock.CIDR
		}
		if p.NamespaceSelector == nil {
			return "this namespace"
		}
		pod := ""
		if p.PodSelector != nil {
			pod = "/" + p.PodSelector.MatchLabels["app"] + p.PodSelector.MatchLabels["k8s-app"]
		}
		return p.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"] + pod
	}
	from := []string{"knative-serving/activator", "knative-serving/autoscaler", "kourier-system/3scale-kourier-gateway"}
	to := []string{"0.0.0.0/0", "169.254.169.252/32", "169.254.169.254/32", "169.254.20.10/32", "::/0", "kube-system/kube-dns", "observability"}
	for name, s := range services(t) {
		p := policies[name]
		if p == nil {
			t.Errorf("%s has no policy", name)
			continue
		}
		delete(policies, name)
		if want := map[string]string{"serving.knative.dev/service": s.Name}; !maps.Equal(p.Spec.PodSelector.MatchLabels, want) || !slices.Equal(p.Spec.PolicyTypes, both) {
			t.Errorf("the policy of %s is about %v", name, p.Spec.PodSelector)
		}
		peers := map[string]bool{}
		for _, r := range p.Spec.Ingress {
			if len(r.From) == 0 || len(r.Ports) == 0 {
				t.Errorf("%s takes from everybody, or at each port", name)
			}
			for _, peer := range r.From {
				peers[where(peer)] = true
			}
		}
		if got := slices.Sorted(maps.Keys(peers)); !slices.Equal(got, from) {
			t.Errorf("%s takes from %q", name, got)
		}
		peers = map[string]bool{}
		mail := false
		for _, r := range p.Spec.Egress {
			if len(r.To) == 0 || len(r.Ports) == 0 {
				t.Errorf("%s reaches everybody, or each port", name)
			}
			for _, port := range r.Ports {
				mail = mail || port.Port.IntValue() == 587
			}
			for _, peer := range r.To {
				peers[where(peer)] = true
				if b := peer.IPBlock; b != nil && strings.HasSuffix(b.CIDR, "/0") {
					inside := "10.1.2.3 172.20.0.1 192.168.1.1 169.254.169.254 100.64.0.1"
					if strings.Contains(b.CIDR, ":") {
						inside = "fd00::1 fe80::1"
					}
					for _, a := range strings.Fields(inside) {
						if !slices.ContainsFunc(b.Except, func(e string) bool { return netip.MustParsePrefix(e).Contains(netip.MustParseAddr(a)) }) {
							t.Errorf("%s reaches %s, as if it were the internet", name, a)
						}
					}
				}
			}
		}
		if got := slices.Sorted(maps.Keys(peers)); !slices.Equal(got, to) {
			t.Errorf("%s reaches %q", name, got)
		}
		if mail != (name == "outbox") {
			t.Errorf("%s reaches mail servers: %v", name, mail)
		}
	}
	if len(policies) > 0 {
		t.Errorf("policies of nobody: %v", slices.Collect(maps.Keys(policies)))
	}
}

// What a function is told of who delivers its events are the identities that Knative gives its
// sources and triggers, and their tokens are for it; no source or trigger is without.
func TestFunctionsTrustTheirOwnSourcesAndTriggers(t *testing.T) {
	t.Parallel()
	settings := map[string]string{}
	for _, m := range all(t, "v1 ConfigMap", func(m *corev1.ConfigMap) string { return m.Name }) {
		maps.Copy(settings, m.Data)
	}
	type who struct{ audience, subject string }
	want := map[string][]who{}
	deliver := func(function string, path, audience *string, kind schema.GroupVersionKind, of metav1.ObjectMeta) {
		if path == nil || *path != "/events" || audience == nil {
			t.Errorf("%s %s delivers to %v of %s for %v", kind.Kind, of.Name, path, function, audience)
			return
		}
		want[function] = append(want[function], who{*audience, "system:serviceaccount:" + of.Namespace + ":" + auth.GetOIDCServiceAccountNameForResource(kind, of)})
	}
	for _, s := range all(t, "sources.knative.dev/v1 PingSource", func(s *sources.PingSource) string { return s.Name }) {
		deliver(s.Spec.Sink.Ref.Name, new(s.Spec.Sink.URI.Path), s.Spec.Sink.Audience, sources.SchemeGroupVersion.WithKind("PingSource"), s.ObjectMeta)
	}
	for _, s := range all(t, "eventing.knative.dev/v1 Trigger", func(s *eventing.Trigger) string { return s.Name }) {
		deliver(s.Spec.Subscriber.Ref.Name, new(s.Spec.Subscriber.URI.Path), s.Spec.Subscriber.Audience, eventing.SchemeGroupVersion.WithKind("Trigger"), s.ObjectMeta)
	}
	for name, s := range services(t) {
		key := ""
		for _, v := range s.Spec.Template.Spec.Containers[0].Env {
			if v.Name == "CASCADE_EVENTS_FROM" {
				if v.ValueFrom.ConfigMapKeyRef.Optional != nil {
					t.Errorf("%s starts without knowing who may deliver its events", name)
				}
				key = v.ValueFrom.ConfigMapKeyRef.Key
			}
		}
		if (key != "") != (len(want[name]) > 0) {
			t.Errorf("%s is told who delivers its events: %q; those who do: %v", name, key, want[name])
			continue
		}
		if key == "" {
			continue
		}
		var trusted []struct {
			Issuer, Keys, Audience string
			Subjects               []string
		}
		if err := json.Unmarshal([]byte(settings[key]), &trusted); err != nil || len(trusted) != 1 {
			t.Errorf("%s: %q: %v", key, settings[key], err)
			continue
		}
		var got []who
		for _, s := range trusted[0].Subjects {
			got = append(got, who{trusted[0].Audience, s})
		}
		order := func(a, b who) int { return strings.Compare(a.subject, b.subject) }
		slices.SortFunc(got, order)
		slices.SortFunc(want[name], order)
		if !slices.Equal(got, want[name]) {
			t.Errorf("%s trusts %v, and its events are delivered by %v", name, got, want[name])
		}
	}
}

// A trigger hands on what the broker takes, so that this takes from one identity alone.
func TestTheBrokerTakesFromOneIdentity(t *testing.T) {
	t.Parallel()
	found := all(t, "eventing.knative.dev/v1alpha1 EventPolicy", func(p *policies.EventPolicy) string { return p.Name })
	p := found["document-events"]
	if len(found) != 1 || p == nil || len(p.Spec.To) != 1 || p.Spec.To[0].Ref.Kind != "Broker" || p.Spec.To[0].Ref.Name != "cascade" ||
		len(p.Spec.From) != 1 || p.Spec.From[0].Sub == nil || *p.Spec.From[0].Sub != "system:serviceaccount:"+p.Namespace+":document-events" || len(p.Spec.Filters) != 1 {
		t.Errorf("the broker takes from %+v", found)
	}
}

// What the cluster is told switches tokens on, in Knative's own reading.
func TestTheClusterShowsTokens(t *testing.T) {
	t.Parallel()
	v := conformer(t)
	objects := renderedFrom(t, filepath.Join("..", "knative", "cluster"))
	if len(objects) != 1 {
		t.Fatalf("%d objects", len(objects))
	}
	if err := conforms(v, objects[0]); err != nil {
		t.Error(err)
	}
	var features corev1.ConfigMap
	if err := yaml.UnmarshalStrict([]byte(objects[0]), &features); err != nil {
		t.Fatal(err)
	}
	flags, err := feature.NewFlagsConfigFromConfigMap(&features)
	if err != nil || !flags.IsOIDCAuthentication() || features.Name != feature.FlagsConfigName || features.Namespace != "knative-eventing" {
		t.Errorf("%+v, %v", features, err)
	}
}

// Events and health are nowhere in what is public, and no function has an address of its own
// outside of the cluster.
func TestEventsAreNotPublic(t *testing.T) {
	t.Parallel()
	for name, s := range services(t) {
		if s.Labels["networking.knative.dev/visibility"] != "cluster-local" {
			t.Errorf("%s has a public address of its own", name)
		}
	}
	for _, text := range rendered(t) {
		if strings.Contains(text, "\nkind: HTTPRoute\n") {
			for _, m := range regexp.MustCompile(`value: (\S+)`).FindAllStringSubmatch(text, -1) {
				if strings.HasPrefix("/events", m[1]) && m[1] != "/" || strings.HasPrefix(m[1], "/events") || strings.HasPrefix(m[1], "/health") {
					t.Errorf("%s is public", m[1])
				}
			}
			for _, woken := range []string{"matching", "reminders"} { // which have no page
				if strings.Contains(text, "hostname: "+woken+".") {
					t.Errorf("%s is reached from outside", woken)
				}
			}
			if !strings.Contains(text, "hostname: enrolment.") {
				t.Errorf("where requests go is not told: %s", text)
			}
			if !strings.Contains(text, "type: Exact\n        value: /\n") && !strings.Contains(text, "type: Exact\n            value: /\n") {
				t.Errorf("everything is public: %s", text)
			}
		}
	}
}
