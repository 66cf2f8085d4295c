package api

import (
	"context"
	"strconv"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// The sizes of a page in the contract.
const (
	defaultPerPage = 15
	maxPerPage     = 100
)

// part is the page of a list that was asked for.
type part struct {
	page, size int
	offset     int // how many entries come before it
}

// furthest is beyond the end of every list and far from overflowing.
const furthest = 1 << 40

func partOf(ctx context.Context, page, perPage *int) part {
	if from(ctx).Settings.Dialect.WholeLists() {
		return part{page: 1, size: furthest}
	}
	p := part{page: 1, size: defaultPerPage}
	if perPage != nil {
		p.size = *perPage
	}
	if page != nil {
		p.page = *page
	}
	p.offset = (min(p.page, furthest) - 1) * p.size
	return p
}

// links are the neighbours of the page in a list of total entries, in Laravel's
// manner.
func (p part) links(ctx context.Context, total int) (wire.PageLinks, wire.PageMeta) {
	last := max((total+p.size-1)/p.size, 1)
	url := from(ctx).url
	query := url.Query()
	query.Del("page")
	query.Set("per_page", strconv.Itoa(p.size))
	before := url.EscapedPath() + "?" + query.Encode() + "&page="
	link := func(n int) string { return before + strconv.Itoa(n) }
	links := wire.PageLinks{First: link(1), Last: link(last)}
	if p.page > 1 {
		prev := link(p.page - 1)
		links.Prev = &prev
	}
	if p.page < last {
		next := link(p.page + 1)
		links.Next = &next
	}
	return links, wire.PageMeta{CurrentPage: p.page, LastPage: last, PerPage: p.size, Total: total}
}

// paginate cuts the asked-for page out of a whole list.
func paginate[T any](ctx context.Context, all []T, page, perPage *int) ([]T, wire.PageLinks, wire.PageMeta) {
	p := partOf(ctx, page, perPage)
	links, meta := p.links(ctx, len(all))
	return all[min(p.offset, len(all)):min(p.offset+p.size, len(all))], links, meta
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
