package colour

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func any(t *rapid.T) RGB {
	return RGB{rapid.Byte().Draw(t, "red"), rapid.Byte().Draw(t, "green"), rapid.Byte().Draw(t, "blue")}
}

func TestColoursAreReadAsStyleGuidesGiveThem(t *testing.T) {
	for s, want := range map[string]RGB{"#12436d": {0x12, 0x43, 0x6d}, "12436D": {0x12, 0x43, 0x6d}, " #14d ": {0x11, 0x44, 0xdd}, "000": {}} {
		if got, err := Parse(s); err != nil || got != want {
			t.Errorf("%q is %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "#", "blue", "#12345", "#1234567", "rgb(1,2,3)", "#12436g", "+12436", "-2436d", "#1_2_36", "##12436d", "#12436d;}body{"} {
		if got, err := Parse(s); err == nil {
			t.Errorf("%q is read as %v", s, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := any(t)
		if got, err := Parse(c.String()); err != nil || got != c {
			t.Errorf("%v is read as %v, %v", c, got, err)
		}
	})
}

// The ratios that the W3C's and others' checkers give.
func TestContrastIsThatOfWCAG(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want float64
	}{
		{"#000", "#fff", 21}, {"#fff", "#fff", 1}, {"#777777", "#ffffff", 4.48}, {"#767676", "#ffffff", 4.54},
		{"#ff0000", "#ffffff", 4.00}, {"#0000ff", "#ffffff", 8.59}, {"#0b0c0c", "#f3f2f1", 17.52}, {"#ffdd00", "#0b0c0c", 14.55},
	} {
		a, _ := Parse(row.a)
		b, _ := Parse(row.b)
		if got := Contrast(a, b); math.Abs(got-row.want) > 0.01 || got != Contrast(b, a) {
			t.Errorf("%s on %s: %.3f, want %.2f", row.a, row.b, got, row.want)
		}
	}
}

// What is accepted can be read wherever it is used, and whatever is refused has a nearest that
// is not: darker, and of its hue as far as a screen shows it.
func TestNearestCanBeReadEverywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := any(t)
		n := Nearest(c)
		if Readable(c) && n != c {
			t.Fatalf("%v can be read, and becomes %v", c, n)
		}
		for _, on := range []RGB{White, n.Tint(), footer} {
			if got := Contrast(n, on); got < Text {
				t.Errorf("%v becomes %v: %.2f on %v", c, n, got, on)
			}
		}
		if n.Luminance() > c.Luminance()+1e-9 {
			t.Errorf("%v becomes the lighter %v", c, n)
		}
		if !Readable(c) && Contrast(n, footer) > Text+0.6 {
			t.Errorf("%v becomes %v, at %.2f: darker than it needs to be", c, n, Contrast(n, footer))
		}
		_, a, b := c.oklab()
		_, na, nb := n.oklab()
		if grey := math.Hypot(na, nb) < 0.03; !grey {
			if turned := math.Abs(math.Atan2(na*b-nb*a, a*na+b*nb)); turned > 0.35 {
				t.Errorf("%v becomes %v: another hue, by %.2f", c, n, turned)
			}
		}
	})
}
