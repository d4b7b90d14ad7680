// Package gateway gives the local stack one address, with the paths that the
// ingress has in production.
package gateway

import (
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/purpose"
)

// Prefixes are the public path prefixes of each part: those that stand here, and where
// emailed links lead. Events and health are never routed.
var Prefixes = withLinks(map[string][]string{
	"enrolment":  {"/{$}", "/enrol/", "/privacy/", "/assets/"},
	"desk":       {"/desk/"},
	"evaluation": {"/report/"},
	"outbox":     {"/webhooks/"},
	"mailbox":    {"/mailbox/"},
	"scheduler":  {"/local/"},
})

// withLinks adds the path of each purpose of a link to those of the function whose page
// it is, unless one of them begins it.
func withLinks(prefixes map[string][]string) map[string][]string {
	for _, p := range purpose.All() {
		path, function := string(p)+"/", p.Function()
		if !slices.ContainsFunc(prefixes[function], func(prefix string) bool { return strings.HasPrefix(path, prefix) }) {
			prefixes[function] = append(prefixes[function], path)
		}
	}
	return prefixes
}

// New returns the gateway to the parts' addresses, by name.
func New(addresses map[string]*url.URL) http.Handler {
	mux := http.NewServeMux()
	for name, to := range addresses {
		for _, prefix := range Prefixes[name] {
			mux.Handle(prefix, proxy(name, to))
		}
	}
	// Anything else is a page that does not exist, which the first function says.
	if to, ok := addresses["enrolment"]; ok {
		first := proxy("enrolment", to)
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = "/enrol/-", ""
			first.ServeHTTP(w, r)
		})
	}
	return mux
}

// proxy hands requests to a part, and says which one where it does not answer.
func proxy(name string, to *url.URL) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.SetXForwarded()
			r.Out.Host = r.In.Host // as it is behind an ingress
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			slog.WarnContext(r.Context(), "a part does not answer", "part", name, "error", err)
			http.Error(w, "The part of the programme that serves this page ("+name+") does not answer. See its log lines where ./scripts/up runs.", http.StatusBadGateway)
		},
	}
}
