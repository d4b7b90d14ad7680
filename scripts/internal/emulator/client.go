package emulator

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Client talks to a running emulator's own endpoints.
type Client struct {
	// Host is its HOST:PORT.
	Host string
	// Project is the project whose data is meant, and Database which of its databases; ""
	// is the one by default.
	Project, Database string
}

func (c Client) database() string { return cmp.Or(c.Database, "(default)") }

func (c Client) do(ctx context.Context, method, path string, body any) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+c.Host+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the emulator answered %s to %s: %.300s", response.Status, path, answer)
	}
	return answer, err
}

// Ready reports whether the emulator answers.
func (c Client) Ready(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Host+"/", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// Trigger asks for events of a type about documents that match a pattern, under
// the name that the events' path will have.
func (c Client) Trigger(ctx context.Context, name, eventType, document string) error {
	_, err := c.do(ctx, http.MethodPost, "/emulator/v1/projects/"+c.Project+"/eventarcTrigger?eventarcTriggerId="+name, map[string]any{
		"eventType": eventType, "database": c.database(), "namespace": "(default)",
		"document": map[string]string{"value": document, "matchType": "PATH_PATTERN"},
	})
	return err
}

// Export writes all data of the database below a folder and returns the file to import it from.
func (c Client) Export(ctx context.Context, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	_, err := c.do(ctx, http.MethodPost, "/emulator/v1/projects/"+c.Project+":export", map[string]string{
		"database": "projects/" + c.Project + "/databases/" + c.database(), "export_directory": dir, "export_name": "data"})
	if err != nil {
		return "", err
	}
	found, _ := filepath.Glob(filepath.Join(dir, "data", "*.overall_export_metadata"))
	if len(found) == 0 {
		return "", fmt.Errorf("the emulator exported nothing to %s: is the disk full?", dir)
	}
	return found[0], nil
}

// Import adds what was exported, from the file that Export returned, to the database.
func (c Client) Import(ctx context.Context, file string) error {
	_, err := c.do(ctx, http.MethodPost, "/emulator/v1/projects/"+c.Project+":import", map[string]string{
		"database": "projects/" + c.Project + "/databases/" + c.database(), "export_directory": file})
	return err
}
