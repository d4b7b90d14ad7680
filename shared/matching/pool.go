package matching

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/bits"
	"slices"
	"sync"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Pool is the people of one programme, in a fixed order, made ready to be compared
// by the million: what Explain reads in words, it holds in bits.
type Pool struct {
	Programme            *programme.Programme
	Clients, Consultants []*Person
	// client and consultant are their places by id.
	client, consultant map[string]int32

	c, d []profile
	// barred are, for each client, the consultants who are not possible for private
	// reasons, and wanted the points for those who were asked for, by consultant.
	barred [][]int32
	wanted []map[int32]int32
	// words are what of each consultant counts for the score, see scan.go.
	words  []uint64
	stride int
	gates  []gate
	gains  [][3][]block // what each skill is worth, by what a need asks less 1
	unit   int          // what they count, in points
	// groups are the consultants by region and postcode area.
	groups []group
	near   map[reach][]span
}

// profile is a person in bits. What every pair is asked stands first, so that it is
// in one line of the processor's cache.
type profile struct {
	// competition is the area of competition; kinds the categories at its level.
	competition int32
	half        uint16
	band        uint8
	meeting     uint8
	// mask holds a bit for each of kinds, by its number modulo 64. Where they are no
	// more than that, it says which, and kinds is empty.
	mask      uint64
	languages uint64
	// asks and offers are a need's priority and a skill's level, by the programme's
	// order; has are the bits of those above 0 that count in the person's role.
	has          uint64
	offers, asks []uint8
	kinds        []int32
	region, area string
}

// group is a run of consultants in one region and, where distance counts, one
// postcode area.
type group struct {
	region, area string
	from, to     int32
}

// reach is whom someone can be matched with: where they are, and how many of the
// programme's relaxations they are allowed.
type reach struct {
	region, area string
	relaxed      int
}

// span is a run of consultants who are near enough, through a meeting that is
// remote where remote is set.
type span struct {
	from, to int32
	remote   bool
}

// remote are the bits of the ways of meeting that need no travel, by their place
// in enrolment.Meetings.
const remote uint8 = 1<<1 | 1<<2

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
	pool := &Pool{Programme: p, near: map[reach][]span{}}
	numbers := numbers{skills: map[string]int{}}
	for k, s := range p.Skills {
		numbers.skills[s.ID] = k
	}
	var errs [2]error
	inParallel(2, func(k int) {
		if k == 0 {
			pool.Clients = inOrder(clients)
			if pool.client, errs[k] = index(pool.Clients); errs[k] == nil {
				pool.c, errs[k] = numbers.profiles(p, pool.Clients, programme.Client)
			}
			return
		}
		pool.Consultants = inOrder(consultants)
		if pool.consultant, errs[k] = index(pool.Consultants); errs[k] == nil {
			pool.d, errs[k] = numbers.profiles(p, pool.Consultants, programme.Consultant)
		}
	})
	if err := cmp.Or(errs[0], errs[1]); err != nil {
		return nil, err
	}
	if len(numbers.kinds.m) <= 64 { // masks say it all
		for _, all := range [][]profile{pool.c, pool.d} {
			for i := range all {
				all[i].kinds = nil
			}
		}
	}
	inParallel(2, func(k int) {
		if k == 0 {
			pool.private(forbidden)
		} else {
			pool.group()
		}
	})
	return pool, nil
}

// group finds the runs of consultants in one place, whom each client can reach,
// and packs what is looked up by the million.
func (pool *Pool) group() {
	for j := range pool.d {
		d := &pool.d[j]
		area := ""
		if pool.Programme.Place.Within == programme.Distance {
			area = d.area
		}
		if n := len(pool.groups); n == 0 || pool.groups[n-1].region != d.region || pool.groups[n-1].area != area {
			pool.groups = append(pool.groups, group{d.region, area, int32(j), int32(j)})
		}
		pool.groups[len(pool.groups)-1].to++
	}
	pool.pack()
	for i := range pool.c {
		for relaxed := range len(pool.Programme.Relax) + 1 {
			pool.spans(&pool.c[i], relaxed)
		}
	}
}

// inOrder sorts people by place, then by the fixed lottery.
func inOrder(people []Person) []*Person {
	type key struct {
		region, area string
		ticket       uint64
		person       *Person
	}
	order := make([]key, len(people))
	for i := range people {
		x := &people[i]
		order[i] = key{x.Organisation.Region, x.Organisation.Postcode.Area(), ticket(x.ID), x}
	}
	slices.SortFunc(order, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.region, b.region), cmp.Compare(a.area, b.area), cmp.Compare(a.ticket, b.ticket), cmp.Compare(a.person.ID, b.person.ID))
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
	skills                  map[string]int
	languages, kinds, areas interner
}

func (n *numbers) profiles(p *programme.Programme, people []*Person, role programme.Role) ([]profile, error) {
	width := len(p.Skills)
	all := make([]profile, len(people))
	levels := make([]uint8, 2*width*len(people))
	for i := range people {
		x, f := people[i], &all[i]
		o := &x.Organisation
		f.region, f.area = o.Region, o.Postcode.Area()
		f.competition = n.areas.number(o.Postcode.Neighbourhood(p.Competition.Area))
		if o.Postcode == "" {
			f.competition = n.areas.number(o.Region)
		}
		for _, k := range kinds(p, o.Categories) {
			f.kinds = append(f.kinds, n.kinds.number(k))
			f.mask |= 1 << (f.kinds[len(f.kinds)-1] % 64)
		}
		f.band = uint8(programme.Band(o.Income))
		for k, h := range enrolment.HalfDays {
			if slices.Contains(x.Availability, h.ID) {
				f.half |= 1 << k
			}
		}
		for k, m := range enrolment.Meetings {
			if len(x.Meeting) == 0 || slices.Contains(x.Meeting, m.ID) {
				f.meeting |= 1 << k
			}
		}
		languages := x.Languages
		if len(languages) == 0 {
			languages = english
		}
		for _, l := range languages {
			k := n.languages.number(l)
			if k >= 64 {
				return nil, fmt.Errorf("%q: more than 64 languages", x.ID)
			}
			f.languages |= 1 << k
		}
		f.asks, f.offers, levels = levels[:width:width], levels[width:2*width:2*width], levels[2*width:]
		for into, from := range map[*[]uint8]map[string]int{&f.asks: x.Needs, &f.offers: x.Skills} {
			for id, level := range from {
				k, ok := n.skills[id]
				if !ok {
					continue // the programme dropped it
				}
				if level < 0 || level > 3 {
					return nil, fmt.Errorf("%q: the level of %s is %d, not 0 to 3", x.ID, id, level)
				}
				(*into)[k] = uint8(level)
			}
		}
		counts := f.offers
		if role == programme.Client {
			counts = f.asks
		}
		for k, level := range counts {
			if level > 0 {
				f.has |= 1 << k
			}
		}
	}
	return all, nil
}

var english = []string{"English"}

// private finds the pairs that are not possible for reasons that stay private,
// and those that were asked for.
func (pool *Pool) private(forbidden []Pair) {
	n := len(pool.Clients)
	pool.barred, pool.wanted = make([][]int32, n), make([]map[int32]int32, n)
	client, consultant := pool.client, pool.consultant
	bar := func(i, j int32) { pool.barred[i] = append(pool.barred[i], j) }

	named := func(people []*Person) map[string][]int32 {
		m := map[string][]int32{}
		for i := range people {
			for _, k := range organisationKeys(people[i].Organisation) {
				m[k] = append(m[k], int32(i))
			}
		}
		return m
	}
	consultantsOf := named(pool.Consultants)
	var clientsOf map[string][]int32
	for i := range pool.Clients {
		x := pool.Clients[i]
		for _, c := range x.Conflicts {
			for _, k := range conflictKeys(c) {
				for _, j := range consultantsOf[k] {
					bar(int32(i), j)
				}
			}
		}
		for _, k := range organisationKeys(x.Organisation) {
			for _, j := range consultantsOf[k] {
				if sameOrganisation(x.Organisation, pool.Consultants[j].Organisation) {
					bar(int32(i), j)
				}
			}
		}
		for _, id := range append(enrolment.IDs(enrolment.PersonOf(x.ID)), x.Declined...) { // nobody with themselves
			if j, ok := consultant[id]; ok {
				bar(int32(i), j)
			}
		}
		for k, id := range x.Preferences {
			if j, ok := consultant[id]; ok && wanted(x.Preferences, id) == 3-k {
				pool.want(int32(i), j, 3-k)
			}
		}
	}
	for j := range pool.Consultants {
		y := pool.Consultants[j]
		if len(y.Conflicts) > 0 && clientsOf == nil {
			clientsOf = named(pool.Clients)
		}
		for _, c := range y.Conflicts {
			for _, k := range conflictKeys(c) {
				for _, i := range clientsOf[k] {
					bar(i, int32(j))
				}
			}
		}
		for _, id := range y.Declined {
			if i, ok := client[id]; ok {
				bar(i, int32(j))
			}
		}
		for k, id := range y.Preferences {
			if i, ok := client[id]; ok && wanted(y.Preferences, id) == 3-k {
				pool.want(i, int32(j), 3-k)
			}
		}
	}
	for _, f := range forbidden {
		i, ok := client[f.Client]
		j, also := consultant[f.Consultant]
		if ok && also {
			bar(i, j)
		}
	}
	for i := range pool.barred {
		slices.Sort(pool.barred[i])
		pool.barred[i] = slices.Compact(pool.barred[i])
	}
}

func (pool *Pool) want(i, j int32, steps int) {
	points := int32(steps * pool.Programme.Weights.Preference)
	if points == 0 {
		return
	}
	if pool.wanted[i] == nil {
		pool.wanted[i] = map[int32]int32{}
	}
	pool.wanted[i][j] += points
}

// index maps ids to places.
func index(people []*Person) (map[string]int32, error) {
	m := make(map[string]int32, len(people))
	for i, x := range people {
		if _, twice := m[x.ID]; twice || x.ID == "" {
			return nil, fmt.Errorf("the id %q is empty or given twice", x.ID)
		}
		m[x.ID] = int32(i)
	}
	return m, nil
}

// spans are the consultants who are near enough for a client with so many of the
// programme's relaxations.
func (pool *Pool) spans(c *profile, relaxed int) []span {
	key := reach{c.region, c.area, relaxed}
	if all, ok := pool.near[key]; ok {
		return all
	}
	var all []span
	for _, g := range pool.groups {
		ok, far := pool.placed(c.region, c.area, g.region, g.area, relaxed)
		if n := len(all); ok && n > 0 && all[n-1].to == g.from && all[n-1].remote == far {
			all[n-1].to = g.to
		} else if ok {
			all = append(all, span{g.from, g.to, far})
		}
	}
	pool.near[key] = all
	return all
}

// placed reports whether two places are near enough with the first of the
// programme's relaxations, and whether only by meeting remotely.
func (pool *Pool) placed(region, area, otherRegion, otherArea string, relaxed int) (ok, far bool) {
	if nearEnough(pool.Programme.Place, region, area, otherRegion, otherArea) {
		return true, false
	}
	online := pool.Programme.Place.Within == programme.Online
	for _, r := range pool.Programme.Relax[:relaxed] {
		if r == programme.Neighbouring && programme.Border(region, otherRegion) {
			return true, false
		}
		online = online || r == programme.Online
	}
	return online, online
}

func nearEnough(p programme.Place, region, area, otherRegion, otherArea string) bool {
	if p.Within == programme.Distance {
		return area == otherArea && area != "" || programme.Kilometres(area, otherArea) <= float64(p.Kilometres)
	}
	return region == otherRegion
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
		if ok, ways := pool.meeting(&pool.c[i], &pool.d[j], k); ok && ways != 0 {
			return k
		}
	}
	return 0
}

// meeting reports whether two people are near enough, and the ways of meeting
// that they have in common so far from each other.
func (pool *Pool) meeting(c, d *profile, relaxed int) (ok bool, ways uint8) {
	ok, far := c.region == d.region && pool.Programme.Place.Within != programme.Distance, false
	if !ok {
		ok, far = pool.placed(c.region, c.area, d.region, d.area, relaxed)
	}
	ways = c.meeting & d.meeting
	if far {
		ways &= remote
	}
	return ok, ways
}

// RuledOut is the first criterion that a pair does not meet with the first of the
// programme's relaxations, or "" for an eligible pair.
func (pool *Pool) RuledOut(i, j, relaxed int) Criterion {
	if ok, meeting := pool.meeting(&pool.c[i], &pool.d[j], relaxed); ok {
		return pool.ruledOut(i, j, meeting)
	}
	return NearEnough
}

// ruledOut is RuledOut for a pair who are near enough to meet in some way that both
// can.
func (pool *Pool) ruledOut(i, j int, meeting uint8) Criterion {
	c, d := &pool.c[i], &pool.d[j]
	switch {
	case c.competition == d.competition && overlap(c, d):
		return NoCompetition
	case pool.isBarred(i, int32(j)):
		return NoConflict
	case c.languages&d.languages == 0:
		return CommonLanguage
	case meeting == 0:
		return CommonMeeting
	case c.has&d.has == 0:
		return SomethingToAsk
	}
	return ""
}

func (pool *Pool) isBarred(i int, j int32) bool {
	b := pool.barred[i]
	if len(b) == 0 {
		return false
	}
	_, found := slices.BinarySearch(b, j)
	return found
}

// overlap reports whether two people's organisations share a kind of service.
func overlap(a, b *profile) bool {
	if a.mask&b.mask == 0 {
		return false
	}
	if len(a.kinds) == 0 {
		return true
	}
	for _, x := range a.kinds {
		for _, y := range b.kinds {
			if x == y {
				return true
			}
		}
	}
	return false
}

// gain is what a skill of a level is worth to a need of a priority, for a client
// whose own level is known.
func gain(w *programme.Weights, asks, offers, own int) int {
	if asks == 0 || offers == 0 {
		return 0
	}
	return w.Fit*asks*offers + w.Breadth + w.Experience*max(0, offers-own)
}

// Score is what Explain's points add up to.
func (pool *Pool) Score(i, j int) int {
	c, d, w := &pool.c[i], &pool.d[j], &pool.Programme.Weights
	sum := 0
	for met := c.has & d.has; met != 0; met &= met - 1 {
		k := bits.TrailingZeros64(met)
		asks, offers := int(c.asks[k]), int(d.offers[k])
		sum += gain(w, asks, offers, int(c.offers[k]))
	}
	sum += w.Availability * bits.OnesCount16(c.half&d.half)
	if c.band > 0 && d.band > c.band {
		sum += w.Size
	}
	if w.Difference > 0 && !overlap(c, d) {
		sum += w.Difference
	}
	if pool.wanted[i] != nil {
		sum += int(pool.wanted[i][int32(j)])
	}
	return sum
}
