package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// The promises, by people a side.
var (
	faster = map[int]float64{10_000: 3, 36_000: 10} // times SciPy's speed, at least
	leaner = map[int]float64{36_000: 0.25}          // of SciPy's memory, at most
)

const (
	pilotSize    = 15
	denseSize    = 500
	pilotSeconds = 1e-3
	denseSeconds = 20e-3
	wholeSize    = 163_000
	wholeSeconds = 90.0
	wholeBytes   = 4 << 30
	growthFrom   = 10_000
	growthTo     = 163_000
	growth       = 1.4 // power of n
)

// row is one row of the table. Bound is empty where nothing is promised.
type row struct {
	what, settings, ours, scipy, comparedWith, bound string
	holds                                            bool
}

// rows are the rows of the table.
func (r *results) rows() []row {
	var all []row
	for _, p := range r.Problems {
		size := count(p.Size) + " a side"
		switch {
		case p.Shape == dense:
			took := p.Ours.seconds()
			l := row{what: size + ", every pair eligible", settings: total, ours: duration(took), bound: "20 ms", holds: took <= denseSeconds}
			all = append(all, l.beside(took, p.SciPy, (*series).seconds, duration))
			continue
		case p.Size == pilotSize && p.Shipped != nil:
			took := p.Shipped.seconds()
			all = append(all, row{what: "the pilot, " + size, settings: shipped, ours: duration(took), bound: "1 ms", holds: took <= pilotSeconds})
			continue
		}
		if p.Ours != nil {
			took := p.Ours.seconds()
			l := row{what: size + ": time", settings: total, ours: duration(took)}.beside(took, p.SciPy, (*series).seconds, duration)
			if times, ok := faster[p.Size]; ok && p.SciPy != nil {
				l.bound, l.holds = fmt.Sprintf("%g times faster", times), p.SciPy.seconds() >= times*took
			}
			all = append(all, l)
			l = row{what: size + ": memory", settings: total, ours: bytes(p.Ours.peak())}.beside(p.Ours.peak(), p.SciPy, (*series).peak, bytes)
			if share, ok := leaner[p.Size]; ok && p.SciPy != nil {
				l.bound, l.holds = fmt.Sprintf("%g times less", 1/share), p.Ours.peak() <= share*p.SciPy.peak()
			}
			all = append(all, l)
		}
		if p.Shipped != nil {
			l := row{what: size + ": time", settings: shipped, ours: duration(p.Shipped.seconds())}
			m := row{what: size + ": memory", settings: shipped, ours: bytes(p.Shipped.peak())}
			if p.Ours != nil {
				l.comparedWith = fmt.Sprintf("%.1f times as long as total", p.Shipped.seconds()/p.Ours.seconds())
				m.comparedWith = fmt.Sprintf("%.1f times as much as total", p.Shipped.peak()/p.Ours.peak())
			}
			all = append(all, l, m)
		}
	}
	if w := r.Whole; w != nil {
		time := row{what: count(w.Size) + " a side, from CSV to certificate: time", settings: total, ours: duration(w.seconds())}
		memory := row{what: count(w.Size) + " a side, from CSV to certificate: memory", settings: total, ours: bytes(w.peak())}
		if w.Size == wholeSize {
			time.bound, time.holds = "90 s", w.seconds() <= wholeSeconds
			memory.bound, memory.holds = "4 GiB", w.peak() <= wholeBytes
		}
		all = append(all, time, memory)
	}
	if power, ok := r.growthPower(growthFrom, growthTo); ok {
		all = append(all, row{
			what: "growth of time with n, from " + count(growthFrom) + " to " + count(growthTo), settings: total, ours: fmt.Sprintf("n^%.2f", power),
			bound: fmt.Sprintf("n^%g", growth), holds: power <= growth,
		})
	}
	return all
}

// beside adds SciPy's figure and how ours compares.
func (l row) beside(ours float64, scipy *series, of func(*series) float64, words func(float64) string) row {
	if scipy == nil {
		return l
	}
	l.scipy = words(of(scipy))
	times, less, more := of(scipy)/ours, "faster", "slower"
	if strings.Contains(l.what, "memory") {
		less, more = "less", "more"
	}
	if times < 1 {
		times, less = 1/times, more
	}
	l.comparedWith = fmt.Sprintf("%.1f times %s than SciPy", times, less)
	return l
}

// growthPower is the p for which our time grows as n^p between two sizes.
func (r *results) growthPower(from, to int) (float64, bool) {
	seconds := map[int]float64{}
	for _, p := range r.Problems {
		if p.Shape == sectorwide && p.Ours != nil {
			seconds[p.Size] = p.Ours.seconds()
		}
	}
	if seconds[from] == 0 || seconds[to] == 0 {
		return 0, false
	}
	return math.Log(seconds[to]/seconds[from]) / math.Log(float64(to)/float64(from)), true
}

// report prints the table, and fails where a promise does not hold.
func (r *results) report(out io.Writer, repeat int) error {
	fmt.Fprintln(out, "| what | settings | ours | SciPy's | beside | promised | holds |\n|---|---|---|---|---|---|---|")
	var broken []string
	for _, l := range r.rows() {
		holds := ""
		if l.bound != "" {
			holds = "yes"
			if !l.holds {
				holds = "**no**"
				broken = append(broken, l.what)
			}
		}
		fmt.Fprintf(out, "| %s |\n", strings.Join([]string{l.what, settingsInWords[l.settings], l.ours, l.scipy, l.comparedWith, l.bound, holds}, " | "))
	}
	fmt.Fprintf(out, "\nMedians of %d, %d cores, %s, %s. Wherever SciPy's figure stands, the two came to the same optimum to the point.\n", repeat, r.Cores, r.Go, r.Python)
	if i := slices.IndexFunc(r.Problems, func(p comparison) bool { return p.Shape == sectorwide && p.SciPy != nil && p.Size == 36_000 }); i >= 0 {
		s := r.Problems[i].SciPy
		fmt.Fprintf(out, "Of SciPy's time at 36,000 scoring took %s and solving %s.\n",
			duration(s.median(func(m measurement) float64 { return m.Scoring })), duration(s.median(func(m measurement) float64 { return m.Solving })))
	}
	if len(broken) > 0 {
		return errors.New("not as promised: " + strings.Join(broken, "; "))
	}
	return nil
}

// duration is a time as people read it, from seconds.
func duration(seconds float64) string {
	switch {
	case seconds >= 10:
		return fmt.Sprintf("%.0f s", seconds)
	case seconds >= 0.95:
		return fmt.Sprintf("%.1f s", seconds)
	case seconds >= 10e-3:
		return fmt.Sprintf("%.0f ms", seconds*1e3)
	}
	return fmt.Sprintf("%.2g ms", seconds*1e3)
}

// bytes is an amount of memory as people read it.
func bytes(n float64) string {
	if n >= 0.95*(1<<30) {
		return fmt.Sprintf("%.1f GiB", n/(1<<30))
	}
	return fmt.Sprintf("%.0f MiB", n/(1<<20))
}

// count is a number with its thousands set off.
func count(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}
