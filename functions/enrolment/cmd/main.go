// Command enrolment serves the enrolment function.
package main

import (
	_ "github.com/cascading-leadership/cascade/functions/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

func main() { serve.Main() }
