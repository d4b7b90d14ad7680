package store

// Migration changes the documents of a collection from one shape to the next. All of
// it that a reader needs is a pure function, by which documents of an earlier shape are
// read before anything has changed them: old and new ones stand beside each other as
// long as they have to, and `cascade migrate` makes the last of them new.
//
// A version of the code that still runs, or comes back, reads what the next one wrote.
// So a field whose meaning or type changes gets a new name, and the old one is dropped
// by a migration of the next release.
type Migration struct {
	// Collection names the type of document, see Documents.
	Collection string
	// To is the number of the shape that it makes, from the one before.
	To int
	// Why says for whoever is asked to run it what it is good for.
	Why string
	// Change makes a document's fields, as Firestore's client gives them, those of the
	// next shape. It may be given what Drops names. It reads nothing else.
	Change func(fields map[string]any) error
	// Moves says to which collection beside its own a document goes, by its id and fields, with
	// those that it has there; "" for one that stays. Nil moves none. What is not migrated
	// yet is read where it stands, as it is.
	Moves func(id string, fields map[string]any) (collection string, moved map[string]any)
	// Drops are fields that the next shape has no more. Whoever writes a document takes
	// them out of it.
	Drops []string
}

// Migrations are all changes of shape, those of a collection in their order. One may go
// once no document of the shape before it can be left anywhere, backups included.
var Migrations = []Migration{severalRoles, regionsOfDistricts, claimsOfStrangers, draftsOfClaims, askedWhenConfirmed, lanesOfKinds}

// migrationsOf are those of a collection that lie before a document of a shape.
func migrationsOf(all []Migration, collection string, schema int) (left []Migration) {
	for _, m := range all {
		if m.Collection == collection && m.To > schema {
			left = append(left, m)
		}
	}
	return left
}
