// Package deskpath makes the addresses of the desk's pages, for Go and for templates
// (web.Page.Desk). Ids are escaped here and nowhere else.
package deskpath

import (
	"net/url"
	"strings"
)

// Home is where the desk opens.
const Home = "/desk/"

// Sessions is where a member of staff sees where they are signed in.
const Sessions = "/desk/sessions"

// Path is the address of a programme's desk, such as /desk/programmes/pilot. Its methods
// are the addresses of the pages below it.
type Path string

// Of is the desk of the programme with this id.
func Of(programme string) Path { return Path("/desk/programmes/" + url.PathEscape(programme)) }

// below is the address of something in a folder: each element is one segment of it.
func (p Path) below(elements ...string) string {
	var b strings.Builder
	b.WriteString(string(p))
	for _, e := range elements {
		b.WriteString("/" + url.PathEscape(e))
	}
	return b.String()
}

// asking is an address with a query, of names and values in turn. Empty values are left out.
func asking(path string, query ...string) string {
	var b strings.Builder
	b.WriteString(path)
	separator := "?"
	for i := 0; i < len(query); i += 2 {
		if query[i+1] != "" {
			b.WriteString(separator + query[i] + "=" + url.QueryEscape(query[i+1]))
			separator = "&"
		}
	}
	return b.String()
}

// String is the address.
func (p Path) String() string { return string(p) }

// Report leads on to the programme's report, with what lets in there.
func (p Path) Report() string { return p.below("report") }

// Waiting lists what waits for too long.
func (p Path) Waiting() string { return p.below("waiting") }

// People lists everybody who enrolled.
func (p Path) People() string { return p.below("people") }

// Person is the page of an enrolment, and where what makes them ready is saved.
func (p Path) Person(enrolment string) string { return p.below("people", enrolment) }

// Data is where it is asked why somebody looks at what is held about a person, and where they
// are forgotten. DataFile is what is held as a file, by the request that says why.
func (p Path) Data(enrolment string) string { return p.below("people", enrolment, "data") }
func (p Path) DataFile(enrolment, request, file string) string {
	return asking(p.below("people", enrolment, "data", file), "to", request)
}

// Correct is where a group of somebody's answers is corrected on their behalf.
func (p Path) Correct(enrolment, group string) string {
	return p.below("people", enrolment, "correct", group)
}

// Requests lists what people asked about their own data.
func (p Path) Requests() string { return p.below("requests") }

// Readdress is where a person's other address is sent.
func (p Path) Readdress(enrolment string) string { return p.below("people", enrolment, "address") }

// Lead is where it is sent that somebody else leads a person's organisation now.
func (p Path) Lead(enrolment string) string { return p.below("people", enrolment, "leader") }

// WriteAgain is where it is asked that a person is written to again.
func (p Path) WriteAgain(enrolment string) string { return p.below("people", enrolment, "emails") }

// Leave is where a person's leaving, or coming back, is sent.
func (p Path) Leave(enrolment string) string { return p.below("people", enrolment, "leave") }

// Join is where the other names of a person's organisation are saved.
func (p Path) Join(enrolment string) string { return p.below("people", enrolment, "organisation") }

// Unclear lists the organisations that people named of which it is not clear whom they mean.
func (p Path) Unclear() string { return p.below("organisations") }

// Emails lists the emails that did not go.
func (p Path) Emails() string { return p.below("emails") }

// Supervisors lists those who supervise.
func (p Path) Supervisors() string { return p.below("supervisors") }

// NewSupervisor is the form to add one.
func (p Path) NewSupervisor() string { return p.below("supervisors", "new") }

// Supervisor is the form to change one.
func (p Path) Supervisor(id string) string { return p.below("supervisors", id) }

// Matches shows the matches and the latest run.
func (p Path) Matches() string { return p.below("matches") }

// Match is the page of a match of a run.
func (p Path) Match(run, id string) string { return p.below("matches", "of", run, id) }

// Further lists the pairs who both ask for a further session, and is where they are answered.
func (p Path) Further() string { return p.below("further") }

// Withdraw lists the matches that can be taken back.
func (p Path) Withdraw() string { return p.below("matches", "withdraw") }

// Why says why two people are not matched: of nobody yet where the ids are "".
func (p Path) Why(client, consultant string) string {
	return asking(p.below("matches", "why"), "for", client, "with", consultant)
}

// Bottlenecks says what would match more people.
func (p Path) Bottlenecks() string { return p.below("matches", "bottlenecks") }

// Change is where a change by hand is sent.
func (p Path) Change() string { return p.below("matches", "change") }

// Pin shows what it costs to keep a pair.
func (p Path) Pin(client, consultant string) string {
	return asking(p.Change(), "kind", "pin", "for", client, "with", consultant)
}

// Forbid shows what it costs to rule a pair out.
func (p Path) Forbid(client, consultant string) string {
	return asking(p.Change(), "kind", "forbid", "for", client, "with", consultant)
}

// Decisions lists what was decided by hand.
func (p Path) Decisions() string { return p.below("matches", "decisions") }

// Certificate is the latest run's, to download.
func (p Path) Certificate() string { return p.below("matches", "certificate") }

// Audit is who did and saw what.
func (p Path) Audit() string { return p.below("audit") }

// AuditOf is what of it is about somebody, by a pseudonym of theirs, on a day such as
// 2027-01-31, after the page with a cursor; each may be "".
func (p Path) AuditOf(who, day, after string) string {
	return asking(p.Audit(), "who", who, "day", day, "after", after)
}

// Proof is all that somebody needs to check the latest run, to download.
func (p Path) Proof() string { return p.below("matches", "proof") }
