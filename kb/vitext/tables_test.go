package vitext

import (
	"slices"
	"strings"
	"testing"
)

func TestTablesSorted(t *testing.T) {
	for _, file := range append(slices.Clone(ruleFiles), "glued.tsv") {
		lines, err := readTable(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(lines); i++ {
			if lines[i].field(0) < lines[i-1].field(0) {
				t.Errorf("%s line %d: %q stands after %q", file, lines[i].number, lines[i].field(0), lines[i-1].field(0))
			}
		}
	}
	for _, file := range []string{"english.txt", "plain.txt"} {
		lines, err := readTable(file)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, l := range lines {
			words = append(words, strings.Fields(l.fields[0])...)
		}
		if !slices.IsSorted(words) {
			t.Errorf("%s is not sorted", file)
		}
	}
}

// TestTablesOwners checks that a word has its rules in one file only.
func TestTablesOwners(t *testing.T) {
	owner := make(map[string]string)
	for _, file := range ruleFiles {
		lines, err := readTable(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if other, ok := owner[l.field(0)]; ok && other != file {
				t.Errorf("%q is in %s and %s", l.field(0), other, file)
			}
			owner[l.field(0)] = file
		}
	}
}

// TestTablesEnglish checks that no word is both left alone and always changed.
func TestTablesEnglish(t *testing.T) {
	n := mustNew(t)
	for word := range n.english {
		for _, r := range n.rules[word] {
			if len(r.all) == 0 {
				t.Errorf("%q is in english.txt and has a rule without conditions", word)
			}
		}
	}
	for word := range n.plain {
		if _, ok := n.folded[word]; !ok {
			t.Errorf("plain.txt: %q is not a syllable", word)
		}
	}
}

func TestLoaderRefuses(t *testing.T) {
	for _, when := range []string{"next", "after=a", "next=á", "!next=$", "prev=$", "prev=a b", "next=@vn"} {
		if _, err := parseWhen(line{file: "x", number: 1}, when); err == nil {
			t.Errorf("parseWhen(%q) gave no error", when)
		}
	}
	n := &Normaliser{rules: map[string][]rule{"ko": {{out: []string{"k"}}}, "k": {{out: []string{"không"}}}}}
	if n.checkExpansions() == nil {
		t.Error("checkExpansions let a chain of rules pass")
	}
	always := rule{}
	if n.checkOrder(line{}, "ko", always) == nil {
		t.Error("checkOrder let a second rule follow one without conditions")
	}
}

func TestSyllables(t *testing.T) {
	n := mustNew(t)
	for _, s := range strings.Fields("nghiêng quốc giếng già gì khuya khuỷu xoong quýt hòa thúy thuở ngoằn đuối rượu cứu đắk") {
		if _, ok := n.toned[s]; !ok && s != "đắk" {
			t.Errorf("%s is not a syllable", s)
		}
	}
	for _, s := range strings.Fields("cot3 gha ka ngi ce quu khoong ducj biêt các̀ hoa2 aii") {
		if _, ok := n.toned[s]; ok {
			t.Errorf("%s is a syllable", s)
		}
	}
	if len(n.toned) < 12000 || len(n.folded) < 1500 {
		t.Errorf("only %d syllables, %d folded", len(n.toned), len(n.folded))
	}
}
