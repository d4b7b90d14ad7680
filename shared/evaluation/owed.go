package evaluation

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Owed says whether a programme is to have a release: owed where a moment has closed of which
// there is none, and else possible where enough people may have joined or left since. moment
// is the one that closed last, "" where none has.
func Owed(p *programme.Programme, releases []*Release, now time.Time) (moment programme.Moment, owed bool) {
	for _, m := range programme.Moments {
		if p.Closed(m, now) {
			moment = m
		}
	}
	if moment == "" {
		return "", false
	}
	return moment, !slices.ContainsFunc(releases, func(r *Release) bool { return r.Moment == moment })
}
