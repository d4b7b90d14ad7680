package people

import (
	"testing"

	"github.com/cascading-leadership/cascade/shared/message"
)

func TestEachTopicHasWords(t *testing.T) {
	t.Parallel()
	for _, topic := range message.Topics {
		if declined[topic] == "" {
			t.Errorf("%s has no words", topic)
		}
	}
}
