package access

import (
	"fmt"
	"strings"
)

// Document is the table as Markdown.
func Document() string {
	var text strings.Builder
	text.WriteString(`# Who may do and see what

Printed by ` + "`./scripts/cascade access`" + ` from the table in shared/access, which alone decides. Every page stands under
one of its rows, and a test asks for every page as everybody. Who may not is sent to sign in, or told that there is no
such page.

- **anybody**: without signing in. What somebody is filling in is theirs by a cookie.
- **with a link**: who has an emailed link for this, and nothing else. It expires and can be revoked. One's own notes of
  a session and saved answers ask a device not seen before for a code as well, which is sent to one's address.
- **signed in**: a member of staff, whatever their roles.
- **coordinator**, **evaluator**, **supervisor**, **administrator**: a member of staff with this role in the programme that they ask about.
  Somebody can have several.
- **no person**: delivered by the platform, which shows a token for it, or signed by the provider of emails.
- **kept**: each visit is an entry of the audit trail, written before the page is shown: a view of one person or of a match's
  two, or an export. No other page writes something by being opened.

`)
	columns := []string{"action", "data", "anybody", "with a link", "signed in"}
	for _, r := range Roles {
		columns = append(columns, string(r))
	}
	columns = append(columns, "no person", "kept")
	line := func(cells []string) { fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | ")) }
	line(columns)
	line(strings.Split(strings.Repeat("--- ", len(columns)-1)+"---", " "))
	yes := func(is bool) string {
		if is {
			return "yes"
		}
		return ""
	}
	for _, row := range table {
		cells := []string{
			string(row.Action), string(row.Kind), yes(row.Allows(Visitor{})), string(row.purpose), yes(row.Allows(Visitor{SignedIn: true})),
		}
		for _, r := range Roles {
			cells = append(cells, yes(row.Allows(Visitor{SignedIn: true, Roles: []Role{r}})))
		}
		line(append(cells, yes(row.Machine()), string(row.Keeps())))
	}
	return text.String()
}
