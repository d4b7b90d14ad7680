// Package link makes and opens the links in emails.
//
// A link does one thing for one person: it is scoped to a purpose, expires, and
// can be revoked. Its token is 256 random bits, minted as its email is rendered
// and stored only as a keyed hash. Opening a link changes nothing, since mail
// scanners open links; what changes something is a button on the page.
//
// The token stands in the path, so that pages work without JavaScript; Conceal
// takes it out of the request before a log, span or metric can see it, and the
// pages send no Referer.
package link

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// Links makes and opens links.
type Links struct {
	store *store.Store
	keys  Keys
	url   string
	now   clock.Clock
}

// Keys hash the tokens of links, by the function whose pages these open. One that has none
// of a function's makes and opens no links to its pages.
type Keys map[string]keys.Ring

// Same are the same keys for the links to all functions' pages.
func Same(ring keys.Ring) Keys {
	all := Keys{}
	for _, p := range purpose.All() {
		all[p.Function()] = ring
	}
	return all
}

// New returns Links that hash with the keys and point to the public URL.
func New(s *store.Store, keys Keys, publicURL string, now clock.Clock) *Links {
	return &Links{s, keys, publicURL, now}
}

// Mint makes a new link for what l names and returns its URL.
func (ls *Links) Mint(ctx context.Context, what purpose.Purpose, l store.Link) (url string, err error) {
	c := ls.store.Commit()
	url = ls.Add(c, what, l)
	if err := c.Do(ctx); err != nil {
		return "", fmt.Errorf("mint link: %w", err)
	}
	return url, nil
}

// Add is Mint as part of a commit; the URL opens something once that is done. It panics
// where there are no keys for it: only the function that writes emails makes links.
func (ls *Links) Add(c *store.Commit, what purpose.Purpose, l store.Link) (url string) {
	var random [32]byte
	rand.Read(random[:]) // never fails
	token := base64.RawURLEncoding.EncodeToString(random[:])
	now := ls.now()
	l.ID, l.Purpose, l.CreatedAt, l.ExpireAt = ls.keys[what.Function()].Hash(token), string(what), now, now.Add(what.Life())
	if l.Address != "" {
		l.Hidden = ls.hiding(what, "address", token).Encrypt(string(l.Address), l.ID)
	}
	c.CreateLink(&l)
	return ls.url + string(what) + "/" + token
}

// hiding are the keys for a use of one link alone, which nobody has without its token.
func (ls *Links) hiding(what purpose.Purpose, use, token string) keys.Ring {
	return ls.keys[what.Function()].For(use + " " + token)
}

// HiddenAt is the parameter of what Hide hides.
const HiddenAt = "in"

// Hide is a text that a page below the request's link finds in its address, and nobody else reads
// there, see store.Page.
func (ls *Links) Hide(r *http.Request, what purpose.Purpose, text string, below ...string) string {
	return ls.hiding(what, "page", tokenOf(r)).Encrypt(text, strings.Join(below, "/"))
}

// Page is the URL of a page that needs no link of its own, by its path.
func (ls *Links) Page(path string) string { return ls.url + path }

// Beside begins to read, while a link is looked for, what a page under it most likely asks for; and
// reads what it could not tell before by what it returns, once the link is known and
// while its owner is read. Nobody waits for it where the link does not open.
type Beside func(r *http.Request, what purpose.Purpose, page store.Page) (known func(context.Context, *store.Link))

// Open finds what the request's link opens, with what is read beside it, nil for nothing. A link
// that is malformed, unknown or for another purpose is Forbidden, all with the same answer; one
// that expired, was revoked or closed is Gone, and returned with the error, so that its page says
// whom to ask.
func (ls *Links) Open(r *http.Request, what purpose.Purpose, beside Beside) (*store.Link, error) {
	token := tokenOf(r)
	if token == "" {
		return nil, errForbidden
	}
	ctx, page := r.Context(), ls.pageOf(r, what)
	if beside != nil {
		ctx = store.ReadingAhead(ctx)
		page.Beside = beside(r.WithContext(ctx), what, page)
	}
	l, err := ls.find(ctx, what, token)
	switch {
	case err != nil:
		return nil, err
	case l.Purpose != string(what):
		return nil, errForbidden
	case !l.RevokedAt.IsZero() || !ls.now().Before(l.ExpireAt):
		if what == purpose.Assistant { // who can ask for no other
			return l, errLetOut
		}
		return l, errGone
	case what == purpose.PassedOn: // whose reader takes no part
		return l, nil
	case what == purpose.SignIn: // which is no participant's
		return l, nil
	case what == purpose.Complaint: // the named person's, who takes no part
		return l, ls.answered(ctx, l, page)
	case what == purpose.Assistant: // whose reader takes no part, and picks times for who does
		return l, ls.letIn(ctx, l, page)
	case what == purpose.Confirm: // whose reader need not take part yet
		address, _ := ls.hiding(what, "address", token).Decrypt(l.Hidden, l.ID) // none of a link of versions before
		l.Address = email.Address(address)
		return l, ls.claimed(ctx, l, page)
	}
	return l, ls.owned(ctx, l, page)
}

// MatchAt and OtherAt are the parameters by which an address says where its page finds a match and
// who else is in it, see store.Page.
const MatchAt, OtherAt = "match", "with"

// pageOf is which page a request under a link is for.
func (ls *Links) pageOf(r *http.Request, what purpose.Purpose) store.Page {
	below := strings.Split(strings.TrimPrefix(r.URL.Path, string(what)+"/"), "/")[1:]
	query := r.URL.Query()
	page := store.Page{Below: below, Changes: r.Method == http.MethodPost, Match: query.Get(MatchAt), Other: query.Get(OtherAt)}
	if query.Has(HiddenAt) {
		page.Supervisor, _ = ls.hiding(what, "page", tokenOf(r)).Decrypt(query.Get(HiddenAt), strings.Join(below, "/"))
	}
	return page
}

// answered finds who answers complaints now. A link that was sent to somebody before them opens
// nothing.
func (ls *Links) answered(ctx context.Context, l *store.Link, page store.Page) error {
	if err := ls.store.Ahead(ctx, l, page); err != nil {
		return err
	}
	p, err := ls.store.Programme(l.With(ctx), l.Programme)
	if err != nil {
		return err
	}
	if l.Owner = complaint.Answerer(p); l.Owner.Generation != l.Generation || l.Person != complaint.Recipient {
		return errClosed
	}
	return nil
}

// letIn finds for whom the reader of a link picks times, if they are let in yet. Nothing tells
// them why they are not.
func (ls *Links) letIn(ctx context.Context, l *store.Link, page store.Page) error {
	e, err := ls.store.Owner(ctx, l, page)
	switch {
	case fault.Is(err, fault.NotFound):
		return errLetOut
	case err != nil:
		return err
	case e.State == enrolment.Withdrawn || !e.Assistant.Named() || e.Assistant.Generation != l.Generation:
		return errLetOut
	}
	l.Owner = e
	return nil
}

// claimed finds who takes part with the address to which a link to a claim was sent, if
// anybody does, or did in an earlier version's way.
func (ls *Links) claimed(ctx context.Context, l *store.Link, page store.Page) error {
	e, err := ls.store.Owner(ctx, l, page)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return err
	case e.Generation != l.Generation && l.ClaimID == "":
		return errClosed
	}
	l.Owner = e
	return nil
}

// Shown is a field by which a form under the request's link tells that its page was shown, and
// what that said: whoever has the link alone cannot make it.
func (ls *Links) Shown(r *http.Request, what purpose.Purpose, said ...string) string {
	return ls.keys[what.Function()].For("shown").Hash(strings.Join(append([]string{tokenOf(r)}, said...), "\x00"))
}

// WasShown reports whether a field is what Shown has made.
func (ls *Links) WasShown(r *http.Request, field string, what purpose.Purpose, said ...string) bool {
	return slices.Contains(ls.keys[what.Function()].For("shown").Hashes(strings.Join(append([]string{tokenOf(r)}, said...), "\x00")), field)
}

// owned finds whose link it is, who may have closed all that were sent before: with another
// address, by leaving, or since it was not them.
func (ls *Links) owned(ctx context.Context, l *store.Link, page store.Page) (err error) {
	l.Owner, err = ls.store.Owner(ctx, l, page)
	switch {
	case fault.Is(err, fault.NotFound):
		return errGone
	case err != nil:
		return err
	case l.Owner.State == enrolment.Withdrawn && l.Purpose != string(purpose.Mine) && l.Purpose != string(purpose.Erase):
		return errLeft // what is held about them stays theirs
	case l.Owner.Generation != l.Generation:
		return errClosed
	}
	return nil
}

type openedKey struct{}

// With is a request whose link was opened.
func With(r *http.Request, l *store.Link) *http.Request {
	return r.WithContext(context.WithValue(l.With(r.Context()), openedKey{}, l))
}

// Of is the link that the request came by. Where the route's row asks for none it is
// Forbidden.
func Of(r *http.Request) (*store.Link, error) {
	if l, _ := r.Context().Value(openedKey{}).(*store.Link); l != nil {
		return l, nil
	}
	return nil, errForbidden
}

// Revoke closes a link.
func (ls *Links) Revoke(c *store.Commit, l *store.Link) {
	l.RevokedAt = ls.now()
	c.UpdateLink(l)
}

var (
	errForbidden = fault.New(fault.Forbidden, "This link does not work. Open it again from the email, and check that all of it was copied.")
	errGone      = fault.New(fault.Gone, "This link has expired. Open the newest email from us, or ask for your link once more.")
	errClosed    = fault.New(fault.Gone, "This link was closed: your address has changed since, or somebody said that an email was not meant for them. Open the newest email from us, or ask for your link once more.")
	errLetOut    = fault.New(fault.Gone, "This link picks no times any more: their sessions are over, somebody else was asked, or one of you said that it ends. There is nothing that you have to do. If you still pick times for somebody, ask them to let you in once more.")
	errLeft      = fault.New(fault.Gone, "You have left the programme, so this link opens nothing any more. To come back, write to the people who run it.")
)

// find looks for a token's link under each key, the newest first, so that a link is found
// that was sent before a new key.
func (ls *Links) find(ctx context.Context, what purpose.Purpose, token string) (*store.Link, error) {
	for _, id := range ls.keys[what.Function()].Hashes(token) {
		if l, err := ls.store.Link(ctx, id); !fault.Is(err, fault.NotFound) {
			return l, err
		}
	}
	return nil, errForbidden
}

type contextKey struct{}

var (
	tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	// likeToken also finds one to which a mail program or a hasty copy added
	// something. Ids are shorter.
	likeToken = regexp.MustCompile(`[A-Za-z0-9_-]{43}`)
)

// placeholder stands in the path where the token was.
const placeholder = "link"

// Conceal moves a token from the request's path into its context. Whatever else
// in the path looks like one is taken out too, and opens nothing.
func Conceal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		segments, token, found := strings.Split(r.URL.Path, "/"), "", false
		for i, s := range segments {
			if !likeToken.MatchString(s) {
				continue
			}
			if token == "" && tokenForm.MatchString(s) {
				token = s
			}
			segments[i], found = placeholder, true
		}
		if found {
			r = r.WithContext(context.WithValue(r.Context(), contextKey{}, token))
			u := *r.URL
			u.Path, u.RawPath = strings.Join(segments, "/"), ""
			r.URL, r.RequestURI = &u, u.RequestURI()
		}
		next.ServeHTTP(w, r)
	})
}

func tokenOf(r *http.Request) string {
	token, _ := r.Context().Value(contextKey{}).(string)
	return token
}

// Path is a path under the request's own link, for forms and redirects on its
// page: Path(r, purpose.Pairing, "book") is /pairing/<token>/book.
func Path(r *http.Request, what purpose.Purpose, rest ...string) string {
	return strings.Join(append([]string{string(what), tokenOf(r)}, rest...), "/")
}
