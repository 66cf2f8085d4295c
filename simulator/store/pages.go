package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// bbolt trusts its pages: where one is damaged, it reads beyond the file, falls
// back to the world before the last change, or takes pages that are in use for
// free ones, and it does some of this on goroutines whose panic nobody can catch.
// So its pages are checked here before it looks at them. What is in them has
// checksums of its own (records.go).

// The layout of a page and of the two metas that begin the file. Numbers are in
// the byte order of the machine.
const (
	pageHead    = 16 // id, flags, count, overflow
	metaLength  = 64 // and the checksum
	elementSize = 16
	bucketHead  = 16

	branchPage = 0x01
	leafPage   = 0x02
	freePage   = 0x10

	bucketElement = 0x01

	noFreelist = ^uint64(0)
)

var order = binary.NativeEndian

// meta is one of the two heads of the file; the one with the higher transaction
// counts.
type meta struct {
	pageSize                         uint32
	root, freelist, end, transaction uint64
}

// readMeta reads a meta that must be whole. bbolt would go back to the other one,
// which it needs only where a crash tears a sector of a disk in two; here that
// would silently take back the last change.
func readMeta(page []byte) (meta, error) {
	m := page[pageHead:]
	sum := fnv.New64a()
	sum.Write(m[:metaLength-8])
	if order.Uint64(m[metaLength-8:]) != sum.Sum64() {
		return meta{}, errors.New("the checksum of its head is wrong")
	}
	return meta{
		pageSize: order.Uint32(m[8:]), root: order.Uint64(m[16:]),
		freelist: order.Uint64(m[32:]), end: order.Uint64(m[40:]), transaction: order.Uint64(m[48:]),
	}, nil
}

// pages walks through the pages of a file.
type pages struct {
	file io.ReaderAt
	size uint64 // of a page
	used []bool
}

// checkPages says what is wrong with the pages of a bbolt file that is locked.
func checkPages(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	head := make([]byte, pageHead+metaLength)
	if _, err := f.ReadAt(head, 0); err != nil {
		return err
	}
	last, err := readMeta(head)
	if err != nil {
		return err
	}
	if _, err := f.ReadAt(head, int64(last.pageSize)); err != nil {
		return err
	}
	other, err := readMeta(head)
	if err != nil {
		return err
	}
	if other.transaction > last.transaction {
		last, other = other, last
	}
	if last.transaction != other.transaction+1 || last.pageSize != other.pageSize || last.pageSize < 1024 {
		return errors.New("its two heads do not belong together")
	}
	if length := last.end * uint64(last.pageSize); length > uint64(info.Size()) {
		return fmt.Errorf("it has %d bytes and should have at least %d", info.Size(), length)
	}
	p := &pages{file: f, size: uint64(last.pageSize), used: make([]bool, last.end)}
	if err := p.tree(last.root, nil, nil); err != nil {
		return err
	}
	return p.free(last.freelist)
}

// page reads a page that nothing else refers to.
func (p *pages) page(id uint64) (page []byte, flags, count uint16, err error) {
	wrong := func(what string) ([]byte, uint16, uint16, error) {
		return nil, 0, 0, fmt.Errorf("page %d %s", id, what)
	}
	if id < 2 || id >= uint64(len(p.used)) {
		return wrong("is not in the file")
	}
	head := make([]byte, pageHead)
	if _, err := p.file.ReadAt(head, int64(id*p.size)); err != nil {
		return nil, 0, 0, err
	}
	length := 1 + uint64(order.Uint32(head[12:]))
	if order.Uint64(head) != id || length > uint64(len(p.used))-id {
		return wrong("is another one")
	}
	for i := id; i < id+length; i++ {
		if p.used[i] {
			return wrong("is used twice")
		}
		p.used[i] = true
	}
	page = make([]byte, length*p.size)
	if _, err := p.file.ReadAt(page, int64(id*p.size)); err != nil {
		return nil, 0, 0, err
	}
	return page, order.Uint16(head[8:]), order.Uint16(head[10:]), nil
}

// tree checks a page and what is below it: its keys are from least on, and before
// most, if that is given.
func (p *pages) tree(id uint64, least, most []byte) error {
	page, flags, count, err := p.page(id)
	if err != nil {
		return err
	}
	switch flags {
	case leafPage:
		if err := p.leaf(page, count, least, most); err != nil {
			return fmt.Errorf("page %d: %w", id, err)
		}
		return nil
	case branchPage:
		return p.branch(id, page, count, least, most)
	default:
		return fmt.Errorf("page %d is of an unknown kind", id)
	}
}

func (p *pages) branch(id uint64, page []byte, count uint16, least, most []byte) error {
	keys, children := make([][]byte, count), make([]uint64, count)
	for i := range keys {
		at := pageHead + i*elementSize
		if at+elementSize > len(page) {
			return fmt.Errorf("page %d: %w", id, errTooLong)
		}
		e := page[at:]
		key, err := part(e, order.Uint32(e), order.Uint32(e[4:]))
		if err != nil {
			return fmt.Errorf("page %d: %w", id, err)
		}
		keys[i], children[i] = key, order.Uint64(e[8:])
	}
	if count == 0 {
		return fmt.Errorf("page %d leads nowhere", id)
	}
	if err := ascending(keys, least, most); err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	for i, child := range children {
		end := most
		if i+1 < len(keys) {
			end = keys[i+1]
		}
		if err := p.tree(child, keys[i], end); err != nil {
			return err
		}
	}
	return nil
}

// leaf checks the elements of a leaf, and the buckets among them.
func (p *pages) leaf(page []byte, count uint16, least, most []byte) error {
	keys := make([][]byte, count)
	for i := range keys {
		at := pageHead + i*elementSize
		if at+elementSize > len(page) {
			return errTooLong
		}
		e := page[at:]
		pos, keyLength, valueLength := order.Uint32(e[4:]), order.Uint32(e[8:]), order.Uint32(e[12:])
		var err error
		if keys[i], err = part(e, pos, keyLength); err != nil {
			return err
		}
		value, err := part(e[keyLength:], pos, valueLength)
		if err != nil {
			return err
		}
		switch order.Uint32(e) {
		case 0:
		case bucketElement:
			if err := p.bucket(value); err != nil {
				return err
			}
		default:
			return errors.New("an element is of an unknown kind")
		}
	}
	return ascending(keys, least, most)
}

// bucket checks a bucket: a tree of pages, or a page within the value itself.
func (p *pages) bucket(value []byte) error {
	if len(value) < bucketHead {
		return errTooLong
	}
	if root := order.Uint64(value); root != 0 {
		return p.tree(root, nil, nil)
	}
	page := value[bucketHead:]
	if len(page) < pageHead || order.Uint16(page[8:]) != leafPage {
		return errors.New("a bucket has no page")
	}
	return p.leaf(page, order.Uint16(page[10:]), nil, nil)
}

// free checks the list of free pages, if there is one.
func (p *pages) free(id uint64) error {
	if id == noFreelist {
		return nil
	}
	page, flags, n, err := p.page(id)
	if err != nil {
		return err
	}
	count, ids := uint64(n), page[pageHead:]
	if count == 0xffff { // then it is in the first place
		count, ids = order.Uint64(ids), ids[8:]
	}
	if flags != freePage || count > uint64(len(ids))/8 {
		return errors.New("its list of free pages is none")
	}
	for ; count > 0; count, ids = count-1, ids[8:] {
		if free := order.Uint64(ids); free < 2 || free >= uint64(len(p.used)) || p.used[free] {
			return fmt.Errorf("page %d is not free", free)
		}
	}
	return nil
}

var errTooLong = errors.New("an element does not fit")

// part is the bytes of an element from a position on.
func part(element []byte, pos, length uint32) ([]byte, error) {
	if uint64(pos)+uint64(length) > uint64(len(element)) {
		return nil, errTooLong
	}
	return element[pos:][:length], nil
}

// ascending says whether keys are in order and in bounds; least and most may be nil.
func ascending(keys [][]byte, least, most []byte) error {
	for i, key := range keys {
		if len(key) == 0 || i == 0 && bytes.Compare(key, least) < 0 || i > 0 && bytes.Compare(key, keys[i-1]) <= 0 {
			return errors.New("its keys are not in order")
		}
	}
	if n := len(keys); n > 0 && most != nil && bytes.Compare(keys[n-1], most) >= 0 {
		return errors.New("its keys are not in order")
	}
	return nil
}
