package web

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answered is what writePage makes of a page for a request with these headers, by name
// and value in turn: the body as it was sent and as it reads.
func answered(t testing.TB, page string, headers ...string) (w *httptest.ResponseRecorder, read string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w = httptest.NewRecorder()
	if err := writePage(w, r, http.StatusTeapot, []byte(page)); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusTeapot || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || !strings.HasPrefix(w.Header().Get("Vary"), "Accept-Encoding") {
		t.Errorf("%v: status %d, %v", headers, w.Code, w.Header())
	}
	read = w.Body.String()
	if w.Header().Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(strings.NewReader(read))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		read = string(text)
	}
	if read != page {
		t.Errorf("%v: %d bytes are read of %d", headers, len(read), len(page))
	}
	return w, read
}

func TestPagesAreCompressedWhereTheBrowserTakesThat(t *testing.T) {
	t.Parallel()
	page := strings.Repeat("<p>All of it.</p>", 500)
	for accept, want := range map[string]bool{
		"gzip": true, "gzip, deflate, br, zstd": true, "br;q=1.0, gzip;q=0.8, *;q=0.1": true, "GZIP": true, "x-gzip": true, "*": true, "deflate, gzip ; q=0.5": true,
		"": false, "br": false, "identity": false, "gzip;q=0": false, "gzip;q=0.0, br": false, "*;q=0": false, "*, gzip;q=0": false, "gzip;q=0, *": false,
		"gzipped": false, "gzip;level=9": false, "gzip;q=high": false,
	} {
		w, _ := answered(t, page, "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("Accept-Encoding: %s: compressed is %v", accept, got)
		}
		if want && w.Body.Len() > len(page)/10 {
			t.Errorf("Accept-Encoding: %s: %d bytes of %d are left", accept, w.Body.Len(), len(page))
		}
	}
	if w, _ := answered(t, page); w.Header().Get("Content-Encoding") != "" {
		t.Error("a page is compressed for who does not say that they take it")
	}
	if w, _ := answered(t, page[:compressible-1], "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Error("a small page is compressed")
	}
}

// A request that carries a cookie and that another site's page may have made gets the
// page as it is: see safeToCompress.
func TestPagesAreNotCompressedForAnotherSite(t *testing.T) {
	t.Parallel()
	page := strings.Repeat("<p>All of it.</p>", 500)
	for _, row := range []struct {
		cookie, site string
		compressed   bool
	}{
		{"", "", true}, {"", "cross-site", true}, // who knows the address sees all of it
		{"staff", "same-origin", true}, {"staff", "none", true},
		{"staff", "cross-site", false}, {"staff", "same-site", false}, {"staff", "", false}, {"staff", "anything", false},
	} {
		headers := []string{"Accept-Encoding", "gzip"}
		if row.cookie != "" {
			headers = append(headers, "Cookie", "__Host-cascade-staff="+row.cookie)
		}
		if row.site != "" {
			headers = append(headers, "Sec-Fetch-Site", row.site)
		}
		if w, _ := answered(t, page, headers...); (w.Header().Get("Content-Encoding") == "gzip") != row.compressed {
			t.Errorf("%+v: %v", row, w.Header())
		}
	}
}

// BenchmarkCompress compresses a page of a usual size, and the largest one.
func BenchmarkCompress(b *testing.B) {
	for _, people := range []int{20, 10_000} {
		var page strings.Builder
		for i := range people {
			fmt.Fprintf(&page, `<tr class="govuk-table__row"><td class="govuk-table__cell"><a class="govuk-link" href="/desk/programmes/pilot/people/%x">Alex Example %d</a></td><td class="govuk-table__cell">Organisation %d, region %d</td></tr>`, i*2654435761, i, i*7919%people, i%12)
		}
		b.Run(fmt.Sprint(page.Len(), "B"), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(page.Len()))
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Accept-Encoding", "gzip")
			left := 0
			for b.Loop() {
				w := httptest.NewRecorder()
				w.Body = nil
				n := &counted{ResponseWriter: w}
				if err := writePage(n, r, http.StatusOK, []byte(page.String())); err != nil {
					b.Fatal(err)
				}
				left = n.bytes
			}
			b.ReportMetric(float64(left), "B-left")
		})
	}
}

// counted is how many bytes are written.
type counted struct {
	http.ResponseWriter
	bytes int
}

func (c *counted) Write(b []byte) (int, error) {
	c.bytes += len(b)
	return len(b), nil
}
