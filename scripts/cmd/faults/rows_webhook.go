package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
)

var _ = add(row{
	id: "D8", breaks: "forged, altered, stale and oversized events of the provider, and one bad event of a thousand", short: true,
	guards: []sabotage.Guard{sabotage.Signature},
	run:    forged,
})

// forged posts events that the provider did not send, and some that it did.
func forged(ctx context.Context, at *place) error {
	if err := at.run(ctx, "outbox", 1); err != nil {
		return err
	}
	at.provider.events = func(string, int) []happening { return nil }
	l, err := at.people(ctx, 40, "8")
	if err != nil {
		return err
	}
	if err := at.drained(ctx, l, 30*time.Second); err != nil {
		return err
	}
	log := at.provider.log()
	about := func(r request, kind string) map[string]any { return at.provider.about(&r, happening{kind, 0}).event }
	outcome := func(id string) (string, error) {
		all, _, err := at.snapshot(ctx, "outbox")
		if err != nil {
			return "", err
		}
		for _, d := range all["outbox"] {
			if d.Ref.ID == id {
				var text string
				field(d, "outcome", &text)
				return text, nil
			}
		}
		return "", errGone
	}

	victim := log[0]
	body, _ := json.Marshal([]any{about(victim, "bounce")})
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now()
	stamp := strconv.FormatInt(now.Unix(), 10)
	sign := func(key *ecdsa.PrivateKey, stamp string, body []byte) []byte {
		sum := sha256.Sum256(append([]byte(stamp), body...))
		sig, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
		if err != nil {
			panic(err) // never for this curve
		}
		return sig
	}
	text := base64.StdEncoding.EncodeToString
	good := sign(at.provider.key, stamp, body)
	type forgery struct {
		what, stamp, signature string
		body                   []byte
	}
	forgeries := []forgery{
		{"no signature", stamp, "", body},
		{"no timestamp", "", text(good), body},
		{"another key", stamp, text(sign(other, stamp, body)), body},
		{"another body", stamp, text(good), []byte(strings.Replace(string(body), "bounce", "dropped", 1))},
		{"the body written in another way", stamp, text(good), []byte(strings.Replace(string(body), ":", ": ", 1))},
		{"another timestamp", strconv.FormatInt(now.Unix()+1, 10), text(good), body},
		{"not base64", stamp, "@@@", body},
		{"base64 without padding, and more", stamp, text(good) + "AAAA", body},
		{"hexadecimal", stamp, fmt.Sprintf("%x", good), body},
	}
	for _, old := range []time.Duration{11 * time.Minute, time.Hour, 25 * time.Hour, -11 * time.Minute} {
		s := strconv.FormatInt(now.Add(-old).Unix(), 10)
		forgeries = append(forgeries, forgery{fmt.Sprintf("signed %v ago", old), s, text(sign(at.provider.key, s, body)), body})
	}
	for _, s := range []string{"", "soon", "1e9", "0x10", " " + stamp, stamp + ".0", "-1", "99999999999999999999"} {
		forgeries = append(forgeries, forgery{fmt.Sprintf("timestamp %q", s), s, text(sign(at.provider.key, s, body)), body})
	}
	for name, sig := range mutations(good, elliptic.P256().Params().N) {
		forgeries = append(forgeries, forgery{name, stamp, text(sig), body})
	}
	for _, f := range forgeries {
		if status := at.provider.raw(f.body, f.stamp, f.signature); status < 400 || status >= 500 {
			at.violation("%s: answered with %d", f.what, status)
		}
	}
	at.count("forgeries", len(forgeries))
	if got, err := outcome(victim.message); err != nil || got != "" {
		at.violation("a forged event made %s %q: %v", victim.message, got, err)
	}

	// Garbage that is signed: nothing of it may be taken, or take the process down.
	for _, text := range []string{"", "{}", "[", "null", `"x"`, "[1,2,3]", `[{"event":"bounce"}]`, `[{"event":"bounce","message":"../../x","try":"1"}]`,
		`[{"event":"bounce","message":"` + victim.message + `","try":"-1"}]`, `[{"event":"bounce","message":"` + victim.message + `","try":"999"}]`,
		`[{"event":"opened","message":"` + victim.message + `","try":"1"}]`, strings.Repeat("[", 10_000)} {
		if status := at.provider.post([]byte(text), now, at.provider.key); status == 0 || status >= 500 {
			at.violation("signed garbage %.40q: answered with %d", text, status)
		}
		at.count("signed garbage", 1)
	}
	if got, err := outcome(victim.message); err != nil || got != "" {
		at.violation("garbage made %s %q: %v", victim.message, got, err)
	}

	// One bad event among many takes none of the good ones with it.
	var many []any
	for i := range 1000 {
		switch {
		case i == 500:
			many = append(many, "not an event")
		case i < len(log):
			many = append(many, about(log[i], "delivered"))
		default:
			many = append(many, map[string]any{"event": "delivered", "message": strings.ToLower(rand.Text()), "try": "1", "timestamp": now.Unix()})
		}
	}
	body, _ = json.Marshal(many)
	if status := at.provider.post(body, now, at.provider.key); status != 200 {
		at.violation("a thousand events with a bad one among them: answered with %d", status)
	}
	all, _, err := at.snapshot(ctx, "outbox")
	if err != nil {
		return err
	}
	for _, d := range all["outbox"] {
		var got string
		if field(d, "outcome", &got); got != "delivered" {
			at.violation("the event about %s was not taken for the bad one beside it: %q", d.Ref.ID, got)
		}
	}
	// Far too many bytes, which must not be kept in memory.
	huge := []byte(`[{"event":"delivered","message":"x","try":"1","padding":"` + strings.Repeat("x", 5<<20) + `"}]`)
	if status := at.provider.post(huge, now, at.provider.key); status == 0 || status >= 500 {
		at.violation("5 MB: answered with %d", status)
	}
	return nil
}

// mutations are encodings of a signature that is right which are not the one that
// there is, and values beside it.
func mutations(good []byte, order *big.Int) map[string][]byte {
	var sig struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(good, &sig); err != nil {
		panic(err) // it was made a moment ago
	}
	encode := func(r, s *big.Int) []byte {
		der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
		if err != nil {
			panic(err)
		}
		return der
	}
	one := big.NewInt(1)
	add := func(a, b *big.Int) *big.Int { return new(big.Int).Add(a, b) }
	all := map[string][]byte{
		"empty": {}, "zeros": encode(big.NewInt(0), big.NewInt(0)), "r zero": encode(big.NewInt(0), sig.S), "s zero": encode(sig.R, big.NewInt(0)),
		"r and the order": encode(add(sig.R, order), sig.S), "s and the order": encode(sig.R, add(sig.S, order)),
		"r less one": encode(add(sig.R, big.NewInt(-1)), sig.S), "s more one": encode(sig.R, add(sig.S, one)),
		"negative r": encode(new(big.Int).Neg(sig.R), sig.S), "negative s": encode(sig.R, new(big.Int).Neg(sig.S)),
		"swapped": encode(sig.S, sig.R), "order": encode(order, order), "ones": encode(one, one),
		"a byte more": append(append([]byte{}, good...), 0), "a byte less": good[:len(good)-1],
		"long form of the length": append([]byte{good[0], 0x81, good[1]}, good[2:]...),
		"indefinite length":       append(append([]byte{good[0], 0x80}, good[2:]...), 0, 0),
		"r with a leading zero":   padded(good),
	}
	// Every number that somebody has once forgotten to look at, in both places.
	prime := elliptic.P256().Params().P
	odd := map[string]*big.Int{"0": big.NewInt(0), "1": one, "-1": big.NewInt(-1), "the order less 1": add(order, big.NewInt(-1)), "the order": order,
		"the order and 1": add(order, one), "the prime": prime, "the prime and 1": add(prime, one), "2^256": new(big.Int).Lsh(one, 256)}
	for r, a := range odd {
		for s, b := range odd {
			all["r is "+r+", s is "+s] = encode(a, b)
		}
	}
	// What is no number in their place: true, nothing, an octet string, an empty list, 0.5.
	for _, v := range [][]byte{{1, 1, 0xff}, {5, 0}, {4, 1, 1}, {0x30, 0}, {9, 3, 0x80, 0xff, 1}, {2, 0}} {
		all[fmt.Sprintf("%x for both", v)] = append([]byte{0x30, byte(2 * len(v))}, slices.Concat(v, v)...)
	}
	all["one number more"] = append([]byte{0x30, good[1] + 3}, append(slices.Clone(good[2:]), 2, 1, 1)...)
	all["a list in a list"] = append([]byte{0x30, byte(len(good))}, good...)
	for i := range good {
		for _, bit := range []byte{0x01, 0x10, 0x80} {
			bad := append([]byte{}, good...)
			bad[i] ^= bit
			all[fmt.Sprintf("byte %d with bit %#x turned", i, bit)] = bad
		}
		all[fmt.Sprintf("cut after %d bytes", i)] = good[:i]
	}
	return all
}

// padded is a signature whose first number has a zero too many before it.
func padded(good []byte) []byte {
	n := good[3]
	bad := []byte{good[0], good[1] + 1, good[2], n + 1, 0}
	return append(bad, good[4:]...)
}
