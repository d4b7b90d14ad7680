package questionnaires

import (
	"net/url"
	"testing"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestWhoMayOpenWhat(t *testing.T) {
	b := newBed(t)
	b.sweep()
	own := store.Link{Person: "alex", Role: programme.Client, IDs: outbox.IDs{Invitation: b.invited()["alex baseline-1"].ID}}
	first := map[string]string{"page": "1"}
	b.Access(map[string]testbed.Example{
		"POST /events":                      {Status: 400}, // what comes is no event
		"GET /questionnaire/{link}":         {Link: own, Status: 200},
		"GET /questionnaire/{link}/{page}":  {Link: own, Path: first, Status: 200},
		"POST /questionnaire/{link}/{page}": {Link: own, Path: first, Status: 303},
		"GET /questionnaire/{link}/code":    {Link: own, Status: 200},
		"POST /questionnaire/{link}/code":   {Link: own, Form: url.Values{"do": {"give"}}, Status: 422},
		"GET /questionnaire/{link}/notice":  {Link: own, Status: 200},
		"POST /questionnaire/{link}/notice": {Link: own, Status: 303},
		"GET /questionnaire/{link}/check":   {Link: own, Status: 200},
		"POST /questionnaire/{link}/check":  {Link: own, Status: 422}, // answers are missing
	}, "confidence")
}
