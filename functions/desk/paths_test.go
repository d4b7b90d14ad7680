package desk

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/signin"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Every address that deskpath makes is a route's.
func TestEveryAddressIsARoute(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	routes(new(serve.Site), new(signin.Ways), func(pattern string, _ access.Action, _ access.Kind, _ web.Handler) {
		mux.Handle(pattern, http.NotFoundHandler())
	})
	known := func(path string) bool {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if _, pattern := mux.Handler(httptest.NewRequest(method, path, nil)); pattern != "" {
				return true
			}
		}
		return false
	}
	if known("/desk/nowhere") || !known(deskpath.Home) {
		t.Fatal("the routes are not told from other addresses")
	}
	at := reflect.ValueOf(deskpath.Of("pilot"))
	for i := range at.NumMethod() {
		ids := make([]reflect.Value, at.Method(i).Type().NumIn())
		for k := range ids {
			ids[k] = reflect.ValueOf("an id/é")
		}
		if path := at.Method(i).Call(ids)[0].String(); !known(path) {
			t.Errorf("%s is %s, and no route's", at.Type().Method(i).Name, path)
		}
	}
}
