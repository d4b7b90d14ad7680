// Package letters shows every letter with facts of nobody, as HTML at the widths of
// a laptop and of a phone and as plain text, so that who writes one sees what people
// will read.
package letters

import (
	"embed"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

//go:embed pages/*.html
var files embed.FS

// Path is where the letters stand.
const Path = "/local/letters/"

// nonsense are terms by which a role's name that is written out shows.
var nonsense = programme.Terms{
	Client:     programme.Term{Article: "an", Singular: "ublick", Plural: "ublicks"},
	Consultant: programme.Term{Article: "a", Singular: "zworp", Plural: "zworps"},
}

// Letter is one sample, written.
type Letter struct {
	mail.Email
	// ID names it in addresses.
	ID   string
	Kind outbox.Kind
	// Source is the file that it is written with; a bundle has none.
	Source mail.Source
	// To and About say who gets it, and in which case.
	To, About string
}

// Version is a programme's letters, in its own words or in nonsense, or those that are there in
// another language.
type Version struct {
	ID, Name string
	In       language.Language
	Letters  []Letter
}

// Versions are the letters of the programmes that ship.
func Versions() ([]Version, error) {
	ls, err := mail.Parse()
	if err != nil {
		return nil, err
	}
	var all []Version
	for _, preset := range programme.Presets() {
		p, err := programme.Preset(preset)
		if err != nil {
			return nil, err
		}
		inNonsense := *p
		inNonsense.Terms = nonsense
		for _, v := range []struct {
			id, words string
			p         *programme.Programme
		}{{preset, "in its own words", p}, {preset + "-nonsense", "in nonsense, which shows a role that is written out", &inNonsense}} {
			letters, err := written(ls, v.p, language.English)
			if err != nil {
				return nil, err
			}
			all = append(all, Version{v.id, p.Name + ", " + v.words, language.English, letters})
		}
	}
	p, err := programme.Preset(programme.Presets()[0])
	if err != nil {
		return nil, err
	}
	for _, in := range language.Others {
		// Its own words stay in English: they are for each programme to say.
		if err := p.Translate([]programme.Translation{{Language: in, Reviewer: "Nobody", Reviewed: "2027-03-28", Name: p.Name, About: p.About, Terms: nonsense, Home: p.Home, Points: p.Expectations.Points}}); err != nil {
			return nil, err
		}
		letters, err := written(ls, p, in)
		if err != nil {
			return nil, err
		}
		all = append(all, Version{in.Tag(), in.Name() + ": the letters that are there in it", in, letters})
	}
	return all, nil
}

// written are a programme's letters, by kind, and then bundles of them. What is the
// same for both roles stands once. In another language they are those that are there in it.
func written(ls *mail.Letters, p *programme.Programme, in language.Language) ([]Letter, error) {
	var all []Letter
	add := func(kind outbox.Kind, about string, of ...mail.Enclosure) error {
		e, err := ls.Bundle(of)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		to := "the staff"
		if f := of[0].Facts; f.Role != "" {
			to = f.Mine().Indefinite()
		}
		var source mail.Source
		if len(of) == 1 {
			if source, err = ls.Source(kind, of[0].Facts); err != nil {
				return err
			}
		}
		if in != language.English && !strings.HasSuffix(source.Name, "."+in.Tag()) {
			return nil
		}
		n := 1
		for i, l := range all {
			if l.Kind == kind && l.Email == e && l.Source == source {
				all[i].To += " or " + to
				return nil
			}
			if l.Kind == kind {
				n++
			}
		}
		all = append(all, Letter{e, fmt.Sprintf("%s-%d", kind, n), kind, source, to, about})
		return nil
	}
	for _, kind := range slices.Sorted(slices.Values(ls.Kinds())) {
		samples := mail.Samples(kind, p)
		if len(samples) == 0 {
			return nil, fmt.Errorf("the letter %s has no sample", kind)
		}
		for _, s := range samples {
			s.Facts.In = in
			if err := add(kind, s.Case, s.Enclosure); err != nil {
				return nil, err
			}
		}
	}
	bundles := mail.SampleBundles(p, programme.Client)
	for _, name := range slices.Sorted(maps.Keys(bundles)) {
		if err := add("bundle", name, bundles[name]...); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Handler serves the letters.
func Handler() (http.Handler, error) {
	pages, err := web.Parse(files)
	if err != nil {
		return nil, err
	}
	versions, err := Versions()
	if err != nil {
		return nil, err
	}
	version := func(id string) (Version, error) {
		if i := slices.IndexFunc(versions, func(v Version) bool { return v.ID == id }); i >= 0 {
			return versions[i], nil
		}
		return Version{}, fault.New(fault.NotFound, "There is no such programme.")
	}
	show := func(w http.ResponseWriter, r *http.Request, id string) error {
		v, err := version(id)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Security-Policy", w.Header().Get("Content-Security-Policy")+"; frame-src 'self'")
		return pages.Show(w, r, "letters", web.Page{Title: "Every letter", Back: "/local/", Data: struct {
			Version
			Path     string
			Versions []Version
		}{v, Path, versions}})
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+Path+"{$}", pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return show(w, r, versions[0].ID)
	}))
	mux.Handle("GET "+Path+"{version}", pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return show(w, r, r.PathValue("version"))
	}))
	mux.Handle("GET "+Path+"{version}/{letter}", pages.Handle(func(w http.ResponseWriter, r *http.Request) error {
		v, err := version(r.PathValue("version"))
		if err != nil {
			return err
		}
		i := slices.IndexFunc(v.Letters, func(l Letter) bool { return l.ID == r.PathValue("letter") })
		if i < 0 {
			return fault.New(fault.NotFound, "There is no such letter.")
		}
		// As in the mailbox: a letter brings its own styles, and nothing else of it may
		// run, load or send. It stands in a frame of the page.
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, v.Letters[i].HTML) // the browser went away
		return nil
	}))
	return web.Protect("", pages.Routes(mux)), nil
}
