package testbed

import (
	"context"
	"os"
	"sync/atomic"

	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// Death is at which request to Firestore a process dies, as far as Firestore and
// everyone else can see: from then on nothing comes from it.
type Death struct {
	// At is the number of the request, from 1; 0 for never.
	At int
	// After says that the request is made, and that its answer is lost.
	After bool

	made atomic.Int64
}

// Requests is how many requests were made, or would have been.
func (d *Death) Requests() int { return int(d.made.Load()) }

// dead is the error of every request from the death on. Nobody tries those again.
var dead = status.Error(codes.DataLoss, "dead")

// next counts a request, and says whether it is made.
func (d *Death) next() bool {
	n := int(d.made.Add(1))
	return d.At == 0 || n < d.At || n == d.At && d.After
}

// over reports whether the death has come, which answers under way do not survive.
func (d *Death) over() bool { return d.At > 0 && d.Requests() >= d.At }

// Dying opens a store in the bed's project whose process dies as d says. bury closes it.
func (b *Bed) Dying(d *Death) (s *store.Store, bury func()) {
	b.t.Helper()
	conn := b.dyingConnection(d)
	s, err := store.Open(b.t.Context(), b.Project, "(default)", option.WithGRPCConn(conn))
	if err != nil {
		b.t.Fatal(err)
	}
	s.SetClock(b.now)
	s.SetAuditKeys(b.audit)
	return s, func() { s.Close(); conn.Close() }
}

// DyingAnswers is Dying for the database of answers: with the same death, of one process.
func (b *Bed) DyingAnswers(d *Death) (a *store.Answers, bury func()) {
	b.t.Helper()
	conn := b.dyingConnection(d)
	a, err := store.OpenAnswers(b.t.Context(), b.Project, Answers, option.WithGRPCConn(conn))
	if err != nil {
		b.t.Fatal(err)
	}
	return a, func() { a.Close(); conn.Close() }
}

// dyingConnection is one on which nothing comes any more from the death on.
func (b *Bed) dyingConnection(d *Death) *grpc.ClientConn {
	b.t.Helper()
	owner := func(ctx context.Context) context.Context {
		return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer owner")
	}
	conn, err := grpc.NewClient(os.Getenv("FIRESTORE_EMULATOR_HOST"), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			if !d.next() {
				return dead
			}
			err := invoke(owner(ctx), method, req, reply, cc, opts...)
			if d.over() {
				return dead
			}
			return err
		}),
		grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			if !d.next() {
				return nil, dead
			}
			stream, err := open(owner(ctx), desc, cc, method, opts...)
			return &dyingStream{stream, d}, err
		}))
	if err != nil {
		b.t.Fatal(err)
	}
	return conn
}

// dyingStream is an answer that may never come.
type dyingStream struct {
	grpc.ClientStream
	d *Death
}

func (s *dyingStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if s.d.over() {
		return dead
	}
	return err
}
