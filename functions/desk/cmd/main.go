// Command desk serves the desk function.
package main

import (
	_ "github.com/cascading-leadership/cascade/functions/desk"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

func main() { serve.Main() }
