package pictor

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// longestBody bounds what is read of an answer: the market may be long.
const longestBody = 8 << 20

var errTooLong = errors.New("the answer is longer than 8 MiB")

// transmit sends the request over the network and reads the answer to its end.
func transmit(transport http.RoundTripper) link {
	kept, fresh := transport, transport
	if kept == nil {
		kept = ownTransport()
	}
	t, plain := kept.(*http.Transport)
	if plain {
		single := t.Clone()
		single.DisableKeepAlives = true
		fresh = single
	}
	return func(handler) handler {
		return func(ctx context.Context, x *exchange) (*answer, error) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			var connected atomic.Bool
			request := x.request.Clone(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
				GotConn:      func(httptrace.GotConnInfo) { connected.Store(true) },
				WroteHeaders: func() { connected.Store(true) },
			}))
			if x.request.GetBody != nil {
				body, err := x.request.GetBody()
				if err != nil {
					return nil, err
				}
				request.Body = body
			}
			carrier := kept
			if x.once {
				// See the package's documentation: net/http must not be able to
				// send it twice.
				carrier, request.GetBody = fresh, nil
			}
			response, err := carrier.RoundTrip(request)
			if err != nil {
				// net/http reports every connection; of another transport only
				// a failed dial proves that nothing left.
				x.left = connected.Load() || !plain && !dialFailed(err)
				return nil, err
			}
			x.left = true
			return read(x, response), nil
		}
	}
}

// ownTransport is Go's own, with HTTPS_PROXY.
func ownTransport() *http.Transport {
	own := http.DefaultTransport.(*http.Transport).Clone()
	own.MaxIdleConnsPerHost = 16 // a fleet polls in parallel
	return own
}

// read takes the answer in.
func read(x *exchange, response *http.Response) *answer {
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, longestBody+1))
	if len(body) > longestBody {
		body, err = body[:longestBody], errTooLong
	}
	x.answer = &answer{status: response.StatusCode, header: response.Header, body: body, cut: err}
	return x.answer
}

// dialFailed says whether an error is of the time before there was a connection.
func dialFailed(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || errors.As(err, &dns)
}
