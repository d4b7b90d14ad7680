package store

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
)

// Everything goes through all documents of all types, each read into its type, or with
// the error for which it cannot be: for whoever checks that a version reads what is
// stored. It ends with the first error of each.
func (s *Store) Everything(ctx context.Context, each func(path string, doc any, err error) error) error {
	roots, err := s.client.Collections(ctx).GetAll()
	if err != nil {
		return failed(err, "list collections")
	}
	for _, d := range Documents {
		var all []firestore.Query
		if days := strings.TrimSuffix(d.Collection(), "*"); days != d.Collection() {
			for _, c := range roots {
				if strings.HasPrefix(c.ID, days) {
					all = append(all, c.Query)
				}
			}
		} else {
			all = append(all, s.client.CollectionGroup(d.Collection()).Query)
		}
		for _, q := range all {
			found, err := listAll(ctx, q, time.Time{}, d.Collection(), func(x *snapshot, snap *firestore.DocumentSnapshot) { x.of = snap })
			if err != nil {
				return err
			}
			for _, x := range found {
				doc := reflect.New(d.Type).Interface()
				if err = decode(x.of, doc); err != nil {
					err = fmt.Errorf("%s: %w", pathOf(x.of.Ref), err)
				}
				if err := each(pathOf(x.of.Ref), doc, err); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// snapshot keeps a document as it is stored.
type snapshot struct{ of *firestore.DocumentSnapshot }
