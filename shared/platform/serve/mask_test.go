package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// damages are what mail programs and hasty copies make of a link to a page of a purpose.
func damages(p purpose.Purpose, token string) map[string]string {
	at := string(p) + "/"
	encoded := ""
	for _, c := range []byte(token) {
		encoded += fmt.Sprintf("%%%02X", c)
	}
	return map[string]string{
		"whole":                  at + token,
		"a page below":           at + token + "/accept",
		"cut short":              at + token[:30],
		"cut to a third":         at + token[:14],
		"its beginning lost":     at + token[9:],
		"a full stop after it":   at + token + ".",
		"a bracket after it":     at + token + ")",
		"cut, with a full stop":  at + token[:40] + ".",
		"a sign of quoting":      at + token[:20] + "=3D" + token[20:],
		"split by a slash":       at + token[:20] + "/" + token[20:],
		"split by a space":       at + token[:20] + "%20" + token[20:],
		"split by a line's end":  at + token[:20] + "%0D%0A" + token[20:],
		"percent-encoded":        at + encoded,
		"encoded twice":          at + strings.ReplaceAll(encoded, "%", "%25"),
		"its slash encoded":      string(p) + "%2F" + token,
		"its slash twice":        string(p) + "%252F" + token[:30],
		"in capitals":            strings.ToUpper(at + token),
		"the token in capitals":  at + strings.ToUpper(token),
		"in small letters":       at + strings.ToLower(token),
		"doubled":                at + token + token,
		"twice":                  at + token + "/" + token[:30],
		"in the query":           string(p) + "?" + token,
		"in a query's value":     at + "?link=" + token[:30],
		"in a query beside it":   at + token + "?again=" + token[:30],
		"behind two slashes":     "/" + at + "/" + token[:30],
		"above":                  at + "../" + token[:30],
		"without its path":       "/" + token[:30],
		"under another path":     "/assets/" + token[:30],
		"under the path of none": "/nowhere/" + token[:30],
	}
}

// pieces are parts of a token that nobody writes by chance, in all spellings.
func pieces(token string) (all []string) {
	for i := 0; i+8 <= len(token); i += 2 {
		piece := token[i : i+8]
		all = append(all, piece, strings.ToUpper(piece), strings.ToLower(piece))
	}
	encoded := ""
	for _, c := range []byte(token) {
		encoded += fmt.Sprintf("%%%02X", c)
	}
	return append(all, encoded[:12], encoded[60:72])
}

// Whatever follows the path of a purpose, no log line, no span and no figure tells a part
// of a link's token, however it is damaged; nor where a page fails.
func TestTokensAreNeverTold(t *testing.T) {
	seen := testbed.Watch(t)
	reader, before := sdkmetric.NewManualReader(), otel.GetMeterProvider()
	otel.SetMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	t.Cleanup(func() { otel.SetMeterProvider(before) })
	b := testbed.New(t)
	fails := func(http.ResponseWriter, *http.Request) error { return errors.New("a failure of the page") }
	b.Serve("sample", func(_ context.Context, rt *serve.Runtime) (http.Handler, error) {
		pages, err := web.Parse()
		if err != nil {
			return nil, err
		}
		routes := serve.NewRoutes(rt, pages)
		added := map[purpose.Purpose]bool{"": true}
		for _, row := range access.Table() {
			if p := row.Purpose(); !added[p] && row.Action == access.See {
				added[p] = true
				routes.Page("GET "+string(p)+"/{link}", row.Action, row.Kind, fails)
				routes.Page("GET "+string(p)+"/{link}/{below}", row.Action, row.Kind, fails)
			}
		}
		return routes, nil
	})
	c := b.Store.Commit()
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: "alex", State: enrolment.Ready, Assistant: enrolment.Assistant{Email: "pat@example.org"}})
	b.Commit(c)
	var secret []string
	failed := 0
	for _, p := range purpose.All() {
		whose := store.Link{Programme: "pilot", Person: "alex"}
		if p == purpose.Complaint { // whose reader takes no part
			whose.Person, whose.Generation = complaint.Recipient, complaint.Answerer(b.Programme).Generation
		}
		path := b.Link(p, whose)
		token := path[strings.LastIndexByte(path, '/')+1:]
		secret = append(secret, pieces(token)...)
		for what, damaged := range damages(p, token) {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead} {
				got := b.Do(method, damaged, "", "")
				if got.StatusCode == http.StatusInternalServerError {
					failed++
				} else if what == "whole" && method == http.MethodGet {
					t.Errorf("%s: status %d", path, got.StatusCode)
				}
			}
		}
	}
	if failed < 2*len(purpose.All()) || strings.Count(seen.Logs(), `"request failed"`) != failed {
		t.Errorf("%d pages failed, and the log has %d lines of it", failed, strings.Count(seen.Logs(), `"request failed"`))
	}
	seen.Silent(secret...)
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	figures := fmt.Sprintf("%+v", all)
	if text, err := json.Marshal(all); err == nil {
		figures += string(text)
	}
	if !strings.Contains(figures, "/pairing/{link}") {
		t.Errorf("no figure is of a route: %.2000s", figures)
	}
	for _, piece := range secret {
		if strings.Contains(figures, piece) {
			t.Errorf("a figure tells %q", piece)
		}
	}
	names := map[string]bool{}
	for _, span := range seen.Spans() {
		names[span.Name] = true
	}
	for _, want := range []string{"sample GET /match/{link}", "sample GET /match/{link}/{below}", "sample GET /-"} {
		if !names[want] {
			t.Errorf("no span is called %q: %v", want, names)
		}
	}
}

// Neither way to serve has a log of its own that tells a path.
func TestServersTellNoPaths(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	path := b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "alex"})
	token := path[strings.LastIndexByte(path, '/')+1:]
	for name, target := range map[string]string{"a container": "", "the Functions Framework": "sample"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, "GOOGLE_CLOUD_PROJECT="+b.Project, "FUNCTION_TARGET="+target)
			p.ready(t)
			client := &http.Client{Timeout: 10 * time.Second}
			for what, damaged := range damages(purpose.Match, token) {
				u, err := url.Parse(p.url + damaged)
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				answer, err := client.Do(&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}})
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
			}
			for _, piece := range pieces(token) {
				if strings.Contains(p.log.String(), piece) {
					t.Errorf("the log tells %q: %s", piece, p.log)
				}
			}
		})
	}
}
