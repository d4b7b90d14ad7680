package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Link is what one emailed link opens, for one person. Its id is a keyed hash of
// the token; the token itself is stored nowhere.
type Link struct {
	ID         string         `firestore:"-"`
	Purpose    string         `firestore:"purpose"`
	Programme  string         `firestore:"programme"`
	Person     string         `firestore:"person"` // the enrolment's id, or the staff member's
	Role       programme.Role `firestore:"role"`
	outbox.IDs                // what it opens
	// Generation is the person's when it was made: it opens while that is theirs.
	Generation int `firestore:"generation,omitempty"`
	// Topics are what the email with the link was about, of what may be declined: a
	// mail program's "unsubscribe" declines these.
	Topics []message.Topic `firestore:"topics"`
	// Hidden is the address with which a form was sent that its owner is to confirm: hidden so that
	// only who has the link's token, and the function's key, can read it.
	Hidden string `firestore:"hidden,omitempty"`

	// ExpireAt is the time-to-live field; a link past it is treated as gone.
	ExpireAt  time.Time `firestore:"expireAt"`
	RevokedAt time.Time `firestore:"revokedAt"`
	CreatedAt time.Time `firestore:"createdAt"`
	Version   time.Time `firestore:"-"`
	// Address is what is hidden, as it is made and once it was opened.
	Address email.Address `firestore:"-"`
	// Owner is whose it is, once it was opened; nil for a link of staff.
	Owner *enrolment.Enrolment `firestore:"-"`
	// ahead is what was read with its owner.
	ahead *ahead
}

func (s *Store) links() *firestore.CollectionRef { return s.client.Collection("links") }

// Link reads one link.
func (s *Store) Link(ctx context.Context, id string) (*Link, error) {
	l := new(Link)
	snap, err := read(ctx, document(s.links(), id), "link", l)
	if err != nil {
		return nil, err
	}
	linkAt(l, snap)
	return l, nil
}

func linkAt(l *Link, snap *firestore.DocumentSnapshot) {
	l.ID, l.Version = snap.Ref.ID, snap.UpdateTime
}

// CreateLink adds a new link.
func (c *Commit) CreateLink(l *Link) { c.create(document(c.store.links(), l.ID), l) }

// UpdateLink writes a link as it was read and changed.
func (c *Commit) UpdateLink(l *Link) { c.update(document(c.store.links(), l.ID), l, l.Version) }
