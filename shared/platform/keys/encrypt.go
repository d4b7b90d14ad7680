package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
)

// Encrypt hides a text under the first key, by AES-256-GCM with a random nonce. It is bound
// to what it belongs to, such as its document's id: beside anything else it cannot be read.
// A key does this four thousand million times before a nonce may come twice.
func (r Ring) Encrypt(text, to string) string {
	return base64.RawURLEncoding.EncodeToString(r[0].aead().Seal(nil, nil, []byte(text), []byte(to)))
}

// Decrypt is the text that any of the keys has hidden.
func (r Ring) Decrypt(hidden, to string) (text string, ok bool) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(hidden)
	if err != nil {
		return "", false
	}
	for _, k := range r {
		if text, err := k.aead().Open(nil, nil, sealed, []byte(to)); err == nil {
			return string(text), true
		}
	}
	return "", false
}

// aead is the cipher by a key's first 32 bytes, which derived ones have. It puts its nonce
// before what it hides.
func (k Key) aead() cipher.AEAD {
	block, err := aes.NewCipher(k.secret[:minimum])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has blocks of 16 bytes
	}
	return aead
}
