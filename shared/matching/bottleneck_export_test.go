package matching

// BottlenecksAs are the bottlenecks as if a small problem had so many people.
func (s *Solution) BottlenecksAs(pr *Problem, small int) []Bottleneck {
	return s.bottlenecks(pr, small)
}
