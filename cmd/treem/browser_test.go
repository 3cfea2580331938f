package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// browserPatience is how long a test waits for anything to show in the browser.
const browserPatience = 60 * time.Second

// browserRig is the running service and a real Chromium that people use it with.
type browserRig struct {
	app     *App
	address string           // of the front
	front   *httptest.Server // what people reach the service through: taken away, they have lost the network
	neutral *httptest.Server // where quick exit leads
	chrome  context.Context
	axe     string
}

// newBrowserRig starts both. Where Chromium or axe-core is not installed the test is skipped, unless
// TREEM_REQUIRE_ENGINES is set.
func newBrowserRig(t *testing.T) *browserRig {
	t.Helper()
	lack := func(format string, args ...any) {
		t.Helper()
		if os.Getenv("TREEM_REQUIRE_ENGINES") != "" {
			t.Fatalf(format, args...)
		}
		t.Skipf(format, args...)
	}
	var binary string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			binary = found
			break
		}
	}
	if binary == "" {
		lack("uses a real browser; to install it run: apt-get install chromium")
	}
	axe, err := os.ReadFile(filepath.Join("..", "..", ".ci", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		lack("checks pages with axe-core; to install it run: npm ci --prefix .ci")
	}
	r := &browserRig{axe: string(axe)}
	r.neutral = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<title>weather</title><p id=weather>sunny</p>")
	}))
	t.Cleanup(r.neutral.Close)
	cfg := testConfig(t)
	cfg.Web.QuickExit = r.neutral.URL + "/"
	r.app = openTestApp(t, cfg)
	r.front = r.newFront(t)
	r.address = r.front.URL
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(binary), chromedp.NoSandbox,
		chromedp.Flag("lang", "vi"))
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	chrome, quit := chromedp.NewContext(allocator)
	t.Cleanup(quit)
	if err := chromedp.Do(chrome); err != nil {
		t.Fatalf("start %s: %v", binary, err)
	}
	r.chrome = chrome
	return r
}

// newFront is another way to the service, with an address of its own.
func (r *browserRig) newFront(t *testing.T) *httptest.Server {
	t.Helper()
	u, err := url.Parse(r.app.Address())
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(&httputil.ReverseProxy{FlushInterval: -1,
		Rewrite:  func(p *httputil.ProxyRequest) { p.SetURL(u); p.Out.Host = p.In.Host },
		ErrorLog: log.New(io.Discard, "", 0)})
	t.Cleanup(front.Close)
	return front
}

// tab is one page of one person, with cookies of its own.
type tab struct {
	*testing.T
	ctx context.Context
	rig *browserRig

	mu    sync.Mutex
	loads []*network.EventResponseReceived
	bytes map[network.RequestID]float64 // as they came over the line
}

func (r *browserRig) newTab(t *testing.T, width, height int64, before ...step) *tab {
	t.Helper()
	ctx, done := chromedp.NewContext(r.chrome, chromedp.WithNewBrowserContext())
	t.Cleanup(done)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	b := &tab{T: t, ctx: ctx, rig: r, bytes: map[network.RequestID]float64{}}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	b.run(command(network.Enable, network.EnableParams{}),
		chromedp.EmulateViewport(width, height, chromedp.EmulateMobile, chromedp.EmulateTouch))
	b.run(before...)
	return b
}

// note keeps what the page loaded.
func (b *tab) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventResponseReceived:
		b.loads = append(b.loads, e)
	case *network.EventLoadingFinished:
		b.bytes[e.RequestID] = e.EncodedDataLength
	}
}

// step is one thing a person or the browser does.
type step = chromedp.Action[chromedp.Void]

// command is a step of the browser's protocol.
func command[P, R any](c cdp.Command[P, R], params P) step {
	return func(ctx context.Context, t *chromedp.Target) (v chromedp.Void, err error) {
		_, err = cdp.Call(ctx, t, c, params)
		return v, err
	}
}

func (b *tab) run(steps ...step) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.Fatalf("%v\npage: %s", err, b.text())
	}
}

func (b *tab) text() string {
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

func (b *tab) open(path string) {
	b.Helper()
	b.run(chromedp.Navigate(b.rig.address + path))
}

// see waits until an element of the page holds the text.
func (b *tab) see(text string) {
	b.Helper()
	b.run(chromedp.WaitReady(fmt.Sprintf(`//main//*[contains(., %q)]`, text)))
}

// write types a message and sends it with the button, as one does on a phone.
func (b *tab) write(text string) {
	b.Helper()
	b.run(chromedp.SendKeys(chromedp.ID("text"), text), chromedp.Click(chromedp.CSS("#ask button")))
}

func (b *tab) press(label string) {
	b.Helper()
	b.run(chromedp.Click(fmt.Sprintf(`(//button[contains(., %q)])[last()]`, label)))
}

// is evaluates an expression of the page.
func is[T any](b *tab, expression string) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return out
}

// await evaluates an expression that promises a value.
func await[T any](b *tab, expression string) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return out
}

func (b *tab) cookies() []*network.Cookie {
	b.Helper()
	found, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (network.GetCookiesResult, error) {
		return cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{URLs: []string{b.rig.address + "/"}})
	})
	if err != nil {
		b.Fatal(err)
	}
	return found.Cookies
}

// elsewhere is the same person on another device: an HTTP client with the same session.
func (b *tab) elsewhere() *http.Client {
	b.Helper()
	p := person(b.T)
	u, err := url.Parse(b.rig.address)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range b.cookies() {
		p.Jar.SetCookies(u, []*http.Cookie{{Name: c.Name, Value: c.Value}})
	}
	return p
}

// noScript lets a page run no script, like an old or careful browser.
func noScript() step {
	return command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// online gives the page a network or takes it away.
func online(on bool) step {
	return command(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1}}})
}

func dark() step {
	return command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
}

// violation is one thing axe finds wrong.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// accessible checks the page against WCAG 2.2 A and AA with axe, and that it fits the width of the screen. Meanwhile the
// screen is as high as the page: what has only been scrolled beneath a fixed bar is not hidden.
func (b *tab) accessible(what string) {
	b.Helper()
	b.run(chromedp.WaitReady(chromedp.CSS("main")))
	size := is[[]int64](b, `[innerWidth, innerHeight, document.documentElement.scrollHeight]`)
	b.run(chromedp.EmulateViewport(size[0], max(size[1], size[2]), chromedp.EmulateMobile, chromedp.EmulateTouch))
	defer b.run(chromedp.EmulateViewport(size[0], size[1], chromedp.EmulateMobile, chromedp.EmulateTouch))
	const check = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
		.then((r) => JSON.stringify({violations: r.violations, passes: r.passes.length}))`
	b.run(chromedp.Evaluate[chromedp.Void](b.rig.axe + ";0"))
	out := await[string](b, check)
	var found struct {
		Violations []violation `json:"violations"`
		Passes     int         `json:"passes"`
	}
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		b.Fatal(err)
	}
	if found.Passes < 8 {
		b.Errorf("%s: axe found only %d rules to apply; was the page there?", what, found.Passes)
	}
	for _, v := range found.Violations {
		for _, n := range v.Nodes {
			b.Errorf("%s: %s (%s): %s\n  %s\n  %s", what, v.ID, v.Impact, v.Help, n.HTML, n.Summary)
		}
	}
	if w := is[[]float64](b, `[document.documentElement.scrollWidth, innerWidth]`); w[0] > w[1]+1 {
		b.Errorf("%s: the page is %v px wide on a screen of %v", what, w[0], w[1])
	}
}

// picture keeps a screenshot in the folder that TREEM_SCREENSHOTS names; without it nothing is kept.
func (b *tab) picture(name string) { b.shoot(name, page.CaptureScreenshotParams{}) }

// pictureWhole is picture of the page from top to bottom.
func (b *tab) pictureWhole(name string) {
	whole := true
	b.shoot(name, page.CaptureScreenshotParams{CaptureBeyondViewport: &whole})
}

func (b *tab) shoot(name string, how page.CaptureScreenshotParams) {
	b.Helper()
	dir := os.Getenv("TREEM_SCREENSHOTS")
	if dir == "" {
		return
	}
	shot, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (page.CaptureScreenshotResult, error) {
		return cdp.Call(ctx, t, page.CaptureScreenshot, how)
	})
	err = errors.Join(err, os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, name+".png"), shot.Data, 0o644))
	if err != nil {
		b.Fatal(err)
	}
}
