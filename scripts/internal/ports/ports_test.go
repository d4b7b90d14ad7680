package ports

import "testing"

// A port is given once, and none that the system gives to a connection by itself.
func TestPortsAreGivenOnce(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for range 200 {
		port := Free()
		if seen[port] || port >= 32768 || port < 1024 {
			t.Fatalf("the port %d, after %d others", port, len(seen))
		}
		seen[port] = true
	}
}
