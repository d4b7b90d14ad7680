package matching

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/sector"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// BenchmarkProgramme matches a programme shaped like the UK's charities, 5,000 people
// on each side unless MATCHING_PEOPLE says how many, from its documents to the new
// run, beside the bare reading and writing of the same documents:
//
//	go run ./scripts/cmd/up emulator go test -run - -bench Programme -benchtime 1x ./functions/matching
func BenchmarkProgramme(b *testing.B) {
	people := 5000
	if n, err := strconv.Atoi(os.Getenv("MATCHING_PEOPLE")); err == nil {
		people = n
	}
	bed := testbed.New(b)
	ctx := b.Context()
	clients, consultants := sector.People(bed.Programme, people, people, rand.New(rand.NewPCG(1, 2026)))
	c := bed.Store.Commit()
	const supervisors = 500
	for t := range supervisors {
		c.CreateSupervisor("pilot", &supervision.Supervisor{ID: fmt.Sprint("s", t), Name: "Robin Sample", Capacity: 2*people/supervisors + 1})
	}
	bed.Commit(c)
	var writers errgroup.Group
	writers.SetLimit(4)
	write := func(c *store.Commit) {
		writers.Go(func() error { return c.Do(ctx) })
	}
	c = bed.Store.Commit()
	for i := range clients {
		c.CreateEnrolment("pilot", enrolled(clients[i], programme.Client, ""))
		c.CreateEnrolment("pilot", enrolled(consultants[i], programme.Consultant, fmt.Sprint("s", i%supervisors)))
		if i%200 == 199 || i == people-1 {
			write(c)
			c = bed.Store.Commit()
		}
	}
	if err := writers.Wait(); err != nil {
		b.Fatal(err)
	}

	r := &runner{&serve.Runtime{Store: bed.Store, Now: bed.Now}, store.MaxWrites}
	for range b.N {
		began := time.Now()
		what, err := r.once(ctx, "pilot")
		took := time.Since(began)
		if err != nil || what != applied {
			b.Fatal(what, err)
		}

		// The same by steps, and the bare reading and writing of the same documents.
		began = time.Now()
		at, err := bed.Store.MatchingInput(ctx, "pilot")
		if err != nil {
			b.Fatal(err)
		}
		read := time.Since(began)
		began = time.Now()
		x, err := proposal.Make(&at.Input, "another")
		if err != nil {
			b.Fatal(err)
		}
		solved := time.Since(began)
		began = time.Now()
		if _, err := bed.Store.Enrolments(ctx, "pilot"); err != nil {
			b.Fatal(err)
		}
		bareRead := time.Since(began)
		began = time.Now()
		for i := 0; i < len(x.Matches); i += store.MaxWrites {
			c := bed.Store.Commit()
			for _, m := range x.Matches[i:min(i+store.MaxWrites, len(x.Matches))] {
				c.CreateMatch("pilot", m)
			}
			if err := c.Do(ctx); err != nil {
				b.Fatal(err)
			}
		}
		c = bed.Store.Commit()
		c.CreateParts("pilot", x)
		if err := c.Do(ctx); err != nil {
			b.Fatal(err)
		}
		bareWritten := time.Since(began)
		bare := bareRead + bareWritten
		b.ReportMetric(took.Seconds(), "s/run")
		b.ReportMetric(read.Seconds(), "s/read")
		b.ReportMetric(solved.Seconds(), "s/solve")
		b.ReportMetric(bareRead.Seconds(), "s/bare-read")
		b.ReportMetric(bareWritten.Seconds(), "s/bare-write")
		b.ReportMetric(took.Seconds()/bare.Seconds(), "run/bare")
		b.ReportMetric(float64(len(x.Matches)), "matches")
	}
}

// enrolled is a made-up person as an enrolment.
func enrolled(x matching.Person, role programme.Role, supervisor string) *enrolment.Enrolment {
	e := &enrolment.Enrolment{
		ID: x.ID, Role: role, State: enrolment.Ready, Capacity: x.Capacity, Supervisor: supervisor, Organisation: x.Organisation,
		Person: enrolment.Person{Name: "Alex Example " + x.ID, Email: email.Address(x.ID + "@example.org"), Phone: "020 7946 0000"},
		Skills: x.Skills, Availability: x.Availability, Meeting: x.Meeting, Languages: x.Languages, Conflicts: x.Conflicts,
		Digest: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	}
	if role == programme.Client {
		e.Skills, e.Experience = x.Needs, x.Skills
	}
	return e
}
