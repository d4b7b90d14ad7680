package testbed

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// Example is how a route is asked by a test of who may come to it.
type Example struct {
	// Path are the values of the pattern's names, and of "query"; the programme's is the
	// pilot, and the link is one that Link makes.
	Path map[string]string
	// Link is what the route's link opens.
	Link store.Link
	// Form is what is posted.
	Form url.Values
	// Status is the answer to whoever may come; at a Machine's route, to whatever is not
	// what it takes.
	Status int
	// Closes says that it closes the person's links: whoever comes after finds them gone.
	Closes bool
}

// visitor is somebody at the door.
type visitor struct {
	name   string
	cookie *http.Cookie // nil for who is not signed in
	staff  string       // the id of who is
	roles  []access.Role
	signed bool
	// link is what of a link they have, at a route that takes one.
	link linked
}

type linked string

const (
	itself  linked = "their link"
	nothing linked = "no link"
	expired linked = "a link that has expired"
	revoked linked = "a link that was revoked"
)

// Access asks for every route of the function as everybody, through HTTP: each role in
// the programme and in another, with several and with none, signed in and not, and with
// links of all kinds. It fails where an answer is another one than the table of access
// says, where a refusal tells something of the programme or changes something, and where
// a route has no example. tells are texts that only those may read who are let in.
func (b *Bed) Access(examples map[string]Example, tells ...string) {
	b.t.Helper()
	routes, ok := b.handler.(*serve.Routes)
	if !ok {
		b.t.Fatal("the function's handler is not of serve.Routes")
	}
	var patterns []string
	for _, e := range routes.All() {
		patterns = append(patterns, e.Pattern)
	}
	if known := slices.Sorted(maps.Keys(examples)); !slices.Equal(slices.Sorted(slices.Values(patterns)), known) {
		b.t.Fatalf("the routes are\n%s\nand the test knows\n%s", strings.Join(slices.Sorted(slices.Values(patterns)), "\n"), strings.Join(known, "\n"))
	}
	tells = append(tells, b.Programme.Name, b.Programme.Host.Email, Nonsense.Client.Singular, Nonsense.Consultant.Singular)
	visitors := b.visitors()
	jar := b.Browser.Jar
	defer func() { b.Browser.Jar = jar }()

	before := b.Documents()
	refused, asked := 0, 0
	b.unsigned = true
	for _, e := range routes.All() {
		if e.Row.Kind != access.Events {
			continue
		}
		for _, v := range visitors {
			refused++
			if got := b.asks(e, examples[e.Pattern], v, false); got.StatusCode != http.StatusUnauthorized || got.Body != "" {
				b.t.Errorf("%s for %s, without the platform's token: status %d, saying %q", e.Pattern, v, got.StatusCode, got.Body)
			}
		}
	}
	b.unsigned = false
	for _, e := range routes.All() {
		var nowhere *Answer // about a programme that is not there, to the first who is refused like that
		for _, v := range visitors {
			for _, v.link = range links(e.Row, v) {
				if mayCome(e.Row, v) || e.Row.Machine() {
					continue
				}
				refused++
				status, to := b.refusal(e, v)
				got := b.asks(e, examples[e.Pattern], v, false)
				if got.StatusCode != http.StatusSeeOther || e.Row.Purpose() == purpose.SignIn { // to sign in first
					asked++
				}
				if status == http.StatusNotFound && nowhere == nil {
					nowhere = new(b.nowhere(e, examples[e.Pattern], v))
					asked++
				}
				if status == http.StatusNotFound && got.Body != nowhere.Body {
					b.t.Errorf("%s for %s does not look like a programme that is not there: %s", e.Pattern, v, got.Body)
				}
				if got.StatusCode != status || got.Header.Get("Location") != to {
					b.t.Errorf("%s for %s: status %d to %q, want %d to %q", e.Pattern, v, got.StatusCode, got.Header.Get("Location"), status, to)
				}
				// Who has no link that opens reads whom to ask, which is on the public pages too.
				asks := e.Row.Purpose() != "" && e.Row.Purpose() != purpose.SignIn
				for _, told := range tells {
					if asks && (told == b.Programme.Name || told == b.Programme.Host.Email) {
						continue
					}
					if told != "" && strings.Contains(got.Body, told) {
						b.t.Errorf("%s for %s tells %q", e.Pattern, v, told)
					}
				}
			}
		}
	}
	for path, d := range b.Documents() {
		old := before[path]
		if old == nil && d.Ref.Parent.ID == "links" {
			continue // those that this test came with
		}
		if old == nil || !old.UpdateTime.Equal(d.UpdateTime) {
			b.t.Errorf("%s was written by somebody who was refused", path)
		}
	}

	counted := 0
	for _, each := range b.Refusals.Take() {
		counted += each.Times
	}
	if asked != counted {
		b.t.Errorf("%d were refused, and %d are counted for the audit trail", asked, counted)
	}

	let := map[string]bool{}
	for _, e := range routes.All() {
		example := examples[e.Pattern]
		for _, v := range visitors {
			for _, v.link = range links(e.Row, v) {
				if !mayCome(e.Row, v) && !e.Row.Machine() {
					continue
				}
				var got Answer
				do := func() { got = b.asks(e, example, v, true) }
				if e.Row.Staff() && !let[e.Pattern] {
					b.keeps(e, func() int { do(); return got.StatusCode })
				} else {
					do()
				}
				// What was changed once may be answered in another way.
				again := let[e.Pattern] && !strings.HasPrefix(e.Pattern, http.MethodGet) && !e.Row.Machine()
				closed := again && example.Closes && got.StatusCode == http.StatusGone
				if got.StatusCode != example.Status && !closed && (!again || turnedAway(e, got)) {
					b.t.Errorf("%s for %s: status %d to %q, want %d", e.Pattern, v, got.StatusCode, got.Header.Get("Location"), example.Status)
				}
				let[e.Pattern] = true
			}
		}
		if !let[e.Pattern] {
			b.t.Errorf("%s: nobody is let in", e.Pattern)
		}
	}
	b.t.Logf("%d routes for %d visitors; %d refusals", len(patterns), len(visitors), refused)
}

// keeps does what a member of staff may at a route, and fails unless the audit trail has of
// it what the table of access and the rules say: of a visit that is kept one entry of its
// kind, about somebody or something; of any other that nothing was written; and of what
// changes a document, an entry in the same commit.
func (b *Bed) keeps(e serve.Entry, do func() (status int)) {
	b.t.Helper()
	before := b.Documents()
	shown := do() == http.StatusOK
	kept, changed := map[audit.Kind]int{}, []string(nil)
	for path, d := range b.Documents() {
		switch old := before[path]; {
		case old != nil && old.UpdateTime.Equal(d.UpdateTime):
		case d.Ref.Parent.ID == "auditEntries":
			kind, _ := d.Data()["kind"].(string)
			kept[audit.Kind(kind)]++
		case old == nil && (d.Ref.Parent.ID == "links" || d.Ref.Parent.ID == "staffSessions"): // which this test makes, with their entries
		default:
			changed = append(changed, path)
		}
		delete(before, path)
	}
	for path := range before {
		changed = append(changed, path)
	}
	delete(kept, audit.SignIn)
	switch get := strings.HasPrefix(e.Pattern, http.MethodGet); {
	case get && shown && e.Row.Keeps() != "" && (len(kept) != 1 || kept[e.Row.Keeps()] != 1 || len(changed) > 0):
		b.t.Errorf("%s: kept %v, and changed %q: want one %s", e.Pattern, kept, changed, e.Row.Keeps())
	case get && (e.Row.Keeps() == "" || !shown) && len(kept)+len(changed) > 0:
		b.t.Errorf("%s: a page that was opened kept %v, and changed %q", e.Pattern, kept, changed)
	case !get && len(changed) > 0 && kept[audit.Change]+kept[audit.SignOut] == 0:
		b.t.Errorf("%s: changed %q, and the audit trail has only %v", e.Pattern, changed, kept)
	}
}

func (v visitor) String() string {
	if v.link != "" {
		return v.name + " with " + string(v.link)
	}
	return v.name
}

// visitors are everybody, with whom they come.
func (b *Bed) visitors() []visitor {
	b.t.Helper()
	all := []visitor{{name: "nobody"}}
	c := b.Store.Commit()
	add := func(name string, roles access.ByProgramme) {
		id := fmt.Sprintf("visitor-%d", len(all))
		c.CreateStaff(&store.Staff{ID: id, Name: name, Email: email.Address(id + "@example.org"), Roles: roles})
		all = append(all, visitor{name: name, staff: id, roles: roles[b.Programme.ID], signed: true})
	}
	add("somebody without a role", nil)
	add("somebody with all roles in another programme", access.ByProgramme{"other": access.Roles})
	for _, r := range access.Roles {
		add(string(r), access.ByProgramme{b.Programme.ID: {r}})
	}
	add("somebody with all roles", access.ByProgramme{b.Programme.ID: access.Roles})
	b.Commit(c)
	for i := range all {
		if all[i].signed {
			all[i].cookie = b.Cookie(all[i].staff)
		}
	}
	last := all[len(all)-1]
	forged, ended, expired, idle := *last.cookie, b.Cookie("visitor-3"), b.Cookie("visitor-3"), b.Cookie("visitor-3")
	forged.Value = "visitor-3" + strings.TrimPrefix(forged.Value, last.staff)
	b.Spoil(b.session(expired), "expireAt", b.Now())
	b.Spoil(b.session(idle), "seenAt", b.Now().Add(-b.SignIn.Limits.Idle))
	if _, err := b.database().Doc(b.session(ended)).Delete(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return append(all, visitor{name: "a forged cookie", cookie: &forged}, visitor{name: "a session that was ended", cookie: ended},
		visitor{name: "an expired session", cookie: expired}, visitor{name: "an idle session", cookie: idle})
}

// session is where the session of a cookie is stored.
func (b *Bed) session(c *http.Cookie) string {
	_, token, _ := strings.Cut(c.Value, ".")
	return "staffSessions/" + b.staff.For("staff sessions").Hash(token)
}

// links are what somebody comes with to a route: who is nobody with links of all kinds;
// of the members of staff, to whom a link opens what it opens to everybody, who has all
// roles, with the right one and with none.
func links(row access.Row, v visitor) []linked {
	switch {
	case row.Purpose() == "":
		return []linked{""}
	case v.cookie != nil && len(v.roles) == len(access.Roles):
		return []linked{itself, nothing}
	case v.cookie != nil:
		return nil
	}
	all := []linked{itself, nothing, expired, revoked}
	for _, p := range purpose.All() {
		if p != row.Purpose() {
			all = append(all, linked(p))
		}
	}
	return all
}

// mayCome is what the table says.
func mayCome(row access.Row, v visitor) bool {
	asks := access.Visitor{SignedIn: v.signed, Roles: v.roles}
	if v.link == itself {
		asks.Link = row.Purpose()
	}
	return row.Allows(asks)
}

// refusal is the answer to who may not come, and where it leads.
func (b *Bed) refusal(e serve.Entry, v visitor) (status int, to string) {
	switch {
	case e.Row.Purpose() == purpose.SignIn && v.signed:
		return http.StatusSeeOther, deskpath.Home
	case e.Row.Purpose() == purpose.SignIn:
		return http.StatusSeeOther, signin.Lapsed
	case b.bypass(e):
		return http.StatusSeeOther, deskpath.Of(b.Programme.ID).Report()
	case v.link == expired || v.link == revoked:
		return http.StatusGone, ""
	case v.link != "":
		return http.StatusForbidden, ""
	case v.signed:
		return http.StatusNotFound, ""
	case strings.HasPrefix(e.Pattern, http.MethodGet):
		return http.StatusSeeOther, signin.Page
	}
	return http.StatusForbidden, ""
}

// bypass reports whether staff come to a route by a pass, past what is known about them: who
// has none for the programme is sent by the desk.
func (b *Bed) bypass(e serve.Entry) bool {
	return e.Row.Kind == access.Report && b.function == "evaluation"
}

// turnedAway reports whether an answer is one to who may not come.
func turnedAway(e serve.Entry, a Answer) bool {
	switch a.StatusCode {
	case http.StatusForbidden, http.StatusGone:
		return true
	case http.StatusNotFound:
		return e.Row.Staff()
	}
	return (e.Row.Staff() || e.Row.Purpose() == purpose.SignIn) && strings.HasPrefix(a.Header.Get("Location"), signin.Page)
}

// asks sends the example of a route as a visitor does.
func (b *Bed) asks(e serve.Entry, example Example, v visitor, fresh bool) Answer {
	b.t.Helper()
	u, err := url.Parse(b.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Browser.Jar, _ = cookiejar.New(nil)
	if v.signed && fresh && (e.Row.Kind == access.SignIn || e.Row.Kind == access.OwnSignIn) { // which end the browser's session
		v.cookie = b.Cookie(v.staff)
	}
	if v.cookie != nil {
		b.Browser.Jar.SetCookies(u, []*http.Cookie{v.cookie})
	}
	if v.signed && b.bypass(e) {
		for _, role := range v.roles { // the desk gives it by a role that allows it
			if access.May(e.Row.Action, e.Row.Kind, []access.Role{role}) {
				b.Reads(b.Programme.ID, role)
			}
		}
		if len(v.roles) == 0 {
			b.Reads("other", access.Evaluator)
		}
	}
	values := map[string]string{"programme": b.Programme.ID, "link": b.token(e.Row.Purpose(), example.Link, v.link, fresh), "$": ""}
	maps.Copy(values, example.Path)
	method, at, _ := strings.Cut(e.Pattern, " ")
	for name, value := range values {
		at = strings.ReplaceAll(at, "{"+name+"}", value)
	}
	if q := example.Path["query"]; q != "" {
		at += "?" + q
	}
	if method == http.MethodPost {
		return b.Post(at, example.Form)
	}
	return b.Do(method, at, "", "")
}

// nowhere is the answer about a programme that is not there.
func (b *Bed) nowhere(e serve.Entry, example Example, v visitor) Answer {
	b.t.Helper()
	example.Path = maps.Clone(example.Path)
	if example.Path == nil {
		example.Path = map[string]string{}
	}
	example.Path["programme"] = "nowhere"
	return b.asks(e, example, v, false)
}

// token is a link's, as somebody has it: their own is a fresh one where it may be used up.
func (b *Bed) token(own purpose.Purpose, l store.Link, as linked, fresh bool) string {
	b.t.Helper()
	if own == "" {
		return ""
	}
	to, key := own, string(own)+string(as)
	switch as {
	case itself, expired, revoked:
	case nothing:
		return strings.Repeat("A", 43)
	default:
		to, key = purpose.Purpose(as), string(as)
	}
	if b.tokens == nil {
		b.tokens = map[string]string{}
	}
	if token, ok := b.tokens[key]; ok && !fresh {
		return token
	}
	l.Programme = b.Programme.ID
	token := path.Base(b.Link(to, l))
	if field := map[linked]string{expired: "expireAt", revoked: "revokedAt"}[as]; field != "" {
		b.Spoil("links/"+b.links.Hash(token), field, b.Now())
	}
	b.tokens[key] = token
	return token
}
