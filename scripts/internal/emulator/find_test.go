package emulator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// machine is one with nothing on it that these tests do not put there.
func machine(t *testing.T) (bin, home string) {
	t.Helper()
	bin, home = t.TempDir(), t.TempDir()
	for name, value := range map[string]string{"PATH": bin, "HOME": home, "FIRESTORE_EMULATOR_JAR": "", "JAVA_HOME": "", "XDG_CACHE_HOME": ""} {
		t.Setenv(name, value)
	}
	return bin, home
}

// put writes a file with the folders above it.
func put(t *testing.T, file, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

// upstream serves a jar, and counts how often it was asked for.
type upstream struct {
	*httptest.Server
	asked int
}

func serve(t *testing.T, h http.HandlerFunc) *upstream {
	t.Helper()
	u := new(upstream)
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { u.asked++; h(w, r) }))
	t.Cleanup(u.Close)
	return u
}

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

func quiet(string) {}

// What someone chose comes before what is installed, and that before what these
// scripts fetched.
func TestJarIsLookedForInOrder(t *testing.T) {
	bin, home := machine(t)
	sdk, cli, cache := t.TempDir(), t.TempDir(), t.TempDir()
	u := serve(t, func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) })
	s := source{sdk, u.URL + "/cloud-firestore-emulator-v1.19.8.jar", sum("jar")}
	const inSDK = "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"
	if err := os.Symlink(put(t, filepath.Join(cli, "bin", "gcloud"), "#!/bin/sh\n"), filepath.Join(bin, "gcloud")); err != nil {
		t.Fatal(err)
	}
	chosen := put(t, filepath.Join(t.TempDir(), "chosen.jar"), "jar")
	t.Setenv("FIRESTORE_EMULATOR_JAR", chosen)
	for i, jar := range []string{
		chosen,
		put(t, filepath.Join(cli, inSDK), "jar"),
		put(t, filepath.Join(sdk, inSDK), "jar"),
		put(t, filepath.Join(home, "google-cloud-sdk", inSDK), "jar"),
		put(t, filepath.Join(home, ".cache/firebase/emulators/cloud-firestore-emulator-v1.18.2.jar"), "jar"),
		put(t, filepath.Join(cache, "cloud-firestore-emulator-v1.19.8.jar"), "jar"),
	} {
		if got, err := s.find(t.Context(), cache, quiet); err != nil || got != jar {
			t.Errorf("place %d: %s, %v, want %s", i+1, got, err, jar)
		}
		t.Setenv("FIRESTORE_EMULATOR_JAR", "")
		if i > 0 {
			os.Remove(jar)
		}
	}
	if u.asked > 0 {
		t.Errorf("it was downloaded %d times", u.asked)
	}
}

func TestChosenJarThatIsNotThere(t *testing.T) {
	machine(t)
	t.Setenv("FIRESTORE_EMULATOR_JAR", "/nowhere/emulator.jar")
	cache := t.TempDir()
	put(t, filepath.Join(cache, "cloud-firestore-emulator-v1.19.8.jar"), "jar")
	if jar, err := findJar(t.Context(), cache, quiet); jar != "" || err == nil || err.Error() != "FIRESTORE_EMULATOR_JAR names /nowhere/emulator.jar, which is not there" {
		t.Errorf("%q, %v", jar, err)
	}
}

func TestNewestJarOfAFolderIsTaken(t *testing.T) {
	machine(t)
	cache := t.TempDir()
	for _, version := range []string{"1.9.0", "1.19.10", "1.4.6", "1.19.8", "1.11.15"} {
		put(t, filepath.Join(cache, "cloud-firestore-emulator-v"+version+".jar"), "jar")
	}
	s := source{t.TempDir(), "http://127.0.0.1:1/none.jar", ""}
	if jar, err := s.find(t.Context(), cache, quiet); err != nil || filepath.Base(jar) != "cloud-firestore-emulator-v1.19.10.jar" {
		t.Errorf("%s, %v", jar, err)
	}
}

func TestJarIsDownloadedOnce(t *testing.T) {
	machine(t)
	cache := t.TempDir()
	u := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a jar") })
	s := source{t.TempDir(), u.URL + "/preview/cloud-firestore-emulator-v1.19.8.jar", sum("a jar")}
	var said []string
	for range 2 {
		jar, err := s.find(t.Context(), cache, func(text string) { said = append(said, text) })
		if err != nil || jar != filepath.Join(cache, "cloud-firestore-emulator-v1.19.8.jar") {
			t.Fatalf("%s, %v", jar, err)
		}
		if text, err := os.ReadFile(jar); err != nil || string(text) != "a jar" {
			t.Errorf("the jar is %q, %v", text, err)
		}
	}
	if u.asked != 1 || len(said) != 1 || !strings.Contains(said[0], "downloading") {
		t.Errorf("asked for %d times, saying %q", u.asked, said)
	}
	if files, _ := os.ReadDir(cache); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}

// What is not the whole and the right jar does not stand where it would be found,
// and whoever reads the error knows what to do.
func TestDownloadThatFailsLeavesNothing(t *testing.T) {
	machine(t)
	for _, row := range []struct {
		name  string
		serve http.HandlerFunc
		says  []string
	}{
		{"another jar", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "another jar") }, []string{"checksum", sum("another jar"), sum("a jar")}},
		{"nothing", func(http.ResponseWriter, *http.Request) {}, []string{"checksum"}},
		{"gone", func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, []string{"127.0.0.1", "404"}},
		{"not for everybody", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, []string{"403"}},
		{"half of it", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5")
			fmt.Fprint(w, "a j")
		}, []string{"EOF"}},
		{"a broken connection", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, []string{"EOF"}},
	} {
		cache := t.TempDir()
		u := serve(t, row.serve)
		jar, err := source{t.TempDir(), u.URL + "/cloud-firestore-emulator-v1.19.8.jar", sum("a jar")}.find(t.Context(), cache, quiet)
		for _, want := range append(row.says, "gcloud components install cloud-firestore-emulator", "FIRESTORE_EMULATOR_JAR") {
			if jar != "" || err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q, and the error %v does not say %q", row.name, jar, err, want)
			}
		}
		if files, _ := os.ReadDir(cache); len(files) != 0 {
			t.Errorf("%s: left behind: %v", row.name, files)
		}
	}
	u := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a jar") })
	if _, err := (source{t.TempDir(), u.URL + "/a.jar", sum("a jar")}).find(t.Context(), filepath.Join(t.TempDir(), "nowhere"), quiet); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("no folder to put it in: %v", err)
	}
}

// java writes a program that says of itself that it is a Java.
func java(t *testing.T, file, version string) string {
	t.Helper()
	return put(t, file, "#!/bin/sh\n"+version+"\n")
}

// says is how a Java tells its version.
func says(version string) string { return `echo 'openjdk version "` + version + `" 2025-04-15' >&2` }

func TestJavaIsSeventeenOrNewer(t *testing.T) {
	for _, row := range []struct {
		name, path, home string // in PATH and in JAVA_HOME
		want             string // where it is found, or ""
	}{
		{"17 in PATH", says("17.0.15"), "", "path"},
		{"21 in PATH", says("21"), "", "path"},
		{"an early 26 in PATH", says("26-ea"), "", "path"},
		{"another maker's", `echo 'java version "25.0.1" 2025-10-21 LTS' >&2`, "", "path"},
		{"said to the screen", `echo 'openjdk version "17.0.1"'`, "", "path"},
		{"8 in PATH", says("1.8.0_292"), "", ""},
		{"11 in PATH", says("11.0.2"), "", ""},
		{"16 in PATH", says("16.0.2"), "", ""},
		{"one that fails", says("17.0.15") + "\nexit 1", "", ""},
		{"one that says nothing", "", "", ""},
		{"one that says something else", "echo 17", "", ""},
		{"17 in JAVA_HOME", "", says("17.0.15"), "home"},
		{"both", says("17.0.15"), says("21.0.1"), "home"},
		{"an old one in JAVA_HOME", says("17.0.15"), says("11.0.2"), "path"},
		{"an old one in PATH", says("11.0.2"), says("17.0.15"), "home"},
		{"old ones", says("11.0.2"), says("1.8.0_292"), ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			bin, home := machine(t)
			java(t, filepath.Join(bin, "java"), row.path)
			if row.home != "" {
				java(t, filepath.Join(home, "bin", "java"), row.home)
				t.Setenv("JAVA_HOME", home)
			}
			want := map[string]string{"path": "java", "home": filepath.Join(home, "bin", "java"), "": ""}[row.want]
			got, err := findJava(t.Context(), func(text string) { t.Errorf("it says %q", text) })
			if got != want {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
			if want == "" && (err == nil || !strings.Contains(err.Error(), "java 17 or newer is missing") || !strings.Contains(err.Error(), "JAVA_HOME")) {
				t.Errorf("the error is %v", err)
			}
		})
	}
	t.Run("no Java, and a JAVA_HOME without one", func(t *testing.T) {
		_, home := machine(t)
		t.Setenv("JAVA_HOME", home)
		if got, err := findJava(t.Context(), quiet); got != "" || err == nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// Where it may be done without asking, Java is installed.
func TestJavaIsInstalled(t *testing.T) {
	install := func(t *testing.T, bin, script string) (log string) {
		t.Helper()
		log = filepath.Join(bin, "log")
		put(t, filepath.Join(bin, "apt-get"), "#!/bin/sh\necho apt-get \"$@\" >> "+log+"\n"+script+"\n")
		// For those who are not root; it never asks for a password.
		put(t, filepath.Join(bin, "sudo"), "#!/bin/sh\n[ \"$1\" = -n ] || exit 1\nshift\nexec \"$@\"\n")
		return log
	}
	bin, _ := machine(t)
	fresh := filepath.Join(bin, "java")
	java(t, filepath.Join(bin, "new"), says("17.0.15"))
	log := install(t, bin, `[ "$1" = update ] || /bin/ln -s `+filepath.Join(bin, "new")+" "+fresh)
	var said []string
	if got, err := findJava(t.Context(), func(text string) { said = append(said, text) }); err != nil || got != "java" {
		t.Errorf("%q, %v", got, err)
	}
	text, _ := os.ReadFile(log)
	if !slices.Equal(said, []string{"installing Java 17"}) || string(text) != "apt-get update -qq\napt-get install -y -qq --no-install-recommends openjdk-17-jre-headless\n" {
		t.Errorf("it says %q and runs %s", said, text)
	}

	bin, _ = machine(t)
	log = install(t, bin, "exit 100")
	if got, err := findJava(t.Context(), quiet); got != "" || err == nil || !strings.Contains(err.Error(), "could not be installed") {
		t.Errorf("%q, %v", got, err)
	}
	if text, _ := os.ReadFile(log); strings.Contains(string(text), "install") {
		t.Errorf("it went on: %s", text)
	}
}
