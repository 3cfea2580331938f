package bot_test

import (
	"testing"
	"time"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/channels"
)

// TestAnswersFromTheLatest: a responder whose knowledge changes while it runs, as that of the service, has no other to
// fall back on; long SMS are cut into pages from it, too.
func TestAnswersFromTheLatest(t *testing.T) {
	r := newResponder(t)
	book, search := r.Book, r.Search
	r.Book, r.Search = nil, nil
	r.Latest = func() (*dialogue.Book, bot.Searcher) { return book, search }
	d, _ := r.Respond(t.Context(), dialogue.State{}, channels.Inbound{Kind: channels.KindText, Text: "dieu 13 luat tre em"},
		dialogue.SMS, "case-1", time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))
	if d.State.More == "" || len(d.Say) == 0 {
		t.Errorf("a long answer is not paged: %+v", d)
	}
}
