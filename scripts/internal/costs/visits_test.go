package costs

import (
	"crypto/rand"
	"fmt"
	"github.com/cascading-leadership/cascade/shared/access"
	"html"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/openid/openidtest"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/request"
)

// visits are how each route is asked for, by function and route: as people do whose
// request is done. Whatever it changes is new each time.
var visits = map[string]func(*place) *http.Request{
	"enrolment GET /{$}":                                          page("/"),
	"enrolment GET /enrol/{programme}":                            page("/enrol/pilot"),
	"enrolment GET /privacy/{$}":                                  page("/privacy/"),
	"enrolment GET /privacy/{programme}":                          page("/privacy/pilot"),
	"enrolment GET /enrol/look/{programme}/{version}/colours.css": page("/enrol/look/pilot/x/colours.css"),
	"enrolment GET /enrol/look/{programme}/{logo}/logo":           page("/enrol/look/pilot/logo/logo"),
	"enrolment GET /enrol/organisations":                          page("/enrol/organisations?q=example"),
	"enrolment POST /enrol/{programme}/{side}": func(x *place) *http.Request {
		x.made++
		return x.request(http.MethodPost, "/enrol/pilot/seek", "application/json", fmt.Sprintf(`{"name": "Alex Sample", "email": "json-%d@example.org", "organisation": "Example Trust",
			"postcode": "LS6 2AB", "categories": ["HE"], "skills": {"fundraising": 3, "board": 1}, "availability": ["mon-am"], "meeting": ["video"], "consent": %q}`, x.made, x.Programme.Privacy.Version))
	},
	"enrolment GET /enrol/openapi/{programme}": page("/enrol/openapi/pilot"),
	"enrolment OPTIONS /enrol/{programme}/{side}": func(x *place) *http.Request {
		r := x.request(http.MethodOptions, "/enrol/pilot/seek", "", "")
		r.Header.Set("Origin", "https://www.example.org")
		r.Header.Set("Access-Control-Request-Method", http.MethodPost)
		return r
	},
	"enrolment GET /enrol/{programme}/{side}/{step}": page("/enrol/pilot/seek/needs"),
	"enrolment POST /enrol/{programme}/{side}/{step}": func(x *place) *http.Request {
		return x.post("/enrol/pilot/seek/needs", url.Values{"needs": {"board", "digital"}})
	},
	"enrolment GET /enrol/{programme}/{side}/check": page("/enrol/pilot/seek/check"),
	"enrolment POST /enrol/{programme}/{side}/check": func(x *place) *http.Request {
		x.fill()
		return x.post("/enrol/pilot/seek/check", nil)
	},
	"enrolment GET /enrol/{programme}/{side}/sent": page("/enrol/pilot/seek/sent"),
	"enrolment POST /enrol/{programme}/{side}/sent": func(x *place) *http.Request {
		x.send()
		x.Pass(2 * time.Minute)
		return x.post("/enrol/pilot/seek/sent", nil)
	},
	"enrolment GET /enrol/{programme}/{side}/address": func(x *place) *http.Request {
		x.send()
		return x.get("/enrol/pilot/seek/address")
	},
	"enrolment POST /enrol/{programme}/{side}/address": func(x *place) *http.Request {
		x.send()
		return x.post("/enrol/pilot/seek/address", url.Values{"email": {fmt.Sprintf("corrected-%d@example.org", x.made)}})
	},
	"enrolment GET /enrol/pass-on/{programme}": page("/enrol/pass-on/pilot"),
	"enrolment POST /enrol/pass-on/{programme}": func(x *place) *http.Request {
		x.made++
		return x.post("/enrol/pass-on/pilot", url.Values{"email": {fmt.Sprintf("passed-%d@example.org", x.made)}})
	},
	"enrolment GET /enrol/passed-on/{link}": func(x *place) *http.Request { return x.get(x.passedOn()) },
	"enrolment POST /enrol/passed-on/{link}": func(x *place) *http.Request {
		return x.post(x.passedOn(), url.Values{"do": {"never"}})
	},
	"enrolment GET /enrol/confirm/{link}": func(x *place) *http.Request { return x.get(x.toConfirm()) },
	"enrolment POST /enrol/confirm/{link}": func(x *place) *http.Request {
		at := x.toConfirm()
		form := testbed.Hidden(x.do("enrolment", x.get(at)).Body.String())
		form.Set("do", "confirm")
		return x.post(at, form)
	},

	"participant GET /match/{link}":           func(x *place) *http.Request { return x.get(x.toMatch(x.released)) },
	"participant GET /match/{link}/check":     func(x *place) *http.Request { return x.get(x.toMatch(x.released) + "/check") },
	"participant GET /match/{link}/check/row": func(x *place) *http.Request { return x.get(x.toMatch(x.released) + "/check/row") },
	"participant GET /match/{link}/accept":    func(x *place) *http.Request { return x.get(x.toMatch(x.released) + "/accept") },
	"participant POST /match/{link}/accept": func(x *place) *http.Request { // the second of both, which has their pairing begin
		m := x.read(x.release())
		if err := m.Accept(programme.Consultant, x.Programme.Expectations.Version, x.Now()); err != nil {
			x.t.Fatal(err)
		}
		c := x.Store.Commit()
		c.UpdateMatch("pilot", m)
		x.Commit(c)
		return x.post(x.toMatch(m)+"/accept", x.agree())
	},
	"participant POST /match/{link}/sessions": func(x *place) *http.Request { return x.post(x.toMatch(x.paired)+"/sessions", nil) },
	"participant POST /match/{link}/mine":     func(x *place) *http.Request { return x.post(x.toMatch(x.released)+"/mine", nil) },
	"participant GET /match/{link}/notice":    func(x *place) *http.Request { return x.get(x.toMatch(x.released) + "/notice") },
	"participant POST /match/{link}/notice": func(x *place) *http.Request {
		return x.post(x.toMatch(x.release())+"/notice", url.Values{"do": {"give-interview"}})
	},
	"participant GET /match/{link}/leave":  func(x *place) *http.Request { return x.get(x.toMatch(x.released) + "/leave") },
	"participant POST /match/{link}/leave": func(x *place) *http.Request { return x.post(x.toMatch(x.release())+"/leave", nil) },
	"participant POST /match/{link}/conflict": func(x *place) *http.Request {
		m := x.read(x.release())
		m.Neutral = true
		x.save(m)
		return x.post(x.toMatch(m)+"/conflict", url.Values{"conflict": {"none"}})
	},
	"participant GET /match/{link}/question": func(x *place) *http.Request { return x.get(x.toMatch(x.released) + "/question") },
	"participant POST /match/{link}/question": func(x *place) *http.Request {
		return x.post(x.toMatch(x.release())+"/question", url.Values{"question": {"Is it near?"}})
	},
	"participant GET /match/{link}/decline": func(x *place) *http.Request { return x.get(x.toMatch(x.released) + "/decline") },
	"participant POST /match/{link}/decline": func(x *place) *http.Request {
		return x.post(x.toMatch(x.release())+"/decline", url.Values{"decline": {"yes"}, "reason": {"No time"}})
	},

	"participant GET /choose/{link}": func(x *place) *http.Request { return x.get(x.toChoose(0)) },
	"participant POST /choose/{link}": func(x *place) *http.Request {
		x.made++
		at := x.toChoose(x.made % len(x.clients))
		who, _, _ := strings.Cut(x.choosable(at), "?")
		x.mode(programme.Ranked)
		return x.post(at, url.Values{enrolment.Ranks[0].Name: {who}})
	},
	"participant GET /choose/{link}/with/{person}": func(x *place) *http.Request {
		at := x.toChoose(0)
		return x.get(at + "/with/" + x.choosable(at))
	},
	"participant POST /choose/{link}/with/{person}": func(x *place) *http.Request { return x.chooses() },
	"participant GET /choose/{link}/decline": func(x *place) *http.Request {
		r := x.chooses()
		x.succeeds("participant", r)
		return x.get(x.declines())
	},
	"participant POST /choose/{link}/decline": func(x *place) *http.Request {
		r := x.chooses()
		x.succeeds("participant", r)
		return x.post(x.declines(), url.Values{"decline": {"yes"}, "reason": {"Too far"}})
	},
	"participant POST /choose/{link}/mine":  func(x *place) *http.Request { return x.post(x.toChoose(0)+"/mine", nil) },
	"participant GET /choose/{link}/notice": func(x *place) *http.Request { return x.get(x.toChoose(0) + "/notice") },
	"participant POST /choose/{link}/notice": func(x *place) *http.Request {
		r := x.chooses()
		x.succeeds("participant", r)
		return x.post(x.chooser+"/notice", url.Values{"do": {"give-interview"}})
	},
	"participant GET /choose/{link}/leave": func(x *place) *http.Request { return x.get(x.toChoose(0) + "/leave") },
	"participant POST /choose/{link}/leave": func(x *place) *http.Request {
		r := x.chooses()
		x.succeeds("participant", r)
		return x.post(x.chooser+"/leave", nil)
	},

	"participant GET /pairing/{link}":        func(x *place) *http.Request { return x.getWords("") },
	"participant GET /pairing/{link}/agreed": func(x *place) *http.Request { return x.getWords("/agreed") },
	"participant POST /pairing/{link}/agreed": func(x *place) *http.Request {
		at := x.toPairing(x.pair())
		return x.codedFor(at, "", x.post(at+"/agreed", url.Values{"agreement": {"We begin on time"}}))
	},
	"participant GET /pairing/{link}/book": func(x *place) *http.Request { return x.get(x.toPairing(x.paired) + "/book") },
	"participant POST /pairing/{link}/book": func(x *place) *http.Request {
		return x.post(x.toPairing(x.pair())+"/book", x.booking("form", rand.Text()))
	},
	"participant GET /pairing/{link}/note/{session}": func(x *place) *http.Request { return x.get(x.toSession(x.paired, "note", 8)) },
	"participant POST /pairing/{link}/note/{session}": func(x *place) *http.Request {
		return x.post(x.toSession(x.pair(), "note", 8), url.Values{"note": {"The board"}, "released": {"The budget"}})
	},
	"participant GET /pairing/{link}/notebook": func(x *place) *http.Request { return x.getWords("/notebook") },
	"participant POST /pairing/{link}/notebook": func(x *place) *http.Request {
		at := x.toPairing(x.pair())
		return x.codedFor(at, "", x.post(at+"/notebook", url.Values{"do": {"goal"}, "form": {rand.Text()}, "goal": {"Explore"}}))
	},
	"participant GET /pairing/{link}/story":    func(x *place) *http.Request { return x.getWords("/story") },
	"participant GET /pairing/{link}/propose":  func(x *place) *http.Request { return x.get(x.toPairing(x.paired) + "/propose") },
	"participant POST /pairing/{link}/propose": func(x *place) *http.Request { return x.post(x.toPairing(x.pair())+"/propose", x.proposing()) },
	"participant POST /pairing/{link}/further": func(x *place) *http.Request { // to give the coordinator's answer
		m := x.pair()
		return x.post(x.toPairing(m)+"/further", url.Values{"do": {"further-leave"}, "asked": {x.further(m, pairing.FurtherAsked)}})
	},
	"participant POST /pairing/{link}/pick": func(x *place) *http.Request {
		m := x.picked()
		return x.post(x.toPairing(m)+"/pick", x.picking(m))
	},
	"participant GET /pairing/{link}/move/{session}": func(x *place) *http.Request { return x.get(x.toSession(x.paired, "move", 8)) },
	"participant POST /pairing/{link}/move/{session}": func(x *place) *http.Request {
		return x.post(x.toSession(x.pair(), "move", 8), x.booking("seen", "0"))
	},
	"participant GET /pairing/{link}/cancel/{session}": func(x *place) *http.Request { return x.get(x.toSession(x.paired, "cancel", 10)) },
	"participant POST /pairing/{link}/cancel/{session}": func(x *place) *http.Request {
		return x.post(x.toSession(x.pair(), "cancel", 8), url.Values{"seen": {"0"}})
	},
	"participant GET /pairing/{link}/log/{session}": func(x *place) *http.Request { return x.get(x.toSession(x.paired, "log", -1)) },
	"participant POST /pairing/{link}/log/{session}": func(x *place) *http.Request {
		return x.post(x.toSession(x.pair(), "log", -1), url.Values{"held": {"yes"}, "balance": {"both"}, "thinking": {"asked"}})
	},
	"participant GET /pairing/{link}/bank":   func(x *place) *http.Request { return x.get(x.toHelping(x.paired) + "/bank") },
	"participant GET /pairing/{link}/ending": func(x *place) *http.Request { return x.get(x.toPairing(x.paired) + "/ending") },
	"participant POST /pairing/{link}/ending": func(x *place) *http.Request {
		return x.post(x.toPairing(x.pair())+"/ending", url.Values{"takes": {"Time"}, "thanks": {"Thank you"}, "pass": {"yes"}})
	},
	"participant GET /pairing/{link}/code": func(x *place) *http.Request { return x.stranger(x.get(x.toPairing(x.paired) + "/code")) },
	"participant POST /pairing/{link}/code": func(x *place) *http.Request {
		return x.post(x.toPairing(x.paired)+"/code", url.Values{"do": {"send"}})
	},
	"participant POST /pairing/{link}/finish": func(x *place) *http.Request { return x.post(x.toPairing(x.pair())+"/finish", nil) },
	"participant GET /pairing/{link}/pause":   func(x *place) *http.Request { return x.get(x.toPairing(x.paired) + "/pause") },
	"participant POST /pairing/{link}/pause": func(x *place) *http.Request { // with a session to cancel
		m := x.pair()
		x.session(m, 3)
		return x.post(x.toPairing(m)+"/pause", x.booking("", ""))
	},
	"participant POST /pairing/{link}/resume": func(x *place) *http.Request {
		at := x.toPairing(x.pair())
		x.succeeds("participant", x.post(at+"/pause", x.booking("", "")))
		return x.post(at+"/resume", nil)
	},
	"participant GET /pairing/{link}/stop": func(x *place) *http.Request { return x.get(x.toPairing(x.paired) + "/stop") },
	"participant POST /pairing/{link}/stop": func(x *place) *http.Request { // with a session to cancel
		m := x.pair()
		x.session(m, 3)
		return x.post(x.toPairing(m)+"/stop", url.Values{"next": {"another"}})
	},
	"participant POST /pairing/{link}/next": func(x *place) *http.Request {
		at := x.toPairing(x.pair())
		x.succeeds("participant", x.post(at+"/stop", url.Values{"next": {"later"}}))
		return x.post(at+"/next", url.Values{"next": {"another"}})
	},
	"participant POST /pairing/{link}/emails": func(x *place) *http.Request { return x.post(x.toPairing(x.paired)+"/emails", nil) },
	"participant POST /pairing/{link}/mine":   func(x *place) *http.Request { return x.post(x.toPairing(x.paired)+"/mine", nil) },
	"participant GET /pairing/{link}/notice":  func(x *place) *http.Request { return x.get(x.toPairing(x.paired) + "/notice") },
	"participant POST /pairing/{link}/notice": func(x *place) *http.Request {
		return x.post(x.toPairing(x.pair())+"/notice", url.Values{"do": {"give-interview"}})
	},
	"participant GET /pairing/{link}/leave": func(x *place) *http.Request { return x.get(x.toPairing(x.paired) + "/leave") },
	"participant POST /pairing/{link}/leave": func(x *place) *http.Request { // with a session to cancel
		m := x.pair()
		x.session(m, 3)
		return x.post(x.toPairing(m)+"/leave", nil)
	},

	"participant GET /emails/{link}": func(x *place) *http.Request { return x.get(x.toEmails()) },
	"participant POST /emails/{link}": func(x *place) *http.Request {
		return x.post(x.toEmails(), url.Values{"do": {"pause"}})
	},
	"participant GET /emails/{link}/notice": func(x *place) *http.Request { return x.get(x.toEmails() + "/notice") },
	"participant POST /emails/{link}/notice": func(x *place) *http.Request {
		return x.post(x.Link(purpose.Emails, store.Link{Programme: "pilot", Person: path.Base(x.newcomer()), Role: programme.Client})+"/notice", url.Values{"do": {"give-interview"}})
	},
	"participant GET /emails/{link}/leave": func(x *place) *http.Request { return x.get(x.toEmails() + "/leave") },
	"participant POST /emails/{link}/leave": func(x *place) *http.Request {
		return x.post(x.Link(purpose.Emails, store.Link{Programme: "pilot", Person: path.Base(x.newcomer()), Role: programme.Client})+"/leave", nil)
	},

	"participant GET /emails/{link}/code": func(x *place) *http.Request { return x.stranger(x.get(x.toEmails() + "/code")) },
	"participant POST /emails/{link}/code": func(x *place) *http.Request {
		return x.post(x.toEmails()+"/code", url.Values{"do": {"send"}})
	},
	"participant GET /emails/{link}/address": func(x *place) *http.Request {
		at := x.toEmails()
		return x.coded(at, x.get(at+"/address"))
	},
	"participant POST /emails/{link}/address": func(x *place) *http.Request {
		at := x.of(purpose.Emails, x.newcomer())
		return x.coded(at, x.post(at+"/address", url.Values{"email": {fmt.Sprintf("other-%d@example.org", x.made)}}))
	},
	"participant POST /emails/{link}/not-me": func(x *place) *http.Request { return x.post(x.of(purpose.Emails, x.newcomer())+"/not-me", nil) },
	"participant GET /address/{link}":        func(x *place) *http.Request { return x.get(x.of(purpose.Address, x.newcomer(x.moving))) },
	"participant POST /address/{link}": func(x *place) *http.Request {
		at := x.of(purpose.Address, x.newcomer(x.moving))
		return x.post(at, testbed.Hidden(x.do("participant", x.get(at)).Body.String()))
	},
	"participant POST /emails/{link}/my":  func(x *place) *http.Request { return x.post(x.toEmails()+"/my", nil) },
	"participant POST /match/{link}/my":   func(x *place) *http.Request { return x.post(x.toMatch(x.released)+"/my", nil) },
	"participant POST /choose/{link}/my":  func(x *place) *http.Request { return x.post(x.toChoose(0)+"/my", nil) },
	"participant POST /pairing/{link}/my": func(x *place) *http.Request { return x.post(x.toPairing(x.paired)+"/my", nil) },
	"participant POST /mine/{link}/my":    func(x *place) *http.Request { return x.post(x.toMine()+"/my", nil) },
	"participant GET /my/{link}": func(x *place) *http.Request { // with a session to come
		m := x.pair()
		x.session(m, 3)
		at := x.of(purpose.My, m.Client.Enrolment)
		return x.codedFor(at, "", x.get(at))
	},
	"participant GET /my/{link}/code": func(x *place) *http.Request {
		return x.stranger(x.get(x.of(purpose.My, x.paired.Client.Enrolment) + "/code"))
	},
	"participant POST /my/{link}/code": func(x *place) *http.Request {
		return x.post(x.of(purpose.My, x.newcomer())+"/code", url.Values{"do": {"send"}})
	},
	"participant POST /my/{link}/open/{what}/{id}": func(x *place) *http.Request {
		m := x.pair()
		at := x.of(purpose.My, m.Client.Enrolment)
		return x.codedFor(at, "", x.post(at+"/open/sessions/"+m.ID, nil))
	},
	"participant GET /my/{link}/notice": func(x *place) *http.Request { return x.get(x.of(purpose.My, x.newcomer()) + "/notice") },
	"participant POST /my/{link}/notice": func(x *place) *http.Request {
		return x.post(x.of(purpose.My, x.newcomer())+"/notice", url.Values{"do": {"give-interview"}})
	},
	"participant POST /my/{link}/mine": func(x *place) *http.Request { return x.post(x.of(purpose.My, x.newcomer())+"/mine", nil) },
	"participant GET /my/{link}/leave": func(x *place) *http.Request {
		at := x.of(purpose.My, x.newcomer())
		return x.codedFor(at, "leave", x.get(at+"/leave"))
	},
	"participant POST /my/{link}/leave": func(x *place) *http.Request {
		at := x.of(purpose.My, x.newcomer())
		return x.codedFor(at, "leave", x.post(at+"/leave", nil))
	},
	"participant POST /emails/{link}/mine": func(x *place) *http.Request { return x.post(x.toEmails()+"/mine", nil) },
	"participant GET /mine/{link}":         func(x *place) *http.Request { at := x.toMine(); return x.codedFor(at, "", x.get(at)) },
	"participant GET /mine/{link}/code":    func(x *place) *http.Request { return x.get(x.toMine() + "/code") },
	"participant POST /mine/{link}/code": func(x *place) *http.Request {
		return x.post(x.toMine()+"/code", url.Values{"do": {"send"}})
	},
	"participant GET /mine/{link}/correct/{side}/{group}": func(x *place) *http.Request {
		at := x.toMine()
		return x.codedFor(at, "", x.get(at+"/correct/seek/organisation"))
	},
	"participant POST /mine/{link}/correct/{side}/{group}": func(x *place) *http.Request {
		at := x.toMine()
		return x.codedFor(at, "", x.post(at+"/correct/seek/you", url.Values{"name": {"Another Name"}, "phone": {""}}))
	},
	"participant POST /mine/{link}/others": func(x *place) *http.Request {
		at := x.toMine()
		return x.codedFor(at, "", x.post(at+"/others", nil))
	},
	"participant GET /mine/{link}/download": func(x *place) *http.Request {
		at := x.toMine()
		return x.codedFor(at, "download", x.get(at+"/download"))
	},
	"participant GET /mine/{link}/download/{file}": func(x *place) *http.Request {
		at := x.toMine()
		return x.codedFor(at, "download", x.get(at+"/download/data.json"))
	},
	"participant POST /mine/{link}/emails": func(x *place) *http.Request { return x.post(x.toMine()+"/emails", nil) },
	"participant GET /mine/{link}/notice":  func(x *place) *http.Request { return x.get(x.toMine() + "/notice") },
	"participant POST /mine/{link}/notice": func(x *place) *http.Request {
		return x.post(x.toMine()+"/notice", url.Values{"do": {"give-interview"}})
	},
	"participant GET /mine/{link}/leave":  func(x *place) *http.Request { return x.get(x.toMine() + "/leave") },
	"participant POST /mine/{link}/leave": func(x *place) *http.Request { return x.post(x.toMine()+"/leave", nil) },
	"participant GET /mine/{link}/erase": func(x *place) *http.Request {
		at := x.toMine()
		return x.codedFor(at, "erase", x.get(at+"/erase"))
	},
	"participant POST /mine/{link}/erase": func(x *place) *http.Request {
		at := x.toMine()
		return x.codedFor(at, "erase", x.post(at+"/erase", nil))
	},
	"participant POST /mine/{link}/stop-erasing": func(x *place) *http.Request {
		at := x.toMine()
		x.erasure(path.Base(x.latest))
		return x.codedFor(at, "", x.post(at+"/stop-erasing", nil))
	},
	"participant GET /my/{link}/free": func(x *place) *http.Request {
		at := x.of(purpose.My, x.newcomer())
		return x.codedFor(at, "free", x.get(at+"/free"))
	},
	"participant POST /my/{link}/free": func(x *place) *http.Request {
		at := x.of(purpose.My, x.newcomer())
		return x.codedFor(at, "free", x.post(at+"/free", url.Values{"free": {"complaints"}}))
	},
	"participant GET /my/{link}/chair/{when}": func(x *place) *http.Request {
		at := x.of(purpose.My, x.withSession().Client.Enrolment)
		return x.codedFor(at, "chair/after", x.get(at+"/chair/after"))
	},
	"participant POST /my/{link}/chair/{when}": func(x *place) *http.Request {
		at := x.of(purpose.My, x.withSession().Client.Enrolment)
		return x.codedFor(at, "chair/after", x.post(at+"/chair/after", url.Values{"do": {"show"}, "subject": {"Our year"}, "text": {"Dear chair"}}))
	},
	"participant GET /my/{link}/pass-on": func(x *place) *http.Request {
		at := x.of(purpose.My, x.completed().Client.Enrolment)
		return x.codedFor(at, "pass-on", x.get(at+"/pass-on"))
	},
	"participant POST /my/{link}/pass-on": func(x *place) *http.Request {
		at := x.of(purpose.My, x.completed().Client.Enrolment)
		return x.codedFor(at, "pass-on", x.post(at+"/pass-on", url.Values{"skill-finance": {"2"}, "capacity": {"1"}, "consent": {"yes"}}))
	},
	"participant GET /my/{link}/new-leader/{side}": func(x *place) *http.Request {
		at := x.of(purpose.My, x.newcomer())
		return x.codedFor(at, "new-leader/seek", x.get(at+"/new-leader/seek"))
	},
	"participant POST /my/{link}/new-leader/{side}": func(x *place) *http.Request {
		at := x.of(purpose.My, x.newcomer())
		x.made++
		return x.codedFor(at, "new-leader/seek", x.post(at+"/new-leader/seek", url.Values{"do": {"leader-asked"}, "email": {fmt.Sprintf("leader-%d@example.org", x.made)}}))
	},
	"participant GET /my/{link}/hours": func(x *place) *http.Request {
		at := x.of(purpose.My, x.withSession().Consultant.Enrolment)
		return x.codedFor(at, "hours", x.get(at+"/hours"))
	},
	"participant GET /my/{link}/hours/download": func(x *place) *http.Request {
		at := x.of(purpose.My, x.withSession().Consultant.Enrolment)
		return x.codedFor(at, "hours", x.get(at+"/hours/download"))
	},
	"participant GET /my/{link}/myself": func(x *place) *http.Request {
		at := x.of(purpose.My, x.newcomer())
		return x.codedFor(at, "myself", x.get(at+"/myself"))
	},
	"participant POST /my/{link}/myself": func(x *place) *http.Request {
		at := x.of(purpose.My, x.newcomer())
		return x.codedFor(at, "myself", x.post(at+"/myself", url.Values{"do": {"seal"}, "words": {"Dear me"}}))
	},
	"participant GET /my/{link}/assistant": func(x *place) *http.Request {
		at := x.of(purpose.My, x.pair().Client.Enrolment)
		return x.codedFor(at, "", x.get(at+"/assistant"))
	},
	"participant POST /my/{link}/assistant": func(x *place) *http.Request {
		at := x.of(purpose.My, x.pair().Client.Enrolment)
		return x.codedFor(at, "", x.post(at+"/assistant", url.Values{"email": {fmt.Sprintf("assistant-%d@example.org", x.made)}}))
	},
	"participant GET /assistant/{link}": func(x *place) *http.Request { return x.get(x.toAssistant(x.pair())) },
	"participant POST /assistant/{link}": func(x *place) *http.Request {
		return x.post(x.toAssistant(x.pair()), url.Values{"do": {"no"}})
	},
	"participant GET /assistant/{link}/times/{pairing}": func(x *place) *http.Request {
		m := x.picked()
		return x.get(x.toAssistant(m) + "/times/" + m.ID)
	},
	"participant POST /assistant/{link}/pick/{pairing}": func(x *place) *http.Request {
		m := x.picked()
		return x.post(x.toAssistant(m)+"/pick/"+m.ID, x.picking(m))
	},
	"participant GET /assistant/{link}/propose/{pairing}": func(x *place) *http.Request {
		m := x.pair()
		return x.get(x.toAssistant(m) + "/propose/" + m.ID)
	},
	"participant POST /assistant/{link}/propose/{pairing}": func(x *place) *http.Request {
		m := x.pair()
		return x.post(x.toAssistant(m)+"/propose/"+m.ID, x.proposing())
	},
	"participant GET /my/{link}/complain": func(x *place) *http.Request {
		at := x.of(purpose.My, x.newcomer())
		return x.codedFor(at, "complain", x.get(at+"/complain"))
	},
	"participant POST /my/{link}/complain": func(x *place) *http.Request {
		at := x.of(purpose.My, x.newcomer())
		return x.codedFor(at, "complain", x.post(at+"/complain", url.Values{"what": {"They were late."}, "form": {"f"}}))
	},
	"participant GET /complaint/{link}": func(x *place) *http.Request { at := x.complained(); return x.codedFor(at, "", x.get(at)) },
	"participant POST /complaint/{link}": func(x *place) *http.Request {
		at := x.complained()
		return x.codedFor(at, "", x.post(at, url.Values{"do": {"answer"}, "note": {"We are sorry."}}))
	},
	"participant GET /complaint/{link}/code": func(x *place) *http.Request { return x.stranger(x.get(x.complained() + "/code")) },
	"participant POST /complaint/{link}/code": func(x *place) *http.Request {
		x.forgetCodes()
		return x.post(x.complained()+"/code", url.Values{"do": {"send"}})
	},
	"participant GET /erase/{link}": func(x *place) *http.Request { return x.get(x.toErase()) },
	"participant POST /erase/{link}": func(x *place) *http.Request {
		return x.post(x.toErase(), url.Values{"do": {"confirm"}})
	},
	"participant GET /emails/{$}": page("/emails/"),
	"participant POST /emails/{$}": func(x *place) *http.Request {
		x.newcomer()
		return x.post("/emails/", url.Values{"email": {fmt.Sprintf("newcomer%d@example.org", x.made)}})
	},

	"questionnaires GET /questionnaire/{link}":        func(x *place) *http.Request { return x.get(x.asked()) },
	"questionnaires GET /questionnaire/{link}/{page}": func(x *place) *http.Request { return x.get(x.asked() + "/1") },
	"questionnaires POST /questionnaire/{link}/{page}": func(x *place) *http.Request {
		return x.post(x.asked()+"/1", url.Values{"time": {"2"}, "confidence": {"3"}, "style": {"4"}, "strategy": {"5"}, "conversations": {"1"}})
	},
	"questionnaires GET /questionnaire/{link}/code": func(x *place) *http.Request { return x.stranger(x.get(x.asked() + "/code")) },
	"questionnaires POST /questionnaire/{link}/code": func(x *place) *http.Request {
		return x.post(x.asked()+"/code", url.Values{"do": {"send"}})
	},
	"questionnaires GET /questionnaire/{link}/notice": func(x *place) *http.Request { return x.get(x.askedAnew() + "/notice") },
	"questionnaires POST /questionnaire/{link}/notice": func(x *place) *http.Request {
		return x.post(x.askedAnew()+"/notice", url.Values{"consent": {x.Programme.Privacy.Version}})
	},
	"questionnaires GET /questionnaire/{link}/check":  func(x *place) *http.Request { return x.get(x.asked() + "/check") },
	"questionnaires POST /questionnaire/{link}/check": func(x *place) *http.Request { return x.post(x.asked()+"/check", nil) },

	"evaluation GET /report/{programme}": func(x *place) *http.Request {
		r := x.stranger(x.get("/report/pilot"))
		for _, c := range x.PassTo("pilot", access.Evaluator) {
			r.AddCookie(c)
		}
		return r
	},

	"desk GET /desk/sign-in": page("/desk/sign-in"),
	"desk POST /desk/sign-in": func(x *place) *http.Request {
		return x.post("/desk/sign-in", url.Values{"email": {"morgan@example.org"}})
	},
	"desk GET /desk/sign-in/{link}":  func(x *place) *http.Request { return x.get(x.toSignIn()) },
	"desk POST /desk/sign-in/{link}": func(x *place) *http.Request { return x.elsewhere(x.post(x.toSignIn(), url.Values{"do": {"sign-in"}})) },
	"desk GET /desk/account":         page("/desk/account"),
	"desk GET /desk/account/back": func(x *place) *http.Request {
		begun := x.do("desk", x.get("/desk/account"))
		back, err := url.Parse(openidtest.Authorize(x.t, begun.Header().Get("Location")))
		if err != nil {
			x.t.Fatal(err)
		}
		r := x.elsewhere(x.get(back.RequestURI()))
		r.AddCookie(begun.Result().Cookies()[0])
		return r
	},
	"desk GET /desk/account/out": page("/desk/account/out"),
	"desk GET /desk/signed-out":  page("/desk/signed-out"),
	"desk POST /desk/sign-out":   func(x *place) *http.Request { return x.elsewhere(x.post("/desk/sign-out", nil)) },
	"desk GET /desk/sessions":    page("/desk/sessions"),
	"desk POST /desk/sessions": func(x *place) *http.Request {
		return x.elsewhere(x.post("/desk/sessions", url.Values{"all": {"yes"}}))
	},
	"desk GET /desk/{$}": page("/desk/"),

	"desk GET /desk/programmes/{programme}":                    page(pilot),
	"desk GET /desk/programmes/{programme}/waiting":            page(pilot + "/waiting"),
	"desk GET /desk/programmes/{programme}/report":             page(pilot + "/report"),
	"desk GET /desk/programmes/{programme}/people":             page(pilot + "/people"),
	"desk GET /desk/programmes/{programme}/people/{enrolment}": func(x *place) *http.Request { return x.get(x.person()) },
	"desk POST /desk/programmes/{programme}/people/{enrolment}": func(x *place) *http.Request {
		return x.post(x.newcomer(), url.Values{"workshop": {"yes"}})
	},
	"desk GET /desk/programmes/{programme}/people/{enrolment}/data": func(x *place) *http.Request {
		return x.get(x.person() + "/data?to=" + x.said())
	},
	"desk GET /desk/programmes/{programme}/people/{enrolment}/data/{file}": func(x *place) *http.Request {
		return x.get(x.person() + "/data/data.json?to=" + x.said())
	},
	"desk GET /desk/programmes/{programme}/people/{enrolment}/correct/{group}": func(x *place) *http.Request {
		return x.get(x.person() + "/correct/you")
	},
	"desk POST /desk/programmes/{programme}/people/{enrolment}/correct/{group}": func(x *place) *http.Request {
		return x.post(x.person()+"/correct/you", url.Values{"name": {"Another Name"}, "phone": {""}, "reason": {"They rang"}})
	},
	"desk POST /desk/programmes/{programme}/people/{enrolment}/data": func(x *place) *http.Request {
		x.toMine()
		return x.post(x.latest+"/data", url.Values{"do": {"forget"}, "reason": {"They rang"}})
	},
	"desk GET /desk/programmes/{programme}/requests": page(pilot + "/requests"),
	"desk POST /desk/programmes/{programme}/requests": func(x *place) *http.Request {
		x.toMine()
		x.made++
		q := request.New(fmt.Sprint("request", x.made), path.Base(x.latest), request.Others, "morgan", x.Now())
		c := x.Store.Commit()
		c.SaveRequest("pilot", q)
		x.Commit(c)
		return x.post(pilot+"/requests", url.Values{"request": {q.ID}, "do": {"close"}})
	},
	"desk POST /desk/programmes/{programme}/people/{enrolment}/leave": func(x *place) *http.Request {
		return x.post(x.newcomer()+"/leave", url.Values{"do": {"leave"}, "reason": {"They rang"}})
	},
	"desk POST /desk/programmes/{programme}/people/{enrolment}/emails": func(x *place) *http.Request {
		at := x.newcomer()
		x.stop(path.Base(at))
		return x.post(at+"/emails", nil)
	},
	"desk POST /desk/programmes/{programme}/people/{enrolment}/leader": func(x *place) *http.Request {
		x.made++
		return x.post(x.newcomer()+"/leader", url.Values{"do": {"leader-asked"}, "new": {fmt.Sprintf("leader-%d@example.org", x.made)}, "why": {"They rang"}})
	},
	"desk POST /desk/programmes/{programme}/people/{enrolment}/address": func(x *place) *http.Request {
		x.made++
		return x.post(x.newcomer()+"/address", url.Values{"email": {fmt.Sprintf("new-%d@example.org", x.made)}})
	},
	"desk POST /desk/programmes/{programme}/people/{enrolment}/organisation": func(x *place) *http.Request {
		x.made++
		return x.post(x.newcomer()+"/organisation", url.Values{"joined": {fmt.Sprint("Another name ", x.made)}})
	},
	"desk GET /desk/programmes/{programme}/organisations": page(pilot + "/organisations"),
	"desk POST /desk/programmes/{programme}/organisations": func(x *place) *http.Request {
		return x.post(pilot+"/organisations", url.Values{"person": {x.unclear()}, "entry": {elsewhere}})
	},
	"desk GET /desk/programmes/{programme}/emails": page(pilot + "/emails"),
	"desk POST /desk/programmes/{programme}/emails": func(x *place) *http.Request {
		return x.post(pilot+"/emails", url.Values{"message": {x.failedEmail(x.clients[0].ID)}})
	},
	"desk GET /desk/programmes/{programme}/supervisors":     page(pilot + "/supervisors"),
	"desk GET /desk/programmes/{programme}/supervisors/new": page(pilot + "/supervisors/new"),
	"desk POST /desk/programmes/{programme}/supervisors/new": func(x *place) *http.Request {
		x.made++
		form := filled(x.do("desk", x.get(pilot+"/supervisors/new")).Body.String())
		form.Set("name", "Sage Sample")
		form.Set("email", fmt.Sprintf("sage-%d@example.org", x.made))
		form.Set("capacity", "3")
		return x.post(pilot+"/supervisors/new", form)
	},
	"desk GET /desk/programmes/{programme}/supervisors/{supervisor}": page(pilot + "/supervisors/s0"),
	"desk POST /desk/programmes/{programme}/supervisors/{supervisor}": func(x *place) *http.Request {
		x.made++
		return x.post(pilot+"/supervisors/s0", url.Values{"name": {"Robin Sample"}, "email": {"robin-0@example.org"}, "capacity": {fmt.Sprint(300 + x.made%200)}})
	},
	"desk GET /desk/programmes/{programme}/audit": func(x *place) *http.Request {
		for range 30 { // a page of them, and more
			x.do("desk", x.get(pilot+"/supervisors/s0"))
		}
		return x.get(pilot + "/audit")
	},
	"desk POST /desk/programmes/{programme}/audit": func(x *place) *http.Request {
		return x.post(pilot+"/audit", url.Values{"email": {"morgan@example.org"}})
	},
	"desk GET /desk/programmes/{programme}/matches": page(pilot + "/matches"),
	"desk POST /desk/programmes/{programme}/matches": func(x *place) *http.Request {
		return x.post(pilot+"/matches", url.Values{"match": {reference(x.waiting())}})
	},
	"desk GET /desk/programmes/{programme}/further": func(x *place) *http.Request {
		x.further(x.pair(), pairing.FurtherAgreed)
		return x.get(pilot + "/further")
	},
	"desk POST /desk/programmes/{programme}/further": func(x *place) *http.Request {
		m := x.pair()
		return x.post(pilot+"/further", url.Values{"do": {"grant"}, "pairing": {m.ID}, "asked": {x.further(m, pairing.FurtherAgreed)}})
	},
	"desk GET /desk/programmes/{programme}/matches/withdraw": page(pilot + "/matches/withdraw"),
	"desk POST /desk/programmes/{programme}/matches/withdraw": func(x *place) *http.Request {
		return x.post(pilot+"/matches/withdraw", url.Values{"match": {reference(x.release())}})
	},
	"desk GET /desk/programmes/{programme}/matches/of/{run}/{match}": func(x *place) *http.Request { return x.get(pilot + "/matches/of/" + reference(x.released)) },
	"desk POST /desk/programmes/{programme}/matches/of/{run}/{match}": func(x *place) *http.Request { // with a session to cancel
		m := x.pair()
		x.session(m, 3)
		return x.post(pilot+"/matches/of/"+reference(m), url.Values{"do": {"stop"}})
	},
	"desk GET /desk/programmes/{programme}/matches/why":         func(x *place) *http.Request { return x.get(pilot + "/matches/why?" + x.two("")) },
	"desk GET /desk/programmes/{programme}/matches/bottlenecks": page(pilot + "/matches/bottlenecks"),
	"desk GET /desk/programmes/{programme}/matches/change":      func(x *place) *http.Request { return x.get(pilot + "/matches/change?" + x.two(matching.Forbid)) },
	"desk POST /desk/programmes/{programme}/matches/change": func(x *place) *http.Request {
		form := filled(x.do("desk", x.get(pilot+"/matches/change?"+x.two(matching.Forbid))).Body.String())
		form.Set("reason", "They know each other")
		return x.post(pilot+"/matches/change", form)
	},
	"desk GET /desk/programmes/{programme}/matches/decisions": page(pilot + "/matches/decisions"),
	"desk POST /desk/programmes/{programme}/matches/decisions": func(x *place) *http.Request {
		all, err := x.Store.Decisions(x.t.Context(), "pilot")
		if err != nil {
			x.t.Fatal(err)
		}
		for _, d := range all {
			if d.Stands() {
				return x.post(pilot+"/matches/decisions", url.Values{"decision": {d.ID}})
			}
		}
		x.t.Fatal("no decision is left")
		return nil
	},
	"desk GET /desk/programmes/{programme}/matches/certificate": page(pilot + "/matches/certificate"),
	"desk GET /desk/programmes/{programme}/matches/proof": func(x *place) *http.Request {
		x.tick("matching", "matching-run") // a proof is there while nothing changed since the run
		return x.get(pilot + "/matches/proof")
	},

	"outbox POST /webhooks/sendgrid": func(x *place) *http.Request {
		id := x.owed()
		x.succeeds("outbox", x.event("outbox/"+id, ""))
		return x.reported(id)
	},
	"outbox trigger outbox-created": func(x *place) *http.Request { return x.event("outbox/"+x.owed(), "") },
	"outbox schedule outbox-sweep": func(x *place) *http.Request {
		x.sweep()
		x.owed()
		return x.event("", "outbox-sweep")
	},
	"reminders schedule reminders-tick": func(x *place) *http.Request {
		x.tick("reminders", "reminders-tick")
		m := x.read(x.release())
		m.DueAt = x.Now().Add(-time.Minute)
		c := x.Store.Commit()
		c.UpdateMatch("pilot", m)
		x.Commit(c)
		return x.event("", "reminders-tick")
	},
	"questionnaires trigger pairing-written": func(x *place) *http.Request { return x.event("programmes/pilot/pairings/"+x.ended(), "") },
	"reminders schedule retention-sweep":     func(x *place) *http.Request { return x.event("", "retention-sweep") },
	"reminders schedule erasure-sweep": func(x *place) *http.Request { // nothing is left to compare
		x.tick("reminders", "erasure-sweep")
		return x.event("", "erasure-sweep")
	},
	"questionnaires schedule questionnaires-sweep": func(x *place) *http.Request {
		x.tick("questionnaires", "questionnaires-sweep")
		x.ended()
		return x.event("", "questionnaires-sweep")
	},
	"matching schedule audit-seal": func(x *place) *http.Request { // one hour, and a read more for each of its entries
		for range 2 { // the hour of all that was done so far, and an empty one
			x.Pass(2 * time.Hour)
			x.tick("matching", "audit-seal")
		}
		c := x.Store.Commit()
		c.Audit(store.AuditEntry{Programme: "pilot", By: "morgan", Did: "looked"})
		x.Commit(c)
		x.Pass(time.Hour)
		return x.event("", "audit-seal")
	},
	"matching schedule matching-run": func(x *place) *http.Request { // somebody came since the last one
		x.newcomer(func(e *enrolment.Enrolment) { e.State = enrolment.Ready })
		return x.event("", "matching-run")
	},
}

const pilot = "/desk/programmes/pilot"

// hidden are a form's inputs with their values.
var hidden = regexp.MustCompile(`name="([^"]+)" value="([^"]*)"`)

// filled is a page's form as it is shown.
func filled(page string) url.Values {
	form := url.Values{}
	for _, found := range hidden.FindAllStringSubmatch(page, -1) {
		form.Set(found[1], html.UnescapeString(found[2]))
	}
	return form
}

// listed are the people whom a page lists to choose, each with the rest of its address.
var listed = regexp.MustCompile(`/with/([^"/?]+)(\?[^"]*)"`)

// page opens a page whose address needs nothing of the programme.
func page(path string) func(*place) *http.Request {
	return func(x *place) *http.Request { return x.get(path) }
}

func reference(m *pairing.Match) string { return m.Run + "/" + m.ID }

// succeeds does what a request comes after.
func (x *place) succeeds(function string, r *http.Request) {
	x.t.Helper()
	if w := x.do(function, r); w.Code >= 400 {
		x.t.Fatalf("%s %s: status %d: %s", r.Method, r.URL.Path, w.Code, w.Body)
	}
}

// pair is a match of two newcomers that both have accepted, and whose pairing has begun: as
// many as are asked for, whatever there is to release.
func (x *place) pair() *pairing.Match {
	x.t.Helper()
	x.made++
	m := *x.paired
	m.ID = fmt.Sprint("pair", x.made)
	for _, side := range []struct {
		of         *pairing.Side
		role       programme.Role
		supervisor string
	}{{&m.Client, programme.Client, ""}, {&m.Consultant, programme.Consultant, "s0"}} {
		side.of.Enrolment = path.Base(x.newcomer(func(e *enrolment.Enrolment) {
			e.Role, e.Supervisor, e.Places = side.role, side.supervisor, []string{m.ID} // and not ready, so that the next run is of no more people
		}))
	}
	supervisor, err := x.Store.Supervisor(x.t.Context(), "pilot", "s0")
	if err != nil {
		x.t.Fatal(err)
	}
	supervisor.Take(m.ID)
	c := x.Store.Commit()
	c.UpdateSupervisor("pilot", supervisor)
	c.CreateMatch("pilot", &m)
	x.Commit(c)
	x.begin(&m)
	return &m
}

// toSession is the address of a form about a new session of a match's two, some days from
// now.
func (x *place) toSession(m *pairing.Match, form string, days int) string {
	x.t.Helper()
	return x.toPairing(m) + "/" + form + "/" + x.session(m, days)
}

func (x *place) agree() url.Values { return url.Values{"agree": {x.Programme.Expectations.Version}} }

// booking is a form for a session in a week or so, or for a pause until then, with another
// of its values.
func (x *place) booking(name, value string) url.Values {
	x.made++
	at := x.Now().In(x.Programme.Location()).AddDate(0, 0, 7+x.made%5)
	return url.Values{name: {value}, "date": {fmt.Sprint(at.Day())}, "date-month": {fmt.Sprint(int(at.Month()))}, "date-year": {fmt.Sprint(at.Year())},
		"time": {"14:00"}, "minutes": {"60"}, "place": {"Room 2, Leeds"}}
}

// newcomer is the desk's page of somebody new who has confirmed their enrolment.
func (x *place) newcomer(change ...func(*enrolment.Enrolment)) string {
	x.t.Helper()
	x.made++
	e := enrolled(x.clients[0], programme.Client, "")
	person := fmt.Sprint("newcomer", x.made)
	e.State, e.ConfirmedAt, e.Person.Email = enrolment.Confirmed, x.Now(), email.Address(person+"@example.org")
	for _, f := range change {
		f(e)
	}
	e.ID = enrolment.IDs(person)[slices.Index(programme.Roles, e.Role)]
	c := x.Store.Commit()
	c.CreateEnrolment("pilot", e)
	x.Commit(c)
	x.came++
	return pilot + "/people/" + e.ID
}

// person is the desk's page of somebody with a match.
func (x *place) person() string { return pilot + "/people/" + x.released.Client.Enrolment }

// said is the request by which the member of staff has said why they look at what is held
// about that person.
func (x *place) said() string {
	x.t.Helper()
	to := x.do("desk", x.post(x.person()+"/data", url.Values{"do": {"look"}, "why": {"They rang"}})).Header().Get("Location")
	_, id, _ := strings.Cut(to, "&to=")
	return id
}

// toConfirm is the link of somebody new who has not confirmed.
func (x *place) toConfirm() string {
	x.t.Helper()
	x.made++
	claim, err := enrolment.NewClaim(x.Programme, programme.Client, enrolment.Form{
		Name: "Alex Sample", Email: fmt.Sprintf("claim-%d@example.org", x.made), Organisation: "Example Trust", Postcode: "LS6 2AB", Categories: []string{"HE"},
		Skills: map[string]int{"board": 1}, Availability: []string{"mon-am"}, Meeting: []string{"video"}, Consent: x.Programme.Privacy.Version,
	}, fmt.Sprint("claim", x.made), x.Now())
	if err != nil {
		x.t.Fatal(err)
	}
	c := x.Store.Commit()
	c.CreateClaim("pilot", claim)
	x.Commit(c)
	return x.Link(purpose.Confirm, store.Link{Programme: "pilot", Person: claim.Enrolment, Role: programme.Client, IDs: outbox.IDs{ClaimID: claim.ID}, Address: claim.Address()})
}

func (x *place) toSignIn() string { return x.Link(purpose.SignIn, store.Link{Person: "kit"}) }

// elsewhere is a request of a member of staff with another browser than the one in which
// all other pages are opened, and which stays signed in.
func (x *place) elsewhere(r *http.Request) *http.Request {
	r.Header.Del("Cookie")
	r.AddCookie(x.Cookie("kit"))
	return r
}

// stranger is a request from a device that was not seen before.
func (x *place) stranger(r *http.Request) *http.Request {
	r.Header.Del("Cookie")
	return r
}

// coded is a request under a link to emails from a device on which a code was given, on the
// way to the address.
func (x *place) coded(at string, r *http.Request) *http.Request { return x.codedFor(at, "address", r) }

// codedFor is the same under any link, on the way to a page.
func (x *place) codedFor(at, page string, r *http.Request) *http.Request {
	x.t.Helper()
	ask := x.do("participant", x.stranger(x.post(at+"/code", url.Values{"do": {"send"}, "to": {page}}))).Result().Cookies()
	give := x.stranger(x.post(at+"/code", url.Values{"do": {"give"}, "to": {page}, "code": {x.Code()}}))
	for _, c := range ask {
		give.AddCookie(c)
	}
	x.stranger(r)
	for _, c := range x.do("participant", give).Result().Cookies() {
		r.AddCookie(c)
	}
	return r
}

// getWords is a request of the client of paired for a page of what the two wrote, from a device on
// which a code was given.
func (x *place) getWords(page string) *http.Request {
	x.t.Helper()
	at := x.toPairing(x.paired)
	if x.known == nil {
		x.known = x.codedFor(at, "", x.get(at)).Cookies()
		x.Drop("programmes/pilot/codes/" + enrolment.PersonOf(x.paired.Client.Enrolment)) // as if an hour had passed
	}
	r := x.stranger(x.get(at + page))
	for _, c := range x.known {
		r.AddCookie(c)
	}
	return r
}

func (x *place) toEmails() string {
	return x.Link(purpose.Emails, store.Link{Programme: "pilot", Person: x.paired.Client.Enrolment, Role: programme.Client})
}

// of is a link of somebody whose page of the desk this is.
func (x *place) of(what purpose.Purpose, page string) string {
	return x.Link(what, store.Link{Programme: "pilot", Person: path.Base(page), Role: programme.Client})
}

// toMine is the link of somebody new to what is held about them.
func (x *place) toMine() string {
	x.latest = x.newcomer(func(e *enrolment.Enrolment) { e.Consent.Version = x.Programme.Privacy.Version })
	return x.of(purpose.Mine, x.latest)
}

// proposing is a form that proposes a time.
func (x *place) proposing() url.Values {
	at := x.Now().AddDate(0, 0, 30)
	return url.Values{"date-1": {at.Format("2")}, "date-1-month": {at.Format("1")}, "date-1-year": {at.Format("2006")}, "time-1": {"14:00"}, "minutes": {"90"}, "place": {"Leeds"}}
}

// picked is a new pairing in which the consultant has proposed a time, and picking the form that
// picks it.
func (x *place) picked() *pairing.Match {
	x.t.Helper()
	m := x.pair()
	pair, err := x.Store.Pairing(x.t.Context(), "pilot", m.ID)
	if err != nil {
		x.t.Fatal(err)
	}
	pair.Proposal = pairing.Proposal{ID: "proposed", By: programme.Consultant, Times: []time.Time{x.Now().AddDate(0, 0, 30).Truncate(time.Second)}, Minutes: 90, Place: "Leeds"}
	c := x.Store.Commit()
	c.UpdatePairing("pilot", pair)
	x.Commit(c)
	return m
}

func (x *place) picking(m *pairing.Match) url.Values {
	x.t.Helper()
	pair, err := x.Store.Pairing(x.t.Context(), "pilot", m.ID)
	if err != nil {
		x.t.Fatal(err)
	}
	return url.Values{"seen": {"proposed"}, "at": {strconv.FormatInt(pair.Proposal.Times[0].Unix(), 10)}}
}

// toAssistant is the link of who picks times for the client of a pairing.
func (x *place) toAssistant(m *pairing.Match) string {
	x.t.Helper()
	e, err := x.Store.Enrolment(x.t.Context(), "pilot", m.Client.Enrolment)
	if err != nil {
		x.t.Fatal(err)
	}
	e.Assistant = enrolment.Assistant{Email: email.Address("assistant-" + e.ID + "@example.org"), Since: x.Now(), AgreedAt: x.Now(), Generation: 1}
	c := x.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	x.Commit(c)
	return x.Link(purpose.Assistant, store.Link{Programme: "pilot", Person: e.ID, Role: programme.Client, Generation: 1})
}

// complained is the named person's link to a complaint of somebody new.
func (x *place) complained() string {
	x.t.Helper()
	x.forgetCodes()
	e := &enrolment.Enrolment{ID: path.Base(x.newcomer()), Role: programme.Client}
	complained, err := complaint.New(x.Programme, e, "complaint-"+e.ID, "They were late.", true, x.Now())
	if err != nil {
		x.t.Fatal(err)
	}
	c := x.Store.Commit()
	c.SaveComplaint("pilot", complained)
	x.Commit(c)
	return x.Link(purpose.Complaint, store.Link{Programme: "pilot", Person: complaint.Recipient, Role: e.Role, IDs: outbox.IDs{Complaint: complained.ID}, Generation: complaint.Answerer(x.Programme).Generation})
}

// passedOn is a link to an invitation that was passed on.
func (x *place) passedOn() string {
	x.t.Helper()
	x.made++
	n, err := nomination.New(x.Programme, fmt.Sprintf("invited-%d@example.org", x.made), strings.ToLower(rand.Text()), x.Now())
	if err != nil {
		x.t.Fatal(err)
	}
	c := x.Store.Commit()
	c.SaveNomination("pilot", n)
	x.Commit(c)
	return x.Link(purpose.PassedOn, store.Link{Programme: "pilot", Person: "invited-" + n.ID, Role: programme.Client, IDs: outbox.IDs{Nomination: n.ID}})
}

// forgetCodes lets an hour pass in which the named person asked for none.
func (x *place) forgetCodes() { x.Drop("programmes/pilot/codes/" + complaint.Recipient) }

// erasure has somebody new wait for being forgotten.
func (x *place) erasure(id string) {
	c := x.Store.Commit()
	c.SaveErasure("pilot", erasure.Ask(enrolment.PersonOf(id), id, x.Now()))
	x.Commit(c)
}

// toErase is the link by which somebody new confirms it.
func (x *place) toErase() string {
	x.toMine()
	x.erasure(path.Base(x.latest))
	return x.of(purpose.Erase, x.latest)
}

// moving asks for another address of somebody.
func (x *place) moving(e *enrolment.Enrolment) {
	e.NewEmail, e.NewEmailAt = email.Address("other-"+string(e.Person.Email)), x.Now()
}

// mode puts the open programme into a mode.
func (x *place) mode(mode programme.Mode) {
	x.t.Helper()
	p, err := x.Store.Programme(x.t.Context(), "open")
	if err != nil {
		x.t.Fatal(err)
	}
	if p.Mode == mode {
		return
	}
	p.Mode = mode
	c := x.Store.Commit()
	c.UpdateProgramme(p)
	x.Commit(c)
}

// choosable is somebody whom the page of a link to choose lists, with what its address says.
func (x *place) choosable(at string) string {
	x.t.Helper()
	x.mode(programme.Directory)
	w := x.do("participant", x.get(at))
	found := listed.FindStringSubmatch(w.Body.String())
	if found == nil {
		x.t.Fatalf("nobody is listed: status %d: %s", w.Code, w.Body)
	}
	return found[1] + html.UnescapeString(found[2])
}

// chooses is a request of somebody new to choose who has a place, and chooser their link.
func (x *place) chooses() *http.Request {
	x.t.Helper()
	x.made++
	e := enrolled(x.clients[0], programme.Client, "")
	e.ID, e.Organisation.Region, e.Organisation.Postcode, e.Organisation.Categories = fmt.Sprint("chooser", x.made), "London", "SW9 1AA", []string{"HE"}
	c := x.Store.Commit()
	c.CreateEnrolment("open", e)
	x.Commit(c)
	x.chooser = x.Link(purpose.Choose, store.Link{Programme: "open", Person: e.ID, Role: programme.Client})
	return x.post(x.chooser+"/with/"+x.choosable(x.chooser), x.agree())
}

// toDecline is where the page of a choice leads on which it is taken back.
var toDecline = regexp.MustCompile(`href="([^"]+/decline\?[^"]+)"`)

// declines is the address at which the chooser takes their choice back, as their page has it.
func (x *place) declines() string {
	x.t.Helper()
	w := x.do("participant", x.get(x.chooser))
	found := toDecline.FindStringSubmatch(w.Body.String())
	if found == nil {
		x.t.Fatalf("nothing is chosen: status %d: %s", w.Code, w.Body)
	}
	return html.UnescapeString(found[1])
}

// two is a query about two people who are free, and about whom nothing was decided.
func (x *place) two(kind matching.ChangeKind) string {
	x.t.Helper()
	decided, err := x.Store.Decisions(x.t.Context(), "pilot")
	if err != nil {
		x.t.Fatal(err)
	}
	for i := range x.proposed {
		client, consultant := x.proposed[i].Client.Enrolment, x.proposed[len(x.proposed)-1-i].Consultant.Enrolment
		if slices.ContainsFunc(decided, func(d *pairing.Decision) bool { return d.Client == client && d.Consultant == consultant }) {
			continue
		}
		return url.Values{"for": {client}, "with": {consultant}, "kind": {string(kind)}}.Encode()
	}
	x.t.Fatal("no match is left")
	return ""
}

// owed is a message that waits to be sent.
func (x *place) owed() string {
	x.t.Helper()
	c, id := x.Store.Commit(), "owed-"+rand.Text()
	m := x.released
	c.Enqueue(x.t.Context(), outbox.Message{ID: id, Kind: message.KindMatchReleased, Programme: "pilot", To: m.Client.Enrolment, Role: programme.Client, IDs: outbox.IDs{Run: m.Run, Match: m.ID}}, x.Now())
	x.Commit(c)
	return id
}

// ended is a pairing that has ended, and whose two were not invited yet.
func (x *place) ended() string {
	x.t.Helper()
	p := pairing.Start(x.accept(x.release()), x.Now())
	p.State, p.Milestone = pairing.Completed, pairing.Ended
	c := x.Store.Commit()
	c.CreatePairing("pilot", p)
	x.Commit(c)
	return p.ID
}
