package contract

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// prober sends a probe's requests, one after the other.
type prober struct {
	ProbeConfig
	base       *url.URL
	operations map[string]operation
	words      vocabulary
	report     ProbeReport
}

// noSuchID is an id that no service can have given.
const noSuchID = "pictor-sim-probe-no-such-id"

// all sends everything that is to be seen.
func (p *prober) all(ctx context.Context) error {
	if err := p.account(ctx); err != nil {
		return err
	}
	if _, err := p.ask(ctx, question{operation: "getAccount", why: "a request without a key", want: http.StatusUnauthorized, noKey: true}); err != nil {
		return err
	}
	for _, pair := range []struct{ list, item, parameter, what string }{
		{"listOffers", "getOffer", "offer_id", "an offer of the list"},
		{"listInstances", "getInstance", "instance_id", "an instance of the list"},
		{"listSshKeys", "getSshKey", "ssh_key_id", "a key of the list"},
		{"listTransactions", "getInvoice", "transaction_id", "the invoice of a transaction of the list"},
	} {
		list, err := p.ask(ctx, question{operation: pair.list, why: "the list", want: http.StatusOK})
		if err != nil {
			return err
		}
		item := question{operation: pair.item, why: pair.what, want: http.StatusOK}
		if list.status < 200 || list.status >= 300 {
			p.skip(item, "the list could not be read")
			continue
		}
		id, ok := firstID(list.body)
		if !ok {
			p.skip(item, "the list has no entry with an id")
			continue
		}
		item.parameter, item.value = pair.parameter, id
		if _, err := p.ask(ctx, item); err != nil {
			return err
		}
	}
	if err := p.onePerPage(ctx); err != nil {
		return err
	}
	_, err := p.ask(ctx, question{operation: "getInstance", why: "an instance that there is not", want: http.StatusNotFound, parameter: "instance_id", value: noSuchID})
	if err != nil {
		return err
	}
	return p.sawSomething()
}

// sawSomething says whether any answer was one of the API: a service that is down,
// or is another one, says nothing of the contract.
func (p *prober) sawSomething() error {
	for _, check := range p.report.Checks {
		if check.Skipped == "" && check.Status != http.StatusNotFound && check.Status < http.StatusInternalServerError {
			return nil
		}
	}
	return fmt.Errorf("%s: nothing of the API answers there: GET /account has HTTP status %d, and none of %d requests another one than 404 or 5xx; check the endpoint, and that the service is up",
		p.base, p.report.Checks[0].Status, p.report.Requests)
}

// account reads the account first. Where that fails, what comes after says nothing
// of the contract: only of the key, or of a service that is busy.
func (p *prober) account(ctx context.Context) error {
	account, err := p.ask(ctx, question{operation: "getAccount", why: "the account", want: http.StatusOK})
	if err != nil {
		return err
	}
	switch at := "GET /account at " + p.base.String(); account.status {
	case 0:
		return fmt.Errorf("%s: the service answered %d requests in a row with HTTP status %d, too many requests; wait a few minutes and try again, or give a longer --pause",
			at, p.report.Requests, http.StatusTooManyRequests)
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%s: the key was refused with HTTP status %d; check that it is complete and valid, that it is one for this service, and that the service takes it in this header, which --header names",
			at, account.status)
	}
	return nil
}

// onePerPage sees whether pages are as long as they are asked for.
func (p *prober) onePerPage(ctx context.Context) error {
	page, err := p.ask(ctx, question{operation: "listOffers", why: "a page of one entry", want: http.StatusOK, query: "per_page=1"})
	if err != nil || page.status != http.StatusOK {
		return err
	}
	check := &p.report.Checks[len(p.report.Checks)-1]
	check.Differences = []Difference{} // all others are those of the list
	if n := len(entries(page.body)); n > 1 {
		check.Differences = []Difference{{Path: "per_page", Reason: "is not heeded: one entry was asked for and there are more", Times: 1}}
	}
	return nil
}

// question is a request that is going to be sent.
type question struct {
	operation        string
	why              string
	want             int
	parameter, value string // of the path
	query            string
	noKey            bool
}

// answer is what came back; body is nil unless it is JSON, and status is 0 when
// the request was skipped.
type answer struct {
	status int
	body   any
}

func (p *prober) check(q question) *Check {
	p.report.Checks = append(p.report.Checks, Check{
		Operation: q.operation, Request: http.MethodGet + " " + p.operations[q.operation].path, Why: q.why, Differences: []Difference{},
	})
	return &p.report.Checks[len(p.report.Checks)-1]
}

func (p *prober) skip(q question, why string) { p.leaveOut(p.check(q), why) }

func (p *prober) leaveOut(check *Check, why string) {
	check.Skipped = why
	p.report.Skipped++
}

// ask sends a request, again while the service asks for patience, and judges
// the answer.
func (p *prober) ask(ctx context.Context, q question) (answer, error) {
	check := p.check(q)
	for {
		if p.report.Requests == maxRequests {
			p.leaveOut(check, fmt.Sprintf("a probe sends at most %d requests, and some had to be repeated", maxRequests))
			return answer{}, nil
		}
		if p.report.Requests > 0 {
			if err := p.wait(ctx, p.Pause); err != nil {
				return answer{}, fmt.Errorf("before %s: %w", check.Request, err)
			}
		}
		resp, body, err := p.send(ctx, q)
		if err != nil {
			return answer{}, fmt.Errorf("%s at %s: %w", check.Request, p.base, err)
		}
		if resp.StatusCode == http.StatusTooManyRequests {
			if err := p.wait(ctx, retryAfter(resp.Header, p.Now())); err != nil {
				return answer{}, fmt.Errorf("the service asked for patience at %s: %w", check.Request, err)
			}
			continue
		}
		check.Status = resp.StatusCode
		j := judge{operation: p.operations[q.operation], want: q.want, words: p.words}
		check.Differences = j.judge(resp, body)
		return answer{resp.StatusCode, j.body}, nil
	}
}

// wait sleeps, or says at once that the time does not suffice.
func (p *prober) wait(ctx context.Context, d time.Duration) error {
	if end, ok := ctx.Deadline(); ok && p.Now().Add(d).After(end) {
		return fmt.Errorf("to wait %s is longer than the probe may take: %w", d.Round(time.Millisecond), context.DeadlineExceeded)
	}
	return p.Sleep(ctx, d)
}

// maxBody is how much of an answer is read.
const maxBody = 8 << 20

// send sends one request. There is no other place that does, and no other method.
func (p *prober) send(ctx context.Context, q question) (*http.Response, []byte, error) {
	op := p.operations[q.operation]
	u := p.base.JoinPath(strings.ReplaceAll(op.path, "{"+q.parameter+"}", url.PathEscape(q.value)))
	u.RawQuery = q.query
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, nil, errors.New("the address cannot be made")
	}
	req.Header.Set("Accept", acceptable(op))
	req.Header.Set("User-Agent", "pictor-sim contract probe")
	if !q.noKey {
		key := strings.TrimSpace(p.APIKey)
		if strings.EqualFold(p.Header, "Authorization") {
			key = "Bearer " + key
		}
		req.Header.Set(p.Header, key)
	}
	p.report.Requests++
	resp, err := p.HTTP.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the address, which can have an id in it
		}
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return resp, body, err
}

// redactedError is an error in whose text the key stood.
type redactedError struct {
	error
	text string
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Unwrap() error { return e.error }

// withoutKey takes the key out of an error: net/http quotes what it cannot read, and a
// service may have echoed the key there.
func (p *prober) withoutKey(err error) error {
	if err == nil {
		return nil
	}
	key := strings.TrimSpace(p.APIKey)
	quoted := strconv.Quote(key)
	text := strings.NewReplacer(key, "[redacted]", quoted[1:len(quoted)-1], "[redacted]").Replace(err.Error())
	if text == err.Error() {
		return err
	}
	return &redactedError{err, text}
}

// acceptable is the Accept header: what the contract says, and JSON for errors.
func acceptable(op operation) string {
	kind := mediaType(op, http.StatusOK)
	if kind == "application/json" {
		return kind
	}
	return kind + ", application/json;q=0.9"
}

// retryAfter is how long a service wants to be left alone; a second when it does
// not say.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), 24*3600)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return time.Second
}

// firstID is the id of a list's first entry, whatever the list looks like.
func firstID(list any) (string, bool) {
	for _, entry := range entries(list) {
		object, _ := entry.(map[string]any)
		switch id := cmp.Or(object["id"], object["uuid"]).(type) {
		case string:
			return id, id != "" && id != "." && id != ".."
		case json.Number:
			return id.String(), true
		}
	}
	return "", false
}
