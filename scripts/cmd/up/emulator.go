package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/emulator"
)

func emulatorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "emulator COMMAND [ARGUMENTS]", Short: "Run a command beside an empty Firestore emulator", Args: cobra.MinimumNArgs(1),
		Long: "Start a Firestore emulator on a free port, run the command with FIRESTORE_EMULATOR_HOST set, and stop the emulator.\n" +
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
			c := exec.CommandContext(ctx, args[0], args[1:]...)
			c.Env = append(os.Environ(), "FIRESTORE_EMULATOR_HOST="+host)
			c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
			c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
			return c.Run()
		},
	}
}
