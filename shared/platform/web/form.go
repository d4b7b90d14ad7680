package web

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/cascading-leadership/cascade/shared/text"
)

// MaxBody is the most bytes of a request's body.
const MaxBody = 64 << 10

// refusal is a request that cannot be read, with the status that says why.
type refusal struct {
	status  int
	message string
}

func (e *refusal) Error() string { return e.message }

// Form reads a posted form.
func Form(r *http.Request) (url.Values, error) {
	if err := mediaType(r, "application/x-www-form-urlencoded"); err != nil {
		return nil, err
	}
	if err := r.ParseForm(); err != nil {
		return nil, unreadable(err)
	}
	for _, values := range r.PostForm {
		for _, v := range values {
			if !utf8.ValidString(v) {
				return nil, &refusal{http.StatusBadRequest, "The form holds text that is not UTF-8."}
			}
		}
	}
	return r.PostForm, nil
}

// JSON reads one JSON document into v, with or without a byte order mark. Unknown names,
// names given twice or in another case, and anything after it are refused.
func JSON(r *http.Request, v any) error {
	if err := mediaType(r, "application/json"); err != nil {
		return err
	}
	body, err := text.Reader(r.Body)
	if err == nil {
		err = json.UnmarshalRead(body, v, json.RejectUnknownMembers(true))
	}
	if err != nil {
		return unreadable(err)
	}
	return nil
}

// IsJSON reports whether a request's body says that it is JSON.
func IsJSON(r *http.Request) bool { return mediaType(r, "application/json") == nil }

// IsForm reports whether a request's body says that it is a posted form.
func IsForm(r *http.Request) bool { return mediaType(r, "application/x-www-form-urlencoded") == nil }

// WantsPage reports whether a person reads the answer, and not a program.
func WantsPage(r *http.Request) bool {
	return !IsJSON(r) && !strings.Contains(r.Header.Get("Accept"), "json")
}

func mediaType(r *http.Request, want string) error {
	if got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || got != want {
		return &refusal{http.StatusUnsupportedMediaType, "Send this as " + want + "."}
	}
	return nil
}

func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &refusal{http.StatusRequestEntityTooLarge, "This is more than can be sent at once. Shorten the longest answers."}
	}
	var unknown *json.SemanticError
	if errors.As(err, &unknown) && unknown.JSONPointer != "" {
		return &refusal{http.StatusBadRequest, "The document cannot be read at " + string(unknown.JSONPointer) + ". Check its name and type."}
	}
	return &refusal{http.StatusBadRequest, "What was sent cannot be read. Check its form and send it again."}
}

// FormID reports whether an id is one that a page gave to its form, by which what
// is sent twice is known: as long as crypto/rand's Text makes them, in its letters.
func FormID(id string) bool {
	return len(id) == 26 && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < '2' || r > '7')
	})
}
