// Package device knows the browsers on which a person has shown that they read their
// mailbox, so that what they wrote themselves is shown there and not to whoever else has
// their link.
//
// A browser is known by a signed cookie, for a year: as one on which a right code was
// given, see Door, or as one on which something was written. The second sees what it wrote
// first, as long as no other has changed it, so that nobody is asked for a code on the
// device on which they have just written. What was written elsewhere it does not see.
//
// Both come to the same mailbox as the link: it is no second factor.
package device

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// Devices are those that a function knows: each function has its own, by its own keys.
type Devices struct {
	store    *store.Store
	function string
	// seen and asked sign the cookies of devices and of codes that were asked for; writers
	// and codes are hashed by.
	seen, asked, writers, codes keys.Ring
	// whom hides of whom a device is.
	whom keys.Ring
	now  clock.Clock
}

// New returns the Devices of a function, by keys that no other purpose has.
func New(s *store.Store, function string, ring keys.Ring, now clock.Clock) *Devices {
	return &Devices{s, function, ring.For("devices seen"), ring.For("codes asked for"), ring.For("writers"), ring.For("codes"), ring.For("whom devices are of"), now}
}

const (
	// The names bind the cookies to this host, its root path and HTTPS. After them stands
	// whose device it is, since several people may use one.
	seenCookie  = "__Host-cascade-device-"
	askedCookie = "__Host-cascade-code-"
	freshCookie = "__Host-cascade-fresh-"
	// freshLife is for how long a code opens a page that asks for one each time.
	freshLife = 10 * time.Minute
	// life is for how long a device is known.
	life = 365 * 24 * time.Hour
	// most is how many cookies of devices a browser keeps, so that they do not grow beyond
	// what a request may have.
	most = 12
)

// Device is the browser of a request, as the person whose link it came by has used it.
type Device struct {
	devices *Devices
	cookies []*http.Cookie
	// whose tells apart the people of one browser.
	whose string
	// link is the one that the request came by.
	link *store.Link
	// nonce is the device's, at random.
	nonce string
	// seen says that a right code was given on it.
	seen bool
	// fresh says that the browser does not have its cookie yet.
	fresh bool
}

// Of is the device of a request that came by a link.
func (ds *Devices) Of(r *http.Request) (*Device, error) {
	l, err := link.Of(r)
	if err != nil {
		return nil, err
	}
	d := &Device{devices: ds, cookies: r.Cookies(), whose: ds.whose(l), link: l}
	if c, err := r.Cookie(seenCookie + d.whose); err == nil && d.read(c.Value) {
		return d, nil
	}
	d.nonce, d.fresh = rand.Text(), true
	return d, nil
}

// Whom is a person in one programme, by the id of an enrolment of theirs.
type Whom struct{ Programme, Person string }

// Is reports whether it is a link's owner, in whichever role.
func (w Whom) Is(l *store.Link) bool {
	return w.Programme == l.Programme && enrolment.PersonOf(w.Person) == enrolment.PersonOf(l.Person)
}

// guesses is of how many people of a browser it is thought that it is them.
const guesses = 2

// Whom says whose a browser most likely is on which a right code was given, before it is known
// whose link a request came by: so that what they see can be read meanwhile. It opens nothing.
func (ds *Devices) Whom(r *http.Request) (all []Whom) {
	for _, c := range r.Cookies() {
		if !strings.HasPrefix(c.Name, seenCookie) || len(all) == guesses {
			continue
		}
		value, _ := ds.seen.Verify(c.Value)
		if parts := strings.Split(value, "~"); len(parts) == 5 && parts[1] == codeGiven { // versions before did not say
			hidden, _ := ds.whom.Decrypt(parts[3], parts[0])
			if programme, person, ok := strings.Cut(hidden, "/"); ok {
				all = append(all, Whom{programme, person})
			}
		}
	}
	return all
}

// whose is a name for the person of a link, in one programme and function, by which nobody
// else can tell who it is. Whoever closes their links, or has another address, has another
// one from then on, and no device that is known.
func (ds *Devices) whose(l *store.Link) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{ds.function, l.Programme, enrolment.PersonOf(l.Person), strconv.Itoa(l.Generation)}, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// The words of a cookie for what its device is.
const (
	codeGiven = "seen"
	onlyWrote = "wrote"
)

// read takes what a cookie says, if it is this person's and still good.
func (d *Device) read(value string) bool {
	value, _ = d.devices.seen.Verify(value)
	parts := strings.Split(value, "~")
	if len(parts) < 4 || parts[0] != d.whose {
		return false
	}
	at, err := strconv.ParseInt(parts[len(parts)-1], 10, 64)
	if err != nil || !d.devices.now().Before(time.Unix(at, 0).Add(life)) {
		return false
	}
	d.seen, d.nonce = parts[1] == codeGiven, parts[2]
	return true
}

// MaySee reports whether something that the person wrote may be shown on the device, and
// be changed there. thing names it, and writer is kept with it, see Writer.
func (d *Device) MaySee(thing, writer string) bool {
	return d.seen || writer != "" && slices.Contains(d.devices.writers.Hashes(d.mark(thing)), writer)
}

// Known reports whether a right code was given on the device.
func (d *Device) Known() bool { return d.seen }

// Writer is what is to be kept with a thing that is written on the device: a keyed hash, of
// which two things of one device have different ones; or "", since where a code was given
// nothing needs to be kept, and what another device wrote first is no longer its own.
func (d *Device) Writer(thing string) string {
	if d.seen {
		return ""
	}
	return d.devices.writers.Hash(d.mark(thing))
}

func (d *Device) mark(thing string) string {
	return strings.Join([]string{d.whose, d.nonce, thing}, "\x00")
}

// Keep has the browser keep which device it is, where it does not yet. A page with a form
// for private words does so before they are sent: a form that is sent twice is then one
// device's.
func (d *Device) Keep(w http.ResponseWriter) {
	if !d.fresh {
		return
	}
	what := onlyWrote
	if d.seen {
		what = codeGiven
	}
	whom := d.devices.whom.Encrypt(d.link.Programme+"/"+d.link.Person, d.whose)
	value := d.devices.seen.Sign(strings.Join([]string{d.whose, what, d.nonce, whom, strconv.FormatInt(d.devices.now().Unix(), 10)}, "~"))
	http.SetCookie(w, cookie(seenCookie+d.whose, value, life))
	for _, name := range surplus(d.cookies, seenCookie+d.whose) {
		http.SetCookie(w, cookie(name, "", -1))
	}
}

// surplus are the names of the browser's oldest cookies of devices that are too many beside
// one. What they say of their age may be anything: it is the browser's own loss.
func surplus(all []*http.Cookie, beside string) []string {
	age := func(c *http.Cookie) string {
		value, _, _ := strings.Cut(c.Value, ".")
		return value[strings.LastIndexByte(value, '~')+1:]
	}
	var others []*http.Cookie
	for _, c := range all {
		if strings.HasPrefix(c.Name, seenCookie) && c.Name != beside {
			others = append(others, c)
		}
	}
	slices.SortStableFunc(others, func(a, b *http.Cookie) int { return strings.Compare(age(b), age(a)) })
	var names []string
	for _, c := range others[min(len(others), most-1):] {
		names = append(names, c.Name)
	}
	return names
}

// cookie is one of this package's; without a life it takes the browser's away.
func cookie(name, value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life / time.Second),
		Secure: true, HttpOnly: true,
		// Lax, so that a link in an email opens what this device may see.
		SameSite: http.SameSiteLaxMode,
	}
	if life < 0 {
		c.MaxAge = -1
	}
	return c
}
