package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

func auditCommand() *cobra.Command {
	return group("audit", "Check the trail of who did and saw what", auditVerifyCommand())
}

func auditVerifyCommand() *cobra.Command {
	var heads []string
	var restored string
	c := &cobra.Command{
		Use: "verify", Short: "Find what was taken out of the audit trail, changed or added later", Args: cobra.NoArgs,
		Long: `Find what was taken out of the audit trail, changed or added later.

Each hour of the trail is sealed some minutes after its end: its seal lists the hour's
entries with keyed hashes of what they say, and names the seal before. This compares all
of it with what is stored now, and prints what differs, by hour and entry:

  removed     the entry is gone
  changed     it says something else than when it was sealed
  rewritten   it says the same, and was written again after that
  added late  it was not there

and the hours whose seal is missing, forged or does not follow from the one before. It
reads each entry once. The key is in CASCADE_SEAL_KEYS, as the matching function has it.

Whoever has that key and can write to the database can make the whole trail anew. So keep
the head that this prints somewhere else, such as in the minutes of a meeting, and give it
with --head next time: it must be there still, or the trail is another one. You can give
several.

A database that was restored from a copy verifies: say with --restored until when that took.
Without it all entries look rewritten. Entries that were written before the first hour was
sealed by this version are sealed with the hour in which cascade migrate moved them, and
what is two years old is deleted with its seal.

Exit status: 0 nothing is amiss, 1 a finding, 2 it could not be checked.`,
		Example: "  cascade audit verify\n" +
			"  cascade audit verify --head 2027-01-31T09:5f1c…\n" +
			"  cascade audit verify --restored 2027-02-03T11:30:00Z",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ring, err := keys.Seals(os.Getenv(keys.SealsSetting))
			if err != nil {
				return err
			}
			var until time.Time
			if restored != "" {
				if until, err = time.Parse(time.RFC3339, restored); err != nil {
					return fmt.Errorf("--restored is %q: write a time such as 2027-02-03T11:30:00Z", restored)
				}
			}
			var kept []store.AuditKept
			for _, each := range heads {
				i := strings.LastIndexByte(each, ':')
				if i < 0 || len(each)-i != 65 {
					return fmt.Errorf("--head is %q: give what this printed, an hour, a colon and 64 characters", each)
				}
				kept = append(kept, store.AuditKept{Hour: each[:i], Head: each[i+1:]})
			}
			db, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			now, err := clock.New(os.Getenv("CASCADE_CLOCK_FILE"), os.Getenv("FIRESTORE_EMULATOR_HOST"))
			if err != nil {
				return err
			}
			v, err := db.VerifyAudit(cmd.Context(), ring, now(), until, kept...)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			for _, f := range v.Findings {
				fmt.Fprintln(out, f)
			}
			if v.Hours == 0 {
				fmt.Fprintf(out, "No hour is sealed yet, and %s wait.\n", entriesOf(v.Open))
			} else {
				fmt.Fprintf(out, "%s in %s hours from %s to %s were compared; %s wait for the next seal.\n", entriesOf(v.Entries), count(v.Hours), v.First, v.Last, entriesOf(v.Open))
				fmt.Fprintf(out, "head: %s:%s\n", v.Last, v.Head)
			}
			if len(v.Findings) > 0 {
				return finding{errors.New("the audit trail is not what was sealed")}
			}
			return nil
		},
	}
	c.Flags().StringArrayVar(&heads, "head", nil, "a head that was kept elsewhere, as this printed it")
	c.Flags().StringVar(&restored, "restored", "", "when the database was last restored from a copy, to the end of it")
	return c
}

func entriesOf(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return count(n) + " entries"
}
