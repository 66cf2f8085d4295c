// Package dialect is the other ways in which the uncertain parts of Pictor's
// API could look: parts that the contract marks as inferred, because the
// reference could not be read. A sandbox that speaks one shows whether a program
// and the provider below it live with a guess that was wrong.
//
// The simulator thinks in the contract throughout. A [Dialect] stands between it
// and the wire, changes a request into the contract's ([Dialect.Request],
// [Dialect.Query]) and an answer out of it ([Dialect.Answer]), and keeps nothing.
// Each file is one uncertain part, and every variation is one that the client in
// provider/pictor claims to read.
//
// # For whoever puts it on the wire
//
//   - It goes around the check of requests, the handlers and the check of
//     answers, so that what is checked is the contract's own; and inside of what
//     spoils answers, since a broken wire breaks what travels on it.
//   - Refusals travel through it too: those of an unknown path, and as soon as
//     the sandbox is known those of the rate limit, which no operation answers.
//     What is not of the contract, such as a refusal that went through it
//     already, comes back as it is, so that two places may apply it.
//   - What only the engine can do it merely carries: [Dialect.WholeLists],
//     [Dialect.DeletesAtOnce], [Dialect.DuplicateNames],
//     [Dialect.IgnoreIdempotency], and ids of digits only for [IDNumbers].
package dialect
