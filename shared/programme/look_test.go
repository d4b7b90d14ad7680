package programme

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/colour"
)

// settingsWith are the pilot's with some more lines.
func settingsWith(t *testing.T, lines string) []byte {
	t.Helper()
	settings, err := PresetText("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	return append(settings, lines...)
}

// A programme looks like its host by its settings, and by the usual ones without; a refused
// colour says why and which nearest is accepted, which it then is.
func TestColoursAreThoseOfTheSettings(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ look, main, buttons string }{
		{"", "#12436d", "#0f7a52"},
		{`colour: "#7A0019"`, "#7a0019", "#7a0019"},
		{`colour: 7a0019, buttons: "#036"`, "#7a0019", "#003366"},
		{`buttons: "#003366"`, "#12436d", "#003366"},
	} {
		p, err := Parse(settingsWith(t, "look: {"+row.look+"}\n"))
		if err != nil {
			t.Errorf("%s: %v", row.look, err)
			continue
		}
		if l := p.Look; l.Main().String() != row.main || l.OfButtons().String() != row.buttons || l.Own() != (row.look != "") {
			t.Errorf("%s: %+v", row.look, l)
		}
	}
	for look, says := range map[string][]string{
		`{colour: "#ff9900"}`:                           {"look.colour", "#ff9900 is too light", "contrast of 2.1", "4.5", "the nearest of its hue"},
		`{buttons: "#767676"}`:                          {"look.buttons", "contrast of 4.5", "tint"},
		`{colour: "sky blue"}`:                          {"look.colour", "no colour", "#12436d"},
		`{colour: "#12436d;}*{display:none"}`:           {"look.colour", "no colour"},
		"\n  colour: #12436d\n":                         {"colour has no value", "in quotes"},
		`{color: "#12436d"}`:                            {"color"},
		`{logo: {alt: A host}}`:                         {"look.logo.alt"},
		`{logo: {file: a.png, alt: "A\u0000host"}}`:     {"look.logo.alt"},
		`{logo: {file: a.png, id: abc}}`:                {"id"},
		"{logo: {file: a.png, alt: " + long(121) + "}}": {"look.logo.alt"},
	} {
		_, err := Parse(settingsWith(t, "look: "+look+"\n"))
		for _, want := range says {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", look, err, want)
			}
		}
		if err == nil || !strings.Contains(err.Error(), "the nearest") {
			continue
		}
		_, nearest, _ := strings.Cut(err.Error(), `is "`)
		if c, err := colour.Parse(strings.TrimSuffix(nearest, `"`)); err != nil || !colour.Readable(c) {
			t.Errorf("%s: the nearest is %q, %v", look, nearest, err)
		}
	}
}

func long(n int) string { return strings.Repeat("x", n) }

// A logo is a picture that was unpacked as a whole, and nothing else.
func TestLogoIsAPicture(t *testing.T) {
	t.Parallel()
	picture := func(width, height int) image.Image {
		p := image.NewRGBA(image.Rect(0, 0, width, height))
		for i := range p.Pix {
			p.Pix[i] = uint8(i * 7 % 251)
		}
		p.Set(0, 0, color.White)
		return p
	}
	as := func(p image.Image, kind string) []byte {
		var b bytes.Buffer
		var err error
		if kind == "png" {
			err = png.Encode(&b, p)
		} else {
			err = jpeg.Encode(&b, p, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for _, kind := range []string{"png", "jpeg"} {
		file := as(picture(120, 40), kind)
		p, l, err := ReadLogo(file)
		if err != nil || p.Type != "image/"+kind || !bytes.Equal(p.Data, file) || l.ID != p.ID || l.Width != 120 || l.Height != 40 || len(p.ID) != 32 {
			t.Errorf("%s: %+v, %v", kind, l, err)
		}
	}
	whole := as(picture(120, 40), "png")
	for name, row := range map[string]struct {
		file []byte
		says string
	}{
		"nothing":         {nil, "PNG or JPEG"},
		"a drawing":       {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "save it as PNG"},
		"a page":          {[]byte("<!DOCTYPE html><script>alert(1)</script>"), "PNG or JPEG"},
		"half a picture":  {whole[:len(whole)/2], "as a whole"},
		"a head alone":    {append(bytes.Clone(whole[:33]), "<script>"...), "as a whole"},
		"a dot":           {as(picture(1, 1), "png"), "16 to 2000"},
		"a banner":        {as(image.NewGray(image.Rect(0, 0, 2001, 20)), "png"), "16 to 2000"},
		"a huge one":      {as(image.NewGray(image.Rect(0, 0, 30000, 30000/8)), "png")[:1000], "16 to 2000"},
		"a photo":         {bytes.Repeat(whole, MaxLogo/len(whole)+1), "more than 50"},
		"an animated one": {[]byte("GIF89a"), "PNG or JPEG"},
	} {
		if _, _, err := ReadLogo(row.file); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v, want %q", name, err, row.says)
		}
	}
}
