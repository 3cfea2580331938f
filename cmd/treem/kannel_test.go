package main_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"treem/channels/channelstest/kannelbox"
	"treem/channels/channelstest/smscserver"
	"treem/channels/channelstest/standin"
)

// TestKannelLosesNothing runs the built program behind a real Kannel, kills it with SIGKILL while people write, takes the
// operator's centre away and brings it back, and shows that everybody is answered: what came while the program was dead
// waited in Kannel, what was answered while the centre was away waited there too.
func TestKannelLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills the built program; not with -short")
	}
	t.Parallel() // with the crash tests, for they wait most of the time
	const secret = "0localtestsecret-not-a-secret"
	centre := smscserver.Start(t)
	address := freeAddress(t)
	box := kannelbox.Start(t, kannelbox.Setup{
		Sample: "../../config/deploy/kannel.conf", Centre: centre.Address(), SystemID: smscserver.SystemID,
		Password: smscserver.Password, Hook: "http://treem:" + secret + "@" + address + "/kannel/sms?id=%I",
	})
	c := &crash{t: t, binary: buildProgram(t), public: "http://" + address}
	c.env = append(cleanEnvironment(), "TREEM_DATA_DIR="+t.TempDir(), "TREEM_LISTEN="+address, "TREEM_STOP_LIMIT=10s",
		"TREEM_KANNEL_SEND_URL="+box.SendURL, "TREEM_KANNEL_USERNAME="+kannelbox.Username,
		"TREEM_KANNEL_PASSWORD="+kannelbox.Password, "TREEM_KANNEL_SECRET="+secret, "TREEM_KANNEL_FROM="+smscserver.Number)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	people := 0
	write := func(n int) {
		for range n {
			centre.Write(kannelPerson(people), kannelMessages[people%len(kannelMessages)])
			people++
		}
	}
	answered := func() map[string]int {
		replies := map[string]int{}
		for _, m := range centre.Sent() {
			replies[m.To]++
		}
		return replies
	}
	until := func(what string, done func() bool) {
		t.Helper()
		for !done() {
			if standin.Pause(ctx, 50*time.Millisecond) != nil {
				t.Fatalf("in vain: %s; %d of %d people are answered, %d parts wait at the centre",
					what, len(answered()), people, centre.Pending())
			}
		}
	}

	p := c.start(ctx)
	write(8)
	until("the first answers", func() bool { return len(answered()) >= 2 })
	p.kill() // with messages in every state between the centre and the answer
	write(4)
	until("Kannel keeps what comes while the program is dead", func() bool { return centre.Pending() == 0 })
	p = c.start(ctx)
	until("half of the answers", func() bool { return len(answered()) >= people/2 })
	centre.HangUp()
	write(4) // these wait on people's telephones
	p.kill()
	p = c.start(ctx)
	until("Kannel keeps the answers while the centre is away", func() bool { return c.idle(ctx) })
	if err := centre.Listen(centre.Address()); err != nil {
		t.Fatal(err)
	}
	until("everybody is answered", func() bool { return len(answered()) == people && centre.Pending() == 0 && c.idle(ctx) })
	p.stop()

	for _, m := range centre.Sent() {
		if strings.TrimSpace(m.Text) == "" || m.From != smscserver.Number {
			t.Errorf("a reply without words or from %q", m.From)
		}
	}
	if bad := centre.Rejected(); len(bad) != 0 {
		t.Errorf("against the specification of SMPP: %q", bad)
	}
	t.Logf("2 kills, the centre away once: %d of %d people answered, %d messages at the telephones",
		len(answered()), people, len(centre.Sent()))
}

func kannelPerson(n int) string { return fmt.Sprintf("84905%06d", n) }

// kannelMessages are ordinary and urgent ones, plain and with marks, short and in parts.
var kannelMessages = []string{
	"tre em bao nhieu tuoi duoc di lam",
	"Trẻ em là người bao nhiêu tuổi?",
	"cuu voi be nha toi roi xuong ao",
	"Cháu bị chú hàng xóm đánh nhiều lần, cháu kể với mẹ nhưng mẹ không tin. Cháu sợ lắm, bây giờ cháu phải gọi ai ạ?",
	"lam sao de con khong bi duoi nuoc khi nghi he, nha toi gan song va cac chau hay ra choi mot minh vao buoi trua khi nguoi " +
		"lon di lam dong, xin cho toi biet phai day cac chau nhung gi truoc",
	"MENU",
}
