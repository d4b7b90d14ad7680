package store

import (
	"crypto/rand"
	"time"
)

// AuditEntry says who did what, when, to which document. It holds ids only.
type AuditEntry struct {
	Programme string    `firestore:"programme"`
	By        string    `firestore:"by"` // the staff member's or enrolment's id
	Did       string    `firestore:"did"`
	To        string    `firestore:"to"`
	At        time.Time `firestore:"at"`
	CreatedAt time.Time `firestore:"createdAt"`
}

// Audit adds an entry to the audit trail, in the commit that it is about.
func (c *Commit) Audit(e AuditEntry) {
	e.CreatedAt = e.At
	c.create(c.store.client.Collection("audit").Doc(rand.Text()), e)
	c.transitions = append(c.transitions, transition{what: "done", attrs: []any{"did", e.Did, "to", e.To, "programme", e.Programme}})
}
