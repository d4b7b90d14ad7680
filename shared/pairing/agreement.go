package pairing

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Agreement is what the two of a pairing have agreed on between them, beside what to expect: one
// text, which both can see and change.
type Agreement struct {
	Text string `firestore:"text"`
	// By is the side that wrote it last, or "", and At when.
	By programme.Role `firestore:"by"`
	At time.Time      `firestore:"at"`
}

// Agree writes what the two agreed on, by one of them who has read what was written at a time:
// where the other has written since, both texts are to be seen first. It reports whether that
// changed something.
func (p *Pairing) Agree(by programme.Role, text string, read, now time.Time) (changed bool, err error) {
	var invalid fault.Invalid
	switch {
	case text == p.Agreement.Text:
		return false, nil
	case p.State != Active:
		return false, errEnded
	case !read.Equal(p.Agreement.At):
		invalid.Add("agreement", "The other has written something since you opened this page. Read it above, and send yours again")
	case len([]rune(text)) > MaxText:
		invalid.Add("agreement", "What you agree on must be %d characters or fewer", MaxText)
	}
	if err := invalid.Err(); err != nil {
		return false, err
	}
	p.Agreement = Agreement{Text: text, By: by, At: now}
	return true, nil
}
