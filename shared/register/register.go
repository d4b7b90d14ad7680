// Package register is the words in which each package says what it stores: for every
// field of its documents whether it is personal, what for, who may read it, and how
// long it is kept. The tables stand beside the types; store.Documents has them all,
// and docs/data.md is printed from there.
package register
