// Command outbox serves the outbox function.
package main

import (
	_ "github.com/cascading-leadership/cascade/functions/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

func main() { serve.Main() }
