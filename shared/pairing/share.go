package pairing

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Shared is what one side shares of a session with the other, in the words of its author. It
// is a copy, so that no page of the other reads what the author keeps to themselves.
type Shared struct {
	Session string         `firestore:"session"`
	Role    programme.Role `firestore:"role"`
	// Note is what the author releases before the session.
	Note string `firestore:"note,omitempty"`
	// The rest is as in the log, each "" where it is not shared.
	Surfaced  string    `firestore:"surfaced,omitempty"`
	Topic     string    `firestore:"topic,omitempty"`
	Balance   string    `firestore:"balance,omitempty"`
	Thinking  string    `firestore:"thinking,omitempty"`
	Next      string    `firestore:"next,omitempty"`
	Learnt    string    `firestore:"learnt,omitempty"`
	Helps     string    `firestore:"helps,omitempty"`
	Change    string    `firestore:"change,omitempty"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next; zero of one
	// that was never written.
	Version time.Time `firestore:"-"`
}

// fields are those of a log that can be shared, with where they stand in what is.
var fields = []struct {
	name string
	of   func(*Log) string
	in   func(*Shared) *string
}{
	{"surfaced", func(l *Log) string { return l.Surfaced }, func(s *Shared) *string { return &s.Surfaced }},
	{"topic", func(l *Log) string { return l.Topic }, func(s *Shared) *string { return &s.Topic }},
	{"balance", func(l *Log) string { return l.Balance }, func(s *Shared) *string { return &s.Balance }},
	{"thinking", func(l *Log) string { return l.Thinking }, func(s *Shared) *string { return &s.Thinking }},
	{"next", func(l *Log) string { return l.Next }, func(s *Shared) *string { return &s.Next }},
	{"learnt", func(l *Log) string { return l.Learnt }, func(s *Shared) *string { return &s.Learnt }},
	{"helps", func(l *Log) string { return l.Helps }, func(s *Shared) *string { return &s.Helps }},
	{"change", func(l *Log) string { return l.Change }, func(s *Shared) *string { return &s.Change }},
}

// Shareable are the fields of its log that a side can share, in their order. Whether the two
// fit is in nobody's list: it is for its author alone.
func Shareable(r programme.Role) []string {
	var names []string
	for _, f := range fields {
		if f.name != "topic" || r == programme.Client { // who picks the kind of issue
			names = append(names, f.name)
		}
	}
	return names
}

// Said is a field in which something is said.
type Said struct{ Field, Text string }

// Said are the fields in which something is said, in their order.
func (s *Shared) Said() (all []Said) {
	for _, f := range fields {
		if text := *f.in(s); text != "" {
			all = append(all, Said{f.name, text})
		}
	}
	return all
}

// Said is all that a log says, shared or not, for its author.
func (l *Log) Said() *Shared {
	all := &Shared{Session: l.Session, Role: l.Role}
	for _, f := range fields {
		*f.in(all) = f.of(l)
	}
	return all
}

// Release has the other see a note before the session, and reports whether that changed
// something.
func (s *Shared) Release(note string, now time.Time) (changed bool, err error) {
	if s.Note == note {
		return false, nil
	}
	if len([]rune(note)) > MaxText {
		var invalid fault.Invalid
		invalid.Add("released", "This must be %d characters or fewer", MaxText)
		return false, invalid.Err()
	}
	s.Note, s.UpdatedAt = note, now
	return true, nil
}

// Share takes over what a log shares, and nothing else of it, and reports whether that changed
// something.
func (s *Shared) Share(l *Log, now time.Time) (changed bool) {
	for _, f := range fields {
		text := ""
		if slices.Contains(l.Shares, f.name) {
			text = f.of(l)
		}
		if at := f.in(s); *at != text {
			*at, changed = text, true
		}
	}
	if changed {
		s.UpdatedAt = now
	}
	return changed
}
