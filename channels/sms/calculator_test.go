package sms

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// TestLikeSegmentsCalculator compares the count with npm's sms-segments-calculator over random messages: unaccented,
// accented in both Unicode forms, with characters of the extension table, emoji and line ends, of lengths around the
// borders of segments. Where the engines are required (CI) a missing calculator is a failure.
func TestLikeSegmentsCalculator(t *testing.T) {
	script, err := filepath.Abs("../../.ci/segments.mjs")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(script), "node_modules", "sms-segments-calculator")); err != nil {
		if os.Getenv("TREEM_REQUIRE_ENGINES") != "" {
			t.Fatal("sms-segments-calculator is not installed; run: npm ci --prefix .ci")
		}
		t.Skip("compares with a tool of Node; to install it run: npm ci --prefix .ci")
	}
	texts := randomMessages(rand.New(rand.NewPCG(160, 70)), 4000)
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", script)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want [][2]any
	if err := json.Unmarshal(out, &want); err != nil || len(want) != len(texts) {
		t.Fatalf("%d answers for %d texts: %v", len(want), len(texts), err)
	}
	wrong := 0
	for i, text := range texts {
		encoding, segments := Measure(text)
		if string(encoding) != want[i][0] || float64(segments) != want[i][1] {
			if wrong++; wrong < 10 {
				t.Errorf("%q is %s, %d; the calculator says %v", text, encoding, segments, want[i])
			}
		}
	}
	t.Logf("%d of %d texts counted alike", len(texts)-wrong, len(texts))
}

// randomMessages makes n texts.
func randomMessages(r *rand.Rand, n int) []string {
	kinds := [][]string{
		strings.Split("Goi 111 mien phi ngay dem tre em duoi nuoc cong an xa phuong 113 114 115 @ $ _ ! ?", " "),
		strings.Split("[ ] { } ^ ~ | \\ € £ a b c", " "),
		strings.Split("đuối nước trẻ em gọi một trăm mười một Ơ ư ẵ ỵ", " "),
		strings.Split("😀 👨‍👩‍👧 🇻🇳 👍🏽 e\u0301 ❤️ ™ “ ” …", " "),
		{"\n", "\r\n", "\r", " "},
	}
	texts := make([]string, n)
	for i := range texts {
		var b strings.Builder
		mix := kinds[:1]
		switch r.IntN(4) {
		case 1:
			mix = kinds[:2]
		case 2:
			mix = kinds[:3]
		case 3:
			mix = kinds
		}
		length := []int{20, 66, 70, 72, 134, 140, 153, 160, 162, 306, 310, 460, 700}[r.IntN(13)] + r.IntN(7) - 3
		for b.Len() < length {
			k := mix[r.IntN(len(mix))]
			b.WriteString(k[r.IntN(len(k))])
			if r.IntN(3) > 0 {
				b.WriteByte(' ')
			}
		}
		texts[i] = b.String()
		if r.IntN(3) == 0 {
			texts[i] = norm.NFD.String(texts[i])
		}
	}
	return texts
}
