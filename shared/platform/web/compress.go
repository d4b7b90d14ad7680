package web

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// compressible is from how many bytes on a page is compressed: less fits into one packet
// either way.
const compressible = 1400

// writePage writes a page, compressed where the browser takes that, it is worth it, and
// it is safe.
//
// All HTML is written here, and style sheet and script are packed when they are built,
// so that there is no middleware that would have to tell one from the other. Downloads
// are not compressed: they are no HTML, and are opened once.
func writePage(w http.ResponseWriter, r *http.Request, status int, page []byte) error {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Accept-Encoding, Cookie, Sec-Fetch-Site")
	if len(page) < compressible || !acceptsGzip(r) || !safeToCompress(r) {
		h.Set("Content-Length", strconv.Itoa(len(page)))
		w.WriteHeader(status)
		_, err := w.Write(page)
		return err
	}
	h.Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(w)
	if _, err := z.Write(page); err != nil {
		return err
	}
	return z.Close()
}

// compressors are kept, since making one takes far more memory than compressing a page.
var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// safeToCompress says whether the length of the compressed page tells nobody what stands
// in it.
//
// A page that holds a secret beside something that an attacker chose is shorter where
// the two agree, and whoever can have a victim's browser ask for such a page again and
// again, and sees how long the encrypted answers are, guesses the secret letter by letter
// (BREACH). Our pages hold no token against forged requests (see Protect): what a browser
// says of where a request comes from stands in for one. They do hold the tokens of links,
// and other people's names and addresses. What such an attack needs is that the victim's
// browser is let in where the attacker's is not:
//
//   - By a cookie: staff's, and a draft's. So a request with a cookie must come from our
//     own pages or from the person themselves, who typed the address or has it as a
//     bookmark; browsers say so in Sec-Fetch-Site, which no page can change. One that
//     does not say so, as an old one or any that another site's page had ask, gets the
//     page as it is.
//   - By a link's token, in the address. Nobody can have a browser ask for an address
//     that they do not know, and who knows it needs no guessing. The other person of a
//     pairing can put words beside it, as the place of a session, but has an email sent
//     by each, and no way to have the page opened: tens of letters with dozens of guesses
//     each do not come about.
func safeToCompress(r *http.Request) bool {
	if r.Header.Get("Cookie") == "" {
		return true
	}
	from := r.Header.Get("Sec-Fetch-Site")
	return from == "same-origin" || from == "none"
}

// acceptsGzip reports whether a request's Accept-Encoding takes gzip. A malformed one
// takes nothing.
func acceptsGzip(r *http.Request) bool {
	accepted := false
	for each := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, parameters, weighted := strings.Cut(each, ";")
		weight := 1.0
		if weighted {
			q, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q=")
			n, err := strconv.ParseFloat(q, 64)
			if !ok || err != nil {
				return false
			}
			weight = n
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return weight > 0 // whatever is said of all others
		case "*":
			accepted = weight > 0
		}
	}
	return accepted
}
