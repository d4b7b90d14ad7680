// Command image builds a container image of each function without a container
// daemon, and pushes them where it is told. It is run by scripts/build.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/manifests"
	"github.com/cascading-leadership/cascade/scripts/internal/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		stop()
		os.Exit(1)
	}
}

// options are how images are built.
type options struct {
	root, out, push, tag, images string
	platforms                    []string
	manifests                    bool
}

func command() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use: "build [FUNCTION…]", Short: "Build a container image of each function, without a container daemon",
		Long: "Build a container image of each function, without a container daemon: one static program that runs as nobody, with CA roots and\n" +
			"time zones inside. The same source makes the same image. Images go to a folder as OCI layouts, and with --push to a registry, with the\n" +
			"credentials that `docker login` or `podman login` keep.",
		Example: "  scripts/build\n  scripts/build outbox matching\n  scripts/build --platform linux/amd64,linux/arm64\n" +
			"  scripts/build --push registry.example.org/team --images infra/knative/overlays/mine/images/kustomization.yaml\n" +
			"  scripts/build --manifests     write infra/knative from the schedules and triggers, and build nothing",
		SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, functions []string) error {
			if o.manifests {
				changed, err := manifests.Write(o.root)
				for _, file := range changed {
					fmt.Println("wrote", file)
				}
				return err
			}
			for _, f := range functions {
				if !slices.Contains(stack.Functions, f) {
					return fmt.Errorf("there is no function %q: choose of %s", f, strings.Join(stack.Functions, ", "))
				}
			}
			if len(functions) == 0 {
				functions = stack.Functions
			}
			return o.run(cmd.Context(), functions)
		},
	}
	f := c.Flags()
	f.StringVar(&o.root, "root", ".", "the project's folder")
	f.StringVar(&o.out, "out", filepath.Join(".cascade", "images"), "folder for the images")
	f.StringSliceVar(&o.platforms, "platform", []string{"linux/amd64"}, "what to build for; several make one image for all of them")
	f.StringVar(&o.push, "push", "", "registry and path to push to")
	f.StringVar(&o.tag, "tag", "latest", "tag to push under")
	f.StringVar(&o.images, "images", "", "kustomize component to write with what was pushed, pinned by digest")
	f.BoolVar(&o.manifests, "manifests", false, "only write infra/knative")
	_ = f.MarkHidden("root")
	return c
}

// built is what is saved and pushed: an image, or an index of several.
type built interface {
	Digest() (v1.Hash, error)
	MediaType() (types.MediaType, error)
}

func (o options) run(ctx context.Context, functions []string) error {
	if o.images != "" && o.push == "" {
		return fmt.Errorf("--images names what was pushed: give --push too")
	}
	source, err := sourceAt(ctx, o.root)
	if err != nil {
		return err
	}
	var platforms []v1.Platform
	for _, text := range o.platforms {
		p, err := v1.ParsePlatform(text)
		if err != nil || p.OS == "" || p.Architecture == "" {
			return fmt.Errorf("--platform %s: write it as linux/amd64", text)
		}
		platforms = append(platforms, *p)
	}
	pinned := map[string]string{}
	for i, f := range functions {
		made, size, err := source.all(ctx, f, platforms)
		if err != nil {
			return err
		}
		digest, err := made.Digest()
		if err != nil {
			return err
		}
		if err := save(made, filepath.Join(o.out, f)); err != nil {
			return err
		}
		fmt.Printf("%-15s %s  %5.1f MB  (%d of %d)\n", f, digest, float64(size)/1e6, i+1, len(functions))
		if o.push != "" {
			repository := strings.TrimSuffix(o.push, "/") + "/" + f
			if err := push(ctx, made, repository, o.tag); err != nil {
				return fmt.Errorf("pushing %s: %w", repository, err)
			}
			fmt.Printf("%-15s pushed to %s@%s\n", f, repository, digest)
			pinned[f] = repository + "@" + digest.String()
		}
	}
	if o.images == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(o.images), 0o755); err != nil {
		return err
	}
	return os.WriteFile(o.images, []byte(component(pinned)), 0o644)
}

// all builds a function for every platform. Its size is that of the images' layers, compressed.
func (s source) all(ctx context.Context, function string, platforms []v1.Platform) (built, int64, error) {
	var index v1.ImageIndex = mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	var only v1.Image
	var size int64
	for _, p := range platforms {
		image, err := s.build(ctx, function, p)
		if err != nil {
			return nil, 0, err
		}
		m, err := image.Manifest()
		if err != nil {
			return nil, 0, err
		}
		for _, l := range m.Layers {
			size += l.Size
		}
		index, only = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &p}}), image
	}
	if len(platforms) == 1 {
		return only, size, nil
	}
	return index, size, nil
}

// save writes an OCI layout in place of an earlier one.
func save(made built, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	if index, ok := made.(v1.ImageIndex); ok {
		return path.AppendIndex(index)
	}
	return path.AppendImage(made.(v1.Image))
}

func push(ctx context.Context, made built, repository, tag string) error {
	to, err := name.NewTag(repository + ":" + tag)
	if err != nil {
		return err
	}
	how := []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)}
	if index, ok := made.(v1.ImageIndex); ok {
		return remote.WriteIndex(to, index, how...)
	}
	return remote.Write(to, made.(v1.Image), how...)
}

// component is a kustomize component that puts pushed images in place of the
// names that the base has.
func component(pinned map[string]string) string {
	var text strings.Builder
	text.WriteString("# Written by scripts/build --push … --images …\napiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages:\n")
	for _, f := range slices.Sorted(maps.Keys(pinned)) {
		repository, digest, _ := strings.Cut(pinned[f], "@")
		fmt.Fprintf(&text, "  - name: cascade/%s\n    newName: %s\n    digest: %s\n", f, repository, digest)
	}
	return text.String()
}
