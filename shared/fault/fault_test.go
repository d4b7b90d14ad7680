package fault

import (
	"errors"
	"fmt"
	"testing"
)

func TestKindsAreFoundThroughWrapping(t *testing.T) {
	t.Parallel()
	cause := errors.New("the cause")
	err := fmt.Errorf("around: %w", Because(cause, Conflict, "Look at %s again.", "it"))
	if !Is(err, Conflict) || Is(err, NotFound) || !errors.Is(err, cause) {
		t.Errorf("%v is not a conflict with its cause", err)
	}
	var e *Error
	if !errors.As(err, &e) || e.Message != "Look at it again." || e.Error() != "Look at it again.: the cause" {
		t.Errorf("error %+v", e)
	}
	if e := New(Gone, "Over."); e.Error() != "Over." || errors.Unwrap(e) != nil || !Is(e, Gone) {
		t.Errorf("error %v", e)
	}
	if Is(nil, Conflict) || Is(cause, Conflict) {
		t.Error("no fault is a conflict")
	}
}

func TestInvalidListsFieldsInOrder(t *testing.T) {
	t.Parallel()
	var invalid Invalid
	if invalid.Err() != nil {
		t.Error("nothing to correct is an error")
	}
	invalid.Add("email", "Enter an address")
	invalid.Add("capacity", "Enter a number from 1 to %d", 5)
	err := invalid.Err()
	var got *Invalid
	if !errors.As(fmt.Errorf("around: %w", err), &got) || len(got.Fields) != 2 || got.Fields[1] != (Field{"capacity", "Enter a number from 1 to 5"}) {
		t.Errorf("fields %+v", got)
	}
	if err.Error() != "invalid: email, capacity" {
		t.Errorf("it reads %q", err)
	}
}
