package kb

import (
	"testing"
	"time"

	"treem/kb/vitext"
)

func TestReferences(t *testing.T) {
	n, err := vitext.New()
	if err != nil {
		t.Fatal(err)
	}
	law := func(number, title string, total int, digests ...int) *Law {
		l := &Law{Number: number, Title: title, Total: total, Issued: time.Now()}
		for _, d := range digests {
			l.Articles = append(l.Articles, Article{Law: number, Number: d, Title: "x", Digest: "y"})
		}
		return l
	}
	laws := []*Law{
		law("102/2016/QH13", "Luật Trẻ em", 106, 12, 13, 25, 51),
		law("56/2017/NĐ-CP", "Nghị định quy định chi tiết một số điều của Luật Trẻ em", 58, 25, 31, 33),
		law("20/2021/NĐ-CP", "Nghị định quy định chính sách trợ giúp xã hội", 40, 6),
		law("335/2026/NĐ-CP", "Nghị định quy định chính sách trợ giúp xã hội", 40, 5, 6),
		law("52/2014/QH13", "Luật Hôn nhân và gia đình", 133, 69),
		law("100/2015/QH13", "Bộ luật Hình sự", 426, 12),
		law("52/2010/QH12", "Luật Nuôi con nuôi", 53, 6),
		law("147/2024/NĐ-CP", "Nghị định về Internet", 84, 3),
		law("147/2025/NĐ-CP", "Nghị định về việc khác", 20),
		law("QĐ-1/2004/QH11", "Luật Bảo vệ, chăm sóc và giáo dục trẻ em", 60),
	}
	laws[0].Aliases = []string{"luật te", "lte"}
	laws[2].Status, laws[2].ReplacedBy = Repealed, "335/2026/NĐ-CP"
	c := &Content{Laws: laws, laws: map[string]*Law{}}
	for _, l := range laws {
		c.laws[l.Number] = l
	}
	r := newReferences(c, n)
	for text, want := range map[string]string{
		"Điều 25 Luật Trẻ em":                           "answer 102/2016/QH13#25",
		"dieu 51 k1 luat tre em":                        "answer 102/2016/QH13#51",
		"khoản 1 điều 51 luật trẻ em nói gì":            "answer 102/2016/QH13#51",
		"dieu 13 luat te":                               "answer 102/2016/QH13#13",
		"Điều XIII Luật Trẻ em":                         "answer 102/2016/QH13#13",
		"d25 lte":                                       "answer 102/2016/QH13#25",
		"nđ 56 điều 31":                                 "answer 56/2017/NĐ-CP#31",
		"nghị định số 56/2017/NĐ-CP điều 33":            "answer 56/2017/NĐ-CP#33",
		"nd 56 d31":                                     "answer 56/2017/NĐ-CP#31",
		"nd 20 dieu 6":                                  "answer 20/2021/NĐ-CP#6",
		"điểm a khoản 2 điều 6 nd 335":                  "answer 335/2026/NĐ-CP#6",
		"d69 luat hn&gd j z":                            "answer 52/2014/QH13#69",
		"điều 69 luật hôn nhân gia đình":                "answer 52/2014/QH13#69",
		"dieu 12 bo luat hinh su tuoi chiu trach nhiem": "answer 100/2015/QH13#12",
		"điều 12 blhs":                                  "answer 100/2015/QH13#12",
		"dieu25 luat tre em":                            "answer 102/2016/QH13#25",
		"điều 25 trẻ em":                                "answer 102/2016/QH13#25",
		"điều hai mươi lăm luật trẻ em":                 "answer 102/2016/QH13#25",
		"dieu nam mot luat tre em noi gi":               "answer 102/2016/QH13#51",
		"Luật Trẻ em điều mười hai":                     "answer 102/2016/QH13#12",
		"luật trẻ em điều một trăm linh bảy":            "unknown",
		"điều ba mươi mốt nghị định năm mươi sáu":       "answer 56/2017/NĐ-CP#31",
		"dieu ba mot nghi dinh nam sau":                 "answer 56/2017/NĐ-CP#31",
		"điều sáu nghị định ba trăm ba mươi lăm":        "answer 335/2026/NĐ-CP#6",
		"điều ba mẹ dặn con":                            "none",
		"cho con hỏi điều sau":                          "none",
		"điều hai luật sư nói với con":                  "none",
		"điều 12 luật 102":                              "answer 102/2016/QH13#12",
		"luật trẻ em năm 2016 điều 12":                  "answer 102/2016/QH13#12",
		"luật trẻ em 2004 điều 12":                      "unknown",
		"dieu 6 luat thanh nien tre em":                 "unknown",
		"dieu 6 luat 52":                                "choices 52/2014/QH13 52/2010/QH12#6",
		"điều 3 nghị định 147":                          "choices 147/2024/NĐ-CP#3 147/2025/NĐ-CP",
		"nghị định 147":                                 "choices 147/2024/NĐ-CP 147/2025/NĐ-CP",
		"nghị định 147/2025 điều 3":                     "choices 147/2025/NĐ-CP",
		"điều 107 luật trẻ em":                          "unknown",
		"điều 80 luật trẻ em":                           "choices 102/2016/QH13",
		"điều 7 nghị định 20":                           "choices 20/2021/NĐ-CP 335/2026/NĐ-CP",
		"điều 13 luật doanh nghiệp":                     "unknown",
		"điều 5 hiến pháp":                              "unknown",
		"điều 9 nghị định 999":                          "unknown",
		"điều 25":                                       "choices 102/2016/QH13#25 56/2017/NĐ-CP#25",
		"dieu 12 noi gi":                                "choices 102/2016/QH13#12",
		"điều 99":                                       "unknown",
		"luật trẻ em":                                   "answer 102/2016/QH13",
		"cho xem nội dung nghị định 56/2017":            "answer 56/2017/NĐ-CP",
		"luật trẻ em còn hiệu lực không":                "none",
		"thả diều 2 dây":                                "none",
		"mấy điều cần biết khi cho con bơi":             "none",
		"": "none",
	} {
		got := "none"
		if result, found := r.look(n.Normalise(text)); found {
			got = string(result.Verdict)
			for _, h := range result.Hits {
				got += " " + h.ID()
			}
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
