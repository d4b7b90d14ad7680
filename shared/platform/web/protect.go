package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// Webhooks is where other services post what they have to tell, many things at
// once: MaxBatch bytes at most.
const (
	Webhooks = "/webhooks/"
	MaxBatch = 2 << 20
)

// policy lets a page load what this host serves and nothing else; it runs no
// inline script.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'none'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Connect lets the script of the page that is answered ask this host for more.
func Connect(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", strings.Replace(policy, "connect-src 'none'", "connect-src 'self'", 1))
}

// Loopback reports whether a host, without its port, is this machine by itself.
func Loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Protect adds what every answer needs: headers that forbid framing, sniffing,
// caching of personal pages and leaking addresses; a bound on the body; and the
// refusal of changes that another site's page asks for. ours is the origin of the
// pages, such as https://cascade.example.org: behind an ingress a request names
// another host, and browsers that do not say "same-origin" name their page's.
// "" is the host that a request names. A mail program's one-click unsubscribing comes from
// wherever it comes, and so does an enrolment that is sent at once, whose handler asks for its
// origin, see Elsewhere.
func Protect(ours string, next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if ours != "" {
		if err := protection.AddTrustedOrigin(ours); err != nil {
			panic(err) // it was checked at the start
		}
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if enrols(r) {
			next.ServeHTTP(w, fromElsewhere(r))
			return
		}
		if !unsubscribes(r) {
			http.Error(w, "cross-origin request denied", http.StatusForbidden)
			return
		}
		r.Header.Del("Cookie") // the link in the address is all that counts
		next.ServeHTTP(w, r)
	}))
	checked := protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		most := int64(MaxBody)
		if strings.HasPrefix(r.URL.Path, Webhooks) {
			most = MaxBatch
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		checked.ServeHTTP(w, r)
	})
}
