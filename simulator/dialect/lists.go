package dialect

import (
	"encoding/json"
	"strings"
)

// Lists is the form of a list. The contract's is Laravel's for API resources.
type Lists string

// The forms of a list.
const (
	ListPaged  Lists = ""       // {data, links, meta}
	ListData   Lists = "data"   // {data}, the whole list
	ListBare   Lists = "bare"   // an array, the whole list
	ListFlat   Lists = "flat"   // Laravel's paginate(): what is in meta stands beside data
	ListSimple Lists = "simple" // Laravel's simplePaginate(): the same, without a total or a last page
	ListNested Lists = "nested" // {data: {data, links, meta}}
)

// page is a page of the contract.
type page struct {
	data        []any
	links, meta object
}

func pageOf(value any) (p page, ok bool) {
	o, _ := value.(object)
	data, isList := o["data"].([]any)
	links, hasLinks := o["links"].(object)
	meta, hasMeta := o["meta"].(object)
	return page{data, links, meta}, isList && hasLinks && hasMeta
}

func (l Lists) answer(p page) any {
	switch l {
	case ListData:
		return object{"data": p.data}
	case ListBare:
		return p.data
	case ListFlat:
		o := p.simple()
		o["last_page"], o["total"] = p.meta["last_page"], p.meta["total"]
		o["last_page_url"] = p.links["last"]
		o["links"] = []any{
			object{"url": p.links["prev"], "label": "Previous", "active": false},
			object{"url": p.links["next"], "label": "Next", "active": false},
		}
		return o
	case ListSimple:
		return p.simple()
	case ListNested:
		return object{"data": p.paged()}
	default:
		return p.paged()
	}
}

func (p page) paged() object {
	return object{"data": p.data, "links": p.links, "meta": p.meta}
}

func (p page) simple() object {
	first, _ := p.links["first"].(string)
	path, _, _ := strings.Cut(first, "?")
	o := object{
		"data": p.data, "path": path, "current_page": p.meta["current_page"], "per_page": p.meta["per_page"],
		"first_page_url": p.links["first"], "prev_page_url": p.links["prev"], "next_page_url": p.links["next"],
		"from": nil, "to": nil,
	}
	if len(p.data) > 0 {
		before := (whole(p.meta["current_page"]) - 1) * whole(p.meta["per_page"])
		o["from"], o["to"] = before+1, before+int64(len(p.data))
	}
	return o
}

func whole(value any) int64 {
	number, _ := value.(json.Number)
	n, _ := number.Int64()
	return n
}
