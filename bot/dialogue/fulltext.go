package dialogue

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"treem/kb"
	"treem/kb/vitext"
)

// The official text of an article, word for word, as staff imported it ("xem nguyên văn"). An answer that shows an article
// or cites one offers it; by SMS, and anywhere else too, the word NGUYEN VAN asks for that of the last answer. A long
// article comes in parts that end where a clause ends. Without the import people are told which document to look for.

const (
	fullPartSize = 3400 // UTF-16 units of words in one message; Telegram takes 4096 with the heading
	fullAtOnce   = 3    // parts sent without being asked for more
	fullSMSSize  = 1200 // characters by SMS, read page by page; behind them stands where to read on
)

// articleRef names the article whose words an answer can be followed by: the hit's own, else the first that it cites and
// that is at hand, else the first that it cites. ok is false if it rests on none.
func (b *Book) articleRef(h kb.Hit) (ref string, imported, ok bool) {
	if h.Article != nil {
		_, has := b.content.FullText(h.Law.Number, h.Article.Name())
		return h.ID(), has, true
	}
	for _, c := range h.Citations() {
		if c.Article == 0 {
			continue
		}
		number := strconv.Itoa(c.Article)
		if _, has := b.content.FullText(c.Law, number); has {
			return c.Law + "#" + number, true, true
		}
		if !ok {
			ref, ok = c.Law+"#"+number, true
		}
	}
	return ref, false, ok
}

// offerFull adds the way to the official text to an answer, if it was imported.
func (b *Book) offerFull(u Utterance, h kb.Hit, s State, in Input) Utterance {
	ref, imported, _ := b.articleRef(h)
	if !imported {
		return u
	}
	if in.Medium == SMS {
		hint := " " + b.phrase("full-text-hint", s, in.Medium)
		if h.Article != nil && len(u.Text)+len(hint) <= smsBudget {
			u.Text += hint
		}
		return u
	}
	_, number, _ := strings.Cut(ref, "#")
	label := b.phrases["label-full-text"].Parent + " Điều " + number
	u.Options = append(u.Options, Option{Label: label, Payload: payloadFull + ref, Silent: in.Medium == Chat})
	return u
}

// wantsFull reports whether a message that names an article asks for its words. Nguyễn Văn is somebody's name.
func wantsFull(t vitext.Text) bool {
	if namesSomebody(t) {
		return false
	}
	folded := " " + t.Folded() + " "
	return strings.Contains(folded, " nguyen van ") || strings.Contains(folded, " toan van ")
}

func namesSomebody(t vitext.Text) bool { return strings.Contains(vitext.Tone(t.Clean), "nguyễn") }

// fullInstead says an article's words where the answer would be its digest: there is none, or the words were asked for.
func (b *Book) fullInstead(h kb.Hit, s State, in Input) ([]Utterance, bool) {
	if h.Article == nil || h.Article.Digest != "" && !wantsFull(in.Text) {
		return nil, false
	}
	say := b.fullText(h.ID(), 0, s, in)
	if _, imported, _ := b.articleRef(h); !imported {
		say = append([]Utterance{b.answerUtterance(h, s, in)}, say...)
	}
	return say, true
}

// sayFull answers the button, the number or the word: value is an article's id, perhaps with "@3" for the part to begin at.
func (b *Book) sayFull(value string, s State, in Input) Decision {
	ref, from, _ := strings.Cut(value, "@")
	part, _ := strconv.Atoi(from)
	d := Decision{Kind: KindAnswer, State: s, Confidence: 1, Say: b.fullText(ref, part, s, in)}
	if hit, ok := b.find(ref); ok {
		d.Hits = []kb.Hit{hit}
	}
	if len(d.Hits) == 0 {
		d.Kind = KindCommand
	}
	d.State.Menu = lastMenu(d.Say, nil)
	return d
}

// fullAgain answers the word alone: it means the article of the last answer.
func (b *Book) fullAgain(s State, in Input) Decision {
	if namesSomebody(in.Text) {
		return b.ask(in, s)
	}
	if s.Article == "" {
		return Decision{Kind: KindCommand, State: s, Say: []Utterance{b.say("full-text-which", s, in.Medium)}}
	}
	return b.sayFull(s.Article, s, in)
}

// fullText writes out an article from a part on, or tells where its words can be found.
func (b *Book) fullText(ref string, from int, s State, in Input) []Utterance {
	number, article, _ := strings.Cut(ref, "#")
	name := number
	law, known := b.content.Law(number)
	if known {
		name = lawName(law)
	}
	put := func(phrase string) string {
		return strings.NewReplacer("{law}", labelFor(name, in.Medium), "{article}", article).Replace(b.phrase(phrase, s, in.Medium))
	}
	full, ok := b.content.FullText(number, article)
	if !ok {
		return []Utterance{{Text: put("full-text-absent")}}
	}
	imported := strings.ReplaceAll(b.phrases["full-text-imported"].Parent, "{date}", vietnamDate(full.ImportedAt.In(vietnam)))
	heading := strings.TrimSpace("Điều " + full.Number + ". " + full.Title)
	if in.Medium == SMS {
		parts := fullParts(full, fullSMSSize)
		text := vitext.GSM(fmt.Sprintf("%s (%s, %s): %s", strings.TrimSuffix(heading, "."), number, imported, parts[0]))
		if len(parts) > 1 {
			text += "\n" + put("full-text-more")
		}
		return []Utterance{{Text: text}}
	}
	parts := fullParts(full, fullPartSize)
	from = min(max(0, from), max(0, len(parts)-1))
	var say []Utterance
	for i := from; i < min(len(parts), from+fullAtOnce); i++ {
		about := name + ", " + imported
		if len(parts) > 1 {
			about += fmt.Sprintf(", phần %d/%d", i+1, len(parts))
		}
		text := heading + "\n(" + about + ")\n\n" + parts[i]
		if i == 0 && known && law.Status == kb.Repealed {
			text = strings.NewReplacer("{date}", vietnamDate(law.Ended), "{law}", law.ReplacedBy).Replace(b.phrases["outdated-law"].Parent) + "\n\n" + text
		}
		if i == len(parts)-1 && full.Partial {
			text += "\n\n" + put("full-text-partial")
		}
		say = append(say, Utterance{Text: text})
	}
	if next := from + len(say); next < len(parts) {
		last := &say[len(say)-1]
		last.Options = append(last.Options, Option{Label: b.phrases["label-more"].Parent, Payload: fmt.Sprintf("%s%s@%d", payloadFull, ref, next)})
	}
	return say
}

// vietnam is where the dates of an import are read.
var vietnam = time.FixedZone("ICT", 7*60*60)

// fullParts cuts an article into parts of at most limit UTF-16 units: between clauses, else between paragraphs, else
// between words. No word is lost.
func fullParts(a *kb.FullArticle, limit int) []string {
	var parts []string
	var now strings.Builder
	size := 0
	add := func(text string) {
		if n := units(text); size > 0 && size+1+n > limit {
			parts, size = append(parts, now.String()), 0
			now.Reset()
		}
		if size > 0 {
			now.WriteByte('\n')
			size++
		}
		now.WriteString(text)
		size += units(text)
	}
	for i := 0; i < len(a.Paragraphs); {
		k := i
		var block []string
		for ; k < len(a.Paragraphs) && a.Paragraphs[k].Clause == a.Paragraphs[i].Clause; k++ {
			block = append(block, a.Paragraphs[k].Text)
		}
		if whole := strings.Join(block, "\n"); units(whole) <= limit {
			add(whole)
		} else {
			for _, text := range block {
				for _, piece := range wordPieces(text, limit) {
					add(piece)
				}
			}
		}
		i = k
	}
	if size > 0 || len(parts) == 0 {
		parts = append(parts, now.String())
	}
	return parts
}

// wordPieces cuts a paragraph at spaces; a single word longer than limit is cut inside.
func wordPieces(text string, limit int) []string {
	var out []string
	for units(text) > limit {
		end, size, space := 0, 0, 0
		for i, r := range text {
			if size += utf16.RuneLen(r); size > limit {
				end = i
				break
			}
			if r == ' ' {
				space = i
			}
		}
		if space > 0 {
			end = space
		}
		out = append(out, strings.TrimSpace(text[:end]))
		text = strings.TrimSpace(text[end:])
	}
	return append(out, text)
}

// units counts as Telegram does.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
