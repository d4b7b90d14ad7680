package cost

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
)

// Note is Start of a meter that keeps each call beside what it costs, so that a test can
// compare two requests.
func Note(ctx context.Context) (context.Context, *Meter) {
	m := &Meter{notes: true}
	return context.WithValue(ctx, contextKey{}, &branch{Meter: m}), m
}

// Calls are the calls that were made so far, in the order in which they began: what each of
// them does with documents of which collections, without their ids.
func (m *Meter) Calls() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// note keeps a call by its request, where calls are kept.
func (m *Meter) note(request any) {
	if m == nil || !m.notes {
		return
	}
	text := told(request)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, text)
}

// told says what a request does.
func told(request any) string {
	switch r := request.(type) {
	case *firestorepb.CommitRequest:
		var all []string
		for _, w := range r.Writes {
			if name := w.GetDelete(); name != "" {
				all = append(all, "delete "+collection(name))
				continue
			}
			all = append(all, "write "+collection(w.GetUpdate().GetName()))
		}
		return "commit: " + strings.Join(all, ", ")
	case *firestorepb.BatchGetDocumentsRequest:
		var all []string
		for _, name := range r.Documents {
			all = append(all, collection(name))
		}
		return "get: " + strings.Join(all, ", ")
	case *firestorepb.RunQueryRequest:
		q := r.GetStructuredQuery()
		return fmt.Sprintf("query: %s, %d at most", below(r.Parent, q), q.GetLimit().GetValue())
	case *firestorepb.RunAggregationQueryRequest:
		return "count: " + below(r.Parent, r.GetStructuredAggregationQuery().GetStructuredQuery())
	}
	return fmt.Sprintf("%T", request)
}

// below is the collection of a query.
func below(parent string, q *firestorepb.StructuredQuery) string {
	var all []string
	for _, from := range q.GetFrom() {
		all = append(all, collection(parent+"/"+from.CollectionId+"/"))
	}
	return strings.Join(all, ", ")
}

// collection is the path of a document's collection, with a star for each id in it. Of one that
// there is for each day, it is the name without the day.
func collection(name string) string {
	_, path, _ := strings.Cut(name, "/documents/")
	parts := strings.Split(path, "/")
	for i := 1; i < len(parts); i += 2 {
		parts[i] = "*"
	}
	return strings.TrimRight(strings.Join(parts[:len(parts)-1], "/"), "-0123456789")
}
