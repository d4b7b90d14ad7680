package participant

import (
	"fmt"

	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// What has just been done about a match or a pairing, see web.Done.
const (
	didAsk      = "asked"
	didRank     = "ranked"
	didAccept   = "accepted"
	didDecline  = "declined"
	didBook     = "booked"
	didMove     = "moved"
	didNote     = "noted"
	didNotebook = "kept"
	didRing     = "rings"
	// didProposeTimes is for a session; didPropose is to finish.
	didProposeTimes = "times"
	didName         = "named"
	didDismiss      = "dismissed"
	didAssist       = "agreed"
	didCancel       = "cancelled"
	// What is done about a further session is also what its buttons say.
	didAskFurther      = "further-ask"
	didAgreeFurther    = "further-agree"
	didLeaveFurther    = "further-leave"
	didWithdrawFurther = "further-withdraw"
	didLog             = "logged"
	didPropose         = "proposed"
	didGoOn            = "going-on"
	didFinish          = "finished"
	didPause           = "paused"
	didResume          = "resumed"
	didStop            = "stopped"
	didChoose          = "chosen"
	didAddress         = "address"
	didClear           = "clear"
	didAgree           = "agreed"
	didEnding          = "ending"
	didPassOn          = "pass-on"
	didSeal            = "sealed"
	didQuestion        = "question"
	didReply           = "reply"
)

// said is what has just been done, with what is next; "" where it is not so, since anybody
// can write an address.
func (d pairingPage) said(did string, p *programme.Programme) string {
	other, pair := d.Other.Person.Name, d.Pairing
	goesOn := pair.State == pairing.Active
	switch {
	case did == didAccept && goesOn:
		return fmt.Sprintf("You are both in. Propose times to %s for your first session here, or book one that you have agreed on.", other)
	case did == didBook && len(pair.Dates) > 0:
		return fmt.Sprintf("The session is booked. You and %s each get an email with an invitation for your calendar.", other)
	case did == didProposeTimes && pair.Proposal.By == d.Role && len(d.Proposed()) > 0:
		return fmt.Sprintf("We have sent %s your times. Once they pick one, it stands in both your calendars.", other)
	case did == didNote:
		return "Your note is saved."
	case did == didRing && d.Shares():
		return fmt.Sprintf("%s sees your phone number here now.", other)
	case did == didRing:
		return fmt.Sprintf("%s does not see your phone number any more.", other)
	case did == didMove && len(pair.Dates) > 0:
		return fmt.Sprintf("The session is moved. You and %s each get an email that changes it in your calendar.", other)
	case did == didCancel && !pair.CalledOffAt.IsZero():
		return fmt.Sprintf("The session is cancelled. You and %s each get an email that takes it out of your calendar.%s", other, map[bool]string{true: " Book another when you have found a time."}[goesOn])
	case did == didLog:
		return d.saidOfLog()
	case did == didAskFurther && goesOn && pair.Further.State == pairing.FurtherAsked && pair.Further.By == d.Role:
		return fmt.Sprintf("We have asked %s. Until they answer, it stays as planned.", other)
	case did == didAgreeFurther && goesOn && pair.Further.State == pairing.FurtherAgreed:
		return fmt.Sprintf("You both would like to meet once more. %s has it before them, and answers you both.", p.Host.Contact)
	case did == didLeaveFurther && pair.Further.State == pairing.FurtherAsPlanned:
		return fmt.Sprintf("Your sessions stay as planned. That is all that we tell %s.", other)
	case did == didWithdrawFurther && pair.Further.State == pairing.FurtherWithdrawn:
		return "You have taken back that you asked for a further session."
	case did == didPropose && pair.FinishBy == d.Role:
		return fmt.Sprintf("We have asked %s whether they agree. Until they answer, everything stays as it is.", other)
	case did == didGoOn && goesOn && pair.FinishBy == "":
		return fmt.Sprintf("Your sessions go on, and %s knows.", other)
	case did == didFinish && pair.State == pairing.Completed:
		return "You have both finished. Thank you."
	case did == didPause && d.Paused():
		return fmt.Sprintf("Your sessions pause. %s knows until when, and is asked for nothing until then.", other)
	case did == didResume && goesOn && !d.Paused():
		return fmt.Sprintf("Your sessions go on. %s knows, and you can book the next one.", other)
	case did == didStop && pair.State == pairing.Stopped:
		return fmt.Sprintf("Your sessions have ended. We have told %s, and not why.", other)
	case did == didChoose && d.Next() == pairing.Another:
		return "We look for another match for you, and write to you when there is one."
	case did == didChoose && d.Next() == pairing.Later:
		return "You are not matched for now. Come back to this page when that changes."
	}
	return ""
}

// saidOfLog is what follows from a log that was saved.
func (d pairingPage) saidOfLog() string {
	const saved = "Your log is saved, and you can amend it here."
	switch {
	case d.CanFinish():
		return saved + " Book another session, or propose to finish."
	case d.CanBook() && !d.Pairing.ToCome(d.Now):
		return saved + " Book your next session when you have found a time."
	}
	return saved
}
