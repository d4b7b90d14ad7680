// Package access says who may do and see what: what a member of staff can be in a
// programme.
package access
