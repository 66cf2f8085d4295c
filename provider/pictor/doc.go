// Package pictor is the Pictor API: the contract (openapi.yaml) and the client.
//
// Every path, parameter and field name comes from the contract, through the
// generated package wire; the few header names that the contract does not know
// stand in headers.go. The package knows nothing of Pulumi.
//
// # Failures
//
// Every error is an [*Error] with a [Code]. A code means one thing only:
//
//   - [CodeAmbiguous] means that a request which pays or adds something may or
//     may not have been acted upon. Look before you send it again.
//   - After such a request every other code means that it was certainly not
//     acted upon.
//   - [CodeNotFound] says what one server answered, no more. [IsGone] tells an
//     API's 404 from that of a proxy or a web server.
//
// # Again
//
// Reads and writes that set a state are sent again, with jittered backoff,
// after 429, 5xx and a failed connection. What pays or adds something
// (CreateInstance, ExtendInstance, CreateSshKey) is sent again only if the
// request certainly was not acted upon, and certainly means one of these:
//
//   - No connection was made: the name did not resolve, the connection was
//     refused, the TLS handshake failed. Nothing of the request left.
//   - The service answered 429, which it decides before it looks at a request.
//
// Everything else that is neither a 2xx answer that can be read nor a 4xx
// refusal is ambiguous: every 5xx, also a 503 with Retry-After, because a proxy
// says it of a request that it has already passed on; 408; a 302 or 303, which
// frameworks send after success; an answer that was lost, cut off or cannot be
// read; a timeout once the request may have left. A cancelled context keeps such
// a request from being sent, or sent again, but does not break off one that is
// under way.
//
// Such a request also gets a connection of its own. On a kept-alive one the
// other side's closing can cross the request, and net/http would then send a
// request that carries an Idempotency-Key a second time by itself.
package pictor
