package matching

import (
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// EnrolmentFields are the fields of an enrolment, by their names in Firestore, that
// matching and the directory read of people. All others are Private: each is in one of
// the two, which a test holds, so that nothing new is read because nobody thought of it.
var EnrolmentFields = []string{
	"role", "skills", "experience", "availability", "meeting", "languages", "conflicts", "settled", "mention", "bids", "preferences",
	"organisation.name", "organisation.number", "organisation.postcode", "organisation.region", "organisation.categories", "organisation.income", "organisation.joined",
	"capacity", "supervisor", // with the places taken, what is free
	"places", "notNow", "state",
}

// Private are the fields of an enrolment that matching and the directory do not read:
// who somebody is, how they are reached, what they agreed to, and what only the steps
// to being ready need.
var Private = []string{
	"person.name", "person.email", "person.phone", "consent.version", "consent.facts", "consent.at", "agreements", "invite", "digest", "generation", "newEmail", "newEmailAt", "newEmails", "formerEmail",
	"withdrawnFrom", "readiness.workshop", "readiness.trained", "confirmedAt", "dueAt", "overdue",
	"trainedAt", "cascade.from", "cascade.generation", "handover.nomination", "handover.askedAt", "handover.byStaff", "handover.goals", "handover.takenAt", "assistant.email", "assistant.since", "assistant.asked", "assistant.agreedAt", "assistant.refused", "assistant.generation", "succeeds", "takesOver", "strengths", "situation", "hopes", "offering", "introduction", "heard", "extra", "fits",
	"createdAt", "updatedAt",
}

// FromEnrolment is somebody as they enrolled.
func FromEnrolment(e *enrolment.Enrolment) Person {
	p := Person{
		ID: e.ID, Organisation: e.Organisation, Availability: e.Availability, Languages: e.Languages, Meeting: e.Meeting,
		Capacity: e.Capacity, Conflicts: e.Conflicts, Settled: e.Settled, Mention: e.Mention, Bids: e.Bids, Preferences: e.Preferences,
	}
	if e.Role == programme.Client {
		p.Needs, p.Skills = e.Skills, e.Experience
	} else {
		p.Skills, p.Supervisor = e.Skills, e.Supervisor
	}
	return p
}
