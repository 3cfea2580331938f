package vitext

import "unicode/utf8"

// longestRepair is the length in bytes beyond which a word is taken for noise
// and left alone.
const longestRepair = 40

// repaired is the outcome of repairing one word; words is nil when the word
// stays as it is.
type repaired struct {
	words      []string
	typedMarks bool // the writer keyed the marks (Telex, VNI)
	fromTable  bool
}

// repair works on one word without looking at its neighbours. It leaves valid
// syllables and known English alone, and gives only valid syllables, known
// words or keys of the rule tables.
func (n *Normaliser) repair(form, folded string) repaired {
	if hasDigit(form) {
		return n.repairDigits(form)
	}
	if n.settled(form, folded) {
		return repaired{}
	}
	short, twice := collapse(form)
	if len(short) > longestRepair || len(short) == 0 {
		return repaired{}
	}
	if twice == form {
		if out, ok := n.telex(form); ok {
			return out
		}
	} else if out, ok := n.squeeze(form, twice); ok {
		return out
	}
	if short != form && (n.settled(short, Fold(short)) || twice != form && n.known(short)) {
		return repaired{words: []string{short}, typedMarks: hasMark(short)}
	}
	if out, ok := n.unleet(form); ok {
		return out
	}
	if out := n.respell(short); out != "" {
		return repaired{words: []string{out}, typedMarks: hasMark(out)}
	}
	return repaired{words: n.split(form)}
}

// settled reports whether a word needs no repair: a Vietnamese syllable,
// written with or without marks, or an English word.
func (n *Normaliser) settled(form, folded string) bool {
	if _, ok := n.folded[folded]; ok {
		return true
	}
	_, ok := n.english[form]
	return ok
}

// known reports whether form is settled or a word of the rule tables.
func (n *Normaliser) known(form string) bool {
	return n.rules[form] != nil || n.settled(form, Fold(form))
}

// collapse squeezes repeated letters: short has each run once, twice has runs
// of three or more cut to two. One letter held down ("aaaa", "kkk") is noise,
// not a word: short is then "".
func collapse(form string) (short, twice string) {
	one, two := make([]rune, 0, 16), make([]rune, 0, 16)
	var last rune
	run := 0
	for _, r := range form {
		if r != last {
			last, run = r, 0
			one = append(one, r)
		}
		if run++; run <= 2 {
			two = append(two, r)
		}
		if len(one) > longestRepair {
			return form, form
		}
	}
	if len(one) == 1 && len(form) > utf8.RuneLen(last) {
		return "", form
	}
	return string(one), string(two)
}

// squeeze repairs a word with a letter held down: "cuuuu" → "cuu",
// "khoonggg" → "khoong" → "không".
func (n *Normaliser) squeeze(form, twice string) (repaired, bool) {
	once := squeezeLong(form)
	for _, try := range []string{twice, once} {
		if n.known(try) {
			return repaired{words: []string{try}, typedMarks: hasMark(try)}, true
		}
	}
	if out, ok := n.telex(once); ok {
		return out, true
	}
	return n.telex(twice)
}

// squeezeLong cuts runs of three or more letters to one and keeps pairs.
func squeezeLong(form string) string {
	runes := []rune(form)
	out := runes[:0:0]
	for i := 0; i < len(runes); {
		j := i
		for j < len(runes) && runes[j] == runes[i] {
			j++
		}
		if j-i == 2 {
			out = append(out, runes[i])
		}
		out = append(out, runes[i])
		i = j
	}
	return string(out)
}

// split takes two syllables written together apart ("cuutoi" → cuu toi) when
// there is exactly one way to do so.
func (n *Normaliser) split(form string) []string {
	if len(form) < 6 || len(form) > 2*longestSyllable*2 {
		return nil
	}
	var found []string
	folded := make([]byte, 0, 2*longestSyllable)
	var starts []int // byte offset in form of each letter
	for i, r := range form {
		l, ok := letterOf(r)
		if !ok {
			return nil
		}
		folded, starts = append(folded, l.plain), append(starts, i)
	}
	for i := 2; i+2 <= len(folded); i++ {
		if _, ok := n.folded[string(folded[:i])]; !ok {
			continue
		}
		if _, ok := n.folded[string(folded[i:])]; !ok {
			continue
		}
		if found != nil {
			return nil
		}
		found = []string{Tone(form[:starts[i]]), Tone(form[starts[i]:])}
	}
	return found
}
