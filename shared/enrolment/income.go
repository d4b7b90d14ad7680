package enrolment

import (
	"strconv"
	"strings"
)

// ParseIncome reads a year's income as people write it, "£1,250,000" or "250 000.00",
// in whole pounds. Nothing is 0, which stands for not told.
func ParseIncome(s string) (pounds int, ok bool) {
	s = strings.NewReplacer(",", "", " ", "", "\u00a0", "").Replace(strings.TrimSpace(s))
	s = strings.TrimPrefix(s, "£")
	if s == "" {
		return 0, true
	}
	s, pence, found := strings.Cut(s, ".")
	if found && (len(pence) != 2 || digits(pence) != 2) || len(s) == 0 || len(s) > 11 || digits(s) != len(s) {
		return 0, false
	}
	pounds, err := strconv.Atoi(s)
	return pounds, err == nil
}

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
