package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/sector"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// The shapes of problems. All are of people in the pilot's programme.
const (
	// sectorwide is the sector's people, in the UK's regions.
	sectorwide = "sector"
	// dense is people of one region of whom every two may be matched.
	dense = "dense"
)

// The settings of problems.
const (
	// total has the most matched and the highest total, without relaxing, which is all
	// that SciPy can be asked for.
	total = "total"
	// shipped are the presets' own: fair to the worst-off first, and those for whom
	// nobody is left are allowed what the programme names next.
	shipped = "shipped"
)

// settingsInWords are for the report.
var settingsInWords = map[string]string{total: "total, no relaxing", shipped: "fair, relaxing (the presets)"}

// problem makes so many people a side up, always the same for the same seed.
func problem(shape, settings string, size int, seed uint64) (*matching.Problem, error) {
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		return nil, err
	}
	switch settings {
	case total:
		p.Objective, p.Relax = programme.Total, nil
	case shipped:
	default:
		return nil, fmt.Errorf("there are no settings %q", settings)
	}
	clients, consultants := sector.People(p, size, size, rand.New(rand.NewPCG(seed, uint64(size))))
	switch shape {
	case sectorwide:
	case dense:
		for i := range clients {
			clients[i].Organisation.Region, clients[i].Organisation.Postcode = "London", geography.Postcode(fmt.Sprintf("N%d", 1+i%20))
		}
		for j := range consultants {
			consultants[j].Organisation.Region, consultants[j].Organisation.Postcode = "London", geography.Postcode(fmt.Sprintf("SE%d", 1+j%20))
			for _, s := range p.Skills {
				if consultants[j].Skills[s.ID] == 0 {
					consultants[j].Skills[s.ID] = 1
				}
			}
		}
	default:
		return nil, fmt.Errorf("there is no shape %q", shape)
	}
	return &matching.Problem{Programme: p, Clients: clients, Consultants: consultants}, nil
}
