package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/pseudonym"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

func mustRing(key string) keys.Ring {
	ring, err := keys.Single(key)
	if err != nil {
		panic(err) // it was made here
	}
	return ring
}

// links are the keys by which the functions know links.
func (at *place) links() link.Keys { return link.Same(mustRing(at.key)) }

// letter is an outbox document of a journey, with the emails in which it went.
type letter struct {
	document
	to, role, pairing, session, match, invitation, with, after string
	step                                                       int64
	copies                                                     []request
}

// about is the document that a message is about.
func (l letter) about() string {
	switch {
	case l.session != "":
		return l.session
	case l.kind == string(message.KindMatchReleased):
		return l.match
	case l.invitation != "":
		return l.invitation
	}
	return l.pairing
}

// check checks all invariants over the whole database, read at one moment, and the
// whole mailbox.
func (j *journey) check(ctx context.Context) error {
	at := j.at
	collections := []string{"outbox", "enrolments", "matches", "runs", "pairings", "sessions", "invitations", "audit"}
	all, read, err := at.snapshot(ctx, collections...)
	if err != nil {
		return err
	}
	people := map[string]string{} // addresses by enrolment
	states := map[string]string{}
	for _, d := range all["enrolments"] {
		email, _ := d.DataAt("person.email")
		people[d.Ref.ID] = fmt.Sprint(email)
		var state string
		field(d, "state", &state)
		states[d.Ref.ID] = state
	}
	there := map[string]map[string]*firestore.DocumentSnapshot{}
	for _, name := range collections {
		there[name] = map[string]*firestore.DocumentSnapshot{}
		for _, d := range all[name] {
			there[name][d.Ref.ID] = d
		}
	}
	emails := at.provider.copies()
	letters := map[string]*letter{}
	for _, d := range all["outbox"] {
		l := &letter{document: document{id: d.Ref.ID, read: read}}
		for name, into := range map[string]any{
			"kind": &l.kind, "state": &l.state, "dueAt": &l.due, "attempts": &l.attempts, "doubts": &l.doubts, "failure": &l.failure, "to": &l.to, "role": &l.role,
			"pairing": &l.pairing, "session": &l.session, "match": &l.match, "invitation": &l.invitation, "with": &l.with, "after": &l.after, "step": &l.step,
		} {
			field(d, name, into)
		}
		letters[l.id] = l
	}
	for _, l := range letters {
		lead := l.id
		if l.with != "" {
			lead = l.with
		}
		l.copies = emails[lead]
	}

	// I1 and I3: what was promised is there once, and was sent.
	byPromise := map[promise][]*letter{}
	for _, l := range letters {
		if l.step > 1 {
			continue // a reminder of the same
		}
		p := promise{outbox.Kind(l.kind), people[l.to], l.about()}
		byPromise[p] = append(byPromise[p], l)
	}
	for p := range j.promised {
		found := byPromise[p]
		switch {
		case len(found) != 1:
			at.violation("I1: %s to %s about %q was promised and stands in the outbox %d times", p.kind, p.to, p.about, len(found))
		case found[0].state != string(outbox.Sent):
			at.violation("I3: %s to %s is %q: %s", p.kind, p.to, found[0].state, found[0].failure)
		case len(found[0].copies) == 0:
			at.violation("I3: %s to %s counts as sent, and nobody got it", p.kind, p.to)
		}
	}
	at.count("promised", len(j.promised))

	first := map[string]time.Time{} // when each message first went
	for id, l := range letters {
		switch {
		case !final(l.state) && !(l.state == string(outbox.Pending) && l.due.After(at.now())):
			at.violation("I2: %s to %s is still %q, due %v, after %d attempts: %s", l.kind, people[l.to], l.state, l.due.Sub(read).Round(time.Millisecond), l.attempts, l.failure)
		case l.state == string(outbox.SetAside):
			at.violation("I2: %s to %s was set aside: %s", l.kind, people[l.to], l.failure)
		}
		if l.with == "" {
			at.copiesOf(id, l.document, emails[id])
		}
		if len(l.copies) > 0 {
			first[id] = l.copies[0].at
		}
		j.justified(l, there, states)
		if d := there["sessions"][l.session]; l.kind == string(message.KindSessionTomorrow) && d != nil && len(l.copies) > 0 {
			var starts time.Time
			field(d, "startsAt", &starts)
			zone := at.programme.Location()
			went, on := l.copies[0].when.In(zone).Format(time.DateOnly), starts.In(zone)
			if went >= on.Format(time.DateOnly) || went < on.AddDate(0, 0, -6).Format(time.DateOnly) {
				at.violation("I10: the reminder of a session on %s went on %s", on.Format(time.DateOnly), went)
			}
		}
	}
	for id, copies := range emails {
		l, known := letters[id]
		if !known {
			at.violation("I1: %d emails went for %s, which is not in the outbox", len(copies), id)
			continue
		}
		for _, r := range copies {
			if want := people[l.to]; !strings.EqualFold(r.to, want) && l.kind != string(message.KindDailyDigest) && l.kind != string(message.KindStaffSignIn) {
				at.violation("I6: %s for %s went to %s", l.kind, want, r.to)
			}
		}
	}
	if err := j.questionnaires(ctx, letters, there, people); err != nil {
		return err
	}
	j.inOrder(letters, first)
	at.count("emails of the day", at.oneADay(letters, emails))
	j.applied(there)

	// I7: one pairing a client, one match out.
	for _, role := range []string{"client", "consultant"} {
		of := map[string]int{}
		for _, d := range all["pairings"] {
			var id string
			field(d, role, &id)
			of[id]++
		}
		for id, n := range of {
			if n > 1 {
				at.violation("I7: %s has %d pairings", people[id], n)
			}
		}
	}
	// I11: each change that is audited is there once.
	did := map[string]int{}
	for _, d := range all["audit"] {
		var by, what, to string
		field(d, "by", &by)
		field(d, "did", &what)
		field(d, "to", &to)
		if what == "accepted the match" || what == "released the match" {
			did[what]++
			did[what+by+to]++
			if did[what+by+to] > 1 {
				at.violation("I11: %q %s is in the audit trail %d times", what, to, did[what+by+to])
			}
		}
	}
	if did["accepted the match"] != 2*j.pairs || did["released the match"] != j.pairs {
		at.violation("I11: %d matches were accepted by both and %d released, and the audit trail has %d and %d", j.pairs, j.pairs, did["accepted the match"], did["released the match"])
	}
	if len(all["pairings"]) != j.pairs || len(all["sessions"]) != j.pairs {
		at.violation("%d pairings and %d sessions of %d pairs", len(all["pairings"]), len(all["sessions"]), j.pairs)
	}
	return nil
}

// justified checks that a message tells of what is so: none for a state that was
// never committed.
func (j *journey) justified(l *letter, there map[string]map[string]*firestore.DocumentSnapshot, states map[string]string) {
	_, is := states[l.to]
	ok := is
	switch outbox.Kind(l.kind) {
	case message.KindEnrolmentConfirmed:
		ok = is
	case message.KindMatchReleased, message.KindAnswerMatch, message.KindAgreeExpectations:
		ok = is && there["matches"][l.match] != nil
	case message.KindPairingStarted, message.KindBookSession:
		ok = is && there["pairings"][l.pairing] != nil
	case message.KindSessionBooked, message.KindSessionInAWeek, message.KindSessionTomorrow, message.KindLogYourSession, message.KindFollowUp:
		ok = is && there["sessions"][l.session] != nil
	case message.KindQuestionnaireInvited, message.KindQuestionnaireWaits:
		ok = is && there["invitations"][l.invitation] != nil
	case message.KindDailyDigest, message.KindStaffSignIn:
		ok = l.to == "morgan"
	}
	if !ok {
		j.at.violation("I1: %s to %s tells of what is not so", l.kind, l.to)
	}
}

// before are kinds that must not come before another about the same.
var before = map[outbox.Kind]outbox.Kind{
	message.KindAnswerMatch: message.KindMatchReleased, message.KindAgreeExpectations: message.KindMatchReleased, message.KindBookSession: message.KindPairingStarted,
	message.KindSessionInAWeek: message.KindSessionBooked, message.KindSessionTomorrow: message.KindSessionBooked, message.KindLogYourSession: message.KindSessionBooked,
	message.KindQuestionnaireWaits: message.KindQuestionnaireInvited,
}

// inOrder checks that no reminder came before what it reminds of.
func (j *journey) inOrder(letters map[string]*letter, first map[string]time.Time) {
	for _, l := range letters {
		if l.after != "" {
			j.ordered(l, l.after, first)
		}
		kind, known := before[outbox.Kind(l.kind)]
		if !known {
			continue
		}
		for _, other := range letters {
			if other.kind == string(kind) && other.to == l.to && other.step <= 1 && other.pairing == l.pairing && other.session == l.session {
				j.ordered(l, other.id, first)
			}
		}
	}
}

func (j *journey) ordered(l *letter, earlier string, first map[string]time.Time) {
	went, sent := first[l.id]
	invited, told := first[earlier]
	if sent && (!told || invited.After(went)) {
		j.at.violation("order: %s went to %s, and what it reminds of had not gone", l.kind, l.to)
	}
}

// alone are the kinds that may come at any time beside the day's email.
var alone = []outbox.Kind{message.KindConfirmEnrolment, message.KindEnrolmentConfirmed, message.KindStaffSignIn,
	message.KindSessionBooked, message.KindSessionMoved, message.KindSessionCancelled}

// holidays are the bank holidays of England and Wales in the time that rows go through,
// as gov.uk/bank-holidays lists them.
var holidays = []string{"2026-12-25", "2026-12-28", "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30", "2027-12-27", "2027-12-28", "2028-01-03"}

// dayOff reports whether a time is on a day on which nobody is written to.
func (at *place) dayOff(t time.Time) bool {
	t = t.In(at.programme.Location())
	return slices.Contains(holidays, t.Format(time.DateOnly)) || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
}

// oneADay checks that nobody got two emails of news and reminders on a day of theirs,
// and none of them outside of waking hours or on a day off. An extra copy of one
// email is not another email.
func (at *place) oneADay(letters map[string]*letter, emails map[string][]request) int {
	zone := at.programme.Location()
	cadence := at.programme.Cadence.Filled()
	days := map[string][]string{}
	n := 0
	for id, copies := range emails {
		l := letters[id]
		if l == nil || len(copies) == 0 || l.step <= 1 && slices.Contains(alone, outbox.Kind(l.kind)) {
			continue
		}
		n++
		when := copies[0].when.In(zone)
		if at.dayOff(when) || when.Hour() < cadence.Opens || when.Hour() >= cadence.Closes {
			at.violation("hours: %s went to %s on %s", l.kind, copies[0].to, when.Format("Monday 2 January at 15:04"))
		}
		key := strings.ToLower(copies[0].to) + " on " + when.Format(time.DateOnly)
		days[key] = append(days[key], l.kind)
	}
	for key, kinds := range days {
		if len(kinds) > 1 {
			at.violation("one a day: %s got %v", key, kinds)
		}
	}
	return n
}

// applied checks I8: the run that counts was applied as a whole, in each programme.
func (j *journey) applied(there map[string]map[string]*firestore.DocumentSnapshot) {
	for id, pairs := range j.programmes() {
		of := there["runs"][j.runs[id]]
		if of == nil {
			j.at.violation("I8: the run %s of %s is not there", j.runs[id], id)
			continue
		}
		matched := map[programme.Role]map[string]int{programme.Client: {}, programme.Consultant: {}}
		n := 0
		for _, d := range there["matches"] {
			if d.Ref.Parent.Parent.ID != of.Ref.ID {
				continue
			}
			n++
			for role := range matched {
				id, _ := d.DataAt(string(role) + ".enrolment")
				matched[role][fmt.Sprint(id)]++
			}
		}
		want := cmp.Or(j.perRun, pairs)
		if n != want || len(matched[programme.Client]) != want || len(matched[programme.Consultant]) != want {
			j.at.violation("I8: the run has %d matches of %d and %d people, for %d pairs", n, len(matched[programme.Client]), len(matched[programme.Consultant]), want)
		}
	}
}

// questionnaires checks I9, that what was handed in stands there once and as it was answered,
// and that nobody was asked again after it, but everybody who has not handed in.
func (j *journey) questionnaires(ctx context.Context, letters map[string]*letter, there map[string]map[string]*firestore.DocumentSnapshot, people map[string]string) error {
	waits := map[string][]*letter{}
	for _, l := range letters {
		if l.kind == string(message.KindQuestionnaireWaits) {
			waits[l.invitation] = append(waits[l.invitation], l)
		}
	}
	d, err := questionnaire.Load(j.at.programme.Questionnaires.Baseline)
	if err != nil {
		return err
	}
	handedIn, pseudonyms := map[string]int{}, map[string]questionnaire.Pseudonyms{} // by programme
	ring, err := keys.Parse("faults:" + j.at.key)
	if err != nil {
		return err
	}
	enrolments := map[string]int{} // by address
	for _, to := range people {
		enrolments[strings.ToLower(to)]++
	}
	for id, i := range there["invitations"] {
		var who string
		var asked time.Time
		field(i, "enrolment", &who)
		field(i, "createdAt", &asked)
		to := people[who]
		handed, did := j.handed[to]
		// It is marked on the next day.
		if submitted, _ := i.DataAt("submitted"); submitted == true && !did {
			j.at.violation("I9: %s has not handed in, and the invitation says so", to)
		}
		in := i.Ref.Parent.Parent.ID
		of, known := pseudonyms[in]
		if !known {
			if of, err = pseudonym.Of(ctx, j.at.answers, ring.For("answers"), in); err != nil {
				return err
			}
			pseudonyms[in] = of
		}
		found, err := j.at.answers.Answered(ctx, in, of.Response(who, programme.Baseline), of.Saved(who, programme.Baseline))
		if err != nil {
			return err
		}
		if is := found.Response != nil; is != did || is && found.Saved != nil {
			j.at.violation("I9: that %s has handed in is %v, and the response is there: %v; saved: %v", to, did, is, found.Saved != nil)
		}
		if found.Response != nil {
			handedIn[in]++
			for _, q := range d.Questions() {
				if answer := found.Response.Answers[q.ID]; answer != answerOf(q, to) {
					j.at.violation("I9: %s answered %q to %s, and there stands %q", to, answerOf(q, to), q.ID, answer)
				}
			}
		}
		if n := len(waits[id]); n > programme.MostQuestionnaireWaits {
			j.at.violation("%s was asked for a questionnaire %d times more", to, n)
		}
		again := 0
		for _, l := range waits[id] {
			again += min(1, len(l.copies))
			for _, copy := range l.copies {
				if did && copy.at.After(handed.Add(moment)) {
					j.at.violation("I10: %s was asked for a questionnaire %v after handing it in", to, copy.at.Sub(handed).Round(time.Millisecond))
				}
			}
		}
		j.at.count("asked for again", again)
		days := 0 // working days since
		for day := asked.AddDate(0, 0, 1); day.Before(j.at.now().AddDate(0, 0, -1)); day = day.AddDate(0, 0, 1) {
			if !j.at.dayOff(day) {
				days++
			}
		}
		if wait := j.at.programme.Cadence.Filled().Asks.QuestionnaireWaits[0]; again == 0 && !did && days > wait {
			// Who takes part twice is asked for twice as much, and for no more in a week.
			if enrolments[strings.ToLower(to)] > 1 && len(waits[id]) > 0 {
				j.at.count("asked for less", 1)
				continue
			}
			j.at.violation("I1: %s has not handed in for %d working days, and was never asked again", to, days)
		}
	}
	for in, n := range handedIn {
		all, err := j.at.answers.Responses(ctx, in)
		if err != nil {
			return err
		}
		if len(all) != n {
			j.at.violation("I9: there are %d responses, of %d people", len(all), n)
		}
	}
	return nil
}
