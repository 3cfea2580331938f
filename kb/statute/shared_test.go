package statute_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"treem/kb/statute"
)

const shared = "../../../shared/laws"

// noNumberInHead is how many articles those files hold whose head gives no number; their README or head says so in words.
var noNumberInHead = map[string]int{
	"ke-hoach-ubnd-tinh.txt": 0, "luat-81-2025-qh15-ghi-chu.txt": 1, "nd-120-2025-nd-cp-trich.txt": 1,
	"nd-238-2025-nd-cp-trich.txt": 1, "nq-217-2025-qh15-trich.txt": 2,
	"qd-02-2022-qd-ttg.txt": 3, "qd-23-2021-qd-ttg.txt": 3,
}

// TestSharedLaws reads every statute of ../shared/laws: exact numbers of articles, and not a letter lost.
func TestSharedLaws(t *testing.T) {
	if _, err := os.Stat(shared); err != nil {
		t.Skip("the shared statutes are not beside the repository")
	}
	read, articles := 0, 0
	err := filepath.WalkDir(shared, func(file string, e os.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".txt" {
			return err
		}
		read++
		t.Run(filepath.Base(file), func(t *testing.T) {
			d := readFile(t, file)
			articles += len(d.Articles)
			want, ok := d.Head.Count()
			if !ok {
				want = noNumberInHead[filepath.Base(file)]
			}
			if len(d.Articles) != want {
				t.Errorf("%d articles, want %d:\n%s", len(d.Articles), want, problems(d))
			}
			if want > 0 && d.Worst() == statute.Fault {
				t.Errorf("not fit to be stored:\n%s", problems(d))
			}
			lettersKept(t, file, d)
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 60 || articles < 1400 {
		t.Errorf("only %d files with %d articles were read", read, articles)
	}
	t.Logf("%d files, %d articles", read, articles)
}

// lettersKept compares letters and digits of the file's body with those of all that was read of it.
func lettersKept(t *testing.T, file string, d *statute.Document) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var body []byte
	for line := range bytes.Lines(data) {
		if !bytes.HasPrefix(line, []byte("#")) {
			body = append(body, line...)
		}
	}
	var out strings.Builder
	for _, v := range d.Divisions {
		out.WriteString(v.Level.String() + v.Number + v.Title)
	}
	for _, a := range d.Articles {
		out.WriteString(a.Heading() + a.Text())
	}
	out.WriteString(strings.Join(d.LeftOut, ""))
	count := map[rune]int{}
	for _, r := range string(body) {
		count[unicode.ToLower(r)]++
	}
	for _, r := range out.String() {
		count[unicode.ToLower(r)]--
	}
	for r, n := range count {
		if n != 0 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			t.Errorf("%q: %+d more in the file than were read", r, n)
		}
	}
}

var readmeRow = regexp.MustCompile(`^\| (\S+\.txt) \|.*?(?:complete, (\d+)(?:/\d+| articles)|excerpt, (\d+) of|(\d+)/\d+ articles)`)

// TestSharedReadme compares with the numbers of articles that the README's tables give.
func TestSharedReadme(t *testing.T) {
	rows := 0
	for _, readme := range []string{shared + "/README.md", shared + "/more/README.md"} {
		data, err := os.ReadFile(readme)
		if err != nil {
			t.Skip("the shared statutes are not beside the repository")
		}
		for line := range strings.Lines(string(data)) {
			m := readmeRow.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			rows++
			want, err := strconv.Atoi(m[2] + m[3] + m[4])
			if err != nil {
				t.Fatal(err)
			}
			if d := readFile(t, filepath.Join(filepath.Dir(readme), m[1])); len(d.Articles) != want {
				t.Errorf("%s: %d articles, the README says %d", m[1], len(d.Articles), want)
			}
		}
	}
	if rows < 30 {
		t.Errorf("only %d rows of the README were understood", rows)
	}
}
