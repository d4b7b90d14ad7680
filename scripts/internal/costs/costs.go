// Package costs holds what each route and job may cost: documents read and written,
// round trips to Firestore and how many of them wait for one another, and bytes of page.
//
// The table stands in table.go, and its tests hold every route to it, at two sizes of a
// programme, so that growth is found when it is written: see CONTRIBUTING.md.
package costs

import (
	"fmt"
	"strings"
)

// Bound is how much something may cost.
type Bound struct {
	// Reads and Writes are documents, as Firestore bills them; Trips are round trips, and
	// Depth how many of these wait for one another.
	Reads, Writes, Trips, Depth float64
	// Received are bytes of Firestore's answers, and Page those of the page, before it is
	// compressed, or of the download.
	Received, Page float64
}

// Row is what one route or job may cost.
type Row struct {
	Function string
	// Route is a pattern as it is registered; or "schedule" or "trigger" with a name of
	// infra/.
	Route string
	// Fixed is whatever the programme's size; and Each comes to it for each person who is
	// enrolled, nothing where the cost is flat.
	Fixed, Each Bound
	// Mends is the issue that brings a route within its limit that is over it, see Limit;
	// "" for one that is not.
	Mends string
}

// Name is the function with the route.
func (r Row) Name() string { return r.Function + " " + r.Route }

// Job reports whether it is no route that people open, but one that a schedule or a
// document fires.
func (r Row) Job() bool {
	return strings.HasPrefix(r.Route, "schedule ") || strings.HasPrefix(r.Route, "trigger ")
}

// At is the bound in a programme of so many people.
func (r Row) At(people int) Bound {
	b := r.Fixed
	for to, each := range map[*float64]float64{&b.Reads: r.Each.Reads, &b.Writes: r.Each.Writes, &b.Trips: r.Each.Trips,
		&b.Depth: r.Each.Depth, &b.Received: r.Each.Received, &b.Page: r.Each.Page} {
		*to += each * float64(people)
	}
	return b
}

// shown is how many entries a page lists as it is measured, each of which may be read beside:
// sessions, with what was written of them. Of who leaves it is what ends with that: a match, or a
// pairing with its session, the other of the two, and the place with a supervisor. My programme lists
// a pairing, its session, the other and a questionnaire; and what was done in a pairing is made of
// its sessions, what each wrote and shared of them, its notebook and its ending. What is held about
// somebody is looked for in every type of document of the register: one that was left out would be
// held and not shown.
var shown = map[string]float64{
	"participant GET /pairing/{link}":        4,
	"participant GET /pairing/{link}/story":  8,
	"participant POST /match/{link}/leave":   3,
	"participant POST /pairing/{link}/leave": 4,

	"participant GET /mine/{link}":                 16,
	"participant GET /mine/{link}/download/{file}": 16,
	"participant GET /my/{link}":                   4,
	"participant POST /my/{link}/open/{what}/{id}": 1,
	"participant GET /my/{link}/pass-on":           3,
	"participant POST /my/{link}/pass-on":          3,
	"participant GET /my/{link}/chair/{when}":      10,
	"participant GET /my/{link}/hours":             10,
	"participant GET /my/{link}/hours/download":    10,
}

// more is what some that change something may cost beyond the limit, which the issue sets for pages:
// less would tell somebody of others, or be done before it is known who asks.
var more = map[string]Bound{
	// Who types an address must not learn by the work that it makes whether it takes part: in every
	// programme it is looked for by id, by address and among the forms, in both roles.
	"participant POST /emails/{$}": {Reads: 11},
	// The same in one programme; and nothing of an address that is typed is read before it is known
	// that its link is still somebody's who may ask.
	"participant POST /emails/{link}/address":       {Reads: 3, Depth: 1},
	"participant POST /my/{link}/new-leader/{side}": {Depth: 1},
	"participant POST /my/{link}/assistant":         {Depth: 1},
	// With whom a match is that ends, and who supervises them, is known once the match is read; and
	// who complained once the complaint is.
	"participant POST /choose/{link}/leave": {Depth: 2},
	"participant POST /complaint/{link}":    {Depth: 1},
}

// Limit is what a route should cost at most, whatever the programme's size: reads, beside one for
// each entry shown, and depth. Of jobs only that it does not grow with who is enrolled, but with what there is
// to do.
func (r Row) Limit() (reads, depth float64) {
	switch {
	case r.Job(), strings.Contains(r.Route, " /webhooks/"):
		return 200, 200
	case r.Function == "desk", r.Function == "evaluation":
		reads, depth = 40, 3
	default:
		reads, depth = 12+shown[r.Name()], 2
	}
	if strings.HasPrefix(r.Route, "POST ") || r.Route == "GET /desk/account/back" || r.Fixed.Writes > 0 { // where somebody comes back signed in, or a visit is kept
		depth++ // its commit
	}
	return reads + more[r.Name()].Reads, depth + more[r.Name()].Depth
}

// Over says what of a row is over its limit, "" for nothing.
func (r Row) Over() string {
	reads, depth := r.Limit()
	var all []string
	if r.Fixed.Reads > reads {
		all = append(all, fmt.Sprintf("%g reads", r.Fixed.Reads))
	}
	if r.Each.Reads > 0 {
		all = append(all, fmt.Sprintf("%g reads a person", r.Each.Reads))
	}
	if r.Fixed.Depth > depth {
		all = append(all, fmt.Sprintf("%g round trips deep", r.Fixed.Depth))
	}
	if r.Each.Received > 0 && r.Each.Reads == 0 {
		all = append(all, fmt.Sprintf("%g bytes read a person", r.Each.Received))
	}
	if r.Each.Page > 0 {
		all = append(all, fmt.Sprintf("%g bytes sent a person", r.Each.Page))
	}
	return strings.Join(all, ", ")
}
