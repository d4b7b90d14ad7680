package stack

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// BenchmarkFirstAnswer starts the enrolment function's process and a bare hello in
// turn, each with the Functions Framework and a Firestore client, and takes the
// time from the start to the first answer: one that says that the process lives,
// and one for which the list of programmes is read. The promise is the ratio of
// the medians: at most 1.5.
func BenchmarkFirstAnswer(b *testing.B) {
	bed := testbed.New(b)
	dir := b.TempDir()
	build := func(name, folder string) string {
		c := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, name), folder)
		c.Dir, c.Env = filepath.Join("..", ".."), append(os.Environ(), "CGO_ENABLED=0")
		if out, err := c.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		return filepath.Join(dir, name)
	}
	function, hello := build("enrolment", "./functions/enrolment/cmd"), build("hello", "./scripts/internal/stack/testdata/hello")
	for _, row := range []struct{ name, path, bare string }{
		{"lives", "/health/liveness", "/"},
		{"reads", "/", "/read"},
	} {
		b.Run(row.name, func(b *testing.B) {
			var ours, theirs []time.Duration
			for b.Loop() {
				ours = append(ours, firstAnswer(b, bed.Project, function, "enrolment", row.path))
				theirs = append(theirs, firstAnswer(b, bed.Project, hello, "hello", row.bare))
			}
			slices.Sort(ours)
			slices.Sort(theirs)
			a, z := float64(ours[len(ours)/2]), float64(theirs[len(theirs)/2])
			b.ReportMetric(a/1e6, "ms/function")
			b.ReportMetric(z/1e6, "ms/hello")
			b.ReportMetric(a/z, "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// firstAnswer starts a program, asks until it answers, and ends it.
func firstAnswer(b *testing.B, project, program, target, path string) time.Duration {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	l.Close()
	c := exec.Command(program)
	c.Env = append(os.Environ(), "PORT="+port, "HOST=127.0.0.1", "FUNCTION_TARGET="+target, "GOOGLE_CLOUD_PROJECT="+project,
		"CASCADE_PUBLIC_URL=http://127.0.0.1", bearer.Setting+"="+localissuer.Setting("http://127.0.0.1:1"), "CASCADE_LINK_KEY=7f38205932975761ae4f34549890447f994cbd67ffa12cbe870e9ec7b7ac8a16")
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	once := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	start := time.Now()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait() // it was killed
	}()
	for time.Since(start) < 20*time.Second {
		if response, err := once.Get("http://" + address + path); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return time.Since(start)
			}
			b.Fatalf("%s %s: %s", target, path, response.Status)
		}
		time.Sleep(200 * time.Microsecond) // not a busy loop, which would take a core from it
	}
	b.Fatalf("%s does not answer", target)
	return 0
}
