package deskpath

import (
	"net/url"
	"testing"
)

func TestIdsAreEscapedOnce(t *testing.T) {
	t.Parallel()
	const id = `a/b?c&d=e#f%20"é ..`
	for _, row := range []struct{ got, path string }{
		{Of("pilot").Person("alex-seek"), "/desk/programmes/pilot/people/alex-seek"},
		{Of("pilot").Match("run", "m"), "/desk/programmes/pilot/matches/of/run/m"},
		{Of(id).Supervisors(), "/desk/programmes/" + id + "/supervisors"},
		{Of("pilot").Leave(id), "/desk/programmes/pilot/people/" + id + "/leave"},
		{Of("pilot").Match(id, id), "/desk/programmes/pilot/matches/of/" + id + "/" + id},
	} {
		u, err := url.Parse(row.got)
		if err != nil || u.Path != row.path || u.RawQuery != "" || u.Fragment != "" {
			t.Errorf("%s is %+v, %v", row.got, u, err)
		}
	}
	for _, row := range []struct {
		got  string
		want url.Values
	}{
		{Of("pilot").Why("", ""), url.Values{}},
		{Of("pilot").Why(id, ""), url.Values{"for": {id}}},
		{Of("pilot").Why(id, "zoe"), url.Values{"for": {id}, "with": {"zoe"}}},
		{Of("pilot").Pin("alex", id), url.Values{"kind": {"pin"}, "for": {"alex"}, "with": {id}}},
		{Of("pilot").Forbid("alex", "zoe"), url.Values{"kind": {"forbid"}, "for": {"alex"}, "with": {"zoe"}}},
	} {
		u, err := url.Parse(row.got)
		if err != nil || u.Query().Encode() != row.want.Encode() {
			t.Errorf("%s asks %v, want %v, %v", row.got, u.Query(), row.want, err)
		}
	}
}
