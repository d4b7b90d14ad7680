package table

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/matching/certificate"
)

const proved = `{
 "format": "cascade-certificate-1",
 "objective": "total",
 "matched": 1,
 "score": 5,
 "worst": 5,
 "proofs": [
  {
   "claim": "most matched",
   "least": 0,
   "premium": 1,
   "factor": 0,
   "clients": {
    "a": 1
   },
   "consultants": {},
   "supervisors": {}
  }
 ]
}
`

func proof(text string) (*certificate.Certificate, error) {
	return ReadCertificate("cert.json", strings.NewReader(text))
}

func TestCertificatesAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	want := &certificate.Certificate{Format: "cascade-certificate-1", Objective: "total", Matched: 1, Score: 5, Worst: 5, Proofs: []certificate.Proof{{
		Claim: "most matched", Premium: 1, Clients: map[string]int64{"a": 1}, Consultants: map[string]int64{}, Supervisors: map[string]int64{},
	}}}
	for _, text := range []string{proved, "\ufeff" + proved, strings.ReplaceAll(proved, "\n", "\r\n"), strings.TrimSpace(proved)} {
		if got, err := proof(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v: %+v", text, err, got)
		}
	}
	var b bytes.Buffer
	if err := WriteCertificate(&b, want); err != nil || b.String() != proved {
		t.Errorf("%v: it is written %s", err, b.String())
	}
}

func TestCertificatesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, old, new string
		at             Error
		says           []string
	}{
		{"an unknown member", `"worst": 5`, `"worst": 5, "best": 6`, Error{Line: 6, Column: 14}, []string{`unknown member "/best"`}},
		{"an unknown member of a proof", `"least"`, `"most"`, Error{Line: 10, Column: 4}, []string{`unknown member "/proofs/0/most"`}},
		{"a member in capitals", `"worst"`, `"Worst"`, Error{Line: 6, Column: 2}, []string{`unknown member "/Worst"`}},
		{"a member twice", `"worst": 5`, `"score": 5`, Error{Line: 6, Column: 2}, []string{"duplicate"}},
		{"a price twice", `"a": 1`, `"a": 1, "a": 1`, Error{Line: 14, Column: 13}, []string{"duplicate"}},
		{"a missing member", ` "worst": 5,`, ``, Error{}, []string{`"worst" is missing`}},
		{"a missing member of a proof", `   "least": 0,`, ``, Error{}, []string{`"least" of proof 1 is missing`}},
		{"null", `"worst": 5`, `"worst": null`, Error{}, []string{`"worst" is missing`}},
		{"null for prices", `"supervisors": {}`, `"supervisors": null`, Error{}, []string{`"supervisors" of proof 1 is missing`}},
		{"null for a proof", `"proofs": [`, `"proofs": [null,`, Error{}, []string{"proof 1 is missing"}},
		{"a text for a number", `"worst": 5`, `"worst": "5"`, Error{Line: 6, Column: 11}, []string{`"/worst" is not a whole number`}},
		{"a number for a text", `"total"`, `1`, Error{Line: 3, Column: 15}, []string{`"/objective" is not a text`}},
		{"a list for prices", `"supervisors": {}`, `"supervisors": []`, Error{Line: 17, Column: 19}, []string{"an object"}},
		{"a fraction", `"a": 1`, `"a": 1.5`, Error{Line: 14, Column: 10}, []string{`"/proofs/0/clients/a" is not a whole number`}},
		{"a number beyond bounds", `"a": 1`, `"a": 9223372036854775808`, Error{Line: 14, Column: 10}, nil},
		{"NaN", `"a": 1`, `"a": NaN`, Error{Line: 14, Column: 10}, []string{"invalid character"}},
		{"a comma too many", `"a": 1`, `"a": 1,`, Error{Line: 14, Column: 11}, nil},
		{"an open end", "\n ]\n}\n", "", Error{Line: 18, Column: 4}, nil},
		{"something after the end", "\n]\n}\n", "", Error{}, nil},
		{"Latin-1", `"a": 1`, "\"\xe9\": 1", Error{Line: 14, Column: 6}, []string{"UTF-8"}},
	} {
		text := strings.Replace(proved, row.old, row.new, 1)
		if row.name == "something after the end" {
			text, row.at = proved+"{}", Error{Line: 21, Column: 1}
		}
		c, err := proof(text)
		if fails(t, row.name, err, row.at, row.says...); c != nil {
			t.Errorf("%s: it is read all the same", row.name)
		}
	}
	for _, text := range []string{"", " ", "[]", "1", "null", "{}"} {
		if _, err := proof(text); err == nil || !strings.HasPrefix(err.Error(), "cert.json") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := ReadCertificate("cert.json", broken{}); err != errBroken {
		t.Errorf("a broken disk: %v", err)
	}
}

func TestCertificatesReadAsAnyWereWritten(t *testing.T) {
	t.Parallel()
	prices := rapid.MapOfN(rapid.StringMatching(`[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,8}`), rapid.Int64(), 0, 5)
	rapid.Check(t, func(t *rapid.T) {
		want := &certificate.Certificate{
			Format: rapid.String().Draw(t, "format"), Objective: rapid.String().Draw(t, "objective"),
			Matched: rapid.Int().Draw(t, "matched"), Score: rapid.Int().Draw(t, "score"), Worst: rapid.Int().Draw(t, "worst"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "proofs") {
			want.Proofs = append(want.Proofs, certificate.Proof{
				Claim: certificate.Total, Least: rapid.Int().Draw(t, "least"), Premium: rapid.Int64().Draw(t, "premium"), Factor: rapid.Int64().Draw(t, "factor"),
				Clients: prices.Draw(t, "clients"), Consultants: prices.Draw(t, "consultants"), Supervisors: prices.Draw(t, "supervisors"),
			})
		}
		var b bytes.Buffer
		if err := WriteCertificate(&b, want); err != nil {
			t.Fatal(err)
		}
		if got, err := proof(b.String()); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v: %+v, want %+v", err, got, want)
		}
	})
}

func FuzzCertificate(f *testing.F) {
	for _, text := range []string{proved, "{}", "", "[", strings.Replace(proved, "1", "-1", 9), strings.Replace(proved, `"a"`, `"\u0061"`, 1), strings.Replace(proved, `"a"`, `"\ud800"`, 1), "\ufeff" + proved} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := proof(text)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteCertificate(&b, c); err != nil {
			t.Fatal(err)
		}
		if got, err := proof(b.String()); err != nil || !reflect.DeepEqual(got, c) {
			t.Fatalf("%q: %v: %+v, want %+v", text, err, got, c)
		}
	})
}

// The largest certificate of which the speed is promised: 163,000 and 163,000.
func BenchmarkWriteCertificate(b *testing.B) {
	c := &certificate.Certificate{}
	for range 3 {
		p := certificate.Proof{Clients: map[string]int64{}, Consultants: map[string]int64{}}
		for k := range int64(163_000) {
			p.Clients[fmt.Sprintf("c%06d", k)], p.Consultants[fmt.Sprintf("d%06d", k)] = 1_000_000_000+k, k
		}
		c.Proofs = append(c.Proofs, p)
	}
	for b.Loop() {
		var size counter
		if err := WriteCertificate(&size, c); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(size))
	}
}

type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
