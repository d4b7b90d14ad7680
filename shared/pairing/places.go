package pairing

// Holder is somebody whose places matches take up: either of the two people, who
// has as many as pairings they can take at once, or the consultant's supervisor,
// who has as many as they can supervise.
type Holder interface {
	// Open says why they can be given no match that is new; nil where they can, for as
	// many as there is room.
	Open() error
	// Room says why the match cannot take up a place; nil where it can, or has it.
	Room(match string) error
	Take(match string)
	Free(match string)
}

// Holders are those whose places a match takes up. A Supervisor of nil is none;
// whoever else is nil has left.
//
// A place is taken when a match is released, and given back when it is declined or
// withdrawn, or when its pairing is over. Each of these is written together with
// the holders, each guarded by what was read of them: so nobody ever has more
// matches than places, whoever acts at the same time.
type Holders struct{ Client, Consultant, Supervisor Holder }

// begin has a new match take up a place of each holder, or of none of them.
func (h Holders) begin(match string) error {
	for _, holder := range h.all() {
		if err := holder.Open(); err != nil {
			return err
		}
	}
	return h.take(match)
}

// take has a match take up a place of each holder, or of none of them.
func (h Holders) take(match string) error {
	for _, holder := range h.all() {
		if err := holder.Room(match); err != nil {
			return err
		}
	}
	for _, holder := range h.all() {
		holder.Take(match)
	}
	return nil
}

func (h Holders) free(match string) {
	for _, holder := range h.all() {
		holder.Free(match)
	}
}

func (h Holders) all() []Holder {
	var all []Holder
	for _, holder := range []Holder{h.Client, h.Consultant, h.Supervisor} {
		if holder != nil {
			all = append(all, holder)
		}
	}
	return all
}
