package device

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

var noon = time.Date(2027, time.March, 2, 12, 0, 0, 0, time.UTC)

func ring(t interface{ Fatal(...any) }, texts ...string) keys.Ring {
	r, err := keys.Parse(strings.Join(texts, ","))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func key(id string) string {
	_, secret, _ := strings.Cut(keys.New(noon), ":")
	return id + ":" + secret
}

// browser keeps cookies as a browser does.
type browser map[string]string

func (b browser) take(w *httptest.ResponseRecorder) {
	for _, c := range w.Result().Cookies() {
		if b[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b, c.Name)
		}
	}
}

func (b browser) request(l *store.Link) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for name, value := range b {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return link.With(r, l)
}

// of is a person's device in the browser.
func (b browser) of(t interface{ Fatal(...any) }, ds *Devices, person string) *Device {
	d, err := ds.Of(b.request(&store.Link{Programme: "pilot", Person: person}))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// known has the browser known to somebody, as after a code.
func (b browser) known(ds *Devices, d *Device) {
	w := httptest.NewRecorder()
	(&Device{devices: ds, cookies: d.cookies, whose: d.whose, link: d.link, nonce: rand.Text(), seen: true, fresh: true}).Keep(w)
	b.take(w)
}

func TestDeviceIsKnownToOnePersonInOneProgrammeAndFunction(t *testing.T) {
	t.Parallel()
	now, r := noon, ring(t, key("a"))
	clock := func() time.Time { return now }
	participant, questionnaires := New(nil, "participant", r, clock), New(nil, "questionnaires", r, clock)
	b := browser{}
	b.known(participant, b.of(t, participant, "alex-seek"))
	see := func(ds *Devices, programme, person string) bool {
		d, err := ds.Of(b.request(&store.Link{Programme: programme, Person: person}))
		if err != nil {
			t.Fatal(err)
		}
		return d.MaySee("thing", "")
	}
	closed, err := participant.Of(b.request(&store.Link{Programme: "pilot", Person: "alex-seek", Generation: 1}))
	if err != nil {
		t.Fatal(err)
	}
	for what, row := range map[string]struct{ got, want bool }{
		"theirs":                  {see(participant, "pilot", "alex-seek"), true},
		"theirs in another role":  {see(participant, "pilot", "alex-offer"), true},
		"another's":               {see(participant, "pilot", "zoe-seek"), false},
		"another programme":       {see(participant, "north", "alex-seek"), false},
		"after links were closed": {closed.MaySee("thing", ""), false},
		"another function":        {see(questionnaires, "pilot", "alex-seek"), false},
		"with another key":        {see(New(nil, "participant", ring(t, key("b")), clock), "pilot", "alex-seek"), false},
		"with a key after it":     {see(New(nil, "participant", append(ring(t, key("b")), r...), clock), "pilot", "alex-seek"), true},
	} {
		if row.got != row.want {
			t.Errorf("%s: %v", what, row.got)
		}
	}
	if _, err := participant.Of(httptest.NewRequest(http.MethodGet, "/", nil)); err == nil {
		t.Error("a device of nobody")
	}
	now = now.Add(life - time.Second)
	if !see(participant, "pilot", "alex-seek") {
		t.Error("not known for a year")
	}
	if now = now.Add(time.Second); see(participant, "pilot", "alex-seek") {
		t.Error("known for longer than a year")
	}
}

// A device sees what it wrote and nothing else, also once keys have changed, and nobody's
// once it was changed by a device with a code.
// A browser says to the function that knows it whose it most likely is, and to nobody else.
func TestBrowserSaysWhoseItMostLikelyIs(t *testing.T) {
	t.Parallel()
	clock := func() time.Time { return noon }
	ds := New(nil, "participant", ring(t, key("a")), clock)
	b := browser{}
	whom := func(ds *Devices) []Whom {
		return ds.Whom(b.request(&store.Link{Programme: "pilot", Person: "kim-seek"}))
	}
	if got := whom(ds); len(got) != 0 {
		t.Errorf("a new browser is thought to be of %v", got)
	}
	w := httptest.NewRecorder()
	b.of(t, ds, "alex-seek").Keep(w) // as where something is written
	b.take(w)
	if got := whom(ds); len(got) != 0 {
		t.Errorf("where no code was given it is thought to be of %v", got)
	}
	b.known(ds, b.of(t, ds, "alex-seek"))
	got := whom(ds)
	if !slices.Equal(got, []Whom{{"pilot", "alex-seek"}}) {
		t.Fatalf("it is thought to be of %v", got)
	}
	if !got[0].Is(&store.Link{Programme: "pilot", Person: "alex-offer"}) || got[0].Is(&store.Link{Programme: "other", Person: "alex-seek"}) || got[0].Is(&store.Link{Programme: "pilot", Person: "kim-seek"}) {
		t.Error("it is taken for the same person in another role, and for nobody else")
	}
	for _, other := range []*Devices{New(nil, "questionnaires", ring(t, key("b")), clock), New(nil, "participant", ring(t, key("b")), clock)} {
		if got := whom(other); len(got) != 0 {
			t.Errorf("without the key it is read as %v", got)
		}
	}
	for _, c := range b.request(&store.Link{}).Cookies() {
		if strings.Contains(c.Value, "alex") {
			t.Errorf("the cookie names them: %s", c.Value)
		}
	}
	for _, person := range []string{"b", "c", "d"} {
		b.known(ds, b.of(t, ds, person))
	}
	if got := whom(ds); len(got) != guesses {
		t.Errorf("it is thought to be of %d people", len(got))
	}
}

func TestDeviceSeesWhatItWrote(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		known := ring(t, key("a"))
		ds := New(nil, "participant", known, func() time.Time { return noon })
		browsers := []browser{{}, {}, {}}
		knows := map[int]bool{}
		writers, wrote := map[string]string{}, map[string]int{} // by thing; wrote is -1 with a code
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			i, thing := rapid.IntRange(0, 2).Draw(t, "browser"), rapid.SampledFrom([]string{"s", "u", "v"}).Draw(t, "thing")
			d := browsers[i].of(t, ds, "alex-seek")
			_, there := writers[thing]
			may := !there || d.MaySee(thing, writers[thing])
			if want := !there || knows[i] || wrote[thing] == i; may != want {
				t.Fatalf("browser %d, known %v, may see what %d wrote: %v", i, knows[i], wrote[thing], may)
			}
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				browsers[i].known(ds, d)
				knows[i] = true
			case 1:
				known = append(ring(t, key("new")), known...)
				ds = New(nil, "participant", known, func() time.Time { return noon })
			default:
				if !may {
					continue
				}
				w := httptest.NewRecorder()
				writers[thing] = d.Writer(thing)
				d.Keep(w)
				browsers[i].take(w)
				if wrote[thing] = i; knows[i] {
					wrote[thing] = -1
				}
			}
		}
	})
}

// However many people use a browser, it keeps the cookies of a few, the newest, and sends
// no more than a request may have.
func TestCookiesAreBounded(t *testing.T) {
	t.Parallel()
	now := noon
	ds := New(nil, "participant", ring(t, key("a")), func() time.Time { return now })
	b := browser{"other": "1"}
	for i := range 3 * most {
		now = now.Add(time.Minute)
		b.known(ds, b.of(t, ds, fmt.Sprint("person", i)))
		if n := len(b) - 1; n > most {
			t.Fatalf("%d cookies", n)
		}
	}
	for i := range 3 * most {
		if got, want := b.of(t, ds, fmt.Sprint("person", i)).seen, i >= 2*most; got != want {
			t.Errorf("person %d is known: %v", i, got)
		}
	}
	size := 0
	for name, value := range b {
		size += len(name) + len(value) + 3
	}
	if size > 4096 {
		t.Errorf("%d bytes of cookies", size)
	}
}

// Whatever a browser sends, it is no device that is known, and nothing breaks.
func FuzzCookie(f *testing.F) {
	ds := New(nil, "participant", ring(f, key("a")), func() time.Time { return noon })
	f.Add("a~seen~b~0.c")
	f.Add(ds.seen.Sign("whose~seen~nonce~0"))
	f.Add(ds.asked.Sign(ds.whose(&store.Link{Programme: "pilot", Person: "alex"}) + "~seen~nonce~1804000000"))
	f.Fuzz(func(t *testing.T, value string) {
		l := &store.Link{Programme: "pilot", Person: "alex"}
		d := &Device{devices: ds, whose: ds.whose(l)}
		if d.read(value) {
			t.Fatalf("%q is a device", value)
		}
		surplus([]*http.Cookie{{Name: seenCookie + "x", Value: value}}, "")
	})
}

func TestCookiesAreKeptFromOtherSitesAndScripts(t *testing.T) {
	t.Parallel()
	ds := New(nil, "participant", ring(t, key("a")), func() time.Time { return noon })
	w := httptest.NewRecorder()
	browser{}.of(t, ds, "alex-seek").Keep(w)
	all := w.Result().Cookies()
	if len(all) != 1 {
		t.Fatalf("cookies %v", all)
	}
	c := all[0]
	if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || !strings.HasPrefix(c.Name, "__Host-") || c.MaxAge != 365*24*3600 {
		t.Errorf("the cookie is %v", c)
	}
	if slices.Contains(strings.Split(c.Value, "~"), codeGiven) {
		t.Error("it says that a code was given")
	}
}
