package pictor

import "strings"

// IsDeleted tells whether a status says that an instance is completely gone, of a
// service that goes on showing it.
func IsDeleted(status InstanceStatus) bool {
	word := strings.ToLower(strings.TrimSpace(string(status)))
	return word == "deleted" || word == "destroyed" || word == "removed"
}

// NormalStatus gives a status in the contract's word, also where a service has
// another one for it: which words Pictor uses is inferred, so those of RunPod,
// Vast.ai, Lambda, Verda, Hyperstack, Hetzner, DigitalOcean and OpenStack are
// known too. Compare with this, never with the status as it came: Pictor's own
// pages write "Running". A word that is not known comes back in lower case.
func NormalStatus(status InstanceStatus) InstanceStatus {
	word := strings.ToLower(strings.TrimSpace(string(status)))
	switch strings.NewReplacer(" ", "_", "-", "_").Replace(word) {
	case "new", "created", "creating", "queued", "ordered", "requested", "scheduling", "scheduled", "allocating", "waiting":
		return StatusPending
	case "initializing", "initialising", "building", "build", "deploying", "installing", "preparing", "launching", "loading", "setting_up", "validating":
		return StatusProvisioning
	case "active", "on", "up", "online", "started", "powered_on", "ready":
		return StatusRunning
	case "shutting_down", "powering_off", "pausing", "suspending", "hibernating", "halting":
		return StatusStopping
	case "off", "shutoff", "shut_off", "shutdown", "powered_off", "poweroff", "halted", "paused", "suspended", "hibernated", "exited", "inactive":
		return StatusStopped
	case "booting", "rebooting", "reboot", "restarting", "resuming", "unpausing", "powering_on":
		return StatusStarting
	case "destroying", "terminating", "removing", "releasing":
		return StatusDeleting
	// What has ended is replaced, so these words must mean nothing else.
	case "expired", "ended", "deleted", "destroyed", "removed":
		return StatusTerminated
	case "failed", "errored", "failure", "provisioning_failed", "installation_failed":
		return StatusError
	}
	return InstanceStatus(word)
}
