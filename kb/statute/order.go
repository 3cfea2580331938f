package statute

import (
	"strconv"
	"strings"
)

// Number is an article's or clause's number; an inserted one has a letter: 10a.
type Number struct {
	N      int
	Suffix string // lower case
}

// String is "10a".
func (n Number) String() string { return strconv.Itoa(n.N) + n.Suffix }

// ParseNumber reads "10" or "10a".
func ParseNumber(s string) (Number, bool) {
	digits := strings.TrimRight(s, letters)
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || len(digits) > 4 {
		return Number{}, false
	}
	return Number{n, s[len(digits):]}, true
}

// letters is the order of points and of inserted numbers. f, j, w and z do not belong to the Vietnamese alphabet, but some
// documents use them.
const letters = "abcdđefghijklmnopqrstuvwxyz"

// skipped are the letters that may be left out of the order without a gap.
const skipped = "fjwz"

func letterPlace(s string) int {
	at := strings.Index(letters, s)
	if s == "" || at < 0 {
		return -1
	}
	return at
}

// Compare orders numbers as they stand in a statute: 10, 10a, 10b, 11.
func (n Number) Compare(o Number) int {
	if n.N != o.N {
		return n.N - o.N
	}
	return letterPlace(n.Suffix) - letterPlace(o.Suffix)
}

// follows reports whether n is what may come directly after before: 11 after 10 or 10a; 10a after 10; 10b after 10a.
func (n Number) follows(before Number) bool {
	if n.Suffix == "" {
		return n.N == before.N+1
	}
	if n.N == before.N {
		return letterFollows(n.Suffix, before.Suffix)
	}
	return n.N == before.N+1 && before == (Number{}) // an excerpt may begin with 1a
}

// letterFollows reports whether the letter comes directly after before; "" stands before a.
func letterFollows(letter, before string) bool {
	from := 0
	if before != "" {
		at := letterPlace(before)
		if at < 0 {
			return false
		}
		from = at + len(firstRune(letters[at:]))
	}
	to := letterPlace(letter)
	if to < from {
		return false
	}
	return strings.Trim(letters[from:to], skipped) == ""
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}
