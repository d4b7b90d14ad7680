package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// given are the roles that are given and taken away here. A supervisor has a caseload
// as well, and is added at the desk.
var given = []access.Role{access.Coordinator, access.Evaluator}

func staffCommand() *cobra.Command {
	return group("staff", "Say who works for a programme, and as what", addCommand(), removeCommand())
}

// post is who is meant, and as what.
type post struct{ programme, address, role string }

// flags are those by which a command is told.
func (to *post) flags(c *cobra.Command) {
	f := c.Flags()
	f.Var((*typed)(&to.programme), "programme", "the programme's id")
	f.StringVar(&to.address, "email", "", "the person's email address")
	to.role = string(access.Coordinator)
	f.Var((*typed)(&to.role), "role", access.Either(given))
	for _, required := range []string{"programme", "email"} {
		_ = c.MarkFlagRequired(required)
	}
}

// parse is the role and the address, or what is wrong with them.
func (to *post) parse() (access.Role, email.Address, error) {
	role, err := access.ParseRole(to.role, given...)
	if err != nil {
		return "", "", err
	}
	address, err := email.Parse(to.address)
	if err != nil {
		return "", "", fmt.Errorf("%q is %w", to.address, err)
	}
	return role, address, nil
}

// save writes a member of staff, and what was done to their roles, unless that is
// nothing, into the audit trail: by somebody at a terminal, of whom no more is known.
func save(ctx context.Context, db *store.Store, m *store.Staff, in, did string, now time.Time) error {
	commit := db.Commit()
	commit.SaveStaff(m, now)
	if did != "" {
		commit.Audit(store.AuditEntry{Programme: in, By: "cascade staff", Did: did, To: m.ID, At: now})
	}
	return commit.Do(ctx)
}

func addCommand() *cobra.Command {
	var as post
	var name string
	c := &cobra.Command{
		Use: "add", Short: "Give someone a role in a programme", Args: cobra.NoArgs,
		Long: "Give someone a role in a programme, beside those that they have. They sign in at /desk/ with a link that is sent to their address.\n" +
			"A supervisor is added at the desk, with how many pairings they can take.",
		Example: "  cascade staff add --programme north --name 'Morgan Sample' --email morgan@example.org --role coordinator",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			role, address, err := as.parse()
			if err != nil {
				return err
			}
			if name == "" || !programme.Plain(name) { // it stands in letters
				return fmt.Errorf("%q is not a name: write it on one line, without special codes", name)
			}
			db, err := open(ctx)
			if err != nil {
				return err
			}
			defer db.Close()
			if _, err := db.Programme(ctx, as.programme); err != nil {
				return fmt.Errorf("programme %q: %w", as.programme, err)
			}
			m, err := db.StaffByEmail(ctx, address)
			if err != nil {
				return err
			}
			now := clock.Real()
			if m == nil {
				m = store.NewStaff(name, address, now)
			}
			m.Name = name
			did := ""
			if m.Roles.Grant(as.programme, role) {
				did = "gave the role " + string(role)
			}
			if err := save(ctx, db, m, as.programme, did, now); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is %s of %s and signs in at /desk/.\n", name, access.All(m.Roles[as.programme]), as.programme)
			return nil
		},
	}
	as.flags(c)
	c.Flags().Var((*typed)(&name), "name", "the person's name")
	_ = c.MarkFlagRequired("name")
	return c
}

func removeCommand() *cobra.Command {
	var as post
	c := &cobra.Command{
		Use: "remove", Short: "Take a role in a programme away from someone", Args: cobra.NoArgs,
		Long: "Take a role in a programme away from someone. It is gone at once, also where they are signed in, and the audit trail keeps that it was taken\n" +
			"away. Their other roles stay. A supervisor stays one: where they take on no more pairings, say at the desk that they can take 0.",
		Example: "  cascade staff remove --programme north --email morgan@example.org --role evaluator",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			role, address, err := as.parse()
			if err != nil {
				return err
			}
			db, err := open(ctx)
			if err != nil {
				return err
			}
			defer db.Close()
			m, err := db.StaffByEmail(ctx, address)
			if err != nil {
				return err
			}
			if m == nil || !m.Roles.Revoke(as.programme, role) {
				return fmt.Errorf("%s is not %s of programme %q", address, role, as.programme)
			}
			if err := save(ctx, db, m, as.programme, "took away the role "+string(role), clock.Real()); err != nil {
				return err
			}
			left := "has no role in it now"
			if roles := m.Roles[as.programme]; len(roles) > 0 {
				left = "is " + access.All(roles) + " now"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is no longer %s of %s, and %s.\n", m.Name, role, as.programme, left)
			return nil
		},
	}
	as.flags(c)
	_ = c.MarkFlagRequired("role") // what is taken away is said
	return c
}
