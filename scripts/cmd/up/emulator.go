package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/emulator"
	"github.com/cascading-leadership/cascade/scripts/internal/stack"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
)

// issuer tells the key of the folder in which the command runs at an address, until end: the
// key by which `cascade invoke` signs there.
func issuer() (keys string, end func(), err error) {
	if err := os.MkdirAll(".cascade", 0o700); err != nil {
		return "", nil, err
	}
	i, err := localissuer.Open(stack.IssuerKeyFile(".cascade"))
	if err != nil {
		return "", nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: i, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }() // until it is closed
	return "http://" + l.Addr().String(), func() { server.Close() }, nil
}

func emulatorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "emulator COMMAND [ARGUMENTS]", Short: "Run a command beside an empty Firestore emulator", Args: cobra.MinimumNArgs(1),
		Long: "Start a Firestore emulator on a free port, run the command with FIRESTORE_EMULATOR_HOST set, and stop the emulator. Beside it is an\n" +
			"issuer, which the command's functions trust by CASCADE_EVENTS_FROM, so that `cascade invoke` can post them events.\n" +
			"Where FIRESTORE_EMULATOR_HOST is set already, the command runs beside that one.",
		Example:            "  local emulator go test ./...",
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			host := os.Getenv("FIRESTORE_EMULATOR_HOST")
			if host == "" {
				server, err := emulator.Find(ctx, func(text string) { fmt.Fprintln(os.Stderr, text) })
				if err != nil {
					return err
				}
				if server.Dir, err = os.MkdirTemp("", "cascade-emulator-"); err != nil {
					return err
				}
				defer os.RemoveAll(server.Dir)
				client, stop, err := server.Start(ctx, "")
				if err != nil {
					return err
				}
				defer stop()
				host = client.Host
			}
			eventsFrom := os.Getenv(bearer.Setting)
			if eventsFrom == "" {
				keys, end, err := issuer()
				if err != nil {
					return err
				}
				defer end()
				eventsFrom = localissuer.Setting(keys)
			}
			c := exec.CommandContext(ctx, args[0], args[1:]...)
			c.Env = append(os.Environ(), "FIRESTORE_EMULATOR_HOST="+host, bearer.Setting+"="+eventsFrom)
			c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
			c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
			return c.Run()
		},
	}
}
