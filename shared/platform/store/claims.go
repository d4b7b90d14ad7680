package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// claimsOfStrangers makes claims of enrolments that nobody has confirmed: until then a form is
// nobody's word, and does not stand among those who take part.
var claimsOfStrangers = Migration{
	Collection: "enrolments", To: 3, Why: "so that a form counts for nobody until the address's owner has confirmed it",
	Change: func(map[string]any) error { return nil },
	Moves: func(id string, fields map[string]any) (string, map[string]any) {
		if fields["state"] != string(enrolment.Unconfirmed) {
			return "", nil
		}
		text := func(in any, name string) string {
			from, _ := in.(map[string]any)
			value, _ := from[name].(string)
			return value
		}
		number := func(in any, name string) any {
			if from, ok := in.(map[string]any); ok && from[name] != nil {
				return from[name]
			}
			return int64(0)
		}
		organisation, _ := fields["organisation"].(map[string]any)
		created, _ := fields["createdAt"].(time.Time)
		moved := map[string]any{
			"enrolment": id, "role": fields["role"], "createdAt": fields["createdAt"], "updatedAt": fields["updatedAt"], "expireAt": created.Add(enrolment.ClaimLife),
			"form": map[string]any{
				"Name": text(fields["person"], "name"), "Email": text(fields["person"], "email"), "Phone": text(fields["person"], "phone"),
				"Organisation": text(organisation, "name"), "Number": text(organisation, "number"), "Postcode": text(organisation, "postcode"), "Region": text(organisation, "region"),
				"Income": number(organisation, "income"), "Categories": organisation["categories"], "Skills": fields["skills"], "Experience": fields["experience"],
				"Availability": fields["availability"], "Meeting": fields["meeting"], "Languages": fields["languages"], "Capacity": number(fields, "capacity"),
				"Conflicts": fields["conflicts"], "Consent": text(fields["consent"], "version"),
			},
		}
		if due, ok := fields["dueAt"].(time.Time); ok {
			moved["dueAt"] = due
		}
		return "claims", moved
	},
}

func (s *Store) claims(p string) *firestore.CollectionRef { return s.in(p, "claims") }

func claimAt(c *enrolment.Claim, snap *firestore.DocumentSnapshot) {
	c.ID, c.Version = snap.Ref.ID, snap.UpdateTime
}

// Claim is one claim of a programme.
func (h *BatchReader) Claim(p, id string) (*enrolment.Claim, error) {
	return take(h, document(h.store.claims(p), id), "claim", claimAt)
}

// Claim reads one claim of a programme.
func (s *Store) Claim(ctx context.Context, p, id string) (*enrolment.Claim, error) {
	c := new(enrolment.Claim)
	snap, err := read(ctx, document(s.claims(p), id), "claim", c)
	if err != nil {
		return nil, err
	}
	claimAt(c, snap)
	return c, nil
}

// ClaimsOf reads claims of a programme by id, into a map that lacks those which are not there.
func (s *Store) ClaimsOf(ctx context.Context, p string, ids []string) (map[string]*enrolment.Claim, error) {
	return byID(ctx, s, s.claims(p), ids, "claims", claimAt, func(c *enrolment.Claim) string { return c.ID })
}

// MostClaims is how many claims of one address are shown and discarded together, the newest.
const MostClaims = 100

// Claims lists the claims that were sent with one address in one role, the newest first, by
// the id of the enrolment that they would become.
func (s *Store) Claims(ctx context.Context, p, becomes string) ([]*enrolment.Claim, error) {
	return list(ctx, s.claims(p).Where("enrolment", "==", becomes).OrderBy("createdAt", firestore.Desc).Limit(MostClaims), "claims", claimAt)
}

// claimsOf lists those by which a person comes to take part, in whichever role: as Claims.
func (s *Store) claimsOf(ctx context.Context, p, person string) ([]*enrolment.Claim, error) {
	return list(ctx, s.claims(p).Where("enrolment", "in", enrolment.IDs(person)).OrderBy("createdAt", firestore.Desc).Limit(len(programme.Roles)*MostClaims), "claims", claimAt)
}

// NewestClaim is the one that was sent last of Claims, or nil: the others are over before it
// is. It is one document read, whether there is any or not.
func (s *Store) NewestClaim(ctx context.Context, p, becomes string) (*enrolment.Claim, error) {
	found, err := list(ctx, s.claims(p).Where("enrolment", "==", becomes).OrderBy("createdAt", firestore.Desc).Limit(1), "claims", claimAt)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// CountClaims counts the claims of a programme that wait to be confirmed at a time.
func (s *Store) CountClaims(ctx context.Context, p string, now time.Time) (int, error) {
	return count(ctx, s.claims(p).Where("expireAt", ">", now), "claims")
}

// CreateClaim adds a new claim.
func (c *Commit) CreateClaim(p string, claim *enrolment.Claim) {
	ref := document(c.store.claims(p), claim.ID)
	c.create(ref, claim)
	c.due(ref, claim.DueAt)
}

// SaveClaim adds a claim, or writes one as it was read and changed.
func (c *Commit) SaveClaim(p string, claim *enrolment.Claim) {
	if claim.Version.IsZero() {
		c.CreateClaim(p, claim)
		return
	}
	c.UpdateClaim(p, claim)
}

// UpdateClaim writes a claim as it was read and changed.
func (c *Commit) UpdateClaim(p string, claim *enrolment.Claim) {
	ref := document(c.store.claims(p), claim.ID)
	c.update(ref, claim, claim.Version)
	c.due(ref, claim.DueAt)
}

// DeleteClaim takes away a claim as it was read.
func (c *Commit) DeleteClaim(p string, claim *enrolment.Claim) {
	c.delete(document(c.store.claims(p), claim.ID), claim.Version)
}

// RemoveClaim takes away a claim, by its id, where it is there yet: who does so must not be
// able to tell.
func (c *Commit) RemoveClaim(p, id string) { c.remove(document(c.store.claims(p), id)) }

// SweepExpired deletes up to n claims, n drafts and n invitations that were passed on of a
// programme whose time is over, and says how many that were.
func (s *Store) SweepExpired(ctx context.Context, p string, now time.Time, n int) (claims, drafts, nominations int, err error) {
	for _, x := range []struct {
		from *firestore.CollectionRef
		gone *int
	}{{s.claims(p), &claims}, {s.drafts(p), &drafts}, {s.nominations(p), &nominations}} {
		if *x.gone, err = s.sweepExpired(ctx, x.from, now, n); err != nil {
			break
		}
	}
	return claims, drafts, nominations, err
}

func (s *Store) sweepExpired(ctx context.Context, from *firestore.CollectionRef, now time.Time, n int) (int, error) {
	over, err := list(ctx, from.Where("expireAt", "<=", now).OrderBy("expireAt", firestore.Asc).Limit(min(n, MaxWrites)).Select(), from.ID,
		func(x *snapshot, snap *firestore.DocumentSnapshot) { x.of = snap })
	if err != nil || len(over) == 0 {
		return 0, err
	}
	c := s.Commit()
	for _, x := range over {
		c.remove(x.of.Ref)
	}
	return len(over), c.Do(ctx)
}
