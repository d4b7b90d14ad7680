package programme

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/jpeg" // which a logo may be
	_ "image/png"  // which a logo may be

	"github.com/goccy/go-yaml/ast"

	"github.com/cascading-leadership/cascade/shared/colour"
)

// Look is how a programme's pages and letters look: like its host's own.
type Look struct {
	// Colour is that of the band at the top, of panels, and of links in letters, such as
	// #12436d; "" is the usual one.
	Colour string `firestore:"colour,omitempty" yaml:"colour,omitempty"`
	// Buttons is that of the buttons; left out, Colour.
	Buttons string `firestore:"buttons,omitempty" yaml:"buttons,omitempty"`
	Logo    Logo   `firestore:"logo,omitempty" yaml:"logo,omitempty"`
}

// Logo is the host's logo; the picture itself is a document of its own.
type Logo struct {
	// File is where it is read from, beside the file of the settings.
	File string `firestore:"-" yaml:"file,omitempty"`
	// Alt says in words what it shows; left out, the host's name.
	Alt string `firestore:"alt,omitempty" yaml:"alt,omitempty"`
	// ID names the picture, "" where there is none, and Width and Height are its pixels.
	ID     string `firestore:"id,omitempty" yaml:"-"`
	Width  int    `firestore:"width,omitempty" yaml:"-"`
	Height int    `firestore:"height,omitempty" yaml:"-"`
}

// UsualColour is that of a programme that sets none, and UsualButtons that of its buttons.
var (
	UsualColour  = colour.RGB{R: 0x12, G: 0x43, B: 0x6d}
	UsualButtons = colour.RGB{R: 0x0f, G: 0x7a, B: 0x52}
)

// Own reports whether colours are set.
func (l Look) Own() bool { return l.Colour != "" || l.Buttons != "" }

// Main is the colour of the band at the top.
func (l Look) Main() colour.RGB { return or(l.Colour, UsualColour) }

// OfButtons is the colour of buttons.
func (l Look) OfButtons() colour.RGB {
	if l.Buttons == "" && l.Colour != "" {
		return l.Main()
	}
	return or(l.Buttons, UsualButtons)
}

func or(set string, usual colour.RGB) colour.RGB {
	if c, err := colour.Parse(set); err == nil {
		return c
	}
	return usual
}

// LogoText is what the logo shows, in words.
func (p *Programme) LogoText() string {
	if p.Look.Logo.Alt != "" {
		return p.Look.Logo.Alt
	}
	return p.Host.Name
}

// check says what is wrong with a look, and of a colour that cannot be read which is nearest.
func (l Look) check() error {
	for _, set := range []struct{ name, value string }{{"colour", l.Colour}, {"buttons", l.Buttons}} {
		if set.value == "" {
			continue
		}
		c, err := colour.Parse(set.value)
		if err != nil {
			return fmt.Errorf("programme: look.%s: %w", set.name, err)
		}
		if colour.Readable(c) {
			continue
		}
		return fmt.Errorf("programme: look.%s: %s is too light: white text on it has a contrast of %.1f, and text in it has %.1f on its own tint, and %.1f are needed (WCAG 2.2 AA); the nearest of its hue that can be read is \"%s\"",
			set.name, c, colour.Contrast(c, colour.White), colour.Contrast(c, c.Tint()), colour.Text, colour.Nearest(c))
	}
	if l.Logo.Alt != "" && l.Logo.File == "" && l.Logo.ID == "" {
		return fmt.Errorf("programme: look.logo.alt belongs to a look.logo.file")
	}
	if !Plain(l.Logo.Alt) || len([]rune(l.Logo.Alt)) > longestAlt {
		return fmt.Errorf("programme: look.logo.alt is a text of up to %d characters on one line", longestAlt)
	}
	return nil
}

// longestAlt is how long the words for a logo may be: who hears a page hears them on each.
const longestAlt = 120

// tidy writes the colours in one way.
func (l *Look) tidy() {
	for _, set := range []*string{&l.Colour, &l.Buttons} {
		if c, err := colour.Parse(*set); err == nil {
			*set = c.String()
		}
	}
}

// commented finds a colour that YAML takes for a comment, since it begins with a #.
type commented struct{ err *error }

// Visit implements ast.Visitor.
func (c commented) Visit(n ast.Node) ast.Visitor {
	if v, ok := n.(*ast.MappingValueNode); ok {
		key := v.Key.String()
		if _, null := v.Value.(*ast.NullNode); null && (key == "colour" || key == "buttons") {
			*c.err = fmt.Errorf("[%d:%d] %s has no value: a # begins a comment, so write a colour in quotes, like \"%s\"", v.Key.GetToken().Position.Line, v.Key.GetToken().Position.Column, key, UsualColour)
		}
	}
	return c
}

// Picture is a logo as it is stored and shown.
type Picture struct {
	// ID is a hash of what it holds, by which browsers keep it for ever.
	ID string `firestore:"-"`
	// Type is the media type, image/png or image/jpeg.
	Type string `firestore:"type"`
	Data []byte `firestore:"data"`
}

// Bounds of a logo: bytes, since each page shows it, and pixels, since each browser and mail
// program unpacks it.
const (
	MaxLogo   = 50 << 10
	logoLeast = 16
	logoMost  = 2000
)

// ReadLogo is the picture that a file holds, and what the programme says of it. It is unpacked
// as a whole, so that what is shown is a picture and nothing else: a drawing in SVG can carry
// script, and mail programs show none.
func ReadLogo(file []byte) (*Picture, Logo, error) {
	if len(file) > MaxLogo {
		return nil, Logo{}, fmt.Errorf("the logo has %d kB, more than %d: save it smaller, 400 pixels wide are plenty", (len(file)+1023)>>10, MaxLogo>>10)
	}
	size, kind, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, Logo{}, fmt.Errorf("the logo is no PNG or JPEG, which all browsers and mail programs show: save it as PNG")
	}
	if side := max(size.Width, size.Height); min(size.Width, size.Height) < logoLeast || side > logoMost {
		return nil, Logo{}, fmt.Errorf("the logo has %d × %d pixels: each side has %d to %d", size.Width, size.Height, logoLeast, logoMost)
	}
	if _, _, err := image.Decode(bytes.NewReader(file)); err != nil {
		return nil, Logo{}, fmt.Errorf("the logo cannot be shown as a whole: save it again")
	}
	sum := sha256.Sum256(file)
	p := &Picture{ID: hex.EncodeToString(sum[:16]), Type: "image/" + kind, Data: file}
	return p, Logo{ID: p.ID, Width: size.Width, Height: size.Height}, nil
}
