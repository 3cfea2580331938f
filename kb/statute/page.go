package statute

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	pageNumber = regexp.MustCompile(`^(?:[-–—]\s*)?(?:(?i:trang|page)\s+)?(\d{1,4})(?:\s*/\s*\d{1,4})?(?:\s*[-–—])?$`)
	gazette    = regexp.MustCompile(`^(?:\d{1,4}\s+)?CÔNG BÁO/Số .*$`)
	ruler      = regexp.MustCompile(`^[-_–—=*. ]{3,}$`)
	digits     = regexp.MustCompile(`\d+`)
)

// edge is how many lines at the top and foot of a page can be header or footer.
const edge = 2

// dropFurniture takes page headers, footers and page numbers out and counts them. Where pages are known, what repeats at
// their edges is furniture; where they are not, only the running head of the Gazette, rulers, and numbers that count pages
// one after the other.
func dropFurniture(lines []line) ([]line, int) {
	drop := map[int]bool{}
	for i, l := range lines {
		if gazette.MatchString(l.text) || ruler.MatchString(l.text) && !elisionMark.MatchString(l.text) {
			drop[i] = true
		}
	}
	if len(lines) > 0 && lines[len(lines)-1].page > 1 {
		dropEdges(lines, drop)
	} else {
		dropCounting(lines, drop)
	}
	kept := make([]line, 0, len(lines))
	for i, l := range lines {
		if !drop[i] {
			kept = append(kept, l)
		}
	}
	return kept, len(drop)
}

// dropEdges marks page numbers and repeated lines within the first and last lines of each page.
func dropEdges(lines []line, drop map[int]bool) {
	edges := map[int]bool{}
	pages := 0
	for from := 0; from < len(lines); {
		to := from
		for to < len(lines) && lines[to].page == lines[from].page {
			to++
		}
		pages++
		var filled []int
		for i := from; i < to; i++ {
			if lines[i].text != "" {
				filled = append(filled, i)
			}
		}
		for k, i := range filled {
			if k < edge || k >= len(filled)-edge {
				edges[i] = true
			}
		}
		from = to
	}
	times := map[string]int{}
	shape := func(text string) string { return digits.ReplaceAllString(text, "#") }
	for i := range edges {
		times[shape(lines[i].text)]++
	}
	for i := range edges {
		text := lines[i].text
		repeated := times[shape(text)] >= 3 && times[shape(text)] > pages/3 && read(text).kind == plain
		if pageNumber.MatchString(text) || repeated {
			drop[i] = true
		}
	}
}

// dropCounting marks lines that hold only a number, if they count on from each other.
func dropCounting(lines []line, drop map[int]bool) {
	var run []int
	last := 0
	for i, l := range lines {
		m := pageNumber.FindStringSubmatch(l.text)
		if m == nil {
			continue
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			continue
		}
		if marked := strings.Trim(l.text, "0123456789") != ""; marked || n == last+1 || len(run) == 0 {
			run, last = append(run, i), n
		}
	}
	if len(run) < 2 {
		return
	}
	for _, i := range run {
		drop[i] = true
	}
}
