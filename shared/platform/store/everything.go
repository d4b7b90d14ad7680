package store

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
)

// Everything goes through all documents of all types of the database, each read into its type, or with
// the error for which it cannot be: for whoever checks that a version reads what is
// stored. It ends with the first error of each.
func (d *database) Everything(ctx context.Context, each func(path string, doc any, err error) error) error {
	roots, err := d.client.Collections(ctx).GetAll()
	if err != nil {
		return failed(err, "list collections")
	}
	for _, t := range d.types() {
		var all []firestore.Query
		if days := strings.TrimSuffix(t.Collection(), "*"); days != t.Collection() {
			for _, c := range roots {
				if strings.HasPrefix(c.ID, days) {
					all = append(all, c.Query)
				}
			}
		} else {
			all = append(all, d.client.CollectionGroup(t.Collection()).Query)
		}
		for _, q := range all {
			found, err := listAll(ctx, q, time.Time{}, t.Collection(), func(x *snapshot, snap *firestore.DocumentSnapshot) { x.of = snap })
			if err != nil {
				return err
			}
			for _, x := range found {
				doc := reflect.New(t.Type).Interface()
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
