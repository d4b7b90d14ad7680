package programme

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Question is one of a programme's own, asked beside what every programme asks.
type Question struct {
	ID    string `firestore:"id" yaml:"id"`
	Label string `firestore:"label" yaml:"label"`
	Hint  string `firestore:"hint,omitempty" yaml:"hint,omitempty"`
	// For is what the answer is used for, which stands beside it.
	For string `firestore:"for" yaml:"for"`
	// Role is who is asked; "" is both.
	Role Role `firestore:"role,omitempty" yaml:"role,omitempty"`
	// Options are the answers of which one is chosen; without any it is answered in words.
	Options []string `firestore:"options,omitempty" yaml:"options,omitempty"`
	// Required: nobody has a place without an answer. All else can follow later.
	Required bool `firestore:"required,omitempty" yaml:"required,omitempty"`
	// Retired: it is not asked any more, and stays for what was answered to it, see Reask.
	Retired bool `firestore:"retired,omitempty" yaml:"-"`
}

// Eligibility is for whom a programme is, and where others can go.
type Eligibility struct {
	Rules []Rule `firestore:"rules,omitempty" yaml:"rules,omitempty"`
	// Elsewhere is what those read whom it does not fit.
	Elsewhere []Elsewhere `firestore:"elsewhere,omitempty" yaml:"elsewhere,omitempty"`
}

// Rule is asked with yes and no; who says no does not fit.
type Rule struct {
	ID  string `firestore:"id" yaml:"id"`
	Ask string `firestore:"ask" yaml:"ask"`
	// Why is what somebody reads who says no.
	Why string `firestore:"why" yaml:"why"`
	// Role is of whom it is asked; "" is both.
	Role Role `firestore:"role,omitempty" yaml:"role,omitempty"`
	// Retired: it is not asked any more, and stays for what was said to it, see Refit.
	Retired bool `firestore:"retired,omitempty" yaml:"-"`
}

// Elsewhere is another place to go.
type Elsewhere struct {
	Text string `firestore:"text" yaml:"text"`
	// Link is an address on the web, or "".
	Link string `firestore:"link,omitempty" yaml:"link,omitempty"`
}

// MostQuestions is how many questions of its own, and how many rules, a programme has at most:
// a place takes five minutes.
const MostQuestions = 20

// Asks are the programme's own questions to somebody in a role.
func (p *Programme) Asks(role Role) (all []Question) {
	for _, q := range p.Questions {
		if !q.Retired && (q.Role == "" || q.Role == role) {
			all = append(all, q)
		}
	}
	return all
}

// Rules are for whom the programme is, of those in a role.
func (p *Programme) Rules(role Role) (all []Rule) {
	for _, r := range p.Eligibility.Rules {
		if !r.Retired && (r.Role == "" || r.Role == role) {
			all = append(all, r)
		}
	}
	return all
}

// Asked are the questions of its own that the programme asks somebody in a role, and those that
// it asked before.
func (p *Programme) Asked(role Role) (all []Question) {
	for _, q := range p.Questions {
		if q.Role == "" || q.Role == role {
			all = append(all, q)
		}
	}
	return all
}

// Ruled reports whether the programme has a rule of eligibility for those in a role, or had.
func (p *Programme) Ruled(role Role, id string) bool {
	return slices.ContainsFunc(p.Eligibility.Rules, func(r Rule) bool { return r.ID == id && (r.Role == "" || r.Role == role) })
}

// Reask has a programme that runs ask other questions. What was answered stays an answer to what
// was asked: under an id that is there the words, what the answer is for and the options stay,
// to which others can be added. What is left out is retired. The error says what cannot be, and
// nothing has changed then.
func (p *Programme) Reask(to []Question) error {
	before := p.Questions
	all := slices.Clone(to)
	for _, was := range before {
		i := slices.IndexFunc(to, func(q Question) bool { return q.ID == was.ID })
		if i < 0 {
			was.Retired = true
			all = append(all, was)
			continue
		}
		is := to[i]
		switch kept := func(o string) bool { return slices.Contains(is.Options, o) }; {
		case is.Label != was.Label || is.For != was.For:
			return fmt.Errorf("programme: questions: %q was asked as %q, for: %s; ask something else under another id, so that no answer is read as one to other words", was.ID, was.Label, was.For)
		case (len(is.Options) == 0) != (len(was.Options) == 0) || slices.ContainsFunc(was.Options, func(o string) bool { return !kept(o) }):
			return fmt.Errorf("programme: questions: %q keeps its options, to which others can be added: %s", was.ID, strings.Join(was.Options, ", "))
		}
	}
	p.Questions = all
	if err := p.checkQuestions(); err != nil {
		p.Questions = before
		return err
	}
	return nil
}

// Refit has a programme that runs be for others from now on: like Reask, of its rules.
func (p *Programme) Refit(to Eligibility) error {
	before := p.Eligibility
	all := slices.Clone(to.Rules)
	for _, was := range before.Rules {
		i := slices.IndexFunc(to.Rules, func(r Rule) bool { return r.ID == was.ID })
		if i < 0 {
			was.Retired = true
			all = append(all, was)
		} else if to.Rules[i].Ask != was.Ask {
			return fmt.Errorf("programme: eligibility.rules: %q was asked as %q; ask something else under another id, so that nobody has said yes to other words", was.ID, was.Ask)
		}
	}
	p.Eligibility = Eligibility{Rules: all, Elsewhere: to.Elsewhere}
	if err := p.checkQuestions(); err != nil {
		p.Eligibility = before
		return err
	}
	return nil
}

// checkQuestions finds what would surprise someone later in the programme's own questions and
// rules.
func (p *Programme) checkQuestions() error {
	ids := make([]string, len(p.Questions))
	for i, q := range p.Questions {
		ids[i] = q.ID
		switch {
		case q.Label == "" || q.For == "":
			return fmt.Errorf("programme: questions: %q needs a label, and what it is for", q.ID)
		case q.Role != "" && !slices.Contains(Roles, q.Role):
			return fmt.Errorf("programme: questions: the role of %q is not one of %q", q.ID, Roles)
		case len(q.Options) == 1 || len(q.Options) > MostQuestions:
			return fmt.Errorf("programme: questions: %q needs 2 to %d options, or none to be answered in words", q.ID, MostQuestions)
		}
		for k, o := range q.Options {
			if o == "" || slices.Contains(q.Options[:k], o) {
				return fmt.Errorf("programme: questions: an option of %q is empty or given twice: %q", q.ID, o)
			}
		}
		for _, text := range append([]string{q.Label, q.Hint, q.For}, q.Options...) {
			if !Plain(text) {
				return fmt.Errorf("programme: questions: %q holds control characters", q.ID)
			}
		}
	}
	if err := distinct("questions", ids); len(ids) > 0 && err != nil {
		return err
	}
	ids = make([]string, len(p.Eligibility.Rules))
	for i, r := range p.Eligibility.Rules {
		ids[i] = r.ID
		switch {
		case r.Ask == "" || r.Why == "" || !Plain(r.Ask+r.Why):
			return fmt.Errorf("programme: eligibility.rules: %q needs what is asked, and why who says no does not fit, in plain words", r.ID)
		case r.Role != "" && !slices.Contains(Roles, r.Role):
			return fmt.Errorf("programme: eligibility.rules: the role of %q is not one of %q", r.ID, Roles)
		}
	}
	if err := distinct("eligibility.rules", ids); len(ids) > 0 && err != nil {
		return err
	}
	asked := slices.DeleteFunc(slices.Clone(p.Questions), func(q Question) bool { return q.Retired })
	rules := slices.DeleteFunc(slices.Clone(p.Eligibility.Rules), func(r Rule) bool { return r.Retired })
	if len(asked) > MostQuestions || len(rules) > MostQuestions {
		return fmt.Errorf("programme: questions and eligibility.rules are at most %d each", MostQuestions)
	}
	for _, e := range p.Eligibility.Elsewhere {
		if e.Text == "" || !Plain(e.Text+e.Link) {
			return fmt.Errorf("programme: eligibility.elsewhere: an entry has no text")
		}
		if at, err := url.Parse(e.Link); e.Link != "" && (err != nil || at.Scheme != "https" || at.Host == "") {
			return fmt.Errorf("programme: eligibility.elsewhere: %q is no address that begins with https://", e.Link)
		}
	}
	if len(rules) > 0 && len(p.Eligibility.Elsewhere) == 0 {
		return fmt.Errorf("programme: eligibility.elsewhere is missing: say where those can go whom the programme does not fit")
	}
	return nil
}
