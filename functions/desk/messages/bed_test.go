package messages_test

import (
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
)

// bed is the desk's, with what these tests do at it.
type bed struct{ *desktest.Bed }

func newBed(t *testing.T) *bed { return &bed{desktest.New(t)} }
