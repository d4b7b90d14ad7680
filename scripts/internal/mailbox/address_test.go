package mailbox_test

import (
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	rule "github.com/cascading-leadership/cascade/shared/email"
)

// Nobody is promised an email that SendGrid refuses: each address that the rule takes is
// taken here, and each that is refused here the rule refuses first.
func TestAddressesThatTheRuleTakesAreSentTo(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	sent := func(address string) bool {
		w := b.send(requestTo(address))
		return w.Code == http.StatusAccepted
	}
	try := func(t interface{ Errorf(string, ...any) }, typed string) {
		if taken, err := rule.Parse(typed); err == nil && !sent(string(taken)) {
			t.Errorf("%q is taken as %q, and refused", typed, taken)
		}
		if rule.Address(typed).Valid() && !sent(typed) {
			t.Errorf("%q is valid, and refused", typed)
		}
	}
	for _, typed := range []string{
		"alex@example.org", "pat.o'neill@example.org", "pat.o’neill@example.org", "mailto:jo@example.org", "Jo <jo@example.org>", "sian@bücher.example", "info@संगठन.भारत",
		"!#$%&'*+/=?^_`{|}~-@example.org", strings.Repeat("x", 64) + "@example.org", "x@" + strings.Repeat("y", 63) + ".org", "x@" + strings.Repeat("y.", 124) + "org", "1@2.example",
	} {
		if _, err := rule.Parse(typed); err != nil {
			t.Errorf("%q: %v", typed, err)
		}
		try(t, typed)
	}
	for _, refused := range []string{
		"jörg@example.org", "alex@bücher.example", strings.Repeat("1", 65) + "@example.org", "x@" + strings.Repeat("y.", 125) + "org", "al..ex@example.org", ".alex@example.org", "alex.@example.org",
		"alex", "alex@", "@example.org", "alex@example", "a lex@example.org", "alex@[127.0.0.1]", "alex@127.0.0.1", "alex@-example.org", "alex@exam_ple.org", "alex@example.org, sam@example.org",
		"Alex <alex@example.org>", "alex@example.org\r\nBcc: sam@example.org", "x@" + strings.Repeat("y", 64) + ".org",
	} {
		if sent(refused) {
			t.Errorf("%q is sent to", refused)
		}
		if rule.Address(refused).Valid() {
			t.Errorf("%q is valid", refused)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		try(t, rapid.OneOf(
			rapid.String(),
			rapid.StringMatching(`[a-zA-Z0-9.!#$%&'*+/=?^_{|}~’"<>(),:;é-]{0,70}@[a-zA-Z0-9.ü_-]{0,70}\.[a-z0-9]{0,4}`),
			rapid.StringMatching(`[a-z.']{1,12}@([a-z0-9üж-]{1,12}\.){1,24}(org|uk|рф|com)`),
		).Draw(t, "typed"))
	})
}

// requestTo is a request to one address.
func requestTo(address string) string {
	return email(set("personalizations", list{map[string]any{"to": list{map[string]any{"email": address}}}}))
}
