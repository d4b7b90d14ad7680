package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
	"github.com/cascading-leadership/cascade/scripts/internal/manifests"
	"github.com/cascading-leadership/cascade/scripts/internal/stack"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

const root = "../../.."

// Every image, in short two of them, runs by itself: in its own root file system with nothing else in
// it, as its own user, with the environment that the manifests give it and the
// address of an emulator, it becomes ready and ends when it is told to.
func TestEveryImageStartsFromItsRootFileSystem(t *testing.T) {
	t.Parallel()
	bed := testbed.New(t)
	source, err := sourceAt(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	environments := environments(t)
	functions := stack.Functions
	if testing.Short() { // what serves pages, and what sends emails, for all
		functions = []string{"enrolment", "outbox"}
	}
	for _, function := range functions {
		t.Run(function, func(t *testing.T) {
			image, err := source.build(t.Context(), function, v1.Platform{OS: "linux", Architecture: "amd64"})
			if err != nil {
				t.Fatal(err)
			}
			dir := extract(t, image)
			info, err := buildinfo.ReadFile(filepath.Join(dir, program))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(info.String(), "CGO_ENABLED=0") {
				t.Error("the program is not static")
			}
			if found := switchesIn(t, filepath.Join(dir, program)); len(found) > 0 {
				t.Errorf("the program can be told to leave out its guards: it holds %q", found)
			}
			trusted, err := os.ReadFile(filepath.Join(dir, roots))
			if err != nil || !x509.NewCertPool().AppendCertsFromPEM(trusted) || bytes.Count(trusted, []byte("BEGIN CERTIFICATE")) < 100 {
				t.Errorf("%d bytes of CA roots, %v", len(trusted), err)
			}

			values := map[string]string{
				"GOOGLE_CLOUD_PROJECT": bed.Project, "FIRESTORE_DATABASE": "(default)", "FIRESTORE_ANSWERS_DATABASE": "answers",
				"CASCADE_PUBLIC_URL": "https://cascade.example.org", bearer.Setting: localissuer.Setting("http://127.0.0.1:1"), "CASCADE_LINK_KEY": "7f38205932975761ae4f34549890447f994cbd67ffa12cbe870e9ec7b7ac8a16",
				"CASCADE_ENROLMENT_LINK_KEYS": "", "CASCADE_PARTICIPANT_LINK_KEYS": "", "CASCADE_QUESTIONNAIRES_LINK_KEYS": "", "CASCADE_DESK_LINK_KEYS": "", "CASCADE_STAFF_KEYS": "", "CASCADE_REPORT_KEYS": "", "CASCADE_ANSWER_KEYS": "a:7f38205932975761ae4f34549890447f994cbd67ffa12cbe870e9ec7b7ac8a16", "CASCADE_ERASURE_KEYS": "", "CASCADE_AUDIT_KEYS": "", "CASCADE_SEAL_KEYS": "local:7f38205932975761ae4f34549890447f994cbd67ffa12cbe870e9ec7b7ac8a16",
				"CASCADE_SIGN_IN_LINK": "off", "CASCADE_OPENID_ISSUER": "https://id.example.org", "CASCADE_OPENID_NAME": "Example ID",
				"CASCADE_OPENID_CLIENT_ID": "cascade", "CASCADE_OPENID_CLIENT_SECRET": "secret", "CASCADE_OPENID_HOSTED_DOMAIN": "",
				"CASCADE_TRUSTED_PROXIES": "10.0.0.0/8", "CASCADE_FORMS_PER_HOUR_AND_NETWORK": "60", "CASCADE_FORMS_PER_HOUR_AND_PROGRAMME": "1000",
				"CASCADE_STAFF_IDLE_LIMIT": "", "CASCADE_STAFF_ABSOLUTE_LIMIT": "24h",
				"CASCADE_DATABASE_LOCATION": "europe-west2", "CASCADE_PLATFORM": "Example Hosting", "CASCADE_WATCHED_BY": "",
				"SENDGRID_API_KEY": "key", "SENDGRID_WEBHOOK_KEY": "", "CASCADE_MAIL_PROVIDER": "sendgrid",
				"SENDGRID_HOST": "https://api.sendgrid.com", "CASCADE_MAILS_PER_MINUTE": "600", "CASCADE_MAILS_PER_MINUTE_AND_DOMAIN": "100",
				"SMTP_TLS": "starttls", "SMTP_HOST": "", "SMTP_PORT": "587", "SMTP_USER": "", "SMTP_PASSWORD": "", "CASCADE_SENDER_NAME": "Cascading Leadership", "CASCADE_SENDER_EMAIL": "programme@example.org",
				"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "",
			}
			// Its log tells the time in the zone asked for only if zones are inside.
			env := []string{"FIRESTORE_EMULATOR_HOST=" + os.Getenv("FIRESTORE_EMULATOR_HOST"), "HOST=127.0.0.1", "TZ=Asia/Kolkata"}
			for _, v := range environments[function] {
				value, ok := values[v.Name]
				if !ok && v.Value == "" {
					t.Errorf("the manifests set %s, for which this test has no value", v.Name)
				}
				env = append(env, v.Name+"="+cmp.Or(v.Value, value))
			}
			p := run(t, dir, env)
			p.waitFor("/health/readiness", http.StatusOK)
			if function == "enrolment" {
				if page := p.waitFor("/enrol/pilot", http.StatusOK); !strings.Contains(page, testbed.Nonsense.Client.Singular) {
					t.Errorf("the first page does not show the programme: %.300s", page)
				}
			}
			if err := p.stop(); err != nil {
				t.Errorf("told to stop, it ended with %v", err)
			}
			if log := p.log.String(); !strings.Contains(log, "+05:30") {
				t.Errorf("its log has no zone: %.300s", log)
			}
		})
	}
}

// What looks for the switches of scripts/test-faults in a program finds all of them in
// one that has them: this one.
func TestSwitchesAreFoundWhereTheyAre(t *testing.T) {
	t.Parallel()
	this, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if found, want := switchesIn(t, this), switchNames(); !slices.Equal(found, want) {
		t.Errorf("found %q and not %q", found, want)
	}
}

// No function is built of what switches guards off, whichever images a test looks into.
func TestNoFunctionIsBuiltWithSwitches(t *testing.T) {
	t.Parallel()
	for _, function := range stack.Functions {
		c := exec.CommandContext(t.Context(), "go", "list", "-deps", "./functions/"+function+"/cmd")
		c.Dir = root
		out, err := c.Output()
		if err != nil || !bytes.Contains(out, []byte("/shared/platform/serve\n")) {
			t.Fatalf("%s: %v, %.300s", function, err, out)
		}
		if bytes.Contains(out, []byte("/scripts/")) {
			t.Errorf("%s is built with a package of scripts, where the switches are", function)
		}
	}
}

// switchNames are what a program holds in which guards can be switched off.
func switchNames() []string {
	names := append([]string{"faults/sabotage"}, sabotage.Variables...)
	for _, guard := range sabotage.Guards {
		names = append(names, string(guard))
	}
	return names
}

// switchesIn are those of the names that stand in a program.
func switchesIn(t *testing.T, program string) (found []string) {
	t.Helper()
	code, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range switchNames() {
		if bytes.Contains(code, []byte(name)) {
			found = append(found, name)
		}
	}
	return found
}

// variable is one of a function's environment; its value may stand elsewhere.
type variable struct{ Name, Value string }

// environments are the variables that the manifests set, by function.
func environments(t *testing.T) map[string][]variable {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, manifests.Base, "functions.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]variable{}
	for decoder := yaml.NewDecoder(strings.NewReader(string(text))); ; {
		var object struct {
			Kind     string
			Metadata struct{ Name string }
			Spec     struct {
				Template struct {
					Spec struct {
						Containers []struct {
							Env []variable
						}
					}
				}
			}
		}
		if err := decoder.Decode(&object); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		for _, c := range object.Spec.Template.Spec.Containers {
			all[object.Metadata.Name] = append(all[object.Metadata.Name], c.Env...)
		}
	}
}

// extract writes an image's files to a folder, as a container's root.
func extract(t *testing.T, image v1.Image) string {
	t.Helper()
	dir := t.TempDir()
	// The test's folder is its own; the image's user must reach what is in it.
	for d := dir; strings.Contains(d, "TestEveryImage"); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	files := mutate.Extract(image)
	defer files.Close()
	for r := tar.NewReader(files); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Mode&0o222 != 0 {
			t.Errorf("%s can be changed (%o)", h.Name, h.Mode)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(h.Name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, h.Name), content, h.FileInfo().Mode()); err != nil {
			t.Fatal(err)
		}
	}
}

// running is a program in a root file system of its own.
type running struct {
	t    *testing.T
	c    *exec.Cmd
	url  string
	log  buffer
	done chan error
}

func run(t *testing.T, dir string, env []string) *running {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	p := &running{t: t, url: "http://127.0.0.1:" + port, done: make(chan error, 1)}
	p.c = exec.Command(program)
	p.c.Dir, p.c.Env, p.c.Stderr = "/", append(env, "PORT="+port), &p.log
	p.c.SysProcAttr = &syscall.SysProcAttr{Chroot: dir, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() == 0 {
		p.c.SysProcAttr.Credential = &syscall.Credential{Uid: 65532, Gid: 65532}
	} else { // who is not root may change the root in a name space of their own
		p.c.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		p.c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 65532, HostID: os.Getuid(), Size: 1}}
		p.c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 65532, HostID: os.Getgid(), Size: 1}}
	}
	if err := p.c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.c.Wait() }()
	t.Cleanup(func() { _ = p.c.Process.Kill() })
	return p
}

func (p *running) waitFor(path string, status int) string {
	p.t.Helper()
	last := "no answer"
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-p.done:
			p.t.Fatalf("it ended (%v):\n%s", err, p.log.String())
		default:
		}
		response, err := http.Get(p.url + path)
		if err != nil {
			continue
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode == status {
			return string(body)
		}
		last = response.Status
	}
	p.t.Fatalf("%s: %s\n%s", path, last, p.log.String())
	return ""
}

func (p *running) stop() error {
	if err := p.c.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-p.done:
		return err
	case <-time.After(30 * time.Second):
		return fmt.Errorf("it does not end")
	}
}

// buffer is text that a process writes while a test reads it.
type buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Pushed images are found in the registry for each platform under the digest that
// the written component names, and the same source makes the same image. In short it is
// one platform: for another one all is compiled once more.
func TestImagesArePushedByDigest(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	o := options{
		root: root, out: filepath.Join(dir, "images"), push: strings.TrimPrefix(server.URL, "http://") + "/team", tag: "latest",
		images: filepath.Join(dir, "mine", "kustomization.yaml"), platforms: []string{"linux/amd64", "linux/arm64"},
	}
	var written [2]string
	if testing.Short() {
		o.platforms = o.platforms[:1]
	}
	for i := range written {
		if err := o.run(t.Context(), []string{"enrolment"}); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(o.images)
		if err != nil {
			t.Fatal(err)
		}
		written[i] = string(text)
	}
	if written[0] != written[1] {
		t.Errorf("the same source made\n%s\nand then\n%s", written[0], written[1])
	}
	var component struct {
		Images []struct{ Name, NewName, Digest string } `yaml:"images"`
	}
	if err := yaml.Unmarshal([]byte(strings.ReplaceAll(written[0], "newName", "newname")), &component); err != nil || len(component.Images) != 1 {
		t.Fatalf("%v: %s", err, written[0])
	}
	at, err := name.NewDigest(component.Images[0].NewName + "@" + component.Images[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		if _, err := remote.Image(at, remote.WithContext(context.Background())); err != nil {
			t.Fatal(err)
		}
		return
	}
	index, err := remote.Index(at, remote.WithContext(context.Background()))
	if err != nil {
		t.Fatal(err)
	}
	m, err := index.IndexManifest()
	if err != nil || len(m.Manifests) != len(o.platforms) {
		t.Fatalf("%v: %+v", err, m)
	}
}

func TestWrongUseSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"choose of enrolment":  {"nonsense"},
		"write it as linux":    {"--platform", "arm", "enrolment"},
		"give --push too":      {"--images", "x.yaml"},
		"unknown flag: --oops": {"--oops"},
	} {
		c := command()
		c.SetArgs(append(args, "--root", root))
		if err := c.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, not %q", args, err, want)
		}
	}
}
