package store

import "github.com/cascading-leadership/cascade/shared/privacy"

// Stored are the registers of all that both databases hold, for what is said of it.
func Stored() (all []privacy.Stored) {
	for _, d := range Documents {
		all = append(all, privacy.Stored{Path: d.Path, Document: d.Register})
	}
	for _, d := range AnswerDocuments {
		all = append(all, privacy.Stored{Path: d.Path, Document: d.Register, Apart: true})
	}
	return all
}
