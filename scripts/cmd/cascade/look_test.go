package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// A programme gets its look with its settings, and another one later: only what a file says of
// the look is set, the logo beside the file with it, and the one before goes.
func TestAProgrammeGetsALook(t *testing.T) {
	s := project(t)
	folder := t.TempDir()
	write := func(name string, content []byte) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(folder, name)
	}
	logo := func(name string, shade uint8) {
		t.Helper()
		p := image.NewGray(image.Rect(0, 0, 120, 30))
		p.Set(0, 0, color.Gray{shade})
		var b bytes.Buffer
		if err := png.Encode(&b, p); err != nil {
			t.Fatal(err)
		}
		write(name, b.Bytes())
	}
	logo("one.png", 1)
	logo("two.png", 2)
	preset := ran(t, "", "programme", "settings", "pilot-2016")
	settings := func(name, more string) string { return write(name, []byte(preset+more)) }

	ran(t, "", "programme", "create", "north", "--settings", settings("one.yaml", "look: {colour: \"#7a0019\", logo: {file: one.png}}\norigins: [https://www.example.org]\n"))
	first, err := s.Programme(t.Context(), "north")
	if err != nil {
		t.Fatal(err)
	}
	if l := first.Look; l.Colour != "#7a0019" || l.Logo.Width != 120 || len(first.Origins) != 1 {
		t.Errorf("%+v", first)
	}
	if got, err := s.Logo(t.Context(), "north", first.Look.Logo.ID); err != nil || got.Type != "image/png" {
		t.Errorf("%+v, %v", got, err)
	}
	says(t, ran(t, "", "programme", "look", "north"), "look.colour: #7a0019", "120 × 30 pixels", `for "Example Host Foundation"`, "home.gave: none", "origins: https://www.example.org")
	says(t, ran(t, "", "programme", "look", "north", "--settings", filepath.Join(folder, "one.yaml"), "--apply"), "It is so already")

	changed := strings.Replace(preset, "name: ", "name: New ", 1) + "look: {buttons: \"#003366\", logo: {file: two.png, alt: A tree}}\nhome: {gave: [Confidence.]}\n"
	to := write("two.yaml", []byte(changed))
	follows := []string{"look.colour: none", "before: #7a0019", "look.buttons: #003366", `for "A tree"`, "home.gave: Confidence.", "origins: none"}
	says(t, ran(t, "", "programme", "look", "north", "--settings", to), append(follows, "Nothing was changed")...)
	if p, err := s.Programme(t.Context(), "north"); err != nil || p.Look != first.Look {
		t.Errorf("it was changed without --apply: %+v, %v", p, err)
	}
	says(t, ran(t, "", "programme", "look", "north", "--settings", to, "--apply"), follows...)
	p, err := s.Programme(t.Context(), "north")
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != first.Name || p.Look.Colour != "" || p.Look.Buttons != "#003366" || p.Look.Logo.ID == first.Look.Logo.ID || len(p.Origins) > 0 || p.Home.Gave[0] != "Confidence." {
		t.Errorf("%+v", p)
	}
	if _, err := s.Logo(t.Context(), "north", first.Look.Logo.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the logo before is there: %v", err)
	}
	if _, err := s.Logo(t.Context(), "north", p.Look.Logo.ID); err != nil {
		t.Error(err)
	}

	// A language is offered once somebody has reviewed it, as what it says was then.
	said := "home: {gave: [Confidence.]}\ntranslations:\n  - language: cy\n    reviewer: Eurwen Sample\n    reviewed: 2026-11-30\n    name: Rhaglen\n    about: Arweinwyr.\n" +
		"    terms: {client: {singular: dysgwr, plural: dysgwyr}, consultant: {singular: mentor, plural: mentoriaid}}\n    home: {gave: [Hyder.]}\n    points:\n"
	for range p.Expectations.Points {
		said += "      - Cyfarfod.\n"
	}
	says(t, ran(t, "", "programme", "look", "north", "--settings", settings("cy.yaml", said), "--apply"), "Cymraeg (Rhaglen)", "reviewed by Eurwen Sample on 2026-11-30: offered")
	p, err = s.Programme(t.Context(), "north")
	if err != nil || len(p.Reads()) != 1 {
		t.Fatalf("%v, %v", p.Reads(), err)
	}
	p.Name = "Newer"
	c := s.Commit()
	c.UpdateProgramme(p)
	if err := c.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(t, ran(t, "", "programme", "look", "north"), "not offered, since what it says has changed")
	says(t, ran(t, "", "programme", "look", "north", "--settings", filepath.Join(folder, "cy.yaml"), "--apply"), ": offered")
	says(t, ran(t, "", "words", "cy"), "How it goes\nSut mae’n gweithio", "=== letters/confirm-enrolment.cy.md")

	write("bad.png", []byte("<svg/>"))
	for name, x := range map[string]struct {
		more string
		says []string
	}{
		"a light colour":   {"look: {colour: \"#ff9900\"}\n", []string{"look.colour", "too light", "the nearest"}},
		"a drawing":        {"look: {logo: {file: bad.png}}\n", []string{"look.logo.file", "bad.png", "save it as PNG"}},
		"no file":          {"look: {logo: {file: none.png}}\n", []string{"look.logo.file", "none.png"}},
		"nobody reviewed":  {"translations: [{language: cy}]\n", []string{"translations: cy", "who has reviewed it"}},
		"no such language": {"translations: [{language: xx}]\n", []string{"no language \"xx\""}},
		"a plain website":  {"origins: [http://www.example.org]\n", []string{"origins", "https"}},
	} {
		_, err := run(t, "", "programme", "look", "north", "--settings", settings("bad.yaml", x.more), "--apply")
		refuses(t, name, err, x.says...)
	}
	_, err = run(t, "", "programme", "look", "north", "--apply")
	refuses(t, "nothing to set", err, "--settings")

	trail, err := s.AuditEntries(t.Context(), store.AuditWanted{Programme: "north", Most: 10})
	if err != nil {
		t.Fatal(err)
	}
	did := make([]string, len(trail.Entries)) // the newest first
	for i, e := range trail.Entries {
		did[i] = e.Did
	}
	if want := []string{"set the programme’s translations", "set the programme’s look.buttons, look.logo, translations", "set the programme’s look.colour, look.buttons, look.logo, home.gave, origins"}; !slices.Equal(did[:min(3, len(did))], want) {
		t.Errorf("the trail says %q", did)
	}
}
