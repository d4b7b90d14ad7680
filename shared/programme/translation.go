package programme

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/language"
)

// Translation is what a programme says of itself in another language, and that somebody has
// reviewed that language: its own words, and those of the pages and letters.
type Translation struct {
	Language language.Language `firestore:"language" yaml:"language"`
	// Reviewer is who has reviewed it, and Reviewed the day, such as 2027-03-28.
	Reviewer string `firestore:"reviewer" yaml:"reviewer"`
	Reviewed string `firestore:"reviewed" yaml:"reviewed"`
	// Of tells what was reviewed from what is said now: while they differ nobody is offered the
	// language.
	Of string `firestore:"of" yaml:"-"`
	// The rest stands for what the programme says under the same names. Points are those of
	// its expectations.
	Name   string   `firestore:"name" yaml:"name"`
	About  string   `firestore:"about" yaml:"about"`
	Terms  Terms    `firestore:"terms" yaml:"terms"`
	Home   Home     `firestore:"home,omitempty" yaml:"home,omitempty"`
	Points []string `firestore:"points" yaml:"points"`
}

// In is the programme as it says itself in a language, and whether somebody has reviewed
// that. Where nobody has, it is as it is, in English.
func (p *Programme) In(l language.Language) (*Programme, bool) {
	for _, t := range p.Translations {
		if t.Language == l && t.Of == p.said(&t) {
			in := *p
			in.Name, in.About, in.Terms, in.Home, in.Expectations.Points = t.Name, t.About, t.Terms, t.Home, t.Points
			return &in, true
		}
	}
	return p, l == language.English
}

// Reads are the languages that somebody has reviewed, beside English.
func (p *Programme) Reads() (all []language.Language) {
	for _, t := range p.Translations {
		if _, reviewed := p.In(t.Language); reviewed {
			all = append(all, t.Language)
		}
	}
	return all
}

// Translate gives a programme translations that were reviewed as they and the programme are now.
func (p *Programme) Translate(all []Translation) error {
	before := p.Translations
	p.Translations = slices.Clone(all)
	for i := range p.Translations {
		t := &p.Translations[i]
		t.Of = p.said(t)
	}
	if err := p.checkTranslations(); err != nil {
		p.Translations = before
		return err
	}
	return nil
}

// said is a hash of what a translation says, with what the programme says in English and the
// software in both.
func (p *Programme) said(t *Translation) string {
	var own Translation
	own, own.Of, own.Reviewer, own.Reviewed = *t, "", "", ""
	english := Translation{Name: p.Name, About: p.About, Terms: p.Terms, Home: p.Home, Points: p.Expectations.Points}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", own, english, t.Language.Digest()))
	return hex.EncodeToString(sum[:16])
}

func (p *Programme) checkTranslations() error {
	for i, t := range p.Translations {
		switch {
		case !slices.Contains(language.Others, t.Language):
			return fmt.Errorf("programme: translations: there is no language %q: give one of %q", t.Language, language.Others)
		case slices.ContainsFunc(p.Translations[:i], func(other Translation) bool { return other.Language == t.Language }):
			return fmt.Errorf("programme: translations: %q is given twice", t.Language)
		}
		at := "programme: translations: " + string(t.Language) + ": "
		if _, err := time.Parse(time.DateOnly, t.Reviewed); err != nil || strings.TrimSpace(t.Reviewer) == "" {
			return fmt.Errorf("%ssay who has reviewed it, and when, as reviewer and reviewed: 2027-03-28. Nobody is offered what nobody has reviewed", at)
		}
		if err := t.Home.check(); err != nil {
			return fmt.Errorf("%s%w", at, err)
		}
		if len(t.Home.Gave) != len(p.Home.Gave) || (t.Home.Time == "") != (p.Home.Time == "") || len(t.Points) != len(p.Expectations.Points) {
			return fmt.Errorf("%shome.gave, home.time and points must say as much as home.gave, home.time and expectations.points do", at)
		}
		words := []string{t.Reviewer, t.Name, t.About, t.Terms.Client.Singular, t.Terms.Client.Plural, t.Terms.Consultant.Singular, t.Terms.Consultant.Plural}
		if slices.Contains(words, "") || slices.Contains(t.Points, "") {
			return fmt.Errorf("%sgive name, about, points and the singular and plural of both terms", at)
		}
		for _, said := range append(append(words, t.Points...), t.Terms.Client.Article, t.Terms.Consultant.Article) {
			if !Plain(said) {
				return fmt.Errorf("%s%q is no text on one line", at, said)
			}
		}
	}
	return nil
}
