package outbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/complaint"
	emails "github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// As telemetry.Start does, for all tests alike.
func init() { otel.SetTextMapPropagator(propagation.TraceContext{}) }

// email is what SendGrid's v3 Mail Send API is given.
type email struct {
	Personalizations []struct {
		To         []address
		CustomArgs map[string]string `json:"custom_args"`
	}
	Headers      map[string]string
	MailSettings map[string]struct{ Enable bool } `json:"mail_settings"`
	From         address
	ReplyTo      address `json:"reply_to"`
	Subject      string
	Content      []struct{ Type, Value string }

	Attachments      []struct{ Content, Type, Filename, Disposition string }
	TrackingSettings map[string]map[string]bool `json:"tracking_settings"`

	traceparent string
}

type address struct{ Name, Email string }

// to is the only address that the email goes to.
func (e email) to() address {
	if len(e.Personalizations) != 1 || len(e.Personalizations[0].To) != 1 {
		return address{}
	}
	return e.Personalizations[0].To[0]
}

// part is the email's content of a type.
func (e email) part(kind string) string {
	for _, c := range e.Content {
		if c.Type == kind {
			return c.Value
		}
	}
	return ""
}

// provider stands in for SendGrid and keeps what it took.
type provider struct {
	mu    sync.Mutex
	taken []email
	asked int
	// refuse answers instead of taking an email, while it is set.
	refuse http.HandlerFunc
	// slow is called before an email is taken, where it is set.
	slow func(email)
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	e := email{traceparent: r.Header.Get("Traceparent")}
	p.mu.Lock()
	p.asked++
	refuse, slow := p.refuse, p.slow
	p.mu.Unlock()
	switch {
	case err != nil || r.Method != http.MethodPost || r.URL.Path != "/v3/mail/send" || json.Unmarshal(body, &e) != nil:
		w.WriteHeader(http.StatusNotFound)
	case r.Header.Get("Authorization") != "Bearer the-key":
		w.WriteHeader(http.StatusUnauthorized)
	case refuse != nil:
		refuse(w, r)
	default:
		if slow != nil {
			slow(e)
		}
		p.take(w, e)
	}
}

func (p *provider) take(w http.ResponseWriter, e email) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken = append(p.taken, e)
	w.Header().Set("X-Message-Id", fmt.Sprintf("sg-%d", len(p.taken)))
	w.WriteHeader(http.StatusAccepted)
}

func (p *provider) refusing(h http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = h
}

func (p *provider) emails() []email {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.taken)
}

// attempts is how often an email was handed over, taken or not.
func (p *provider) attempts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// bed has two people in a pairing with a session, a provider, and this function.
type bed struct {
	*testbed.Bed
	*provider
	t *testing.T
}

func newBed(t *testing.T) *bed {
	t.Parallel()
	return newBedAlone(t)
}

// newBedAlone is newBed for a test of what belongs to the whole process.
func newBedAlone(t *testing.T) *bed {
	b := &bed{Bed: testbed.New(t), provider: new(provider), t: t}
	b.serve(Config{})
	// News and reminders come at noon of a working day, and not in the night of a test.
	now := b.Now()
	b.Pass(calendar.Of(b.Programme, "", "").AddWorkingDays(now, 1).Add(4 * time.Hour).Sub(now))
	now = b.Now()
	person := func(id, name string, to emails.Address, role programme.Role) *enrolment.Enrolment {
		return &enrolment.Enrolment{ID: id, Role: role, Person: enrolment.Person{Name: name, Email: to},
			Organisation: enrolment.Organisation{Name: name + " Trust"}, State: enrolment.Ready}
	}
	match := &pairing.Match{ID: "m", Run: "run", Programme: "pilot", State: pairing.Accepted,
		Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "robin"},
		Reasons: matching.Reasons{Region: "Yorkshire and the Humber", Met: []matching.Need{{Skill: "board", Priority: 3, Level: 2}}}}
	x := pairing.Start(match, now)
	session, err := x.Book("s", "pilot", programme.Client, pairing.Booking{
		StartsAt: now.Add(9 * 24 * time.Hour).Truncate(time.Hour), Minutes: 90, Place: `Room <2> & "café"`}, programme.MostSessions, now)
	if err != nil {
		t.Fatal(err)
	}
	c := b.Store.Commit()
	c.CreateEnrolment("pilot", person("alex", "Alex Sample", "alex@example.org", programme.Client))
	c.CreateEnrolment("pilot", person("robin", "Robin Sample", "robin@example.org", programme.Consultant))
	c.CreateClaim("pilot", &enrolment.Claim{ID: "claim", Enrolment: "kim", Role: programme.Client, CreatedAt: now, ExpireAt: now.Add(enrolment.ClaimLife),
		Form: enrolment.Form{Name: "Kim Sample", Email: "kim@example.org"}})
	c.CreateMatch("pilot", match)
	open := *match
	open.ID, open.State = "open", pairing.Released
	c.CreateMatch("pilot", &open)
	c.CreatePairing("pilot", x)
	c.CreateSession(session)
	c.CreateInvitation("pilot", &questionnaire.Invitation{ID: "i", Enrolment: "alex", Moment: programme.Closing})
	c.CreateStaff(&store.Staff{ID: "morgan", Name: "Morgan Sample", Email: "morgan@example.org"})
	b.Commit(c)
	return b
}

// origin is the origin of links in emails.
const origin = "https://cascade.example.org"

// serve serves the function with a provider of its own and with settings.
func (b *bed) serve(c Config) {
	b.t.Helper()
	server := httptest.NewServer(b.provider)
	b.t.Cleanup(server.Close)
	c.Key, c.Host, c.SenderName, c.SenderEmail = "the-key", server.URL, "Cascade", "sender@example.org"
	b.Serve("outbox", func(_ context.Context, rt *serve.Runtime) (http.Handler, error) {
		public := *rt
		public.Links = b.LinksAt(origin)
		return handler(&public, c)
	})
}

// tomorrow lets a day pass for a person: they may get news again.
func (b *bed) tomorrow(person string) {
	b.t.Helper()
	contact, err := b.Store.Contact(b.t.Context(), "pilot", person)
	if err != nil {
		b.t.Fatal(err)
	}
	contact.Day, contact.Asks = "", nil
	c := b.Store.Commit()
	c.SaveContact("pilot", contact, b.Now())
	b.Commit(c)
}

// owe owes a message, as the function that causes it does.
func (b *bed) owe(ctx context.Context, m outbox.Message) {
	b.t.Helper()
	m.Programme, m.Person = "pilot", enrolment.PersonOf(m.To)
	c := b.Store.Commit()
	c.Enqueue(ctx, m, b.Now())
	b.Commit(c)
}

// booked owes Alex the email about the booked session.
func (b *bed) booked(id string) {
	b.t.Helper()
	b.owe(b.t.Context(), outbox.Message{ID: id, Kind: message.KindSessionBooked, To: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "m", Session: "s"}})
}

func (b *bed) message(id string) *outbox.Message {
	b.t.Helper()
	m, _, err := b.Store.Message(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

// change writes a message as if time had passed or a sender had ended early.
func (b *bed) change(id string, change func(m *outbox.Message, server time.Time)) {
	b.t.Helper()
	m, server, err := b.Store.Message(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	change(m, server)
	c := b.Store.Commit()
	c.UpdateMessage(m)
	b.Commit(c)
}

func (b *bed) sweep() { b.t.Helper(); b.Event("", "outbox-sweep") }

func TestOneEmailHoweverOftenItsEventComes(t *testing.T) {
	b := newBed(t)
	b.booked("a")
	var at sync.WaitGroup
	for range 8 {
		at.Go(func() { b.Event("outbox/a", "") })
	}
	at.Go(b.sweep)
	at.Wait()
	b.Event("outbox/a", "")
	b.sweep()
	if n := len(b.emails()); n != 1 {
		t.Errorf("%d emails", n)
	}
	if m := b.message("a"); m.State != outbox.Sent || m.Attempts != 1 || m.Provider != "sg-1" {
		t.Errorf("message %+v", m)
	}
}

func TestBookingIsAnInvitationForTheCalendar(t *testing.T) {
	b := newBed(t)
	b.booked("a")
	b.Event("outbox/a", "")
	all := b.emails()
	if len(all) != 1 {
		t.Fatalf("%d emails", len(all))
	}
	e := all[0]
	session, err := b.Store.Session(t.Context(), "pilot", "m", "s")
	if err != nil {
		t.Fatal(err)
	}
	if e.to() != (address{"Alex Sample", "alex@example.org"}) || e.From != (address{"Cascade", "sender@example.org"}) || e.ReplyTo.Email != b.Programme.Host.Email {
		t.Errorf("to %v, from %v, replies to %v", e.to(), e.From, e.ReplyTo)
	}
	if args := e.Personalizations[0].CustomArgs; len(args) != 2 || args["message"] != "a" || args["try"] != "1" {
		t.Errorf("the provider is told %v, want the message's id and the attempt alone", args)
	}
	for _, tracking := range []string{"click_tracking", "open_tracking"} {
		if on, set := e.TrackingSettings[tracking]["enable"]; on || !set {
			t.Errorf("%s is not off: %v", tracking, e.TrackingSettings)
		}
	}
	if text := e.part("text/plain"); !strings.Contains(text, `Room <2> & "café"`) || !strings.Contains(text, "Robin Sample") || !strings.Contains(text, "90 minutes") {
		t.Errorf("text %s", text)
	}
	if html := e.part("text/html"); !strings.Contains(html, "Room &lt;2&gt; &amp; &#34;café&#34;") {
		t.Errorf("HTML %s", html)
	}

	if len(e.Attachments) != 1 || e.Attachments[0].Filename != "session.ics" || e.Attachments[0].Type != "text/calendar" {
		t.Fatalf("attachments %+v", e.Attachments)
	}
	file, err := base64.StdEncoding.DecodeString(e.Attachments[0].Content)
	if err != nil {
		t.Fatal(err)
	}
	if shown := e.part("text/calendar; method=REQUEST"); shown != string(file) {
		t.Errorf("the part to answer differs from the attachment: %s", shown)
	}
	calendar := strings.ReplaceAll(string(file), "\r\n ", "") // unfolded, RFC 5545 section 3.1
	for _, line := range []string{
		"METHOD:REQUEST", "UID:m-s@cascade",
		"DTSTART:" + session.StartsAt.Format("20060102T150405Z"), "DTEND:" + session.EndsAt().Format("20060102T150405Z"),
		`LOCATION:Room <2> & "café"`, "mailto:alex@example.org", "mailto:robin@example.org",
	} {
		if !strings.Contains(calendar, line) {
			t.Errorf("the invitation lacks %s:\n%s", line, calendar)
		}
	}
}

func TestEachKindOfLetter(t *testing.T) {
	b := newBed(t)
	b.reminding()
	client := outbox.Message{To: "alex", Role: programme.Client}
	pair := client
	pair.Pairing = "m"
	session := pair
	session.Session = "s"
	called := pair
	called.Session = "s"
	match := outbox.Message{To: "robin", Role: programme.Consultant, IDs: outbox.IDs{Run: "run", Match: "open"}}
	unconfirmed := outbox.Message{To: "kim", Role: programme.Client, IDs: outbox.IDs{ClaimID: "claim"}}
	invitation := client
	invitation.Invitation = "i"

	c := b.Store.Commit()
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: "lou", Role: programme.Consultant, State: enrolment.Confirmed, Overdue: true,
		Person: enrolment.Person{Name: "Lou Sample", Email: "lou@example.org"}})
	// They have met once, and nothing is booked.
	c.CreatePairing("pilot", &pairing.Pairing{ID: "met", Client: "alex", Consultant: "robin", State: pairing.Active})
	c.CreateSession(&pairing.Session{ID: "s", Programme: "pilot", Pairing: "met", Number: 1, Client: "alex", Consultant: "robin", State: pairing.Held, StartsAt: b.Now()})
	b.Commit(c)
	of := func(id string, change func(*pairing.Pairing)) outbox.Message {
		x := &pairing.Pairing{ID: id, Client: "alex", Consultant: "robin", State: pairing.Active}
		change(x)
		c := b.Store.Commit()
		c.CreatePairing("pilot", x)
		b.Commit(c)
		return outbox.Message{To: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: id}}
	}
	mover := &enrolment.Enrolment{ID: "mo", Role: programme.Client, State: enrolment.Ready, Person: enrolment.Person{Name: "Mo Sample", Email: "mo@example.org"},
		NewEmail: "mo.new@example.org", NewEmailAt: b.Now(), FormerEmail: "mo.before@example.org", Generation: 3,
		Assistant: enrolment.Assistant{Email: "pat@example.org", Generation: 5}}
	letting := &enrolment.Enrolment{ID: "lets", Role: programme.Client, State: enrolment.Ready, Person: enrolment.Person{Name: "Lin Sample", Email: "lets@example.org"},
		Assistant: enrolment.Assistant{Email: "sam@example.org", AgreedAt: b.Now(), Generation: 7}}
	moved := b.Store.Commit()
	moved.CreateEnrolment("pilot", mover)
	moved.CreateEnrolment("pilot", letting)
	b.Commit(moved)
	moving := outbox.Message{To: "mo", Role: programme.Client}
	words := b.Store.Commit()
	words.SaveComplaint("pilot", &complaint.Complaint{ID: "c", Enrolment: "alex", Role: programme.Client, Text: "Told in confidence.", State: complaint.Received, AnswerBy: b.Now()})
	b.Commit(words)
	complained := outbox.Message{To: "alex", Role: programme.Client, IDs: outbox.IDs{Complaint: "c"}}
	answerer := outbox.Message{To: complaint.Recipient, Role: programme.Client, IDs: outbox.IDs{Complaint: "c"}}
	passed := &nomination.Nomination{ID: "lee", Person: "lee", Email: "invited-lee@example.org", ExpireAt: b.Now().AddDate(1, 0, 0)}
	passing := b.Store.Commit()
	passing.SaveNomination("pilot", passed)
	b.Commit(passing)
	rests := of("rests", func(x *pairing.Pairing) { x.PausedUntil = b.Now().AddDate(1, 0, 0) })
	over := of("over", func(x *pairing.Pairing) { x.State, x.EndedBy = pairing.Stopped, "consultant" })
	proposed := of("proposed", func(x *pairing.Pairing) {
		x.Proposal = pairing.Proposal{ID: "t", By: programme.Consultant, Times: []time.Time{b.Now().AddDate(0, 0, 9)}, Minutes: 45, Way: pairing.ByVideo, Place: "https://meet.example.org"}
	})
	assisted := of("assisted", func(x *pairing.Pairing) {
		x.Client, x.Proposal = "lets", pairing.Proposal{ID: "t", By: programme.Consultant, Times: []time.Time{b.Now().AddDate(0, 0, 9)}, Minutes: 45, Place: "Told in confidence"}
	})
	assisted.To = "lets"
	furtherAsked := of("further-asked", func(x *pairing.Pairing) {
		x.Further = pairing.Further{State: pairing.FurtherAsked, By: programme.Consultant, Why: "The budget", AskedAt: b.Now()}
	})
	furtherLeft := of("further-left", func(x *pairing.Pairing) {
		x.Further = pairing.Further{State: pairing.FurtherAsPlanned, By: programme.Client, AskedAt: b.Now()}
	})
	finishing := of("finishing", func(x *pairing.Pairing) { x.FinishBy = programme.Consultant })
	met := outbox.Message{To: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "met"}}
	held := met
	held.Session = "s"
	again := func(m outbox.Message) outbox.Message { m.Step = 2; return m }

	asking := b.Store.Commit()
	asking.CreateMatch("pilot", &pairing.Match{ID: "asking", Run: "run", Programme: "pilot", State: pairing.Released, Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "robin"},
		Questions: []pairing.Question{{By: programme.Client, Text: "Is it near?", PassedAt: b.Now()}}})
	b.Commit(asking)
	asked := match
	asked.Match = "asking"

	rows := []struct {
		kind    outbox.Kind
		about   outbox.Message
		subject string
		says    string
	}{
		{message.KindConfirmEnrolment, unconfirmed, "Confirm that you want to take part", "as an ublick"},
		{message.KindEnrolmentConfirmed, client, "Your enrolment is confirmed", "a zworp for you"},
		{message.KindMatchReleased, match, "We have found an ublick for you", "Alex Sample of Alex Sample Trust"},
		{message.KindChooseNow, client, "You can choose now", "a zworp"},
		{message.KindMatchChosen, match, "An ublick would like to work with you", "Alex Sample of Alex Sample Trust has chosen you"},
		{message.KindMatchNamed, match, "Now you can see who your match is with", "Alex Sample of Alex Sample Trust"},
		{message.KindMatchAsked, asked, "You are asked something about your match", "you need not answer"},
		{message.KindMatchReplied, match, "Here is the answer to what you asked", "page of your match"},
		{message.KindMatchWithdrawn, match, "We have taken your match back", "the next ublick"},
		{message.KindMatchLapsed, match, "The match that we suggested has lapsed", "another ublick"},
		{message.KindMatchDeclined, match, "Your match will not go ahead", "the next ublick"},
		{message.KindPairingStarted, pair, "You are both in", "Or write to each other: robin@example.org"},
		{message.KindSessionBooked, session, "Session 1 is booked: ", "90 minutes"},
		{message.KindSessionMoved, session, "Session 1 has moved to ", "90 minutes"},
		{message.KindSessionCancelled, called, "Session 1 is cancelled: ", "Robin Sample"},
		{message.KindTimesProposed, proposed, "Times for your next session", "45 minutes"},
		{message.KindPairingPaused, rests, "A pause of your sessions until ", "Until then you are asked for nothing"},
		{message.KindPairingResumed, pair, "The pause of your sessions is over", "robin@example.org"},
		{message.KindPairingStopped, over, "Your sessions together have ended", "People stop for many reasons"},
		{message.KindPairingCompleted, over, "You have both finished: thank you", "robin@example.org"},
		{message.KindFurtherAsked, furtherAsked, "One more session?", "stays as planned, and you owe nobody a reason"},
		{message.KindFurtherGranted, pair, "You can meet once more", "Robin Sample"},
		{message.KindFurtherRefused, furtherLeft, "Your sessions stay as planned", "Robin Sample"},
		{message.KindFinishProposed, finishing, "Have you finished your sessions?", "robin@example.org"},
		{message.KindFinishWaits, finishing, "Do you agree to finish your sessions?", "waits for your word"},
		{message.KindFinishDeclined, pair, "Your sessions go on", "robin@example.org"},
		{message.KindYourLink, invitation, "Your link", "It is yours alone."},
		{message.KindYourData, client, "What we hold about you", "have all of it deleted"},
		{message.KindConfirmErasure, client, "Confirm that everything is to be deleted", "confirm it within a week"},
		{message.KindErasureConfirmed, client, "Everything is deleted a day from now", "the last email that we send to you"},
		{message.KindErasureAskedFor, client, "Everything is deleted a day from now", "have begun it"},
		{message.KindPassedOn, outbox.Message{To: "invited-lee", Role: programme.Client, IDs: outbox.IDs{Nomination: "lee"}}, "An invitation that you are free to ignore", "We do not say who"},
		{message.KindCallWanted, outbox.Message{To: complaint.Recipient, Role: programme.Client, IDs: outbox.IDs{Caller: "alex"}}, "Somebody asks you to ring them", "It is a talk and no complaint"},
		{message.KindComplaintArrived, answerer, "A complaint about ", "in no email"},
		{message.KindComplaintWaits, answerer, "A complaint about ", "waits for your answer"},
		{message.KindComplaintReceived, complained, "We have your complaint about ", "Kit Sample, who does not run the programme"},
		{message.KindComplaintNews, complained, "There is news about your complaint", "Kit Sample has written to you"},
		{message.KindConfirmAddress, moving, "Confirm your new address", "until then nothing changes"},
		{message.KindAssistantAsked, outbox.Message{To: "mo", Role: programme.Client, Sequence: 5}, "Would you pick times for somebody?", "mo@example.org takes part in"},
		{message.KindAssistantTimes, assisted, "Times to pick from", "For a session of lets@example.org"},
		{message.KindAddressAsked, moving, "Another address was asked for", "change it once it is confirmed"},
		{message.KindAddressChanged, moving, "Your address is another now", "open nothing any more"},
		{message.KindAddressTaken, client, "Someone asked to use your address", "nothing was changed"},
		{message.KindHasLeft, client, "You have left ", "open nothing any more"},
		{message.KindSessionInAWeek, session, "Coming up: your session on ", "Robin Sample"},
		{message.KindSessionTomorrow, session, "Your next session: ", "Robin Sample"},
		{message.KindLogYourSession, session, "How was session 1?", "only you can read it"},
		{message.KindGetReady, outbox.Message{To: "lou", Role: programme.Consultant}, "What you still need before you can be matched", "the group training"},
		{message.KindAnswerMatch, again(match), "Your match still waits for your answer", "until you answer"},
		{message.KindAgreeExpectations, match, "An ublick has said yes to you", "Now it is up to you"},
		{message.KindBookSession, met, "Find a time for your ", "robin@example.org"},
		{message.KindFollowUp, held, "A good moment to ask how it goes", "robin@example.org"},
		{message.KindQuestionnaireWaits, again(invitation), "Your questions at the end still wait", "We do not ask again"},
		{message.KindDailyDigest, outbox.Message{To: "morgan"}, "What needs you today", "1 person has not been ready"},
		{message.KindQuestionnaireInvited, invitation, "Looking back: your questions at the end", "where you are now"},
		{message.KindSealedLetterBack, client, "A letter from you has come back", "you alone read it"},
		{message.KindDeviceCode, outbox.Message{To: "alex", Role: programme.Client, Code: "042817"}, "Your code for ", "042 817"},
		{message.KindStaffSignIn, outbox.Message{To: "morgan"}, "Your link to sign in", "within 30 minutes"},
	}
	letters, err := mail.Parse()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(letters.Kinds()); n != len(rows) {
		t.Errorf("%d of %d kinds of letter are tried", len(rows), n)
	}
	for _, row := range rows {
		row.about.ID, row.about.Kind = string(row.kind), row.kind
		b.tomorrow(row.about.To)
		b.owe(t.Context(), row.about)
		b.Event("outbox/"+string(row.kind), "")
		all := b.emails()
		if b.message(string(row.kind)).State != outbox.Sent {
			t.Errorf("%s: %+v", row.kind, b.message(string(row.kind)))
			continue
		}
		if b.message(string(row.kind)).Code != "" {
			t.Errorf("%s: the code is kept after it was sent", row.kind)
		}
		e := all[len(all)-1]
		text, html := e.part("text/plain"), e.part("text/html")
		if strings.Contains(e.Subject+text+html, "Told in confidence") {
			t.Errorf("%s says what somebody complained of", row.kind)
		}
		if !strings.HasPrefix(e.Subject, row.subject) || !strings.Contains(text, row.says) || !strings.Contains(html, row.says) {
			t.Errorf("%s: %q, %s", row.kind, e.Subject, text)
		}
		if words := strings.ToLower(e.Subject + text + html); strings.Contains(words, "client") || strings.Contains(words, "consultant") {
			t.Errorf("%s: not in the programme's words: %s", row.kind, text)
		}
		want := row.about.To + "@example.org"
		switch row.kind {
		case message.KindConfirmAddress:
			want = "mo.new@example.org"
		case message.KindAssistantAsked:
			want = "pat@example.org"
		case message.KindAssistantTimes:
			want = "sam@example.org"
		case message.KindAddressChanged:
			want = "mo.before@example.org"
		}
		if to := e.to().Email; to != want {
			t.Errorf("%s: to %s", row.kind, to)
		}
		times := []outbox.Kind{message.KindSessionBooked, message.KindSessionMoved, message.KindSessionCancelled}
		if calendar := len(e.Attachments) > 0; calendar != slices.Contains(times, row.kind) {
			t.Errorf("%s: %d attachments", row.kind, len(e.Attachments))
		}

		my := regexp.MustCompile(`(?m)^` + origin + `/my/[\w-]{43}$`)
		if leads := my.MatchString(text); leads != message.LeadsToAll(row.kind) || leads != strings.Contains(html, origin+"/my/") {
			t.Errorf("%s: leads to all that its reader takes part in: %v", row.kind, leads)
		}
		leads := message.Leads(row.kind, b.Programme, row.about.Role, row.about.IDs).Purpose
		if leads != purpose.My { // whose button leads there, too
			text = my.ReplaceAllString(text, "")
		}
		url := regexp.MustCompile(`(?m)^` + origin + `/[a-z/-]+/[\w-]{43}$`).FindString(text)
		path := strings.TrimPrefix(url, origin)
		unsubscribe, refused := e.Headers["List-Unsubscribe"], leads == purpose.PassedOn || leads == purpose.Assistant
		if declined := message.TopicOf(row.kind) != ""; row.kind != message.KindAddressAsked && declined != strings.Contains(text, "/emails/") || (declined || refused) != (unsubscribe != "") {
			t.Errorf("%s: can be declined is %v, to unsubscribe at %q: %s", row.kind, declined, unsubscribe, text)
		}
		if leads == "" {
			if path != "" && !strings.HasPrefix(path, "/emails/") {
				t.Errorf("%s: has the link %s", row.kind, path)
			}
			continue
		}
		if !strings.Contains(html, `href="`+url+`"`) {
			t.Errorf("%s: text and HTML have different links", row.kind)
		}
		link.Conceal(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			l, err := b.Links.Open(r, leads, nil)
			if err != nil || l.Person != row.about.To {
				t.Errorf("%s: the link %s opens %+v, %v", row.kind, path, l, err)
				return
			}
			if want := map[string]int{"mo": map[bool]int{true: 5, false: 3}[leads == purpose.Assistant], "lets": 7, complaint.Recipient: complaint.Answerer(b.Programme).Generation}[row.about.To]; l.Generation != want {
				t.Errorf("%s: the link is of the generation %d, want %d", row.kind, l.Generation, want)
			}
			if (l.Address != "") != (leads == purpose.Confirm) {
				t.Errorf("%s: the link hides the address %q", row.kind, l.Address)
			}
			if l.IDs != row.about.IDs || l.Role != row.about.Role {
				t.Errorf("%s: the link %s opens %+v for %s, want %+v for %s", row.kind, path, l.IDs, l.Role, row.about.IDs, row.about.Role)
			}
		})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://cascade.example.org"+path, nil))
	}
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, `{"errors":[{"message":"alex@example.org"}]}`)
	}
}

func TestWhatIsRefusedForNowIsSentLater(t *testing.T) {
	for _, row := range []struct {
		name   string
		refuse http.HandlerFunc
		wait   time.Duration
	}{
		{"500", status(500), 15 * time.Second},
		{"503", status(503), 15 * time.Second},
		{"429", status(429), 15 * time.Second},
		{"429 that says when", status(429, "Retry-After", "120"), 2 * time.Minute},
		{"429 that asks for too long", status(429, "Retry-After", "999999"), 24 * time.Hour},
		{"no answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 15 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBed(t)
			b.refusing(row.refuse)
			b.booked("a")
			before := b.Now()
			b.Event("outbox/a", "")
			m := b.message("a")
			if wait := m.DueAt.Sub(before); m.State != outbox.Pending || m.Attempts != 1 || m.Failure == "" || wait < row.wait || wait > 2*row.wait+20*time.Second {
				t.Errorf("due after %v: %+v", wait, m)
			}
			if strings.Contains(m.Failure, "@") {
				t.Errorf("the failure tells an address: %s", m.Failure)
			}

			b.refusing(nil)
			asked := b.attempts()
			b.Event("outbox/a", "")
			b.sweep()
			if n := b.attempts(); n != asked {
				t.Errorf("tried again %d times before it was due", n-asked)
			}
			b.Pass(m.DueAt.Sub(b.Now()))
			b.sweep()
			b.sweep()
			if m, n := b.message("a"), len(b.emails()); m.State != outbox.Sent || m.Attempts != 2 || m.Failure != "" || n != 1 {
				t.Errorf("%d emails; %+v", n, m)
			}
		})
	}
}

func TestWhatIsRefusedForGoodIsSetAside(t *testing.T) {
	for _, row := range []struct {
		name    string
		code    int
		before  int // attempts
		failure string
	}{
		{"a bad request", 400, 0, "the provider answered 400"},
		{"too large", 413, 0, "the provider answered 413"},
		{"a redirect", 307, 0, "the provider answered 307"},
		{"the last of many attempts", 503, outbox.MaxAttempts - 1, "the provider answered 503"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBed(t)
			b.refusing(status(row.code))
			b.booked("a")
			b.change("a", func(m *outbox.Message, _ time.Time) { m.Attempts = row.before })
			b.Event("outbox/a", "")
			b.refusing(nil)
			b.Event("outbox/a", "")
			b.sweep()
			if m := b.message("a"); m.State != outbox.SetAside || m.Failure != row.failure || len(b.emails()) > 0 {
				t.Errorf("%d emails; %+v", len(b.emails()), m)
			}
		})
	}
}

// Whoever brought the event gives up waiting, and the provider takes the email late.
func TestCallerThatGoesAwayCausesNoSecondEmail(t *testing.T) {
	b := newBed(t)
	arrived, late := make(chan struct{}), make(chan struct{})
	b.refusing(func(w http.ResponseWriter, r *http.Request) {
		b.refusing(nil)
		close(arrived)
		<-late
		b.take(w, email{})
	})
	b.booked("a")
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-arrived; leave() }()
	if response, err := b.Browser.Do(b.event(ctx, "", map[string]string{"ce-type": created, "ce-document": "outbox/a"})); err == nil {
		response.Body.Close()
		t.Fatalf("answered %s", response.Status)
	}
	b.Event("outbox/a", "") // delivered again
	close(late)
	b.Until("the outcome is recorded", func(context.Context) bool { return b.message("a").State != outbox.Sending })
	b.sweep()
	if m := b.message("a"); m.State != outbox.Sent || m.Attempts != 1 || len(b.emails()) != 1 {
		t.Errorf("%d emails; %+v", len(b.emails()), m)
	}
}

func TestSweepTakesOverWhatACrashLeftBehind(t *testing.T) {
	b := newBed(t)
	for id, left := range map[string]func(m *outbox.Message, server time.Time){
		"missed": func(*outbox.Message, time.Time) {},
		"ours":   func(m *outbox.Message, server time.Time) { m.Claim(server.Add(-time.Hour), outbox.Usual) },
		"theirs": func(m *outbox.Message, server time.Time) { m.Claim(server, outbox.Usual) },
		"done":   func(m *outbox.Message, now time.Time) { m.Took("x", now) },
		"aside":  func(m *outbox.Message, _ time.Time) { m.PutAside("x") },
		"poison": func(m *outbox.Message, server time.Time) {
			m.State, m.DueAt, m.Attempts = outbox.Sending, server, outbox.MaxAttempts
		},
	} {
		b.booked(id)
		b.change(id, left)
	}
	b.sweep()
	// Nobody reports here, so the one in doubt waits no longer than one that was refused.
	if m := b.message("ours"); m.State != outbox.Pending || m.Doubts != 1 || m.Attempts != 1 {
		t.Errorf("left behind: %+v", m)
	}
	b.Pass(time.Minute)
	b.sweep()
	for id, want := range map[string]outbox.State{"missed": outbox.Sent, "ours": outbox.Sent, "theirs": outbox.Sending, "done": outbox.Sent, "aside": outbox.SetAside, "poison": outbox.SetAside} {
		if got := b.message(id).State; got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	if n := len(b.emails()); n != 2 {
		t.Errorf("%d emails, want those of missed and ours", n)
	}
}

func TestSweepSendsMoreThanOneChunk(t *testing.T) {
	b := newBed(t)
	c := b.Store.Commit()
	const n = chunk + 5
	for i := range n {
		c.Enqueue(t.Context(), outbox.Message{ID: fmt.Sprint(i), Kind: message.KindYourLink, Programme: "pilot", To: "alex", Role: programme.Client}, b.Now())
	}
	b.Commit(c)
	b.sweep()
	seen := map[string]bool{}
	for _, e := range b.emails() {
		seen[e.Personalizations[0].CustomArgs["message"]] = true
	}
	if len(b.emails()) != n || len(seen) != n {
		t.Errorf("%d emails of %d messages, want %d", len(b.emails()), len(seen), n)
	}
}

func TestUnreadableMessageDoesNotHoldUpTheRest(t *testing.T) {
	b := newBed(t)
	b.booked("a")
	raw, err := firestore.NewClient(t.Context(), b.Project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	if _, err := raw.Doc("outbox/broken").Create(t.Context(), map[string]any{"programme": "pilot", "state": "pending", "lane": "known", "schema": 2, "dueAt": time.Unix(0, 0), "attempts": "many"}); err != nil {
		t.Fatal(err)
	}
	b.sweep()
	if n := len(b.emails()); n != 1 {
		t.Errorf("%d emails", n)
	}
	snap, err := raw.Doc("outbox/broken").Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if state, _ := snap.DataAt("state"); state != string(outbox.SetAside) {
		t.Errorf("the message that cannot be read is %v, and nobody will look", state)
	}
}

// What a version before owed, and this one does not know how to write, ends by itself, and
// needs nobody.
func TestKindsOfBeforeEndByThemselves(t *testing.T) {
	b := newBed(t)
	b.owe(t.Context(), outbox.Message{ID: "a", Kind: "already-enrolled", To: "alex", Role: programme.Client})
	b.Event("outbox/a", "")
	if m := b.message("a"); m.State != outbox.Unwanted || m.Failure == "" || len(b.emails()) > 0 {
		t.Errorf("%+v, %d emails", m, len(b.emails()))
	}
}

func TestWhoIsGoneIsNotWrittenTo(t *testing.T) {
	b := newBed(t)
	b.owe(t.Context(), outbox.Message{ID: "a", Kind: message.KindEnrolmentConfirmed, To: "nobody", Role: programme.Client})
	b.Event("outbox/a", "")
	b.sweep()
	if m := b.message("a"); m.State != outbox.Unwanted || b.attempts() > 0 {
		t.Errorf("%d attempts; %+v", b.attempts(), m)
	}
}

// From the moment on from which what a programme keeps is deleted, nobody who takes part is
// written to, also where no sweep has come yet.
func TestNobodyIsWrittenToOnceItIsOver(t *testing.T) {
	b := newBed(t)
	p, err := b.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	p.Retention.AnnouncedAt, p.Retention.DueAt = b.Now().AddDate(0, 0, -30), b.Now()
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
	b.booked("a")
	b.Event("outbox/a", "")
	b.sweep()
	if m := b.message("a"); m.State != outbox.Unwanted || m.Failure != "the programme is over" || b.attempts() > 0 {
		t.Errorf("%d attempts; %+v", b.attempts(), m)
	}
}

func TestAddressIsReadWhenTheMessageIsSent(t *testing.T) {
	b := newBed(t)
	b.booked("a")
	e, err := b.Store.Enrolment(t.Context(), "pilot", "alex")
	if err != nil {
		t.Fatal(err)
	}
	e.Person.Email = "moved@example.org"
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
	b.Event("outbox/a", "")
	if all := b.emails(); len(all) != 1 || all[0].to().Email != "moved@example.org" {
		t.Errorf("emails %+v", all)
	}
}

func TestTraceOfTheCauseGoesOn(t *testing.T) {
	b := newBed(t)
	const cause = "0af7651916cd43dd8448eb211c80319c"
	b.owe(telemetry.Continue(t.Context(), "00-"+cause+"-b7ad6b7169203331-01"),
		outbox.Message{ID: "a", Kind: message.KindEnrolmentConfirmed, To: "alex", Role: programme.Client})
	b.post("", map[string]string{"ce-type": created, "ce-document": "outbox/a",
		"traceparent": "00-11111111111111111111111111111111-2222222222222222-01"})
	if all := b.emails(); len(all) != 1 || !strings.HasPrefix(all[0].traceparent, "00-"+cause+"-") {
		t.Errorf("emails %+v, want one of the trace %s", all, cause)
	}
}

const created = "google.cloud.firestore.document.v1.created"

// event is an event with some headers changed; an empty value takes one away.
func (b *bed) event(ctx context.Context, body string, change map[string]string) *http.Request {
	b.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.URL+"/events", strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	headers := map[string]string{"Content-Type": "application/json", "ce-specversion": "1.0", "ce-id": "1", "ce-source": "test", "ce-type": "test"}
	maps.Copy(headers, change)
	for name, value := range headers {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	testbed.Sign(request)
	return request
}

// post sends such an event and returns the answer's status.
func (b *bed) post(body string, change map[string]string) int {
	b.t.Helper()
	response, err := b.Browser.Do(b.event(b.t.Context(), body, change))
	if err != nil {
		b.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestEventsOfUnknownContent(t *testing.T) {
	b := newBed(t)
	b.booked("a")
	for _, row := range []struct {
		name   string
		body   string
		change map[string]string
		status int
	}{
		{"a message that is not there", "", map[string]string{"ce-type": created, "ce-document": "outbox/nowhere"}, 200},
		{"an id that none can have", "", map[string]string{"ce-type": created, "ce-document": "outbox/__a__"}, 200},
		{"an unknown type", "", map[string]string{"ce-type": "org.example.other", "ce-document": "outbox/a"}, 200},
		{"no document", "", map[string]string{"ce-type": created}, 400},
		{"a collection", "", map[string]string{"ce-type": created, "ce-document": "outbox"}, 400},
		{"no id", "", map[string]string{"ce-type": created, "ce-document": "outbox/"}, 400},
		{"no event", "{}", map[string]string{"ce-specversion": ""}, 400},
		{"no source", "", map[string]string{"ce-source": ""}, 400},
		{"an unknown version", "", map[string]string{"ce-specversion": "9"}, 400},
		{"half a structured event", `{"specversion":"1.0","id":`, map[string]string{"Content-Type": "application/cloudevents+json", "ce-specversion": ""}, 400},
		{"too large", strings.Repeat("x", 70<<10), map[string]string{"ce-type": created, "ce-document": "outbox/a"}, 413},
	} {
		if got := b.post(row.body, row.change); got != row.status {
			t.Errorf("%s: status %d, want %d", row.name, got, row.status)
		}
	}
	if got := b.Get("/events"); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: status %d", got.StatusCode)
	}
	if m := b.message("a"); m.State != outbox.Pending || b.attempts() > 0 {
		t.Errorf("%d attempts; %+v", b.attempts(), m)
	}
	if _, _, err := b.Store.Message(t.Context(), "nowhere"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a message came of an event: %v", err)
	}
}

// Who chooses from a directory gets, with the news that their match will not go ahead,
// the link to choose again; the other side gets none.
func TestWhoChoosesIsSentTheLinkToChooseAgain(t *testing.T) {
	b := newBed(t)
	p := *b.Programme
	p.Mode = programme.Directory
	c := b.Store.Commit()
	c.UpdateProgramme(&p)
	b.Commit(c)
	for i, row := range []struct {
		kind   outbox.Kind
		to     string
		role   programme.Role
		linked bool
	}{
		{message.KindMatchDeclined, "alex", programme.Client, true}, {message.KindMatchWithdrawn, "alex", programme.Client, true},
		{message.KindMatchDeclined, "robin", programme.Consultant, false}, {message.KindMatchWithdrawn, "robin", programme.Consultant, false},
	} {
		id := fmt.Sprint("again", i)
		b.owe(t.Context(), outbox.Message{ID: id, Kind: row.kind, To: row.to, Role: row.role, IDs: outbox.IDs{Run: "run", Match: "m"}})
		b.tomorrow(row.to)
		b.Event("outbox/"+id, "")
		all := b.emails()
		if len(all) != i+1 {
			t.Fatalf("%d emails", len(all))
		}
		if linked := strings.Contains(all[i].part("text/plain"), origin+"/choose/"); linked != row.linked {
			t.Errorf("%s to %s: a link is %v: %s", row.kind, row.to, linked, all[i].part("text/plain"))
		}
	}
}
