package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/sealed"
)

// OfSealedLetter is what is owed about a letter to oneself: that its author hears once that it is
// back. It is told however late, as long as the letter can be read, and is to be looked at once
// more when it is to be deleted.
func OfSealedLetter(p *programme.Programme, l *sealed.Letter, since, now time.Time) Due {
	return dueOf([]ask{{l.ReturnAt, l.Until(), message.SealedLetterBack(p, l)}}, l.Until(), since, now)
}
