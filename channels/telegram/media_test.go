package telegram_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"treem/channels"
	"treem/channels/channelstest/telegramserver"
)

// picture is a real PNG of one colour.
func picture(t *testing.T, width int) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, width, 8))))
	return b.Bytes()
}

// TestSendMedia: a file is uploaded once and then sent by its identifier, until Telegram knows that no more.
func TestSendMedia(t *testing.T) {
	api := telegramserver.Start(t)
	c := sender(t, api)
	send := func(m channels.Media, caption string) []telegramserver.Sent {
		t.Helper()
		before := len(api.Sent())
		_, err := c.Send(within(t), channels.Outbound{To: to("77"), Text: caption, Media: &m, Urgent: true})
		must(t, err)
		return api.Sent()[before:]
	}
	a := channels.Media{Kind: channels.Image, File: "phao.png", Data: picture(t, 8)}
	b := channels.Media{Kind: channels.Image, File: "phao.png", Data: picture(t, 9)} // a newer one of the same name
	voice := channels.Media{Kind: channels.Voice, File: "goi-111.ogg", Data: append([]byte("OggS\x00"), make([]byte, 64)...)}
	first := send(a, "Ném phao")[0]
	if second := send(a, "")[0]; second.File != first.File || first.Text != "Ném phao" || second.Text != "" {
		t.Errorf("sent %+v, then %+v", first, second)
	}
	if other := send(b, "")[0]; other.File == first.File {
		t.Error("the newer picture was not sent")
	}
	if got := send(voice, "Nghe")[0]; !strings.HasPrefix(got.File, "voice") {
		t.Errorf("recording: %+v", got)
	}
	if api.Uploads() != 3 {
		t.Errorf("%d uploads, want 3", api.Uploads())
	}
	api.LoseFiles()
	if send(a, ""); api.Uploads() != 4 {
		t.Errorf("%d uploads, want one more", api.Uploads())
	}
	long := send(a, strings.Repeat("lời chú thích dài ", 60))
	if len(long) != 2 || long[0].Text != "" || !strings.HasPrefix(long[1].Text, "lời chú thích") {
		t.Errorf("long caption: %+v", long)
	}
	if bad := api.Rejected(); len(bad) != 0 {
		t.Errorf("malformed calls: %q", bad)
	}
}

func TestSendMediaFails(t *testing.T) {
	api := telegramserver.Start(t)
	c := sender(t, api)
	out := channels.Outbound{To: to("77"), Urgent: true, Media: &channels.Media{Kind: channels.Image, File: "a.png", Data: picture(t, 8)}}
	for kind, want := range map[telegramserver.Kind]channels.Verdict{
		telegramserver.TooMany: channels.Retry, telegramserver.DropAfter: channels.Unknown, telegramserver.Blocked: channels.Stop,
	} {
		api.Fail("sendPhoto", telegramserver.Failure{Kind: kind})
		if se := channels.AsSendError(second(c.Send(within(t), out))); se == nil || se.Verdict != want {
			t.Errorf("failure %d: %v, want %s", kind, se, want)
		}
	}
	for _, bad := range []channels.Media{{Kind: channels.Image, File: "a.png"}, {Kind: "film", File: "a.mp4", Data: []byte("x")},
		{Kind: channels.Image, File: "a.png", Data: []byte("no picture")}} {
		out.Media = &bad
		if se := channels.AsSendError(second(c.Send(within(t), out))); se == nil || se.Verdict != channels.Fault {
			t.Errorf("media %q: %v", bad.Kind, se)
		}
	}
}

// TestSendMediaToMovedGroup: a picture follows a group to its new number, as a text does.
func TestSendMediaToMovedGroup(t *testing.T) {
	api := telegramserver.Start(t)
	c := sender(t, api)
	api.Migrate(-4001, -1004001)
	out := channels.Outbound{To: to("-4001"), Text: "Ném phao", Urgent: true,
		Media: &channels.Media{Kind: channels.Image, File: "a.png", Data: picture(t, 8)}}
	must(t, second(c.Send(within(t), out)))
	if sent := api.Sent(); len(sent) != 1 || sent[0].Chat != "-1004001" {
		t.Errorf("sent %+v", sent)
	}
}
