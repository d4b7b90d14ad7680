// Package validate checks the manifests of infra/knative: by kubeconform with the
// schemas that the real custom resource definitions hold, and by the validators
// that Knative's own webhooks run. It is a module of its own, because it needs
// far more than anything else here.
package validate

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/yaml"
)

// schemaPath is where kubeconform finds the schema of a kind in a folder.
const schemaPath = "{{.Group}}_{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"

// definition is what is read of a custom resource definition.
type definition struct {
	Kind string
	Spec struct {
		Group string
		Names struct{ Kind string }
		// Versions hold a schema each.
		Versions []struct {
			Name   string
			Schema struct{ OpenAPIV3Schema map[string]any }
		}
	}
}

// writeCustom writes the JSON schemas of the definitions in files into a folder.
func writeCustom(dir string, files ...string) error {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, document := range strings.Split(string(text), "\n---") {
			var d definition
			if err := yaml.Unmarshal([]byte(document), &d); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			if d.Kind != "CustomResourceDefinition" {
				continue
			}
			for _, v := range d.Spec.Versions {
				schema := v.Schema.OpenAPIV3Schema
				properties, ok := schema["properties"].(map[string]any)
				if !ok {
					return fmt.Errorf("%s: %s has no schema", file, d.Spec.Names.Kind)
				}
				// The API server knows these of every object.
				for name, kind := range map[string]string{"apiVersion": "string", "kind": "string", "metadata": "object"} {
					if _, ok := properties[name]; !ok {
						properties[name] = map[string]any{"type": kind}
					}
				}
				strict(schema)
				if err := write(dir, d.Spec.Group, d.Spec.Names.Kind, v.Name, schema); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// writeCore writes the JSON schemas of kinds of Kubernetes' own: of the group "v1", or, as
// networking/NetworkPolicy, of another.
func writeCore(dir string, kinds ...string) error {
	text, err := json.Marshal(openapi.Schema().Definitions)
	if err != nil {
		return err
	}
	var definitions map[string]any
	if err := json.Unmarshal(text, &definitions); err != nil {
		return err
	}
	for _, d := range definitions {
		strict(d)
	}
	for _, kind := range kinds {
		group, name := "v1", "io.k8s.api.core.v1."+kind
		if in, rest, ok := strings.Cut(kind, "/"); ok {
			group, kind, name = in+".k8s.io", rest, "io.k8s.api."+in+".v1."+rest
		}
		if _, ok := definitions[name]; !ok {
			return fmt.Errorf("no kind of Kubernetes: %s", name)
		}
		schema := map[string]any{"$ref": "#/definitions/" + name, "definitions": definitions}
		if err := write(dir, group, kind, "v1", schema); err != nil {
			return err
		}
	}
	return nil
}

func write(dir, group, kind, version string, schema any) error {
	text, err := json.Marshal(schema)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s_%s_%s.json", group, strings.ToLower(kind), version)), text, 0o600)
}

// strict makes a schema refuse the fields that it does not list, as the API server
// does, and turns what only Kubernetes writes in schemas into what JSON Schema has.
func strict(schema any) {
	switch s := schema.(type) {
	case []any:
		for _, each := range s {
			strict(each)
		}
	case map[string]any:
		if properties, ok := s["properties"].(map[string]any); ok {
			_, listed := s["additionalProperties"]
			if free, _ := s["x-kubernetes-preserve-unknown-fields"].(bool); !listed && !free {
				s["additionalProperties"] = false
			}
			for _, p := range properties { // named as they like: none is a keyword
				strict(p)
			}
		}
		if either, _ := s["x-kubernetes-int-or-string"].(bool); either || s["format"] == "int-or-string" {
			delete(s, "type")
		}
		// Patterns and formats are in other dialects; the validators see to them.
		delete(s, "format")
		for _, keyword := range []string{"items", "additionalProperties", "allOf", "anyOf", "oneOf"} {
			strict(s[keyword])
		}
	}
}
