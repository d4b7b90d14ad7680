// Package sample makes a programme to look at: fifteen and fifteen leaders of
// real organisations, with pairs at every stage of the journey. Every step is
// taken by the programme's own rules, at a time in the past.
package sample

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/pseudonym"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/reminder"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// Programme is the sample's id; Coordinator is who runs it.
const (
	Programme   = "pilot"
	Coordinator = "coordinator@example.org"
)

// completed is how many pairs have come to the end: as many as the report needs
// people of each role behind every number that it shows.
const completed = 10

// sample is the making of one.
type sample struct {
	p      *programme.Programme
	now    time.Time
	random *mathrand.Rand
	// commit holds all that is written of people.
	commit *store.Commit
	// enrolled are the people by id, and supervises who supervises them; run is the
	// matching run. They are written at the end, since what follows changes them.
	enrolled   map[string]*enrolment.Enrolment
	supervises map[string]*supervision.Supervisor
	run        *store.Run
}

// Load makes the sample programme as it stands at the time now, unless it is there
// already. All of its people are one commit, and then what they answered is another: a Load
// that was interrupted left nothing which the next one doubles. ring is of the key of
// answers' ids.
func Load(ctx context.Context, db *store.Store, answers *store.Answers, ring keys.Ring, now time.Time, say func(string)) error {
	if err := list(ctx, db, now); err != nil {
		return err
	}
	random := mathrand.New(mathrand.NewPCG(15, 2016))
	switch p, err := db.Programme(ctx, Programme); {
	case err == nil:
		return answer(ctx, db, answers, ring, p, random)
	case !fault.Is(err, fault.NotFound):
		return err
	}
	say("loading the sample programme: 15 and 15 leaders")
	s := &sample{now: now, random: random, commit: db.Commit(),
		enrolled: map[string]*enrolment.Enrolment{}, supervises: map[string]*supervision.Supervisor{}}
	if err := s.begin(); err != nil {
		return err
	}
	matches, err := s.people(ctx)
	if err != nil {
		return err
	}
	for i, m := range matches {
		if err := s.pair(ctx, i, m); err != nil {
			return fmt.Errorf("sample pair %d: %w", i+1, err)
		}
	}
	s.end()
	err = s.commit.Do(ctx)
	if errors.Is(err, store.ErrExists) { // another Load came first: it is there then
		_, err = db.Programme(ctx, Programme)
	}
	if err != nil {
		return err
	}
	if err := answer(ctx, db, answers, ring, s.p, random); err != nil {
		return err
	}
	say(fmt.Sprintf("loaded %[1]d of %[1]d pairs", len(matches)))
	return nil
}

// list has people look up their organisation among the sample's, unless a register was
// imported.
func list(ctx context.Context, db *store.Store, now time.Time) error {
	if _, err := db.PublishedOrganisations(ctx); !fault.Is(err, fault.NotFound) {
		return err
	}
	all, from, err := listed(now)
	if err != nil {
		return err
	}
	if _, err = db.PublishOrganisations(ctx, all, from, nil, now); store.IsConflict(err) {
		return nil // another Load came first
	}
	return err
}

// answer has everybody answer who is marked to have, unless they did.
func answer(ctx context.Context, db *store.Store, answers *store.Answers, ring keys.Ring, p *programme.Programme, random *mathrand.Rand) error {
	there, err := answers.Responses(ctx, p.ID)
	if err != nil || len(there) > 0 {
		return err
	}
	pseudonyms, err := pseudonym.Of(ctx, answers, ring, p.ID)
	if err != nil {
		return err
	}
	c := answers.Commit()
	for _, m := range programme.Moments {
		d, err := questionnaire.Load(p.Questionnaires.At(m))
		if err != nil {
			return err
		}
		invitations, err := db.InvitationsAt(ctx, p.ID, m)
		if err != nil {
			return err
		}
		for _, i := range invitations {
			if !i.Submitted {
				continue
			}
			saved := pseudonyms.New(i)
			for _, q := range d.Questions() {
				saved.Answers[q.ID] = madeUp(random, q, m)
			}
			r, err := pseudonyms.Submit(d, i, saved)
			if err != nil {
				return err
			}
			c.Move(p.ID, r)
		}
	}
	if err := c.Do(ctx); err != nil && !errors.Is(err, store.ErrExists) { // another Load came first
		return err
	}
	return nil
}

// ago is a time some days before now, in office hours.
func (s *sample) ago(days int) time.Time {
	d := s.now.In(s.p.Location()).AddDate(0, 0, -days)
	return time.Date(d.Year(), d.Month(), d.Day(), 10, 0, 0, 0, d.Location()).UTC()
}

// begin makes the programme and its coordinator.
func (s *sample) begin() error {
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		return err
	}
	salt := make([]byte, 32)
	_, _ = rand.Read(salt) // never fails
	p.ID, p.Salt = Programme, hex.EncodeToString(salt)
	s.p = p
	p.CreatedAt, p.UpdatedAt = s.ago(150), s.ago(150)
	p.Questionnaires.Closes = programme.Closes{Baseline: s.ago(-21).Format(time.DateOnly), Closing: s.ago(-42).Format(time.DateOnly)}
	s.commit.CreateStaff(&store.Staff{
		ID: strings.ToLower(rand.Text()), Name: "Morgan Sample", Email: Coordinator,
		Roles: access.ByProgramme{p.ID: {access.Coordinator}}, CreatedAt: p.CreatedAt, UpdatedAt: p.CreatedAt,
	})
	return nil
}

// people enrols everybody and matches those who are ready. The last of each role
// have only enrolled: one has not confirmed their address, one is not ready.
func (s *sample) people(ctx context.Context) ([]*pairing.Match, error) {
	all, err := entries(s.p)
	if err != nil {
		return nil, err
	}
	at := proposal.Input{Programme: s.p}
	for _, f := range supervisors {
		supervisor, err := supervision.New(strings.ToLower(rand.Text()), f, s.ago(149))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if _, err := s.commit.AppointSupervisor(ctx, s.p.ID, supervisor, "cascade sample", supervisor.CreatedAt); err != nil {
			return nil, err
		}
		s.supervises[supervisor.ID] = supervisor
		at.Supervisors = append(at.Supervisors, supervisor)
	}
	for i, entry := range all {
		enrolled := s.ago(140 - i)
		last := i == len(all)-1 || all[i+1].role != entry.role
		if last {
			enrolled = s.ago(2)
		}
		if last && entry.role == programme.Client {
			claim, err := enrolment.NewClaim(s.p, entry.role, entry.form, strings.ToLower(rand.Text()), enrolled)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", entry.form.Name, err)
			}
			s.commit.CreateClaim(s.p.ID, claim)
			s.commit.Enqueue(ctx, message.ConfirmEnrolment(s.p, claim), enrolled)
			continue
		}
		e, err := enrolment.New(s.p, entry.role, entry.form, enrolled)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entry.form.Name, err)
		}
		s.ask(ctx, e, programme.Baseline, "", enrolled, !last)
		e.Invite = ""
		if !last {
			readiness := enrolment.Readiness{Workshop: e.Role == programme.Client, Trained: e.Role == programme.Consultant}
			if err := e.Prepare(readiness, at.Supervisors[i%len(at.Supervisors)].ID, enrolled); err != nil {
				return nil, err
			}
			at.Ready = append(at.Ready, e)
		}
		s.enrolled[e.ID] = e
	}
	if at.Bound, err = proposal.Commit(&at, ""); err != nil {
		return nil, err
	}
	s.commit.CreateCommitment(s.p.ID, at.Bound, s.ago(100))
	proposed, err := proposal.Make(&at, "")
	if err != nil {
		return nil, err
	}
	s.run = store.NewRun(proposed, s.ago(100))
	s.run.State = store.Applied
	for _, m := range proposed.Matches {
		m.CreatedAt, m.UpdatedAt = s.run.CreatedAt, s.run.UpdatedAt
	}
	s.commit.CreateParts(s.p.ID, proposed)
	return proposed.Matches, nil
}

// end writes what was changed until now.
func (s *sample) end() {
	s.p.Run = s.run.ID
	s.commit.CreateProgramme(s.p)
	s.commit.CreateRun(s.p.ID, s.run)
	for _, e := range s.enrolled {
		s.commit.CreateEnrolment(s.p.ID, e)
	}
	for _, supervisor := range s.supervises {
		s.commit.CreateSupervisor(s.p.ID, supervisor)
	}
}

// holders are those whose places a match takes up.
func (s *sample) holders(client, consultant string) pairing.Holders {
	return supervision.Holders(s.enrolled[client], s.enrolled[consultant], s.supervises[s.enrolled[consultant].Supervisor])
}

// release has the coordinator release a match.
func (s *sample) release(m *pairing.Match, at time.Time) error {
	s.run.Released++
	client, consultant := m.Client.Enrolment, m.Consultant.Enrolment
	return m.Release(s.holders(client, consultant), reminder.ReplyBy(s.p, s.enrolled[client], s.enrolled[consultant], at), at)
}

// pair takes the i-th match as far as its turn: the first ones to the end, then
// one in the middle, one at the start, one waiting for an answer, and the rest
// waiting for the coordinator.
func (s *sample) pair(ctx context.Context, i int, m *pairing.Match) error {
	finish := func(err error) error {
		s.commit.CreateMatch(s.p.ID, m)
		return err
	}
	switch i {
	case completed: // has met once, and meets again
		paired, err := s.accept(m, s.ago(30))
		if err == nil {
			err = s.meet(paired, s.ago(9))
		}
		if err == nil {
			err = s.book(ctx, paired, s.ago(-9).Add(4*time.Hour))
		}
		s.commit.CreatePairing(s.p.ID, paired)
		return finish(err)
	case completed + 1: // has just begun
		paired, err := s.accept(m, s.ago(1))
		for _, role := range programme.Roles {
			s.commit.Enqueue(ctx, message.PairingStarted(s.p, paired, m, role), s.ago(1))
		}
		s.commit.CreatePairing(s.p.ID, paired)
		return finish(err)
	case completed + 2: // released: one said yes
		err := s.release(m, s.ago(2))
		if err == nil {
			err = m.Accept(programme.Client, s.p.Expectations.Version, s.ago(1))
		}
		for _, role := range programme.Roles {
			s.commit.Enqueue(ctx, message.MatchReleased(s.p, m, role), s.ago(2))
		}
		return finish(err)
	}
	if i > completed {
		return finish(nil) // proposed: for the coordinator to review
	}

	paired, err := s.accept(m, s.ago(90-2*i))
	for _, at := range []time.Time{s.ago(75 - 2*i), s.ago(50 - 2*i)} {
		if err == nil {
			err = s.meet(paired, at)
		}
	}
	for _, role := range programme.Roles { // the one proposes to finish, the other agrees
		if err == nil {
			_, err = paired.ProposeFinish(role, s.p.Sessions.Minimum, s.ago(48-2*i))
		}
	}
	paired.Milestone = pairing.None
	for _, role := range programme.Roles {
		s.ask(ctx, s.enrolled[paired.Enrolment(role)], programme.Closing, paired.ID, paired.EndedAt, true)
	}
	paired.Free(s.holders(paired.Client, paired.Consultant))
	s.commit.CreatePairing(s.p.ID, paired)
	return finish(err)
}

// accept has both say yes.
func (s *sample) accept(m *pairing.Match, at time.Time) (*pairing.Pairing, error) {
	if err := s.release(m, at); err != nil {
		return nil, err
	}
	for _, role := range programme.Roles {
		if err := m.Accept(role, s.p.Expectations.Version, at); err != nil {
			return nil, err
		}
	}
	m.UpdatedAt = at
	return pairing.Start(m, at), nil
}

// places are where people meet.
var places = []string{"By video call", "Meeting room 2, Example House", "The cafe at Sample Library"}

// meet books a session and has both log it as held.
func (s *sample) meet(pair *pairing.Pairing, at time.Time) error {
	session, err := pair.Book(fmt.Sprintf("s%d", pair.Booked+1), s.p.ID, programme.Client,
		pairing.Booking{StartsAt: at, Minutes: s.p.Sessions.Minutes, Place: places[s.random.IntN(len(places))]}, s.p.Sessions.Most(), at.AddDate(0, 0, -10))
	if err != nil {
		return err
	}
	after := at.AddDate(0, 0, 1)
	for _, role := range programme.Roles {
		l := &pairing.Log{
			Session: session.ID, Role: role, Held: true,
			Surfaced: "Where the week goes, and what could be left to others.", Next: "Try one change before the next session.",
			Balance:   pairing.Balances[s.random.IntN(len(pairing.Balances))].ID,
			Thinking:  pairing.Thinkings[s.random.IntN(2)].ID,
			CreatedAt: after, UpdatedAt: after,
		}
		if err := pair.Record(session, l, after); err != nil {
			return err
		}
		s.commit.CreateLog(s.p.ID, pair.ID, l)
	}
	session.DueAt, session.UpdatedAt = time.Time{}, after
	s.commit.CreateSession(session)
	return nil
}

// book books a session to come, with its emails.
func (s *sample) book(ctx context.Context, pair *pairing.Pairing, at time.Time) error {
	session, err := pair.Book(fmt.Sprintf("s%d", pair.Booked+1), s.p.ID, programme.Consultant,
		pairing.Booking{StartsAt: at, Minutes: s.p.Sessions.Minutes, Place: places[0]}, s.p.Sessions.Most(), s.now)
	if err != nil {
		return err
	}
	s.commit.CreateSession(session)
	for _, role := range programme.Roles {
		s.commit.Enqueue(ctx, message.SessionBooked(s.p, session, role), s.now)
	}
	return nil
}

// ask invites somebody to a moment's questionnaire, and says that they have answered or not.
func (s *sample) ask(ctx context.Context, e *enrolment.Enrolment, m programme.Moment, pair string, at time.Time, answered bool) {
	i := questionnaire.Invite(s.p, e, m, pair, at)
	if answered {
		i.Mark()
	} else {
		s.commit.Enqueue(ctx, message.QuestionnaireInvited(s.p, i), at)
	}
	s.commit.CreateInvitation(s.p.ID, i)
}

// madeUp is a made-up answer: on average one step higher at the end.
func madeUp(random *mathrand.Rand, q questionnaire.Question, m programme.Moment) string {
	options := q.Options()
	switch {
	case len(options) == 0:
		return ""
	case q.Kind == questionnaire.Scale && m == programme.Baseline:
		return options[random.IntN(4)].Value
	case q.Kind == questionnaire.Scale:
		return options[1+random.IntN(4)].Value
	}
	return options[random.IntN(len(options))].Value
}
