package store

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/cascading-leadership/cascade/shared/platform/cost"
)

// database is one database of a project, by a client of its own.
type database struct {
	client *firestore.Client
	// path is what the paths of its documents begin with.
	path string
	// answers says that it is that of answers, see AnswerDocuments.
	answers bool
}

// connect opens a database: that of people, or that of answers.
func connect(ctx context.Context, project, name string, answers bool, opts ...option.ClientOption) (database, error) {
	counted, err := countedConnection()
	if err != nil {
		return database{}, fmt.Errorf("firestore: %w", err)
	}
	opts = append(counted, opts...)
	client, err := firestore.NewClientWithDatabase(ctx, project, name, opts...)
	if err != nil {
		return database{}, fmt.Errorf("firestore: %w", err)
	}
	return database{client, "projects/" + project + "/databases/" + name + "/documents/", answers}, nil
}

// holds reports whether a document belongs into the database: the server takes a write
// for another one by this one's client, says that it was made, and nobody finds it again.
func (d *database) holds(ref *firestore.DocumentRef) bool {
	return strings.HasPrefix(ref.Path, d.path) && inAnswers[typeOf(ref).Collection()] == d.answers
}

// types are those of its documents.
func (d *database) types() []Document {
	if d.answers {
		return AnswerDocuments
	}
	return Documents
}

// countedConnection are the options by which calls are counted. Beside the emulator the
// client makes a connection of its own, to which its options do not reach; so this is
// the same once more, with them.
func countedConnection() (opts []option.ClientOption, err error) {
	emulator := os.Getenv("FIRESTORE_EMULATOR_HOST")
	if emulator == "" {
		for _, o := range cost.DialOptions() {
			opts = append(opts, option.WithGRPCDialOption(o))
		}
		return opts, nil
	}
	conn, err := grpc.NewClient("passthrough:///"+strings.TrimPrefix(emulator, "http://"), append(cost.DialOptions(),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithPerRPCCredentials(owner{}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32), grpc.MaxCallSendMsgSize(math.MaxInt32)))...)
	return []option.ClientOption{option.WithGRPCConn(conn)}, err
}

// owner may do everything in the emulator.
type owner struct{}

func (owner) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer owner"}, nil
}
func (owner) RequireTransportSecurity() bool { return false }

// Close lets go of the connection.
func (d *database) Close() error { return d.client.Close() }

// Ping reads one document, present or not, to see that Firestore answers.
func (d *database) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := d.client.Doc("programmes/-").Get(ctx)
	if status.Code(err) == codes.NotFound {
		return nil
	}
	return err
}

// Time is the server's time, by which leases and due times are judged; workers'
// clocks differ.
func (d *database) Time(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	snap, err := d.client.Doc("programmes/-").Get(ctx)
	if err != nil && status.Code(err) != codes.NotFound {
		return time.Time{}, failed(err, "read the server's time")
	}
	return snap.ReadTime, nil
}

// programme is a programme's document, or nil for an id that cannot be one.
func (d *database) programme(id string) *firestore.DocumentRef {
	return document(d.client.Collection("programmes"), id)
}

// in is a collection of a programme, or nowhere for an id that cannot be one.
func (d *database) in(programmeID, collection string) *firestore.CollectionRef {
	if ref := d.programme(programmeID); ref != nil {
		return ref.Collection(collection)
	}
	return d.client.Collection(nowhere)
}
