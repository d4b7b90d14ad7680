// Package participant is the function for a participant's pages behind an emailed
// link: whom to choose, the match and its answer, the sessions of the pairing, which
// emails they get, and what is held about them.
package participant

import (
	"embed"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/device"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

func init() { serve.Register("participant", New) }

//go:embed pages/*.html parts/*.html
var files embed.FS

// site is what the handlers work with.
type site struct {
	*serve.Site
	// beforeWords stands before what the two of a pairing wrote.
	beforeWords device.Door
	// beforeAddress stands before another address.
	beforeAddress device.Door
	// beforeMy stands before all that somebody takes part in, and beforeMine before what is
	// held about them.
	beforeMy, beforeMine device.Door
	// beforeComplaint stands before a complaint, which the named person reads.
	beforeComplaint device.Door
}

// New makes the function's handler.
var New = serve.Pages(routes, files, device.Pages)

// routes are the function's contents page.
func routes(at *serve.Site, route serve.Route) {
	s := &site{at, beforeWords(at), doorBeforeAddress(at), beforeMy(at), beforeMine(at), beforeComplaint(at)}
	at.ReadBeside(s.ahead)
	route = s.askingAnew(route)

	route("GET /match/{link}", access.See, access.OwnMatch, s.showMatch)
	route("GET /match/{link}/check", access.See, access.OwnMatch, s.showCheck)
	route("GET /match/{link}/check/row", access.See, access.OwnMatch, s.downloadRow)
	route("GET /match/{link}/accept", access.See, access.OwnMatch, s.showExpectations)
	route("POST /match/{link}/accept", access.Change, access.OwnMatch, serve.RetryOnConflict(s.accept))
	route("GET /match/{link}/decline", access.See, access.OwnMatch, s.showDecline(s.matched))
	route("POST /match/{link}/decline", access.Change, access.OwnMatch, serve.RetryOnConflict(s.decline(s.matched)))

	route("POST /match/{link}/conflict", access.Change, access.OwnMatch, serve.RetryOnConflict(s.checkConflict))
	route("GET /match/{link}/question", access.See, access.OwnMatch, s.showAskAbout)
	route("POST /match/{link}/question", access.Change, access.OwnMatch, serve.RetryOnConflict(s.askAbout))
	route("POST /match/{link}/sessions", access.Change, access.OwnMatch, s.toSessions)
	route("GET /match/{link}/notice", access.See, access.OwnMatch, s.showNotice)
	route("POST /match/{link}/notice", access.Change, access.OwnMatch, serve.RetryOnConflict(s.chooseNotice))
	route("POST /match/{link}/mine", access.Change, access.OwnMatch, s.to(purpose.Mine))
	route("POST /match/{link}/my", access.Change, access.OwnMatch, s.to(purpose.My))
	route("GET /match/{link}/leave", access.See, access.OwnMatch, s.showLeave)
	route("POST /match/{link}/leave", access.Change, access.OwnMatch, serve.RetryOnConflict(s.leave))

	route("GET /choose/{link}", access.See, access.OwnChoices, s.showChoices)
	route("POST /choose/{link}", access.Change, access.OwnChoices, serve.RetryOnConflict(s.rank))
	route("GET /choose/{link}/with/{person}", access.See, access.OwnChoices, s.showAsk)
	route("POST /choose/{link}/with/{person}", access.Change, access.OwnChoices, serve.RetryOnConflict(s.ask))
	route("GET /choose/{link}/decline", access.See, access.OwnChoices, s.showDecline(s.chosen))
	route("POST /choose/{link}/decline", access.Change, access.OwnChoices, serve.RetryOnConflict(s.decline(s.chosen)))
	route("GET /choose/{link}/notice", access.See, access.OwnChoices, s.showNotice)
	route("POST /choose/{link}/notice", access.Change, access.OwnChoices, serve.RetryOnConflict(s.chooseNotice))
	route("POST /choose/{link}/mine", access.Change, access.OwnChoices, s.to(purpose.Mine))
	route("POST /choose/{link}/my", access.Change, access.OwnChoices, s.to(purpose.My))
	route("GET /choose/{link}/leave", access.See, access.OwnChoices, s.showLeave)
	route("POST /choose/{link}/leave", access.Change, access.OwnChoices, serve.RetryOnConflict(s.leave))

	route("GET /pairing/{link}", access.See, access.OwnPairing, s.showPairing)
	route("GET /pairing/{link}/agreed", access.See, access.OwnPairing, s.known(s.beforeWords, s.showAgreed))
	route("POST /pairing/{link}/agreed", access.Change, access.OwnPairing, serve.RetryOnConflict(s.known(s.beforeWords, s.agree)))
	route("GET /pairing/{link}/book", access.See, access.OwnPairing, s.showBook)
	route("POST /pairing/{link}/book", access.Change, access.OwnPairing, s.book)
	route("GET /pairing/{link}/propose", access.See, access.OwnPairing, s.showPropose)
	route("POST /pairing/{link}/propose", access.Change, access.OwnPairing, serve.RetryOnConflict(s.propose))
	route("POST /pairing/{link}/pick", access.Change, access.OwnPairing, serve.RetryOnConflict(s.pick))
	route("GET /pairing/{link}/move/{session}", access.See, access.OwnPairing, s.showMove)
	route("POST /pairing/{link}/move/{session}", access.Change, access.OwnPairing, serve.RetryOnConflict(s.move))
	route("GET /pairing/{link}/cancel/{session}", access.See, access.OwnPairing, s.showCancel)
	route("POST /pairing/{link}/cancel/{session}", access.Change, access.OwnPairing, serve.RetryOnConflict(s.cancel))
	route("GET /pairing/{link}/log/{session}", access.See, access.OwnPairing, s.showLog)
	route("POST /pairing/{link}/log/{session}", access.Change, access.OwnPairing, serve.RetryOnConflict(s.log))
	route("GET /pairing/{link}/note/{session}", access.See, access.OwnPairing, s.showNote)
	route("POST /pairing/{link}/note/{session}", access.Change, access.OwnPairing, serve.RetryOnConflict(s.note))
	route("GET /pairing/{link}/notebook", access.See, access.OwnPairing, s.known(s.beforeWords, s.showNotebook))
	route("POST /pairing/{link}/notebook", access.Change, access.OwnPairing, serve.RetryOnConflict(s.known(s.beforeWords, s.notebook)))
	route("GET /pairing/{link}/story", access.See, access.OwnPairing, s.known(s.beforeWords, s.showStory))
	route("GET /pairing/{link}/bank", access.See, access.OwnPairing, s.showBank)
	route("GET /pairing/{link}/ending", access.See, access.OwnPairing, s.showEnding)
	route("POST /pairing/{link}/ending", access.Change, access.OwnPairing, serve.RetryOnConflict(s.writeEnding))
	route("GET /pairing/{link}/code", access.See, access.PairingCode, s.beforeWords.Show)
	route("POST /pairing/{link}/code", access.Change, access.PairingCode, serve.RetryOnConflict(s.beforeWords.Enter))
	route("POST /pairing/{link}/further", access.Change, access.OwnPairing, serve.RetryOnConflict(s.further))
	route("POST /pairing/{link}/finish", access.Change, access.OwnPairing, serve.RetryOnConflict(s.finish))
	route("GET /pairing/{link}/pause", access.See, access.OwnPairing, s.showPause)
	route("POST /pairing/{link}/pause", access.Change, access.OwnPairing, serve.RetryOnConflict(s.pause))
	route("POST /pairing/{link}/resume", access.Change, access.OwnPairing, serve.RetryOnConflict(s.resume))
	route("GET /pairing/{link}/stop", access.See, access.OwnPairing, s.showStop)
	route("POST /pairing/{link}/stop", access.Change, access.OwnPairing, serve.RetryOnConflict(s.stop))
	route("POST /pairing/{link}/next", access.Change, access.OwnPairing, serve.RetryOnConflict(s.next))
	route("POST /pairing/{link}/emails", access.Change, access.OwnPairing, s.to(purpose.Emails))
	route("GET /pairing/{link}/notice", access.See, access.OwnPairing, s.showNotice)
	route("POST /pairing/{link}/notice", access.Change, access.OwnPairing, serve.RetryOnConflict(s.chooseNotice))
	route("POST /pairing/{link}/mine", access.Change, access.OwnPairing, s.to(purpose.Mine))
	route("POST /pairing/{link}/my", access.Change, access.OwnPairing, s.to(purpose.My))
	route("GET /pairing/{link}/leave", access.See, access.OwnPairing, s.showLeave)
	route("POST /pairing/{link}/leave", access.Change, access.OwnPairing, serve.RetryOnConflict(s.leave))

	route("GET /emails/{link}", access.See, access.OwnEmails, s.showEmails)
	route("POST /emails/{link}", access.Change, access.OwnEmails, serve.RetryOnConflict(s.chooseEmails))
	route("GET /emails/{link}/code", access.See, access.AddressCode, s.beforeAddress.Show)
	route("POST /emails/{link}/code", access.Change, access.AddressCode, serve.RetryOnConflict(s.beforeAddress.Enter))
	route("GET /emails/{link}/address", access.See, access.OwnEmails, s.showAddress)
	route("POST /emails/{link}/address", access.Change, access.OwnEmails, serve.RetryOnConflict(s.askAddress))
	route("POST /emails/{link}/not-me", access.Change, access.OwnEmails, serve.RetryOnConflict(s.notMe))
	route("GET /address/{link}", access.See, access.OwnAddress, s.showConfirmAddress)
	route("POST /address/{link}", access.Change, access.OwnAddress, serve.RetryOnConflict(s.confirmAddress))
	route("GET /emails/{$}", access.See, access.OwnLinks, s.showAskLink)
	route("POST /emails/{$}", access.Add, access.OwnLinks, s.sendLink)
	route("GET /emails/{link}/notice", access.See, access.OwnEmails, s.showNotice)
	route("POST /emails/{link}/notice", access.Change, access.OwnEmails, serve.RetryOnConflict(s.chooseNotice))
	route("POST /emails/{link}/mine", access.Change, access.OwnEmails, s.to(purpose.Mine))
	route("POST /emails/{link}/my", access.Change, access.OwnEmails, s.to(purpose.My))
	route("GET /emails/{link}/leave", access.See, access.OwnEmails, s.showLeave)
	route("POST /emails/{link}/leave", access.Change, access.OwnEmails, serve.RetryOnConflict(s.leave))

	route("GET /my/{link}", access.See, access.OwnProgramme, s.showMy)
	route("GET /my/{link}/code", access.See, access.ProgrammeCode, s.beforeMy.Show)
	route("POST /my/{link}/code", access.Change, access.ProgrammeCode, serve.RetryOnConflict(s.beforeMy.Enter))
	route("POST /my/{link}/open/{what}/{id}", access.Change, access.OwnProgramme, s.openMy)
	route("GET /my/{link}/notice", access.See, access.OwnProgramme, s.showNotice)
	route("POST /my/{link}/notice", access.Change, access.OwnProgramme, serve.RetryOnConflict(s.chooseNotice))
	route("POST /my/{link}/mine", access.Change, access.OwnProgramme, s.to(purpose.Mine))
	route("GET /my/{link}/leave", access.See, access.OwnProgramme, s.known(s.beforeMy, s.showLeave))
	route("POST /my/{link}/leave", access.Change, access.OwnProgramme, serve.RetryOnConflict(s.known(s.beforeMy, s.leave)))

	route("GET /my/{link}/free", access.See, access.OwnProgramme, s.showFree)
	route("POST /my/{link}/free", access.Change, access.OwnProgramme, serve.RetryOnConflict(s.free))
	route("GET /my/{link}/chair/{when}", access.See, access.OwnProgramme, s.showChair)
	route("POST /my/{link}/chair/{when}", access.See, access.OwnProgramme, s.chair)
	route("GET /my/{link}/pass-on", access.See, access.OwnProgramme, s.showPassOn)
	route("POST /my/{link}/pass-on", access.Change, access.OwnProgramme, serve.RetryOnConflict(s.passOn))
	route("GET /my/{link}/new-leader/{side}", access.See, access.OwnProgramme, s.showNewLeader)
	route("POST /my/{link}/new-leader/{side}", access.Change, access.OwnProgramme, serve.RetryOnConflict(s.newLeader))
	route("GET /my/{link}/hours", access.See, access.OwnProgramme, s.showHours)
	route("GET /my/{link}/hours/download", access.See, access.OwnProgramme, s.downloadHours)

	route("GET /my/{link}/assistant", access.See, access.OwnProgramme, s.showAssistant)
	route("POST /my/{link}/assistant", access.Change, access.OwnProgramme, serve.RetryOnConflict(s.nameAssistant))

	route("GET /my/{link}/myself", access.See, access.OwnProgramme, s.showMyself)
	route("POST /my/{link}/myself", access.Change, access.OwnProgramme, serve.RetryOnConflict(s.sealMyself))

	route("GET /my/{link}/complain", access.See, access.OwnProgramme, s.showComplain)
	route("POST /my/{link}/complain", access.Change, access.OwnProgramme, serve.RetryOnConflict(s.complain))

	route("GET /complaint/{link}", access.See, access.Complaint, s.showComplaint)
	route("POST /complaint/{link}", access.Change, access.Complaint, serve.RetryOnConflict(s.answerComplaint))
	route("GET /complaint/{link}/code", access.See, access.ComplaintCode, s.beforeComplaint.Show)
	route("POST /complaint/{link}/code", access.Change, access.ComplaintCode, serve.RetryOnConflict(s.beforeComplaint.Enter))

	route("GET /assistant/{link}", access.See, access.PickedTimes, s.showAssisting)
	route("POST /assistant/{link}", access.Change, access.PickedTimes, serve.RetryOnConflict(s.answerAssisting))
	route("GET /assistant/{link}/times/{pairing}", access.See, access.PickedTimes, s.showTimes)
	route("POST /assistant/{link}/pick/{pairing}", access.Change, access.PickedTimes, serve.RetryOnConflict(s.pick))
	route("GET /assistant/{link}/propose/{pairing}", access.See, access.PickedTimes, s.showPropose)
	route("POST /assistant/{link}/propose/{pairing}", access.Change, access.PickedTimes, serve.RetryOnConflict(s.propose))

	route("GET /mine/{link}", access.See, access.OwnData, s.showMine)
	route("GET /mine/{link}/code", access.See, access.DataCode, s.beforeMine.Show)
	route("POST /mine/{link}/code", access.Change, access.DataCode, serve.RetryOnConflict(s.beforeMine.Enter))
	route("GET /mine/{link}/correct/{side}/{group}", access.See, access.OwnData, s.showCorrect)
	route("POST /mine/{link}/correct/{side}/{group}", access.Change, access.OwnData, serve.RetryOnConflict(s.correct))
	route("POST /mine/{link}/others", access.Change, access.OwnData, s.askOthers)
	route("GET /mine/{link}/download", access.See, access.OwnData, s.showDownload)
	route("GET /mine/{link}/download/{file}", access.See, access.OwnData, s.downloads)
	route("GET /mine/{link}/notice", access.See, access.OwnData, s.showNotice)
	route("POST /mine/{link}/notice", access.Change, access.OwnData, serve.RetryOnConflict(s.chooseNotice))
	route("POST /mine/{link}/emails", access.Change, access.OwnData, s.to(purpose.Emails))
	route("POST /mine/{link}/my", access.Change, access.OwnData, s.to(purpose.My))
	route("GET /mine/{link}/leave", access.See, access.OwnData, s.showLeave)
	route("POST /mine/{link}/leave", access.Change, access.OwnData, serve.RetryOnConflict(s.leave))
	route("GET /mine/{link}/erase", access.See, access.OwnData, s.showErase)
	route("POST /mine/{link}/erase", access.Change, access.OwnData, serve.RetryOnConflict(s.askErase))
	route("POST /mine/{link}/stop-erasing", access.Change, access.OwnData, serve.RetryOnConflict(s.stopErase))
	route("GET /erase/{link}", access.See, access.OwnErasure, s.showConfirmErase)
	route("POST /erase/{link}", access.Change, access.OwnErasure, serve.RetryOnConflict(s.confirmErase))
}
