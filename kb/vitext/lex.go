package vitext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lexing splits cleaned text at spaces into chunks and each chunk into words
// and numbers. What it produces must come out the same when the words are
// joined by spaces and lexed again.

// lexer fills a chain and a Text from cleaned text.
type lexer struct {
	n      *Normaliser
	text   *Text
	chain  *chain
	broken bool // a boundary stands before the next word
}

func (x *lexer) run() {
	s := x.text.Clean
	for i := 0; i < len(s); {
		switch s[i] {
		case '\n':
			x.broken = true
			i++
		case ' ':
			i++
		default:
			end := i
			for end < len(s) && s[end] != ' ' && s[end] != '\n' {
				end++
			}
			x.chunk(i, end)
			i = end
		}
	}
}

// chunk lexes one run of text without spaces.
func (x *lexer) chunk(start, end int) {
	s := x.text.Clean
	if isEmoticon(s[start:end]) {
		x.text.Emoji = append(x.text.Emoji, s[start:end])
		return
	}
	coreStart, coreEnd := trimPunct(s, start, end)
	if coreStart == coreEnd {
		x.marks(start, end)
		return
	}
	x.marks(start, coreStart)
	core := s[coreStart:coreEnd]
	if strings.ContainsAny(core, "/&.-") {
		if key := Tone(core); x.n.rules[key] != nil {
			x.word(coreStart, coreEnd, key)
			x.marks(coreEnd, end)
			return
		}
	}
	if !x.rejoin(coreStart, coreEnd) {
		x.pieces(coreStart, coreEnd)
	}
	x.marks(coreEnd, end)
}

// trimPunct narrows a chunk to its first and last letter or digit.
func trimPunct(s string, start, end int) (int, int) {
	for start < end {
		r, size := utf8.DecodeRuneInString(s[start:end])
		if isWordRune(r) {
			break
		}
		start += size
	}
	for start < end {
		r, size := utf8.DecodeLastRuneInString(s[start:end])
		if isWordRune(r) {
			break
		}
		end -= size
	}
	return start, end
}

// pieces lexes a chunk that starts with a word rune.
func (x *lexer) pieces(start, end int) {
	s := x.text.Clean
	for i := start; i < end; {
		r, size := utf8.DecodeRuneInString(s[i:end])
		switch {
		case isDigit(r):
			stop := i + scanNumber(s[i:end])
			stop += scanWord(s[stop:end])
			x.word(i, stop, "")
			i = stop
		case isWordRune(r):
			stop := i + scanWord(s[i:end])
			x.word(i, stop, "")
			i = stop
		default:
			x.marks(i, i+size)
			i += size
		}
	}
}

// typedSigns drops marks typed as signs behind their letter ("nho^t", "ba`n"),
// which tell too little to restore the mark.
var typedSigns = strings.NewReplacer("’", "'", "^", "", "`", "", "~", "")

// word appends one word; form is worked out when it is "".
func (x *lexer) word(start, end int, form string) {
	if form == "" {
		form = x.text.Clean[start:end]
		if strings.ContainsAny(form, "’^`~") {
			form = typedSigns.Replace(form)
		}
		form = Tone(form)
	}
	x.chain.append(node{start: start, end: end, form: form, breakBefore: x.broken})
	x.broken = false
}

// marks notes boundaries, question marks and emoji among punctuation.
func (x *lexer) marks(start, end int) {
	for _, r := range x.text.Clean[start:end] {
		switch r {
		case '?', '？':
			x.text.Question = true
			x.broken = true
		case '.', '!', ';', ',', ':', '…', '(', ')', '！', '，', '。':
			x.broken = true
		default:
			if isEmoji(r) {
				x.text.Emoji = append(x.text.Emoji, string(r))
			}
		}
	}
}

// scanNumber returns the length of the number s starts with: digits with
// single . , : / - between them, and the letters of a law number
// (102/2016/QH13, 20/2021/NĐ-CP).
func scanNumber(s string) int {
	i, slash := 0, false
	for i < len(s) {
		switch {
		case s[i] >= '0' && s[i] <= '9':
			i++
			continue
		case i+1 < len(s) && strings.IndexByte(".,:/-", s[i]) >= 0 && s[i+1] >= '0' && s[i+1] <= '9':
			slash = slash || s[i] == '/'
			i += 2
			continue
		}
		break
	}
	if !slash || i >= len(s) || s[i] != '/' {
		return i
	}
	for {
		if i+1 >= len(s) || s[i] != '/' && s[i] != '-' {
			return i
		}
		size := scanWord(s[i+1:])
		if size == 0 {
			return i
		}
		i += 1 + size
	}
}

// scanWord returns the length of the letters and digits s starts with; an
// apostrophe, the leet signs @ and $ and marks typed as ^ ` ~ count between
// letters.
func scanWord(s string) int {
	i := 0
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case isWordRune(r):
		case i > 0 && (r == '\'' || r == '’' || strings.ContainsRune("@$^`~", r)):
			after, _ := utf8.DecodeRuneInString(s[i+size:])
			if !unicode.IsLetter(after) {
				return i
			}
		default:
			return i
		}
		i += size
	}
	return i
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// isNumber reports whether a lexed form is a number.
func isNumber(form string) bool {
	if form == "" || !isDigit(rune(form[0])) {
		return false
	}
	last := form[len(form)-1]
	return last >= '0' && last <= '9' && scanNumber(form) == len(form)
}

func isWordRune(r rune) bool {
	if r < 0x80 {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || isDigit(r)
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r)
}

// isEmoji covers pictures; arrows and typographic signs are left out.
func isEmoji(r rune) bool {
	return r >= 0x2600 && r <= 0x27BF || r >= 0x1F000 && r <= 0x1FAFF ||
		r == 0x2B50 || r == 0x2B55 || r == 0x2764
}

// isEmoticon reports whether a chunk is a face such as :( =))) :'( ;) :v <3.
func isEmoticon(s string) bool {
	if len(s) < 2 || strings.IndexByte(":=;<", s[0]) < 0 {
		return false
	}
	for i := 1; i < len(s); i++ {
		if strings.IndexByte("-'()DPpvVoO3<>/\\|*", s[i]) < 0 {
			return false
		}
	}
	return s[0] != '<' || s == "<3"
}
