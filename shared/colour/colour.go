// Package colour reads the colours that a host gives its programme, and says whether text in
// them can be read: by the contrast of WCAG 2.2, computed and never guessed.
package colour

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// RGB is a colour of sRGB, a byte each for red, green and blue.
type RGB struct{ R, G, B uint8 }

// White is the page, and text on what has a colour.
var White = RGB{255, 255, 255}

// Parse reads a colour as style guides give it: #12436d, 12436D or the short #14d.
func Parse(s string) (RGB, error) {
	digits := strings.TrimPrefix(strings.TrimSpace(s), "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || len(digits) != 6 {
		return RGB{}, fmt.Errorf("%q is no colour: write it like \"#12436d\", six digits from 0 to f after the #", s)
	}
	return RGB{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
}

// String is the colour as style sheets and emails take it, such as #12436d.
func (c RGB) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Luminance is the relative luminance of WCAG 2.2, from 0 for black to 1 for white:
// https://www.w3.org/TR/WCAG22/#dfn-relative-luminance.
func (c RGB) Luminance() float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// linear is the intensity of a byte of sRGB, from 0 to 1.
func linear(b uint8) float64 {
	v := float64(b) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// Contrast is the contrast ratio of WCAG 2.2 between two colours, from 1 to 21.
func Contrast(a, b RGB) float64 {
	l, d := a.Luminance(), b.Luminance()
	return (max(l, d) + 0.05) / (min(l, d) + 0.05)
}

// Text is the least contrast of text (WCAG 2.2 AA, 1.4.3).
const Text = 4.5

// Tint is a tenth of a colour on white: what a panel with dark text stands on.
func (c RGB) Tint() RGB { return c.mix(White, 0.1) }

// Shade is the colour with a share of black, from 0 to 1: a button's under the pointer.
func (c RGB) Shade(black float64) RGB { return c.mix(RGB{}, 1-black) }

// mix is a share of c in another colour.
func (c RGB) mix(other RGB, share float64) RGB {
	part := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*share + float64(b)*(1-share))) }
	return RGB{part(c.R, other.R), part(c.G, other.G), part(c.B, other.B)}
}

// Readable reports whether white text can be read on a colour, and text in it on white, on
// its own tint, and on the grey of the footer.
func Readable(c RGB) bool {
	return Contrast(c, White) >= Text && Contrast(c, c.Tint()) >= Text && Contrast(c, footer) >= Text
}

// footer is the grey on which a page ends, as in the style sheet.
var footer = RGB{0xf3, 0xf2, 0xf1}

// Nearest is the nearest readable colour of the same hue: a colour that is not readable is too
// light, so that it is made darker, in Oklab, where equal steps look equal
// (https://bottosson.github.io/posts/oklab/). One that is readable is its own nearest.
func Nearest(c RGB) RGB {
	if Readable(c) {
		return c
	}
	lightness, a, b := c.oklab()
	const steps = 1000
	for i := steps - 1; i > 0; i-- {
		// What is near black or white has little colour: it goes with the lightness.
		k := float64(i) / steps
		if n := fromOklab(lightness*k, a*k, b*k); Readable(n) {
			return n
		}
	}
	return RGB{}
}

// oklab is the colour's lightness from 0 to 1, and how green or red and how blue or yellow.
func (c RGB) oklab() (lightness, a, b float64) {
	r, g, bl := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*bl)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*bl)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*bl)
	return 0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s
}

// fromOklab is the colour, with what no screen shows cut off.
func fromOklab(lightness, a, b float64) RGB {
	l, m, s := lightness+0.3963377774*a+0.2158037573*b, lightness-0.1055613458*a-0.0638541728*b, lightness-0.0894841775*a-1.2914855480*b
	l, m, s = l*l*l, m*m*m, s*s*s
	return RGB{
		encoded(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		encoded(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		encoded(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
	}
}

// encoded is the byte of sRGB of an intensity.
func encoded(v float64) uint8 {
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return uint8(math.Round(min(max(v, 0), 1) * 255))
}
