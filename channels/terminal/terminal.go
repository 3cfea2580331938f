// Package terminal is a conversation on standard input and output: each line is a message.
package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"treem/channels"
)

// Channel reads messages from in and writes replies to out.
type Channel struct {
	in     io.Reader
	out    io.Writer
	now    func() time.Time
	mu     sync.Mutex // guards out
	cancel context.CancelFunc
	done   chan struct{}
	once   sync.Once
}

// New returns a terminal channel.
func New(in io.Reader, out io.Writer, now func() time.Time) *Channel {
	return &Channel{in: in, out: out, now: now, done: make(chan struct{})}
}

// Name implements channels.Channel.
func (c *Channel) Name() string { return "terminal" }

// person is whoever sits at the terminal.
func (c *Channel) person() channels.Address { return channels.Address{Channel: c.Name(), ID: "me"} }

// Start reads in the background until the input ends or Stop is called. A line that cannot be stored is said so.
func (c *Channel) Start(ctx context.Context, sink channels.Sink) error {
	ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go c.read(ctx, sink)
	return nil
}

// Done is closed when the input has ended.
func (c *Channel) Done() <-chan struct{} { return c.done }

func (c *Channel) read(ctx context.Context, sink channels.Sink) {
	defer close(c.done)
	lines := bufio.NewReaderSize(c.in, channels.MaxText)
	for n := 1; ctx.Err() == nil; n++ {
		line, err := lines.ReadString('\n')
		if line != "" {
			c.accept(ctx, sink, n, line)
		}
		if err != nil {
			return
		}
	}
}

func (c *Channel) accept(ctx context.Context, sink channels.Sink, n int, line string) {
	line = channels.CleanText(strings.TrimRight(line, "\r\n"))
	err := sink.Accept(ctx, channels.Inbound{ProviderID: strconv.Itoa(n), From: c.person(),
		Kind: channels.KindText, Text: line, SentAt: c.now()})
	if err != nil && ctx.Err() == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		fmt.Fprintf(c.out, "(not stored: %v; please send it again)\n", err)
	}
}

// Stop ends reading; a line being typed is not waited for.
func (c *Channel) Stop(context.Context) error {
	c.once.Do(func() {
		if c.cancel != nil {
			c.cancel()
		}
	})
	return nil
}

// Send prints one message.
func (c *Channel) Send(ctx context.Context, out channels.Outbound) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", &channels.SendError{Verdict: channels.Retry, Err: err}
	}
	if out.To != c.person() {
		return "", &channels.SendError{Verdict: channels.Fault, Code: "address", Err: errors.New("nobody of that address sits at this terminal")}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := fmt.Fprintf(c.out, "%s\n\n", out.Text); err != nil {
		return "", &channels.SendError{Verdict: channels.Fault, Err: err}
	}
	return out.ID, nil
}
