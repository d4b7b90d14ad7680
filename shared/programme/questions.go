package programme

import (
	"fmt"
	"net/url"
	"slices"
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
		if q.Role == "" || q.Role == role {
			all = append(all, q)
		}
	}
	return all
}

// Rules are for whom the programme is, of those in a role.
func (p *Programme) Rules(role Role) (all []Rule) {
	for _, r := range p.Eligibility.Rules {
		if r.Role == "" || r.Role == role {
			all = append(all, r)
		}
	}
	return all
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
	if len(p.Questions) > MostQuestions || len(ids) > MostQuestions {
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
	if len(ids) > 0 && len(p.Eligibility.Elsewhere) == 0 {
		return fmt.Errorf("programme: eligibility.elsewhere is missing: say where those can go whom the programme does not fit")
	}
	return nil
}
