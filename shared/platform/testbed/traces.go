package testbed

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"mime/quotedprintable"
	"net/url"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/id"
)

// Written are the ways in which a text may stand somewhere: as it is, escaped for an
// address, JSON, HTML or an email, in base64 wherever it begins in a longer text, in
// hexadecimal, and as the hashes by which somebody who has a guess can tell that it was there.
// All in small letters, as Traces looks for them, but for base64.
func Written(text string) (ways []string) {
	inJSON, _ := json.Marshal(text)
	var inMail strings.Builder
	printable := quotedprintable.NewWriter(&inMail)
	_, _ = printable.Write([]byte(text)) // to memory
	_ = printable.Close()
	small := []string{
		text, url.QueryEscape(text), url.PathEscape(text), string(inJSON[1 : len(inJSON)-1]), html.EscapeString(text),
		strings.ReplaceAll(inMail.String(), softBreak, ""), hex.EncodeToString([]byte(text)),
	}
	for _, one := range []string{text, strings.ToLower(text)} {
		s256, s1, m := sha256.Sum256([]byte(one)), sha1.Sum([]byte(one)), md5.Sum([]byte(one))
		small = append(small, hex.EncodeToString(s256[:]), id.FromHash(s256[:]), hex.EncodeToString(s1[:]), hex.EncodeToString(m[:]))
		ways = append(ways, base64.StdEncoding.EncodeToString(s256[:]), base64.RawURLEncoding.EncodeToString(s256[:]))
	}
	for _, way := range small {
		ways = append(ways, strings.ToLower(way))
	}
	for before := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("x", before) + text))
			// The first and last characters also hold bits of what is beside it.
			from, to := (before*8+5)/6, (before+len(text))*8/6
			ways = append(ways, encoded[from:to])
		}
	}
	slices.Sort(ways)
	return slices.Compact(ways)
}

// softBreak is where quoted-printable text goes on in the next line.
const softBreak = "=\r\n"

// Traces says where some text stands in others, in whichever way it may be written: each text
// once a place. Texts have six letters at least.
func Traces(where map[string]string, texts ...string) (found []string) {
	// Each way is looked for by its beginning: a place is read once, however many ways there are.
	const begins = 6
	type way struct{ text, written string }
	ways := map[string][]way{}
	for _, text := range texts {
		for _, written := range Written(text) {
			ways[written[:begins]] = append(ways[written[:begins]], way{text, written})
		}
	}
	for place, all := range where {
		seen := map[string]bool{}
		if strings.Contains(all, softBreak) {
			all += strings.ReplaceAll(all, softBreak, "")
		}
		for _, as := range []string{all, strings.ToLower(all)} {
			for i := 0; i+begins <= len(as); i++ {
				for _, w := range ways[as[i:i+begins]] {
					if !seen[w.text] && strings.HasPrefix(as[i:], w.written) {
						seen[w.text] = true
						found = append(found, fmt.Sprintf("%s has %q as %q", place, w.text, w.written))
					}
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// Stored is everything in both databases, as text by the paths of documents. Bytes stand in it
// as they are.
func (b *Bed) Stored() map[string]string {
	b.t.Helper()
	all := map[string]string{}
	documents := b.Documents()
	for path, snap := range b.AnswerDocuments() {
		documents["answers: "+path] = snap
	}
	for path, snap := range documents {
		var text strings.Builder
		text.WriteString(path + "\n")
		write(&text, snap.Data())
		all[path] = text.String()
	}
	return all
}

func write(to *strings.Builder, value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, each := range value {
			to.WriteString(name + "\n")
			write(to, each)
		}
	case []any:
		for _, each := range value {
			write(to, each)
		}
	case []byte:
		to.Write(value)
		to.WriteString("\n")
	default:
		fmt.Fprintln(to, value)
	}
}
