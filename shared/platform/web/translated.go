package web

import (
	"net/http"
	"slices"

	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// languageParameter is by what a page's address asks for a language, and languageCookie holds
// the one that was asked for last, for as long as the browser is open.
const (
	languageParameter = "language"
	languageCookie    = "__Host-cascade-language"
)

// Translated has a page of a programme be in the language that the reader asks for, where the
// programme says that this was reviewed. It is for pages that are there in each language as a
// whole, and keeps in the browser which one was asked for.
func Translated(w http.ResponseWriter, r *http.Request, page Page) Page {
	p := page.Programme
	offered := p.Reads()
	if len(offered) == 0 {
		return page
	}
	if asked := r.URL.Query().Get(languageParameter); asked != "" {
		http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: language.Of(asked).Tag(), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	page.Programme, page.In = Read(r, p)
	for _, l := range append([]language.Language{language.English}, offered...) {
		if l != page.In {
			page.Others = append(page.Others, l)
		}
	}
	return page
}

// Read is a programme in the language that the reader asks for or has asked for before, where
// the programme says that this was reviewed, and which that is.
func Read(r *http.Request, p *programme.Programme) (*programme.Programme, language.Language) {
	tag := r.URL.Query().Get(languageParameter)
	if c, err := r.Cookie(languageCookie); tag == "" && err == nil {
		tag = c.Value
	}
	l := language.Of(tag)
	if !slices.Contains(p.Reads(), l) {
		return p, language.English
	}
	in, _ := p.In(l)
	return in, l
}
