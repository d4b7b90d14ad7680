package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
var given = []access.Role{access.Coordinator, access.Evaluator, access.Administrator}

func staffCommand() *cobra.Command {
	return group("staff", "Say who works for a programme, and as what", addCommand(), removeCommand(), listCommand())
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
		return "", "", fmt.Errorf("email %q: %w", to.address, err)
	}
	return role, address, nil
}

// terminal is who did something at a terminal, of whom no more is known.
const terminal = "cascade staff"

// audit keeps what was done to a member of staff.
func audit(c *store.Commit, m *store.Staff, in, did string, now time.Time) {
	c.Audit(store.AuditEntry{Programme: in, By: terminal, Did: did, To: m.ID, At: now})
}

// signOut ends all sessions of a member of staff.
func signOut(ctx context.Context, db *store.Store, c *store.Commit, m *store.Staff) error {
	sessions, err := db.StaffSessions(ctx, m.ID)
	if err != nil {
		return err
	}
	c.EndStaffSessions(m, terminal, "was signed out everywhere", sessions...)
	return nil
}

// again does once more what came too late by a moment: whoever is signed in opens pages
// meanwhile, which their session keeps.
func again(do func() error) error {
	for try := 1; ; try++ {
		if err := do(); !store.IsConflict(err) || try == 5 {
			return err
		}
	}
}

func addCommand() *cobra.Command {
	var as post
	var name string
	var newAccount bool
	c := &cobra.Command{
		Use: "add", Short: "Give someone a role in a programme", Args: cobra.NoArgs,
		Long: "Give someone a role in a programme, beside those that they have. They sign in at /desk/ with a link that is sent to their address.\n" +
			"An administrator reads who did and saw what. A supervisor is added at the desk, with how many pairings they can take.",
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
			p, err := db.Programme(ctx, as.programme)
			if err != nil {
				return fmt.Errorf("programme %q: %w", as.programme, err)
			}
			if p.Complaints.Set() && address.Same(email.Address(p.Complaints.Email)) {
				return fmt.Errorf("%s answers the programme’s complaints, and cannot be of its staff: name somebody else first, with cascade programme complaints", address.Shown())
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
			commit := db.Commit()
			if newAccount {
				m.Account = ""
				audit(commit, m, as.programme, "forgot the account", now)
			}
			if m.Roles.Grant(as.programme, role) {
				audit(commit, m, as.programme, "gave the role "+string(role), now)
			}
			commit.SaveStaff(m, now)
			if err := commit.Do(ctx); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is %s of %s and signs in at /desk/ with %s.\n", name, access.All(m.Roles[as.programme]), as.programme, address.Shown())
			if meant := address.Meant(); meant != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "Did you mean %s? If so, remove %s and add that one.\n", meant.Shown(), address.Shown())
			}
			return nil
		},
	}
	as.flags(c)
	c.Flags().Var((*typed)(&name), "name", "the person's name")
	c.Flags().BoolVar(&newAccount, "new-account", false, "let them sign in by another account than before, the next one with their address: only where it is the same person")
	_ = c.MarkFlagRequired("name")
	return c
}

func removeCommand() *cobra.Command {
	var as post
	c := &cobra.Command{
		Use: "remove", Short: "Take a role in a programme away from someone", Args: cobra.NoArgs,
		Long: "Take a role in a programme away from someone. It is gone at once, they are signed out everywhere, and the audit trail keeps that it was\n" +
			"taken away. Their other roles stay. A supervisor stays one: where they take on no more pairings, say at the desk that they can take 0.",
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
			var m *store.Staff
			err = again(func() error {
				if m, err = db.StaffByEmail(ctx, address); err != nil {
					return err
				}
				if m == nil || !m.Roles.Revoke(as.programme, role) {
					return fmt.Errorf("%s is not %s of programme %q", address, role, as.programme)
				}
				commit, now := db.Commit(), clock.Real()
				commit.SaveStaff(m, now)
				audit(commit, m, as.programme, "took away the role "+string(role), now)
				if err := signOut(ctx, db, commit, m); err != nil {
					return err
				}
				return commit.Do(ctx)
			})
			if err != nil {
				return err
			}
			left := "has no role in it now"
			if roles := m.Roles[as.programme]; len(roles) > 0 {
				left = "is " + access.All(roles) + " now"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is no longer %s of %s, and %s. They are signed out everywhere.\n", m.Name, role, as.programme, left)
			return nil
		},
	}
	as.flags(c)
	_ = c.MarkFlagRequired("role") // what is taken away is said
	return c
}

func listCommand() *cobra.Command {
	var in, address string
	var out bool
	c := &cobra.Command{
		Use: "list", Short: "List who works for a programme, and where they are signed in", Args: cobra.NoArgs,
		Long: "List who works for a programme, as what, and in which browsers they are signed in to the desk.\n" +
			"With --email only one of them, and with --sign-out they are signed out everywhere, at once: they sign in again with a new link.",
		Example: "  cascade staff list --programme north\n  cascade staff list --programme north --email morgan@example.org --sign-out",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			db, err := open(ctx)
			if err != nil {
				return err
			}
			defer db.Close()
			all, err := db.AllStaff(ctx)
			if err != nil {
				return err
			}
			listed, err := listed(all, in, address)
			if err != nil {
				return err
			}
			for _, m := range listed {
				fmt.Fprintf(cmd.OutOrStdout(), "%s, %s, %s\n", m.Name, m.Email, access.All(m.Roles[in]))
				sessions, err := db.StaffSessions(ctx, m.ID)
				if err != nil {
					return err
				}
				for _, s := range sessions {
					if now := clock.Real(); now.Before(s.ExpireAt) {
						fmt.Fprintf(cmd.OutOrStdout(), "  signed in with %s, used last %d minutes ago\n", s.Browser, int(now.Sub(s.SeenAt)/time.Minute))
					}
				}
				if !out {
					continue
				}
				if err := again(func() error {
					commit := db.Commit()
					if err := signOut(ctx, db, commit, m); err != nil {
						return err
					}
					return commit.Do(ctx)
				}); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), "  is signed out everywhere now")
			}
			return nil
		},
	}
	f := c.Flags()
	f.Var((*typed)(&in), "programme", "the programme's id")
	f.StringVar(&address, "email", "", "only the person with this email address")
	f.BoolVar(&out, "sign-out", false, "sign them out everywhere")
	_ = c.MarkFlagRequired("programme")
	return c
}

// listed are those of all staff who have a role in a programme, or the one of them with an
// address.
func listed(all []*store.Staff, in, address string) ([]*store.Staff, error) {
	all = slices.DeleteFunc(all, func(m *store.Staff) bool { return len(m.Roles[in]) == 0 })
	if address == "" {
		slices.SortFunc(all, func(a, b *store.Staff) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
		return all, nil
	}
	one, err := email.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%q is %w", address, err)
	}
	all = slices.DeleteFunc(all, func(m *store.Staff) bool { return !m.Email.Same(one) })
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no role in programme %q", one, in)
	}
	return all, nil
}
