package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// ahead are documents that were read before they were asked for, by path, and lists of them by
// their query. They are at hand for one request, and until something is written: whoever asks
// after that, or since another change came first, reads anew.
type ahead struct {
	mu    sync.Mutex
	docs  map[string]*firestore.DocumentSnapshot
	lists map[string][]*firestore.DocumentSnapshot
}

// of is a document that was read ahead, or nil.
func (a *ahead) of(ref *firestore.DocumentRef) *firestore.DocumentSnapshot {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.docs[ref.Path]
}

// keep has documents at hand.
func (a *ahead) keep(snaps ...*firestore.DocumentSnapshot) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, snap := range snaps {
		a.docs[snap.Ref.Path] = snap
	}
}

// aheadKey is for what is at hand in a context, and fillKey for where what is read in it goes.
type aheadKey struct{}
type fillKey struct{}

// taken is a document that was read ahead for a request, or nil.
func taken(ctx context.Context, ref *firestore.DocumentRef) *firestore.DocumentSnapshot {
	if a, _ := ctx.Value(aheadKey{}).(*ahead); a != nil {
		return a.of(ref)
	}
	return nil
}

// takenList are the documents of a query that was made ahead for a request.
func takenList(ctx context.Context, q firestore.Query) (snaps []*firestore.DocumentSnapshot, ok bool) {
	a, _ := ctx.Value(aheadKey{}).(*ahead)
	if a == nil {
		return nil, false
	}
	name, err := q.Serialize()
	if err != nil {
		return nil, false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	snaps, ok = a.lists[string(name)]
	return snaps, ok
}

// ReadingAhead is a context in which what is read is at hand afterwards: for who reads it again in
// it, and for who is given a link that was opened in it, see Link.With.
func ReadingAhead(ctx context.Context) context.Context {
	a := &ahead{docs: map[string]*firestore.DocumentSnapshot{}, lists: map[string][]*firestore.DocumentSnapshot{}}
	return context.WithValue(context.WithValue(ctx, aheadKey{}, a), fillKey{}, a)
}

// keepList keeps the documents of a query for who asks the same, where it is made ahead.
func keepList(ctx context.Context, q firestore.Query, snaps []*firestore.DocumentSnapshot) {
	a, _ := ctx.Value(fillKey{}).(*ahead)
	if a == nil {
		return
	}
	if name, err := q.Serialize(); err == nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.lists[string(name)] = snaps
	}
}

// written has nothing at hand any more that was read ahead in a context: something is written.
func written(ctx context.Context) {
	if a, _ := ctx.Value(aheadKey{}).(*ahead); a != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		clear(a.docs)
		clear(a.lists)
	}
}

// With is a context in which what was read with a link's owner is at hand.
func (l *Link) With(ctx context.Context) context.Context {
	if l.ahead == nil {
		return ctx
	}
	return context.WithValue(ctx, aheadKey{}, l.ahead)
}

// A Page is what of a request says what its answer is bound to read.
type Page struct {
	// Below are the parts of its path below the link.
	Below []string
	// Changes: it is not only to be looked at.
	Changes bool
	// Match and Other are ids that its query names, of a match and of who else is in it: where to
	// look, and no more, for who asks finds out itself whether they are the link's.
	Match, Other string
	// Supervisor is one that its query names, hidden from who reads that: where to look as well.
	Supervisor string
	// Beside reads what else it is bound to ask for at the same time; nil for nothing. What goes wrong
	// there is told to who asks for it.
	Beside func(ctx context.Context, l *Link)
}

// at is a part of its path, or "".
func (p Page) at(i int) string {
	if i < len(p.Below) {
		return p.Below[i]
	}
	return ""
}

// Owner reads whose a link is; and with it, at the same time, what a page under the link is bound
// to ask for in a context of the link's, see With. Without, each of them would be a round trip
// that waits for the one before.
func (s *Store) Owner(ctx context.Context, l *Link, page Page) (*enrolment.Enrolment, error) {
	ref := document(s.enrolments(l.Programme), l.Person)
	if ref == nil {
		return nil, fault.New(fault.NotFound, "There is no such enrolment.")
	}
	if err := s.readAhead(ctx, l, page, ref); err != nil {
		return nil, err
	}
	snap := l.ahead.of(ref)
	if !snap.Exists() {
		return nil, fault.New(fault.NotFound, "There is no such enrolment.")
	}
	e := new(enrolment.Enrolment)
	if err := decode(snap, e); err != nil {
		return nil, fmt.Errorf("read enrolment: %w: %w", ErrUnreadable, err)
	}
	enrolmentAt(e, snap)
	return e, nil
}

// Ahead reads what a page under a link is bound to ask for, where nobody who takes part is whose
// the link is.
func (s *Store) Ahead(ctx context.Context, l *Link, page Page) error {
	return s.readAhead(ctx, l, page)
}

// readAhead reads what a page under a link asks for, and what else is named, all at once.
func (s *Store) readAhead(ctx context.Context, l *Link, page Page, also ...*firestore.DocumentRef) error {
	if ctx.Value(fillKey{}) == nil {
		ctx = ReadingAhead(ctx)
	}
	l.ahead = ctx.Value(fillKey{}).(*ahead)
	named, lists := s.asked(l, page)
	seen := map[string]bool{}
	refs := slices.DeleteFunc(append(named, also...), func(ref *firestore.DocumentRef) bool {
		if ref == nil || seen[ref.Path] {
			return true
		}
		seen[ref.Path] = true
		return false
	})
	reads := []func(context.Context) error{func(ctx context.Context) error {
		snaps, err := s.getAll(ctx, refs)
		if err != nil {
			return failed(err, "read what a link names")
		}
		l.ahead.keep(snaps...)
		return nil
	}}
	if page.Beside != nil {
		reads = append(reads, func(ctx context.Context) error { page.Beside(ctx, l); return nil })
	}
	return InParallel(ctx, append(reads, lists...)...)
}

// asked is what a page under a link asks for, as far as both say: documents by name, nil for what
// the link says nothing of, and lists.
func (s *Store) asked(l *Link, page Page) (named []*firestore.DocumentRef, lists []func(context.Context) error) {
	p, person := l.Programme, enrolment.PersonOf(l.Person)
	name := func(refs ...*firestore.DocumentRef) { named = append(named, refs...) }
	list := func(of func(context.Context) error) { lists = append(lists, of) }
	roles := func() {
		for _, id := range enrolment.IDs(person) {
			name(document(s.enrolments(p), id))
		}
	}
	// holders are who has a place for a match, as long as it takes up any: its two people, and the
	// supervisor.
	holders := func(match string, collections ...*firestore.CollectionRef) {
		for _, c := range collections {
			if match != "" {
				list(func(ctx context.Context) error {
					snaps, err := snapshots(ctx, c.Where("places", "array-contains", match), "who has a place for a match")
					l.ahead.keep(snaps...)
					return err
				})
			}
		}
	}
	leaves := func() { // with all that they leave, as far as the link names it
		roles()
		list(func(ctx context.Context) error {
			snaps, err := snapshots(ctx, s.pairingsOf(p, l.Person), "pairings")
			l.ahead.keep(snaps...)
			return err
		})
		if !page.Changes || l.Role == "" {
			return
		}
		name(document(s.contacts(p), person))
		list(func(ctx context.Context) error { _, err := s.ReleasedWith(ctx, p, l.Role, l.Person); return err })
		if match := cmp.Or(l.Pairing, l.Match); match != "" {
			holders(match, s.enrolments(p), s.supervisors(p))
		}
		if l.Pairing != "" {
			list(func(ctx context.Context) error { _, err := s.Sessions(ctx, p, l.Pairing); return err })
		}
	}
	if page.Changes && page.at(0) == "code" {
		name(document(s.codes(p), person))
	}
	name(s.programme(p))
	switch page.at(0) {
	case "notice", "address", "not-me":
		if page.at(0) != "notice" || page.Changes {
			roles()
		}
	case "leave":
		leaves()
	}
	switch purpose.Purpose(l.Purpose) {
	case purpose.Match:
		name(s.match(p, l.Run, l.Match))
		switch page.at(0) {
		case "notice", "my", "mine", "leave":
		case "decline":
			if page.Changes {
				holders(l.Match, s.supervisors(p))
			}
			fallthrough
		default:
			holders(l.Match, s.enrolments(p))
		}
	case purpose.Pairing:
		name(document(s.pairings(p), l.Pairing))
		of := func(collection, id string) *firestore.DocumentRef {
			return document(s.of(p, l.Pairing, collection), id)
		}
		switch at, session := page.at(0), page.at(1); at {
		case "notice", "my", "mine", "emails", "code", "leave":
			return named, lists
		case "", "story":
			list(func(ctx context.Context) error {
				_, err := s.Work(ctx, p, &pairing.Pairing{ID: l.Pairing}, l.Role)
				return err
			})
		case "notebook":
			name(s.notebook(p, l.Pairing))
		case "ending":
			name(s.endingOf(p, l.Pairing, l.Role))
		case "log", "note":
			name(of("sessions", session), s.log(p, l.Pairing, session, l.Role), s.shared(p, l.Pairing, session, l.Role))
		case "move", "cancel":
			name(of("sessions", session))
		case "next":
			if page.Changes { // which is about one's own place alone
				return named, lists
			}
		case "pause", "resume", "stop":
			if page.Changes && (at == "pause" || at == "resume") {
				name(document(s.contacts(p), person))
			}
			if page.Changes && at != "resume" {
				holders(l.Pairing, s.supervisors(p))
			}
			if page.Changes && (at == "pause" || at == "stop") {
				list(func(ctx context.Context) error { _, err := s.Sessions(ctx, p, l.Pairing); return err })
			}
		}
		holders(l.Pairing, s.enrolments(p))
	case purpose.Choose:
		switch at := page.at(0); {
		case l.Role == "":
		case at == "decline":
			name(s.match(p, pairing.Directory, page.Match), document(s.enrolments(p), page.Other))
			if page.Changes {
				holders(page.Match, s.supervisors(p))
			}
		case at == "with", at == "":
			list(func(ctx context.Context) error { _, err := s.DecisionsOn(ctx, p, l.Role, l.Person); return err })
			list(func(ctx context.Context) error { _, err := s.DeclinedWith(ctx, p, l.Role, l.Person); return err })
			if at == "" {
				list(func(ctx context.Context) error { _, err := s.Supervisors(ctx, p); return err })
				break
			}
			name(document(s.enrolments(p), page.at(1)), document(s.supervisors(p), page.Supervisor))
			if page.Changes {
				name(document(s.runs(p), pairing.Directory))
			}
		}
	case purpose.Confirm:
		roles()
		list(func(ctx context.Context) error { _, err := s.Claims(ctx, p, l.Person); return err })
		if l.Address != "" {
			list(func(ctx context.Context) error { _, err := s.EnrolmentWith(ctx, p, l.Role, l.Address); return err })
		}
	case purpose.Emails:
		name(document(s.contacts(p), person))
	case purpose.Address:
		roles()
		if page.Changes {
			name(document(s.contacts(p), person))
		}
	case purpose.Questionnaire:
		name(document(s.in(p, "invitations"), l.Invitation))
	case purpose.My:
		switch at := page.at(0); {
		case at == "":
			name(document(s.sealedLetters(p), person))
			list(func(ctx context.Context) error { _, err := s.ComplaintsOf(ctx, p, l.Person); return err })
		case at == "assistant":
			roles()
			list(func(ctx context.Context) error { _, err := s.PairingsWith(ctx, p, l.Person); return err })
		case at == "myself":
			name(document(s.sealedLetters(p), person))
		case at == "complain" && page.Changes:
			list(func(ctx context.Context) error { _, err := s.ComplaintsOf(ctx, p, l.Person); return err })
		}
	case purpose.Mine:
		switch page.at(0) {
		case "download", "correct", "others", "erase", "stop-erasing":
			if page.at(0) != "download" || page.at(1) == "" { // the file is of all that is held
				roles()
				list(func(ctx context.Context) error { _, err := s.claimsOf(ctx, p, person); return err })
			}
		}
		switch page.at(0) {
		case "", "erase", "stop-erasing":
			name(document(s.erasures(p), person))
		}
		switch page.at(0) {
		case "others":
			list(func(ctx context.Context) error { _, err := s.Coordinators(ctx, p); return err })
			fallthrough
		case "":
			list(func(ctx context.Context) error { _, err := s.RequestsOf(ctx, p, l.Person); return err })
		}
	case purpose.Erase:
		name(document(s.erasures(p), person))
	case purpose.Complaint:
		name(document(s.complaints(p), l.Complaint))
	case purpose.Assistant:
		roles()
		if page.at(0) == "" {
			list(func(ctx context.Context) error { _, err := s.PairingsWith(ctx, p, l.Person); return err })
		} else if ref := document(s.pairings(p), page.at(1)); ref != nil {
			name(ref)
			holders(ref.ID, s.enrolments(p))
		}
	}
	return named, lists
}

// get is a document, read ahead or now.
func get(ctx context.Context, ref *firestore.DocumentRef) (*firestore.DocumentSnapshot, error) {
	snap := taken(ctx, ref)
	if snap == nil {
		snap, err := ref.Get(ctx)
		if a, _ := ctx.Value(fillKey{}).(*ahead); a != nil && snap != nil {
			a.keep(snap) // one that is not there as well
		}
		return snap, err
	}
	if !snap.Exists() {
		return nil, status.Error(codes.NotFound, ref.ID+" is not there")
	}
	return snap, nil
}

// getAll is documents by name, those that were not read ahead in one round trip.
func (d *database) getAll(ctx context.Context, refs []*firestore.DocumentRef) ([]*firestore.DocumentSnapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	all := make([]*firestore.DocumentSnapshot, len(refs))
	var missing []*firestore.DocumentRef
	var places []int
	for i, ref := range refs {
		if all[i] = taken(ctx, ref); all[i] == nil {
			missing, places = append(missing, ref), append(places, i)
		}
	}
	if len(missing) == 0 {
		return all, nil
	}
	found, err := d.client.GetAll(ctx, missing)
	for i, snap := range found {
		all[places[i]] = snap
	}
	if a, _ := ctx.Value(fillKey{}).(*ahead); a != nil {
		a.keep(found...)
	}
	return all, err
}
