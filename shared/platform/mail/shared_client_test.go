//go:build !race

package mail

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/sendgrid/sendgrid-go"
	sgmail "github.com/sendgrid/sendgrid-go/helpers/mail"
)

// What TestManyAtOnceAreNotMixedUp holds is worth holding: the client that SendGrid's
// library has for sending does mix people up when senders share it. Its way to
// compress makes that happen within some hundred emails; without, it takes many
// thousands. The race detector finds it at once, and has its own opinion of this test.
func TestLibrarysClientMixesUpWhoSharesIt(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	got := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := "unreadable"
		if z, err := gzip.NewReader(r.Body); err == nil {
			if body, err := io.ReadAll(z); err == nil {
				if a, err := fromSendGrid(body); err == nil {
					name = a.header.Get("Subject")
				}
			}
		}
		mu.Lock()
		got[name]++
		mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(server.Close)

	request := sendgrid.GetRequest("key", "/v3/mail/send", server.URL)
	request.Method = http.MethodPost
	request.Headers["Content-Encoding"] = "gzip"
	shared := &sendgrid.Client{Request: request}
	off := false
	for round := range 50 {
		var senders sync.WaitGroup
		for sender := range 16 {
			senders.Go(func() {
				for i := range 25 {
					name := fmt.Sprintf("person-%d-%d-%d", round, sender, i)
					m := sgmail.NewSingleEmail(sgmail.NewEmail("", senderAddress), name, sgmail.NewEmail("", name+"@example.org"), name, name)
					m.SetTrackingSettings(&sgmail.TrackingSettings{
						ClickTracking: &sgmail.ClickTrackingSetting{Enable: &off}, OpenTracking: &sgmail.OpenTrackingSetting{Enable: &off},
						SubscriptionTracking: &sgmail.SubscriptionTrackingSetting{Enable: &off},
					})
					if answer, err := shared.SendWithContext(t.Context(), m); err != nil || answer.StatusCode != http.StatusAccepted {
						continue // not even that is sure
					}
				}
			})
		}
		senders.Wait()
		if n := (round + 1) * 16 * 25; len(got) != n || got["unreadable"] > 0 {
			t.Logf("%d different emails came for %d people, %d of them unreadable", len(got), n, got["unreadable"])
			return
		}
	}
	t.Error("nobody was mixed up: is a fresh request each time still needed?")
}
