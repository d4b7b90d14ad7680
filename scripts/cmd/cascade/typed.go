package main

import "github.com/cascading-leadership/cascade/shared/text"

// typed is a flag whose value somebody types or pastes: it is tidied, as every field is.
// What names a file is taken as it is, since a file's name can hold anything.
type typed string

// Set implements pflag.Value.
func (t *typed) Set(s string) error {
	*t = typed(text.Tidy(s))
	return nil
}

// String implements pflag.Value.
func (t *typed) String() string { return string(*t) }

// Type implements pflag.Value: it is what the help calls the value.
func (t *typed) Type() string { return "string" }
