package main_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"treem/bot/store/pgtest"

	"github.com/jackc/pgx/v5"
)

// TestCrashPostgres runs two programs on one PostgreSQL database behind a load balancer, kills them in turn, cuts their
// connections, crashes the server and fills its disk, while people keep writing on Telegram and by SMS, and shows that
// every accepted message is answered, and answered once unless something was cut off between a send and its record.
func TestCrashPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills the built program; not with -short")
	}
	t.Parallel() // with others of its kind, for they wait most of the time
	server := pgtest.Start(t)
	c := newCrash(t)
	database := server.Database()
	c.env = append(c.env, "TREEM_DATABASE="+database, "TREEM_SECRET_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
	c.expected = regexp.MustCompile(`.`) // the database fails on purpose; what people get is what counts
	c.kills = int(setting(t, "TREEM_CRASH_KILLS", 6))
	balancer := newBalancer(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	enough, stop := context.WithCancel(ctx)
	defer stop()
	messages := c.goOn(enough, crashMessages(t))
	var writers sync.WaitGroup
	var chats, telephones int
	writers.Go(func() { chats = c.writeTelegram(ctx, messages) })
	writers.Go(func() { telephones = c.writeSMS(ctx, messages) })

	running := [2]*process{balancer.start(ctx, 0), balancer.start(ctx, 1)}
	balancer.await(ctx)
	troubles := []struct {
		name string
		make func()
	}{
		{"connections cut", func() {
			if err := server.CutConnections(); err != nil {
				t.Error(err)
			}
		}},
		{"server crashed", func() { server.Kill(); server.Run() }},
		{"disk full", func() {
			if err := server.Query(database, filler); err != nil {
				t.Error(err)
			}
			server.LimitFiles(2 << 20) // the log of changes fits, the table of messages cannot grow
			balancer.awaitRefusal(ctx)
			server.LimitFiles(0)
		}},
	}
	for i := range c.kills {
		c.pause(ctx, 100, 2500)
		if i%2 == 0 {
			one := troubles[i/2%len(troubles)]
			one.make()
			t.Log(one.name)
			c.pause(ctx, 100, 1000)
		}
		running[i%2].killIfAlive()
		c.pause(ctx, 100, 1000) // the other goes on alone
		running[i%2] = balancer.start(ctx, i%2)
	}
	stop()
	writers.Wait()
	c.waitUntilAllAnswered(ctx, chats, telephones)
	for i, p := range running {
		if p.over() { // it had been starting while the database was gone: whoever watches over it starts it again
			p = balancer.start(ctx, i)
			balancer.await(ctx)
		}
		p.stop()
	}
	c.uncertain = uncertain(ctx, t, database)
	c.report(chats + telephones)
}

// goOn yields texts in turn until ctx ends: people write on through every trouble, however long it lasts.
func (c *crash) goOn(ctx context.Context, texts []string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := 0; ctx.Err() == nil && yield(i, texts[i%len(texts)]); i++ {
			c.pauseWith(ctx, 120*time.Millisecond)
		}
	}
}

// over says whether the program has ended by itself.
func (p *process) over() bool {
	select {
	case err := <-p.done:
		p.done <- err
		return true
	default:
		return false
	}
}

// killIfAlive is kill, but lets a program have ended by itself.
func (p *process) killIfAlive() {
	if p.over() {
		<-p.done
		p.ended()
		return
	}
	p.kill()
}

// filler makes the table of messages larger than the disk will be.
const filler = `INSERT INTO inbox (conversation_id, channel, provider_id, received_at, handled_at)
	SELECT (SELECT MIN(id) FROM conversations), 'filler', repeat('x', 200) || n, 0, 0 FROM generate_series(1, 15000) n`

// uncertain counts the replies that may have been sent before the one that counts.
func uncertain(ctx context.Context, t *testing.T, database string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, `SELECT COALESCE(SUM(tries - 1), 0) FROM outbox WHERE uncertain`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// balancer gives each request to one of two programs, and to the other if the first does not take it.
type balancer struct {
	c         *crash
	addresses [2]string
	folders   [2]string
	next      atomic.Int64
	refused   atomic.Int64 // requests that a program answered with an error of its own
}

func newBalancer(t *testing.T, c *crash) *balancer {
	b := &balancer{c: c, addresses: [2]string{freeAddress(t), freeAddress(t)}, folders: [2]string{t.TempDir(), t.TempDir()}}
	l, err := net.Listen("tcp", strings.TrimPrefix(c.public, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: b.addresses[b.next.Add(1)%2]})
			r.Out.Host = r.In.Host
		},
		Transport: b,
		ErrorLog:  log.New(io.Discard, "", 0),
	}}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close() })
	return b
}

// RoundTrip tries one program and then the other.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	for range b.addresses {
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			if resp.StatusCode >= 500 {
				b.refused.Add(1)
			}
			return resp, nil
		}
		r.URL.Host = b.addresses[b.next.Add(1)%2]
	}
	return nil, fmt.Errorf("neither program answers")
}

func (b *balancer) start(ctx context.Context, n int) *process {
	env := b.c.env
	defer func() { b.c.env = env }()
	b.c.env = append(append([]string{}, env...), "TREEM_LISTEN="+b.addresses[n], "TREEM_DATA_DIR="+b.folders[n])
	return b.c.start(ctx)
}

// await waits until one of the programs serves.
func (b *balancer) await(ctx context.Context) {
	for b.c.metric(ctx, "treem_waiting") == "" && ctx.Err() == nil {
		b.c.pauseWith(ctx, 50*time.Millisecond)
	}
}

// awaitRefusal waits until a program has refused something.
func (b *balancer) awaitRefusal(ctx context.Context) {
	before := b.refused.Load()
	for b.refused.Load() == before && ctx.Err() == nil {
		b.c.pauseWith(ctx, 20*time.Millisecond)
	}
}
