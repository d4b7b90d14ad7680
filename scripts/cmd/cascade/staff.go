package main

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func staffCommand() *cobra.Command {
	return group("staff", "Say who works for a programme", addCommand())
}

func addCommand() *cobra.Command {
	var in, name, address, role string
	c := &cobra.Command{
		Use: "add", Short: "Give someone a role in a programme", Args: cobra.NoArgs,
		Long:    "Give someone a role in a programme. They sign in at /desk/ with a link that is sent to their address.",
		Example: "  cascade staff add --programme north --name 'Morgan Sample' --email morgan@example.org --role coordinator",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if r := signin.Role(role); r != signin.Coordinator && r != signin.Evaluator {
				return fmt.Errorf("%q is no role: use %s or %s", role, signin.Coordinator, signin.Evaluator)
			}
			if strings.TrimSpace(name) == "" || !programme.Plain(name) { // it stands in letters
				return fmt.Errorf("%q is not a name: write it on one line, without special codes", name)
			}
			to, err := email.Parse(address)
			if err != nil {
				return fmt.Errorf("%q is %w", address, err)
			}
			db, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			if _, err := db.Programme(cmd.Context(), in); err != nil {
				return fmt.Errorf("programme %q: %w", in, err)
			}
			m, err := db.StaffByEmail(cmd.Context(), to)
			if err != nil {
				return err
			}
			now := clock.Real()
			commit := db.Commit()
			if m == nil {
				commit.CreateStaff(&store.Staff{
					ID: strings.ToLower(rand.Text()), Name: name, Email: email.Address(to.Folded()),
					Roles: map[string]string{in: role}, Schema: 1, CreatedAt: now, UpdatedAt: now,
				})
			} else {
				m.Roles[in], m.Name, m.UpdatedAt = role, name, now
				commit.UpdateStaff(m)
			}
			if err := commit.Do(cmd.Context()); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is %s of %s and signs in at /desk/.\n", name, role, in)
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&in, "programme", "", "the programme's id")
	f.StringVar(&name, "name", "", "the person's name")
	f.StringVar(&address, "email", "", "the person's email address")
	f.StringVar(&role, "role", "coordinator", "coordinator or evaluator")
	for _, required := range []string{"programme", "name", "email"} {
		_ = c.MarkFlagRequired(required)
	}
	return c
}
