package matches

import (
	"fmt"
	"slices"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// What has just been done about matches, pairings and decisions, see web.Done.
const (
	didRelease  = "released"
	didWithdraw = "withdrawn"
	didDecide   = "decided"
	didLift     = "lifted"
	didStop     = "stop"
	didComplete = "complete"
	didAgain    = "again"
	didAnswer   = "answer"
	didPass     = "pass"
	didLook     = "look"
)

// said is which matches have just been released or taken back, with what is next: a match
// by its reference, and those that went with it, at the same time. It is "" where that is
// not so, since anybody can write an address.
func (data *matchesPage) said(p *programme.Programme, did, reference string) string {
	first := slices.IndexFunc(data.Others, func(m matchRow) bool { return m.Reference == reference })
	if first < 0 {
		return ""
	}
	m := data.Others[first]
	n := 0
	for _, other := range data.Others {
		switch {
		case did == didRelease && other.ReleasedAt.Equal(m.ReleasedAt),
			did == didWithdraw && m.State == pairing.Withdrawn && other.State == pairing.Withdrawn && other.UpdatedAt.Equal(m.UpdatedAt):
			n++
		}
	}
	which := fmt.Sprintf("%d matches are", n)
	if n == 1 {
		which = fmt.Sprintf("The match of %s with %s is", m.A.Person.Name, m.B.Person.Name)
	}
	switch {
	case n > 0 && did == didRelease:
		return which + " released. Both people get an email with who and why, and their answers stand below."
	case n > 0 && p.Mode == programme.Directory:
		return which + " taken back. Both people get an email that says so, and another choice is open."
	case n > 0:
		return which + " taken back. Both people get an email that says so, and are free for the next run, " + site.Runs + "."
	}
	return ""
}

// said is what has just been done about the match's pairing, and for which side, with what
// is next; "" where it is not so.
func (data *matchPage) said(did string, role programme.Role) string {
	part := data.Pairing
	switch {
	case did == didAnswer && len(data.Questions) > 0:
		return "Your answer is saved. Who asked gets an email that leads to it."
	case did == didPass && len(data.Questions) > 0:
		return "The question is passed on. We write to the other, and to who asked once there is an answer."
	case did == didLook && data.Look.Finding != "":
		return "What you found is saved. Who asked gets an email that leads to it."
	case part == nil:
		return ""
	case did == didStop && part.State == pairing.Stopped:
		return "The pairing is stopped. We have written to both, and cancelled the sessions that were to come."
	case did == didComplete && part.State == pairing.Completed:
		return "The pairing is completed. We have written to both, and cancelled the sessions that were to come."
	case did == didAgain && part.Next[string(role)] == pairing.Another:
		who := data.A
		if role == programme.Consultant {
			who = data.B
		}
		return who.Person.Name + " can be matched again from the next run on, " + site.Runs + "."
	}
	return ""
}

// said is which decision has just been made or lifted, and those with it, with what is next;
// "" where that is not so.
func (data decisionsPage) said(did, id string) string {
	rows := data.Standing
	if did == didLift {
		rows = data.Lifted
	}
	first := slices.IndexFunc(rows, func(d decisionRow) bool { return d.ID == id })
	if first < 0 {
		return ""
	}
	kinds := map[pairing.DecisionKind]string{pairing.Pin: "Pinned: ", pairing.Forbid: "Ruled out: "}
	switch did {
	case didDecide:
		said := kinds[rows[first].Kind]
		for i, d := range slices.DeleteFunc(slices.Clone(rows), func(d decisionRow) bool { return !d.At.Equal(rows[first].At) || d.Kind != rows[first].Kind }) {
			if i > 0 {
				said += ", and "
			}
			said += d.pair()
		}
		return said + ". Matching goes by it from the next run on, " + site.Runs + ", until you lift it here."
	case didLift:
		return "Lifted: " + rows[first].pair() + ". Matching goes without it from the next run on, " + site.Runs + "."
	}
	return ""
}

// pair are the two of a decision.
func (d decisionRow) pair() string { return d.A.Person.Name + " with " + d.B.Person.Name }
