// Package emulator finds, starts and talks to Google's Firestore emulator.
package emulator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// source is where the emulator's jar is looked for and comes from; a test has its own.
type source struct{ sdk, url, sha256 string }

// google has Debian's folder of the Google Cloud CLI, and the emulator that is
// downloaded when none is found, as firebase-tools lists it.
var google = source{
	sdk:    "/usr/lib/google-cloud-sdk",
	url:    "https://storage.googleapis.com/firebase-preview-drop/emulator/cloud-firestore-emulator-v1.19.8.jar",
	sha256: "9d43599ed6151199e8d604dc87fac51218e49e5f3a48519b1ae560bbe5e3382d",
}

const mainClass = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"

// findJar is the emulator's jar: from FIRESTORE_EMULATOR_JAR, an installed Google
// Cloud CLI, the Firebase CLI's cache, an earlier download, or else Google.
func findJar(ctx context.Context, cache string, say func(string)) (string, error) {
	return google.find(ctx, cache, say)
}

func (s source) find(ctx context.Context, cache string, say func(string)) (string, error) {
	if jar := os.Getenv("FIRESTORE_EMULATOR_JAR"); jar != "" {
		if _, err := os.Stat(jar); err != nil {
			return "", fmt.Errorf("FIRESTORE_EMULATOR_JAR names %s, which is not there", jar)
		}
		return jar, nil
	}
	for _, pattern := range s.candidates(cache) {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return slices.MaxFunc(found, byVersion), nil
		}
	}
	say("downloading the Firestore emulator (64 MB, once)")
	jar := filepath.Join(cache, path.Base(s.url))
	if err := download(ctx, s.url, s.sha256, jar); err != nil {
		return "", fmt.Errorf("the Firestore emulator is missing and could not be downloaded (%w): install it with `gcloud components install cloud-firestore-emulator`, or set FIRESTORE_EMULATOR_JAR to its jar", err)
	}
	return jar, nil
}

var number = regexp.MustCompile(`\d+`)

// byVersion orders the names of files by the numbers in them: v1.9 is before v1.19.
func byVersion(a, b string) int {
	numbers := func(file string) (all []int) {
		for _, n := range number.FindAllString(filepath.Base(file), -1) {
			i, _ := strconv.Atoi(n) // digits alone
			all = append(all, i)
		}
		return all
	}
	return slices.Compare(numbers(a), numbers(b))
}

func (s source) candidates(cache string) []string {
	const inSDK = "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"
	var all []string
	if gcloud, err := exec.LookPath("gcloud"); err == nil {
		if real, err := filepath.EvalSymlinks(gcloud); err == nil {
			all = append(all, filepath.Join(filepath.Dir(filepath.Dir(real)), inSDK))
		}
	}
	all = append(all, filepath.Join(s.sdk, inSDK))
	if home, err := os.UserHomeDir(); err == nil {
		all = append(all, filepath.Join(home, "google-cloud-sdk", inSDK), filepath.Join(home, ".cache/firebase/emulators/cloud-firestore-emulator-*.jar"))
	}
	return append(all, filepath.Join(cache, "cloud-firestore-emulator-*.jar"))
}

// download fetches a file whose content must have the pinned SHA-256; a part of a
// file never stands under its name.
func download(ctx context.Context, url, sum, to string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", request.URL.Host, response.Status)
	}
	part, err := os.CreateTemp(filepath.Dir(to), "download-*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(part, h), response.Body)
	if err = errors.Join(err, part.Close()); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != sum {
		return fmt.Errorf("its checksum is %s and not the pinned %s", got, sum)
	}
	return os.Rename(part.Name(), to)
}

var javaVersion = regexp.MustCompile(`version "(\d+)`)

// findJava is a Java of version 17 or newer: from JAVA_HOME or PATH, or installed
// where this may be done without asking (Debian, as root or with passwordless sudo).
func findJava(ctx context.Context, say func(string)) (string, error) {
	if java := suitableJava(ctx); java != "" {
		return java, nil
	}
	apt, err := exec.LookPath("apt-get")
	if err == nil {
		say("installing Java 17")
		install := []string{apt, "install", "-y", "-qq", "--no-install-recommends", "openjdk-17-jre-headless"}
		for _, command := range [][]string{{apt, "update", "-qq"}, install} {
			if os.Getuid() != 0 {
				command = append([]string{"sudo", "-n"}, command...)
			}
			if err = exec.CommandContext(ctx, command[0], command[1:]...).Run(); err != nil {
				break
			}
		}
		if java := suitableJava(ctx); java != "" {
			return java, nil
		}
	}
	return "", errors.New("java 17 or newer is missing and could not be installed: install it (on Debian: apt-get install openjdk-17-jre-headless), or set JAVA_HOME")
}

func suitableJava(ctx context.Context) string {
	tries := []string{"java"}
	if home := os.Getenv("JAVA_HOME"); home != "" {
		tries = []string{filepath.Join(home, "bin", "java"), "java"}
	}
	for _, java := range tries {
		out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
		if m := javaVersion.FindSubmatch(out); err == nil && m != nil {
			if v, _ := strconv.Atoi(string(m[1])); v >= 17 {
				return java
			}
		}
	}
	return ""
}

// cache is a folder for what was downloaded, for all checkouts of this user.
func cache() string {
	if dir, err := os.UserCacheDir(); err == nil {
		dir = filepath.Join(dir, "cascade")
		if os.MkdirAll(dir, 0o700) == nil {
			return dir
		}
	}
	return os.TempDir()
}
