package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func complaintsCommand() *cobra.Command {
	var to programme.Complaints
	var apply bool
	c := &cobra.Command{
		Use: "complaints PROGRAMME", Short: "See or name to whom people complain", Args: cobra.ExactArgs(1),
		Long: "Say to whom the people of a programme complain: somebody outside its staff, who alone reads what they write. With --name, --email and --is\n" +
			"name somebody, and with --apply do it. Links that were sent to whoever was named before open nothing from then on.",
		Example: "  cascade programme complaints north\n" +
			"  cascade programme complaints north --name 'Kit Sample' --email kit@example.org --is 'a trustee of the host' --days 20 --apply",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, out := cmd.Context(), cmd.OutOrStdout()
			given := cmd.Flags().Changed("email")
			if apply && !given {
				return errors.New("say who with --name, --email and --is")
			}
			return changing(ctx, args[0], func(db *store.Store, p *programme.Programme, now clock.Clock) error {
				if !given {
					fmt.Fprintln(out, complaintsOf(p))
					return nil
				}
				if err := p.Answers(to); err != nil {
					return err
				}
				m, err := db.StaffByEmail(ctx, email.Address(p.Complaints.Email))
				if err != nil {
					return err
				}
				if m != nil && len(m.Roles[p.ID]) > 0 {
					return fmt.Errorf("%s is one of the programme’s staff: name somebody else", p.Complaints.Email)
				}
				if !apply {
					fmt.Fprintln(out, complaintsOf(p)+"\nNothing was changed. Run it again with --apply.")
					return nil
				}
				commit := db.Commit()
				p.UpdatedAt = now()
				commit.UpdateProgramme(p)
				commit.Audit(store.AuditEntry{Programme: p.ID, By: "cascade programme", Did: "named to whom people complain", At: p.UpdatedAt})
				if err := commit.Do(ctx); err != nil {
					return err
				}
				fmt.Fprintln(out, complaintsOf(p))
				return nil
			})
		},
	}
	c.Flags().Var((*typed)(&to.Name), "name", "their name")
	c.Flags().Var((*typed)(&to.Email), "email", "their address")
	c.Flags().Var((*typed)(&to.Phone), "phone", "their number, if people may ring")
	c.Flags().Var((*typed)(&to.Is), "is", "what they are to the host, such as 'a trustee of the host'")
	c.Flags().IntVar(&to.Days, "days", 0, "within how many working days they answer; 20 unless it is said")
	c.Flags().BoolVar(&apply, "apply", false, "name them, and not only say what follows")
	return c
}

// complaintsOf says to whom the people of a programme complain.
func complaintsOf(p *programme.Programme) string {
	if c := p.Complaints; c.Set() {
		return fmt.Sprintf("People of %s complain to %s, %s, at %s, and are answered within %d working days.", p.Name, c.Name, c.Is, c.Email, c.WorkingDays())
	}
	return fmt.Sprintf("Nobody is named to whom people of %s can complain. It goes on; name somebody outside its staff: cascade programme complaints %s --name … --email … --is … --apply", p.Name, p.ID)
}
