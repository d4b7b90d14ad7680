package budgets

import (
	"net/http/httptest"
	"testing"
)

// From which network a request comes is told by proxies that are trusted alone, however many
// there are; nobody can make up another.
func TestClientIsTheFirstThatIsNoProxys(t *testing.T) {
	t.Parallel()
	proxies, err := ParseProxies("10.0.0.0/8, 127.0.0.1 2001:db8:ffff::/48")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		peer    string
		headers []string
		want    string
	}{
		"nobody between":               {"203.0.113.9:4711", nil, "203.0.113.0/24"},
		"nobody between, and a lie":    {"203.0.113.9:4711", []string{"198.51.100.1"}, "203.0.113.0/24"},
		"one proxy":                    {"10.0.0.1:4711", []string{"203.0.113.9"}, "203.0.113.0/24"},
		"three, and a lie":             {"10.0.0.1:4711", []string{"198.51.100.1, 203.0.113.9, 10.2.2.2, 127.0.0.1"}, "203.0.113.0/24"},
		"four in two headers":          {"10.0.0.1:4711", []string{"198.51.100.1", "203.0.113.9:80, 10.1.1.1", "10.9.9.9"}, "203.0.113.0/24"},
		"a lie that looks like ours":   {"10.0.0.1:4711", []string{"10.66.6.6, 203.0.113.9"}, "203.0.113.0/24"},
		"IPv6":                         {"[2001:db8:ffff::1]:4711", []string{"2001:db8:1:2:3::4"}, "2001:db8:1::/48"},
		"IPv6 with a port":             {"10.0.0.1:4711", []string{"[2001:db8:1:2:3::4]:99"}, "2001:db8:1::/48"},
		"IPv4 in IPv6":                 {"[::ffff:10.0.0.1]:4711", []string{"::ffff:203.0.113.9"}, "203.0.113.0/24"},
		"nothing but proxies":          {"10.0.0.1:4711", []string{"10.2.2.2, 127.0.0.1"}, ""},
		"no entry of a proxy's":        {"10.0.0.1:4711", nil, ""},
		"not to be read":               {"10.0.0.1:4711", []string{"203.0.113.9, unknown"}, ""},
		"nonsense further to the left": {"10.0.0.1:4711", []string{"nonsense, 203.0.113.9"}, "203.0.113.0/24"},
		"a proxy that nobody named":    {"192.168.3.4:4711", []string{"203.0.113.9"}, ""},
		"one behind one that is named": {"10.0.0.1:4711", []string{"203.0.113.9, 172.16.5.5"}, ""},
		"one of IPv6":                  {"[fd00::1]:4711", []string{"203.0.113.9"}, ""},
		"no peer":                      {"@", nil, ""},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = row.peer
		for _, value := range row.headers {
			r.Header.Add("X-Forwarded-For", value)
		}
		if got := proxies.Client(r); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
	for _, wrong := range []string{"10.0.0.0/33", "proxy", "10.0.0.0/8;127.0.0.1"} {
		if _, err := ParseProxies(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
