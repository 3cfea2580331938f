package smscserver

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The commands of SMPP 3.4 that a centre and a gateway exchange (section 5.1.2.1); an answer has the top bit set.
const (
	bindReceiver    = 0x00000001
	bindTransmitter = 0x00000002
	submitSM        = 0x00000004
	deliverSM       = 0x00000005
	unbind          = 0x00000006
	bindTransceiver = 0x00000009
	enquireLink     = 0x00000015
	answer          = 0x80000000
	genericNack     = 0x80000000
)

// Statuses (section 5.1.3).
const (
	statusOK         = 0x00000000
	statusBadLength  = 0x00000001
	statusBadCommand = 0x00000003
	statusNotBound   = 0x00000004
	statusBadSource  = 0x0000000A
	statusBadDest    = 0x0000000B
	statusBindFailed = 0x0000000D
	statusThrottled  = 0x00000058
	statusBadField   = 0x000000C3
)

// Bits of esm_class (section 5.2.12), and the values of data_coding used (5.2.19).
const (
	classReceipt = 0x04
	classHeader  = 0x40
	codingGSM    = 0x00
	codingUCS2   = 0x08
)

const (
	tagPayload = 0x0424 // message_payload
	headerLen  = 16
	maxPDU     = 64 << 10
)

// pdu is one protocol data unit; body is what follows the header.
type pdu struct {
	command, status, sequence uint32
	body                      []byte
}

func readPDU(r *bufio.Reader) (pdu, error) {
	var head [headerLen]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return pdu{}, err
	}
	length := binary.BigEndian.Uint32(head[:])
	if length < headerLen || length > maxPDU {
		return pdu{}, fmt.Errorf("command_length is %d", length)
	}
	p := pdu{
		command: binary.BigEndian.Uint32(head[4:]), status: binary.BigEndian.Uint32(head[8:]),
		sequence: binary.BigEndian.Uint32(head[12:]), body: make([]byte, length-headerLen),
	}
	_, err := io.ReadFull(r, p.body)
	return p, err
}

func (p pdu) bytes() []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(headerLen+len(p.body)))
	out = binary.BigEndian.AppendUint32(out, p.command)
	out = binary.BigEndian.AppendUint32(out, p.status)
	out = binary.BigEndian.AppendUint32(out, p.sequence)
	return append(out, p.body...)
}

// fields reads the body of a PDU, one field after the other. The first fault stays.
type fields struct {
	rest []byte
	err  error
}

var errShort = errors.New("the body ends too early")

func (f *fields) octet() byte {
	if len(f.rest) == 0 {
		f.err = errShort
		return 0
	}
	b := f.rest[0]
	f.rest = f.rest[1:]
	return b
}

// text is a C-octet string of at most size octets with its end.
func (f *fields) text(size int) string {
	end := bytes.IndexByte(f.rest, 0)
	if end < 0 || end >= size {
		f.err = errors.New("a string has no end or is too long")
		return ""
	}
	s := string(f.rest[:end])
	f.rest = f.rest[end+1:]
	return s
}

func (f *fields) octets(n int) []byte {
	if n > len(f.rest) {
		f.err = errShort
		return nil
	}
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}

// optional returns the value of an optional parameter, nil if it is not there.
func (f *fields) optional(tag uint16) []byte {
	var found []byte
	for f.err == nil && len(f.rest) > 0 {
		head := f.octets(4)
		if f.err != nil {
			break
		}
		value := f.octets(int(binary.BigEndian.Uint16(head[2:])))
		if binary.BigEndian.Uint16(head) == tag {
			found = value
		}
	}
	return found
}

// number is an address with its type (international: 1) and numbering plan.
type number struct {
	kind, plan byte
	digits     string
}

// short is the body of submit_sm and deliver_sm, which are alike (sections 4.4.1 and 4.6.1).
type short struct {
	source, dest   number
	class          byte
	priority       byte
	registered     byte
	coding         byte
	validity       string
	message        []byte
	payloadInstead bool // the text came or goes as message_payload
}

func readShort(body []byte) (short, error) {
	f := fields{rest: body}
	var s short
	f.text(6) // service_type
	s.source = number{f.octet(), f.octet(), f.text(21)}
	s.dest = number{f.octet(), f.octet(), f.text(21)}
	s.class = f.octet()
	f.octet() // protocol_id
	s.priority = f.octet()
	f.text(17) // schedule_delivery_time
	s.validity = f.text(17)
	s.registered = f.octet()
	f.octet() // replace_if_present_flag
	s.coding = f.octet()
	f.octet() // sm_default_msg_id
	s.message = f.octets(int(f.octet()))
	if payload := f.optional(tagPayload); payload != nil {
		s.message, s.payloadInstead = payload, true
	}
	return s, f.err
}

func (s short) bytes() []byte {
	var b bytes.Buffer
	str := func(t string) { b.WriteString(t); b.WriteByte(0) }
	str("")
	for _, n := range []number{s.source, s.dest} {
		b.Write([]byte{n.kind, n.plan})
		str(n.digits)
	}
	b.Write([]byte{s.class, 0, s.priority})
	str("")
	str(s.validity)
	b.Write([]byte{s.registered, 0, s.coding, 0, byte(len(s.message))})
	b.Write(s.message)
	return b.Bytes()
}
