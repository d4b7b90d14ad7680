package programme

import (
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/language"
)

// Territory is where the programme takes place: its own, or the United Kingdom.
func (p *Programme) Territory() *geography.Territory { return p.Geography.Territory() }

// Nearby is from where those come with whom someone is matched, in words that
// follow "someone".
func (p *Programme) Nearby(in language.Language) string {
	where := in.Say("from your region")
	switch {
	case p.Place.Within == Online && p.Territory().IsUK():
		return in.Say("from anywhere in the UK")
	case p.Place.Within == Online:
		return in.Say("from anywhere")
	case p.Place.Within == Distance:
		where = in.Say("from within about %d kilometres", p.Place.Kilometres)
	}
	if len(p.Relax) > 0 {
		return in.Say("%s where possible", where)
	}
	return where
}

// Neighbourhood is the value that two organisations share when they are in the same area
// of competition: their region, which is as people say, or what their postcode begins
// with. Where one has given no postcode, it is the region.
func (c Competition) Neighbourhood(t *geography.Territory, postcode geography.Postcode, region string) string {
	switch {
	case c.Area == Region || postcode == "":
		return region
	case c.Area == PostcodeArea:
		return postcode.Area()
	case t.IsUK():
		return postcode.District()
	}
	d, _ := t.District(postcode)
	return d.Code
}
