package kb

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"treem/kb/content"
	"treem/kb/vitext"
)

func communes(t *testing.T) *Communes {
	t.Helper()
	c, err := ReadCommunes(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCommunesOfTheProvince counts what Resolution 202/2025/QH15 and the standing committee's resolutions made: 110
// communes and 25 wards, 41 and 17 of them in the former Bình Định.
func TestCommunesOfTheProvince(t *testing.T) {
	count := map[string]int{}
	for _, c := range communes(t).All() {
		kind, _, _ := strings.Cut(c.Name, " ")
		count[kind]++
		count[c.Area+" "+kind]++
		if c.District == "" || len(c.Code) != 5 {
			t.Errorf("%s: district %q, code %q", c.Name, c.District, c.Code)
		}
	}
	for what, want := range map[string]int{"Xã": 110, "Phường": 25, "binh-dinh Xã": 41, "binh-dinh Phường": 17} {
		if count[what] != want {
			t.Errorf("%d of %q, want %d", count[what], what, want)
		}
	}
}

func TestFindCommune(t *testing.T) {
	c := communes(t)
	n, err := vitext.New()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Quy Nhơn Tây":        "Phường Quy Nhơn Tây",
		"phuong quy nhon tay": "Phường Quy Nhơn Tây",
		"e o xa nhon chau":    "Xã Nhơn Châu",
		"cat tien a":          "Xã Cát Tiến",
		"P. Bồng Sơn":         "Phường Bồng Sơn",
		"phuong ghenh rang":   "Phường Quy Nhơn Nam", // an old name
		"xa ngo may":          "Xã Ngô Mây",          // not the former ward of that name
		"phường Ngô Mây":      "Phường Quy Nhơn Nam",
		"xã Phước Mỹ":         "Phường Quy Nhơn Tây",
		"trẻ em có quyền gì":  "",
		"":                    "",
	} {
		found := c.Find(n.Normalise(text))
		got := ""
		if len(found) == 1 {
			got = found[0].Name
		}
		if got != want || want == "" && len(found) > 0 {
			t.Errorf("%q is %v, want %q", text, found, want)
		}
	}
	for text, first := range map[string]string{"phu cat": "Xã Phù Cát", "huyện Phù Cát": "Xã Phù Cát", "tp quy nhon": "Phường Quy Nhơn",
		"thi tran phu my": "Xã Phù Mỹ"} {
		found := c.Find(n.Normalise(text))
		elsewhere := slices.ContainsFunc(found, func(one Commune) bool { return one.District != found[0].District }) // no "Trần Phú" in it
		if len(found) < 5 || found[0].Name != first || elsewhere {
			t.Errorf("%q offers %v, want the former district's communes, %s first", text, found, first)
		}
	}
}

func TestReadCommunesNamesMistakes(t *testing.T) {
	for data, says := range map[string]string{
		"- {code: '1', name: A}\n- {code: '1', name: B}": "twice",
		"- {code: '1'}":  "entry 1",
		"nothing: [here": "communes.yaml",
	} {
		_, err := ReadCommunes(fstest.MapFS{"communes.yaml": {Data: []byte(data)}})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v does not say %q", data, err, says)
		}
	}
}
