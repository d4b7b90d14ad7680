package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/emulator"
	"github.com/cascading-leadership/cascade/scripts/stack"
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
				say := func(text string) { fmt.Fprintln(os.Stderr, text) }
				java, err := emulator.FindJava(ctx, say)
				if err != nil {
					return err
				}
				jar, err := emulator.FindJar(ctx, stack.Cache(), say)
				if err != nil {
					return err
				}
				dir, err := os.MkdirTemp("", "cascade-emulator-")
				if err != nil {
					return err
				}
				defer os.RemoveAll(dir)
				logging := filepath.Join(dir, "logging.properties")
				if err := os.WriteFile(logging, []byte(emulator.Quiet), 0o600); err != nil {
					return err
				}
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					return err
				}
				host = l.Addr().String()
				port := l.Addr().(*net.TCPAddr).Port
				l.Close()
				server := emulator.Command(java, jar, logging, port, "", "")
				server.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
				if err := server.Start(); err != nil {
					return err
				}
				defer func() {
					_ = server.Process.Signal(syscall.SIGTERM) // it may have ended
					_ = server.Wait()
				}()
				client := emulator.Client{Host: host}
				for deadline := time.Now().Add(time.Minute); !client.Ready(ctx); time.Sleep(100 * time.Millisecond) {
					if ctx.Err() != nil || time.Now().After(deadline) {
						return errors.New("the Firestore emulator does not answer")
					}
				}
			}
			c := exec.CommandContext(ctx, args[0], args[1:]...)
			c.Env = append(os.Environ(), "FIRESTORE_EMULATOR_HOST="+host)
			c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
			c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
			return c.Run()
		},
	}
}
