package reference_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/pulumi-pictor/pulumi-pictor/simulator/reference"
	"github.com/pulumi-pictor/pulumi-pictor/simulator/simtest"
)

// What a reader does: authorize, try an operation out, see the answer.
func TestAReaderTriesAnOperationOut(t *testing.T) {
	t.Parallel()
	sim := simtest.New(t, simtest.Credits(73))
	home := strings.TrimSuffix(sim.Endpoint, "/api")
	b := newBrowser(t)

	const (
		modal     = chromedp.CSS(`.modal-ux`)
		key       = chromedp.CSS(`#auth-bearer-value`)
		operation = `#operations-billing-getAccount `
	)
	b.do(
		chromedp.Navigate(home+reference.PagePath),
		click(`button.authorize`),
	)
	schemes := b.text(modal)
	b.do(
		chromedp.SendKeys(key, sim.APIKey),
		click(`form:has(`+key+`) button[type=submit]`),
		chromedp.WaitNotPresent(key), // it is kept now, and no longer shown
		click(`.modal-ux .close-modal`),
		click(operation+`.opblock-summary-control`),
	)
	// Executed before its references are resolved, which its example shows, an
	// operation never ends: the page sends nothing.
	example := b.text(operation + `[data-code="200"] .example`)
	b.do(click(operation + `button.execute`))
	answer := b.text(chromedp.CSS(operation + `.live-responses-table tr.response`))

	for _, scheme := range []string{"bearer (http, Bearer)", "header (apiKey)"} {
		if !strings.Contains(schemes, scheme) {
			t.Errorf("Authorize does not offer %s: %s", scheme, schemes)
		}
	}
	if !strings.Contains(example, `"balance"`) {
		t.Errorf("the operation's example is %s", example)
	}
	if !strings.HasPrefix(answer, "200") || !strings.Contains(answer, `"balance": "73"`) {
		t.Errorf("trying it out showed %s", answer)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, complaint := range b.complaints {
		t.Errorf("the browser complains: %s", complaint)
	}
	if len(b.requests) < 5 {
		t.Errorf("only %d requests were seen: %v", len(b.requests), b.requests)
	}
	for _, url := range b.requests {
		if !strings.HasPrefix(url, home+"/") && !strings.HasPrefix(url, "data:") {
			t.Errorf("the page asked another host: %s", url)
		}
	}
}

const patience = 2 * time.Minute // on however busy a machine

// browser is a headless Chromium that keeps book of what pages do.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	requests   []string
	complaints []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	switch {
	case err == nil:
	case os.Getenv("REQUIRE_ALL") == "1":
		t.Fatal("chromium is not on the PATH and REQUIRE_ALL=1 is set: install it (Debian: apt-get install chromium)")
	default:
		t.Skip("chromium is not on the PATH")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WindowSize(1280, 1600), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	b := &browser{t: t}
	b.ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(b.note))
	t.Cleanup(cancel)
	return b
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.fail(err)
	}
}

// click waits until an element is there and clicks it wherever it is: a click of
// the mouse at its place would miss while the page still moves.
func click(selector chromedp.CSS) chromedp.Action[chromedp.Void] {
	const clicked = "(e => e != null && !e.disabled && (e.click(), true))(document.querySelector(%q))"
	poll := chromedp.Poll[bool](fmt.Sprintf(clicked, selector), chromedp.WithPollingTimeout(patience))
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := poll(ctx, target)
		return chromedp.Void{}, err
	}
}

// text waits until an element is there and has its text, with single spaces.
func (b *browser) text(selector chromedp.CSS) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Poll[string](fmt.Sprintf("document.querySelector(%q)?.innerText", selector), chromedp.WithPollingTimeout(patience)))
	if err != nil {
		b.fail(err)
	}
	return strings.Join(strings.Fields(text), " ")
}

func (b *browser) fail(err error) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.t.Fatalf("%v; the browser had asked for %v and complained %v", err, b.requests, b.complaints)
}

func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *log.EventEntryAdded:
		b.complaints = append(b.complaints, e.Entry.Text)
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, e.ExceptionDetails.Text)
	}
}
