package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
)

// Index is an index beyond those that Firestore makes by itself.
type Index struct {
	Collection string
	// Scope is COLLECTION or COLLECTION_GROUP.
	Scope string
	// Fields are names and orders, such as "dueAt ASCENDING".
	Fields []string
}

func (i Index) String() string {
	return fmt.Sprintf("%s %s (%s)", i.Scope, i.Collection, strings.Join(i.Fields, ", "))
}

// indexField is one field in the forms of the emulator and of the Firebase CLI.
type indexField struct {
	FieldPath   string `json:"fieldPath"`
	Order       string `json:"order"`
	ArrayConfig string `json:"arrayConfig"`
}

func index(collection, scope string, fields []indexField) Index {
	i := Index{Collection: collection, Scope: scope}
	for _, f := range fields {
		if f.FieldPath != "__name__" { // every index ends with it
			i.Fields = append(i.Fields, f.FieldPath+" "+f.Order+f.ArrayConfig)
		}
	}
	return i
}

// Needed lists the indexes that queries of the database needed since the emulator started. It
// enforces none, so that only this list tells which production has to have.
func (c Client) Needed(ctx context.Context) ([]Index, error) {
	text, err := c.do(ctx, http.MethodGet, "/emulator/v1/projects/"+c.Project+":indexUsage?database=projects/"+c.Project+"/databases/"+c.database(), nil)
	if err != nil {
		return nil, err
	}
	var usage struct {
		Reports []struct {
			Index struct {
				Name       string       `json:"name"`
				QueryScope string       `json:"queryScope"`
				Fields     []indexField `json:"fields"`
			} `json:"index"`
		} `json:"reports"`
	}
	if err := json.Unmarshal(text, &usage); err != nil {
		return nil, err
	}
	var all []Index
	for _, r := range usage.Reports {
		// …/collectionGroups/COLLECTION/indexes/_
		all = append(all, index(path.Base(path.Dir(path.Dir(r.Index.Name))), r.Index.QueryScope, r.Index.Fields))
	}
	return all, nil
}

// Declared lists the indexes in a firestore.indexes.json, in the Firebase CLI's form.
func Declared(file string) ([]Index, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var declared struct {
		Indexes []struct {
			CollectionGroup string       `json:"collectionGroup"`
			QueryScope      string       `json:"queryScope"`
			Fields          []indexField `json:"fields"`
		} `json:"indexes"`
		FieldOverrides []struct {
			CollectionGroup string `json:"collectionGroup"`
			FieldPath       string `json:"fieldPath"`
			Indexes         []struct {
				Order       string `json:"order"`
				ArrayConfig string `json:"arrayConfig"`
				QueryScope  string `json:"queryScope"`
			} `json:"indexes"`
		} `json:"fieldOverrides"`
	}
	if err := json.Unmarshal(text, &declared); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var all []Index
	for _, i := range declared.Indexes {
		all = append(all, index(i.CollectionGroup, i.QueryScope, i.Fields))
	}
	for _, o := range declared.FieldOverrides {
		for _, i := range o.Indexes {
			all = append(all, index(o.CollectionGroup, i.QueryScope, []indexField{{o.FieldPath, i.Order, i.ArrayConfig}}))
		}
	}
	return all, nil
}

// Missing are the indexes that are needed and not declared.
func Missing(needed, declared []Index) []Index {
	return slices.DeleteFunc(slices.Clone(needed), func(n Index) bool {
		return slices.ContainsFunc(declared, func(d Index) bool { return d.String() == n.String() })
	})
}
