package smscserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"treem/channels/channelstest/standin"
)

const (
	answerWait = 10 * time.Second       // how long the gateway may take to answer a deliver_sm
	againWait  = 100 * time.Millisecond // before one it refused is tried again
)

// session is one connection of a gateway.
type session struct {
	server *Server
	conn   net.Conn
	in     *bufio.Reader
	bound  uint32 // the bind command, 0 before; only serve writes it

	mu       sync.Mutex // guards writing and what follows
	sequence uint32
	answers  map[uint32]chan uint32 // by sequence number: who waits for the status of an answer
}

// serve reads until the connection ends.
func (c *session) serve() {
	ctx, cancel := context.WithCancel(c.server.alive)
	var delivering sync.WaitGroup
	defer func() {
		cancel()
		_ = c.conn.Close()
		delivering.Wait()
		c.server.Mu.Lock()
		defer c.server.Mu.Unlock()
		delete(c.server.sessions, c)
		if c.bound != 0 {
			c.server.bound--
		}
		c.server.Notify()
	}()
	for {
		p, err := readPDU(c.in)
		if err != nil {
			return
		}
		switch p.command {
		case bindReceiver, bindTransmitter, bindTransceiver:
			if !c.bind(p) {
				return
			}
			if p.command != bindTransmitter {
				delivering.Go(func() { c.deliver(ctx) })
			}
		case enquireLink:
			c.reply(p, statusOK, nil)
		case unbind:
			c.reply(p, statusOK, nil)
			return
		case submitSM:
			c.submit(p)
		case deliverSM | answer, enquireLink | answer, genericNack, unbind | answer:
			c.answered(p)
		default:
			c.server.Reject(fmt.Sprintf("unknown command %#x", p.command))
			c.write(pdu{command: genericNack, status: statusBadCommand, sequence: p.sequence})
		}
	}
}

func (c *session) write(p pdu) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.conn.Write(p.bytes()) // a broken connection shows at the next read
}

func (c *session) reply(to pdu, status uint32, body []byte) {
	c.write(pdu{command: to.command | answer, status: status, sequence: to.sequence, body: body})
}

// bind checks the account and reports whether the connection may go on.
func (c *session) bind(p pdu) bool {
	f := fields{rest: p.body}
	id, password := f.text(16), f.text(9)
	f.text(13) // system_type
	version := f.octet()
	f.octets(2) // ton and npi
	f.text(41)  // address_range
	fault := ""
	switch {
	case f.err != nil:
		fault = f.err.Error()
	case c.bound != 0:
		fault = "bound twice"
	case id != SystemID || password != Password:
		fault = "wrong system_id or password"
	case version != 0x34 && version != 0x33:
		fault = "interface_version"
	}
	if fault != "" {
		c.server.Reject("bind", fault)
		c.reply(p, statusBindFailed, nil)
		return false
	}
	c.bound = p.command
	c.reply(p, statusOK, []byte("centre\x00"))
	c.server.Mu.Lock()
	defer c.server.Mu.Unlock()
	c.server.bound++
	c.server.Notify()
	return true
}

// submit takes one part of a message for a telephone.
func (c *session) submit(p pdu) {
	if c.bound == 0 || c.bound == bindReceiver {
		c.reply(p, statusNotBound, nil)
		return
	}
	s, err := readShort(p.body)
	if err != nil {
		c.server.Reject("submit_sm", err.Error())
		c.reply(p, statusBadLength, nil)
		return
	}
	if status, fault := checkSubmit(s); fault != "" {
		c.server.Reject("submit_sm", fault)
		c.reply(p, status, nil)
		return
	}
	id, status := c.server.take(s)
	if status != statusOK {
		c.reply(p, status, nil)
		return
	}
	c.reply(p, statusOK, append([]byte(id), 0))
	c.server.report(s, id)
}

// deliver hands the queue to the gateway, one after the other, until ctx ends.
func (c *session) deliver(ctx context.Context) {
	for {
		one := c.server.next(ctx)
		if one == nil {
			return
		}
		status, err := c.call(ctx, deliverSM, one.body.bytes())
		c.server.done(one, err == nil && status == statusOK)
		if err != nil || status != statusOK && standin.Pause(ctx, againWait) != nil {
			return
		}
	}
}

var errUnanswered = errors.New("no answer")

// call sends a command and waits for the status of its answer.
func (c *session) call(ctx context.Context, command uint32, body []byte) (status uint32, err error) {
	answered := make(chan uint32, 1)
	c.mu.Lock()
	c.sequence++
	sequence := c.sequence
	c.answers[sequence] = answered
	c.mu.Unlock()
	c.write(pdu{command: command, sequence: sequence, body: body})
	late := time.NewTimer(answerWait)
	defer late.Stop()
	select {
	case status := <-answered:
		return status, nil
	case <-late.C:
	case <-ctx.Done():
	}
	return 0, errUnanswered
}

func (c *session) answered(p pdu) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if waiting, ok := c.answers[p.sequence]; ok {
		delete(c.answers, p.sequence)
		waiting <- p.status
	} else {
		c.server.Reject("an answer to nothing")
	}
}
