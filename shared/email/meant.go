package email

import (
	"slices"
	"strings"
)

// providers are the domains of large providers of email: none of them is a slip.
var providers = strings.Fields(`
	gmail.com googlemail.com hotmail.com hotmail.co.uk outlook.com live.com live.co.uk msn.com
	yahoo.com yahoo.co.uk ymail.com rocketmail.com icloud.com me.com mac.com aol.com aol.co.uk
	btinternet.com btopenworld.com sky.com talktalk.net virginmedia.com virgin.net ntlworld.com
	blueyonder.co.uk tiscali.co.uk protonmail.com proton.me fastmail.com gmx.com gmx.co.uk gmx.net
	mail.com email.com zoho.com nhs.net doctors.org.uk`)

// alone are the names of providers that have no other ending than the one in providers.
var alone = []string{"gmail", "icloud", "btinternet", "virginmedia", "talktalk"}

// abroad are the names of providers that have domains in many countries.
var abroad = []string{"yahoo", "hotmail", "outlook", "live", "gmx", "msn"}

// endings are slips of how domains end, none of which is an ending itself.
var endings = map[string]string{
	"con": "com", "cpm": "com", "comm": "com", "coom": "com", "ocm": "com", "cmo": "com", "vom": "com", "xom": "com", "clm": "com", "dom": "com", "com.com": "com",
	"ogr": "org", "orgg": "org", "rog": "org", "prg": "org", "orf": "org", "orh": "org",
	"nte": "net", "ney": "net", "nett": "net", "met": "net",
	"co.ku": "co.uk", "co.ul": "co.uk", "co.ik": "co.uk", "co.uj": "co.uk", "co.u": "co.uk", "c.uk": "co.uk", "cou.k": "co.uk", "co.uk.uk": "co.uk", "couk": "co.uk", "co.yk": "co.uk",
	"org.ku": "org.uk", "org.ul": "org.uk", "ogr.uk": "org.uk", "rog.uk": "org.uk", "or.uk": "org.uk", "orguk": "org.uk", "org.ik": "org.uk", "org.u": "org.uk",
}

// Meant is the address that somebody is likely to have meant who wrote this one, or "".
// It is to be asked about, and nothing else: an odd domain can be right.
func (a Address) Meant() Address {
	local, domain, at := cut(string(a))
	if !at || local == "" {
		return ""
	}
	if meant := domainMeant(domain); meant != "" && meant != domain {
		return Address(local + "@" + meant)
	}
	return ""
}

// Settle is which address counts where one looks like a slip. chosen is what the person
// chose of the two, or "", and known an address that they had before, which is not asked
// about. ask is the other address where they are to be asked, or "".
func Settle(a Address, chosen string, known Address) (settled, ask Address) {
	meant := a.Meant()
	switch {
	case meant == "" || chosen == string(a) || a.Same(known):
		return a, ""
	case chosen == string(meant):
		return meant, ""
	}
	return a, meant
}

func domainMeant(domain string) string {
	name, ending, _ := strings.Cut(domain, ".")
	if slices.Contains(providers, domain) || slices.Contains(abroad, name) && country(ending) {
		return ""
	}
	for _, p := range providers { // a full stop that is missing, or is another sign
		if letters(domain) == letters(p) {
			return p
		}
	}
	best, least := "", 0
	for _, p := range providers {
		if d, near := slip(name, ending, p); near && (best == "" || d < least) {
			best, least = p, d
		}
	}
	if best != "" {
		return best
	}
	for at := range domain { // the longest ending first
		if domain[at] != '.' || at == 0 {
			continue
		}
		if meant, ok := endings[domain[at+1:]]; ok {
			return domain[:at+1] + meant
		}
	}
	return ""
}

// slip is how many keys a name and its ending are away from a provider's, and whether
// that is near enough for a slip: the shorter a name, the more often a near one is
// somebody else's.
func slip(name, ending, provider string) (keys int, near bool) {
	its, end, _ := strings.Cut(provider, ".")
	by, of := distance(name, its), 0
	switch {
	case by == 0 && slices.Contains(alone, its):
		return 1, true // whatever its ending
	case len(its) >= 7:
		of = 2
	case len(its) >= 5:
		of = 1
	}
	after := distance(ending, end)
	if endings[ending] == end {
		after = 1
	}
	return by + after, by <= of && after <= 1 && len(end) > 2
}

// country reports whether an ending is a country's, and no slip of ".com".
func country(ending string) bool {
	if _, c, ok := strings.Cut(ending, "."); ok && (strings.HasPrefix(ending, "co.") || strings.HasPrefix(ending, "com.")) {
		return len(c) == 2 && endings[ending] == ""
	}
	return len(ending) == 2 && !slices.Contains([]string{"co", "cm", "om"}, ending)
}

// letters are those of a domain alone.
func letters(domain string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, domain)
}

// distance is the number of letters that are left out, added, mistaken or swapped with
// the next one between two words (the optimal string alignment distance).
func distance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			other := 1
			if a[i-1] == b[j-1] {
				other = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+other)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
