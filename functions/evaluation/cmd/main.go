// Command evaluation serves the evaluation function.
package main

import (
	_ "github.com/cascading-leadership/cascade/functions/evaluation"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

func main() { serve.Main() }
