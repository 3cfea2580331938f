package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"

	"github.com/yuin/goldmark"
)

// handbook is for those who work here, in Vietnamese, with pictures of the pages.
//
//go:embed handbook
var handbook embed.FS

// helpPages are the parts of the handbook in the order of the menu.
var helpPages = []string{"truc", "noi-dung"}

// help shows a part of the handbook.
func (c *Console) help(v *visit) (answer, error) {
	name := v.PathValue("page")
	data, err := handbook.ReadFile("handbook/" + name + ".md")
	if err != nil {
		return answer{}, fault(http.StatusNotFound, "problem.not-found")
	}
	var page bytes.Buffer
	if err := goldmark.Convert(data, &page); err != nil {
		return answer{}, fmt.Errorf("handbook: %w", err)
	}
	title, text, _ := strings.Cut(page.String(), "</h1>") // the frame writes the title
	text = strings.ReplaceAll(text, `<img src="`, `<img src="`+Path+`help/pictures/`)
	// #nosec G203 -- the handbook is the program's own, and Markdown's raw HTML is left out
	return answer{page: "help", title: strings.TrimPrefix(title, "<h1>"), data: helpPage{template.HTML(text), name, helpPages}}, nil
}

type helpPage struct {
	Text  template.HTML
	Here  string
	Pages []string
}

func (c *Console) helpPicture(v *visit) (answer, error) {
	data, err := handbook.ReadFile("handbook/" + v.PathValue("file"))
	if err != nil || path.Ext(v.PathValue("file")) != ".png" {
		return answer{}, fault(http.StatusNotFound, "problem.not-found")
	}
	return answer{file: &download{kind: "image/png", body: data}}, nil
}
