// Command reminders serves the reminders function.
package main

import (
	_ "github.com/cascading-leadership/cascade/functions/reminders"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

func main() { serve.Main() }
