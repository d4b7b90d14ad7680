package testbed

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"mime/quotedprintable"
	"net/url"
	"strings"
	"testing"
)

// A text is found in whichever way it stands in a longer one, and nothing is found where it
// does not.
func TestTracesFindTextHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	const text = `Quill tansy <Ønly> & O’Nonpareil of "Löwe"`
	around := func(s string) string { return "before " + strings.Repeat("ä, ", 30) + s + " and after" }
	inJSON, err := json.Marshal(map[string]string{"note": around(text)})
	if err != nil {
		t.Fatal(err)
	}
	var inMail bytes.Buffer
	w := quotedprintable.NewWriter(&inMail)
	fmt.Fprint(w, around(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if strings.Count(inMail.String(), softBreak) < 2 {
		t.Fatal("no line was broken")
	}
	sum := sha256.Sum256([]byte(strings.ToLower(text)))
	where := map[string]string{
		"plain": around(text), "in capitals": around(strings.ToUpper(text)), "in an address": "/x?q=" + url.QueryEscape(text), "in a path": "/x/" + url.PathEscape(text),
		"in JSON": string(inJSON), "in HTML": html.EscapeString(around(text)), "in an email": inMail.String(), "in hexadecimal": hex.EncodeToString([]byte(around(text))),
		"as its hash": "id " + hex.EncodeToString(sum[:]), "nowhere": around("Quill tansy <Only> & ONonpareil"),
	}
	for before := range 3 {
		where[fmt.Sprint("in base64 after ", before)] = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 3+before) + text + "y"))
		where[fmt.Sprint("in base64 of addresses after ", before)] = base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("x", 3+before) + text + "y"))
	}
	found := Traces(where, text, "never written")
	for place := range where {
		if is := strings.Contains(strings.Join(found, "\n"), place+" has "); is != (place != "nowhere") {
			t.Errorf("%s: found %v", place, is)
		}
	}
	if len(found) != len(where)-1 {
		t.Errorf("found %d times in %d places", len(found), len(where)-1)
	}
}
