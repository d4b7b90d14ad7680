package outbox

import (
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

func TestWhoMayOpenWhat(t *testing.T) {
	b := newBed(t)
	b.serve(Config{WebhookKey: newSigner(t).public()})
	b.Access(map[string]testbed.Example{
		"POST /events":            {Status: 400}, // what comes is no event
		"POST /webhooks/sendgrid": {Status: 403}, // nor signed
	})
}
