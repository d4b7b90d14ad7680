package table

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/cascading-leadership/cascade/shared/matching/sector"
)

// BenchmarkEnrolments reads as many people as there are charities in the UK.
func BenchmarkEnrolments(b *testing.B) {
	e := &Enrolments{Supervisors: map[string]int{}}
	e.Clients, e.Consultants = sector.People(pilot, 81_500, 81_500, rand.New(rand.NewPCG(1, 2)))
	var file bytes.Buffer
	if err := e.Write(&file, pilot); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if _, err := ReadEnrolments("", bytes.NewReader(file.Bytes()), pilot); err != nil {
			b.Fatal(err)
		}
	}
}
