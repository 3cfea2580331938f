package kannel

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"treem/channels"
	"treem/channels/httpcall"
	"treem/channels/sms"
)

// maxSegments is the most segments one message may take. Kannel drops without a word what is beyond max-messages of its
// sendsms-user, which is 10 in the sample configuration.
const maxSegments = 8

// priorityUrgent is the highest priority; Kannel sends it before all others that wait in it.
const (
	priorityOrdinary = 0
	priorityUrgent   = 3
)

// Send delivers one text and returns out.ID, under which Kannel reports on it.
//
// Kannel has nothing to drop repeats by, so a message sent again after an Unknown may arrive twice. A text of more than 8
// segments goes out in several messages, one after the other; if a later one fails, a repeat sends the first ones
// again. The bot composes texts that need none of this.
func (c *Channel) Send(ctx context.Context, out channels.Outbound) (string, error) {
	if out.To.Channel != Name || !numberForm.MatchString(out.To.ID) {
		return "", provider.Fault("address", errors.New("the address is not a telephone number as +84901234567"))
	}
	if !outIDForm.MatchString(out.ID) {
		return "", provider.Fault("id", errors.New("the message's identifier cannot stand in an address"))
	}
	if strings.TrimSpace(out.Text) == "" {
		return "", provider.Fault("empty", errors.New("the text is empty"))
	}
	parts := c.parts(out)
	for i, p := range parts {
		if err := c.post(ctx, out, p, i == len(parts)-1); err != nil {
			return "", err
		}
	}
	return out.ID, nil
}

var outIDForm = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,100}$`)

// part is one request to Kannel.
type part struct {
	text   string
	ucs2   bool   // how it is coded; parts of one message are coded alike
	header []byte // user data header; nil: none, or Kannel's own
}

// parts cuts a message into what goes to Kannel one by one: all at once if Kannel splits, else segment by segment.
func (c *Channel) parts(out channels.Outbound) (all []part) {
	for _, text := range sms.Split(out.Text, maxSegments) {
		if text == "" {
			continue
		}
		encoding, _ := sms.Measure(text)
		ucs2, segments := encoding == sms.UCS2, sms.Segments(text)
		if c.cfg.Split == SplitKannel || len(segments) == 1 {
			all = append(all, part{text: text, ucs2: ucs2})
			continue
		}
		for i, segment := range segments {
			all = append(all, part{segment, ucs2, concatenation(out.ID, len(all)-i, len(segments), i+1)})
		}
	}
	return all
}

// concatenation is the user data header of a part (3GPP TS 23.040, 9.2.3.24.1). The reference is the same on every try,
// so that a telephone puts the parts of a repeat where those of the first try are.
func concatenation(id string, before, total, number int) []byte {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id + "/" + strconv.Itoa(before)))
	return []byte{5, 0, 3, byte(h.Sum32()), byte(total), byte(number)}
}

// post hands one part to Kannel. Delivery is reported for the last one, failure for each.
//
// The parameters go in headers and the text in the body, so that neither stands in an address. Text beyond GSM-7 goes as
// UTF-16BE, which no version of Kannel converts a second time.
func (c *Channel) post(ctx context.Context, out channels.Outbound, p part, last bool) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	body, charset, coding := []byte(p.text), "UTF-8", coding7Bit
	if p.ucs2 {
		body, charset, coding = utf16BE(p.text), "UTF-16BE", codingUCS2
	}
	req, err := c.request(ctx, charset, body)
	if err != nil {
		return err.SendError(refusedVerdict)
	}
	mask, priority := dlrFailed|dlrRejected, priorityOrdinary
	if last {
		mask |= dlrDelivered
	}
	if out.Urgent {
		priority = priorityUrgent
	}
	h := req.Header
	h.Set("X-Kannel-From", c.cfg.From)
	h.Set("X-Kannel-To", out.To.ID)
	h.Set("X-Kannel-Coding", coding)
	h.Set("X-Kannel-Priority", strconv.Itoa(priority))
	h.Set("X-Kannel-Validity", strconv.Itoa(max(1, int(c.cfg.Validity.Minutes()))))
	h.Set("X-Kannel-DLR-Mask", strconv.Itoa(mask))
	h.Set("X-Kannel-DLR-URL", c.reportURL(out.ID))
	if c.cfg.SMSC != "" {
		h.Set("X-Kannel-SMSC", c.cfg.SMSC)
	}
	if p.header != nil {
		h.Set("X-Kannel-UDH", hex.EncodeToString(p.header))
	}
	if err := c.exchange(req); err != nil {
		return provider.Of(err).SendError(refusedVerdict)
	}
	return nil
}

// request is a call of sendsms with the account's name and password.
func (c *Channel) request(ctx context.Context, charset string, body []byte) (*http.Request, *httpcall.Error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.SendURL, bytes.NewReader(body))
	if err != nil {
		return nil, provider.NotSent("kannel.send_url cannot be used")
	}
	req.Header.Set("Content-Type", "text/plain; charset="+charset)
	req.Header.Set("User-Agent", "treem")
	req.Header.Set("X-Kannel-Username", c.cfg.Username)
	req.Header.Set("X-Kannel-Password", c.cfg.Password)
	return req, nil
}

func utf16BE(text string) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = binary.BigEndian.AppendUint16(out, unit)
	}
	return out
}
