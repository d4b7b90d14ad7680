package programme

import "fmt"

// Phase is a part of working together, with questions that a consultant may want to ask in it.
type Phase struct {
	Title     string   `firestore:"title" yaml:"title"`
	Questions []string `firestore:"questions" yaml:"questions"`
}

// Bounds of a bank of questions: it is read, not searched.
const (
	mostPhases  = 12
	mostOfPhase = 40
)

// usualBank is the bank of a programme that has none of its own. It has nobody's sector in it:
// who asks knows what it is about.
var usualBank = []Phase{
	{"Before the first session", []string{
		"What made you say yes to this, now?",
		"If our time together goes well, what will be easier in half a year?",
		"What should I know about the place that you lead, and what about you?",
		"How do you like to think: aloud, on paper, by walking?",
		"How will you tell me when I get in the way?",
	}},
	{"While trust grows", []string{
		"What has been on your mind on the way here?",
		"What do you hear yourself say about this, again and again?",
		"What is nobody saying?",
		"Who else sees it as you do, and who does not?",
		"What have you tried, and what did you find out by it?",
		"What would you not like me to ask?",
		"What do you need right away, before anything else can be thought of?",
	}},
	{"In the middle", []string{
		"What would you do if you could not ask anybody?",
		"What do you gain from leaving it as it is?",
		"What part of it is yours, and what part is not?",
		"What are you putting up with that you need not?",
		"Which conversation are you putting off, and what is the first sentence of it?",
		"What would somebody say who thinks very differently?",
		"What have you decided just now, in one sentence?",
		"What could your own people think through themselves, if you asked and did not answer?",
		"Am I doing too much of the thinking?",
	}},
	{"As it ends", []string{
		"What do you know now that you did not when we began?",
		"Which of it did you find out yourself?",
		"What is still open, and with whom will you think it through?",
		"What do you do differently now, that others notice?",
		"What will you do when it gets hard again?",
		"Whom could you help to think, as you were helped?",
		"How do we want to part?",
	}},
}

// QuestionBank are the phases of working together with their questions: the programme's own, or
// the usual ones.
func (p *Programme) QuestionBank() []Phase {
	if len(p.Bank) > 0 {
		return p.Bank
	}
	return usualBank
}

// Opens reports whether somebody in a role can open the bank of questions: who asks them, and
// among peers both.
func (p *Programme) Opens(r Role) bool { return r == Consultant || p.Peers }

// checkBank finds what would surprise somebody on its page.
func (p *Programme) checkBank() error {
	if len(p.Bank) > mostPhases {
		return fmt.Errorf("programme: bank: %d phases, more than %d", len(p.Bank), mostPhases)
	}
	for _, phase := range p.Bank {
		if phase.Title == "" || !Plain(phase.Title) || len(phase.Questions) == 0 || len(phase.Questions) > mostOfPhase {
			return fmt.Errorf("programme: bank: the phase %q needs a title in plain words, and 1 to %d questions", phase.Title, mostOfPhase)
		}
		for _, q := range phase.Questions {
			if q == "" || !Plain(q) || len([]rune(q)) > maxBankText {
				return fmt.Errorf("programme: bank: in %q, %q is empty, longer than %d characters or holds control characters", phase.Title, q, maxBankText)
			}
		}
	}
	return nil
}

// maxBankText is how many characters one question of the bank has at most.
const maxBankText = 300
