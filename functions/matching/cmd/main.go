// Command matching serves the matching function.
package main

import (
	_ "github.com/cascading-leadership/cascade/functions/matching"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

func main() { serve.Main() }
