package serve

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// Of what a handler tries several times, the browser keeps what the last try gave it.
func TestCookieOfATryThatFailedIsNotSet(t *testing.T) {
	t.Parallel()
	tried := 0
	w := httptest.NewRecorder()
	err := RetryOnConflict(func(w http.ResponseWriter, _ *http.Request) error {
		if tried++; tried == 1 {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "first"})
			return store.ErrChanged
		}
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "second"})
		return nil
	})(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if all := w.Result().Cookies(); err != nil || tried != 2 || len(all) != 1 || all[0].Name != "b" {
		t.Errorf("after %d tries, %v, the cookies are %v", tried, err, all)
	}
}
