// Package budgets keeps what strangers have sent within bounds: how many emails go to one
// address on their word, and how many forms come from one network and to one programme.
//
// Addresses and networks are known by keyed hashes, which are the same in every function that
// counts them. What is over the budget of an address is taken like everything else, with the
// same answer and the same work, and sends no email: who typed it must not learn whether that
// address had any. What is over the other two is refused, with when to try again.
package budgets

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Config is what a deployment says of budgets.
type Config struct {
	// Proxies are the ranges of the proxies before the functions, such as
	// "10.0.0.0/8,169.254.0.0/16": what they say in X-Forwarded-For is believed.
	Proxies string `env:"CASCADE_TRUSTED_PROXIES"`
	// Forms of strangers in an hour from one network, and to one programme; 0 for as many as
	// there are.
	PerNetwork   int `env:"CASCADE_FORMS_PER_HOUR_AND_NETWORK, default=60"`
	PerProgramme int `env:"CASCADE_FORMS_PER_HOUR_AND_PROGRAMME, default=1000"`
}

// Usual is that of a deployment that says nothing.
var Usual = Config{PerNetwork: budget.Network.Most, PerProgramme: budget.Programme.Most}

// Keeper keeps the budgets of one function.
type Keeper struct {
	store              *store.Store
	ring               keys.Ring
	now                clock.Clock
	proxies            Proxies
	network, programme budget.Budget
}

// New is a function's, by keys that all functions share which take forms.
func New(s *store.Store, ring keys.Ring, c Config, now clock.Clock) (*Keeper, error) {
	proxies, err := ParseProxies(c.Proxies)
	if err != nil {
		return nil, err
	}
	k := &Keeper{s, ring, now, proxies, budget.Network, budget.Programme}
	k.network.Most, k.programme.Most = c.PerNetwork, c.PerProgramme
	return k, nil
}

// hash is a keyed hash of what must not be stored, as a part of an id.
func (k *Keeper) hash(what, text string) string { return k.ring.Hash(what + "\x00" + text)[:32] }

// crowd is by how much more comes from networks that are not known, together, than from one
// that is.
const crowd = 10

// Need is whether there is an email to send to an address that somebody typed.
type Need int

// The needs. Where there is none, as much is done and nothing is taken: who types the address of
// nobody, or one that only looks like the owner's, uses up nothing of theirs.
const (
	None  Need = iota
	One        // one, within the share
	First      // one, if it is the first of the share, as long as that counts
)

// Allowed is what somebody may cause who typed an address.
type Allowed struct {
	// Email says that the address may be written to on their word, and First that it was not
	// of the same share, as long as that counts.
	Email, First bool
}

// Take adds to a commit what a form takes of the budgets of its network, of its programme, if
// it is of one, and of the share of what is sent to the address that it names. The error says
// from when on there is some again of the first two; nothing is to be written then.
func (k *Keeper) Take(r *http.Request, c *store.Commit, p *programme.Programme, need Need, share budget.Budget, address email.Address) (Allowed, error) {
	return k.take(r.Context(), c, p, k.bounds(r, p), need, share, address)
}

// TakeInbox is Take of what is sent to an address alone, on the word of somebody who is known.
func (k *Keeper) TakeInbox(ctx context.Context, c *store.Commit, need Need, share budget.Budget, address email.Address) (Allowed, error) {
	return k.take(ctx, c, nil, nil, need, share, address)
}

func (k *Keeper) take(ctx context.Context, c *store.Commit, p *programme.Programme, bounds []*counting, need Need, share budget.Budget, address email.Address) (Allowed, error) {
	counted, err := k.count(ctx, p, bounds, share, address)
	if err != nil {
		return Allowed{}, err
	}
	return counted.Take(ctx, c, need)
}

// Counted are the budgets of a form as they were read, of which nothing is taken yet.
type Counted struct {
	keeper    *Keeper
	programme *programme.Programme
	bounds    []*counting
	inbox     *counting
	share     budget.Budget
}

// Count reads what Take takes of: for who finds out at the same time whether there is an email to
// send, which makes no difference to what is read.
func (k *Keeper) Count(r *http.Request, p *programme.Programme, share budget.Budget, address email.Address) (*Counted, error) {
	return k.count(r.Context(), p, k.bounds(r, p), share, address)
}

// CountInbox is Count of what TakeInbox takes of.
func (k *Keeper) CountInbox(ctx context.Context, share budget.Budget, address email.Address) (*Counted, error) {
	return k.count(ctx, nil, nil, share, address)
}

func (k *Keeper) count(ctx context.Context, p *programme.Programme, bounds []*counting, share budget.Budget, address email.Address) (*Counted, error) {
	inbox := whole(share, k.hash("address", address.Mailbox()))
	if err := k.read(ctx, append(slices.Clone(bounds), inbox)...); err != nil {
		return nil, err
	}
	return &Counted{k, p, bounds, inbox, share}, nil
}

// Take is Keeper.Take of what was counted.
func (b *Counted) Take(ctx context.Context, c *store.Commit, need Need) (a Allowed, err error) {
	k, p, share, inbox, now := b.keeper, b.programme, b.share, b.inbox, b.keeper.now()
	for _, x := range b.bounds {
		taken := x.budget.Take(x.parts, x.from, now)
		if taken == nil { // it is nearly used up, or wholly
			x.next = x.others()
			if err := k.read(ctx, x); err != nil {
				return a, err
			}
			taken = x.budget.Take(x.parts, x.from, now)
		}
		if taken == nil {
			return a, over(p, x.budget.From(x.parts, now).Sub(now))
		}
		c.SaveBudgetPart(taken)
	}
	a.First = share.Untouched(inbox.parts, now)
	if need == One || need == First && a.First {
		if taken := share.Take(inbox.parts, rand.IntN(share.Parts), now); taken != nil {
			a.Email = true
			c.SaveBudgetPart(taken)
			return a, nil
		}
	}
	// As much work as for what is within it; which of a few documents is chance.
	c.SetBudgetPart(&budget.Part{ID: inbox.id("over-" + strconv.Itoa(rand.IntN(32))), Since: now, Used: 1, ExpireAt: now.Add(share.Within)})
	return a, nil
}

// Refuse adds to a commit that an address is sent nothing of a share any more, whoever asks for
// it in whichever programme.
func (k *Keeper) Refuse(c *store.Commit, share budget.Budget, address email.Address) {
	now := k.now()
	for i, id := range whole(share, k.hash("address", address.Mailbox())).ids() {
		p := &budget.Part{ID: id}
		share.Refuse(p, i, now)
		c.SetBudgetPart(p)
	}
}

// Refused reports whether an address has refused a share, as long as the key is there by which
// that was kept.
func (k *Keeper) Refused(ctx context.Context, share budget.Budget, address email.Address) (bool, error) {
	var ids []string
	for _, hash := range k.ring.Hashes("address\x00" + address.Mailbox()) {
		ids = append(ids, whole(share, hash[:32]).ids()...)
	}
	parts, err := k.store.BudgetParts(ctx, ids)
	if err != nil {
		return false, err
	}
	now := k.now()
	return slices.ContainsFunc(parts, func(p *budget.Part) bool { return share.Refused(p, now) }), nil
}

// bounds are the budgets of a request's network, or of all networks together that are not known,
// and of a programme, if it is of one: without those that have no bound.
func (k *Keeper) bounds(r *http.Request, p *programme.Programme) (all []*counting) {
	network := &counting{budget: k.network, key: networkOf(r.Context())}
	if network.key == "" {
		network.key, network.budget.Most = "unknown", network.budget.Most*crowd
	}
	all = append(all, network)
	if p != nil {
		all = append(all, &counting{budget: k.programme, key: p.ID})
	}
	for _, x := range all {
		x.from = rand.IntN(x.budget.Parts)
		x.next = x.budget.Look(x.from)
	}
	return slices.DeleteFunc(all, func(x *counting) bool { return x.budget.Most == 0 })
}

// counting is a budget of somebody, by what they are known by, with what was taken of it.
type counting struct {
	budget budget.Budget
	key    string
	// parts are those that were read, nil in the places of the others; and next the places of
	// those that are read next.
	parts []*budget.Part
	next  []int
	// from is the place from which on one is taken.
	from int
}

// whole counts with all parts, as of a budget that asks what was taken of each.
func whole(of budget.Budget, key string) *counting {
	x := &counting{budget: of, key: key}
	x.next = x.others()
	return x
}

func (x *counting) id(part string) string { return x.budget.Of + "-" + x.key + "-" + part }

// others are the places of the parts that were not read.
func (x *counting) others() (places []int) {
	for i := range x.budget.Parts {
		if i >= len(x.parts) || x.parts[i] == nil {
			places = append(places, i)
		}
	}
	return places
}

// ids are those of the parts that are read next.
func (x *counting) ids() []string {
	ids := make([]string, len(x.next))
	for i, place := range x.next {
		ids[i] = x.id(strconv.Itoa(place))
	}
	return ids
}

// read reads the parts that are next, of all in one round trip.
func (k *Keeper) read(ctx context.Context, all ...*counting) error {
	var ids []string
	for _, x := range all {
		ids = append(ids, x.ids()...)
	}
	parts, err := k.store.BudgetParts(ctx, ids)
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.parts == nil {
			x.parts = make([]*budget.Part, x.budget.Parts)
		}
		for _, place := range x.next {
			x.parts[place], parts = parts[0], parts[1:]
		}
		x.next = nil
	}
	return nil
}

// over is that there is too much, with when to try again and whom to ask.
func over(p *programme.Programme, wait time.Duration) error {
	minutes := int(wait/time.Minute) + 1
	whom := "the people who run the programme"
	if p != nil {
		whom = p.Host.Contact + ": " + p.Host.Email + ", " + p.Host.Phone
	}
	return fault.TooMuch(time.Duration(minutes)*time.Minute, "More was sent from where you are, or to this programme, than we can take at once. Nothing is lost on your side: try again in %d minutes. If it cannot wait, contact %s.", minutes, whom)
}

// Retried makes a change anew as long as others take of the same part at the same time.
func Retried(ctx context.Context, do func() error) (err error) {
	for try := 0; try < 8; try++ {
		if err = do(); !store.IsConflict(err) || ctx.Err() != nil {
			return err
		}
	}
	return err
}
