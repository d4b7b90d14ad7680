// Command questionnaires serves the questionnaires function.
package main

import (
	_ "github.com/cascading-leadership/cascade/functions/questionnaires"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

func main() { serve.Main() }
