package editorial

import (
	"strings"
	"testing"
)

// TestMask: names go, and what a message is about stays.
func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		"em tên Lan, số em 0905 111 222":                      "em tên …, số em …",
		"Con tên là Nguyễn Thị Bích Ngọc học lớp 5":           "Con tên là … học lớp 5",
		"ten em la hoa, ba em danh em":                        "ten em la …, ba em danh em",
		"thầy Minh sờ em":                                     "thầy … sờ em",
		"Thầy Minh dạy toán nhắn tin cho con":                 "Thầy … dạy toán nhắn tin cho con",
		"bé Na nhà tôi bị sốt":                                "bé … nhà tôi bị sốt",
		"nguyen van tam danh vo con":                          "… danh vo con",
		"Trần Quốc Bảo bắt nạt con ở trường THCS Lê Lợi":      "… bắt nạt con ở trường THCS …",
		"con o xã Phước Thuận, thôn Lộc Hạ":                   "con o xã …, thôn …",
		"nick la bupbe99":                                     "nick la …99",
		"ba cua ban Hùng uống rượu":                           "ba cua ban … uống rượu",
		"my name is Linh and he hits me":                      "my name is … and he hits me",
		"viết cho chau@example.vn hoặc https://x.vn/a":        "viết cho … hoặc …",
		"chú Tư hàng xóm":                                     "chú … hàng xóm",
		"tên con là gì thì được khai sinh":                    "tên con là gì thì được khai sinh",
		"đặt tên cho con cần giấy gì":                         "đặt tên cho con cần giấy gì",
		"Trẻ em là người bao nhiêu tuổi?":                     "Trẻ em là người bao nhiêu tuổi?",
		"theo Luật Trẻ em, Điều 25 nói gì":                    "theo Luật Trẻ em, Điều 25 nói gì",
		"chú Công an xã hỏi giấy khai sinh":                   "chú Công an xã hỏi giấy khai sinh",
		"Cho em hỏi trường hợp trẻ mồ côi được trợ cấp không": "Cho em hỏi trường hợp trẻ mồ côi được trợ cấp không",
		"Con muốn biến mất":                                   "Con muốn biến mất",
		"Ba con hay đánh con":                                 "Ba con hay đánh con",
		"Em sợ lắm. Cô ơi giúp em":                            "Em sợ lắm. Cô ơi giúp em",
		"duong day nong 111 la gi":                            "duong day nong 111 la gi",
		"le phi lam khai sinh bao nhieu":                      "le phi lam khai sinh bao nhieu",
		"ho so xin tro cap gom gi":                            "ho so xin tro cap gom gi",
		"ở Việt Nam trẻ mấy tuổi được đi làm":                 "ở Việt Nam trẻ mấy tuổi được đi làm",
	} {
		if got := Mask(text); got != want {
			t.Errorf("%q\n is %q\n not %q", text, got, want)
		}
	}
}

func TestNamesAreFolded(t *testing.T) {
	if _, err := readNames([]byte("families: [Nguyễn]")); err == nil || !strings.Contains(err.Error(), "Nguyễn") {
		t.Errorf("%v", err)
	}
	lists()
}
