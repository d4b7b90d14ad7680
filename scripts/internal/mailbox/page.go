package mailbox

import (
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

//go:embed pages/*.html
var files embed.FS

// shown is how many emails the list shows; messages.json has them all.
const shown = 200

// Handler serves SendGrid's API, the list of emails and each email.
func (b *Mailbox) Handler() (http.Handler, error) {
	pages, err := web.Parse(files)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /mailbox/{$}", pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		to := r.URL.Query().Get("to")
		found := b.Messages(to)
		all := len(found)
		slices.Reverse(found)
		return pages.Show(w, r, "mailbox", web.Page{Title: "Mailbox", Data: struct {
			To       string
			All      int
			Messages []*Message
		}{to, all, found[:min(all, shown)]}})
	}))
	mux.Handle("GET /mailbox/messages.json", pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(b.Messages(r.URL.Query().Get("to")))
	}))
	mux.Handle("GET /mailbox/{id}", pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		m, err := b.find(r)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Security-Policy", w.Header().Get("Content-Security-Policy")+"; frame-src 'self'")
		return pages.Show(w, r, "message", web.Page{Title: m.Subject, Back: "/mailbox/", Data: struct {
			*Message
			Body template.HTML
		}{m, linked(m.Text)}})
	}))
	mux.Handle("GET /mailbox/{id}/html", pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		m, err := b.find(r)
		if err != nil {
			return err
		}
		// An email brings its own styles, and nothing else of it may run, load or send.
		// It stands in a frame, which its links leave.
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, strings.Replace(m.HTML, "<head>", `<head><base target="_top">`, 1)) // the browser went away
		return nil
	}))
	mux.Handle("GET /mailbox/{id}/attachment/{n}", pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		m, err := b.find(r)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(r.PathValue("n"))
		if err != nil || n < 0 || n >= len(m.Attachments) {
			return fault.New(fault.NotFound, "This email has no such attachment.")
		}
		a := m.Attachments[n]
		w.Header().Set("Content-Type", a.Type)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.Name}))
		_, _ = w.Write(a.Content) // the browser went away
		return nil
	}))
	routes := web.Protect("", pages.Routes(mux))

	all := http.NewServeMux()
	all.HandleFunc("POST /v3/mail/send", b.send)
	all.HandleFunc("GET /mailbox/faults", b.control)
	all.HandleFunc("PUT /mailbox/faults", b.control)
	all.HandleFunc("GET /mailbox/attempts.json", b.requests)
	all.HandleFunc("GET /mailbox/events.json", b.events)
	all.Handle("/", routes)
	return all, nil
}

func (b *Mailbox) find(r *http.Request) (*Message, error) {
	m, err := b.message(r.PathValue("id"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "There is no such email.")
	}
	return m, err
}

var address = regexp.MustCompile(`https?://[^\s<>"]+`)

// linked is plain text with its addresses as links.
func linked(text string) template.HTML {
	var b strings.Builder
	at := 0
	for _, found := range address.FindAllStringIndex(text, -1) {
		b.WriteString(template.HTMLEscapeString(text[at:found[0]]))
		a := template.HTMLEscapeString(text[found[0]:found[1]])
		b.WriteString(`<a class="govuk-link" href="` + a + `">` + a + `</a>`)
		at = found[1]
	}
	b.WriteString(template.HTMLEscapeString(text[at:]))
	return template.HTML(b.String()) //nolint:gosec // escaped above
}
