package vitext

import "strings"

// Words are split with punctuation by accident or to get past filters:
// "ch.u", "t.ự t-ử", "c*h*ế*t".

const (
	splitters   = ".-_*"
	longestBits = 24 // bytes of a chunk that is worth rejoining
)

// rejoin lexes a chunk of letters with single splitters between them when
// putting pieces together gives syllables; it reports whether it did.
// "tự-tử", whose pieces stand on their own, is left to pieces.
func (x *lexer) rejoin(start, end int) bool {
	chunk := x.text.Clean[start:end]
	if len(chunk) > longestBits || !strings.ContainsAny(chunk, splitters) {
		return false
	}
	bits := strings.FieldsFunc(chunk, func(r rune) bool { return strings.ContainsRune(splitters, r) })
	total, whole := 0, true
	for _, bit := range bits {
		if scanWord(bit) != len(bit) || hasDigit(bit) {
			return false
		}
		total += len(bit) + 1
		form := Tone(bit)
		whole = whole && x.n.settled(form, Fold(form))
	}
	if whole || total != len(chunk)+1 {
		return false
	}
	groups := x.n.groupBits(bits)
	if groups == nil {
		return false
	}
	at := start
	for _, size := range groups {
		from := at
		for _, bit := range bits[:size] {
			at += len(bit) + 1
		}
		x.word(from, at-1, Tone(strings.Join(bits[:size], "")))
		x.chain.nodes[len(x.chain.nodes)-1].slang = size > 1
		bits = bits[size:]
	}
	return true
}

// groupBits says how many bits make each word: all of them, or as few as give
// a syllable; nil when some bit fits nowhere.
func (n *Normaliser) groupBits(bits []string) []int {
	if n.known(Tone(strings.Join(bits, ""))) {
		return []int{len(bits)}
	}
	var groups []int
	for len(bits) > 0 {
		size := 1
		for size <= len(bits) && !n.isSyllable(Tone(strings.Join(bits[:size], ""))) {
			size++
		}
		if size > len(bits) {
			return nil
		}
		groups = append(groups, size)
		bits = bits[size:]
	}
	return groups
}
