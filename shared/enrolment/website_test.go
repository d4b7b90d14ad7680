package enrolment

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
)

// Every answer that the form has can be posted by a page of another site, by the name that it
// has in JSON, and is read as it was: no input is forgotten when the form gets another.
func TestEveryAnswerCanComeFromAWebsite(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var f Form
		v := reflect.ValueOf(&f).Elem()
		word := rapid.StringMatching(`[A-Za-z][a-z0-9&+=%é-]{0,10}`)
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			switch field := v.Field(i).Addr().Interface().(type) {
			case *string:
				*field = word.Draw(t, name)
			case *int:
				*field = rapid.IntRange(0, 1_000_000).Draw(t, name)
			case *bool:
				*field = rapid.Bool().Draw(t, name)
			case *[]string:
				*field = rapid.SliceOfN(word, 1, 4).Draw(t, name)
			case *map[string]int:
				*field = rapid.MapOf(word, rapid.IntRange(1, 3)).Draw(t, name)
			case *map[string]string:
				*field = rapid.MapOf(word, word).Draw(t, name)
			default:
				t.Fatalf("%s is a %T: say how a page posts it", name, field)
			}
		}
		posted := f.Posted()
		got, err := ReadForm(posted)
		if err != nil || !reflect.DeepEqual(got, f) {
			t.Fatalf("%v is read as %+v, %v", posted, got, err)
		}
		for name, values := range posted { // a text area instead of several inputs
			if len(values) > 1 {
				posted[name] = []string{strings.Join(values, "\r\n") + "\r\n"}
			}
		}
		if got, err := ReadForm(posted); err != nil || !reflect.DeepEqual(got, f) {
			t.Fatalf("%v is read as %+v, %v", posted, got, err)
		}
		for _, name := range slices.Sorted(maps.Keys(posted)) {
			input, _, _ := strings.Cut(name, ".")
			if !slices.Contains(Inputs, input) {
				t.Errorf("%q is none of the form's inputs", name)
			}
		}
	})
}

// What no input is, is given twice or cannot be read, is named.
func TestWhatAWebsitePostsWrongIsNamed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { // whatever it is
		_, _ = ReadForm(rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.String())).Draw(t, "posted"))
	})
	f, err := ReadForm(map[string][]string{
		"name": {"a", "b"}, "skills.board": {"1", "2"}, "skills.digital": {"lots"}, "skills.change": {"0"}, "skills.team": {""}, "Email": {"a"}, "skills": {"board"}, "income": {"£1.25 million"}, "capacity": {"many"},
	})
	var invalid *fault.Invalid
	if !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	var named []string
	for _, field := range invalid.Fields {
		named = append(named, field.Name)
	}
	if slices.Sort(named); !slices.Equal(named, []string{"Email", "name", "skills", "skills.board"}) {
		t.Errorf("%q", named)
	}
	if f.Skills["digital"] != -1 || len(f.Skills) != 1 || f.Income != 1_250_000 || f.Capacity != -1 {
		t.Errorf("%+v", f)
	}
}
