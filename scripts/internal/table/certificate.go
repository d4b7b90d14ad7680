package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/text"
)

// nullableCertificate is a certificate of which one can tell what is missing.
type nullableCertificate struct {
	Format    *string           `json:"format"`
	Objective *string           `json:"objective"`
	Matched   *int              `json:"matched"`
	Score     *int              `json:"score"`
	Worst     *int              `json:"worst"`
	Proofs    *[]*nullableProof `json:"proofs"`
}

type nullableProof struct {
	Claim       *certificate.Claim `json:"claim"`
	Least       *int               `json:"least"`
	Premium     *int64             `json:"premium"`
	Factor      *int64             `json:"factor"`
	Clients     *map[string]int64  `json:"clients"`
	Consultants *map[string]int64  `json:"consultants"`
	Supervisors *map[string]int64  `json:"supervisors"`
}

// ReadCertificate reads a certificate's JSON: each member once, none missing, none
// that is not known. Whether it proves anything is for package certificate to say.
func ReadCertificate(file string, from io.Reader) (*certificate.Certificate, error) {
	r, err := text.Reader(from)
	if foreign := text.Foreign(""); errors.As(err, &foreign) {
		return nil, &Error{File: file, Text: foreign.Error()}
	}
	if err != nil {
		return nil, err
	}
	written, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var in nullableCertificate
	if err := json.Unmarshal(written, &in, json.RejectUnknownMembers(true)); err != nil {
		return nil, syntaxError(file, written, err)
	}
	c := new(certificate.Certificate)
	if err := complete(file, "", in); err != nil {
		return nil, err
	}
	c.Format, c.Objective, c.Matched, c.Score, c.Worst = *in.Format, *in.Objective, *in.Matched, *in.Score, *in.Worst
	for n, p := range *in.Proofs {
		if p == nil {
			return nil, &Error{File: file, Text: fmt.Sprintf("proof %d is missing", n+1)}
		}
		if err := complete(file, fmt.Sprintf(" of proof %d", n+1), *p); err != nil {
			return nil, err
		}
		c.Proofs = append(c.Proofs, certificate.Proof{
			Claim: *p.Claim, Least: *p.Least, Premium: *p.Premium, Factor: *p.Factor,
			Clients: *p.Clients, Consultants: *p.Consultants, Supervisors: *p.Supervisors,
		})
	}
	return c, nil
}

// complete finds the first member that is missing.
func complete(file, of string, object any) error {
	v := reflect.ValueOf(object)
	for i := range v.NumField() {
		if v.Field(i).IsNil() {
			return &Error{File: file, Text: fmt.Sprintf("%q%s is missing", v.Type().Field(i).Tag.Get("json"), of)}
		}
	}
	return nil
}

// syntaxError says what is wrong with a certificate's JSON, and where.
func syntaxError(file string, written []byte, err error) error {
	e := &Error{File: file, Text: "this is not the JSON of a certificate"}
	offset := int64(0)
	var syntax *jsontext.SyntacticError
	var meaning *json.SemanticError
	switch {
	case errors.As(err, &syntax):
		offset, e.Text = syntax.ByteOffset, syntax.Err.Error()
	case errors.As(err, &meaning) && errors.Is(err, json.ErrUnknownName):
		offset, e.Text = meaning.ByteOffset, fmt.Sprintf("unknown member %q", meaning.JSONPointer)
	case errors.As(err, &meaning):
		want := map[reflect.Kind]string{reflect.String: "a text", reflect.Slice: "a list", reflect.Map: "an object", reflect.Struct: "an object"}[meaning.GoType.Kind()]
		if want == "" {
			want = "a whole number of at most 63 bits"
		}
		offset, e.Text = meaning.ByteOffset, fmt.Sprintf("%q is not %s", meaning.JSONPointer, want)
	case len(bytes.TrimSpace(written)) == 0:
		e.Text = "the file is empty"
		return e
	}
	before := written[:min(int(offset), len(written))]
	e.Line = bytes.Count(before, []byte("\n")) + 1
	e.Column = len(before) - bytes.LastIndexByte(before, '\n')
	return e
}

// WriteCertificate writes a certificate as ReadCertificate reads it, people in the
// order of their ids.
func WriteCertificate(to io.Writer, c *certificate.Certificate) error {
	if err := json.MarshalWrite(to, c, json.Deterministic(true), jsontext.WithIndent(" ")); err != nil {
		return err
	}
	_, err := io.WriteString(to, "\n")
	return err
}
