package store

import (
	"context"

	"google.golang.org/api/option"
)

// Answers is the database of what people answered, under keyed hashes, and of what was made
// of it. It knows nobody. Only the functions that serve.OpensAnswers names open it, and the
// platform can be told so. It is safe for concurrent use.
type Answers struct{ database }

// OpenAnswers connects to the database of answers of a project, as Open does to the other.
func OpenAnswers(ctx context.Context, project, name string, opts ...option.ClientOption) (*Answers, error) {
	d, err := connect(ctx, project, name, true, opts...)
	if err != nil {
		return nil, err
	}
	return &Answers{d}, nil
}

// AnswersCommit collects writes to the database of answers that happen together or not at
// all. Nothing is committed with a Commit: where both databases change, the one in which the
// truth stands changes first, and whoever comes again finds what is left to do.
type AnswersCommit struct {
	writes
	answers *Answers
}

// Commit starts an empty commit.
func (a *Answers) Commit() *AnswersCommit { return &AnswersCommit{a.begin(), a} }
