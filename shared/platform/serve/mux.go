package serve

import "net/http"

// Mux is an http.ServeMux that tells its routes, so that tests find those that a table
// of theirs lacks.
type Mux struct {
	mux *http.ServeMux
	// answer answers requests: the mux, or what stands around it.
	answer http.Handler
	routes []string
}

// NewMux is a mux without a route.
func NewMux() *Mux {
	mux := http.NewServeMux()
	return &Mux{mux: mux, answer: mux}
}

// Handle adds a route by its pattern, such as "GET /enrol/{programme}".
func (m *Mux) Handle(pattern string, h http.Handler) {
	m.mux.Handle(pattern, h)
	m.routes = append(m.routes, pattern)
}

// Routes are the patterns in the order in which they were added.
func (m *Mux) Routes() []string { return m.routes }

// ServeHTTP answers a request by its route.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.answer.ServeHTTP(w, r) }
