// Command participant serves the participant function.
package main

import (
	_ "github.com/cascading-leadership/cascade/functions/participant"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

func main() { serve.Main() }
