package pictor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const (
	// perPage is what is asked for: the most that the contract allows.
	perPage = 100
	// usualPerPage is what comes when a service does not heed that: the
	// contract's default, which is Laravel's.
	usualPerPage = 15
	// mostPages ends a list that does not end.
	mostPages = 1000
	// mostWalks bounds how often a list is read again that changed under the reader.
	mostWalks = 4
)

// listing is how one kind of list is read.
type listing[T any] struct {
	call call
	id   func(T) ID
	// exact lists decide what exists: they are whole, or an error. Others may
	// miss an entry that moved between pages while they were read.
	exact bool
	build func(page int) (*http.Request, error)
}

// all reads every page. Entries that appear on two pages, because the list grew
// in between, are given once; if entries may have slipped through, because it
// shrank, it is read again.
func (l listing[T]) all(ctx context.Context, c *Client) ([]T, error) {
	for range mostWalks {
		w, err := l.walk(ctx, c)
		if err != nil || w.settled || !l.exact {
			return w.items, err
		}
	}
	return nil, l.broken("the list kept changing while it was read")
}

// walk is one reading of all pages.
type walk[T any] struct {
	items []T
	pages int
	// settled says that nothing changed in between.
	settled bool
}

// walk reads the pages once.
func (l listing[T]) walk(ctx context.Context, c *Client) (walk[T], error) {
	seen, total := map[ID]bool{}, -1
	w := walk[T]{settled: true}
	for number := 1; number <= mostPages; number++ {
		p, err := l.page(ctx, c, number)
		if err != nil {
			return walk[T]{}, err
		}
		if p.current > 0 && p.current != number {
			return walk[T]{}, l.broken(fmt.Sprintf("page %d was asked for, page %d came", number, p.current))
		}
		w.pages = number
		news := 0
		for _, item := range p.items {
			if id := l.id(item); !seen[id] {
				seen[id] = true
				w.items = append(w.items, item)
				news++
			}
		}
		if number > 1 && p.total != total {
			w.settled = false
		}
		total = p.total
		if !p.more(number) || (news == 0 && p.last == 0) {
			w.settled = w.settled && (number == 1 || total < 0 || total == len(w.items))
			return w, nil
		}
	}
	return walk[T]{}, l.broken(fmt.Sprintf("the list has more than %d pages", mostPages))
}

func (l listing[T]) page(ctx context.Context, c *Client, number int) (page[T], error) {
	var p page[T]
	l.call.accept = func(body []byte) (err error) {
		p, err = decodePage(body, l.id)
		return err
	}
	request, err := l.build(number)
	err = c.exchange(ctx, l.call, request, err)
	return p, err
}

func (l listing[T]) broken(why string) *Error {
	return &Error{Code: CodeUnavailable, Operation: l.call.operation, Message: why, Status: http.StatusOK, final: true}
}

// page is one page of a list and what it says of the others.
type page[T any] struct {
	items                []T
	current, last, total int // 0, 0, -1 if it does not say
	paged, next          bool
}

// more says whether there is a page after the nth.
func (p page[T]) more(n int) bool {
	switch {
	case p.last > 0:
		return n < p.last
	case p.paged:
		return p.next
	}
	// It does not say. A page that is as full as a page gets may not be the
	// last; the next one shows, by bringing nothing new.
	return len(p.items) >= perPage || len(p.items) == usualPerPage
}

// decodePage reads {"data", "links", "meta"}, {"data"}, a bare array, and
// Laravel's plain paginator, which has what is in meta beside the data.
func decodePage[T any](body []byte, id func(T) ID) (page[T], error) {
	p := page[T]{total: -1}
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return p, errEmpty
	}
	items := json.RawMessage(body)
	for depth := 0; depth < 2 && items[0] == '{'; depth++ {
		var envelope struct {
			Data  json.RawMessage `json:"data"`
			Links json.RawMessage `json:"links"`
			Meta  position        `json:"meta"`
			position
		}
		if err := json.Unmarshal(items, &envelope); err != nil {
			return p, err
		}
		if len(envelope.Data) == 0 {
			return p, errors.New("it is an object without data, not a list")
		}
		items = envelope.Data
		p.read(envelope.position)
		p.read(envelope.Meta)
		var links struct {
			Next *json.RawMessage `json:"next"`
		}
		if json.Unmarshal(envelope.Links, &links) == nil {
			p.paged = true
			p.next = p.next || links.Next != nil
		}
	}
	if items[0] != '[' {
		return p, errors.New("it is not a list")
	}
	if err := json.Unmarshal(items, &p.items); err != nil {
		return p, err
	}
	for _, item := range p.items {
		if id(item) == "" {
			return p, errors.New("an entry of the list has no id")
		}
	}
	return p, nil
}

// position is where in the list a page is.
type position struct {
	CurrentPage number          `json:"current_page"`
	LastPage    number          `json:"last_page"`
	Total       *number         `json:"total"`
	NextPageURL json.RawMessage `json:"next_page_url"`
}

func (p *page[T]) read(at position) {
	p.current = max(p.current, int(at.CurrentPage))
	p.last = max(p.last, int(at.LastPage))
	if at.Total != nil {
		p.total = int(*at.Total)
	}
	if len(at.NextPageURL) > 0 {
		p.paged, p.next = true, string(at.NextPageURL) != "null"
	}
}

// number is a whole number, also as a string; what cannot be read is 0.
type number int

func (n *number) UnmarshalJSON(b []byte) error {
	i, _ := strconv.Atoi(strings.Trim(string(b), `" `))
	*n = number(i)
	return nil
}
