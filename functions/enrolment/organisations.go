package enrolment

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/lookup"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// How often it is looked whether another list of organisations was published; and how soon
// again where that failed, or where there was none.
const (
	looks       = time.Hour
	looksAgain  = time.Minute
	looksForOne = 10 * time.Second
)

// How many organisations an answer holds at most, and how many look-ups a second a process
// answers, with how many at once: what a few hundred people type, and less than would keep
// it from everything else.
const (
	mostFound      = 8
	lookUps        = 200
	lookUpsAtOnce  = 400
	rememberedSecs = "300"
)

// organisations is the list in which people look up theirs while they type. A process holds
// it in memory, so that a look-up reads nothing, and everybody gets the same answer.
type organisations struct {
	store *store.Store
	now   clock.Clock
	rate  *rate.Limiter

	mu sync.Mutex
	// published says what list is; both are nil until one was read, and where there is none.
	published *lookup.Published
	list      *lookup.List
	due       time.Time // when it is looked next
	looking   bool
}

// newOrganisations begins to read the list.
func newOrganisations(s *store.Store, now clock.Clock) *organisations {
	o := &organisations{store: s, now: now, rate: rate.NewLimiter(lookUps, lookUpsAtOnce)}
	o.present()
	return o
}

// present is the list as far as it is known, and has it read in the background where it is
// time to. Nobody waits for it: an organisation can always be typed.
func (o *organisations) present() (*lookup.Published, *lookup.List) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.looking && !o.now().Before(o.due) {
		o.looking = true
		go o.look(o.published)
	}
	return o.published, o.list
}

// look reads the list that is published, unless it is the one that is there already.
func (o *organisations) look(has *lookup.Published) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	published, list, err := o.read(ctx, has)
	if errors.Is(err, store.ErrReplaced) { // between the two reads: the next is there
		published, list, err = o.read(ctx, has)
	}
	if err != nil {
		slog.WarnContext(ctx, "the list of organisations cannot be read", "error", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.looking, o.due = false, o.now().Add(looks)
	switch {
	case err != nil:
		o.due = o.now().Add(looksAgain)
	case list != nil:
		o.published, o.list = published, list
	case published == nil:
		o.due = o.now().Add(looksForOne)
	}
}

// read is what is published, and its list: nil where it is what there is already, or nothing.
func (o *organisations) read(ctx context.Context, has *lookup.Published) (*lookup.Published, *lookup.List, error) {
	published, err := o.store.PublishedOrganisations(ctx)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, nil, nil
	case err != nil:
		return nil, nil, err
	case has != nil && has.List == published.List:
		return has, nil, nil
	}
	list, err := o.store.Organisations(ctx, published)
	return published, list, err
}

// found is an organisation as an answer names it.
type found struct {
	Name string `json:"name"`
	// Number is the register's, as the form takes it.
	Number string `json:"number"`
	// Register and District tell it from others of that name, and As is the other name by
	// which it was found.
	Register string `json:"register"`
	District string `json:"district,omitempty"`
	As       string `json:"as,omitempty"`
}

// lookUp answers with the organisations that may be meant by what somebody has typed so far.
// It is a stranger's text, and nothing of it is kept.
func (s *site) lookUp(w http.ResponseWriter, r *http.Request) error {
	if !s.organisations.rate.AllowN(s.Now(), 1) {
		return fault.TooMuch(time.Second, "More is looked up than we can answer at once. You can type the name of any organisation.")
	}
	answer := struct {
		Organisations []found `json:"organisations"`
	}{[]found{}}
	if _, list := s.organisations.present(); list != nil {
		for _, f := range list.Search(r.URL.Query().Get("q"), mostFound) {
			answer.Organisations = append(answer.Organisations, found{f.Name, f.Number.Written(), lookup.RegisterOf(f.Number).Name(), f.District, f.As})
		}
		w.Header().Set("Cache-Control", "public, max-age="+rememberedSecs)
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(answer)
}

// offerLookUp has the page that is answered offer to look organisations up, where there is a
// list, and names the registers from which it is.
func (s *site) offerLookUp(w http.ResponseWriter) []lookup.Source {
	published, _ := s.organisations.present()
	if published == nil {
		return nil
	}
	web.Connect(w)
	return published.From
}
