package keys_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/platform/keys"
)

// key is one that stands for a random one.
func key(n int) string {
	var text strings.Builder
	for i := range 32 {
		fmt.Fprintf(&text, "%02x", byte(i*7+n))
	}
	return text.String()
}

func TestKeysThatNobodyMadeAtRandomAreRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ text, says string }{
		{"a:" + key(1), ""},
		{"a:" + key(1) + ", b:" + key(2), ""},
		{"2026-11-30:" + strings.ToUpper(key(1)), ""},
		{"a:" + key(1) + key(2), ""}, // longer
		{"", "key 1"},
		{key(1), "key 1"},
		{":" + key(1), "key 1"},
		{"A:" + key(1), "key 1"},
		{"a b:" + key(1), "key 1"},
		{"a:" + key(1) + ",", "key 2"},
		{"a:" + key(1) + ",b:" + strings.Repeat("00", 32), "key 2 repeats"},
		{"a:" + strings.Repeat("00", 32), "repeats"},
		{"a:" + strings.Repeat("ab", 64), "repeats"},
		{"a:" + strings.Repeat("0123456789abcdef", 4), "repeats"},
		{"a:" + key(1)[2:], "31 bytes"},
		{"a:abab", "2 bytes"},
		{"a:" + strings.Repeat("xy", 32), "hexadecimal"},
		{"a:" + key(1) + ",a:" + key(2), "key 2 is there twice"},
		{"a:" + key(1) + ",b:" + key(1), "key 2 is there twice"},
		{"a:" + key(1) + ",b:" + key(2) + ",c:" + key(3) + ",d:" + key(4) + ",e:" + key(5), "5 keys"},
	} {
		ring, err := keys.Parse(row.text)
		if row.says == "" && (err != nil || len(ring) != strings.Count(row.text, ":")) {
			t.Errorf("%.80s: %v", row.text, err)
		}
		if row.says != "" && (err == nil || !strings.Contains(err.Error(), row.says) || strings.Contains(err.Error(), key(1)[:8])) {
			t.Errorf("%.80s: %v, want %s", row.text, err, row.says)
		}
	}
	for text, good := range map[string]bool{key(1): true, "": false, key(1)[2:]: false, strings.Repeat("00", 32): false, "a:" + key(1): false} {
		if _, err := keys.Single(text); (err == nil) != good {
			t.Errorf("%q alone: %v", text, err)
		}
	}
}

func TestNewKeysAreTaken(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 30, 23, 0, 0, 0, time.UTC)
	one, other := keys.New(now), keys.New(now.AddDate(0, 0, 1))
	ring, err := keys.Parse(other + "," + one)
	if err != nil || ring[0].ID != "2026-12-01" || ring[1].ID != "2026-11-30" {
		t.Errorf("%v, %v", ring, err)
	}
	if keys.New(now) == one {
		t.Error("two keys are alike")
	}
}

// What was made before a new key was written before the others is known after, by its
// key's place; and what was made with a key that is gone is not.
func TestRotation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfNDistinct(rapid.IntRange(0, 200), 2, keys.Most, rapid.ID[int]).Draw(t, "keys")
		var all []string
		for i, n := range numbers {
			all = append(all, fmt.Sprintf("k%d:%s", i, key(n)))
		}
		parse := func(texts ...string) keys.Ring {
			r, err := keys.Parse(strings.Join(texts, ","))
			if err != nil {
				t.Fatal(err)
			}
			return r.For("x")
		}
		text, made := rapid.String().Draw(t, "text"), rapid.IntRange(0, len(all)-1).Draw(t, "made with")
		before := parse(all[made])
		after := parse(all...)
		if hash := before.Hash(text); after.Hashes(text)[made] != hash || slices.Index(after.Hashes(text), hash) != made {
			t.Fatal("a hash is not found again")
		}
		signed := before.Sign(text)
		if value, ok := after.Verify(signed); !ok || value != text {
			t.Fatal("what was signed is not known")
		}
		if _, ok := parse(slices.Delete(slices.Clone(all), made, made+1)...).Verify(signed); ok {
			t.Fatal("what was signed with a key that is gone is known")
		}
		i := rapid.IntRange(0, len(signed)-1).Draw(t, "damaged")
		for _, damaged := range []string{signed[:i], signed[:i] + string(signed[i]^1) + signed[i+1:], signed + "A"} {
			if value, ok := after.Verify(damaged); ok {
				t.Fatalf("%q, damaged to %q, is %q", signed, damaged, value)
			}
		}
	})
}

// No use knows what another made, nor does the key itself.
func TestUsesHaveKeysOfTheirOwn(t *testing.T) {
	t.Parallel()
	ring, err := keys.Parse("a:" + key(1))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range []keys.Ring{ring, ring.For("x"), ring.For("y"), ring.For("x").For("x")} {
		if hash := r.Hash("token"); seen[hash] || len(hash) != 64 {
			t.Errorf("%s is made by two uses", hash)
		} else {
			seen[hash] = true
		}
	}
	if again, err := keys.Parse("a:" + key(1)); err != nil || again.For("x").Hash("token") != ring.For("x").Hash("token") {
		t.Error("the same use's differ")
	}
	signed := ring.For("x").Sign("value")
	if _, ok := ring.For("y").Verify(signed); ok {
		t.Error("another use's signature is taken")
	}
	if _, ok := (keys.Ring{}).Verify(signed); ok {
		t.Error("no keys know a signature")
	}
}
