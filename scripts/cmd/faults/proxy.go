package main

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/cascading-leadership/cascade/shared/outbox"
)

// call is one call to Firestore, with what it asks as it is on the wire, and the writes
// of a commit.
type call struct {
	method  string
	request []byte
	writes  []*firestorepb.Write
}

// claims are the messages that a commit leases to its sender, with which attempt.
func (c call) claims() map[string]int {
	var found map[string]int
	for _, w := range c.writes {
		id, ok := outboxID(w.GetUpdate().GetName())
		if fields := w.GetUpdate().GetFields(); ok && fields["state"].GetStringValue() == string(outbox.Sending) {
			if found == nil {
				found = map[string]int{}
			}
			found[id] = int(fields["attempts"].GetIntegerValue())
		}
	}
	return found
}

// name is what a commit does, whatever it does it to: "create enrolments, create outbox
// confirm-enrolment". A change of a message is named after the state that it leads to.
func (c call) name() string {
	var parts []string
	for _, w := range c.writes {
		does, document := "update", w.GetUpdate().GetName()
		fields := w.GetUpdate().GetFields()
		words := []string{"state", "outcome"}
		switch exists, conditional := w.GetCurrentDocument().GetConditionType().(*firestorepb.Precondition_Exists); {
		case w.GetDelete() != "":
			does, document = "delete", w.GetDelete()
		case conditional && !exists.Exists:
			does, words = "create", []string{"kind"}
		}
		path := strings.Split(document, "/")
		part := does + " " + path[max(0, len(path)-2)]
		for _, word := range words {
			if value := fields[word].GetStringValue(); value != "" {
				part += " " + value
			}
		}
		parts = append(parts, part)
	}
	slices.Sort(parts)
	return strings.Join(slices.Compact(parts), ", ")
}

// outboxID is the id in the name of a document of the outbox.
func outboxID(name string) (string, bool) {
	_, id, found := strings.Cut(name, "/documents/outbox/")
	return id, found
}

// verdict is what happens to one call to Firestore.
type verdict struct {
	// code is the answer instead of the server's; OK passes the call on.
	code codes.Code
	// after: the call is made all the same, and its answer lost.
	after bool
	// half: of a commit's writes only the first half is made, which Firestore never does.
	half bool
	// wait is how long the call is held up first.
	wait time.Duration
	// made, unless nil, is called once the server has answered, before the answer goes
	// on.
	made func()
}

// proxy stands between the functions and the emulator, and fails their calls.
type proxy struct {
	host     string
	upstream *grpc.ClientConn
	server   *grpc.Server
	listener *cutting

	mu     sync.Mutex
	decide func(call) verdict
	calls  map[string]int
	failed int
	after  int
}

// newProxy starts one before an address.
func newProxy(address string) (*proxy, error) {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(raw{}), grpc.MaxCallRecvMsgSize(16<<20)))
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{host: l.Addr().String(), upstream: conn, listener: &cutting{Listener: l, open: map[net.Conn]bool{}}, calls: map[string]int{},
		decide: func(call) verdict { return verdict{} }}
	p.server = grpc.NewServer(grpc.ForceServerCodecV2(raw{}), grpc.UnknownServiceHandler(p.handle), grpc.MaxRecvMsgSize(16<<20))
	go func() { _ = p.server.Serve(p.listener) }() // until it is stopped
	return p, nil
}

func (p *proxy) stop() {
	p.server.Stop()
	p.upstream.Close()
}

// set changes what happens to calls from now on.
func (p *proxy) set(decide func(call) verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.decide = decide
}

// made is how many calls there were, and how many of them failed before and after
// they were made.
func (p *proxy) made() (all, before, after int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.calls {
		all += n
	}
	return all, p.failed - p.after, p.after
}

// commits is how many commits were asked for.
func (p *proxy) commits() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls["Commit"]
}

func (p *proxy) handle(_ any, down grpc.ServerStream) error {
	full, _ := grpc.MethodFromServerStream(down)
	first := new(frame)
	if err := down.RecvMsg(first); err != nil {
		return err
	}
	asked := call{method: full[strings.LastIndexByte(full, '/')+1:], request: first.b}
	commit := new(firestorepb.CommitRequest)
	if asked.method == "Commit" {
		if err := proto.Unmarshal(first.b, commit); err != nil {
			return status.Error(codes.Internal, err.Error())
		}
		asked.writes = commit.GetWrites()
	}
	p.mu.Lock()
	p.calls[asked.method]++
	v := p.decide(asked)
	if v.code != codes.OK {
		p.failed++
		if v.after {
			p.after++
		}
	}
	p.mu.Unlock()
	if v.wait > 0 && !pause(down.Context(), v.wait) {
		return status.FromContextError(down.Context().Err()).Err()
	}
	lost := status.Error(v.code, "broken on purpose")
	if some := asked.writes[:len(asked.writes)/2]; v.half && len(some) > 0 {
		v.after, commit.Writes = true, some
		var err error
		if first.b, err = proto.Marshal(commit); err != nil {
			return status.Error(codes.Internal, err.Error())
		}
	}
	if v.code != codes.OK && !v.after {
		return lost
	}
	ctx := down.Context()
	if v.after {
		ctx = context.WithoutCancel(ctx) // it is made, whatever becomes of whoever asked
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	md, _ := metadata.FromIncomingContext(down.Context())
	md = md.Copy()
	for name := range md {
		if strings.HasPrefix(name, ":") || strings.HasPrefix(name, "grpc-") || name == "content-type" || name == "user-agent" {
			delete(md, name)
		}
	}
	up, err := p.upstream.NewStream(metadata.NewOutgoingContext(ctx, md), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, full)
	if err != nil {
		return err
	}
	go func() {
		for m := first; ; m = nil {
			if m == nil {
				if m = new(frame); down.RecvMsg(m) != nil {
					break
				}
			}
			if up.SendMsg(m) != nil {
				break
			}
		}
		_ = up.CloseSend() // the other direction tells what went wrong
	}()
	for {
		m := new(frame)
		err := up.RecvMsg(m)
		if v.made != nil && err == nil {
			v.made()
		}
		switch {
		case errors.Is(err, io.EOF):
			if v.after {
				return lost
			}
			down.SetTrailer(up.Trailer())
			return nil
		case err != nil:
			if v.after {
				return lost
			}
			return err
		case !v.after:
			if err := down.SendMsg(m); err != nil {
				return err
			}
		}
	}
}

// frame is a message as it is on the wire.
type frame struct{ b []byte }

// raw passes messages on as they are.
type raw struct{}

var _ encoding.CodecV2 = raw{}

func (raw) Marshal(v any) (mem.BufferSlice, error) {
	f, ok := v.(*frame)
	if !ok {
		return nil, status.Errorf(codes.Internal, "not a frame: %T", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(f.b)}, nil
}

func (raw) Unmarshal(data mem.BufferSlice, v any) error {
	f, ok := v.(*frame)
	if !ok {
		return status.Errorf(codes.Internal, "not a frame: %T", v)
	}
	f.b = data.Materialize()
	return nil
}

func (raw) Name() string { return "proto" }

// cutting is a listener whose connections can be cut, and which can refuse.
type cutting struct {
	net.Listener
	mu      sync.Mutex
	open    map[net.Conn]bool
	refuses bool
}

func (c *cutting) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		refuses := c.refuses
		if !refuses {
			c.open[conn] = true
		}
		c.mu.Unlock()
		if !refuses {
			return conn, nil
		}
		conn.Close()
	}
}

// cut breaks every connection; refuse says whether new ones are let in after.
func (c *cutting) cut(refuse bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuses = refuse
	for conn := range c.open {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		conn.Close()
		delete(c.open, conn)
	}
}
