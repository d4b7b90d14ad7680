package desk_test

import (
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
)

const desk = desktest.Path

func newBed(t *testing.T) *desktest.Bed { return desktest.New(t) }
