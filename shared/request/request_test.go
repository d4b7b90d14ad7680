package request

import (
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Who answers is the coordinator whom the settings name, or else the host's contact, or else
// who is there for the longest time; whoever asks first is one of the coordinators.
func TestRequestsGoToANamedPerson(t *testing.T) {
	t.Parallel()
	day := func(d int) time.Time { return time.Date(2027, 1, d, 0, 0, 0, 0, time.UTC) }
	ann, kim, morgan := Colleague{"a", "ann@example.org", day(3)}, Colleague{"k", "kim@example.org", day(1)}, Colleague{"m", "morgan@example.org", day(2)}
	for name, row := range map[string]struct {
		named, host string
		all         []Colleague
		want        string
	}{
		"nobody":                        {"ann@example.org", "", nil, ""},
		"the one who is named":          {"Ann@Example.org", "morgan@example.org", []Colleague{kim, morgan, ann}, "a"},
		"named, and no coordinator":     {"else@example.org", "morgan@example.org", []Colleague{kim, morgan, ann}, "m"},
		"the host's contact":            {"", "morgan@example.org", []Colleague{kim, morgan, ann}, "m"},
		"who is there for longest":      {"", "office@example.org", []Colleague{ann, morgan, kim}, "k"},
		"of those of one day the first": {"", "", []Colleague{{"z", "z@example.org", day(1)}, kim}, "k"},
	} {
		p := &programme.Programme{RequestsTo: row.named, Host: programme.Host{Email: row.host}}
		if got := To(p, row.all); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

// A request is due within a month, whoever it is handed to, and late after; what is done is
// neither late nor handed on.
func TestRequestIsHandedOnAndDueAsBefore(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 1, 15, 12, 0, 0, 0, time.UTC)
	r := New("r", "alex-seek", Others, "m", now)
	if due := r.DueAt; due.Before(now.AddDate(0, 0, 28)) || due.After(now.AddDate(0, 1, 0)) || r.Late(due) || !r.Late(due.Add(time.Second)) {
		t.Errorf("due %v", r.DueAt)
	}
	for asked, due := range map[string]string{"2027-01-31": "2027-02-28", "2027-03-31": "2027-04-30", "2027-12-31": "2028-01-31", "2028-01-30": "2028-02-29"} {
		at, err := time.Parse(time.DateOnly, asked)
		if got := New("r", "alex-seek", Others, "m", at).DueAt.Format(time.DateOnly); err != nil || got != due {
			t.Errorf("asked on %s, due on %s, want %s", asked, got, due)
		}
	}
	if changed, err := r.Hand("k", now.Add(time.Hour)); !changed || err != nil || r.For != "k" || !r.DueAt.Equal(now.AddDate(0, 1, 0)) {
		t.Errorf("%v, %v: %+v", changed, err, r)
	}
	if changed, err := r.Hand("k", now.Add(2*time.Hour)); changed || err != nil || !r.UpdatedAt.Equal(now.Add(time.Hour)) {
		t.Errorf("twice: %v, %v", changed, err)
	}
	if err := r.End(Closed, "k", now); err != nil || r.Late(now.AddDate(1, 0, 0)) {
		t.Errorf("%v: late when it is done", err)
	}
	if _, err := r.Hand("m", now); err == nil {
		t.Error("handed on when it is done")
	}
}
