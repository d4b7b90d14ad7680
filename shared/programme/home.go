package programme

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Home is what the programme's home page says beside what follows from its settings.
type Home struct {
	// Gave is what the programme gave those who took part before, a sentence each, as they
	// said it or as its report has it.
	Gave []string `firestore:"gave,omitempty" yaml:"gave,omitempty"`
	// Time is what it takes beside the sessions, in a sentence.
	Time string `firestore:"time,omitempty" yaml:"time,omitempty"`
}

// Bounds of the home page: what is longer is not read.
const (
	mostGave    = 6
	longestSaid = 300
)

func (h Home) check() error {
	if len(h.Gave) > mostGave {
		return fmt.Errorf("programme: home.gave: %d of them, more than %d", len(h.Gave), mostGave)
	}
	for _, said := range append(slices.Clone(h.Gave), h.Time) {
		if !Plain(said) || len([]rune(said)) > longestSaid {
			return fmt.Errorf("programme: home: %q is no text of up to %d characters on one line", said, longestSaid)
		}
	}
	if slices.Contains(h.Gave, "") {
		return fmt.Errorf("programme: home.gave: one is empty")
	}
	return nil
}

// mostOrigins bounds the websites of one programme.
const mostOrigins = 10

// checkOrigins says which origin is not written as browsers send it, letter by letter: they are
// compared as they stand.
func (p *Programme) checkOrigins() error {
	if len(p.Origins) > mostOrigins {
		return fmt.Errorf("programme: origins: %d of them, more than %d", len(p.Origins), mostOrigins)
	}
	for i, o := range p.Origins {
		if slices.Contains(p.Origins[:i], o) {
			return fmt.Errorf("programme: origins: %q is given twice", o)
		}
		if written := OriginOf(o); written == "" {
			return fmt.Errorf("programme: origins: %q is no website that may send enrolments: write the beginning of its address as browsers show it, like https://www.example.org, with https and without a path", o)
		} else if written != o {
			return fmt.Errorf("programme: origins: write %q as browsers send it: %q", o, written)
		}
	}
	return nil
}

// OriginOf is the origin of a website's address as browsers send it (RFC 6454, section 6.2):
// https, or http on this machine alone, the host in small letters, and the port unless it is
// the usual one. It is "" for what is none: with a path, with a wildcard, or null.
func OriginOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery {
		return ""
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	ip, ipErr := netip.ParseAddr(host)
	local := host == "localhost" || ipErr == nil && ip.IsLoopback()
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !local):
		return ""
	case ipErr == nil && !local, ipErr != nil && !local && !nameForm(host), strings.HasSuffix(u.Host, ":"):
		return ""
	}
	if port == map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		port = ""
	}
	if ipErr == nil && ip.Is6() {
		host = "[" + ip.String() + "]"
	}
	if port != "" {
		host += ":" + port
	}
	return u.Scheme + "://" + host
}

// nameForm reports whether a host is a domain name of two parts or more, in the letters in
// which browsers send it: other scripts as xn--.
func nameForm(host string) bool {
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || strings.ContainsFunc(l, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
		}) {
			return false
		}
	}
	return len(labels) > 1 && len(host) <= 253
}

// Takes reports whether a page of an origin, as a browser names it, may send enrolments.
func (p *Programme) Takes(origin string) bool {
	return origin != "" && slices.Contains(p.Origins, origin)
}
