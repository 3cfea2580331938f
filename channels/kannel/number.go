package kannel

import "strings"

// person turns a sender as an operator writes it into a number as +84901234567, the same for one person however it is
// written: +84…, 84…, 0084…, 09…, or 9 digits without the zero. It reports false for what is no person's number: sender
// names and service numbers (8085, 19001234), which advertise, and some of which charge for an answer.
func (c *Channel) person(raw string) (string, bool) {
	s := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '.' {
			return -1
		}
		return r
	}, raw)
	digits := strings.TrimPrefix(s, "+")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	switch {
	case strings.HasPrefix(digits, "00"):
		digits = digits[2:]
	case digits[0] == '0':
		digits = c.cfg.Country + digits[1:]
	case digits != s: // with a plus sign
	case len(digits) < 9:
		return "", false
	case len(digits) == 9:
		digits = c.cfg.Country + digits
	}
	number := "+" + digits
	return number, numberForm.MatchString(number)
}
