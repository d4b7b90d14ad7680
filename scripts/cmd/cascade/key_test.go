package main

import (
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/keys"
)

func TestNewKeyIsOneThatFunctionsTake(t *testing.T) {
	one, other := strings.TrimSpace(ran(t, "", "key", "new")), strings.TrimSpace(ran(t, "", "key", "new"))
	if one == other {
		t.Error("two keys are alike")
	}
	if ring, err := keys.Parse(one); err != nil || len(ring) != 1 {
		t.Errorf("%d keys, %v", len(ring), err)
	}
}
