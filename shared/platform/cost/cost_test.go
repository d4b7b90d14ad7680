package cost

import (
	"context"
	"errors"
	"io"
	"testing"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"
)

// commit makes a commit of so many writes, and does something before it is answered.
func commit(ctx context.Context, writes int, meanwhile func() error) error {
	request := &firestorepb.CommitRequest{Writes: make([]*firestorepb.Write, writes)}
	return call(ctx, "", request, nil, nil, func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error {
		return meanwhile()
	})
}

func answered() error { return nil }

func counts(t *testing.T, m *Meter, want Cost) {
	t.Helper()
	if got := m.Cost(); got != want {
		t.Errorf("the cost is %+v, want %+v", got, want)
	}
}

func TestCallsThatWaitForOneAnotherAreDeeper(t *testing.T) {
	ctx, m := Start(t.Context())
	// Two at once, then one, then two at once of which one is slow.
	_ = commit(ctx, 1, func() error { return commit(ctx, 1, answered) })
	counts(t, m, Cost{Writes: 2, Trips: 2, Depth: 1})
	_ = commit(ctx, 1, answered)
	counts(t, m, Cost{Writes: 3, Trips: 3, Depth: 2})
	_ = commit(ctx, 1, func() error { // slow: begun beside the next one, answered after it
		_ = commit(ctx, 1, answered)
		return commit(ctx, 1, answered) // this one waited for the quick one
	})
	counts(t, m, Cost{Writes: 6, Trips: 6, Depth: 4})
}

// What is done beside something else does not wait for it, however the two are run; whoever waits
// for both does.
func TestBranchesDoNotWaitForOneAnother(t *testing.T) {
	ctx, m := Start(t.Context())
	_ = commit(ctx, 1, answered)
	one, join := Branch(ctx)
	other, joinOther := Branch(ctx)
	_ = commit(one, 1, answered)
	_ = commit(one, 1, answered)
	_ = commit(other, 1, answered)
	counts(t, m, Cost{Writes: 4, Trips: 4, Depth: 3})
	join(ctx)
	joinOther(ctx)
	_ = commit(ctx, 1, answered)
	counts(t, m, Cost{Writes: 5, Trips: 5, Depth: 4})
	if beside, join := Branch(t.Context()); beside != t.Context() {
		join(t.Context())
		t.Error("a context without a meter has a branch")
	}
}

func TestWhatWasNotWrittenIsNotCounted(t *testing.T) {
	ctx, m := Start(t.Context())
	_ = commit(ctx, 5, func() error { return errors.New("another came first") })
	counts(t, m, Cost{Trips: 1, Depth: 1})
}

func TestAContextKeepsItsMeter(t *testing.T) {
	ctx, m := Start(t.Context())
	again, same := Start(ctx)
	_ = commit(again, 1, answered)
	if same != m || m.Cost().Writes != 1 {
		t.Error("a second meter was started in the same context")
	}
	if err := commit(t.Context(), 1, answered); err != nil || m.Cost().Writes != 1 {
		t.Errorf("without a meter: %v, %+v", err, m.Cost())
	}
}

// stream gives answers one after another.
type stream struct {
	grpc.ClientStream
	left []any
}

func (s *stream) RecvMsg(any) error {
	if len(s.left) == 0 {
		return io.EOF
	}
	s.left = s.left[1:]
	return nil
}

func TestReadsAreCountedAsTheyAreBilled(t *testing.T) {
	found := &firestorepb.BatchGetDocumentsResponse{Result: &firestorepb.BatchGetDocumentsResponse_Found{Found: &firestorepb.Document{}}}
	missing := &firestorepb.BatchGetDocumentsResponse{Result: &firestorepb.BatchGetDocumentsResponse_Missing{Missing: "x"}}
	document := &firestorepb.RunQueryResponse{Document: &firestorepb.Document{}}
	counted := func(n int64) any {
		return &firestorepb.RunAggregationQueryResponse{Result: &firestorepb.AggregationResult{AggregateFields: map[string]*firestorepb.Value{
			"n": {ValueType: &firestorepb.Value_IntegerValue{IntegerValue: n}}}}}
	}
	for name, row := range map[string]struct {
		answers []any
		reads   int
	}{
		"documents by name, one of them missing": {[]any{found, missing, found}, 3},
		"a query that finds nothing":             {[]any{&firestorepb.RunQueryResponse{}}, 1},
		"a query that finds one":                 {[]any{document}, 1},
		"a query that finds three":               {[]any{document, document, document, &firestorepb.RunQueryResponse{}}, 3},
		"a count of none":                        {[]any{counted(0)}, 1},
		"a count of 1,000":                       {[]any{counted(1000)}, 1},
		"a count of 1,001":                       {[]any{counted(1001)}, 2},
		"a count of 36,000":                      {[]any{counted(36_000)}, 36},
	} {
		ctx, m := Start(t.Context())
		s, err := open(ctx, nil, nil, "", func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, ...grpc.CallOption) (grpc.ClientStream, error) {
			return &stream{left: row.answers}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, answer := range row.answers {
			if err := s.RecvMsg(answer); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.RecvMsg(new(firestorepb.RunQueryResponse)); err != io.EOF {
			t.Fatal(err)
		}
		if got := (Cost{Reads: row.reads, Trips: 1, Depth: 1}); m.Cost() != got {
			t.Errorf("%s: %+v, want %+v", name, m.Cost(), got)
		}
	}
}
