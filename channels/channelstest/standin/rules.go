package standin

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf16"
)

// Rule says what is wrong with the value of a parameter, without quoting it.
type Rule func(string) error

// Form wants a value that matches a regular expression.
func Form(pattern string) Rule {
	re := regexp.MustCompile(pattern)
	return func(s string) error {
		if !re.MatchString(s) {
			return errors.New("wrong form")
		}
		return nil
	}
}

// OneOf wants one of these values.
func OneOf(values ...string) Rule {
	return func(s string) error {
		if !slices.Contains(values, s) {
			return errors.New("not a known value")
		}
		return nil
	}
}

// Integer wants a whole number from least to most.
func Integer(least, most int64) Rule {
	return func(s string) error {
		if n, err := strconv.ParseInt(s, 10, 64); err != nil || n < least || n > most {
			return fmt.Errorf("not an integer from %d to %d", least, most)
		}
		return nil
	}
}

// Units is the length of a text as providers count it: in UTF-16 units.
func Units(s string) int { return len(utf16.Encode([]rune(s))) }
