package budgets

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the ranges of addresses that stand before a function, and say truly in
// X-Forwarded-For from whom they had a request.
type Proxies []netip.Prefix

// ParseProxies reads ranges such as "10.0.0.0/8, 2001:db8::/32, 127.0.0.1".
func ParseProxies(text string) (all Proxies, err error) {
	for _, each := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		if a, err := netip.ParseAddr(each); err == nil {
			all = append(all, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(each)
		if err != nil {
			return nil, fmt.Errorf("%q is no range of addresses such as 10.0.0.0/8", each)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

func (ps Proxies) trust(a netip.Addr) bool {
	for _, p := range ps {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Client is the network from which a request came: the first address from the right that is
// no proxy's, of the header's entries and then of who connected, down to its /24 or /48. What
// stands further to the left, anybody can write. It is "" where that is not to be read, or
// there is none, or it is of a private network: then it is a proxy of which nobody has said
// that it is one, and behind it all visitors would count as one.
func (ps Proxies) Client(r *http.Request) string {
	var chain []string
	for _, value := range r.Header.Values("X-Forwarded-For") {
		chain = append(chain, strings.Split(value, ",")...)
	}
	chain = append(chain, r.RemoteAddr)
	for i := len(chain) - 1; i >= 0; i-- {
		a, ok := address(strings.TrimSpace(chain[i]))
		if !ok {
			return ""
		}
		if ps.trust(a) {
			continue
		}
		if a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
			return ""
		}
		bits := 24
		if a.Is6() {
			bits = 48
		}
		p, err := a.WithZone("").Prefix(bits)
		if err != nil {
			return ""
		}
		return p.String()
	}
	return ""
}

// address reads an address, with or without a port, and one of IPv4 in IPv6 as what it is.
func address(text string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return a.Unmap(), true
	}
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr().Unmap(), true
	}
	return netip.Addr{}, false
}

type networkKey struct{}

// Placed keeps with a request from which network it came, as a keyed hash, before the header
// is taken out that says so.
func (k *Keeper) Placed(next http.Handler) http.Handler {
	if k == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if network := k.proxies.Client(r); network != "" {
			r = r.WithContext(context.WithValue(r.Context(), networkKey{}, k.hash("network", network)))
		}
		next.ServeHTTP(w, r)
	})
}

// networkOf is a request's network as a hash; "" where it is not known.
func networkOf(ctx context.Context) string {
	network, _ := ctx.Value(networkKey{}).(string)
	return network
}
