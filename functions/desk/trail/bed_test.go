package trail_test

import (
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

const desk = desktest.Path

// newBed has Ada as well, who reads the trail of the pilot and nothing else.
func newBed(t *testing.T) *desktest.Bed {
	b := desktest.New(t)
	c := b.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "ada", Name: "Ada Sample", Email: "ada@example.org", Roles: access.ByProgramme{"pilot": {access.Administrator}}})
	b.Commit(c)
	return b
}
