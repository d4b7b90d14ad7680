package main

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

const (
	// program is where an image has the function, and roots the certificates that it
	// trusts, where Go looks for them when a connection first needs one.
	program = "/function"
	roots   = "/etc/ssl/certs/ca-certificates.crt"
	// user runs it: nobody that any system knows, written as a number so that
	// Kubernetes can see it is not root.
	user = "65532:65532"
)

// source is the state of the project that images are built from.
type source struct {
	root     string
	revision string
	// made is the revision's time, so that the same source makes the same image.
	made time.Time
}

func sourceAt(ctx context.Context, root string) (source, error) {
	git := func(args ...string) (string, error) {
		c := exec.CommandContext(ctx, "git", append([]string{"-C", root}, args...)...)
		c.Stderr = os.Stderr
		out, err := c.Output()
		return strings.TrimSpace(string(out)), err
	}
	at, err := git("log", "-1", "--format=%H %cI")
	if err != nil {
		return source{}, fmt.Errorf("images are built from a git checkout: %w", err)
	}
	revision, when, _ := strings.Cut(at, " ")
	made, err := time.Parse(time.RFC3339, when)
	if err != nil {
		return source{}, err
	}
	changes, err := git("status", "--porcelain", "--untracked-files=no")
	if err != nil {
		return source{}, err
	}
	if changes != "" {
		revision += "-changed"
	}
	return source{root, revision, made.UTC()}, nil
}

// build makes a function's image for a platform: one static program in an empty
// root file system, beside the CA roots. Time zones are in the program itself.
func (s source) build(ctx context.Context, name string, platform v1.Platform) (v1.Image, error) {
	dir, err := os.MkdirTemp("", "cascade-image-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, name)
	// The version control's stamp would differ with what git knows of the folder.
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, "./functions/"+name+"/cmd")
	c.Dir = s.root
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+platform.OS, "GOARCH="+platform.Architecture)
	if out, err := c.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s does not build for %s: %w\n%s", name, platform, err, out)
	}
	layer, err := s.layer(binary)
	if err != nil {
		return nil, err
	}
	image, err := mutate.Append(mutate.MediaType(mutate.ConfigMediaType(empty.Image, types.OCIConfigJSON), types.OCIManifestSchema1), mutate.Addendum{
		Layer: layer, MediaType: types.OCILayer,
		History: v1.History{Created: v1.Time{Time: s.made}, CreatedBy: "scripts/build", Comment: "the function " + name},
	})
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Variant = platform.OS, platform.Architecture, platform.Variant
	file.Created = v1.Time{Time: s.made}
	file.Config = v1.Config{
		User: user, Entrypoint: []string{program}, WorkingDir: "/",
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		Labels: map[string]string{
			"org.opencontainers.image.title":    "Cascade: " + name,
			"org.opencontainers.image.revision": s.revision,
			"org.opencontainers.image.licenses": "MIT",
		},
	}
	return mutate.ConfigFile(image, file)
}

// layer holds the program and the roots, which nobody may change.
func (s source) layer(binary string) (v1.Layer, error) {
	content, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	w := tar.NewWriter(&text)
	for _, file := range []struct {
		name    string
		mode    int64
		content []byte
	}{{roots, 0o444, certificates()}, {program, 0o555, content}} {
		if err := w.WriteHeader(&tar.Header{
			Name: strings.TrimPrefix(file.name, "/"), Mode: file.mode, Size: int64(len(file.content)),
			Typeflag: tar.TypeReg, ModTime: s.made, Format: tar.FormatPAX,
		}); err != nil {
			return nil, err
		}
		if _, err := w.Write(file.content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text.Bytes())), nil },
		tarball.WithMediaType(types.OCILayer))
}

// certificates are the roots that Mozilla trusts, as PEM. Those that it trusts
// only within a limit are left out, since a file cannot say the limit. They are a
// file and not part of the program, which would read all of them at each start.
func certificates() []byte {
	var text bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // to memory
		}
	}
	return text.Bytes()
}
