package enrolment

import (
	"reflect"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Whoever takes a place begins with what the organisation is, and with nothing else of who led it
// before: also of an answer that comes later, as this looks at every one that there is.
func TestNewLeaderBeginsWithTheOrganisationAlone(t *testing.T) {
	t.Parallel()
	e := &Enrolment{Role: programme.Client}
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			v.SetString("canary")
		case reflect.Int:
			v.SetInt(3)
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0))
		case reflect.Map:
			value := reflect.New(v.Type().Elem()).Elem()
			fill(value)
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf("canary").Convert(v.Type().Key()), value)
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					fill(v.Field(i))
				}
			}
		}
	}
	fill(reflect.ValueOf(e).Elem())
	f := reflect.ValueOf(Succession(e))
	for i := range f.NumField() {
		switch name := f.Type().Field(i).Name; name {
		case "Organisation", "Number", "Postcode", "Region", "Categories", "Income", "Heard":
		default:
			if !f.Field(i).IsZero() {
				t.Errorf("%s is passed on: %v", name, f.Field(i))
			}
		}
	}
	if Succession(e).Heard == e.Heard {
		t.Error("how they heard of it is passed on")
	}
}

// One is asked at a time, taking back is for what nobody has taken up, and goals pass on from who
// helps nobody and steps down themselves.
func TestHandingOver(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, time.March, 2, 12, 0, 0, 0, time.UTC)
	e := &Enrolment{State: Ready, Role: programme.Client}
	if changed, err := e.HandOver("a", false, true, now); !changed || err != nil || !e.Handover.Goals || !e.Handover.Waits(now) {
		t.Fatal(changed, err, e.Handover)
	}
	if changed, err := e.HandOver("b", true, true, now.Add(time.Hour)); changed || err != nil || e.Handover.Nomination != "a" {
		t.Error("another is asked while one is")
	}
	if !e.LeadOn() || e.LeadOn() || e.Handover != (Handover{}) {
		t.Error("it is not taken back once")
	}
	if _, _ = e.HandOver("c", true, true, now); e.Handover.Goals {
		t.Error("the coordinator passes goals on")
	}
	later := now.Add(HandoverLife)
	if e.Handover.Waits(later) || !e.Hands("c") {
		t.Error("it waits for good, or a form that was sent in time counts for nothing")
	}
	if changed, _ := e.HandOver("d", false, false, later); !changed || e.Hands("c") || !e.Hands("d") {
		t.Error("after its time nobody else can be asked")
	}
	heir := &Enrolment{State: Confirmed, Role: programme.Client}
	heir.Succeed(e, later)
	if e.LeadOn() || e.Hands("d") || !e.Handover.Taken() || heir.Succeeds != "d" || heir.State != Ready {
		t.Errorf("%+v, then %+v", e, heir)
	}
	heir.DueAt = later
	if err := heir.Prepare(Readiness{Workshop: true}, "", later); err != nil || heir.State != Ready || heir.DueAt.IsZero() {
		t.Errorf("who takes over is not looked at any more: %+v, %v", heir, err)
	}
	e.Withdraw()
	if _, err := e.HandOver("e", false, false, later); err == nil {
		t.Error("who has left hands over")
	}
	e.Return(later)
	if e.Handover != (Handover{}) || e.State != Ready {
		t.Errorf("who came back: %+v", e)
	}
	who := &Enrolment{State: Ready, Role: programme.Consultant, Readiness: Readiness{Trained: true}, Supervisor: "sam"}
	if _, _ = who.HandOver("f", false, true, now); who.Handover.Goals {
		t.Error("who helps passes goals on")
	}
	next := &Enrolment{State: Confirmed, Role: programme.Consultant}
	if next.Succeed(who, now); next.State != Confirmed || next.Readiness.Trained || next.Supervisor != "" {
		t.Errorf("an office is trained: %+v", next)
	}
}
