package matching

import (
	"context"
	"log/slog"
)

// seal seals the hours of the audit trail that are over, and forgets what of it was kept for
// long enough. It is done here since nobody reaches this function from outside, and it adds
// nothing to the trail: see serve.Sealer.
func (r *runner) seal(ctx context.Context) error {
	now := r.Now()
	sealed, err := r.Store.SealAudit(ctx, r.Seals, now)
	if err != nil {
		return err
	}
	slog.InfoContext(ctx, "the audit trail is sealed", "hours", sealed)
	return r.Store.ForgetAudit(ctx, now)
}
