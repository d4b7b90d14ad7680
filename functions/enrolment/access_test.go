package enrolment

import (
	"net/url"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestWhoMayOpenWhat(t *testing.T) {
	b := bed(t)
	claim, err := enrolment.NewClaim(b.Programme, programme.Client, form(), "claim", b.Now())
	if err != nil {
		t.Fatal(err)
	}
	c := b.Store.Commit()
	c.CreateClaim("pilot", claim)
	n, err := nomination.New(b.Programme, "lee@example.org", "n", b.Now())
	if err != nil {
		t.Fatal(err)
	}
	c.SaveNomination("pilot", n)
	b.Commit(c)
	invited := store.Link{Person: "invited-n", Role: programme.Client, IDs: outbox.IDs{Nomination: "n"}}
	own := of(claim)
	own.Programme = ""
	side, step := map[string]string{"side": "seek"}, map[string]string{"side": "seek", "step": "privacy"}
	b.Access(map[string]testbed.Example{
		"GET /{$}":                                          {Status: 200},
		"GET /privacy/{$}":                                  {Status: 200},
		"GET /privacy/{programme}":                          {Status: 200},
		"GET /enrol/{programme}":                            {Status: 200},
		"GET /enrol/organisations":                          {Status: 200},
		"GET /enrol/openapi/{programme}":                    {Status: 200},
		"GET /enrol/look/{programme}/{version}/colours.css": {Path: map[string]string{"version": "x"}, Status: 200},
		"GET /enrol/look/{programme}/{logo}/logo":           {Path: map[string]string{"logo": "x"}, Status: 404}, // it has none
		"POST /enrol/{programme}/{side}":                    {Path: side, Status: 422},                           // of which nothing is filled in
		"OPTIONS /enrol/{programme}/{side}":                 {Path: side, Status: 403},                           // from no website
		"GET /enrol/{programme}/{side}/{step}":              {Path: step, Status: 200},
		"POST /enrol/{programme}/{side}/{step}":             {Path: step, Form: url.Values{"consent": {b.Programme.Privacy.Version}}, Status: 303},
		"GET /enrol/{programme}/{side}/check":               {Path: side, Status: 303}, // nothing is filled in
		"POST /enrol/{programme}/{side}/check":              {Path: side, Status: 303},
		"GET /enrol/{programme}/{side}/sent":                {Path: side, Status: 200},
		"POST /enrol/{programme}/{side}/sent":               {Path: side, Status: 303}, // nothing was sent
		"GET /enrol/{programme}/{side}/address":             {Path: side, Status: 303},
		"POST /enrol/{programme}/{side}/address":            {Path: side, Form: url.Values{"email": {"sam@example.org"}}, Status: 303},
		"GET /enrol/pass-on/{programme}":                    {Status: 200},
		"POST /enrol/pass-on/{programme}":                   {Status: 422}, // to nobody
		"GET /enrol/passed-on/{link}":                       {Link: invited, Status: 200},
		"POST /enrol/passed-on/{link}":                      {Link: invited, Status: 422}, // which chooses nothing
		"GET /enrol/confirm/{link}":                         {Link: own, Status: 200},
		"POST /enrol/confirm/{link}":                        {Link: own, Status: 422}, // which chooses nothing
	}, "Alex", "Example Trust")
}
