package reminders

import (
	"context"
	"fmt"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/reminder"
	"github.com/cascading-leadership/cascade/shared/sealed"
)

// subject is a document that is due, with what is needed to decide about it.
type subject struct {
	due *store.Due
	// doc is the document, see store.DueDocument; nil where it or its programme is gone.
	doc       any
	programme *programme.Programme
	// pairing is a session's.
	pairing *pairing.Pairing
	// people are the enrolments' ids, and who are the calendars of those who are there.
	people map[programme.Role]string
	who    reminder.Calendars
	// since is from when on what is due about it counts.
	since time.Time
	// unmarked says that it is not known yet who has answered, see questionnaire.Marks: nobody is
	// reminded of answers that they may have given.
	unmarked bool
}

// read reads documents that are due with all that is needed to decide about them, in
// a few round trips. Its error is that of any one of them.
func (t *reminders) read(ctx context.Context, due []*store.Due) ([]*subject, error) {
	docs, err := t.Store.DueDocuments(ctx, due)
	if err != nil {
		return nil, err
	}
	all := make([]*subject, len(due))
	programmes, of := map[string]*programme.Programme{}, map[string][]*subject{}
	for i, d := range due {
		all[i] = &subject{due: d}
		if docs[i].Err != nil {
			return nil, docs[i].Err
		}
		id := d.Programme()
		if _, known := programmes[id]; !known {
			if programmes[id], err = t.Store.Programme(ctx, id); err != nil && !fault.Is(err, fault.NotFound) {
				return nil, err
			}
		}
		if docs[i].Doc != nil && programmes[id] != nil {
			all[i].doc, all[i].programme = docs[i].Doc, programmes[id]
			of[id] = append(of[id], all[i])
		}
	}
	for id, some := range of {
		if err := t.meet(ctx, id, some); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// meet reads the people, and pairings, of a programme's documents.
func (t *reminders) meet(ctx context.Context, p string, all []*subject) error {
	var pairings, people []string
	asked := false // somebody, for answers
	for _, s := range all {
		switch doc := s.doc.(type) {
		case *enrolment.Claim, *complaint.Complaint, *nomination.Nomination, *sealed.Letter: // which is nobody's who is to be reminded
		case *enrolment.Enrolment:
			s.people = map[programme.Role]string{doc.Role: doc.ID}
		case *pairing.Match:
			s.people = map[programme.Role]string{programme.Client: doc.Client.Enrolment, programme.Consultant: doc.Consultant.Enrolment}
		case *pairing.Pairing:
			s.people = map[programme.Role]string{programme.Client: doc.Client, programme.Consultant: doc.Consultant}
		case *pairing.Session:
			s.people = map[programme.Role]string{programme.Client: doc.Client, programme.Consultant: doc.Consultant}
			pairings = append(pairings, doc.Pairing)
		case *questionnaire.Invitation:
			s.people = map[programme.Role]string{doc.Role: doc.Enrolment}
			asked = true
		}
		for _, id := range s.people {
			people = append(people, id)
		}
	}
	marks := new(questionnaire.Marks)
	if asked {
		var err error
		if marks, err = t.Store.Marks(ctx, p); err != nil {
			return err
		}
	}
	found, err := t.Store.PairingsOf(ctx, p, pairings)
	if err != nil {
		return err
	}
	enrolments, err := t.Store.EnrolmentsOf(ctx, p, people)
	if err != nil {
		return err
	}
	ids := make([]string, len(people))
	for i, id := range people {
		ids[i] = enrolment.PersonOf(id)
	}
	contacts, err := t.Store.ContactsOf(ctx, p, ids)
	if err != nil {
		return err
	}
	for _, s := range all {
		switch doc := s.doc.(type) {
		case *pairing.Session:
			s.pairing = found[doc.Pairing]
		case *questionnaire.Invitation:
			s.unmarked = !doc.Submitted && !marks.Made(s.programme, t.Now())
		}
		s.who, s.since = reminder.Calendars{}, s.dueAt()
		for role, id := range s.people {
			e := enrolments[id]
			if e == nil || e.State == enrolment.Withdrawn { // they have left
				continue
			}
			zone := ""
			if whom := contacts[enrolment.PersonOf(id)]; whom != nil {
				zone = whom.Zone
				if t := whom.Since(s.dueAt()); t.Before(s.since) {
					s.since = t
				}
			}
			s.who[role] = calendar.Of(s.programme, e.Organisation.Region, zone)
		}
	}
	return nil
}

// dueAt is when the document says that it is due.
func (s *subject) dueAt() time.Time {
	switch doc := s.doc.(type) {
	case *enrolment.Claim:
		return doc.DueAt
	case *complaint.Complaint:
		return doc.DueAt
	case *nomination.Nomination:
		return doc.DueAt
	case *enrolment.Enrolment:
		return doc.DueAt
	case *pairing.Match:
		return doc.DueAt
	case *pairing.Pairing:
		return doc.DueAt
	case *pairing.Session:
		return doc.DueAt
	case *questionnaire.Invitation:
		return doc.DueAt
	case *sealed.Letter:
		return doc.DueAt
	case *reminder.Digest:
		return doc.DueAt
	}
	return time.Time{}
}

// decide asks the domain what is owed about a document.
func (t *reminders) decide(ctx context.Context, s *subject, now time.Time) (reminder.Due, error) {
	since := s.since
	switch doc := s.doc.(type) {
	case *enrolment.Claim:
		return reminder.OfClaim(s.programme, doc, calendar.Of(s.programme, "", ""), since, now), nil
	case *complaint.Complaint:
		return reminder.OfComplaint(s.programme, doc, since, now), nil
	case *nomination.Nomination:
		return reminder.OfNomination(s.programme, doc, calendar.Of(s.programme, "", ""), since, now), nil
	case *sealed.Letter:
		return reminder.OfSealedLetter(s.programme, doc, since, now), nil
	case *enrolment.Enrolment:
		return reminder.OfEnrolment(s.programme, doc, s.who[doc.Role], since, now), nil
	case *pairing.Match:
		return reminder.OfMatch(s.programme, doc, s.who, since, now), nil
	case *pairing.Pairing:
		return reminder.OfPairing(s.programme, doc, s.who, since, now), nil
	case *pairing.Session:
		if s.pairing == nil { // gone, and so not active
			s.pairing = new(pairing.Pairing)
		}
		return reminder.OfSession(s.programme, doc, s.pairing, s.who, since, now), nil
	case *questionnaire.Invitation:
		cal, there := s.who[doc.Role]
		if !there {
			return reminder.Due{}, nil
		}
		return reminder.OfInvitation(s.programme, doc, cal, since, now), nil
	case *reminder.Digest:
		concerns, err := t.Store.Concerns(ctx, s.programme, reminder.NewsSince(s.programme, since))
		if err != nil {
			return reminder.Due{}, err
		}
		staff, err := t.Store.Coordinators(ctx, s.programme.ID)
		ids := make([]string, len(staff))
		for i, m := range staff {
			ids[i] = m.ID
		}
		return reminder.OfDigest(s.programme, concerns, ids, since, now), err
	}
	return reminder.Due{}, fmt.Errorf("nothing is ever owed about a %T", s.doc)
}

// save adds to a commit the document with when to look at it next.
func (s *subject) save(c *store.Commit, next time.Time, overdue bool, now time.Time) {
	switch doc := s.doc.(type) {
	case *enrolment.Claim:
		doc.DueAt, doc.UpdatedAt = next, now
		c.UpdateClaim(s.programme.ID, doc)
	case *complaint.Complaint:
		doc.DueAt, doc.UpdatedAt = next, now
		c.SaveComplaint(s.programme.ID, doc)
	case *nomination.Nomination:
		doc.DueAt, doc.UpdatedAt = next, now
		c.SaveNomination(s.programme.ID, doc)
	case *enrolment.Enrolment:
		doc.DueAt, doc.Overdue, doc.UpdatedAt = next, overdue, now
		c.UpdateEnrolment(s.programme.ID, doc)
	case *pairing.Match:
		doc.DueAt, doc.Overdue, doc.UpdatedAt = next, overdue, now
		c.UpdateMatch(s.programme.ID, doc)
	case *pairing.Pairing:
		doc.DueAt, doc.Overdue, doc.UpdatedAt = next, overdue, now
		c.UpdatePairing(s.programme.ID, doc)
	case *pairing.Session:
		doc.DueAt, doc.UpdatedAt = next, now
		c.UpdateSession(doc)
	case *questionnaire.Invitation:
		doc.DueAt, doc.UpdatedAt = next, now
		c.UpdateInvitation(s.programme.ID, doc)
	case *sealed.Letter:
		if doc.Over(now) {
			c.DeleteSealedLetter(s.programme.ID, doc)
			return
		}
		doc.DueAt, doc.UpdatedAt = next, now
		c.SaveSealedLetter(s.programme.ID, doc)
	case *reminder.Digest:
		doc.DueAt, doc.UpdatedAt = next, now
		c.UpdateDigest(doc)
	}
}
