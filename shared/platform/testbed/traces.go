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
	"net/url"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/id"
)

// Written are the ways in which a text may stand somewhere: as it is, escaped for an
// address, JSON or HTML, in base64 wherever it begins in a longer text, in hexadecimal, and as
// the hashes by which somebody who has a guess can tell that it was there. All in small
// letters, as Traces looks for them, but for base64.
func Written(text string) (ways []string) {
	inJSON, _ := json.Marshal(text)
	small := []string{
		text, url.QueryEscape(text), url.PathEscape(text), string(inJSON[1 : len(inJSON)-1]), html.EscapeString(text),
		hex.EncodeToString([]byte(text)),
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

// Traces says where some text stands in others, in whichever way it may be written.
func Traces(where map[string]string, texts ...string) (found []string) {
	for place, all := range where {
		small := strings.ToLower(all)
		for _, text := range texts {
			for _, way := range Written(text) {
				if strings.Contains(all, way) || strings.Contains(small, way) {
					found = append(found, fmt.Sprintf("%s has %q as %q", place, text, way))
					break
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
