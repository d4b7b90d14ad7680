package main

import (
	"os"
	"testing"
)

// The page that people read is what the tables beside the types say.
func TestDataPageIsPrintedFromTheRegister(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/data.md")
	if err != nil {
		t.Fatal(err)
	}
	if ran(t, "", "data") != string(page) {
		t.Error("docs/data.md is out of date: run ./scripts/cascade data > docs/data.md")
	}
}
