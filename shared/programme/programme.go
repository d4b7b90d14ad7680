// Package programme holds what one run of a Cascading Leadership programme has
// decided for itself: its words, criteria, numbers, texts and questionnaires.
// All of it is data. Presets ship, see Preset.
package programme

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/geography"
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

// Side is the role's name in addresses and ids: a neutral word, since the programme's
// own may change and the design's are never shown.
func (r Role) Side() string {
	if r == Client {
		return "seek"
	}
	return "offer"
}

// RoleOf is the role whose side has a name, or "".
func RoleOf(side string) Role {
	for _, r := range Roles {
		if r.Side() == side {
			return r
		}
	}
	return ""
}

// Mode is how people find each other.
type Mode string

// The modes that a programme can ask for, all on one engine: the host assigns, or
// both sides rank each other and the host assigns by that, or one side chooses.
const (
	Assigned  Mode = "assigned"
	Ranked    Mode = "ranked"
	Directory Mode = "directory"
)

// Modes are all modes.
var Modes = []Mode{Assigned, Ranked, Directory}

// Chooses reports whether the people of a role have a say in whom they work with:
// both sides where they rank each other, one side where it chooses from a directory.
func (p *Programme) Chooses(r Role) bool {
	return p.Mode == Ranked || p.Mode == Directory && r == Client
}

// FromDirectory reports whether people in a role find their match in a directory.
func (p *Programme) FromDirectory(r Role) bool { return p.Mode == Directory && p.Chooses(r) }

// Objective is what the best matching is, once the most clients are matched.
type Objective string

// The objectives. Fair first makes the fit of the worst-off client as good as it
// can be, and then the total; Total looks at the total alone.
const (
	Fair  Objective = "fair"
	Total Objective = "total"
)

// Programme is one run with its settings. It is small, rarely changes, and is
// read by every function.
type Programme struct {
	ID   string `firestore:"-" yaml:"-"`
	Name string `firestore:"name" yaml:"name"`
	Host Host   `firestore:"host" yaml:"host"`
	// About is one sentence for the start page.
	About string `firestore:"about" yaml:"about"`
	// Look is how its pages and letters look, and Home what its home page says beside About.
	Look Look `firestore:"look,omitempty" yaml:"look,omitempty"`
	Home Home `firestore:"home,omitempty" yaml:"home,omitempty"`
	// Origins are the websites whose pages may send enrolments, as browsers name them, such as
	// https://www.example.org.
	Origins []string `firestore:"origins,omitempty" yaml:"origins,omitempty"`
	Terms   Terms    `firestore:"terms" yaml:"terms"`
	// Translations are what it says of itself in other languages.
	Translations []Translation `firestore:"translations,omitempty" yaml:"translations,omitempty"`
	Mode         Mode          `firestore:"mode" yaml:"mode"`
	// ConflictCheck has each of two first read of the other without names, and say whether
	// they see a conflict. In a directory people see whom they choose, so that it needs none.
	ConflictCheck bool `firestore:"conflictCheck,omitempty" yaml:"conflictCheck,omitempty"`
	// Peers says that no side leads more than the other: both are offered what is for one side
	// else, and nobody is asked to go on to the other side afterwards.
	Peers bool `firestore:"peers,omitempty" yaml:"peers,omitempty"`
	// Bank are questions that a consultant may want to ask, by phase; left out, the usual ones,
	// see QuestionBank.
	Bank []Phase `firestore:"bank,omitempty" yaml:"bank,omitempty"`
	// Zone is the IANA time zone in which dates are read and written.
	Zone string `firestore:"zone" yaml:"zone"`
	// Dates are from when to when it runs; without them nothing is deleted at its end.
	Dates    Dates    `firestore:"dates" yaml:"dates,omitempty"`
	Sessions Sessions `firestore:"sessions" yaml:"sessions"`
	// Training is how many hours the training of a consultant takes; 0 where that is not said.
	Training int `firestore:"training,omitempty" yaml:"training,omitempty"`
	// Cost is what a place costs an organisation beside its leader's time, in a sentence.
	Cost string `firestore:"cost,omitempty" yaml:"cost,omitempty"`
	// Cadence is how people are reminded.
	Cadence Cadence `firestore:"cadence" yaml:"cadence,omitempty"`
	// Geography is where people are; left out, in the United Kingdom.
	Geography geography.Settings `firestore:"geography" yaml:"geography,omitempty"`
	// Place is how near two people must be.
	Place Place `firestore:"place" yaml:"place"`
	// Relax are the places allowed, in this order, to those for whom nothing is left.
	Relax       []Within    `firestore:"relax" yaml:"relax"`
	Competition Competition `firestore:"competition" yaml:"competition"`
	Objective   Objective   `firestore:"objective" yaml:"objective"`
	Weights     Weights     `firestore:"weights" yaml:"weights"`
	// Languages are those in which people can meet, the usual one first.
	Languages  []string   `firestore:"languages" yaml:"languages"`
	Skills     []Skill    `firestore:"skills" yaml:"skills"`
	Categories []Category `firestore:"categories" yaml:"categories"`
	// Questions are the programme's own, beside what every programme asks of those who enrol.
	Questions []Question `firestore:"questions,omitempty" yaml:"questions,omitempty"`
	// Eligibility is for whom the programme is; left out, for whoever enrols.
	Eligibility Eligibility `firestore:"eligibility,omitempty" yaml:"eligibility,omitempty"`
	// Privacy is the version of the privacy notice, and what the host adds to it.
	Privacy Text `firestore:"privacy" yaml:"privacy"`
	// RequestsTo is the address of the coordinator who answers what people ask about their data;
	// left out, the host's contact does where they are one.
	RequestsTo string `firestore:"requestsTo,omitempty" yaml:"requestsTo,omitempty"`
	// Complaints say to whom people complain. A programme cannot be opened without.
	Complaints     Complaints     `firestore:"complaints,omitempty" yaml:"complaints"`
	Expectations   Expectations   `firestore:"expectations" yaml:"expectations"`
	Questionnaires Questionnaires `firestore:"questionnaires" yaml:"questionnaires"`
	// Salt is random and secret to the programme; ids derived from addresses need it.
	Salt string `firestore:"salt" yaml:"-"`
	// Retention is how far it is that what is kept until after its end is deleted.
	Retention Retention `firestore:"retention,omitempty" yaml:"-"`
	// Run is the latest matching run. A run is visible once this names it, and
	// only one run can move it on from the value that it started from.
	Run       string    `firestore:"run" yaml:"-"`
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
	// Minimum is the number from which either side can propose to finish.
	Minimum int `firestore:"minimum" yaml:"minimum"`
	// Target is how many a pairing is meant to have: up to there people are reminded to
	// book another.
	Target int `firestore:"target" yaml:"target"`
	// Maximum is how many can be booked; 0, as in a programme from before it could be set,
	// for twice the target.
	Maximum int `firestore:"maximum,omitempty" yaml:"maximum,omitempty"`
	// Further is how many sessions beyond that the programme can give in all, to those of whom
	// both ask for one; 0 for none.
	Further int `firestore:"further,omitempty" yaml:"further,omitempty"`
	// Minutes is the usual length of one.
	Minutes int `firestore:"minutes" yaml:"minutes"`
	// Paused says whether a pairing that pauses keeps its places. "" is Kept.
	Paused Places `firestore:"paused,omitempty" yaml:"paused,omitempty"`
}

// Places are what becomes of the places of a pairing that pauses.
type Places string

// Kept places wait for the pairing to go on; lent ones are for others meanwhile, and the
// pairing goes on when there is room.
const (
	Kept Places = "kept"
	Lent Places = "lent"
)

// MostSessions bounds the sessions of a pairing, whatever a programme sets.
const MostSessions = 30

// mostFurther bounds what a programme gives beyond what it plans.
const mostFurther = 1000

// MostTraining bounds the hours of a training.
const MostTraining = 1000

// Most is how many sessions a pairing can have.
func (s Sessions) Most() int {
	if s.Maximum > 0 {
		return s.Maximum
	}
	return min(2*s.Target, MostSessions)
}

// Place says how near two people must be to be matched.
type Place struct {
	Within Within `firestore:"within" yaml:"within"`
	// Kilometres bounds the distance where Within is Distance, as the crow flies
	// between two postcode districts.
	Kilometres int `firestore:"kilometres" yaml:"kilometres,omitempty"`
}

// Within is a kind of nearness.
type Within string

// The kinds of nearness: the same region, a distance, the same or a bordering
// region, or anywhere for those who can meet by video or phone.
const (
	SameRegion   Within = "region"
	Distance     Within = "distance"
	Neighbouring Within = "neighbouring region"
	Online       Within = "online"
)

// Competition says what makes two organisations direct competitors: a shared
// category in the same area.
type Competition struct {
	Area Area `firestore:"area" yaml:"area"`
	// Level is the level of the UK-CAT code at which two categories are the same:
	// 1 (AR, arts), 2 (AR3, performing art) or 3 (AR303, music). 0 stands for 1.
	Level int `firestore:"level" yaml:"level,omitempty"`
}

// Area is the size of the neighbourhood in which two organisations compete.
type Area string

// Areas from small to large: LS6, LS, Yorkshire and the Humber. Of a programme's own
// postcodes a district is what the longest prefix stands for.
const (
	District     Area = "district"
	PostcodeArea Area = "postcode area"
	Region       Area = "region"
)

// Weights are the points that each rule of the match score is worth, 0 to
// MaxWeight; a rule of weight 0 does not count.
type Weights struct {
	// Fit multiplies priority (1 to 3) by level (1 to 3) of each need that a skill meets.
	Fit int `firestore:"fit" yaml:"fit"`
	// Breadth is for each need that is met at all.
	Breadth int `firestore:"breadth" yaml:"breadth"`
	// Experience is for each level by which a skill exceeds the client's own in the
	// same topic.
	Experience int `firestore:"experience" yaml:"experience,omitempty"`
	// Size is for a larger organisation on the consultant's side, by Band of income.
	Size int `firestore:"size" yaml:"size,omitempty"`
	// Difference is for organisations that share no category: a fresh pair of eyes.
	Difference int `firestore:"difference" yaml:"difference,omitempty"`
	// Availability is for each half-day that both have.
	Availability int `firestore:"availability" yaml:"availability"`
	// Preference is for each step of the other's place among one's three most
	// wanted: three times for the first, once for the third, from either side.
	Preference int `firestore:"preference" yaml:"preference,omitempty"`
}

// MaxWeight bounds a weight, so that a score stays a small number.
const MaxWeight = 1000

// All are the weights.
func (w Weights) All() []int {
	return []int{w.Fit, w.Breadth, w.Experience, w.Size, w.Difference, w.Availability, w.Preference}
}

// Band is the size of an organisation by its yearly income in pounds, as the
// NCVO's UK Civil Society Almanac groups them: 1 below 10,000 (micro), 2 below
// 100,000 (small), 3 below 1 million (medium), 4 below 10 million (large), 5 below
// 100 million (major), 6 above. 0 is an income of 0, which is unknown.
func Band(income int) int {
	switch {
	case income <= 0:
		return 0
	case income < 10_000:
		return 1
	case income < 100_000:
		return 2
	case income < 1_000_000:
		return 3
	case income < 10_000_000:
		return 4
	case income < 100_000_000:
		return 5
	}
	return 6
}

// MaxLanguages bounds the list of languages: matching tells so many apart.
const MaxLanguages = 64

// MaxSkills bounds the list of skills: nobody reads a longer one.
const MaxSkills = 64

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
	Points  []string `firestore:"points" yaml:"points,omitempty"`
}

// Expectations are what two people who are matched agree to, see Text, with questions by which
// they see for themselves whether it was clear: nothing of these is kept or counted.
type Expectations struct {
	Version string   `firestore:"version" yaml:"version"`
	Points  []string `firestore:"points" yaml:"points"`
	Checks  []Check  `firestore:"checks" yaml:"checks,omitempty"`
}

// Check is a question with possible answers.
type Check struct {
	Ask     string        `firestore:"ask" yaml:"ask"`
	Answers []CheckAnswer `firestore:"answers" yaml:"answers"`
}

// CheckAnswer is one possible answer, and what is said to who gives it.
type CheckAnswer struct {
	Say string `firestore:"say" yaml:"say"`
	So  string `firestore:"so" yaml:"so"`
}

// Location is the programme's time zone, or UTC where its name is not known.
func (p *Programme) Location() *time.Location {
	if l, err := time.LoadLocation(p.Zone); err == nil {
		return l
	}
	return time.UTC
}

// Spoken are the languages in which people can meet. A programme that was stored
// before they were a setting has English alone.
func (p *Programme) Spoken() []string {
	if len(p.Languages) == 0 {
		return []string{"English"}
	}
	return p.Languages
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
