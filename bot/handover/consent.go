package handover

import "time"

// Answer records the answer to one question of kb/content/questions.yaml and says whether both are known. option is the
// chosen answer's id, or "skipped".
func (c *Consent) Answer(question, option string, at time.Time) bool {
	answer := map[string]Answer{"yes": Yes, "no": No, "skipped": Skipped}[option]
	switch {
	case question == "contact" && (option == "here" || option == "call"):
		c.MayContact, c.Channel = Yes, option
	case question == "contact" && (answer == No || answer == Skipped):
		c.MayContact, c.Channel = answer, ""
	case question == "safe" && answer != "":
		c.SafeNow = answer
	case question == "shared" && answer != "":
		c.Shared = answer
	case question == "time":
		c.SafeTime = option
	case question == "commune" && answer == Skipped:
		// what was known of the place still holds
	case question == "commune":
		c.Commune = option
	default:
		return false
	}
	c.At = at
	return true
}
