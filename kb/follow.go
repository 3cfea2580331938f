package kb

import (
	"slices"
	"strings"

	"treem/kb/vitext"
)

// longestFollowUp is how many syllables a message may have that only goes on asking.
const longestFollowUp = 9

// followsUp reports whether a message goes on from the answer before: "còn dưới 4 tuổi thì sao", "vậy ai quyết định". A
// message about a child that merely begins with "con" does not, unless it ends like one that does.
func followsUp(t vitext.Text) bool {
	if len(t.Syllables) == 0 || len(t.Syllables) > longestFollowUp {
		return false
	}
	first := t.Syllables[0]
	openings := map[string]string{"con": "còn", "vay": "vậy", "the": "thế", "roi": "rồi", "neu": "nếu", "nhung": "nhưng", "thi": "thì", "o": "ở"}
	opening, opens := openings[first.Folded]
	if first.Marked && first.Toned != opening {
		opens = false
	}
	text := t.Folded()
	closes := slices.ContainsFunc([]string{" thi sao", " thi the nao", " nua", " thi khac gi"}, func(end string) bool { return strings.HasSuffix(text, end) })
	return opens && (closes || first.Marked || first.Folded != "con") || closes && len(t.Syllables) <= 6
}
