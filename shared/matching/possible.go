package matching

import "github.com/cascading-leadership/cascade/shared/programme"

// Possible reports whether a pair is one by the programme's rules, by what it may allow beyond its
// place where nothing else is left, and for which reasons.
func Possible(p *programme.Programme, client, consultant Person) (Reasons, bool, error) {
	pool, err := NewPool(p, []Person{client}, []Person{consultant}, nil)
	if err != nil {
		return Reasons{}, false, err
	}
	for relaxed := range len(p.Relax) + 1 {
		if pool.RuledOut(0, 0, relaxed) == "" {
			r := Explain(p, client, consultant)
			r.Relaxed = pool.Relaxed(0, 0)
			return r, true, nil
		}
	}
	return Reasons{}, false, nil
}
