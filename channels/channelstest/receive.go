package channelstest

import (
	"strings"
	"testing"
	"unicode/utf8"

	"treem/channels"
)

// texts are messages that must arrive exactly as written.
var texts = []struct{ name, text string }{
	{"Plain", "Cháu bị bố đánh, cháu sợ lắm không dám về nhà"},
	{"Composed", "Đuối nước: gọi người lớn, ném phao, đừng nhảy xuống"},
	{"Decomposed", "Tre\u0309 em bi\u0323 ba\u0323o ha\u0300nh thi\u0300 go\u0323i so\u0302\u0301 na\u0300o"},
	{"NoDiacritics", "con em bi duoi nuoc lam sao bay gio"},
	{"Emoji", "giúp em với 😭👨‍👩‍👧🇻🇳👍🏽"},
	{"Markup", `<b>đậm</b> &amp; *sao* _gạch_ [x](y) "ngoặc" \ ' ; --`},
	{"Lines", "dòng một\ndòng hai\n\ndòng bốn\tthụt"},
	{"Signs", "a\u200bb\u00a0c\u202ed…–“”"},
	{"Command", "/start"},
	{"Digit", "1"},
	{"Empty", ""},
	{"TenThousand", strings.Repeat("cứu em với", 1000)},
}

func testTexts(t *testing.T, b *bench) {
	b.start(t)
	stored := 0
	for i, c := range texts {
		t.Run(c.name, func(t *testing.T) {
			if b.Skips != nil && b.Skips(c.text) {
				t.Skip("this channel does not carry such a text")
			}
			from := b.Person(i)
			acked := b.deliver(t, Message{From: from, Text: c.text})
			stored++
			in := b.sink.WaitStored(t, stored)[stored-1]
			WaitClosed(t, acked, "acknowledged")
			if want := b.kept(c.text); in.Text != want {
				t.Errorf("text is %q, want %q", short(in.Text), short(want))
			}
			if in.Kind != channels.KindText {
				t.Errorf("kind is %q, want text", in.Kind)
			}
			if want := (channels.Address{Channel: b.name, ID: from}); in.From != want {
				t.Errorf("from %s %q, want %s %q", in.From.Channel, in.From.ID, want.Channel, want.ID)
			}
			if in.ProviderID == "" {
				t.Error("no ProviderID")
			}
		})
	}
}

func short(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}

func testInvalid(t *testing.T, b *bench) {
	if !b.Raw {
		t.Skip("only UTF-8 can be delivered")
	}
	b.start(t)
	b.deliver(t, Message{Text: "trước\xff\xfesau\xc3"})
	in := b.sink.WaitStored(t, 1)[0]
	if !utf8.ValidString(in.Text) {
		t.Errorf("text %q is not UTF-8", in.Text)
	}
	if !strings.HasPrefix(in.Text, "trước") || !strings.Contains(in.Text, "sau") {
		t.Errorf("text is %q: the valid parts are gone", in.Text)
	}
}

func testLong(t *testing.T, b *bench) {
	long := strings.Repeat("ữ", channels.MaxText) // three bytes each
	if b.Skips != nil && b.Skips(long) {
		t.Skip("this channel does not carry such a text")
	}
	b.start(t)
	b.deliver(t, Message{Text: long})
	in := b.sink.WaitStored(t, 1)[0]
	if len(in.Text) > channels.MaxText || len(in.Text) < channels.MaxText-3 || !strings.HasPrefix(long, in.Text) {
		t.Errorf("%d bytes arrived, want the beginning, cut at %d or a little less", len(in.Text), channels.MaxText)
	}
	if !utf8.ValidString(in.Text) {
		t.Error("cut within a character")
	}
}

func testKinds(t *testing.T, b *bench) {
	b.start(t)
	stored := 0
	for i, kind := range b.Kinds {
		t.Run(string(kind), func(t *testing.T) {
			m := Message{From: b.Person(i), Kind: kind}
			switch kind {
			case channels.KindChoice:
				m.Payload = "menu:chon-so-2"
			case channels.KindText, channels.KindEdited, channels.KindMedia:
				m.Text = "lời kèm theo " + string(kind)
			}
			acked := b.deliver(t, m)
			stored++
			in := b.sink.WaitStored(t, stored)[stored-1]
			WaitClosed(t, acked, "acknowledged")
			if in.Kind != kind || in.Text != b.kept(m.Text) || in.Payload != m.Payload || in.From.ID != m.From {
				t.Errorf("got kind %q, text %q, payload %q, from %q; want %+v",
					in.Kind, in.Text, in.Payload, in.From.ID, m)
			}
		})
	}
}

// testAcceptBeforeAck refuses a message twice. A channel that acknowledges before Accept returned nil would not get it
// again.
func testAcceptBeforeAck(t *testing.T, b *bench) {
	if b.Once {
		t.Skip("the provider never delivers twice")
	}
	b.sink.Refuse(2)
	release := b.sink.Hold()
	b.start(t)
	acked := b.deliver(t, Message{Text: "không được mất tin này"})
	b.sink.WaitTried(t, 1)
	select {
	case <-acked:
		t.Fatal("acknowledged while Accept had not returned")
	default:
	}
	release()
	tried := b.sink.WaitTried(t, 3)
	WaitClosed(t, acked, "acknowledged")
	for _, in := range tried[1:] {
		if in.ProviderID != tried[0].ProviderID || in.Text != tried[0].Text {
			t.Errorf("redelivered as %q %q, first %q %q", in.ProviderID, in.Text, tried[0].ProviderID, tried[0].Text)
		}
	}
	if n := len(b.sink.WaitStored(t, 1)); n != 1 {
		t.Errorf("%d messages stored, want 1", n)
	}
}

func testRepeat(t *testing.T, b *bench) {
	if b.Repeat == nil {
		t.Skip("the provider cannot repeat what was acknowledged")
	}
	b.start(t)
	WaitClosed(t, b.deliver(t, Message{Text: "một tin hai lần"}), "acknowledged")
	WaitClosed(t, b.Repeat(t), "the repeat acknowledged")
	tried := b.sink.WaitTried(t, 2)
	if tried[0].ProviderID != tried[1].ProviderID {
		t.Errorf("a repeat came as %q, first as %q", tried[1].ProviderID, tried[0].ProviderID)
	}
	WaitClosed(t, b.deliver(t, Message{Text: "một tin hai lần"}), "acknowledged")
	tried = b.sink.WaitTried(t, 3)
	if tried[2].ProviderID == tried[0].ProviderID {
		t.Error("two messages with the same words have the same ProviderID")
	}
}
