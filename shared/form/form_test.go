package form

import (
	"maps"
	"testing"

	"pgregory.net/rapid"
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
	"email": {"": "enter an address"},
	"tags":  {"min": "select one", "max": "select fewer", "": "select short ones"},
}

func TestWrongEntriesAreNamedWithWhatToEnter(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		given entries
		want  map[string]string
	}{
		{entries{"Alex", "alex@example.org", nil}, nil},
		{entries{"Ệệệệệ", "sian@bücher.example", []string{"a", "bcd"}}, nil},
		{entries{}, map[string]string{"name": "enter a name", "email": "enter an address"}},
		{entries{"Alexandra", "alex@example.org", nil}, map[string]string{"name": "enter another name"}},
		{entries{"123", "alex@example", nil}, map[string]string{"name": "enter another name", "email": "enter an address"}},
		{entries{"A\nB", "a..b@example.org", nil}, map[string]string{"name": "enter another name", "email": "enter an address"}},
		{entries{"Alex", "alex@example.org", []string{}}, map[string]string{"tags": "select one"}},
		{entries{"Alex", "alex@example.org", []string{"a", "b", "c"}}, map[string]string{"tags": "select fewer"}},
		{entries{"Alex", "alex@example.org", []string{"abcd", "abcde"}}, map[string]string{"tags": "select short ones"}},
	} {
		if got := checker.Wrong(row.given, messages); !maps.Equal(got, row.want) {
			t.Errorf("%+v: %v, want %v", row.given, got, row.want)
		}
	}
}

func TestTidyingTwiceIsTidyingOnce(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"": "", " a \t b\n": "a b", "a\u00a0b": "a b", "\ufeffAlex": "Alex", "A\u200blex": "Alex", "Al\u00adex": "Alex", "\u202aAlex\u202c": "Alex", "Alex\u2060": "Alex",
		"Cafe\u0301": "Café", "Cafe\u200b\u0301": "Café", "\u3000Alex\u2009Sample\u202f": "Alex Sample", "\u3164": "", "\u2800Alex": "Alex", "A\u200dlex": "Alex",
		"می\u200cخواهم": "می\u200cخواهم", "क्\u200dष": "क्\u200dष", "\u200dक": "क", "क\u200d": "क", "👩\u200d🏫": "👩\u200d🏫", "a\x00b": "a\x00b",
	} {
		if got := Tidy(given); got != want {
			t.Errorf("Tidy(%q) = %q, want %q", given, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if Tidy(Tidy(s)) != Tidy(s) {
			t.Fatalf("%q", s)
		}
	})
}
