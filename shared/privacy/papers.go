package privacy

import (
	"fmt"
	"io"
	"strings"

	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

// Papers writes, as Markdown, what a host's organisation needs beside the notice: the record
// of processing, a draft of the impact assessment, who handles data for it and where, and
// what those who run the system can read.
func Papers(out io.Writer, p *programme.Programme, all []Stored, d Deployment) error {
	w := &paper{out: out}
	n := New(p, all, d)
	w.say("# Data protection papers of %s\n\n", p.Name)
	w.say("<!-- Printed by ./scripts/cascade privacy from the register of what is stored and from the settings. -->\n\n")
	w.say("The notice that people agree to: version %s, resting on %s. What follows comes from the same source. Whoever answers for data\n"+
		"protection in the host’s organisation has to read it, complete what is theirs to say, and sign it: no software can.\n", n.Version, n.Facts)
	w.record(p, all, d, n)
	w.processors(d)
	w.operators(all, d)
	w.assessment(n)
	return w.err
}

// paper is where papers are written, with the first error.
type paper struct {
	out io.Writer
	err error
}

func (w *paper) say(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format, args...)
	}
}

// cell is text that stands in a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "\n", " ").Replace(text)
}

// record is the record of processing activities (UK GDPR, article 30).
func (w *paper) record(p *programme.Programme, all []Stored, d Deployment, n *Notice) {
	w.say("\n## Record of processing activities\n\n")
	w.say("- Controller: %s; contact: %s, %s, %s\n", p.Host.Name, p.Host.Contact, p.Host.Email, p.Host.Phone)
	w.say("- Data protection officer, and representative: the host has to say\n")
	ends := "no day is set, so that nothing is deleted by the end of the programme"
	if n.Ends != "" {
		ends = n.Ends
	}
	w.say("- The programme ends on: %s\n", ends)
	w.say("- Safeguards: see *What those who run it can read*, and docs/security.md of the software\n\n")
	for _, purpose := range Purposes {
		w.say("### %s\n\n", purpose.Title)
		w.say("- Lawful basis: %s. %s\n", purpose.Basis, purpose.Why)
		if purpose.Basis == Consent {
			w.say("- It is asked by itself, never ticked beforehand, stored with version and date, and taken back on the page where it is given.\n")
		}
		var rows []string
		for _, s := range all {
			if s.For() != purpose.ID {
				continue
			}
			until := s.Kept.Until
			if open(p, s) {
				until += " (nothing deletes it as long as the programme has no last day)"
			} else {
				until += " (deleted by " + s.Kept.By + ")"
			}
			rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %s | %s |\n", s.Path, cell(s.Holds), cell(classes(s)), cell(recipients(s)), cell(until)))
		}
		if len(rows) > 0 {
			w.say("\n| documents | of whom and what | categories | shown to | kept until |\n|---|---|---|---|---|\n")
			for _, row := range rows {
				w.say("%s", row)
			}
		}
		w.say("\n")
	}
	w.say("Recipients outside of the host: %s.\n", names(d))
}

// classes are where what is personal in a document comes from.
func classes(s Stored) string {
	var all []string
	for _, c := range register.Classes {
		for _, r := range s.Rows {
			if r.Class == c && c != register.Technical {
				all = append(all, strings.TrimPrefix(string(c), "personal, "))
				break
			}
		}
	}
	return strings.Join(all, ", ")
}

// recipients are who is shown anything in a document.
func recipients(s Stored) string {
	var seen register.Roles
	for _, r := range s.Rows {
		if r.Class != register.Technical {
			seen |= r.Seen
		}
	}
	return seen.String()
}

func names(d Deployment) string {
	var all []string
	for _, p := range d.Processors() {
		all = append(all, p.Name)
	}
	return strings.Join(all, "; ")
}

func (w *paper) processors(d Deployment) {
	w.say("\n## Processors and transfers\n\nBy the settings of this deployment. With each the host needs a contract (article 28).\n\n")
	w.say("| who | does what | with what | where | what a transfer needs |\n|---|---|---|---|---|\n")
	for _, p := range d.Processors() {
		w.say("| %s | %s | %s | %s | %s |\n", cell(p.Name), cell(p.Does), cell(p.Gets), cell(p.Where), cell(orElse(p.Transfer, "none: it stays in the United Kingdom")))
	}
}

// operators is what those who run the system can read, whatever its pages show.
func (w *paper) operators(all []Stored, d Deployment) {
	w.say("\n## What those who run it can read\n\n")
	w.say("Who may administer the database reads every document as it is stored, at any time, without a trace in the software’s own audit: switch on\n" +
		"the platform’s audit of data access, and give that right to as few as can be. By type of document, of people:\n\n")
	w.say("| documents | what can be read |\n|---|---|\n")
	for _, s := range all {
		if !s.Personal() {
			continue
		}
		var given []string
		for _, c := range []register.Class{register.Given, register.Noted, register.Others, register.Recorded, register.Pseudonymous} {
			var fields []string
			for _, r := range s.Rows {
				if r.Class == c {
					fields = append(fields, r.Names()...)
				}
			}
			if len(fields) > 0 {
				given = append(given, strings.TrimPrefix(string(c), "personal, ")+": "+strings.Join(fields, ", "))
			}
		}
		path := s.Path
		if s.Apart {
			path += " (database of answers)"
		}
		w.say("| `%s` | %s |\n", path, cell(strings.Join(given, "; ")))
	}
	w.say("\nThey cannot read from it: what a link, a code, a device or a session is opened with, of each of which only a hash is stored. Whoever can read\n" +
		"the secret with the keys can make links, and so act as anybody: that is another right, and belongs to others where it can.\n" +
		"Logs, traces and figures hold ids and states, and no names, addresses or words.\n")
	for _, p := range d.Processors() {
		w.say("- %s: its own staff may come upon %s.\n", p.Name, p.Gets)
	}
}

// risk is one that people run, with what is done about it.
type risk struct{ what, done string }

// risks are those that the software knows of.
var risks = []risk{
	{"What somebody wrote in private is read by their match, the host or the funder", "Each reads their own alone; the register says for each field who is shown it, and tests hold that no page shows more."},
	{"A competitor learns whom an organisation wants to avoid", "It is for matching and coordinators; reasons and proofs that others see do not tell it."},
	{"Answers about a host or a match come back to who gave them", "They are kept apart, under an id that a name does not lead to; what is published stands for ten people at least."},
	{"A link in an email falls into other hands", "It opens one thing, ends, and can be closed; what is private asks for a code on another device."},
	{"Somebody enrols with another’s address", "An unconfirmed email carries nothing of what was typed; whoever owns the address decides."},
	{"A leader feels that they have to take part, since a funder asked", "The funder learns of totals alone, and leaving takes one page and no reason."},
	{"A provider of emails keeps or shows what passes through it", "It gets what an email needs and a random id; tracking is switched off in every email."},
	{"A backup brings back what was erased", "A restored database is not served before erasures were done again in it."},
	{"Matching judges people by a machine", "A coordinator looks at every match before it goes out; its reasons are shown, and either side can decline."},
}

// assessment is a draft of the data protection impact assessment (article 35).
func (w *paper) assessment(n *Notice) {
	w.say("\n## Impact assessment (draft)\n\n### What is done\n\n")
	for _, p := range n.Purposes {
		w.say("- %s (%s)\n", p.Title, p.Basis)
	}
	w.say("\nPeople: leaders of organisations who enrol themselves, in the hundreds at most in one programme; supervisors; staff. No special categories are\n" +
		"asked for; free text may hold some. Matching is computed, and decided by a person.\n\n")
	w.say("### Necessity and proportion\n\n")
	for _, p := range n.Purposes {
		w.say("- %s: %s\n", p.Title, p.Why)
	}
	w.say("\n### Risks, and what is done about them\n\n| risk | what the software does | likely, and how bad, after that |\n|---|---|---|\n")
	for _, r := range risks {
		w.say("| %s | %s | the host judges |\n", cell(r.what), cell(r.done))
	}
	w.say("\n### What the host has to add\n\n- Whom it consulted, among those who take part\n- Its judgement of each risk above, and what it does beside the software\n- Who approved it, when, and when it is looked at again\n")
	var open []string
	for _, h := range n.Kept {
		if h.Open {
			open = append(open, h.What)
		}
	}
	if len(open) > 0 {
		w.say("- How it sees to the end of what nothing deletes by itself: %s\n", strings.Join(open, "; "))
	}
}
