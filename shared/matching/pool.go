package matching

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/bits"
	"slices"
	"sync"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/parallel"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Pool is the people of one programme, in a fixed order, made ready to be compared
// by the million: what Explain reads in words, it holds in bits.
type Pool struct {
	Programme            *programme.Programme
	Clients, Consultants []*Person
	// clientIndex and consultantIndex are their places by id.
	clientIndex, consultantIndex map[string]int32

	clientProfiles, consultantProfiles []profile
	// points are what the rules of the score give.
	points *pointTable
	// barred are, for each client, the consultants who are not possible for private
	// reasons, and wishes how much either asked for the other, by consultant, see wanted.
	barred [][]int32
	wishes []map[int32]uint8
	// words are what of each consultant counts for the score, see scan.go.
	words  []uint64
	stride int
	gates  []gate
	gains  [][3][]block // what each skill is worth, by what a need asks less 1
	unit   int          // what they count, in points
	// territory is the programme's, and groups are the consultants by region and, where
	// distance counts, by district.
	territory *geography.Territory
	groups    []group
	spansOf   map[reach][]span
}

// profile is a person in bits. What every pair is asked stands first, so that it is
// in one line of the processor's cache.
type profile struct {
	gate
	half uint16
	band uint8
	// asks and offers are a need's priority and a skill's level, by the programme's
	// order.
	offers, asks []uint8
	// kinds are the numbers of services. Where those of all people are no more than a
	// set has bits, the set says it all, and kinds is empty.
	kinds []int32
	location
}

// location is where somebody is. The district and its point are left out where distance does
// not count.
type location struct {
	region, district string
	point            geography.Point
}

// group is a run of consultants in one place.
type group struct {
	location
	from, to int32
}

// reach is whom someone can be matched with: where they are, and how many of the
// programme's relaxations they are allowed.
type reach struct {
	location
	relaxed int
}

// span is a run of consultants who are near enough, through a meeting that is
// remote where remote is set.
type span struct {
	from, to int32
	remote   bool
}

// interner numbers strings in the order in which they come, which may be another
// each time: numbers are there to be compared.
type interner struct {
	lock sync.RWMutex
	m    map[string]int32
}

func (in *interner) number(s string) int32 {
	in.lock.RLock()
	n, ok := in.m[s]
	in.lock.RUnlock()
	if ok {
		return n
	}
	in.lock.Lock()
	defer in.lock.Unlock()
	if n, ok = in.m[s]; !ok {
		if in.m == nil {
			in.m = map[string]int32{}
		}
		n = int32(len(in.m))
		in.m[s] = n
	}
	return n
}

// NewPool makes people comparable. An error names what cannot be: an id given
// twice, a supervisor or skill that is not known, more than 64 languages.
func NewPool(p *programme.Programme, clients, consultants []Person, forbidden []Pair) (*Pool, error) {
	pool := &Pool{Programme: p, points: newPointTable(&p.Weights), territory: p.Territory(), spansOf: map[reach][]span{}}
	numbers := numbers{pool: pool, programme: p, skills: map[string]int{}}
	for k, s := range p.Skills {
		numbers.skills[s.ID] = k
	}
	var errs [2]error
	parallel.Do(2, func(k int) {
		if k == 0 {
			pool.Clients = pool.inOrder(clients)
			if pool.clientIndex, errs[k] = index(pool.Clients); errs[k] == nil {
				pool.clientProfiles, errs[k] = numbers.profiles(pool.Clients, programme.Client)
			}
			return
		}
		pool.Consultants = pool.inOrder(consultants)
		if pool.consultantIndex, errs[k] = index(pool.Consultants); errs[k] == nil {
			pool.consultantProfiles, errs[k] = numbers.profiles(pool.Consultants, programme.Consultant)
		}
	})
	if err := cmp.Or(errs[0], errs[1]); err != nil {
		return nil, err
	}
	if len(numbers.of[services].m) <= 64 { // sets say it all
		for _, all := range [][]profile{pool.clientProfiles, pool.consultantProfiles} {
			for i := range all {
				all[i].kinds = nil
			}
		}
	}
	parallel.Do(2, func(k int) {
		if k == 0 {
			pool.barPrivate(forbidden)
		} else {
			pool.groupConsultants()
		}
	})
	return pool, nil
}

// groupConsultants finds the runs of consultants in one place, whom each client can reach,
// and packs what is looked up by the million.
func (pool *Pool) groupConsultants() {
	for j := range pool.consultantProfiles {
		d := &pool.consultantProfiles[j]
		if n := len(pool.groups); n == 0 || pool.groups[n-1].location != d.location {
			pool.groups = append(pool.groups, group{d.location, int32(j), int32(j)})
		}
		pool.groups[len(pool.groups)-1].to++
	}
	pool.packScores()
	for i := range pool.clientProfiles {
		for relaxed := range len(pool.Programme.Relax) + 1 {
			pool.spans(&pool.clientProfiles[i], relaxed)
		}
	}
}

// locate is where an organisation is.
func (pool *Pool) locate(o *enrolment.Organisation) location {
	if pool.Programme.Place.Within != programme.Distance {
		return location{region: o.Region}
	}
	d, _ := pool.territory.District(o.Postcode)
	return location{o.Region, d.Code, d.Point}
}

// inOrder sorts people by place, then by the fixed lottery.
func (pool *Pool) inOrder(people []Person) []*Person {
	type key struct {
		location
		ticket uint64
		person *Person
	}
	order := make([]key, len(people))
	for i := range people {
		person := &people[i]
		order[i] = key{pool.locate(&person.Organisation), ticket(person.ID), person}
	}
	slices.SortFunc(order, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.region, b.region), cmp.Compare(a.district, b.district), cmp.Compare(a.ticket, b.ticket), cmp.Compare(a.person.ID, b.person.ID))
	})
	sorted := make([]*Person, len(people))
	for k := range order {
		sorted[k] = order[k].person
	}
	return sorted
}

// ticket is somebody's number in the fixed lottery that decides between equals: a
// hash of the id, so that no letter of the alphabet is better off.
func ticket(id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(id))
	return mix(h.Sum64())
}

// mix spreads the bits of a number (Stafford's variant 13 of MurmurHash3's finisher).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// numbers turns the words of a programme into numbers.
type numbers struct {
	pool      *Pool
	programme *programme.Programme
	skills    map[string]int
	of        [factKinds]interner
	areas     interner
}

func (n *numbers) profiles(people []*Person, role programme.Role) ([]profile, error) {
	width := len(n.programme.Skills)
	all := make([]profile, len(people))
	levels := make([]uint8, 2*width*len(people))
	for i := range people {
		person, f := people[i], &all[i]
		organisation := &person.Organisation
		f.location = n.pool.locate(organisation)
		f.competition = n.areas.number(n.programme.Competition.Neighbourhood(n.pool.territory, organisation.Postcode, organisation.Region))
		f.band = uint8(programme.Band(organisation.Income))
		for k, h := range enrolment.HalfDays {
			if slices.Contains(person.Availability, h.ID) {
				f.half |= 1 << k
			}
		}
		f.asks, f.offers, levels = levels[:width:width], levels[width:2*width:2*width], levels[2*width:]
		for _, side := range [...]struct {
			into []uint8
			from map[string]int
		}{{f.asks, person.Needs}, {f.offers, person.Skills}} {
			for id, level := range side.from {
				k, ok := n.skills[id]
				if !ok {
					continue // the programme dropped it
				}
				if level < 0 || level > mostLevel {
					return nil, fmt.Errorf("%q: the level of %s is %d, not 0 to %d", person.ID, id, level, mostLevel)
				}
				side.into[k] = uint8(level)
			}
		}
		for k := range criteria {
			row := &criteria[k]
			if row.set == nil {
				continue
			}
			set, err := row.set(n, person, role, f)
			if err != nil {
				return nil, err
			}
			f.sets[row.compares] = set
		}
	}
	return all, nil
}

// barPrivate finds the pairs that are not possible for reasons that stay private,
// and those that were asked for.
func (pool *Pool) barPrivate(forbidden []Pair) {
	n := len(pool.Clients)
	pool.barred, pool.wishes = make([][]int32, n), make([]map[int32]uint8, n)
	bar := func(i, j int32) { pool.barred[i] = append(pool.barred[i], j) }

	index := organisation.NewIndex(len(pool.Consultants) + n)
	for _, side := range [][]*Person{pool.Consultants, pool.Clients} {
		for _, person := range side {
			o := &person.Organisation
			index.Add(o.Name, o.Number, string(o.Postcode), o.Joined...)
		}
	}
	firstClient := int32(len(pool.Consultants))
	bidders := bidders(pool.Consultants)
	for i := range pool.Clients {
		client := pool.Clients[i]
		away := index.Same(int(firstClient) + i)
		for _, entry := range client.Conflicts {
			// Whoever may be meant is kept away, too, until a coordinator has said otherwise.
			named, near := index.Settled(entry, organisation.SettledFor(entry, client.Settled))
			away = append(append(away, named...), near...)
		}
		away = append(append(away, funders(client, index)...), bidders.rivals(client)...)
		for _, j := range away {
			if j < firstClient {
				bar(int32(i), j)
			}
		}
		for _, id := range append(enrolment.IDs(enrolment.PersonOf(client.ID)), client.Declined...) { // nobody with themselves
			if j, ok := pool.consultantIndex[id]; ok {
				bar(int32(i), j)
			}
		}
		for k, id := range client.Preferences {
			if j, ok := pool.consultantIndex[id]; ok && wanted(client.Preferences, id) == 3-k {
				pool.want(int32(i), j, 3-k)
			}
		}
	}
	for j := range pool.Consultants {
		consultant := pool.Consultants[j]
		for _, entry := range consultant.Conflicts {
			named, near := index.Settled(entry, organisation.SettledFor(entry, consultant.Settled))
			for _, i := range append(named, near...) {
				if i >= firstClient {
					bar(i-firstClient, int32(j))
				}
			}
		}
		for _, i := range funders(consultant, index) {
			if i >= firstClient {
				bar(i-firstClient, int32(j))
			}
		}
		for _, id := range consultant.Declined {
			if i, ok := pool.clientIndex[id]; ok {
				bar(i, int32(j))
			}
		}
		for k, id := range consultant.Preferences {
			if i, ok := pool.clientIndex[id]; ok && wanted(consultant.Preferences, id) == 3-k {
				pool.want(i, int32(j), 3-k)
			}
		}
	}
	for _, f := range forbidden {
		i, ok := pool.clientIndex[f.Client]
		j, also := pool.consultantIndex[f.Consultant]
		if ok && also {
			bar(i, j)
		}
	}
	for i := range pool.barred {
		slices.Sort(pool.barred[i])
		pool.barred[i] = slices.Compact(pool.barred[i])
	}
}

// want notes how much one of a pair asked for the other, where that counts.
func (pool *Pool) want(i, j int32, steps int) {
	if pool.points.wishes[steps] == 0 {
		return
	}
	if pool.wishes[i] == nil {
		pool.wishes[i] = map[int32]uint8{}
	}
	pool.wishes[i][j] += uint8(steps)
}

// index maps ids to places.
func index(people []*Person) (map[string]int32, error) {
	m := make(map[string]int32, len(people))
	for i, person := range people {
		if _, twice := m[person.ID]; twice || person.ID == "" {
			return nil, fmt.Errorf("the id %q is empty or given twice", person.ID)
		}
		m[person.ID] = int32(i)
	}
	return m, nil
}

// spans are the consultants who are near enough for a client with so many of the
// programme's relaxations.
func (pool *Pool) spans(c *profile, relaxed int) []span {
	key := reach{c.location, relaxed}
	if all, ok := pool.spansOf[key]; ok {
		return all
	}
	var all []span
	for _, g := range pool.groups {
		ok, far := pool.placed(&c.location, &g.location, relaxed)
		if n := len(all); ok && n > 0 && all[n-1].to == g.from && all[n-1].remote == far {
			all[n-1].to = g.to
		} else if ok {
			all = append(all, span{g.from, g.to, far})
		}
	}
	pool.spansOf[key] = all
	return all
}

// placed reports whether two places are near enough with the first of the
// programme's relaxations, and whether only by meeting remotely.
func (pool *Pool) placed(a, b *location, relaxed int) (ok, far bool) {
	if nearEnough(pool.Programme.Place, a, b) {
		return true, false
	}
	online := pool.Programme.Place.Within == programme.Online
	for _, r := range pool.Programme.Relax[:relaxed] {
		if r == programme.Neighbouring && pool.territory.Border(a.region, b.region) {
			return true, false
		}
		online = online || r == programme.Online
	}
	return online, online
}

func nearEnough(p programme.Place, a, b *location) bool {
	if p.Within == programme.Distance {
		return a.point.Within(b.point, float64(p.Kilometres))
	}
	return a.region == b.region
}

// Relaxed is which relaxation a pair needs to meet, "" for none that it needs.
func (pool *Pool) Relaxed(i, j int) programme.Within {
	if k := pool.needs(i, j); k > 0 {
		return pool.Programme.Relax[k-1]
	}
	return ""
}

// needs is how many of the programme's relaxations a pair needs to meet, 0 also
// where all of them are not enough.
func (pool *Pool) needs(i, j int) int {
	for k := range len(pool.Programme.Relax) + 1 {
		if check := pool.check(i, j, k); check.near && check.client.share(check.consultant, meetings) {
			return k
		}
	}
	return 0
}

// check is a pair to check, with the first of the programme's relaxations.
func (pool *Pool) check(i, j, relaxed int) checked {
	c, d := &pool.clientProfiles[i], &pool.consultantProfiles[j]
	pair := checked{pool: pool, i: int32(i), j: int32(j), client: c.gate, consultant: &d.gate}
	pair.near = c.region == d.region && pool.Programme.Place.Within != programme.Distance
	if !pair.near {
		far := false
		if pair.near, far = pool.placed(&c.location, &d.location, relaxed); far {
			pair.client = pair.client.remotely()
		}
	}
	return pair
}

// RuledOut is the first criterion that a pair does not meet with the first of the
// programme's relaxations, or "" for an eligible pair.
func (pool *Pool) RuledOut(i, j, relaxed int) Criterion {
	check := pool.check(i, j, relaxed)
	if check.near && pool.eligible(&check.client, check.i, check.j) {
		return ""
	}
	for k := range criteria {
		if !criteria[k].holds(check) {
			return criteria[k].Criterion
		}
	}
	return ""
}

// eligible reports whether two who are near enough meet all criteria. The client's gate
// says in which ways they can meet, so far from each other.
func (pool *Pool) eligible(client *gate, i, j int32) bool {
	return client.meets(&pool.gates[j]) && !pool.compete(i, j) && !pool.isBarred(i, j)
}

// compete reports whether two organisations share a kind of service in one area.
func (pool *Pool) compete(i, j int32) bool {
	return pool.clientProfiles[i].competition == pool.gates[j].competition && pool.overlap(i, j)
}

func (pool *Pool) isBarred(i, j int32) bool {
	b := pool.barred[i]
	if len(b) == 0 {
		return false
	}
	_, found := slices.BinarySearch(b, j)
	return found
}

// overlap reports whether two people's organisations share a kind of service.
func (pool *Pool) overlap(i, j int32) bool {
	c := &pool.clientProfiles[i]
	if !c.share(&pool.gates[j], services) {
		return false
	}
	if len(c.kinds) == 0 {
		return true
	}
	for _, kind := range pool.consultantProfiles[j].kinds {
		if slices.Contains(c.kinds, kind) {
			return true
		}
	}
	return false
}

// Score is what Explain's points add up to.
func (pool *Pool) Score(i, j int) int {
	c, d, t := &pool.clientProfiles[i], &pool.consultantProfiles[j], pool.points
	sum := 0
	for met := c.sets[skills] & d.sets[skills]; met != 0; met &= met - 1 {
		k := bits.TrailingZeros64(met)
		sum += t.need[c.asks[k]&mostLevel][d.offers[k]&mostLevel][c.offers[k]&mostLevel]
	}
	sum += t.besides(c, d.half, d.band) + t.services[0]
	if pool.overlap(int32(i), int32(j)) {
		sum += t.services[1] - t.services[0]
	}
	if pool.wishes[i] != nil {
		sum += t.wishes[pool.wishes[i][int32(j)]]
	}
	return sum
}

// besides are the points of a client with a consultant that neither skills nor
// services nor wishes give.
func (t *pointTable) besides(c *profile, half uint16, band uint8) int {
	return t.halfDays[bits.OnesCount16(c.half&half)] + t.bands[c.band&7][band&7]
}
