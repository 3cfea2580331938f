package editorial

import (
	"strings"
	"time"

	"treem/bot/dialogue"
	"treem/channels/sms"
	"treem/kb"
	"treem/kb/vitext"
)

// Preview is an entry as each reader gets it.
type Preview struct {
	Parent, Child, English string
	Telegram               []Chat // as the parent gets it there
	SMS                    string
	Segments               int
	Encoding               string
	Cost                   float64 // đồng to send it, 0: the price is not known
	Marked                 []Word  // the SMS cut at words that read in more than one way without marks
}

// Chat is a message of a chat application.
type Chat struct {
	Text    string
	Buttons [][]string // labels, by row
}

// Word is a piece of an SMS; Other are the ways in which it is read elsewhere in the content, if it is ambiguous.
type Word struct {
	Text  string
	Other string
}

// Show renders an entry with everything around it, as it is sent. price is what a segment costs, 0 if that is not known.
func Show(b *dialogue.Book, e *kb.Entry, readings Readings, price float64, now time.Time) Preview {
	hit := kb.Hit{Entry: e}
	p := Preview{Parent: b.AnswerText(hit, dialogue.Reader{Audience: kb.AudienceParent, Now: now}), SMS: b.SMSText(hit, dialogue.Reader{Audience: kb.AudienceParent, Now: now})}
	if e.Child != "" {
		p.Child = b.AnswerText(hit, dialogue.Reader{Audience: kb.AudienceChild, Now: now})
	}
	if _, ok := e.In(kb.English); ok {
		p.English = b.AnswerText(hit, dialogue.Reader{Audience: kb.AudienceParent, Language: kb.English, Now: now})
	}
	encoding, n := sms.Measure(p.SMS)
	p.Segments, p.Encoding, p.Cost = n, string(encoding), float64(n)*price
	p.Marked = readings.Mark(p.SMS)
	return p
}

// Readings are the pairs of words that the content writes in more than one way when marks count: "dung lai" is "dừng lại"
// and "dùng lại". Unmarked they are ambiguous.
type Readings map[string][]string

// ReadingsOf gathers them from every accented answer.
func ReadingsOf(c *kb.Content) Readings {
	counts := map[string]map[string]int{}
	for _, e := range c.Entries {
		for _, text := range []string{e.Parent, e.Child, e.Next} {
			words := wordsOf(text)
			for i := 1; i < len(words); i++ {
				pair := words[i-1] + " " + words[i]
				folded := vitext.Fold(pair)
				if counts[folded] == nil {
					counts[folded] = map[string]int{}
				}
				counts[folded][pair]++
			}
		}
	}
	r := Readings{}
	for folded, pairs := range counts {
		total, ways := 0, []string{}
		for _, n := range pairs {
			total += n
		}
		for pair, n := range pairs {
			if n >= 2 && n*10 >= total {
				ways = append(ways, pair)
			}
		}
		if len(ways) > 1 {
			r[folded] = ways
		}
	}
	return r
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !strings.ContainsRune(letters, r) })
}

const letters = "abcdefghijklmnopqrstuvwxyzàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"

// Mark cuts a text at the pairs that are ambiguous in it.
func (r Readings) Mark(text string) []Word {
	fields := strings.Fields(text)
	plain := make([]string, len(fields))
	for i, f := range fields {
		plain[i] = vitext.Fold(strings.Trim(f, ".,:;!?()\""))
	}
	var all []Word
	run := []string{}
	flush := func() {
		if len(run) > 0 {
			all = append(all, Word{Text: strings.Join(run, " ")})
			run = nil
		}
	}
	for i := 0; i < len(fields); i++ {
		if i+1 < len(fields) && strings.TrimRight(fields[i], ".,:;!?") == fields[i] {
			if ways, ok := r[plain[i]+" "+plain[i+1]]; ok {
				flush()
				all = append(all, Word{Text: fields[i] + " " + fields[i+1], Other: strings.Join(sorted(ways), " / ")})
				i++
				continue
			}
		}
		run = append(run, fields[i])
	}
	flush()
	return all
}
