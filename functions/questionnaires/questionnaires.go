// Package questionnaires is the function that invites people to a questionnaire
// when they have enrolled and when their last pairing has ended, and the pages behind
// the invitation: filled in over several visits, submitted once.
//
// What people answer is kept in a database of its own, under ids that this function alone
// can work out; see package questionnaire of the domain, and docs/security.md.
package questionnaires

import (
	"context"
	"embed"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/device"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

func init() { serve.Register("questionnaires", New) }

//go:embed pages/*.html
var files embed.FS

// site is what the handlers work with.
type site struct {
	*serve.Site
	// door is before saved answers.
	door device.Door
	// opened are the programmes of the links that were opened last.
	opened opened
}

// New makes the function's handler.
var New = serve.Pages(routes, files, device.Pages)

// routes are the function's contents page.
func routes(at *serve.Site, route serve.Route) {
	s := &site{Site: at, door: beforeAnswers(at)}
	at.ReadBeside(s.ahead)
	events := cloudevent.Handlers{
		Document: func(ctx context.Context, ids []string) error {
			if len(ids) != 2 {
				return nil // a document below a pairing
			}
			return s.inviteEnded(ctx, ids[0], ids[1])
		},
		Schedules: map[schedule.Name]func(context.Context) error{schedule.QuestionnairesSweep: s.sweep},
		Beat:      s.Beat,
	}.Handler()
	route("POST "+cloudevent.Path, access.Deliver, access.Events, web.Plain(events))
	route("GET /questionnaire/{link}", access.See, access.OwnAnswers, s.showStart)
	route("GET /questionnaire/{link}/{page}", access.See, access.OwnAnswers, s.showPage)
	route("POST /questionnaire/{link}/{page}", access.Change, access.OwnAnswers, serve.RetryOnConflict(s.savePage))
	route("GET /questionnaire/{link}/code", access.See, access.AnswersCode, s.door.Show)
	route("POST /questionnaire/{link}/code", access.Change, access.AnswersCode, serve.RetryOnConflict(s.door.Enter))
	route("GET /questionnaire/{link}/notice", access.See, access.OwnAnswers, s.showNotice)
	route("POST /questionnaire/{link}/notice", access.Change, access.OwnAnswers, serve.RetryOnConflict(s.agree))
	route("GET /questionnaire/{link}/check", access.See, access.OwnAnswers, s.showCheck)
	route("POST /questionnaire/{link}/check", access.Change, access.OwnAnswers, serve.RetryOnConflict(s.submit))
}
