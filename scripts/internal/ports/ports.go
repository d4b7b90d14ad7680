// Package ports finds ports of this machine for programs that are started.
package ports

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

// Whoever asks for any port gets one from 32,768 on, and a connection's own end is one of
// those, too: a port of them that was free may be taken before its program has started.
const lowest, beyond = 12_000, 32_000

// given are the ports that this program has given away, some of which may not be in use
// yet.
var given sync.Map

// Free is a port of 127.0.0.1 that nobody listens on, or will: it is below those that
// the system gives by itself. It panics where a machine has none left.
func Free() int {
	for range 1000 {
		port := lowest + rand.IntN(beyond-lowest)
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			continue // somebody listens
		}
		l.Close()
		if _, taken := given.LoadOrStore(port, true); !taken {
			return port
		}
	}
	panic("no port is left on this machine")
}
