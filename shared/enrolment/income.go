package enrolment

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/cascading-leadership/cascade/shared/text"
)

// MaxIncome is the highest income that is read, in pounds.
const MaxIncome = 99_999_999_999

// IncomeExamples are how an income can be written, for whoever has written it otherwise.
const IncomeExamples = "like 250000, 250,000, 250k or 1.2 million"

// incomes is an income: figures or groups of three, parted by one kind of sign; a fraction
// behind a point; a power of ten, as a spreadsheet shows long numbers; and a word for
// thousands, millions or billions.
var incomes = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:£|gbp)? ?` +
		`([0-9]+|[0-9]{1,3}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+|(?:['’][0-9]{3})+))` +
		`(?:\.([0-9]+))?` +
		`(?:e\+?([0-9]{1,2})| ?(k|thousand|m|mn|million|bn|billion))?` +
		` ?(?:gbp|pounds)?$`)
})

// powers are of ten, by the words for them.
var powers = map[string]int{"k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "bn": 9, "billion": 9}

// ParseIncome reads a year's income as people and spreadsheets write it, "£1,250,000",
// "250 000.00", "250k", "1.2 million" or "2.5E+05", in whole pounds up to MaxIncome. Nothing
// is 0, which stands for not told. What could be read in two ways is not read: a comma parts
// thousands alone, so that "250,00" is no income, and neither is "25.000", where the point may
// part them too.
func ParseIncome(s string) (pounds int, ok bool) {
	if n, err := strconv.ParseUint(s, 10, 64); err == nil && n <= MaxIncome {
		return int(n), true // as nearly all of a large file are
	}
	s = strings.ToLower(text.Tidy(s))
	if s == "" || s == "£" {
		return 0, true
	}
	m := incomes().FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	whole, fraction, power := ungrouped.Replace(m[1]), m[2], powers[m[4]]
	if m[3] != "" {
		power, _ = strconv.Atoi(m[3])
	}
	// Before a fraction of pence, a thousand or a power the point cannot part thousands.
	if fraction != "" && power == 0 && len(fraction) != 2 && len(strings.TrimLeft(whole, "0")) < 4 {
		return 0, false
	}
	if len(fraction) < power {
		fraction += strings.Repeat("0", power-len(fraction))
	}
	s = strings.TrimLeft(whole+fraction[:power], "0")
	if len(s) > len(strconv.Itoa(MaxIncome)) {
		return 0, false
	}
	pounds, _ = strconv.Atoi("0" + s)
	return pounds, true
}

// ungrouped takes out what parts thousands.
var ungrouped = strings.NewReplacer(",", "", " ", "", "'", "", "’", "")

// Pounds is an income in words such as "£1,250,000", or "" for one that is not told.
func Pounds(income int) string {
	if income <= 0 {
		return ""
	}
	s := strconv.Itoa(income)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return "£" + s
}
