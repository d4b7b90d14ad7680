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
	bounds := []counting{k.ofNetwork(r)}
	if p != nil {
		bounds = append(bounds, counting{budget: k.programme, key: p.ID})
	}
	return k.take(r.Context(), c, p, bounds, need, share, address)
}

// TakeInbox is Take of what is sent to an address alone, on the word of somebody who is known.
func (k *Keeper) TakeInbox(ctx context.Context, c *store.Commit, need Need, share budget.Budget, address email.Address) (Allowed, error) {
	return k.take(ctx, c, nil, nil, need, share, address)
}

func (k *Keeper) take(ctx context.Context, c *store.Commit, p *programme.Programme, bounds []counting, need Need, share budget.Budget, address email.Address) (a Allowed, err error) {
	inbox := counting{budget: share, key: k.hash("address", address.Mailbox())}
	var ids []string
	for _, x := range bounds {
		ids = append(ids, x.ids()...)
	}
	parts, err := k.store.BudgetParts(ctx, append(ids, inbox.ids()...))
	if err != nil {
		return a, err
	}
	now := k.now()
	for _, x := range bounds {
		n := len(x.ids())
		x.parts, parts = parts[:n], parts[n:]
		if n == 0 {
			continue
		}
		taken := x.budget.Take(x.parts, rand.IntN(x.budget.Parts), now)
		if taken == nil {
			return a, over(p, x.budget.From(x.parts, now).Sub(now))
		}
		c.SaveBudgetPart(taken)
	}
	a.First = share.Untouched(parts, now)
	if need == One || need == First && a.First {
		if taken := share.Take(parts, rand.IntN(share.Parts), now); taken != nil {
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
	for i, id := range (counting{budget: share, key: k.hash("address", address.Mailbox())}).ids() {
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
		ids = append(ids, counting{budget: share, key: hash[:32]}.ids()...)
	}
	parts, err := k.store.BudgetParts(ctx, ids)
	if err != nil {
		return false, err
	}
	now := k.now()
	return slices.ContainsFunc(parts, func(p *budget.Part) bool { return share.Refused(p, now) }), nil
}

// ofNetwork counts what comes from a request's network, or from all together that are not known.
func (k *Keeper) ofNetwork(r *http.Request) counting {
	x := counting{budget: k.network, key: networkOf(r.Context())}
	if x.key == "" {
		x.key, x.budget.Most = "unknown", x.budget.Most*crowd
	}
	return x
}

// counting is a budget of somebody, by what they are known by, with what was taken of it.
type counting struct {
	budget budget.Budget
	key    string
	parts  []*budget.Part
}

func (x counting) id(part string) string { return x.budget.Of + "-" + x.key + "-" + part }

func (x counting) ids() []string {
	if x.budget.Most == 0 {
		return nil
	}
	all := make([]string, x.budget.Parts)
	for i := range all {
		all[i] = x.id(strconv.Itoa(i))
	}
	return all
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
