package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/sector"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// The shapes of problems. All are of sector's people in the pilot's programme.
const (
	// pilot is the programme exactly as its preset has it: fair, and with relaxing.
	pilot = "pilot"
	// dense is people of one region of whom every two may be matched.
	dense = "dense"
	// sectorwide is the UK's regions, by the total and without relaxing, which is all
	// that SciPy can be asked for.
	sectorwide = "sector"
)

// problem makes so many people a side up, always the same for the same seed.
func problem(shape string, size int, seed uint64) (*matching.Problem, error) {
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		return nil, err
	}
	if shape != pilot {
		p.Objective, p.Relax = programme.Total, nil
	}
	clients, consultants := sector.People(p, size, size, rand.New(rand.NewPCG(seed, uint64(size))))
	switch shape {
	case pilot, sectorwide:
	case dense:
		for i := range clients {
			clients[i].Organisation.Region, clients[i].Organisation.Postcode = "London", programme.Postcode(fmt.Sprintf("N%d", 1+i%20))
		}
		for j := range consultants {
			consultants[j].Organisation.Region, consultants[j].Organisation.Postcode = "London", programme.Postcode(fmt.Sprintf("SE%d", 1+j%20))
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
