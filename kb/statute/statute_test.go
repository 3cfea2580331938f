package statute_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"treem/kb/statute"
)

func read(t testing.TB, name string, data []byte) *statute.Document {
	t.Helper()
	d, err := statute.Read(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func readFile(t testing.TB, file string) *statute.Document {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, file, data)
}

// outline writes a document as one line an article: "3 II/1 Title [1 2(a b)]"; quoted paragraphs do not show.
func outline(d *statute.Document) []string {
	var out []string
	for _, a := range d.Articles {
		line := a.Number.String()
		if a.Chapter != "" || a.Section != "" {
			line += " " + a.Chapter + "/" + a.Section
		}
		line += " " + a.Title
		var clauses []string
		for _, c := range a.Clauses() {
			if len(c.Points) > 0 {
				c.Number += "(" + strings.Join(c.Points, " ") + ")"
			}
			clauses = append(clauses, c.Number)
		}
		if len(clauses) > 0 {
			line += " [" + strings.Join(clauses, " ") + "]"
		}
		out = append(out, line)
	}
	return out
}

func problems(d *statute.Document) string {
	var all []string
	for _, p := range d.Problems {
		all = append(all, p.String())
	}
	return strings.Join(all, "\n")
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// bookshelf is the outline of the sample "tu-sach", written for these tests and no statute.
var bookshelf = []string{
	"1 I/ Phạm vi điều chỉnh",
	"2 I/ Giải thích từ ngữ [1 2 3(a b c d đ e)]",
	"3 II/1 Nơi đặt tủ sách và những việc phải chuẩn bị trước khi mở cửa đón các bạn đọc nhỏ tuổi [1 2 3]",
	"3a II/1 Tủ sách lưu động [1 2]",
	"4 II/2 Mượn sách [1 2 3]",
	"5 III/ Sửa đổi quy ước cũ [1 2]",
	"6 III/ Hiệu lực [1 2]",
}

// TestSampleInEveryFormat says that files made by a word processor and two PDF writers give the same statute word for
// word: tables, page headers and numbers, lines broken in print, and the articles of another text that it amends.
func TestSampleInEveryFormat(t *testing.T) {
	word := readFile(t, "testdata/tu-sach.docx")
	for _, file := range []string{"tu-sach.docx", "tu-sach.html", "tu-sach.pdf", "tu-sach-cairo.pdf"} {
		t.Run(file, func(t *testing.T) {
			d := readFile(t, "testdata/"+file)
			same(t, outline(d), bookshelf)
			if d.Head.Number == "" || d.Head.Title != "Nghị định Về tủ sách dùng chung của trẻ em trong khu dân cư" {
				t.Errorf("head %+v", d.Head)
			}
			for i, a := range d.Articles {
				want := strings.ReplaceAll(word.Articles[i].Text(), " | ", " ")
				if got := strings.ReplaceAll(a.Text(), " | ", " "); got != want {
					t.Errorf("Điều %s reads\n%s\nnot\n%s", a.Number, got, want)
				}
			}
			if d.Worst() > statute.Note {
				t.Errorf("problems:\n%s", problems(d))
			}
			if last := d.LeftOut[len(d.LeftOut)-1]; !strings.HasPrefix(last, "Nơi nhận") && last != "3" {
				t.Errorf("left out last: %q", last)
			}
		})
	}
	if got := word.Articles[2].Text(); !strings.Contains(got, "Truyện tranh | 30 | 7 ngày") {
		t.Errorf("the table's row is lost:\n%s", got)
	}
}

// TestStructure gives short texts and what must come of them.
func TestStructure(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
		says       []string // what the problems must hold; none: there must be none
	}{
		{"clauses, points and inserted ones", "Điều 1. Một\n1. A:\na) x;\nd) y;\nđ) z.\n1a. B.\n2. C.\nĐiều 1a. Thêm\nLời.\nĐiều 2. Hai\nLời.",
			[]string{"1 Một [1(a d đ) 1a 2]", "1a Thêm", "2 Hai"}, []string{"line 4: point d follows point a in clause 1 of Điều 1"}},
		{"the whole alphabet of points", "Điều 1. Một\n1. Gồm:\na) x;\nb) x;\nc) x;\nd) x;\nđ) x;\ne) x;\ng) x;\nh) x;\ni) x;\nk) x;\nl) x;\nm) x.",
			[]string{"1 Một [1(a b c d đ e g h i k l m)]"}, nil},
		{"divisions with titles on lines of their own", "Phần thứ nhất\nCHUNG\nChương I\nQUY ĐỊNH\nCHUNG\nMục 1\nMỞ ĐẦU\nTiểu mục 2. NHỎ\nĐiều 1. Một\nMục 1 Chương này nói về việc khác.\nChương II: SAU\nĐiều 2. Hai\nLời.",
			[]string{"1 I/1 Một", "2 II/ Hai"}, nil},
		{"amending law in quotation marks", "Điều 1. Sửa đổi\n1. Sửa đổi Điều 12 như sau:\n“Điều 12. Khác\n1. “Từ” là từ.\n2. Hết.”.\n2. Bổ sung Điều 12a và Điều 12b như sau:\n“Điều 12a. Thêm\nLời.\nĐiều 12b. Nữa\n1. Lời.”;\n3. Bỏ cụm từ “x”.\nĐiều 2. Hiệu lực\nLời.",
			[]string{"1 Sửa đổi [1 2 3]", "2 Hiệu lực"}, nil},
		{"amending law in straight marks", "Điều 1. Sửa đổi\n1. Sửa đổi Điều 9 như sau:\n\"Điều 9. Khác\n1. Lời.\n2. Hết.\"\n2. Bỏ Điều 10.\nĐiều 2. Hiệu lực\nLời.",
			[]string{"1 Sửa đổi [1 2]", "2 Hiệu lực"}, nil},
		{"amending law without marks", "Điều 1. Sửa đổi\n1. Sửa đổi Điều 12 như sau:\nĐiều 12. Khác\n1. Lời.\n2. Lời.\n2. Bãi bỏ Điều 13.\nĐiều 2. Hiệu lực\nLời.",
			[]string{"1 Sửa đổi [1 2]", "2 Hiệu lực"}, []string{"line 3: Điều 12 follows \"như sau:\" without quotation marks; read as new wording for another statute up to line 5"}},
		{"quotation mark never closed", "Điều 1. Sửa đổi\n1. Sửa đổi Điều 5 như sau:\n“Điều 5. Khác\n1. Lời.\nĐiều 2. Hiệu lực\nLời.",
			[]string{"1 Sửa đổi [1]", "2 Hiệu lực"}, []string{"line 3: the quotation mark is never closed; read as new wording for another statute up to line 4"}},
		{"joined lines", "Điều 1. Một\n1. Lời một. 2. Lời hai: a) x; b) Y; c) Z. Điều 2. Hai\nXem khoản 2. Nhưng 3. Không phải khoản.",
			[]string{"1 Một [1 2]", "2 Hai"}, []string{`"2. Lời hai: a) x; b) Y; c) Z.…" stood in the middle`, `"Điều 2. Hai" stood in the middle`}},
		{"lines broken in print", "Điều 1. Tên của điều này dài hơn một dòng in nên\nphải xuống dòng\n1. Khoản này dẫn đến khoản 2 và khoản 3 của Điều\n12. Người đọc đừng tưởng đó là khoản mới, vì chỗ\nnày chỉ là hết dòng in.\n2. Khoản hai cũng dài hơn một dòng in và kết thúc ở\nđây.\nĐiều 2. Ngắn\nLời của điều hai đứng riêng một dòng và còn dài hơn\nmột dòng.",
			[]string{"1 Tên của điều này dài hơn một dòng in nên phải xuống dòng [1 2]", "2 Ngắn"}, nil},
		{"page furniture", "Điều 1. Một\n1. Lời.\n4 CÔNG BÁO/Số 15 + 16/Ngày 29-12-2024\n2. Lời.\n- 1 -\n3. Lời.\n_______\n- 2 -\nĐiều 2. Hai\nLời.",
			[]string{"1 Một [1 2 3]", "2 Hai"}, nil},
		{"a number alone is no page number", "Điều 1. Một\nTổng số:\n30\nĐiều 2. Hai\nLời.", []string{"1 Một", "2 Hai"}, nil},
		{"form feeds", "ĐẦU TRANG\nĐiều 1. Một\n1. Lời.\n1\fĐẦU TRANG\n2. Lời.\n2\fĐẦU TRANG\nĐiều 2. Hai\nLời.\n3",
			[]string{"1 Một [1 2]", "2 Hai"}, nil},
		{"decomposed letters, soft hyphens, odd spaces", "Đie\u0302\u0300u\u00a01.\u2003Te\u0302n \u00adgo\u0323i\u200b\r\n1.\u00a0Lơ\u0300i.\r\n2.\tLơ\u0300i hai.",
			[]string{"1 Tên gọi [1 2]"}, nil},
		{"title below the number", "Điều 1\nTên của điều\n1. Lời.\nĐIỀU 2.\nTên khác\nLời.", []string{"1 Tên của điều [1]", "2 Tên khác"}, nil},
		{"heading and text on one line", "Điều 1. Phạm vi điều chỉnh Nghị định này quy định việc đọc sách.\nĐiều 2. Đối tượng\nLời.\nĐiều 3. Trách nhiệm của Bộ Y tế\nLời.",
			[]string{"1 Phạm vi điều chỉnh", "2 Đối tượng", "3 Trách nhiệm của Bộ Y tế"}, []string{`heading and text of Điều 1 stand on one line; the text is taken to begin at "Nghị định này`}},
		{"a decision's articles have no titles", "Điều 1. Phê duyệt Chương trình đọc sách với nội dung sau:\nI. MỤC TIÊU\n1. Một.\n2. Hai.\nII. NHIỆM VỤ\n1. Ba.\nĐiều 2. Quyết định này có hiệu lực từ ngày ký.",
			[]string{"1  [I I.1 I.2 II II.1]", "2 "}, nil},
		{"signature, annex and a regulation behind it", "CHÍNH PHỦ\nCăn cứ Luật;\nĐiều 1. Một\nLời.\nĐiều 2. Hai\nLời.\nTM. CHÍNH PHỦ\nTHỦ TƯỚNG\nQUY CHẾ\n(Ban hành kèm theo Quyết định này)\nĐiều 1. Của quy chế\nLời.",
			[]string{"1 Một", "2 Hai"}, []string{`line 1: 2 lines before the first article left out`, `line 7: 6 lines from "TM. CHÍNH PHỦ" to the end belong to no article`}},
		{"twice, backwards and missing", "Điều 1. Một\nLời.\nĐiều 4. Bốn\nLời.\nĐiều 4. Bốn\nLời.\nĐiều 3. Ba\nLời.\nĐiều 5. Năm\nLời.\nĐiều 7. Bảy",
			[]string{"1 Một", "4 Bốn", "4 Bốn", "3 Ba", "5 Năm", "7 Bảy"},
			[]string{"line 3: Điều 2 to 3 are missing before Điều 4", "line 5: Điều 4 stands twice, first on line 3", "line 7: Điều 3 stands after Điều 4", "line 9: Điều 4 is missing", "line 11: Điều 6 is missing", "line 11: Điều 7 has no text"}},
		{"clauses out of order", "Điều 1. Một\n1. A.\n3. B.\n2. C.", []string{"1 Một [1 3]"},
			[]string{"line 3: clause 3 follows clause 1 of Điều 1", "line 4: clause 2 stands after clause 3 of Điều 1; read as text of clause 3"}},
		{"what the head declares is no problem", "# title: Luật Thử\n# number: 1/2026/QH16\n# articles: 3 (1; 2 - khoản 3; 9)\n# complete: excerpt\n# missing: none\nĐiều 1. Một\nLời.\nĐiều 2. Hai\n3. Lời.\n[...]\n7. Lời.\nĐiều 9. Chín\nLời.",
			[]string{"1 Một", "2 Hai [3 7]", "9 Chín"}, nil},
		{"what the head does not declare is one", "# articles: 5\n# complete: yes\n# missing: Điều 2, Điều 4\nĐiều 1. Một\nLời.\nĐiều 3. Ba\nLời.\nĐiều 6. Sáu\nLời.",
			[]string{"1 Một", "3 Ba", "6 Sáu"}, []string{"Điều 5 is missing before Điều 6", "3 articles were read, but the head says 5"}},
		{"an editor's remark ends the article", "Điều 1. Một\nLời.\n[CÁC ĐOẠN SAU KHÔNG RÕ SỐ ĐIỀU]\nLời lạc.", []string{"1 Một"}, []string{"line 3: 2 lines"}},
		{"a kite and a plan are no article", "diều 1. bay\nChương trình đọc sách.\nMục tiêu 1. Đọc.", nil, []string{"no article"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := read(t, "x.txt", []byte(c.text))
			same(t, outline(d), c.want)
			got := problems(d)
			for _, a := range d.Articles {
				for _, furniture := range []string{"CÔNG BÁO", "- 1 -", "___", "ĐẦU TRANG"} {
					if strings.Contains(a.Text(), furniture) {
						t.Errorf("%q is left in Điều %s", furniture, a.Number)
					}
				}
			}
			if len(c.says) == 0 && got != "" {
				t.Errorf("problems where none should be:\n%s", got)
			}
			for _, want := range c.says {
				if !strings.Contains(got, want) {
					t.Errorf("problems lack %q:\n%s", want, got)
				}
			}
			if n := strings.Count(got, "\n") + 1; got != "" && n > len(c.says) {
				t.Errorf("%d problems, want %d:\n%s", n, len(c.says), got)
			}
		})
	}
}

// TestHead says what is read of the lines before the text.
func TestHead(t *testing.T) {
	d := read(t, "x.txt", []byte("# title: Luật Thử\n# number: 1/2026/QH16\n# issuer: Quốc hội\n# issued: 2026-01-02\n# effective: 2026-07-01 (một số khoản sau)\n# amendments: a\n# amendments: b\n# articles: 2 (1 - khoản 1; 5)\n# complete: no\n# missing: mọi Điều khác Điều 1, 5; Điều 5 chỉ có khoản 2\n# note: n\nĐiều 1. Một\nLời.\nĐiều 5. Năm\nLời."))
	h := d.Head
	if h.Title != "Luật Thử" || h.Number != "1/2026/QH16" || h.Issuer != "Quốc hội" || len(h.Amendments) != 2 || len(h.Notes) != 1 || h.Whole() {
		t.Errorf("head %+v", h)
	}
	if got := h.IssuedOn().Format("2006-01-02") + " " + h.EffectiveOn().Format("2006-01-02"); got != "2026-01-02 2026-07-01" {
		t.Errorf("dates %s", got)
	}
	if !d.Articles[0].Partial || !d.Articles[1].Partial {
		t.Error("articles of which part is missing are not marked")
	}
	if d.Worst() != statute.Note {
		t.Errorf("problems:\n%s", problems(d))
	}
}
