package api

import (
	"context"
	"strconv"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

const defaultPerPage = 15

// paginate cuts the asked-for page out of a list, in Laravel's manner.
func paginate[T any](ctx context.Context, all []T, page, perPage *int) ([]T, wire.PageLinks, wire.PageMeta) {
	size, current := defaultPerPage, 1
	if perPage != nil {
		size = *perPage
	}
	if page != nil {
		current = *page
	}
	last := max((len(all)+size-1)/size, 1)
	begin := len(all)
	if current <= last { // beyond it the product may overflow
		begin = (current - 1) * size
	}
	end := min(begin+size, len(all))

	url := *from(ctx).url
	link := func(n int) string {
		q := url.Query()
		q.Set("page", strconv.Itoa(n))
		url.RawQuery = q.Encode()
		return url.RequestURI()
	}
	links := wire.PageLinks{First: link(1), Last: link(last)}
	if current > 1 {
		prev := link(current - 1)
		links.Prev = &prev
	}
	if current < last {
		next := link(current + 1)
		links.Next = &next
	}
	return all[begin:end], links, wire.PageMeta{CurrentPage: current, LastPage: last, PerPage: size, Total: len(all)}
}

// mapped converts each element of a list; the result is never nil, so that it
// is written as [] and not as null.
func mapped[A, B any](list []A, convert func(A) B) []B {
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = convert(a)
	}
	return out
}
