package smscserver

import (
	"bufio"
	"context"
	"net"
	"strings"
	"testing"
	"time"
)

// gateway is the other end of the line, written apart from the server's own session.
type gateway struct {
	t        *testing.T
	conn     net.Conn
	in       *bufio.Reader
	sequence uint32
}

func connect(t *testing.T, s *Server, password string) (*gateway, uint32) {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(t.Context(), "tcp", s.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(15 * time.Second)); err != nil {
		t.Fatal(err)
	}
	g := &gateway{t: t, conn: conn, in: bufio.NewReader(conn)}
	answered := g.call(bindTransceiver, []byte(SystemID+"\x00"+password+"\x00\x00\x34\x00\x00\x00"))
	return g, answered.status
}

// call sends a command and returns its answer.
func (g *gateway) call(command uint32, body []byte) pdu {
	g.t.Helper()
	g.sequence++
	g.send(pdu{command: command, sequence: g.sequence, body: body})
	p := g.read()
	if p.command != command|answer || p.sequence != g.sequence {
		g.t.Fatalf("answer %+v", p)
	}
	return p
}

func (g *gateway) send(p pdu) {
	g.t.Helper()
	if _, err := g.conn.Write(p.bytes()); err != nil {
		g.t.Fatal(err)
	}
}

func (g *gateway) read() pdu {
	g.t.Helper()
	p, err := readPDU(g.in)
	if err != nil {
		g.t.Fatal(err)
	}
	return p
}

// take reads one deliver_sm and answers it with the status.
func (g *gateway) take(status uint32) short {
	g.t.Helper()
	p := g.read()
	s, err := readShort(p.body)
	if p.command != deliverSM || err != nil {
		g.t.Fatalf("%+v, %v", p, err)
	}
	g.send(pdu{command: deliverSM | answer, status: status, sequence: p.sequence, body: []byte{0}})
	return s
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// out is a part for a telephone.
func out(message string, change func(*short)) []byte {
	s := short{source: number{0, 1, Number}, dest: number{1, 1, "84905123456"}, message: []byte(message)}
	if change != nil {
		change(&s)
	}
	return s.bytes()
}

func TestBind(t *testing.T) {
	s := Start(t)
	if _, status := connect(t, s, "wrong"); status != statusBindFailed {
		t.Errorf("status %#x for a wrong password", status)
	}
	g, status := connect(t, s, Password)
	if status != statusOK || s.WaitBound(within(t)) != nil {
		t.Errorf("status %#x", status)
	}
	if p := g.call(enquireLink, nil); p.status != statusOK {
		t.Errorf("enquire_link: %+v", p)
	}
	if p := g.call(unbind, nil); p.status != statusOK {
		t.Errorf("unbind: %+v", p)
	}
}

// TestInParts: what people write comes in parts that make the text again, also if the gateway goes away in between.
func TestInParts(t *testing.T) {
	s := Start(t)
	for _, text := range []string{
		"Goi 111", strings.Repeat("x", 160), strings.Repeat("x", 152) + "€" + strings.Repeat("{", 100),
		"Trẻ em 😊", strings.Repeat("ữ", 66) + "😊" + strings.Repeat("ữ", 80),
	} {
		s.Write("+84905123456", text)
		g, _ := connect(t, s, Password)
		first := g.take(statusThrottled) // not taken: it comes again
		_ = g.conn.Close()
		g, _ = connect(t, s, Password)
		var whole []byte
		for total, n := byte(1), byte(1); n <= total; n++ {
			m := g.take(statusOK)
			if n == 1 && string(m.message) != string(first.message) {
				t.Error("another part comes first the second time")
			}
			payload := m.message
			if m.class&classHeader != 0 {
				_, number, of, rest, ok := concatenation(payload)
				if !ok || number != n {
					t.Fatalf("part %d of %d, want %d", number, of, n)
				}
				total, payload = of, rest
			}
			whole = append(whole, payload...)
			first = m
		}
		if got, err := decode(first.coding, whole); err != nil || got != text {
			t.Errorf("put together %q (%v), want %q", got, err, text)
		}
		if err := s.WaitTaken(within(t)); err != nil {
			t.Errorf("%d parts still wait", s.Pending())
		}
		_ = g.conn.Close()
	}
}

// TestSubmit: what the centre takes, refuses and reports.
func TestSubmit(t *testing.T) {
	s := Start(t)
	g, _ := connect(t, s, Password)
	s.SetOutcome("+84905000001", Refused)
	s.SetOutcome("+84905000002", Busy)
	for _, tc := range []struct {
		name, message string
		change        func(*short)
		status        uint32
	}{
		{"right", "abc", nil, statusOK},
		{"number as in the country", "abc", func(s *short) { s.dest = number{0, 1, "0905123456"} }, statusBadDest},
		{"no sender", "abc", func(s *short) { s.source.digits = "" }, statusBadSource},
		{"empty", "", nil, statusBadLength},
		{"too long", strings.Repeat("x", 161), nil, statusBadLength},
		{"too long in UCS-2", strings.Repeat("x", 142), func(s *short) { s.coding = codingUCS2 }, statusBadLength},
		{"coding", "abc", func(s *short) { s.coding = 4 }, statusBadField},
		{"refused", "abc", func(s *short) { s.dest.digits = "84905000001" }, statusBadDest},
		{"busy", "abc", func(s *short) { s.dest.digits = "84905000002" }, statusThrottled},
		{"no longer busy", "abc", func(s *short) { s.dest.digits = "84905000002" }, statusOK},
	} {
		if got := g.call(submitSM, out(tc.message, tc.change)).status; got != tc.status {
			t.Errorf("%s: status %#x, want %#x", tc.name, got, tc.status)
		}
	}
	if n := len(s.Sent()); n != 2 {
		t.Errorf("%d messages arrived, want 2", n)
	}
	s.SetOutcome("+84905000003", Undelivered)
	p := g.call(submitSM, out("abc", func(s *short) { s.dest.digits, s.registered = "84905000003", 1 }))
	id := strings.TrimRight(string(p.body), "\x00")
	r := g.take(statusOK)
	if r.class != classReceipt || !strings.HasPrefix(string(r.message), "id:"+id+" ") ||
		!strings.Contains(string(r.message), "stat:UNDELIV err:031") {
		t.Errorf("receipt %q", r.message)
	}
}

// TestJoin: parts in any order, once whole, are one text; broken ones are noted.
func TestJoin(t *testing.T) {
	s := Start(t)
	g, _ := connect(t, s, Password)
	part := func(udh, rest string) []byte {
		return out(udh+rest, func(s *short) { s.class = classHeader })
	}
	g.call(submitSM, part("\x05\x00\x03\x07\x02\x02", "world"))
	g.call(submitSM, part("\x06\x08\x04\x00\x07\x02\x01", "hello "))
	if got := s.Sent(); len(got) != 1 || got[0].Text != "hello world" || got[0].Parts != 2 {
		t.Errorf("arrived %+v", got)
	}
	g.call(submitSM, part("\x05\x00\x03\x08\x02\x03", "third of two"))
	g.call(submitSM, part("\x04\x05\x02\x00\x00", "ports"))
	if bad := s.Rejected(); len(bad) != 2 {
		t.Errorf("rejected %q", bad)
	}
}

func TestHangUp(t *testing.T) {
	s := Start(t)
	g, _ := connect(t, s, Password)
	s.HangUp()
	if _, err := readPDU(g.in); err == nil {
		t.Error("the connection is still there")
	}
	if _, err := net.DialTimeout("tcp", s.Address(), time.Second); err == nil {
		t.Error("somebody still listens")
	}
	s.Write("84905123456", "con day khong")
	if err := s.Listen(s.Address()); err != nil {
		t.Fatal(err)
	}
	g, status := connect(t, s, Password)
	if status != statusOK {
		t.Fatalf("status %#x", status)
	}
	if got := g.take(statusOK); string(got.message) != "con day khong" {
		t.Errorf("arrived %q", got.message)
	}
}
