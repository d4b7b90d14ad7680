package testbed

// Drop takes a document away, past the store.
func (b *Bed) Drop(path string) {
	b.t.Helper()
	if _, err := b.database().Doc(path).Delete(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}
