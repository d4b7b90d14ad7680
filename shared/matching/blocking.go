package matching

import (
	"cmp"
	"slices"
)

// Block is a blocking pair: two people who may work together, do not, and would
// both rather. Positions count from 1, the most wanted; 0 is nobody, or somebody
// who is not on the list.
type Block struct {
	Client     string `firestore:"client" json:"client"`
	Consultant string `firestore:"consultant" json:"consultant"`
	// Wants is the consultant's position on the client's list. Instead the client has
	// Has, at the position HasAt, or "" for nobody.
	Wants int    `firestore:"wants" json:"wants"`
	Has   string `firestore:"has" json:"has,omitempty"`
	HasAt int    `firestore:"hasAt" json:"hasAt,omitempty"`
	// Wanted is the client's position on the consultant's list. In their stead the
	// consultant works with InStead, at the position InSteadAt, the least wanted of
	// theirs; "" where the consultant has a place that is free.
	Wanted    int    `firestore:"wanted" json:"wanted"`
	InStead   string `firestore:"inStead" json:"inStead,omitempty"`
	InSteadAt int    `firestore:"inSteadAt" json:"inSteadAt,omitempty"`
}

// Blocking are the blocking pairs of a solution, by the preferences that people
// stated, in the order of the clients' ids and of their lists. A matching without
// any is stable, as Gale and Shapley define it (The American Mathematical Monthly
// 69, 1962), here with capacities.
//
// Somebody who is on no list is wanted less than all who are, so that both must
// have named each other. Whoever is unmatched, and a consultant with a free place,
// would rather have anyone they named. A place is free while the consultant's
// supervisor has one too. Only eligible pairs count, with what the client was
// allowed beyond the programme's place.
func (s *Solution) Blocking() []Block {
	pool := s.Pool
	consultant := pool.consultantIndex
	at := s.consultants()
	places := slices.Clone(s.Capacity)
	supervision := slices.Clone(s.SupervisorCapacity)
	// worst is each consultant's least wanted client.
	worst := make([]int, len(pool.Consultants))
	for j := range worst {
		worst[j] = -1
	}
	for i, j := range at {
		if j < 0 {
			continue
		}
		if s.Pinned[i] < 0 { // the places of the others are taken out already
			places[j]--
			if t := s.Supervisor[j]; t >= 0 {
				supervision[t]--
			}
		}
		list := pool.Consultants[j].Preferences
		if w := worst[j]; w < 0 || wantedLess(list, pool.Clients[i].ID, pool.Clients[w].ID) {
			worst[j] = i
		}
	}
	var blocks []Block
	for i := range pool.Clients {
		client := pool.Clients[i]
		has := ""
		if at[i] >= 0 {
			has = pool.Consultants[at[i]].ID
		}
		hasAt := position(client.Preferences, has)
		for k, id := range client.Preferences {
			j, ok := consultant[id]
			if !ok || position(client.Preferences, id) != k+1 {
				continue
			}
			if hasAt > 0 && k+1 >= hasAt {
				break
			}
			consultant := pool.Consultants[j]
			b := Block{Client: client.ID, Consultant: id, Wants: k + 1, Has: has, HasAt: hasAt, Wanted: position(consultant.Preferences, client.ID)}
			if b.Wanted == 0 || pool.RuledOut(i, int(j), int(s.Relaxed[i])) != "" {
				continue
			}
			if t := s.Supervisor[j]; places[j] <= 0 || t >= 0 && supervision[t] <= 0 {
				w := worst[j]
				if w < 0 || !wantedLess(consultant.Preferences, pool.Clients[w].ID, client.ID) {
					continue
				}
				b.InStead, b.InSteadAt = pool.Clients[w].ID, position(consultant.Preferences, pool.Clients[w].ID)
			}
			blocks = append(blocks, b)
		}
	}
	slices.SortFunc(blocks, func(a, b Block) int { return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Wants, b.Wants)) })
	return blocks
}

// position is somebody's place on a list, from 1, or 0.
func position(list []string, id string) int { return slices.Index(list, id) + 1 }

// wantedLess reports whether the first is wanted less than the second: lower on
// the list, or not on it when the second is. Of two that are not, the greater id,
// so that the order is fixed.
func wantedLess(list []string, a, b string) bool {
	x, y := position(list, a), position(list, b)
	if x == 0 && y == 0 {
		return a > b
	}
	return x == 0 || y > 0 && x > y
}

// consultants are who each client of the pool is matched with, by place, or -1.
func (s *Solution) consultants() []int {
	client, consultant := s.Pool.clientIndex, s.Pool.consultantIndex
	at := make([]int, len(s.Pool.Clients))
	for i := range at {
		at[i] = -1
	}
	for _, m := range s.Matches {
		at[client[m.Client]] = int(consultant[m.Consultant])
	}
	return at
}
