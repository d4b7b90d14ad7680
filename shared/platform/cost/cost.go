// Package cost counts what a request or a job asks of Firestore: documents read and
// written, round trips, and how many of those waited for one another. Firestore bills
// the first two, people wait for the last, and none of them shows on a quick machine
// beside an emulator.
//
// Interceptors of Firestore's client do the counting (DialOptions), into a Meter that
// the request's context carries. A call whose context has none costs one look-up more.
package cost

import (
	"context"
	"sync"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"
)

// Cost is what was asked of Firestore.
type Cost struct {
	// Reads are documents read, as Firestore bills them: one for each document found or
	// looked for by name, at least one for a query, and for a count one for each 1,000
	// index entries begun.
	Reads int
	// Writes are documents created, updated or deleted.
	Writes int
	// Trips are round trips: calls, whatever each of them reads or writes.
	Trips int
	// Depth is how many round trips waited for one another: the longest chain of calls
	// of which each began after the one before had answered, in one branch of what is
	// done, see Branch.
	Depth int
	// Received are the bytes of all answers.
	Received int
}

// Meter counts the cost of one request or job. It is safe for concurrent use.
type Meter struct {
	mu   sync.Mutex
	cost Cost // so far
	job  string
	// notes says that calls are kept, see Note.
	notes bool
	calls []string
}

// branch is what is done one after the other, with the greatest depth of its calls that have
// answered.
type branch struct {
	*Meter
	answered int
}

type contextKey struct{}

// Start is a context whose calls are counted, and their meter. A context that has one
// keeps it.
func Start(ctx context.Context) (context.Context, *Meter) {
	if b := of(ctx); b != nil {
		return ctx, b.Meter
	}
	m := new(Meter)
	return context.WithValue(ctx, contextKey{}, &branch{Meter: m}), m
}

// of is a context's branch, or nil.
func of(ctx context.Context) *branch {
	b, _ := ctx.Value(contextKey{}).(*branch)
	return b
}

// Branch is a context for what is done beside something else: its calls wait for those that have
// answered so far, and for one another, and not for those beside them. Whoever waits for it says so
// by join, with their own context. A context without a meter stays as it is.
func Branch(ctx context.Context) (beside context.Context, join func(context.Context)) {
	from := of(ctx)
	if from == nil {
		return ctx, func(context.Context) {}
	}
	from.mu.Lock()
	defer from.mu.Unlock()
	own := &branch{from.Meter, from.answered}
	return context.WithValue(ctx, contextKey{}, own), func(ctx context.Context) {
		if to := of(ctx); to != nil {
			to.mu.Lock()
			defer to.mu.Unlock()
			to.answered = max(to.answered, own.answered)
		}
	}
}

// Cost is what was counted so far.
func (m *Meter) Cost() Cost {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cost
}

// begin counts a call that begins, and returns its depth: one more than that of the
// deepest call that has answered before.
func (b *branch) begin() (depth int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	depth = b.answered + 1
	b.cost.Trips++
	b.cost.Depth = max(b.cost.Depth, depth)
	return depth
}

// answer counts what a call at a depth has answered.
func (b *branch) answer(depth, reads, writes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answered = max(b.answered, depth)
	b.cost.Reads += reads
	b.cost.Writes += writes
}

// DialOptions are the interceptors for Firestore's connection.
func DialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithChainUnaryInterceptor(call), grpc.WithChainStreamInterceptor(open), grpc.WithStatsHandler(lengths{})}
}

// lengths counts the bytes of answers, which interceptors do not see.
type lengths struct{}

func (lengths) HandleRPC(ctx context.Context, s stats.RPCStats) {
	if answer, ok := s.(*stats.InPayload); ok {
		if m := of(ctx); m != nil {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.cost.Received += answer.Length
		}
	}
}

func (lengths) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (lengths) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (lengths) HandleConn(context.Context, stats.ConnStats)                       {}

// call counts a call with one answer, such as a commit.
func call(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	m := of(ctx)
	if m == nil {
		return invoke(ctx, method, request, reply, conn, opts...)
	}
	m.note(request)
	depth, writes := m.begin(), 0
	err := invoke(ctx, method, request, reply, conn, opts...)
	if err == nil {
		switch r := request.(type) {
		case *firestorepb.CommitRequest:
			writes = len(r.Writes)
		case *firestorepb.BatchWriteRequest:
			writes = len(r.Writes)
		}
	}
	m.answer(depth, 0, writes)
	return err
}

// open counts a call whose answers come one after another, such as a query.
func open(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	m := of(ctx)
	if m == nil {
		return open(ctx, desc, conn, method, opts...)
	}
	depth := m.begin()
	stream, err := open(ctx, desc, conn, method, opts...)
	if err != nil {
		m.answer(depth, 0, 0)
		return nil, err
	}
	return &answers{ClientStream: stream, branch: m, depth: depth}, nil
}

// answers are those of one call. The call has answered with the first of them: what is
// asked because of it does not wait for the rest.
type answers struct {
	grpc.ClientStream
	branch *branch
	depth  int
	// least: the one read that a query costs at least was counted.
	least bool
}

func (a *answers) SendMsg(message any) error {
	a.branch.note(message)
	return a.ClientStream.SendMsg(message)
}

func (a *answers) RecvMsg(message any) error {
	err := a.ClientStream.RecvMsg(message)
	reads := 0
	if err == nil {
		switch r := message.(type) {
		case *firestorepb.BatchGetDocumentsResponse:
			if r.GetFound() != nil || r.GetMissing() != "" {
				reads = 1
			}
		case *firestorepb.RunQueryResponse:
			reads = a.atLeast(r.Document != nil, 1)
		case *firestorepb.RunAggregationQueryResponse:
			entries := int64(0)
			for _, v := range r.GetResult().GetAggregateFields() {
				entries = max(entries, v.GetIntegerValue())
			}
			reads = a.atLeast(true, int(entries+999)/1000)
		}
	}
	a.branch.answer(a.depth, reads, 0)
	return err
}

// atLeast is so many reads where a query's answer holds something, the first time one
// at least, whatever it holds.
func (a *answers) atLeast(holds bool, n int) int {
	switch {
	case !a.least:
		a.least = true
		return max(1, n)
	case holds:
		return n
	}
	return 0
}
