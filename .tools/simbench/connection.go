//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
)

// connection is one HTTP/1.1 connection with one request under way at a time.
//
// The client shares the processors with the server that it measures. So it
// writes requests whose bytes are ready and of an answer reads the status, the
// length and the body, with no map of headers and, unless the answer comes in
// chunks, no allocation. net/http's client costs more than the bare server;
// fasthttp's would do, but wants newer versions of what Pulumi imports, and the
// tools would no longer share compiled packages with the provider.
type connection struct {
	conn net.Conn
	in   *bufio.Reader
	body []byte
}

// dial connects; the connection breaks when the context ends.
func dial(ctx context.Context, addr string) (*connection, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	return &connection{conn: conn, in: bufio.NewReaderSize(conn, 32<<10)}, nil
}

func (c *connection) close() { c.conn.Close() }

// do sends a request and returns the body of its answer, which is good until
// the next one. Any other status than the expected one is an error.
func (c *connection) do(r request) ([]byte, error) {
	if _, err := c.conn.Write(r.bytes); err != nil {
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	status, err := c.readAnswer()
	if err != nil {
		return nil, fmt.Errorf("%s: cannot read the answer: %w", r, err)
	}
	if status != r.want {
		return nil, fmt.Errorf("%s: the answer is %d, not %d: %s", r, status, r.want, bytes.TrimSpace(c.body))
	}
	return c.body, nil
}

func (c *connection) readAnswer() (status int, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, fmt.Errorf("%q is no status line", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, fmt.Errorf("%q is no status line", line)
	}
	length, chunked := -1, false
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return 0, err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, fmt.Errorf("%q: %w", line, err)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
	switch {
	case chunked:
		return status, c.readChunks()
	case length >= 0:
		if cap(c.body) < length {
			c.body = make([]byte, length)
		}
		c.body = c.body[:length]
		_, err = io.ReadFull(c.in, c.body)
		return status, err
	default:
		return 0, fmt.Errorf("the answer %d has no length", status)
	}
}

func (c *connection) readChunks() error {
	body := bytes.NewBuffer(c.body[:0])
	_, err := body.ReadFrom(httputil.NewChunkedReader(c.in))
	c.body = body.Bytes()
	if err != nil {
		return err
	}
	_, err = c.in.ReadSlice('\n') // the empty line behind the last chunk
	return err
}
