package twilio_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/channelstest/twilioserver"
	"treem/channels/twilio"
)

// TestMissedWhileAway: what came while the web hook could not be reached is taken from Twilio's log, the oldest first,
// over more than one page of it; for a number and for a Messaging Service.
func TestMissedWhileAway(t *testing.T) {
	for name, change := range map[string]func(*twilio.Config){
		"number":  func(*twilio.Config) {},
		"service": func(c *twilio.Config) { c.From, c.MessagingServiceSID = "", twilioserver.ServiceSID },
	} {
		t.Run(name, func(t *testing.T) {
			api := begin(t)
			at := time.Now().Add(-time.Hour).Truncate(time.Second).UTC()
			api.Keep(messageSID(0), person, "bốn ngày trước", at.Add(-96*time.Hour))
			want := []string{"cứu em với", "có ai không", "alo"}
			for i, text := range want {
				api.Keep(messageSID(i+1), person, text, at.Add(time.Duration(i)*time.Minute))
			}
			cfg := config(api, "https://a.example")
			change(&cfg)
			c := newChannel(t, cfg, channelstest.NewGuard(t).Logger())
			sink := channelstest.NewSink()
			must(t, c.Start(t.Context(), sink))
			got := sink.WaitStored(t, len(want))
			must(t, c.Stop(context.Background()))
			for i, in := range got {
				if in.Text != want[i] || in.From.ID != person || in.Kind != channels.KindText || !in.SentAt.Equal(at.Add(time.Duration(i)*time.Minute)) {
					t.Errorf("message %d: %+v", i, in)
				}
			}
			if n := len(sink.Stored()); n != len(want) {
				t.Errorf("%d messages, want %d", n, len(want))
			}
		})
	}
}

func messageSID(n int) string { return fmt.Sprintf("SM%032x", n) }

// TestSenderNameHasNoLog: nobody can write to a sender name, so nothing is asked.
func TestSenderNameHasNoLog(t *testing.T) {
	api := begin(t)
	cfg := config(api, "https://a.example")
	cfg.From = twilioserver.SenderName
	c := newChannel(t, cfg, channelstest.NewGuard(t).Logger())
	must(t, c.Start(t.Context(), channelstest.NewSink()))
	must(t, c.Stop(context.Background()))
	if n := api.Calls(twilioserver.Log); n != 0 {
		t.Errorf("%d calls", n)
	}
}
