package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Looks is under what address the colours and the logo of each programme are.
const Looks = "/enrol/look/"

// Forever lets browsers keep an answer: what is at its address never becomes another.
func Forever(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
}

// look is a programme's, or the usual one.
func look(p *programme.Programme) programme.Look {
	if p == nil {
		return programme.Look{}
	}
	return p.Look
}

// Sheet is the style sheet of a programme's own colours, which stands beside the one of all
// pages, and its version. A page's security policy takes no style from the page itself.
func Sheet(l programme.Look) (sheet, version string) {
	main, button := l.Main(), l.OfButtons()
	sheet = ":root{--govuk-brand-colour:" + main.String() + ";--cascade-colour:" + main.String() + ";--cascade-tint:" + main.Tint().String() +
		";--cascade-button:" + button.String() + ";--cascade-button-hover:" + button.Shade(0.2).String() + ";--cascade-button-shadow:" + button.Shade(0.5).String() + "}\n"
	sum := sha256.Sum256([]byte(sheet))
	return sheet, hex.EncodeToString(sum[:6])
}

// SheetPath is where the style sheet of a programme's colours is; "" where it sets none.
func SheetPath(p *programme.Programme) string {
	if !look(p).Own() {
		return ""
	}
	_, version := Sheet(p.Look)
	return Looks + url.PathEscape(p.ID) + "/" + version + "/colours.css"
}

// LogoPath is where the logo of a programme's host is, or "".
func LogoPath(p *programme.Programme) string {
	if look(p).Logo.ID == "" {
		return ""
	}
	return Looks + url.PathEscape(p.ID) + "/" + p.Look.Logo.ID + "/logo"
}
