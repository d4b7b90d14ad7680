// Package programme holds what one run of a Cascading Leadership programme has
// decided for itself: its words, criteria, numbers, texts and questionnaires.
// All of it is data. Two presets ship, see Preset.
package programme

import (
	"time"
)

// Role is the side on which a leader takes part. Its values are the design's
// words and are never shown: people read the programme's Terms.
type Role string

// The two roles.
const (
	Client     Role = "client"
	Consultant Role = "consultant"
)

// Roles are both roles, in the order in which pages show them.
var Roles = []Role{Client, Consultant}

// Other is the role on the other side of a match.
func (r Role) Other() Role {
	if r == Client {
		return Consultant
	}
	return Client
}

// Mode is how people find each other.
type Mode string

// The modes that a programme can ask for. Matching runs serve Assigned only.
const (
	Assigned  Mode = "assigned"
	Directory Mode = "directory"
)

// Programme is one run with its settings. It is small, rarely changes, and is
// read by every function.
type Programme struct {
	ID   string `firestore:"-" yaml:"-"`
	Name string `firestore:"name" yaml:"name"`
	Host Host   `firestore:"host" yaml:"host"`
	// About is one sentence for the start page.
	About string `firestore:"about" yaml:"about"`
	Terms Terms  `firestore:"terms" yaml:"terms"`
	Mode  Mode   `firestore:"mode" yaml:"mode"`
	// Zone is the IANA time zone in which dates are read and written.
	Zone           string         `firestore:"zone" yaml:"zone"`
	Sessions       Sessions       `firestore:"sessions" yaml:"sessions"`
	Competition    Competition    `firestore:"competition" yaml:"competition"`
	Weights        Weights        `firestore:"weights" yaml:"weights"`
	Skills         []Skill        `firestore:"skills" yaml:"skills"`
	Categories     []Category     `firestore:"categories" yaml:"categories"`
	Privacy        Text           `firestore:"privacy" yaml:"privacy"`
	Expectations   Text           `firestore:"expectations" yaml:"expectations"`
	Questionnaires Questionnaires `firestore:"questionnaires" yaml:"questionnaires"`
	// Salt is random and secret to the programme; ids derived from addresses need it.
	Salt string `firestore:"salt" yaml:"-"`
	// Run is the latest matching run. A run is visible once this names it, and
	// only one run can move it on from the value that it started from.
	Run       string    `firestore:"run" yaml:"-"`
	Schema    int       `firestore:"schema" yaml:"-"`
	CreatedAt time.Time `firestore:"createdAt" yaml:"-"`
	UpdatedAt time.Time `firestore:"updatedAt" yaml:"-"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-" yaml:"-"`
}

// Host is who runs the programme, with a contact that people can reach.
type Host struct {
	Name    string `firestore:"name" yaml:"name"`
	Contact string `firestore:"contact" yaml:"contact"`
	Email   string `firestore:"email" yaml:"email"`
	Phone   string `firestore:"phone" yaml:"phone"`
}

// Sessions are how many meetings make a pairing. Completion counts the held ones.
type Sessions struct {
	// Minimum is the number from which a pairing may be ended as completed.
	Minimum int `firestore:"minimum" yaml:"minimum"`
	// Target is the number at which a pairing is completed without being asked.
	Target int `firestore:"target" yaml:"target"`
	// Minutes is the usual length of one.
	Minutes int `firestore:"minutes" yaml:"minutes"`
}

// Competition says what makes two organisations direct competitors: a shared
// category in the same area.
type Competition struct {
	Area Area `firestore:"area" yaml:"area"`
}

// Area is the size of the neighbourhood in which two organisations compete.
type Area string

// Areas from small to large: LS6, LS, Yorkshire and the Humber.
const (
	District     Area = "district"
	PostcodeArea Area = "postcode area"
	Region       Area = "region"
)

// Weights are the points that each rule of the match score is worth.
type Weights struct {
	// Fit multiplies priority (1 to 3) by level (1 to 3) of each need that a skill meets.
	Fit int `firestore:"fit" yaml:"fit"`
	// Breadth is for each need that is met at all.
	Breadth int `firestore:"breadth" yaml:"breadth"`
	// Availability is for each half-day that both have.
	Availability int `firestore:"availability" yaml:"availability"`
}

// Skill is one thing that can be needed and offered.
type Skill struct {
	ID   string    `firestore:"id" yaml:"id"`
	Name string    `firestore:"name" yaml:"name"`
	Kind SkillKind `firestore:"kind" yaml:"kind"`
}

// SkillKind tells leadership growth from practical, specialist help.
type SkillKind string

// The kinds of skill.
const (
	Leadership SkillKind = "leadership"
	Specialist SkillKind = "specialist"
)

// Category is a kind of service, by its UK-CAT code (charityclassification.org.uk, CC BY 4.0).
type Category struct {
	Code string `firestore:"code" yaml:"code"`
	Name string `firestore:"name" yaml:"name"`
}

// Text is a versioned text that people agree to, one paragraph or point an item.
type Text struct {
	Version string   `firestore:"version" yaml:"version"`
	Points  []string `firestore:"points" yaml:"points"`
}

// Questionnaires name the definitions asked at the two moments.
type Questionnaires struct {
	Baseline string `firestore:"baseline" yaml:"baseline"`
	Closing  string `firestore:"closing" yaml:"closing"`
}

// Location is the programme's time zone, or UTC where its name is not known.
func (p *Programme) Location() *time.Location {
	if l, err := time.LoadLocation(p.Zone); err == nil {
		return l
	}
	return time.UTC
}

// SkillName is the name of a skill, or its id where the programme dropped it.
func (p *Programme) SkillName(id string) string {
	for _, s := range p.Skills {
		if s.ID == id {
			return s.Name
		}
	}
	return id
}

// CategoryName is the name of a category, or its code where the programme dropped it.
func (p *Programme) CategoryName(code string) string {
	for _, c := range p.Categories {
		if c.Code == code {
			return c.Name
		}
	}
	return code
}

// Moment is when a questionnaire is asked.
type Moment string

// The moments: when a pairing starts, and when it has ended.
const (
	Baseline Moment = "baseline"
	Closing  Moment = "closing"
)

// At is the name of the questionnaire asked at a moment.
func (q Questionnaires) At(m Moment) string {
	if m == Closing {
		return q.Closing
	}
	return q.Baseline
}
