package smscserver

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// The room of one message and of one part of several, in octets as SMPP carries them: GSM text goes unpacked.
const (
	roomGSM, roomPartGSM   = 160, 153
	roomUCS2, roomPartUCS2 = 140, 134
)

// Write is a person's message to the gateway's number, in as many parts as it needs. From is written internationally
// without plus sign.
func (s *Server) Write(from, text string) {
	coding, chars := characters(text)
	room, part := roomGSM, roomPartGSM
	if coding == codingUCS2 {
		room, part = roomUCS2, roomPartUCS2
	}
	pieces := cut(chars, room)
	s.Mu.Lock()
	defer s.Mu.Unlock()
	class := byte(0)
	if len(pieces) > 1 {
		pieces = cut(chars, part)
		class = classHeader
		s.reference++
	}
	for n, piece := range pieces {
		if class == classHeader {
			piece = append([]byte{5, 0, 3, s.reference, byte(len(pieces)), byte(n + 1)}, piece...)
		}
		s.queue = append(s.queue, &item{body: short{
			source: number{1, 1, strings.TrimPrefix(from, "+")}, dest: number{0, 1, Number},
			class: class, coding: coding, message: piece,
		}})
	}
	s.Notify()
}

// cut puts characters into pieces of at most room octets.
func cut(chars [][]byte, room int) [][]byte {
	pieces := [][]byte{nil}
	for _, c := range chars {
		if len(pieces[len(pieces)-1])+len(c) > room {
			pieces = append(pieces, nil)
		}
		last := &pieces[len(pieces)-1]
		*last = append(*last, c...)
	}
	return pieces
}

// Outcome is what becomes of messages to one number.
type Outcome int

// The outcomes.
const (
	Delivered   Outcome = iota
	Undelivered         // taken, and later reported as undeliverable, with error 031
	Refused             // refused at once: invalid destination
	Busy                // the first part is refused as too many at once, everything after it delivered
)

// SetOutcome says what becomes of messages to a number from now on.
func (s *Server) SetOutcome(to string, o Outcome) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.outcomes[to] = o
}

// joined is a message whose parts arrive one by one.
type joined struct {
	pieces map[byte][]byte
	total  byte
}

var (
	subscriber = regexp.MustCompile(`^[1-9][0-9]{6,14}$`)
	sender     = regexp.MustCompile(`^([0-9]{3,15}|[A-Za-z0-9 ]{1,11})$`)
)

// checkSubmit says what is wrong with a message for a telephone.
func checkSubmit(s short) (status uint32, fault string) {
	size, room := len(s.message), roomGSM
	if s.coding == codingUCS2 {
		room = roomUCS2
	}
	if s.class&classHeader != 0 && s.coding == codingGSM {
		room = roomPartGSM + 6 // the header takes seven places in the air but six octets here
	}
	switch {
	case s.dest.kind != 1 || !subscriber.MatchString(s.dest.digits):
		return statusBadDest, "the destination is not an international number"
	case !sender.MatchString(s.source.digits):
		return statusBadSource, "the source is neither number nor name"
	case s.coding != codingGSM && s.coding != codingUCS2:
		return statusBadField, fmt.Sprintf("data_coding %d", s.coding)
	case size == 0 || size > room || s.payloadInstead:
		return statusBadLength, fmt.Sprintf("%d octets, more than %d or none", size, room)
	case s.priority > 3:
		return statusBadField, "priority_flag"
	}
	return statusOK, ""
}

// take passes a part on to its telephone and returns the centre's identifier for it. The gateway must have its answer
// before report is called.
func (s *Server) take(m short) (id string, status uint32) {
	id, status, fault := s.takeLocked(m)
	if fault != "" {
		s.Reject("submit_sm", fault)
	}
	return id, status
}

func (s *Server) takeLocked(m short) (id string, status uint32, fault string) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	to := "+" + m.dest.digits
	outcome := s.outcomes[to]
	switch outcome {
	case Refused:
		return "", statusBadDest, ""
	case Busy:
		delete(s.outcomes, to)
		return "", statusThrottled, ""
	}
	s.lastID++
	id = fmt.Sprintf("%08d", s.lastID)
	if outcome == Delivered {
		fault = s.join(m, to)
	}
	s.Notify()
	return id, statusOK, fault
}

// report queues the receipt for a part that was taken, if the gateway wants one.
func (s *Server) report(m short, id string) {
	if m.registered&1 == 0 {
		return
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.queue = append(s.queue, &item{receipt: true, body: receipt(m, id, s.outcomes["+"+m.dest.digits])})
	s.Notify()
}

// receipt is the report on a part in the form of appendix B of the specification.
func receipt(m short, id string, o Outcome) short {
	state, delivered, code := "DELIVRD", 1, "000"
	if o == Undelivered {
		state, delivered, code = "UNDELIV", 0, "031"
	}
	now := time.Now().Format("0601021504")
	return short{source: m.dest, dest: m.source, class: classReceipt, message: fmt.Appendf(nil,
		"id:%s sub:001 dlvrd:%03d submit date:%s done date:%s stat:%s err:%s text:...", id, delivered, now, now, state, code)}
}

// join puts a part where it belongs and, once whole, the message on the telephone; it says what is wrong with the part.
// Mu must be held.
func (s *Server) join(m short, to string) (fault string) {
	payload, total := m.message, byte(1)
	if m.class&classHeader != 0 {
		reference, n, of, rest, ok := concatenation(payload)
		if !ok {
			return "a header without concatenation"
		}
		key := fmt.Sprint(to, m.source.digits, reference)
		j := s.parts[key]
		if j == nil {
			j = &joined{pieces: map[byte][]byte{}, total: of}
			s.parts[key] = j
		}
		if j.total != of || n < 1 || n > of {
			return "parts that do not fit together"
		}
		j.pieces[n] = rest
		if len(j.pieces) < int(of) {
			return ""
		}
		delete(s.parts, key)
		payload, total = nil, of
		for i := byte(1); i <= of; i++ {
			payload = append(payload, j.pieces[i]...)
		}
	}
	text, err := decode(m.coding, payload)
	if err != nil {
		return err.Error()
	}
	s.Taken = append(s.Taken, Text{To: to, From: m.source.digits, Text: text, UCS2: m.coding == codingUCS2,
		Parts: int(total), Priority: int(m.priority)})
	return ""
}

// concatenation reads the user data header of a part (3GPP TS 23.040, 9.2.3.24.1 and .8).
func concatenation(b []byte) (reference int, n, of byte, rest []byte, ok bool) {
	if len(b) == 0 || int(b[0]) >= len(b) {
		return 0, 0, 0, nil, false
	}
	header, rest := b[1:1+b[0]], b[1+b[0]:]
	for len(header) >= 2 && len(header) >= 2+int(header[1]) {
		value := header[2 : 2+header[1]]
		switch {
		case header[0] == 0 && len(value) == 3:
			return int(value[0]), value[2], value[1], rest, true
		case header[0] == 8 && len(value) == 4:
			return int(value[0])<<8 | int(value[1]), value[3], value[2], rest, true
		}
		header = header[2+header[1]:]
	}
	return 0, 0, 0, nil, false
}
