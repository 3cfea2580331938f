package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"treem/channels/channelstest/telegramserver"
	"treem/channels/channelstest/twilioserver"
)

// TestCrash kills the built program with SIGKILL at random moments while people keep writing on Telegram and by SMS,
// starts it again, and shows that every accepted message is answered, and answered once unless a crash fell between a
// send and its record. TREEM_CRASH_SEED and TREEM_CRASH_KILLS repeat or lengthen a run.
func TestCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills the built program; not with -short")
	}
	t.Parallel() // with others of its kind, for they wait most of the time
	c := newCrash(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	messages := crashMessages(t)
	var writers sync.WaitGroup
	writers.Go(func() { c.writeTelegram(ctx, slices.All(messages)) })
	writers.Go(func() { c.writeSMS(ctx, slices.All(messages)) })
	for range c.kills {
		p := c.start(ctx)
		c.pause(ctx, 100, 2500)
		p.kill()
	}
	p := c.start(ctx)
	writers.Wait()
	c.waitUntilAllAnswered(ctx, len(messages), len(messages))
	p.stop()
	c.report(2 * len(messages))
}

// crash is one run: the stand-ins, the program's environment and what its logs said.
type crash struct {
	t         *testing.T
	binary    string
	env       []string
	public    string
	telegram  *telegramserver.Server
	twilio    *twilioserver.Server
	random    *rand.Rand
	kills     int
	mu        sync.Mutex
	uncertain int            // replies that were being sent when the program died, as it says itself at the next start
	doubtful  int            // notices, the same
	expected  *regexp.Regexp // lines of the log that may be errors; nil: none
}

func newCrash(t *testing.T) *crash {
	t.Helper()
	seed := setting(t, "TREEM_CRASH_SEED", uint64(time.Now().UnixNano()))
	t.Logf("seed %d (TREEM_CRASH_SEED repeats it)", seed)
	c := &crash{t: t, random: rand.New(rand.NewPCG(seed, 1)), kills: int(setting(t, "TREEM_CRASH_KILLS", 6)), telegram: telegramserver.Start(t)}
	c.binary = buildProgram(t)
	address := freeAddress(t)
	c.public = "http://" + address
	c.twilio = twilioserver.Start(t)
	c.env = append(cleanEnvironment(), "TREEM_DATA_DIR="+t.TempDir(), "TREEM_LISTEN="+address, "TREEM_PUBLIC_URL="+c.public,
		"TREEM_TELEGRAM_TOKEN="+telegramserver.Token, "TREEM_TELEGRAM_API_URL="+c.telegram.URL(),
		"TREEM_TWILIO_ACCOUNT_SID="+twilioserver.AccountSID, "TREEM_TWILIO_AUTH_TOKEN="+twilioserver.AuthToken,
		"TREEM_TWILIO_FROM="+twilioserver.Number, "TREEM_TWILIO_API_URL="+c.twilio.URL(), "TREEM_STOP_LIMIT=10s",
		"TREEM_TWILIO_PER_SECOND=1000")
	return c
}

func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// cleanEnvironment is the test's own without settings of the program.
func cleanEnvironment() []string {
	var env []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "TREEM_") {
			env = append(env, pair)
		}
	}
	return env
}

func buildProgram(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "treem")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// freeAddress finds a free port below those that the system gives to outgoing connections: while the program is dead
// one of these could take it.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)))
		if err != nil {
			continue
		}
		defer l.Close()
		return l.Addr().String()
	}
	t.Fatal("no free port")
	return ""
}

// crashMessages are the shared examples where they stand beside the repository, else a few of our own.
func crashMessages(t *testing.T) []string {
	t.Helper()
	var texts []string
	for _, name := range []string{"../../../shared/questions/examples.jsonl", "../../../shared/triage/examples.jsonl"} {
		f, err := os.Open(name)
		if err != nil {
			return readLines(t, "testdata/crash-messages.txt")
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var one struct{ Text string }
			if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, one.Text)
		}
	}
	return texts
}

func readLines(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// The nth writer's chat and telephone number. Each message has a writer of its own, so that replies tell which message
// they answer.
func chat(n int) int64        { return int64(5_000_000 + n) }
func telephone(n int) string  { return fmt.Sprintf("+8490%07d", n) }
func messageSID(n int) string { return fmt.Sprintf("SM%032x", n+1) }

// writeTelegram sends messages, each from a chat of its own, and returns how many.
func (c *crash) writeTelegram(ctx context.Context, messages iter.Seq2[int, string]) (n int) {
	for i, text := range messages {
		c.telegram.PushText(chat(i), text)
		c.pauseWith(ctx, rand.N(60*time.Millisecond))
		n++
	}
	return n
}

// writeSMS sends messages, each from a telephone of its own until it is accepted, and returns how many.
func (c *crash) writeSMS(ctx context.Context, messages iter.Seq2[int, string]) (n int) {
	for i, text := range messages {
		for ctx.Err() == nil && c.twilio.Deliver(ctx, c.public+"/twilio/sms", messageSID(i), telephone(i), text) != nil {
			c.pauseWith(ctx, 50*time.Millisecond) // not accepted: Twilio sends it again
		}
		n++
	}
	return n
}

// pause waits for a random time between two numbers of milliseconds.
func (c *crash) pause(ctx context.Context, from, to int) {
	c.pauseWith(ctx, time.Duration(from+c.random.IntN(to-from))*time.Millisecond)
}

func (c *crash) pauseWith(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// process is one life of the program.
type process struct {
	c    *crash
	cmd  *exec.Cmd
	log  *bytes.Buffer
	done chan error
}

func (c *crash) start(ctx context.Context) *process {
	c.t.Helper()
	p := &process{c: c, cmd: exec.CommandContext(ctx, c.binary), log: &bytes.Buffer{}, done: make(chan error, 1)}
	p.cmd.Env, p.cmd.Stderr = c.env, p.log
	if err := p.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	return p
}

var (
	sentTwice = regexp.MustCompile(`maybe_sent_twice=(\d+)`)
	toldTwice = regexp.MustCompile(`maybe_told_twice=(\d+)`)
)

// ended reads the log of a life that is over.
func (p *process) ended() {
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	for _, m := range sentTwice.FindAllStringSubmatch(p.log.String(), -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			p.c.t.Fatal(err)
		}
		p.c.uncertain += n
	}
	for _, m := range toldTwice.FindAllStringSubmatch(p.log.String(), -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			p.c.t.Fatal(err)
		}
		p.c.doubtful += n
	}
	for line := range strings.Lines(p.log.String()) {
		if strings.Contains(line, "level=ERROR") && (p.c.expected == nil || !p.c.expected.MatchString(line)) {
			p.c.t.Errorf("the program logged an error: %s", line)
		}
	}
}

func (p *process) kill() {
	err := p.cmd.Process.Kill()
	<-p.done // from here on nobody writes to the log
	if err != nil {
		p.c.t.Errorf("the program had ended before it was killed: %v\n%s", err, p.log)
	}
	p.ended()
}

// stop asks the program to end as systemd would.
func (p *process) stop() {
	if err := errors.Join(p.cmd.Process.Signal(syscall.SIGTERM), <-p.done); err != nil {
		p.c.t.Errorf("stopping: %v\n%s", err, p.log)
	}
	p.ended()
}

// answers counts the replies each person got, by text.
func (c *crash) answers() (telegram, sms map[string]map[string]int) {
	telegram, sms = map[string]map[string]int{}, map[string]map[string]int{}
	add := func(to map[string]map[string]int, person, text string) {
		if to[person] == nil {
			to[person] = map[string]int{}
		}
		to[person][text]++
	}
	for _, m := range c.telegram.Sent() {
		add(telegram, m.Chat, m.Text)
	}
	for _, m := range c.twilio.Sent() {
		add(sms, m.To, m.Body)
	}
	return telegram, sms
}

// waitUntilAllAnswered waits until so many people on Telegram and by SMS have an answer and nothing is in hand.
func (c *crash) waitUntilAllAnswered(ctx context.Context, chats, telephones int) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		telegram, sms := c.answers()
		if len(telegram) == chats && len(sms) == telephones && c.telegram.Pending() == 0 && c.idle(ctx) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			c.t.Fatalf("of %d people %d got an answer on Telegram, of %d people %d by SMS; %d updates wait", chats, len(telegram), telephones, len(sms), c.telegram.Pending())
		}
	}
}

// idle asks the program whether anything still waits to be sent.
func (c *crash) idle(ctx context.Context) bool { return c.metric(ctx, "treem_waiting") == "0" }

// metric asks the program for one of its numbers; empty: it does not answer.
func (c *crash) metric(ctx context.Context, name string) string {
	req, err := http.NewRequestWithContext(ctx, "GET", c.public+"/metrics", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if n, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return n
		}
	}
	return ""
}

func (c *crash) report(messages int) {
	telegram, sms := c.answers()
	repeated := 0
	for _, all := range []map[string]map[string]int{telegram, sms} {
		for _, texts := range all {
			for _, n := range texts {
				repeated += n - 1
			}
		}
	}
	c.t.Logf("%d kills; %d messages answered of %d; %d replies repeated, %d were being sent when the program died",
		c.kills, len(telegram)+len(sms), messages, repeated, c.uncertain)
	if repeated > c.uncertain {
		c.t.Errorf("%d replies were repeated but only %d sends were cut off by a crash", repeated, c.uncertain)
	}
	if rejected := append(c.telegram.Rejected(), c.twilio.Rejected()...); len(rejected) > 0 {
		c.t.Errorf("malformed calls: %v", rejected)
	}
}
