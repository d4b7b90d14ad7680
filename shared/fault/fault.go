// Package fault names what can go wrong in a way that a caller can act on.
//
// The domain returns these errors; platform/web turns each into a page or a
// problem document in one place. A Message is for people and says what to do
// next; the wrapped cause is for logs. Neither carries personal data.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind is what a caller can do about an error.
type Kind int

const (
	// NotFound: the thing does not exist, or this person may not know that it does.
	NotFound Kind = iota + 1
	// Conflict: the thing is no longer in the state that the step starts from.
	Conflict
	// Forbidden: this person may not do this.
	Forbidden
	// Gone: it was there and is over, such as an expired link.
	Gone
	// Unavailable: what is needed does not answer. The same may pass later.
	Unavailable
	// TooMany: more was asked for than there may be in a time. The same passes after Wait.
	TooMany
)

// Error is a failure of one Kind with a message for people.
type Error struct {
	Kind    Kind
	Message string
	// Wait is after how long the same may be asked for again; 0 where that is not known.
	Wait  time.Duration
	cause error
}

func (e *Error) Error() string {
	if e.cause != nil {
		return e.Message + ": " + e.cause.Error()
	}
	return e.Message
}

// Unwrap gives the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// New returns an error of a kind with a message for people.
func New(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// TooMuch returns an error of kind TooMany, with after how long to try again.
func TooMuch(wait time.Duration, format string, args ...any) error {
	return &Error{Kind: TooMany, Message: fmt.Sprintf(format, args...), Wait: wait}
}

// Because is New with the cause that logs should carry.
func Because(cause error, kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), cause: cause}
}

// Is reports whether err is, or wraps, an Error of that kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

// Field is one thing to correct: the input's name in the form or JSON document,
// and a sentence that says what to enter.
type Field struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

// Invalid lists every field to correct, in the order the form asks for them.
type Invalid struct{ Fields []Field }

func (e *Invalid) Error() string {
	names := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		names[i] = f.Name
	}
	return "invalid: " + strings.Join(names, ", ")
}

// Add appends a field to correct.
func (e *Invalid) Add(name, format string, args ...any) {
	e.Fields = append(e.Fields, Field{name, fmt.Sprintf(format, args...)})
}

// Err is the error itself, or nil when there is nothing to correct.
func (e *Invalid) Err() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}
