// Package provider is the Pulumi side: resources, functions and configuration
// on top of package pictor, assembled in provider.go.
//
// A resource is a file for its inputs and outputs and one for each verb. The
// rules that all of them keep:
//
//   - Once a paid request has left, a machine is never lost: it is in the state
//     with its id, or under a provisional id that Read resolves.
//   - A paid request is never sent twice. The name, which Check chose and which
//     stands in the checkpoint before anything is paid, is looked up instead.
//   - A resource leaves the state only when its absence is proven.
package provider
