package enrolment

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/privacy"
)

// Agreement is to one purpose of which the basis is consent: by itself, with the version of
// the notice by which it was given, and when it was taken back, where it was.
type Agreement struct {
	Purpose   privacy.PurposeID `firestore:"purpose"`
	Version   string            `firestore:"version"`
	Given     time.Time         `firestore:"given"`
	Withdrawn time.Time         `firestore:"withdrawn,omitempty"`
}

// Holds reports whether it was given and not taken back.
func (a Agreement) Holds() bool { return !a.Given.IsZero() && a.Withdrawn.IsZero() }

// Agreement is what the person has said to a purpose last; the zero Agreement for nothing.
func (e *Enrolment) Agreement(p privacy.PurposeID) Agreement {
	for _, a := range e.Agreements {
		if a.Purpose == p {
			return a
		}
	}
	return Agreement{Purpose: p}
}

// Agrees reports whether the person agrees to a purpose.
func (e *Enrolment) Agrees(p privacy.PurposeID) bool { return e.Agreement(p).Holds() }

// AgreeTo records that the person agrees to a purpose, by a version of the notice, and says
// whether they did not before. A purpose that needs no consent is not asked for any.
func (e *Enrolment) AgreeTo(p privacy.PurposeID, version string, now time.Time) bool {
	if known, ok := privacy.Of(p); !ok || known.Basis != privacy.Consent || e.Agrees(p) {
		return false
	}
	e.Agreements = append(e.without(p), Agreement{Purpose: p, Version: version, Given: now})
	return true
}

// TakeBack records that the person does not agree to a purpose any more, and says whether
// they did.
func (e *Enrolment) TakeBack(p privacy.PurposeID, now time.Time) bool {
	a := e.Agreement(p)
	if !a.Holds() {
		return false
	}
	a.Withdrawn = now
	e.Agreements = append(e.without(p), a)
	return true
}

// without are the agreements to other purposes.
func (e *Enrolment) without(p privacy.PurposeID) []Agreement {
	return slices.DeleteFunc(slices.Clone(e.Agreements), func(a Agreement) bool { return a.Purpose == p })
}

// Agreed are the agreements that a form brings, from the time on from which it counts.
func Agreed(f Form, version string, now time.Time) []Agreement {
	e := new(Enrolment)
	for _, p := range f.Agrees {
		e.AgreeTo(privacy.PurposeID(p), version, now)
	}
	return e.Agreements
}

// AgreeToNotice records that the person agrees to what a notice says now.
func (e *Enrolment) AgreeToNotice(n *privacy.Notice, now time.Time) {
	e.Consent = Consent{Version: n.Version, Facts: n.Facts, At: now}
}

// HasAgreed reports whether the person has agreed to what a notice says now. Who is stored
// without any version is not asked: it is from before there was one.
func (e *Enrolment) HasAgreed(n *privacy.Notice) bool {
	return e.Consent.Version == "" || n.Current(e.Consent.Version, e.Consent.Facts)
}
