package vitext

import (
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "",
		"  em  ơi  ":               "em ơi",
		"em\u00a0ơi\tnha":          "em ơi nha",
		"a\r\n\r\nb \n c":          "a\nb\nc",
		"a\u200bb\ufeffc\u00add":   "abcd",
		"hoa\u0300":                "hoà",
		"u\u031b\u0301":            "ứ",
		"e\u200d\u0301":            "é",
		"x\xff\xfey":               "xy",
		"\x00\x07ok":               "ok",
		"👨‍👩‍👧":                    "👨👩👧",
		"a\u3164b":                 "a b",
		"z" + marksStack + "algo!": "z" + marksStack[:2*maxMarks] + "algo!",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

// marksStack is forty combining marks with no composed form on z.
var marksStack = strings.Repeat("\u0315", 40)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Đường ĐẾN Trường":     "duong den truong",
		"ngoằn nghoèo quỷ quỵ": "ngoan nghoeo quy quy",
		"hoa\u0300 u\u031b":    "hoa u",
		"Café Ñandú Ångström":  "cafe nandu angstrom",
		"Ðà Nẵng":              "da nang",
		"Đi 😭 nha…":            "di 😭 nha…",
		"":                     "",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTone(t *testing.T) {
	for in, want := range map[string]string{
		"hoà":         "hòa",
		"Thuý":        "thúy",
		"qủa":         "quả",
		"qúy":         "quý",
		"khoẻ":        "khỏe",
		"gìa":         "già",
		"gíêng":       "giếng",
		"gì":          "gì",
		"của mía mùa": "của mía mùa",
		"hòan tóan":   "hoàn toán",
		"ngòai":       "ngoài",
		"khủyu":       "khuỷu",
		"đừơng":       "đường",
		"thủơ":        "thuở",
		"QUỐC":        "quốc",
		"huýt quýt":   "huýt quýt",
		"café tiếngx": "café tiếngx",
		"HELLO, Đi!":  "hello, đi!",
		"nghiêng":     "nghiêng",
		"a\xffb":      "ab",
	} {
		if got := Tone(in); got != want {
			t.Errorf("Tone(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestGSM(t *testing.T) {
	for in, want := range map[string]string{
		"Gọi 111 ngay!":               "Goi 111 ngay!",
		"“Đừng sợ” – chờ…":            `"Dung so" - cho...`,
		"500.000₫\u00a0mỗi tháng":     "500.000d moi thang",
		"• Nước 😭 • Lửa":              "- Nuoc - Lua",
		"dòng một\ndòng hai":          "dong mot\ndong hai",
		"{a} [b] ~ ^ \\ | € `x`":      "{a} [b] ~ ^ \\ | € 'x'",
		"Ñandú ½ ﬁ ① Привет 中文 ça va": "Nandu 1/2 fi 1 ca va",
		"😭\n\n😭 ok":                   "ok",
	} {
		if got := GSM(in); got != want {
			t.Errorf("GSM(%q) = %q, want %q", in, got, want)
		}
	}
}
