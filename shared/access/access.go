// Package access says who may do and see what. One table has a row for each kind of
// data and what is done with it, and the row says who may; every route of every
// function is registered under a row, and nothing else decides. The table is printed
// to docs/access.md.
package access

import (
	"fmt"
	"slices"

	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// Action is what somebody does with data.
type Action string

// The actions.
const (
	See    Action = "see"
	Add    Action = "add"
	Change Action = "change"
	// Deliver is what no person does.
	Deliver Action = "deliver"
)

// Kind is a kind of data, as the table names it.
type Kind string

// The kinds of data.
const (
	Programmes    Kind = "programmes that are open, and what they ask"
	Organisations Kind = "organisations on the public registers"
	Enrolment     Kind = "the enrolment that one is filling in"
	PassingOn     Kind = "the form by which an invitation is passed on"
	PassedOn      Kind = "an invitation that was passed on to one"
	OwnEnrolment  Kind = "whether one's own enrolment is confirmed"
	OwnChoices    Kind = "the directory, and whom one chose"
	OwnMatch      Kind = "one's own match, its reasons and one's answer"
	OwnPairing    Kind = "one's own pairing, its sessions and one's notes"
	OwnAnswers    Kind = "one's own answers to a questionnaire"
	PairingCode   Kind = "the code for what the two of a pairing wrote, on a device not seen before"
	AddressCode   Kind = "the code for another address, on a device not seen before"
	AnswersCode   Kind = "the code for one's saved answers, on a device not seen before"
	OwnEmails     Kind = "which emails one gets"
	OwnAddress    Kind = "one's own address, where it is to be another"
	OwnProgramme  Kind = "all that one takes part in: what is next, with whom, what happened"
	ProgrammeCode Kind = "the code for all that one takes part in, on a device not seen before"
	OwnData       Kind = "what is held about oneself, to correct it, take it along or have it erased"
	DataCode      Kind = "the code for what is held about oneself"
	OwnErasure    Kind = "whether what is held about oneself is erased, as was asked"
	Complaint     Kind = "a complaint, for the named person who answers it"
	PickedTimes   Kind = "the times of sessions of somebody who lets one pick them"
	ComplaintCode Kind = "the code for a complaint"
	OwnLinks      Kind = "one's own links, sent once more to one's own address"
	SignIn        Kind = "the form to sign in, and being signed in"
	OwnSignIn     Kind = "one's own link to sign in"
	OwnSessions   Kind = "where one is signed in"
	OwnProgrammes Kind = "in which programmes one has a part"
	Overview      Kind = "a programme's figures, what is new and what waits in it"
	People        Kind = "people: who enrolled, their answers and addresses"
	Person        Kind = "one person: what they gave, their emails and what staff noted"
	PersonsData   Kind = "all that is held about one person, as a file"
	FailedEmails  Kind = "emails that did not go"
	Supervisors   Kind = "supervisors and their caseloads"
	OneSupervisor Kind = "one supervisor"
	Matches       Kind = "matches, their reasons and pairings"
	Match         Kind = "one match or pairing: its two people, their sessions and emails"
	Pair          Kind = "two people, and what it would mean to match them"
	Further       Kind = "further sessions that both of a pair ask for"
	Decisions     Kind = "decisions about who is matched"
	Proof         Kind = "the proof of a matching run"
	Audit         Kind = "who did and saw what"
	Report        Kind = "the report: counts and averages"
	Events        Kind = "events about documents and schedules"
	Outcomes      Kind = "what became of emails"
)

// way is how somebody comes to data.
type way int

const (
	never     way = iota // what no row of the table is
	openly               // anybody may
	byLink               // whoever has an emailed link of a purpose
	signedIn             // whoever is signed in, also without a role
	byRole               // who has one of some roles in the programme
	byMachine            // no person: what comes is known by a token or a signature
)

// Row says who may do something with a kind of data.
type Row struct {
	Action  Action
	Kind    Kind
	way     way
	purpose purpose.Purpose
	roles   []Role
	keeps   audit.Kind
}

func anybody(a Action, k Kind) Row { return Row{Action: a, Kind: k, way: openly} }
func link(p purpose.Purpose, a Action, k Kind) Row {
	return Row{Action: a, Kind: k, way: byLink, purpose: p}
}
func staff(a Action, k Kind) Row { return Row{Action: a, Kind: k, way: signedIn} }
func role(a Action, k Kind, roles ...Role) Row {
	return Row{Action: a, Kind: k, way: byRole, roles: roles}
}

// kept is a row of which each visit is an entry of the audit trail: what shows one person,
// or a match's two, as a view, and what is taken along as an export. These are the only
// pages whose being opened writes something.
func kept(as audit.Kind, r Row) Row {
	r.keeps = as
	return r
}
func machine(k Kind) Row { return Row{Action: Deliver, Kind: k, way: byMachine} }

// table is all that anybody may see and do. What has no row, nobody may.
var table = []Row{
	anybody(See, Programmes),
	anybody(See, Organisations),
	anybody(See, Enrolment),
	anybody(Add, Enrolment),
	anybody(See, PassingOn),
	anybody(Add, PassingOn),
	anybody(See, OwnLinks),
	anybody(Add, OwnLinks),
	anybody(See, SignIn),
	anybody(Change, SignIn),

	link(purpose.Confirm, See, OwnEnrolment),
	link(purpose.Confirm, Change, OwnEnrolment),
	link(purpose.PassedOn, See, PassedOn),
	link(purpose.PassedOn, Change, PassedOn),
	link(purpose.Choose, See, OwnChoices),
	link(purpose.Choose, Change, OwnChoices),
	link(purpose.Match, See, OwnMatch),
	link(purpose.Match, Change, OwnMatch),
	link(purpose.Pairing, See, OwnPairing),
	link(purpose.Pairing, Change, OwnPairing),
	link(purpose.Emails, See, AddressCode),
	link(purpose.Emails, Change, AddressCode),
	link(purpose.Pairing, See, PairingCode),
	link(purpose.Pairing, Change, PairingCode),
	link(purpose.Questionnaire, See, OwnAnswers),
	link(purpose.Questionnaire, Change, OwnAnswers),
	link(purpose.Questionnaire, See, AnswersCode),
	link(purpose.Questionnaire, Change, AnswersCode),
	link(purpose.Emails, See, OwnEmails),
	link(purpose.Emails, Change, OwnEmails),
	link(purpose.Address, See, OwnAddress),
	link(purpose.Address, Change, OwnAddress),
	link(purpose.My, See, OwnProgramme),
	link(purpose.My, Change, OwnProgramme),
	link(purpose.My, See, ProgrammeCode),
	link(purpose.My, Change, ProgrammeCode),
	link(purpose.Mine, See, OwnData),
	link(purpose.Mine, Change, OwnData),
	link(purpose.Mine, See, DataCode),
	link(purpose.Mine, Change, DataCode),
	link(purpose.Erase, See, OwnErasure),
	link(purpose.Erase, Change, OwnErasure),
	link(purpose.Complaint, See, Complaint),
	link(purpose.Complaint, Change, Complaint),
	link(purpose.Complaint, See, ComplaintCode),
	link(purpose.Complaint, Change, ComplaintCode),
	link(purpose.Assistant, See, PickedTimes),
	link(purpose.Assistant, Change, PickedTimes),
	link(purpose.SignIn, See, OwnSignIn),
	link(purpose.SignIn, Change, OwnSignIn),

	staff(See, OwnProgrammes),
	staff(See, OwnSessions),
	staff(Change, OwnSessions),

	role(See, Overview, Coordinator),
	role(See, People, Coordinator),
	role(Change, People, Coordinator),
	kept(audit.View, role(See, Person, Coordinator)),
	kept(audit.Export, role(See, PersonsData, Coordinator)),
	role(See, FailedEmails, Coordinator),
	role(Change, FailedEmails, Coordinator),
	role(See, Supervisors, Coordinator),
	role(Add, Supervisors, Coordinator),
	role(Change, Supervisors, Coordinator),
	kept(audit.View, role(See, OneSupervisor, Coordinator)),
	role(See, Matches, Coordinator),
	kept(audit.View, role(See, Match, Coordinator)),
	kept(audit.View, role(See, Pair, Coordinator)),
	role(Change, Matches, Coordinator),
	role(See, Further, Coordinator),
	role(Change, Further, Coordinator),
	role(See, Decisions, Coordinator),
	role(Change, Decisions, Coordinator),
	kept(audit.Export, role(See, Proof, Coordinator)),
	role(See, Audit, Administrator),
	role(See, Report, Coordinator, Evaluator),

	machine(Events),
	machine(Outcomes),
}

// Table is all rows, in the order in which they are printed.
func Table() []Row { return slices.Clone(table) }

// Find is the row for an action on a kind of data. The error names what has no row.
func Find(a Action, k Kind) (Row, error) {
	for _, r := range table {
		if r.Action == a && r.Kind == k {
			return r, nil
		}
	}
	return Row{}, fmt.Errorf("access: the table has no row for who may %s %s", a, k)
}

// Keeps is as what a visit is kept in the audit trail, or "" where it is not.
func (r Row) Keeps() audit.Kind { return r.keeps }

// String is what the row is about, such as "see emails that did not go".
func (r Row) String() string { return string(r.Action) + " " + string(r.Kind) }

// Purpose is of the link by which alone one comes to the row's data, or "".
func (r Row) Purpose() purpose.Purpose { return r.purpose }

// Machine reports whether it is no person that comes here: what the row is about is
// delivered: by the platform, whose token is checked, or by the provider of emails, whose
// signature its handler checks.
func (r Row) Machine() bool { return r.way == byMachine }

// Staff reports whether one has to be signed in.
func (r Row) Staff() bool { return r.way == signedIn || r.way == byRole }

// InProgramme reports whether what one may depends on one's roles in a programme.
func (r Row) InProgramme() bool { return r.way == byRole }

// Visitor is who asks.
type Visitor struct {
	// Link is the purpose of the link that they opened, or "".
	Link purpose.Purpose
	// SignedIn is set for a member of staff.
	SignedIn bool
	// Roles are those in the programme that they ask about.
	Roles []Role
}

// Allows reports whether a visitor may do what the row is about.
func (r Row) Allows(v Visitor) bool {
	switch r.way {
	case openly:
		return true
	case byLink:
		return v.Link == r.purpose
	case signedIn:
		return v.SignedIn
	case byRole:
		return v.SignedIn && slices.ContainsFunc(v.Roles, func(own Role) bool { return slices.Contains(r.roles, own) })
	}
	return false
}

// May reports whether somebody with some roles in a programme may do something there.
func May(a Action, k Kind, roles []Role) bool {
	r, err := Find(a, k)
	return err == nil && r.Allows(Visitor{SignedIn: true, Roles: roles})
}
