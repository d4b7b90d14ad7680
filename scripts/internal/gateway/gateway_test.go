package gateway_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/scripts/internal/gateway"
	"github.com/cascading-leadership/cascade/scripts/internal/stack"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// asked is what a part was asked, as it answers it.
const asked = "%s: %s %s for %s"

// parts are servers for every function and local part, each of which says what it
// was asked; it fails the test where an event or a look at its health gets in.
func parts(t *testing.T) map[string]*httptest.Server {
	t.Helper()
	servers := map[string]*httptest.Server{}
	for _, name := range append([]string{"mailbox", "scheduler", "relay"}, stack.Functions...) {
		mux := http.NewServeMux()
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			for key, values := range r.Header {
				w.Header()["Got-"+key] = values
			}
			w.Header().Set("Location", "/elsewhere")
			w.Header().Add("Set-Cookie", "a=1")
			w.Header().Add("Set-Cookie", "b=2")
			w.WriteHeader(http.StatusAccepted)
			fmt.Fprintf(w, asked+"%s", name, r.Method, r.RequestURI, r.Host, body)
		})
		for _, secret := range []string{"/events", "/health/", "/v3/"} {
			mux.HandleFunc(secret, func(_ http.ResponseWriter, r *http.Request) {
				t.Errorf("%s %s reached %s", r.Method, r.RequestURI, name)
			})
		}
		servers[name] = httptest.NewServer(mux)
		t.Cleanup(servers[name].Close)
	}
	return servers
}

// open is the gateway to all parts.
func open(t *testing.T, servers map[string]*httptest.Server) *httptest.Server {
	t.Helper()
	addresses := map[string]*url.URL{}
	for name, server := range servers {
		to, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		addresses[name] = to
	}
	server := httptest.NewServer(gateway.New(addresses))
	t.Cleanup(server.Close)
	return server
}

// send writes a request as it stands, so that nothing is tidied on the way.
func send(t *testing.T, g *httptest.Server, method, target, body string, header ...string) (*http.Response, string) {
	t.Helper()
	c, err := net.Dial("tcp", g.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second)) // never fails on an open connection
	fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: cascade.example.org\r\nConnection: close\r\n", method, target)
	for pair := range slices.Chunk(header, 2) {
		fmt.Fprintf(c, "%s: %s\r\n", pair[0], pair[1])
	}
	fmt.Fprintf(c, "Content-Length: %d\r\n\r\n%s", len(body), body)
	response, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	return response, string(text)
}

func TestEachPathGoesToItsPart(t *testing.T) {
	t.Parallel()
	g := open(t, parts(t))
	for target, part := range map[string]string{
		"/":                                   "enrolment",
		"/?page=2":                            "enrolment",
		"/enrol/pilot":                        "enrolment",
		"/enrol/pilot/client/about-you?x=1&y": "enrolment",
		"/enrol/confirm/abc.def":              "enrolment",
		"/assets/0123456789ab/cascade.css":    "enrolment",
		"/choose/abc.def/with/x":              "participant",
		"/match/abc.def":                      "participant",
		"/match/abc.def/accept":               "participant",
		"/pairing/abc.def/log/s1":             "participant",
		"/questionnaire/abc.def/1":            "questionnaires",
		"/desk/":                              "desk",
		"/desk/sign-in":                       "desk",
		"/report/pilot":                       "evaluation",
		"/webhooks/sendgrid":                  "outbox",
		"/mailbox/":                           "mailbox",
		"/mailbox/messages.json?to=a%40b":     "mailbox",
		"/local/":                             "scheduler",
		"/local/forward":                      "scheduler",
		"/match/a%2Fb%20c":                    "participant", // as it was written
	} {
		for _, method := range []string{"GET", "POST", "HEAD", "DELETE"} {
			response, text := send(t, g, method, target, "body")
			want := fmt.Sprintf(asked+"body", part, method, target, "cascade.example.org")
			if method == "HEAD" {
				want = ""
			}
			if response.StatusCode != http.StatusAccepted || text != want {
				t.Errorf("%s %s: status %d, %q, want %q", method, target, response.StatusCode, text, want)
			}
			if response.Header.Get("Location") != "/elsewhere" || !slices.Equal(response.Header["Set-Cookie"], []string{"a=1", "b=2"}) {
				t.Errorf("%s %s: the answer's headers are %v", method, target, response.Header)
			}
		}
	}
}

// Nothing beyond the public paths is reached, however it is written; the first
// function says that there is no such page.
func TestEventsAndHealthAreNotReached(t *testing.T) {
	t.Parallel()
	g := open(t, parts(t))
	nowhere := func(method string) string {
		return fmt.Sprintf(asked, "enrolment", method, "/enrol/-", "cascade.example.org")
	}
	for _, target := range []string{
		"/events", "/events/", "/%65vents", "/EVENTS", "/health", "/health/liveness", "/health/readiness", "/v3/mail/send",
		"/nowhere", "/enrol-other", "/matching/", "/outbox/", "/reminders/", "/relay/", "/functions/projects/demo-cascade/triggers/outbox-created",
		"/..%2fevents", "/%2e%2e/events", "http://cascade.example.org/events",
	} {
		for _, method := range []string{"GET", "POST", "PUT"} {
			if response, text := send(t, g, method, target, ""); response.StatusCode != http.StatusAccepted || text != nowhere(method) {
				t.Errorf("%s %s: status %d, %q", method, target, response.StatusCode, text)
			}
		}
	}
	// A roundabout way ends at the straight one, or stays below the part's prefix.
	for _, prefix := range []string{"/questionnaire/", "/enrol/", "/mailbox/", "/local/", "/webhooks/"} {
		for _, way := range []string{
			"../events", "/../events", "x/../../events", "../health/readiness", "..%2fevents", "%2e%2e/events", "%2E%2E%2Fevents", "%252e%252e/events", `..\events`, "..;/events",
		} {
			for _, method := range []string{"GET", "POST", "CONNECT"} {
				response, text := send(t, g, method, prefix+way, "")
				to := response.Header.Get("Location")
				straight := response.StatusCode/100 == 3 && (to == "/events" || to == "/health/readiness")
				below := response.StatusCode == http.StatusAccepted && (method == "CONNECT" || strings.Contains(text, method+" "+prefix))
				if !straight && !below {
					t.Errorf("%s %s: status %d to %q, %q", method, prefix+way, response.StatusCode, to, text)
				}
			}
		}
	}
}

// A part is told who asks and by which address, and believes none but the gateway.
func TestPartsAreToldWhoAsks(t *testing.T) {
	t.Parallel()
	g := open(t, parts(t))
	for _, target := range []string{"/enrol/pilot", "/nowhere"} {
		response, _ := send(t, g, "GET", target, "", "X-Forwarded-For", "192.0.2.1", "X-Forwarded-Host", "evil.example.org", "X-Forwarded-Proto", "https",
			"Forwarded", "for=192.0.2.1", "Cookie", "s=1", "Sec-Fetch-Site", "same-origin", "traceparent", "00-1-2-01")
		for name, want := range map[string]string{
			"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "cascade.example.org", "X-Forwarded-Proto": "http", "Forwarded": "",
			"Cookie": "s=1", "Sec-Fetch-Site": "same-origin", "Traceparent": "00-1-2-01",
		} {
			if got := strings.Join(response.Header["Got-"+name], ","); got != want {
				t.Errorf("%s: %s is %q, want %q", target, name, got, want)
			}
		}
	}
}

func TestPartThatIsDownIsNamed(t *testing.T) {
	t.Parallel()
	servers := parts(t)
	g := open(t, servers)
	for _, server := range servers {
		server.Close()
	}
	down := func(target, part string) {
		t.Helper()
		response, text := send(t, g, "GET", target, "")
		if response.StatusCode != http.StatusBadGateway || !strings.Contains(text, "("+part+")") || !strings.Contains(text, "does not answer") || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: status %d, %q as %s", target, response.StatusCode, text, response.Header.Get("Content-Type"))
		}
	}
	for part, prefixes := range gateway.Prefixes {
		for _, prefix := range prefixes {
			down(strings.TrimSuffix(prefix, "{$}"), part)
		}
	}
	down("/nowhere", "enrolment") // it would have said that there is no such page
}

// Where a part is down, what is logged tells no part of a link's token, however a hasty
// copy damaged it.
func TestTokensAreNotLogged(t *testing.T) {
	var lines bytes.Buffer
	logger, output := slog.Default(), log.Writer()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&lines, nil))) // which has the log package's lines too
	t.Cleanup(func() {
		slog.SetDefault(logger)
		log.SetOutput(output)
	})
	servers := parts(t)
	g := open(t, servers)
	for _, server := range servers {
		server.Close()
	}
	token := "q7Zt-0aBcD_eFgHiJkLmNoPqRsTuVwXyZ0123456789"
	secret := []string{"q7Zt-0", "aBcD_eFg", "TuVwXyZ0", "QRSTUVWXYZ0", "qrstuvwxyz0", "%42%63%44"}
	for _, p := range purpose.All() {
		at := string(p) + "/"
		for _, damaged := range []string{
			at + token, at + token[:20], at + token + ".", at + token[:20] + "/" + token[20:], at + token[:20] + "%20" + token[20:], at + "%71%37%5A%74%2D%30%61%42%63%44", at + strings.ToUpper(token),
			at + strings.ToLower(token), at + "?" + token, strings.ToUpper(at + token), "/" + at + token, string(p) + "%2F" + token, "/" + token[:20],
		} {
			send(t, g, "GET", damaged, "")
		}
	}
	if strings.Count(lines.String(), "a part does not answer") < len(purpose.All()) {
		t.Errorf("there is nothing to look at: %s", &lines)
	}
	for _, piece := range secret {
		if strings.Contains(lines.String(), piece) {
			t.Errorf("the log tells %q: %s", piece, &lines)
		}
	}
}

// Where a part's name is told without its slash, the browser is sent there.
func TestNamesWithoutASlash(t *testing.T) {
	t.Parallel()
	g := open(t, parts(t))
	for _, name := range []string{"/desk", "/mailbox", "/local"} {
		if response, _ := send(t, g, "GET", name, ""); response.StatusCode/100 != 3 || response.Header.Get("Location") != name+"/" {
			t.Errorf("%s: status %d to %q", name, response.StatusCode, response.Header.Get("Location"))
		}
	}
}

// A stack without some part has the other parts, and pages that do not exist.
func TestPartsCanBeLeftOut(t *testing.T) {
	t.Parallel()
	servers := parts(t)
	maps.DeleteFunc(servers, func(name string, _ *httptest.Server) bool { return name == "desk" })
	g := open(t, servers)
	if _, text := send(t, g, "GET", "/desk/", ""); !strings.HasPrefix(text, "enrolment: GET /enrol/- ") {
		t.Errorf("the part that is left out: %q", text)
	}
	if _, text := send(t, g, "GET", "/report/pilot", ""); !strings.HasPrefix(text, "evaluation: ") {
		t.Errorf("another: %q", text)
	}
	delete(servers, "enrolment")
	if response, _ := send(t, open(t, servers), "GET", "/nowhere", ""); response.StatusCode != http.StatusNotFound {
		t.Errorf("nobody to say so: status %d", response.StatusCode)
	}
}

// Where emailed links lead is let through, to one function alone.
func TestLinksAreLetThrough(t *testing.T) {
	t.Parallel()
	for _, p := range purpose.All() {
		var to []string
		for part, prefixes := range gateway.Prefixes {
			for _, prefix := range prefixes {
				if strings.HasPrefix(string(p)+"/", prefix) {
					to = append(to, part)
				}
			}
		}
		if len(to) != 1 || to[0] != p.Function() || !slices.Contains(stack.Functions, to[0]) {
			t.Errorf("links for %s lead to %q, want %s alone, a function", p, to, p.Function())
		}
	}
}
