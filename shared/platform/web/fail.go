package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Handler answers a request, or returns why it could not. It writes nothing
// before it returns an error.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Handle makes an http.Handler of h: the one place where errors become answers.
func (ps *Pages) Handle(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), aroundKey{}, new(Around)))
		if err := h(w, r); err != nil {
			ps.Fail(w, r, err)
		}
	})
}

// Around is what a page keeps of where it came up: that of an error whose programme it is,
// with its contact, whether a member of staff reads it, and the ways on from there.
type Around struct {
	Programme *programme.Programme
	SignedIn  bool
	Ways      []Link
	// Agreed is where the reader sees what they have agreed to; "" where they came by no link
	// of theirs that opens.
	Agreed string
}

type aroundKey struct{}

// AroundOf is that of a request, to be filled in by who knows more. It is kept by no page where
// the request was not handed on by Handle.
func AroundOf(r *http.Request) *Around {
	if a, ok := r.Context().Value(aroundKey{}).(*Around); ok {
		return a
	}
	return new(Around)
}

// startOver is the way on where no other is known.
var startOver = []Link{{Href: "/", Text: "Go to the start"}}

// Plain is a handler that makes its own answers, errors among them.
func Plain(h http.Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		h.ServeHTTP(w, r)
		return nil
	}
}

// problemPage is what went wrong, in a sentence, and the ways on.
type problemPage struct {
	Message string
	Ways    []Link
}

// problem is an RFC 9457 problem document.
type problem struct {
	Title  string        `json:"title"`
	Status int           `json:"status"`
	Detail string        `json:"detail,omitempty"`
	Fields []fault.Field `json:"fields,omitempty"`
}

// Fail answers with a page, or with a problem document where JSON was sent or is
// wanted. People see what to do next; logs carry the cause.
func (ps *Pages) Fail(w http.ResponseWriter, r *http.Request, err error) {
	status, message := http.StatusInternalServerError, "Something went wrong here, and we have been told. What you sent may not have been saved: try again in a few minutes."
	var invalid *fault.Invalid
	var known *fault.Error
	var refused *refusal
	switch {
	case errors.As(err, &invalid):
		status, message = http.StatusUnprocessableEntity, "Some answers need to be corrected."
	case errors.As(err, &refused):
		status, message = refused.status, refused.message
	case errors.As(err, &known):
		message = known.Message
		status = map[fault.Kind]int{
			fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
			fault.Forbidden: http.StatusForbidden, fault.Gone: http.StatusGone, fault.Unavailable: http.StatusServiceUnavailable, fault.TooMany: http.StatusTooManyRequests,
		}[known.Kind]
	case errors.Is(err, context.DeadlineExceeded):
		status, message = http.StatusServiceUnavailable, "This takes longer than it should. Try again in a few minutes."
	}
	if known != nil && known.Wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(known.Wait/time.Second)))
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "60")
	}
	if status >= 500 {
		slog.ErrorContext(r.Context(), "request failed", "route", r.Pattern, "error", err)
	}

	if !WantsPage(r) {
		p := problem{Title: http.StatusText(status), Status: status, Detail: message}
		if invalid != nil {
			p.Fields = invalid.Fields
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(p) // the client went away
		return
	}
	around := AroundOf(r)
	page := Page{Title: titles[status], Programme: around.Programme, SignedIn: around.SignedIn, Data: problemPage{message, around.Ways}}
	if len(around.Ways) == 0 {
		page.Data = problemPage{message, startOver}
	}
	if page.Title == "" {
		page.Title = http.StatusText(status)
	}
	if err := ps.Render(w, r, status, "problem", page); err != nil {
		slog.ErrorContext(r.Context(), "page of a problem failed", "error", err)
		http.Error(w, message, status)
	}
}

var titles = map[int]string{
	http.StatusNotFound:              "Page not found",
	http.StatusForbidden:             "You cannot open this page",
	http.StatusGone:                  "This link has expired",
	http.StatusConflict:              "This has changed",
	http.StatusTooManyRequests:       "Try again later",
	http.StatusRequestEntityTooLarge: "Too much at once",
	http.StatusMethodNotAllowed:      "You cannot do that here",
	http.StatusBadRequest:            "We could not read that",
	http.StatusUnsupportedMediaType:  "We could not read that",
	http.StatusInternalServerError:   "Sorry, there is a problem",
	http.StatusServiceUnavailable:    "Sorry, this is not available right now",
}

// Routes serves a mux's routes, and answers a path or method that no route knows
// as any other error.
func (ps *Pages) Routes(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		answer := &refusalOf{header: w.Header()}
		h.ServeHTTP(answer, r) // 404 or 405, or a redirect to the clean path
		switch answer.status {
		case http.StatusNotFound:
			ps.Fail(w, r, fault.New(fault.NotFound, "If you typed the web address, check that it is correct. If you followed a link, open it again from the newest email from us."))
		case http.StatusMethodNotAllowed:
			ps.Fail(w, r, &refusal{answer.status, "This page does not take what was sent to it."})
		default:
			w.WriteHeader(answer.status)
		}
	})
}

// refusalOf takes a mux's own answer without its text.
type refusalOf struct {
	header http.Header
	status int
}

func (a *refusalOf) Header() http.Header         { return a.header }
func (a *refusalOf) Write(b []byte) (int, error) { return len(b), nil }
func (a *refusalOf) WriteHeader(status int)      { a.status = status }
