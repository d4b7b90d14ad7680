package form

import (
	"maps"
	"testing"

	"github.com/cascading-leadership/cascade/shared/email"
)

// entries is a form with a rule of its own.
type entries struct {
	Name  string   `json:"name" validate:"required,max=5,plain,named"`
	Email string   `json:"email" validate:"required,address"`
	Tags  []string `json:"tags" validate:"omitempty,min=1,max=2,dive,short"`
}

var checker = New(Rules{"short": func(s string) bool { return len(s) <= 3 }})

var messages = Messages{
	"name":  {"required": "enter a name", "": "enter another name"},
	"email": {"required": "enter an address"},
	"tags":  {"min": "select one", "max": "select fewer", "": "select short ones"},
}

func TestWrongEntriesAreNamedWithWhatToEnter(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		given entries
		want  map[string]string
	}{
		{entries{"Alex", "alex@example.org", nil}, nil},
		{entries{"Ệệệệệ", "sian@xn--bcher-kva.example", []string{"a", "bcd"}}, nil},
		{entries{}, map[string]string{"name": "enter a name", "email": "enter an address"}},
		{entries{"Alexandra", "alex@example.org", nil}, map[string]string{"name": "enter another name"}},
		{entries{"123", "alex@example", nil}, map[string]string{"name": "enter another name", "email": string(email.NoStop)}},
		{entries{"A\nB", "a..b@example.org", nil}, map[string]string{"name": "enter another name", "email": string(email.TwoStops)}},
		{entries{"Alex", "alex@example.org", []string{}}, map[string]string{"tags": "select one"}},
		{entries{"Alex", "alex@example.org", []string{"a", "b", "c"}}, map[string]string{"tags": "select fewer"}},
		{entries{"Alex", "alex@example.org", []string{"abcd", "abcde"}}, map[string]string{"tags": "select short ones"}},
	} {
		if got := checker.Wrong(row.given, messages); !maps.Equal(got, row.want) {
			t.Errorf("%+v: %v, want %v", row.given, got, row.want)
		}
	}
}
