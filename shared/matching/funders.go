package matching

import "github.com/cascading-leadership/cascade/shared/organisation"

// funders are the places in an index of those from the organisations that somebody named as
// a funder or commissioner: who decides on their money is no match for them. A name that only
// resembles one is another, since most funders take part in no programme.
func funders(person *Person, index *organisation.Index) (them []int32) {
	for _, name := range funderNames(person) {
		exactly, _ := index.Named(name)
		them = append(them, exactly...)
	}
	return them
}

// funderNames are whom somebody named as a funder or commissioner.
func funderNames(person *Person) []string {
	if person.Mention == "" {
		return person.Bids
	}
	return append([]string{person.Mention}, person.Bids...)
}

// bids are those who bid, by whom they bid to.
type bids map[organisation.Key][]int32

// bidders are those of some people who bid, by their places.
func bidders(people []*Person) bids {
	all := bids{}
	for n, person := range people {
		for _, name := range person.Bids {
			for _, key := range organisation.Meant(name) {
				all[key] = append(all[key], int32(n))
			}
		}
	}
	return all
}

// rivals are those who bid to a funder to whom somebody bids, too.
func (b bids) rivals(person *Person) (them []int32) {
	if len(b) == 0 {
		return nil
	}
	for _, name := range person.Bids {
		for _, key := range organisation.Meant(name) {
			them = append(them, b[key]...)
		}
	}
	return them
}
