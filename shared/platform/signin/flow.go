package signin

import (
	"encoding/base64"
	"net/http"
	"time"
)

// flowCookie holds what a browser keeps while its person signs in at another service. It
// is Lax: the service sends the browser back from another site, which a Strict one would
// not survive.
const flowCookie = "__Host-cascade-sign-in"

// KeepFlow has the browser keep a text, signed, for some time.
func (s *SignIn) KeepFlow(w http.ResponseWriter, text string, life time.Duration) {
	http.SetCookie(w, flow(s.flows.Sign(base64.RawURLEncoding.EncodeToString([]byte(text))), int(life/time.Second)))
}

// TakeFlow is the text that the browser kept, "" for none, and has it forget it.
func (s *SignIn) TakeFlow(w http.ResponseWriter, r *http.Request) string {
	c, err := r.Cookie(flowCookie)
	if err != nil {
		return ""
	}
	http.SetCookie(w, flow("", -1))
	value, ok := s.flows.Verify(c.Value)
	if !ok {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return ""
	}
	return string(text)
}

func flow(value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: flowCookie, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}
