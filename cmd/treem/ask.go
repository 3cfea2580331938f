package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/bot/triage"
	"treem/channels"
	"treem/channels/sms"
	"treem/kb"

	"github.com/spf13/cobra"
)

// answer is one line of `treem ask --json`; the contract fixes its fields.
type answer struct {
	Question   string        `json:"question"`
	Level      triage.Level  `json:"level"`
	Kind       dialogue.Kind `json:"kind"`
	Entry      string        `json:"entry,omitempty"`
	Title      string        `json:"title,omitempty"`
	Confidence float64       `json:"confidence"`
	Text       string        `json:"text"`
	Citations  []kb.Citation `json:"citations"`
	Parts      []string      `json:"parts"`
	Encoding   sms.Encoding  `json:"encoding,omitempty"`
	Segments   int           `json:"segments,omitempty"`
	Choices    []choice      `json:"choices,omitempty"`
	Category   string        `json:"category,omitempty"`
}

type choice struct {
	Entry     string        `json:"entry"`
	Title     string        `json:"title"`
	Text      string        `json:"text"`
	Citations []kb.Citation `json:"citations"`
}

// mediumOfName maps --channel to how that channel's messages are read.
var mediumOfName = map[string]dialogue.Medium{"web": dialogue.Chat, "telegram": dialogue.Chat, "sms": dialogue.SMS}

func askCommand(g *globals) *cobra.Command {
	var channel string
	var asJSON bool
	c := &cobra.Command{
		Use:   "ask [TEXT…]",
		Short: "answer one message, or each line of standard input, and remember nothing",
		RunE: func(c *cobra.Command, args []string) error {
			medium, ok := mediumOfName[channel]
			if !ok {
				return usageError{fmt.Errorf("--channel is %q: want web, telegram or sms", channel)}
			}
			cfg, err := g.load()
			if err != nil {
				return err
			}
			k, err := openKnowledge(c.Context())
			if err != nil {
				return err
			}
			defer k.Close()
			r := k.responder(cfg.Triage.SafeWord, slog.New(slog.DiscardHandler))
			out := json.NewEncoder(c.OutOrStdout())
			out.SetEscapeHTML(false)
			return eachMessage(args, c.InOrStdin(), func(text string) error {
				a := ask(c.Context(), r, text, medium)
				if asJSON {
					return out.Encode(a)
				}
				return printAnswer(c.OutOrStdout(), a)
			})
		},
	}
	c.Flags().StringVar(&channel, "channel", "web", "how the answer is read: web, telegram or sms")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// ask answers one message without any memory.
func ask(ctx context.Context, r *bot.Responder, text string, m dialogue.Medium) answer {
	text = strings.ToValidUTF8(text, "�")
	in := channels.Inbound{Kind: channels.KindText, Text: text}
	now := time.Now()
	d, assessed := r.Respond(ctx, dialogue.State{Greeted: true}, in, m, "ask", now)
	a := answer{Question: text, Level: assessed.Level, Category: assessed.Category, Kind: d.Kind, Confidence: d.Confidence, Citations: []kb.Citation{}, Parts: []string{}}
	for _, u := range d.Say {
		a.Parts = append(a.Parts, bot.Render(u, m).Text)
	}
	a.Text = strings.Join(a.Parts, "\n\n")
	offered := d.Beside
	switch {
	case d.Kind != dialogue.KindChoices && len(d.Hits) > 0: // an urgent message may be answered too
		a.Entry, a.Title = d.Hits[0].ID(), d.Hits[0].Title()
		a.Citations = append(a.Citations, d.Hits[0].Citations()...)
	case d.Kind == dialogue.KindChoices:
		offered = d.Hits
	}
	for _, h := range offered {
		a.Choices = append(a.Choices, choice{Entry: h.ID(), Title: h.Title(), Text: r.Book.AnswerText(h, d.State.Reader(now)),
			Citations: append([]kb.Citation{}, h.Citations()...)})
	}
	if m == dialogue.SMS {
		for _, p := range a.Parts {
			encoding, n := sms.Measure(p)
			a.Segments += n
			if a.Encoding != sms.UCS2 {
				a.Encoding = encoding
			}
		}
	}
	return a
}

func printAnswer(w io.Writer, a answer) error {
	text := a.Text
	for i, c := range a.Choices {
		if !slices.ContainsFunc(a.Parts, func(p string) bool { return strings.Contains(p, c.Title) }) {
			text += fmt.Sprintf("\n%d. %s", i+1, c.Title)
		}
	}
	_, err := fmt.Fprintf(w, "%s\n\n", text)
	return err
}
