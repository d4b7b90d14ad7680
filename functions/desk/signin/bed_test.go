package signin_test

import (
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
)

const desk = desktest.Path

// bed is the desk's, with what these tests do at it.
type bed struct{ *desktest.Bed }

func newBed(t *testing.T) *bed { return &bed{desktest.New(t)} }
