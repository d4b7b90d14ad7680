package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// dist holds what scripts/assets builds from GOV.UK Frontend: cascade.css,
// govuk-frontend.min.js, and start.js, which starts it; lookup.js, which a page adds where
// it lets one look something up while typing; and each packed, in a file named .gz.
//
//go:embed all:assets/dist
var dist embed.FS

// asset is one file to serve, plain and packed.
type asset struct{ plain, packed []byte }

// assets are the files by name, and version a hash of all their content, which
// stands in their path, so that browsers keep them for ever and never a stale one.
var assets = sync.OnceValues(func() (map[string]asset, string) {
	all := map[string]asset{}
	sum := sha256.New()
	packed, _ := fs.Glob(dist, "assets/dist/*.gz")
	for _, name := range packed {
		var a asset
		a.packed, _ = fs.ReadFile(dist, name)
		a.plain, _ = fs.ReadFile(dist, strings.TrimSuffix(name, ".gz"))
		sum.Write(a.packed)
		all[strings.TrimSuffix(path.Base(name), ".gz")] = a
	}
	return all, hex.EncodeToString(sum.Sum(nil))[:12]
})

// AssetsBuilt says whether the style sheet is there: a program built before
// scripts/assets ran has none.
func AssetsBuilt() error {
	if all, _ := assets(); len(all["cascade.css"].plain) == 0 {
		return errors.New("the style sheet is missing: run scripts/assets, then build again")
	}
	return nil
}

// AssetPath is where an asset is served.
func AssetPath(name string) string {
	_, version := assets()
	return "/assets/" + version + "/" + name
}

// Assets serves the style sheet and the script under /assets/.
func Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all, _ := assets()
		a, ok := all[path.Base(r.URL.Path)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", mime.TypeByExtension(path.Ext(r.URL.Path)))
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Add("Vary", "Accept-Encoding")
		body := a.plain
		if acceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body = a.packed
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // the client went away
	})
}
