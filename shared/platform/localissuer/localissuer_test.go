package localissuer_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
)

// trusts asks whether a function that trusts the issuer at an address takes what is signed.
func trusts(t *testing.T, keys string, now func() time.Time, header http.Header) bool {
	t.Helper()
	trusted, err := bearer.Parse(localissuer.Setting(keys))
	if err != nil {
		t.Fatal(err)
	}
	v, err := bearer.New(trusted, now)
	if err != nil {
		t.Fatal(err)
	}
	r, w := httptest.NewRequest(http.MethodPost, "/events", nil), httptest.NewRecorder()
	r.Header = header
	v.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
	return w.Code == http.StatusOK
}

// The parts of a stack, processes of their own that begin at the same time, come to have one
// key, also after the next start.
func TestPartsShareOneKey(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "issuer.key")
	issuers := make([]*localissuer.Issuer, 20)
	var opening sync.WaitGroup
	for i := range issuers {
		opening.Go(func() {
			var err error
			if issuers[i], err = localissuer.Open(file); err != nil {
				t.Error(err)
			}
		})
	}
	opening.Wait()
	keys := httptest.NewServer(issuers[0])
	t.Cleanup(keys.Close)
	for i, issuer := range issuers {
		h := http.Header{}
		issuer.Sign(h, localissuer.Relay)
		if !trusts(t, keys.URL, time.Now, h) {
			t.Errorf("number %d has another key", i)
		}
	}
	if left, _ := filepath.Glob(file + ".*"); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.WriteFile(file, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := localissuer.Open(file); err == nil {
		t.Error("a file without a key is opened")
	}
}

// A token is given out again, as platforms do it. That of who keeps it is taken where a
// clock is wrong by minutes.
func TestTokensAreKept(t *testing.T) {
	t.Parallel()
	issuer := localissuer.New()
	first, second, other := http.Header{}, http.Header{}, http.Header{}
	issuer.Sign(first, localissuer.Relay)
	issuer.Sign(second, localissuer.Relay)
	issuer.Sign(other, localissuer.Scheduler)
	if first.Get("Authorization") != second.Get("Authorization") || first.Get("Authorization") == other.Get("Authorization") {
		t.Error("a token is made anew, or is another's")
	}
	kept := localissuer.Ago(20 * time.Minute)
	keys := httptest.NewServer(kept)
	t.Cleanup(keys.Close)
	for _, wrong := range []time.Duration{0, 10 * time.Minute, -10 * time.Minute} {
		h := http.Header{}
		kept.Sign(h, localissuer.Scheduler)
		if !trusts(t, keys.URL, func() time.Time { return time.Now().Add(wrong) }, h) {
			t.Errorf("not taken by a clock that is wrong by %v", wrong)
		}
	}
}

// Who is not named gets in nowhere.
func TestOnlyItsOwnAreTrusted(t *testing.T) {
	t.Parallel()
	issuer := localissuer.New()
	keys := httptest.NewServer(issuer)
	t.Cleanup(keys.Close)
	for subject, want := range map[string]bool{localissuer.Scheduler: true, localissuer.Relay: true, localissuer.ByHand: true, "alex": false} {
		h := http.Header{}
		issuer.Sign(h, subject)
		if got := trusts(t, keys.URL, time.Now, h); got != want {
			t.Errorf("%s: %v", subject, got)
		}
	}
}
