package journey

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// span is what the test looks at of one.
type span struct {
	service, name, trace string
	attributes           map[string]string
}

// spans receives what the functions trace, by OTLP over HTTP.
type spans struct {
	url string
	mu  sync.Mutex
	all []span
}

func receiveSpans(t *testing.T) *spans {
	s := new(spans)
	server := httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *spans) take(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unpacked
	}
	text, err := io.ReadAll(body)
	var request collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(text, &request)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, resource := range request.ResourceSpans {
		service := ""
		for _, a := range resource.Resource.GetAttributes() {
			if a.Key == "service.name" {
				service = a.Value.GetStringValue()
			}
		}
		for _, scope := range resource.ScopeSpans {
			for _, from := range scope.Spans {
				to := span{service, from.Name, hex.EncodeToString(from.TraceId), map[string]string{}}
				for _, a := range from.Attributes {
					to.attributes[a.Key] = a.Value.GetStringValue()
				}
				s.all = append(s.all, to)
			}
		}
	}
}

// matching are the spans for which a condition holds.
func (s *spans) matching(holds func(span) bool) []span {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []span
	for _, one := range s.all {
		if holds(one) {
			found = append(found, one)
		}
	}
	return found
}
