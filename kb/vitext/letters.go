package vitext

// toneRows lists the twelve Vietnamese vowels with the six tones in the
// order ngang, huyền, sắc, hỏi, ngã, nặng.
var toneRows = [...][6]rune{
	{'a', 'à', 'á', 'ả', 'ã', 'ạ'},
	{'ă', 'ằ', 'ắ', 'ẳ', 'ẵ', 'ặ'},
	{'â', 'ầ', 'ấ', 'ẩ', 'ẫ', 'ậ'},
	{'e', 'è', 'é', 'ẻ', 'ẽ', 'ẹ'},
	{'ê', 'ề', 'ế', 'ể', 'ễ', 'ệ'},
	{'i', 'ì', 'í', 'ỉ', 'ĩ', 'ị'},
	{'o', 'ò', 'ó', 'ỏ', 'õ', 'ọ'},
	{'ô', 'ồ', 'ố', 'ổ', 'ỗ', 'ộ'},
	{'ơ', 'ờ', 'ớ', 'ở', 'ỡ', 'ợ'},
	{'u', 'ù', 'ú', 'ủ', 'ũ', 'ụ'},
	{'ư', 'ừ', 'ứ', 'ử', 'ữ', 'ự'},
	{'y', 'ỳ', 'ý', 'ỷ', 'ỹ', 'ỵ'},
}

// plainOf gives the unmarked letter of each row of toneRows.
const plainOf = "aaaeeiooouuy"

// lastLetter bounds the letter table: ỹ, the last Vietnamese letter in
// Unicode order, is U+1EF9.
const lastLetter = 0x1EFA

// letter describes one Vietnamese letter. The zero value means "not a
// Vietnamese letter".
type letter struct {
	plain byte  // unmarked lower-case letter
	row   uint8 // 1 + row in toneRows; 0 for consonants
	tone  uint8 // column in toneRows
	upper bool
	đ     bool
}

// letterTable is indexed by rune; it is filled once and only read after.
var letterTable = buildLetters()

func buildLetters() *[lastLetter]letter {
	var t [lastLetter]letter
	for c := 'a'; c <= 'z'; c++ {
		t[c] = letter{plain: byte(c)}
		t[c-32] = letter{plain: byte(c), upper: true}
	}
	for row, tones := range toneRows {
		for tone, r := range tones {
			l := letter{plain: plainOf[row], row: uint8(row + 1), tone: uint8(tone)}
			t[r] = l
			l.upper = true
			t[upperOf(r)] = l
		}
	}
	// Ð and ð (Icelandic eth) come from old keyboards in place of Đ and đ.
	for _, r := range []rune{'đ', 'ð'} {
		t[r] = letter{plain: 'd', đ: true}
		t[upperOf(r)] = letter{plain: 'd', đ: true, upper: true}
	}
	return &t
}

// upperOf returns the capital of a Vietnamese lower-case letter.
func upperOf(r rune) rune {
	switch {
	case r < 0x80, r >= 0xE0 && r < 0x100:
		return r - 32
	default: // Latin Extended: capital and small letter alternate
		return r - 1
	}
}

// letterOf looks up r; ok is false when r is not a Vietnamese or ASCII letter.
func letterOf(r rune) (l letter, ok bool) {
	if r < 0 || r >= lastLetter {
		return letter{}, false
	}
	l = letterTable[r]
	return l, l.plain != 0
}

// quality returns the lower-case letter without its tone: ế → ê, Đ → đ.
func (l letter) quality() rune {
	switch {
	case l.row != 0:
		return toneRows[l.row-1][0]
	case l.đ:
		return 'đ'
	default:
		return rune(l.plain)
	}
}

// lower returns the lower-case letter with its tone.
func (l letter) lower() rune {
	if l.row != 0 {
		return toneRows[l.row-1][l.tone]
	}
	return l.quality()
}

// marked reports whether the letter carries a mark of any kind.
func (l letter) marked() bool {
	return l.tone != 0 || l.đ || l.quality() != rune(l.plain)
}

// withTone puts tone on a toneless lower-case vowel; other runes come back
// unchanged.
func withTone(r rune, tone uint8) rune {
	if l, ok := letterOf(r); ok && l.row != 0 {
		return toneRows[l.row-1][tone]
	}
	return r
}

// hasMark reports whether s has a Vietnamese letter with a mark.
func hasMark(s string) bool {
	if isASCII(s) {
		return false
	}
	for _, r := range s {
		if l, ok := letterOf(r); ok && l.marked() {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
