package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// promise is an email that somebody has to get, since the function said that what
// causes it was done.
type promise struct {
	kind outbox.Kind
	to   string // the address
	// about is the id of the document that it is about, or "".
	about string
}

// journey is a whole programme, taken through the functions' public addresses by
// people who try again until they are told that it was done.
type journey struct {
	at *place
	// pairs are how many take part, from the number base on; perRun how many a matching
	// run is for, where that is not all.
	pairs, base, perRun int
	// ahead is for how many days ahead sessions are booked.
	ahead int
	// patient: before the date goes on, the tick of reminders comes again each quarter of
	// an hour until it does its work, as its schedule would have it.
	patient bool
	// twice reports whether a pair's two are one person, who takes part in both roles and
	// is matched with others; nil for never.
	twice func(i int) bool
	// in is the id of the programme that a pair takes part in.
	in func(i int) string

	mu       sync.Mutex
	promised map[promise]bool
	// handed is when people, by address, were told that they handed in their questionnaire.
	handed map[string]time.Time
	cookie *http.Cookie
	runs   map[string]string // the matching runs' ids, by programme
	steps  int
}

// everyone are the functions of a journey, with how many processes of each.
var everyone = map[string]int{"enrolment": 1, "desk": 1, "matching": 1, "participant": 2, "questionnaires": 1, "reminders": 2, "outbox": 3}

// begin starts all functions and makes what a programme begins with.
func (at *place) begin(ctx context.Context, pairs int) (*journey, error) {
	return at.beginIn(ctx, pairs, func(int) string { return "pilot" })
}

// beginIn is the same for pairs who take part in several programmes.
func (at *place) beginIn(ctx context.Context, pairs int, in func(i int) string) (*journey, error) {
	j := &journey{at: at, pairs: pairs, ahead: 9, in: in, promised: map[promise]bool{}, handed: map[string]time.Time{}, runs: map[string]string{}}
	if err := at.atTen(); err != nil {
		return nil, err
	}
	now := at.now()
	morgan := &store.Staff{ID: "morgan", Name: "Morgan Sample", Email: "morgan@example.org", Roles: access.ByProgramme{}, CreatedAt: now, UpdatedAt: now}
	for id := range j.programmes() {
		morgan.Roles.Grant(id, access.Coordinator)
		c := at.store.Commit()
		if id != at.programme.ID {
			p := *at.programme
			p.ID = id
			c.CreateProgramme(&p)
		}
		c.CreateSupervisor(id, &supervision.Supervisor{ID: "robin", Name: "Robin Sample", Email: "robin@example.org", Capacity: max(pairs, 1)})
		if err := c.Do(ctx); err != nil {
			return nil, err
		}
	}
	c := at.store.Commit()
	c.CreateStaff(morgan)
	if err := c.Do(ctx); err != nil {
		return nil, err
	}
	c = at.store.Commit()
	var err error
	if j.cookie, err = signin.New(at.store, mustRing(at.key).For("staff"), access.UsualLimits, clock.Real).Start(c, httptest.NewRequestWithContext(ctx, http.MethodPost, signin.Page, nil), "morgan", access.ByLink); err != nil {
		return nil, err
	}
	if err := c.Do(ctx); err != nil {
		return nil, err
	}
	var starting sync.WaitGroup
	errs := make(chan error, len(everyone))
	for name, n := range everyone {
		starting.Go(func() { errs <- at.run(ctx, name, n) })
	}
	starting.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return j, nil
}

// programmes are those that the pairs take part in, with how many pairs in each.
func (j *journey) programmes() map[string]int {
	all := map[string]int{}
	for i := range j.pairs {
		all[j.in(j.base+i)]++
	}
	return all
}

func (j *journey) promise(kind outbox.Kind, to, about string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.promised[promise{kind, to, about}] = true
}

// ask sends a request until it is answered with something other than that it could
// not be done now, as a person does who reads "try again". The answer is the status,
// where it leads to, and the body.
func (j *journey) ask(ctx context.Context, method, path, contentType, body string) (int, string, []byte, error) {
	for {
		r, err := http.NewRequestWithContext(ctx, method, j.at.url+path, strings.NewReader(body))
		if err != nil {
			return 0, "", nil, err
		}
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		if strings.HasPrefix(path, "/desk/") {
			r.AddCookie(j.cookie)
		}
		response, err := within.Do(r)
		if err == nil {
			var text []byte
			text, err = io.ReadAll(response.Body)
			response.Body.Close()
			if err == nil && response.StatusCode < 500 && response.StatusCode != http.StatusTooManyRequests {
				j.mu.Lock()
				j.steps++
				j.mu.Unlock()
				return response.StatusCode, response.Header.Get("Location"), text, nil
			}
		}
		j.at.count("asked again", 1)
		if !pause(ctx, 30*time.Millisecond+j.at.random.upTo(200*time.Millisecond)) {
			return 0, "", nil, context.Cause(ctx)
		}
	}
}

// done sends a form and fails unless it is done.
func (j *journey) done(ctx context.Context, path string, form url.Values) error {
	status, _, text, err := j.ask(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode())
	if err == nil && status >= 400 {
		err = fmt.Errorf("POST %s: %d: %s", hidden(path), status, says200(text))
	}
	if err == nil && status == http.StatusOK { // the form once more, with what to correct
		err = fmt.Errorf("POST %s: the form came back: %s", hidden(path), says200(text))
	}
	return err
}

// hiddenField is a field of a form that nobody fills in.
var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// confirm confirms a claim on the page behind its link, unless that was done before.
func (j *journey) confirm(ctx context.Context, path string) error {
	status, _, page, err := j.ask(ctx, http.MethodGet, path, "", "")
	if err != nil {
		return err
	}
	form := url.Values{"do": {"confirm"}}
	for _, found := range hiddenField.FindAllSubmatch(page, -1) {
		form.Set(string(found[1]), string(found[2]))
	}
	if status == http.StatusOK && !form.Has("shown") { // by an answer that was lost
		return nil
	}
	if err := j.done(ctx, path, form); err != nil && !strings.Contains(err.Error(), "the form came back") {
		return err
	}
	_, _, page, err = j.ask(ctx, http.MethodGet, path, "", "")
	if err == nil && !bytes.Contains(page, []byte("Your enrolment is confirmed")) {
		err = fmt.Errorf("GET %s: it is not confirmed: %s", hidden(path), says200(page))
	}
	return err
}

// hidden is a path without the link in it.
func hidden(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if len(p) == 43 {
			parts[i] = "…"
		}
	}
	return strings.Join(parts, "/")
}

// says200 is the part of a page that says what is wrong.
func says200(page []byte) string {
	if i := bytes.Index(page, []byte("govuk-error-summary")); i >= 0 {
		page = page[i:]
	} else if i := bytes.Index(page, []byte("<main")); i >= 0 {
		page = page[i:]
	}
	return strings.Join(strings.Fields(string(page[:min(len(page), 500)])), " ")
}

// mailed waits for an email to one of a pair with a link of a kind, and returns the
// newest such link.
func (j *journey) mailed(ctx context.Context, side string, i int, kind purpose.Purpose) (path string, err error) {
	err = until(ctx, j.patience(), fmt.Sprintf("an email to %s with a link %s", j.address(side, i), kind), func() bool {
		links := j.links(ctx, side, i, kind)
		if len(links) > 0 {
			path = links[0].path
		}
		return path != ""
	})
	return path, err
}

// links are those of a kind that one of a pair was sent, the newest first. Who takes
// part twice knows by what stands around a link in which role it is for them.
func (j *journey) links(ctx context.Context, side string, i int, kind purpose.Purpose) []sentLink {
	all := j.at.provider.links(j.address(side, i), string(kind))
	if j.twice == nil || !j.twice(i) {
		return all
	}
	opener := link.New(j.at.store, j.at.links(), j.at.url, j.at.now)
	return slices.DeleteFunc(all, func(l sentLink) (others bool) {
		link.Conceal(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			opened, err := opener.Open(r, kind, nil)
			others = err != nil || opened.Person != j.idOf(side, i)
		})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, l.path, nil))
		return others
	})
}

// asked is how many emails with a link of a kind one of a pair was sent; copies do not
// count.
func (j *journey) asked(ctx context.Context, side string, i int, kind purpose.Purpose) int {
	messages := map[string]bool{}
	for _, l := range j.links(ctx, side, i, kind) {
		messages[l.message] = true
	}
	return len(messages)
}

// patience is how long something may take to come about; a twin may wait in vain.
func (j *journey) patience() time.Duration {
	if len(j.at.off) > 0 {
		return 30 * time.Second
	}
	return 90 * time.Second
}

// each does something for all pairs, some at once.
func (j *journey) each(ctx context.Context, do func(ctx context.Context, i int) error) error {
	return someAtOnce(ctx, j.pairs, func(ctx context.Context, i int) error {
		if err := do(ctx, j.base+i); err != nil {
			return fmt.Errorf("pair %d: %w", j.base+i, err)
		}
		return nil
	})
}

// someAtOnce does something for the numbers below n.
func someAtOnce(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	next := make(chan int)
	for range 12 {
		wait.Go(func() {
			for i := range next {
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wait.Wait()
	return context.Cause(ctx)
}

// name is a person's, which stands in no other's email but that of the one whom they
// are matched with.
func name(side string, i int) string { return fmt.Sprintf("%s%05d", side, i) }

// address is that of one of a pair. Who takes part twice writes it in capitals the second
// time, so that it is seen which of the two an email is for.
func (j *journey) address(side string, i int) string {
	if side == "q" && j.twice != nil && j.twice(i) {
		return address(strings.ToUpper(name("p", i)))
	}
	return address(name(side, i))
}

// enrol has both of a pair enrol and confirm.
func (j *journey) enrol(ctx context.Context, i int) error {
	for side, path := range map[string]string{"p": "seek", "q": "offer"} {
		to := j.address(side, i)
		f := applicant("Alex "+strings.ToUpper(side), to)
		f.Organisation, f.Number = "Trust "+name(side, i), ""
		f.Availability, f.Skills = []string{"mon-am", "tue-pm"}, map[string]int{"board": 3, "digital": 1}
		if side == "q" {
			f.Categories, f.Capacity, f.Postcode = []string{"ED"}, 1, "LS7 2AB"
		}
		body, err := json.Marshal(f)
		if err != nil {
			return err
		}
		status, _, text, err := j.ask(ctx, http.MethodPost, "/enrol/"+j.in(i)+"/"+path, "application/json", string(body))
		if err == nil && status != http.StatusAccepted {
			err = fmt.Errorf("enrolling: %d: %.300s", status, text)
		}
		if err != nil {
			return err
		}
		j.promise(message.KindConfirmEnrolment, to, "")
		here, err := j.mailed(ctx, side, i, purpose.Confirm)
		if err != nil {
			return err
		}
		if err := j.confirm(ctx, here); err != nil {
			return err
		}
		j.promise(message.KindEnrolmentConfirmed, to, "")
	}
	return nil
}

// idOf is the enrolment's of an address.
func (j *journey) idOf(side string, i int) string {
	role := programme.Client
	if side == "q" {
		role = programme.Consultant
	}
	return enrolment.ID(j.at.programme.Salt, role, email.Address(j.address(side, i)))
}

// prepare has the coordinator find both ready.
func (j *journey) prepare(ctx context.Context, i int) error {
	people := "/desk/programmes/" + j.in(i) + "/people/"
	if err := j.done(ctx, people+j.idOf("p", i), url.Values{"workshop": {"yes"}}); err != nil {
		return err
	}
	return j.done(ctx, people+j.idOf("q", i), url.Values{"trained": {"yes"}, "supervisor": {"robin"}})
}

// match has the matching runs made, and all their matches released.
func (j *journey) match(ctx context.Context) error {
	waiting := j.programmes()
	var proposed []*pairing.Match
	err := until(ctx, j.patience(), "a matching run for everybody", func() bool {
		_ = j.at.tick(ctx, "matching", "matching-run") // one that was killed left nothing
		for id, pairs := range waiting {
			p, err := j.at.store.Programme(ctx, id)
			if err != nil || p.Run == "" {
				continue
			}
			found, err := j.at.store.Proposals(ctx, p)
			if err == nil && len(found) == pairs {
				proposed = append(proposed, found...)
				j.runs[id] = p.Run
				delete(waiting, id)
			}
		}
		return len(waiting) == 0
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(proposed, func(a, b *pairing.Match) int { return strings.Compare(a.Programme, b.Programme) })
	var forms [][]*pairing.Match // of one programme each
	for _, m := range proposed {
		if n := len(forms); n > 0 && len(forms[n-1]) < 25 && forms[n-1][0].Programme == m.Programme {
			forms[n-1] = append(forms[n-1], m)
		} else {
			forms = append(forms, []*pairing.Match{m})
		}
	}
	err = someAtOnce(ctx, len(forms), func(ctx context.Context, i int) error {
		form := url.Values{}
		for _, m := range forms[i] {
			form.Add("match", m.Run+"/"+m.ID)
		}
		return j.done(ctx, "/desk/programmes/"+forms[i][0].Programme+"/matches", form)
	})
	if err != nil {
		return err
	}
	people, err := j.people(ctx)
	if err != nil {
		return err
	}
	for _, m := range proposed {
		j.promise(message.KindMatchReleased, people[m.Client.Enrolment], m.ID)
		j.promise(message.KindMatchReleased, people[m.Consultant.Enrolment], m.ID)
	}
	j.at.count("matches", len(proposed))
	return nil
}

// people are the addresses by enrolment.
func (j *journey) people(ctx context.Context) (map[string]string, error) {
	found, err := j.at.db.CollectionGroup("enrolments").Select("person.email").Documents(ctx).GetAll()
	if err != nil {
		return nil, err
	}
	people := map[string]string{}
	for _, d := range found {
		email, _ := d.DataAt("person.email")
		people[d.Ref.ID] = fmt.Sprint(email)
	}
	return people, nil
}

// told waits until all have heard of their matches. Who takes part twice may hear of
// one on one day, and of the other on the next.
func (j *journey) told(ctx context.Context) error {
	if j.twice == nil {
		return nil
	}
	if err := j.sentToday(ctx); err != nil {
		return err
	}
	for again := true; again; again = j.at.dayOff(j.at.now()) {
		if err := j.nextDay(ctx, 9); err != nil {
			return err
		}
	}
	return j.sentToday(ctx)
}

// begun has everybody matched, told and in a pairing.
func (j *journey) begun(ctx context.Context) error {
	if err := j.match(ctx); err != nil {
		return err
	}
	if err := j.told(ctx); err != nil {
		return err
	}
	if err := j.each(ctx, j.accept); err != nil {
		return err
	}
	// An email that is in doubt when the date goes on would wait for a day of the server's.
	return j.sentToday(ctx)
}

// accept has both accept their match.
func (j *journey) accept(ctx context.Context, i int) error {
	for _, side := range []string{"p", "q"} {
		here, err := j.mailed(ctx, side, i, purpose.Match)
		if err != nil {
			return err
		}
		if err := j.done(ctx, here+"/accept", url.Values{"agree": {j.at.programme.Expectations.Version}}); err != nil {
			return err
		}
	}
	return nil
}

// book has one of the two book a session nine days ahead, by a form that is sent twice.
func (j *journey) book(ctx context.Context, i int) error {
	here, err := j.mailed(ctx, "p", i, purpose.Pairing)
	if err != nil {
		return err
	}
	day := j.at.now().In(j.at.programme.Location()).AddDate(0, 0, j.ahead)
	form := rand.Text()
	posted := url.Values{"form": {form}, "date": {strconv.Itoa(day.Day())}, "date-month": {strconv.Itoa(int(day.Month()))}, "date-year": {strconv.Itoa(day.Year())},
		"time": {"14:00"}, "minutes": {"90"}, "place": {"Room 2"}}
	for range 2 {
		if err := j.done(ctx, here+"/book", posted); err != nil {
			return err
		}
	}
	pair, err := j.pairingOf(ctx, i)
	if err != nil {
		return err
	}
	other, err := j.at.store.Enrolment(ctx, j.in(i), pair.Consultant)
	if err != nil {
		return err
	}
	for id, to := range map[string]string{pair.Client: j.address("p", i), pair.Consultant: string(other.Person.Email)} {
		j.promise(message.KindPairingStarted, to, pair.ID)
		j.promise(message.KindSessionBooked, to, form)
		j.promise(message.KindSessionTomorrow, to, form)
		asked := questionnaire.Invite(j.at.programme, &enrolment.Enrolment{ID: id}, programme.Baseline, "", time.Time{})
		j.promise(message.KindQuestionnaireInvited, to, asked.ID)
	}
	j.at.count("bookings", 1)
	return nil
}

// pairingOf is the pair's client's.
func (j *journey) pairingOf(ctx context.Context, i int) (*pairing.Pairing, error) {
	found, err := j.at.db.Collection("programmes/"+j.in(i)+"/pairings").Where("client", "==", j.idOf("p", i)).Documents(ctx).GetAll()
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d pairings of one client", len(found))
	}
	pair := new(pairing.Pairing)
	err = found[0].DataTo(pair)
	pair.ID = found[0].Ref.ID
	return pair, err
}

// answers has those of a pair hand in their questionnaire whose time it is: one in three
// does so as soon as they are asked, one once they were asked again, and one never.
func (j *journey) answers(ctx context.Context, i int) error {
	for n, side := range []string{"p", "q"} {
		when := (i + n) % 3
		j.mu.Lock()
		_, did := j.handed[j.address(side, i)]
		j.mu.Unlock()
		if did || when == 2 || j.asked(ctx, side, i, purpose.Questionnaire) <= when {
			continue
		}
		if err := j.fill(ctx, side, i); err != nil {
			return err
		}
		if err := j.hand(ctx, side, i); err != nil {
			return err
		}
	}
	return nil
}

// fill has one of a pair fill in their questionnaire, page by page.
func (j *journey) fill(ctx context.Context, side string, i int) error {
	here, err := j.mailed(ctx, side, i, purpose.Questionnaire)
	if err != nil {
		return err
	}
	d, err := questionnaire.Load(j.at.programme.Questionnaires.Baseline)
	if err != nil {
		return err
	}
	to := j.address(side, i)
	for n, page := range d.Pages {
		form := url.Values{}
		for _, q := range page.Questions {
			form.Set(q.ID, answerOf(q, to))
		}
		if err := j.done(ctx, here+"/"+strconv.Itoa(n+1), form); err != nil {
			return err
		}
	}
	return nil
}

// answerOf is what somebody answers to a question.
func answerOf(q questionnaire.Question, to string) string {
	if options := q.Options(); len(options) > 0 {
		return options[len(to+q.ID)%len(options)].Value
	}
	return "In the words of " + to + "."
}

// hand has them hand it in, by a form that is sent twice.
func (j *journey) hand(ctx context.Context, side string, i int) error {
	to := j.address(side, i)
	here, err := j.mailed(ctx, side, i, purpose.Questionnaire)
	if err != nil {
		return err
	}
	for range 2 {
		if err := j.done(ctx, here+"/check", url.Values{}); err != nil {
			return err
		}
		j.mu.Lock()
		if j.handed[to].IsZero() {
			j.handed[to] = time.Now()
		}
		j.mu.Unlock()
	}
	j.at.count("handed in", 1)
	return nil
}

// nextDay moves the programme's date to the next day in the morning, step by step, so
// that what is due on the way comes on its day, also what a tick owes late.
func (j *journey) nextDay(ctx context.Context, hour int) error {
	j.at.count("days", 1)
	zone := j.at.programme.Location()
	now := j.at.now().In(zone)
	day := now.AddDate(0, 0, 1)
	to := time.Date(day.Year(), day.Month(), day.Day(), hour, 15, 0, 0, zone)
	for j.at.now().Before(to) {
		left := min(to.Sub(j.at.now()), 3*time.Hour)
		if err := j.at.pass(left); err != nil {
			return err
		}
		// Who has answered is marked before the day's reminders; what this leaves, the schedule finds.
		_ = j.at.tick(ctx, "questionnaires", "questionnaires-sweep")
		err := j.at.tick(ctx, "reminders", "reminders-tick")                                     // what this one leaves the next finds
		for again := left / (15 * time.Minute); !j.patient && err != nil && again > 0; again-- { // as many as there are meanwhile
			err = j.at.tick(ctx, "reminders", "reminders-tick")
		}
		for j.patient && err != nil && ctx.Err() == nil {
			j.at.count("ticks that failed", 1)
			if err := j.at.pass(15 * time.Minute); err != nil {
				return err
			}
			err = j.at.tick(ctx, "reminders", "reminders-tick")
		}
		hours := j.at.programme.Cadence.Filled()
		if hour := j.at.now().In(zone).Hour(); hours.Opens <= hour && hour < hours.Closes && j.at.now().Before(to) {
			if err := j.sentToday(ctx); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// schedules fires those of all functions, again and again. They go through every
// programme, and leave the machine some time for other things.
func (j *journey) schedules(ctx context.Context) *sync.WaitGroup {
	var all sync.WaitGroup
	longer := time.Duration(len(j.programmes())-1) * 10 * time.Millisecond
	for _, s := range []struct {
		function, name string
		every          time.Duration
		atOnce         int
	}{{"outbox", "outbox-sweep", 250 * time.Millisecond, 2}, {"reminders", "reminders-tick", time.Second, 2}, {"questionnaires", "questionnaires-sweep", time.Second, 1}} {
		w := j.at.sweeping(ctx, s.function, s.name, s.every+longer, s.atOnce)
		all.Go(w.Wait)
	}
	return &all
}

// whole takes everybody through the programme to the day after their first session.
func (j *journey) whole(ctx context.Context) error {
	if err := j.each(ctx, j.enrol); err != nil {
		return err
	}
	if err := j.each(ctx, j.prepare); err != nil {
		return err
	}
	if err := j.begun(ctx); err != nil {
		return err
	}
	if err := j.nextDay(ctx, 9); err != nil {
		return err
	}
	for _, step := range []func(context.Context, int) error{j.book, j.answers} {
		if err := j.each(ctx, step); err != nil {
			return err
		}
	}
	for range 10 {
		if err := j.nextDay(ctx, 9); err != nil {
			return err
		}
		if !pause(ctx, time.Second) { // for the day's emails
			return context.Cause(ctx)
		}
		if err := j.sentToday(ctx); err != nil {
			return err
		}
		if err := j.each(ctx, j.answers); err != nil {
			return err
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.at.count("steps", j.steps)
	return nil
}

// sentToday waits until nothing is due at this time of the programme.
func (j *journey) sentToday(ctx context.Context) error {
	return until(ctx, 60*time.Second, "what was due on a day was sent", func() bool {
		soon := j.at.now().Add(time.Hour)
		found, err := j.at.db.Collection("outbox").Where("dueAt", "<=", soon).Select("state", "dueAt", "attempts").Documents(ctx).GetAll()
		if err != nil {
			return false
		}
		for _, d := range found {
			var state string
			var due time.Time
			field(d, "state", &state)
			field(d, "dueAt", &due)
			if state == string(outbox.Sending) || state == string(outbox.InDoubt) || state == string(outbox.Pending) && !due.After(j.at.now()) {
				pause(ctx, 200*time.Millisecond)
				return false
			}
			// What the provider refused for now is tried again today.
			var attempts int64
			if field(d, "attempts", &attempts); attempts > 0 && state == string(outbox.Pending) {
				return j.at.pass(time.Minute) != nil
			}
		}
		return true
	})
}

// chaos kills processes of any function by kill -9 at random moments, until ctx ends
// or there were so many.
func (at *place) chaos(ctx context.Context, kills int, within time.Duration) {
	for range kills {
		if !pause(ctx, at.random.upTo(2*within/time.Duration(max(kills, 1)))) {
			return
		}
		all := at.all("")
		w := all[at.random.n(len(all))]
		w.kill()
		at.count("kills", 1)
		if err := w.start(); err != nil {
			at.violation("%s could not be started again: %v", w.function, err)
		}
	}
}

// freeze stops the emulator for a while.
func (at *place) freeze(ctx context.Context, d time.Duration) error {
	if err := at.ground.emulator.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	pause(ctx, d)
	at.count("s without the database", int(d.Seconds()))
	return at.ground.emulator.signal(syscall.SIGCONT)
}
