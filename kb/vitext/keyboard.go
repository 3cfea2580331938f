package vitext

import (
	"strings"
	"unicode/utf8"
)

// longestTyped bounds a syllable typed in Telex or VNI: seven letters and up
// to four keys for marks, with room for a slip.
const longestTyped = 13

// typed is a syllable being put together from keys.
type typed struct {
	letters []rune // lower-case, toneless
	tone    uint8
	signs   int  // marks keyed besides the tone
	toneKey rune // last tone key
	midTone bool // letters followed the tone key
}

func (t *typed) hasVowel() bool {
	for _, r := range t.letters {
		if l, _ := letterOf(r); l.row != 0 {
			return true
		}
	}
	return false
}

// add appends a letter as typed; a letter that has its marks keeps them.
func (t *typed) add(l letter) bool {
	if l.tone != 0 {
		if t.tone != 0 {
			return false
		}
		t.tone = l.tone
	} else if t.toneKey != 0 {
		t.midTone = true
	}
	t.letters = append(t.letters, l.quality())
	return true
}

// telexTone gives the tone of a Telex key, 0 for other letters.
func telexTone(r rune) uint8 {
	switch r {
	case 'f':
		return 1
	case 's':
		return toneSharp
	case 'r':
		return 3
	case 'x':
		return 4
	case 'j':
		return toneHeavy
	}
	return 0
}

// telex reads a word as Telex keys that were never converted: "ddanhs" →
// đánh. It succeeds only when the outcome is a valid syllable.
func (n *Normaliser) telex(form string) (repaired, bool) {
	keys := []rune(form)
	if len(keys) < 2 || len(keys) > longestTyped {
		return repaired{}, false
	}
	t := typed{letters: make([]rune, 0, longestTyped)}
	for i, r := range keys {
		l, ok := letterOf(r)
		if !ok || !t.telexKey(keys, i, l) {
			return repaired{}, false
		}
	}
	if t.toneKey == 0 && t.signs == 0 {
		return repaired{}, false
	}
	if t.midTone && t.signs == 0 && looksEnglish(form, t.toneKey) {
		return repaired{}, false
	}
	return n.compose(&t)
}

// looksEnglish reports whether a tone key amid a word without other Telex
// signs is rather an English consonant: born, taxi, mesa, post.
func looksEnglish(form string, toneKey rune) bool {
	at := strings.LastIndexByte(form, byte(toneKey))
	next, _ := utf8.DecodeRuneInString(form[at+1:])
	after, _ := letterOf(next)
	switch {
	case toneKey == 'j', at+1 == len(form):
		return false
	case toneKey == 'r', after.row != 0:
		return true
	}
	return toneKey == 's' && after.plain == 't'
}

// telexKey takes in key i of a word.
func (t *typed) telexKey(keys []rune, i int, l letter) bool {
	r := keys[i]
	switch {
	case telexTone(r) != 0 && t.hasVowel():
		if keys[i-1] == r {
			return false // a doubled key cancels
		}
		t.tone, t.toneKey = telexTone(r), r
		return true
	case r == 'w':
		t.signs++
		return t.horn(len(keys) > 2)
	case r == 'd' && i > 0 && t.letters[0] == 'd' && (i == 1 || i == len(keys)-1):
		t.letters[0] = 'đ'
		t.signs++
		return true
	case r == 'a' || r == 'e' || r == 'o':
		late := i > 1 && telexTone(keys[len(keys)-1]) != 0
		if t.circumflex(r, late) {
			t.signs++
			return true
		}
	}
	return t.add(l)
}

// circumflex puts ^ on the letter r typed before; late allows letters between.
func (t *typed) circumflex(r rune, late bool) bool {
	for i := len(t.letters) - 1; i >= 0; i-- {
		if t.letters[i] == r {
			t.letters[i] = hat(r)
			return true
		}
		if !late {
			return false
		}
	}
	return false
}

func hat(r rune) rune {
	switch r {
	case 'a':
		return 'â'
	case 'e':
		return 'ê'
	case 'o':
		return 'ô'
	}
	return r
}

// horn applies w of Telex, or 7 and 8 of VNI: ươ, ưa, ưu, ă, ơ, ư; alone
// after consonants it is ư.
func (t *typed) horn(alone bool) bool {
	s := t.letters
	for i := 0; i+1 < len(s); i++ {
		if (s[i] != 'u' && s[i] != 'ư') || i > 0 && s[i-1] == 'q' {
			continue
		}
		switch l, _ := letterOf(s[i+1]); l.plain {
		case 'o':
			s[i], s[i+1] = 'ư', 'ơ'
			return true
		case 'a', 'u':
			s[i] = 'ư'
			return true
		}
	}
	for i := len(s) - 1; i >= 0; i-- {
		switch s[i] {
		case 'a', 'â':
			s[i] = 'ă'
		case 'o', 'ô':
			s[i] = 'ơ'
		case 'u':
			s[i] = 'ư'
		default:
			continue
		}
		return true
	}
	if alone && len(s) > 0 && !t.hasVowel() {
		t.letters = append(t.letters, 'ư')
		return true
	}
	return false
}

// vni reads a word as VNI keys that were never converted: "d9uoi61" → đuối.
func (n *Normaliser) vni(form string) (repaired, bool) {
	if len(form) < 3 || len(form) > longestTyped+4 {
		return repaired{}, false
	}
	t := typed{letters: make([]rune, 0, longestTyped)}
	for _, r := range form {
		l, ok := letterOf(r)
		switch {
		case ok:
			if !t.add(l) {
				return repaired{}, false
			}
		case !isDigit(r) || !t.vniKey(r):
			return repaired{}, false
		}
	}
	if len(t.letters) < 2 {
		return repaired{}, false
	}
	return n.compose(&t)
}

func (t *typed) vniKey(r rune) bool {
	if r == '9' {
		if len(t.letters) == 0 || t.letters[0] != 'd' {
			return false
		}
		t.letters[0] = 'đ'
		return true
	}
	if !t.hasVowel() {
		return false
	}
	switch r {
	case '1', '2', '3', '4', '5':
		if t.tone != 0 {
			return false
		}
		t.tone, t.toneKey = [...]uint8{toneSharp, 1, 3, 4, toneHeavy}[r-'1'], r
		return true
	case '6':
		return t.circumflex('a', true) || t.circumflex('e', true) || t.circumflex('o', true)
	case '7', '8':
		return t.horn(false)
	}
	return false
}

// compose puts the tone in its seat and checks the syllable. A syllable
// that a stop rhyme leaves short of its tone or of a hat (bieet, tiets) comes
// back without marks.
func (n *Normaliser) compose(t *typed) (repaired, bool) {
	first, last, ok := nucleus(t.letters)
	if !ok {
		return repaired{}, false
	}
	plain := string(t.letters)
	seat := toneSeat(t.letters, first, last)
	t.letters[seat] = withTone(t.letters[seat], t.tone)
	form := string(t.letters)
	if _, ok := n.toned[form]; ok {
		return repaired{words: []string{form}, typedMarks: true}, true
	}
	folded := Fold(plain)
	if _, ok := n.folded[folded]; ok && stopped(folded) && t.tone != 1 && t.tone != 3 && t.tone != 4 {
		return repaired{words: []string{folded}}, true
	}
	return repaired{}, false
}

// leet gives the letter a digit or sign stands for in "ch3t", "gi@t".
var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s")

// unleet repairs a word with digits or signs in place of letters.
func (n *Normaliser) unleet(form string) (repaired, bool) {
	if len(form) < 3 && !strings.Contains(form, "0") || len(form) > longestTyped {
		return repaired{}, false
	}
	if out := leet.Replace(form); out != form && !hasDigit(out) && n.known(out) {
		return repaired{words: []string{out}}, true
	}
	return repaired{}, false
}
