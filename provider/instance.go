package provider

import (
	"strings"
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor"
)

const instanceToken = Name + ":index:Instance"

// Instance is a rented GPU machine.
type Instance struct{}

var (
	_ infer.CustomResource[InstanceArgs, InstanceState]       = (*Instance)(nil)
	_ infer.CustomCheck[InstanceArgs]                         = (*Instance)(nil)
	_ infer.CustomRead[InstanceArgs, InstanceState]           = (*Instance)(nil)
	_ infer.CustomDiff[InstanceArgs, InstanceState]           = (*Instance)(nil)
	_ infer.CustomUpdate[InstanceArgs, InstanceState]         = (*Instance)(nil)
	_ infer.CustomDelete[InstanceState]                       = (*Instance)(nil)
	_ infer.ExplicitDependencies[InstanceArgs, InstanceState] = (*Instance)(nil)
)

// InstanceArgs are the inputs of an Instance.
type InstanceArgs struct {
	Name            *string  `pulumi:"name,optional"`
	OS              *string  `pulumi:"os,optional"`
	GPUModel        *string  `pulumi:"gpuModel,optional"`
	GPUModels       []string `pulumi:"gpuModels,optional"`
	OfferID         *string  `pulumi:"offerId,optional"`
	GPUCount        *int     `pulumi:"gpuCount,optional"`
	StorageGB       *int     `pulumi:"storageGb,optional"`
	Country         *string  `pulumi:"country,optional"`
	MaxPricePerHour *string  `pulumi:"maxPricePerHour,optional"`
	CapacityWait    *string  `pulumi:"capacityWait,optional"`
	RentalHours     int      `pulumi:"rentalHours"`
	ExtensionHours  *int     `pulumi:"extensionHours,optional"`
	AutoRenew       *bool    `pulumi:"autoRenew,optional"`
	SSHKeyIDs       []string `pulumi:"sshKeyIds,optional"`
	WindowsPassword *string  `pulumi:"windowsPassword,optional" provider:"secret"`
	DesiredStatus   *string  `pulumi:"desiredStatus,optional"`
	WaitFor         *string  `pulumi:"waitFor,optional"`

	Group *InstanceGroup `pulumi:"group,optional"`
}

// Annotate describes the inputs.
func (i *InstanceArgs) Annotate(a infer.Annotator) {
	a.Describe(&i.Name, "Name of the instance, unique within the account: 1 to 63 letters, digits, spaces, dots, underscores or hyphens. "+
		"By default the resource's name with a random suffix. With a name of your own, a replacement deletes the old instance first. Can be changed in place.")
	a.Describe(&i.OS, "Operating system: `linux` (log in over SSH with `sshKeyIds`) or `windows` (Windows 10, log in over RDP with `windowsPassword`).")
	a.SetDefault(&i.OS, "linux")
	a.Describe(&i.GPUModel, "GPU model, such as `RTX 4090`; upper and lower case are the same. By default any model.")
	a.Describe(&i.GPUModels, "GPU models that will do, the most wanted first, such as `[\"RTX 5090\", \"RTX 4090\"]`, instead of `gpuModel`. "+
		"Rented is the cheapest offer of the first model that has one; the output `gpuModel` says which it was. Changing the list changes nothing as long as the rented model is still in it.")
	a.Describe(&i.OfferID, "Rent from exactly this offer, such as one that `getOffers` found. By default the cheapest offer that fits.")
	a.Describe(&i.GPUCount, "Number of GPUs, 1 to 16, all in one machine.")
	a.SetDefault(&i.GPUCount, 1)
	a.Describe(&i.StorageGB, "Storage in GB, 10 to 65536. Costs 0.2 credits per GB and month until the instance is deleted, running or not.")
	a.SetDefault(&i.StorageGB, 50)
	a.Describe(&i.Country, "Country of the host (ISO 3166-1 alpha-2, such as `DE`). By default any.")
	a.Describe(&i.MaxPricePerHour, "Most that all GPUs together may cost an hour, in credits, as a decimal string such as `\"0.75\"`. "+
		"Nothing dearer is rented. Should the price rise in the moment of renting, the machine is kept, and every run fails until this is raised or the machine deleted. "+
		"Changing it changes nothing that is rented already.")
	a.Describe(&i.CapacityWait, "How long to wait when no offer fits, such as `30m` or `2h`: the market is looked at again and again until one does. "+
		"By default creating fails at once, and says which offers come nearest. Creating may then take that much longer; a `customTimeouts` of create limits both. Changing it changes nothing that is rented already.")
	a.Describe(&i.RentalHours, "Rental period in whole hours, 1 to 8760. It is paid for in advance, and auto-renew repeats it. "+
		"To add hours to a running rental raise `extensionHours`: changing this replaces the instance.")
	a.Describe(&i.ExtensionHours, "Hours added to the rental period so far. Raising it adds, and pays for, the difference; it cannot be lowered.")
	a.SetDefault(&i.ExtensionHours, 0)
	a.Describe(&i.AutoRenew, "Renew for `rentalHours` more whenever the rental period ends, as long as the credits last. Without it the instance is terminated then.")
	a.SetDefault(&i.AutoRenew, false)
	a.Describe(&i.SSHKeyIDs, "SSH keys (`SshKey` ids) that a Linux instance lets in. Can be changed in place.")
	a.Describe(&i.WindowsPassword, "Password of the user `user` on Windows: at least 10 characters with an upper-case letter, a lower-case letter, a digit and a symbol. "+
		"By default one is made, and kept as a secret in the state. Another password replaces the instance.")
	a.Describe(&i.DesiredStatus, "`running` or `stopped`. Stopping pauses the rental period and keeps the storage and its fee; starting may change the IP address.")
	a.SetDefault(&i.DesiredStatus, "running")
	a.Describe(&i.Group, "Makes the machine a member of a group, whose machines are spread over hosts or countries, or packed, and may have a ceiling of price together. "+
		"It counts when the machine is rented: changing it later is recorded, and moves and renames nothing.")
	a.Describe(&i.WaitFor, "What a create, a start and an update wait for: `none` (it is rented, and comes up by itself), `running` (Pictor says that it runs; the default) or "+
		"`ssh` (its SSH server answers, as seen from where Pulumi runs; for Linux). A machine that runs may need a while until it lets one in: with `ssh` what logs in next does not meet a closed door. "+
		"Nothing is logged in to, so no key is needed. With `none` and with `extensionHours`, or with `desiredStatus` `stopped`, it is waited for all the same, as only a running machine can be extended or stopped. "+
		"Changing it changes nothing that is rented already: it counts from the next start.")
}

// InstanceState is everything Pulumi knows of an Instance.
type InstanceState struct {
	InstanceArgs

	InstanceID           string     `pulumi:"instanceId"`
	AccountID            string     `pulumi:"accountId"`
	Status               string     `pulumi:"status"`
	StatusReason         string     `pulumi:"statusReason"`
	Host                 Host       `pulumi:"host"`
	GPUVRAMGB            int        `pulumi:"gpuVramGb"`
	VCPUs                int        `pulumi:"vcpus"`
	RAMGB                int        `pulumi:"ramGb"`
	HourlyPrice          string     `pulumi:"hourlyPrice"`
	PrepaidTotal         string     `pulumi:"prepaidTotal"`
	StoragePricePerMonth string     `pulumi:"storagePricePerMonth"`
	CostSoFar            string     `pulumi:"costSoFar"`
	ExtendedHours        int        `pulumi:"extendedHours"`
	CountedHours         *int       `pulumi:"countedHours,optional"`
	ExtendingFrom        *int       `pulumi:"extendingFrom,optional"`
	ExtendingSince       *string    `pulumi:"extendingSince,optional"`
	Connection           Connection `pulumi:"connection"`
	CreatedAt            string     `pulumi:"createdAt"`
	ExpiresAt            *string    `pulumi:"expiresAt,optional"`

	SSHHostKey            *string `pulumi:"sshHostKey,optional"`
	SSHHostKeyFingerprint *string `pulumi:"sshHostKeyFingerprint,optional"`
}

// Annotate describes the outputs.
func (s *InstanceState) Annotate(a infer.Annotator) {
	a.Describe(&s.InstanceID, "The instance's id at Pictor. Empty while it is not known whether the rental took place.")
	a.Describe(&s.AccountID, "The account that rents it.")
	a.Describe(&s.Status, "Status when it was last read: `pending`, `provisioning`, `running`, `stopping`, `stopped`, `starting`, `deleting`, `terminated` or `error`.")
	a.Describe(&s.StatusReason, "Why it has this status, where there is something to say.")
	a.Describe(&s.Host, "The physical machine.")
	a.Describe(&s.GPUVRAMGB, "Memory of one GPU in GB.")
	a.Describe(&s.VCPUs, "Virtual CPU cores.")
	a.Describe(&s.RAMGB, "Main memory in GB.")
	a.Describe(&s.HourlyPrice, "Credits an hour for all GPUs together (1 credit = 1 USD). Known at preview.")
	a.Describe(&s.PrepaidTotal, "Credits that one rental period costs, paid in advance: `hourlyPrice` times `rentalHours`. Known at preview.")
	a.Describe(&s.StoragePricePerMonth, "Credits for the storage per month of 30 days.")
	a.Describe(&s.CostSoFar, "Credits charged so far, when it was last read.")
	a.Describe(&s.ExtendedHours, "Hours added to the rental so far, by whomever.")
	a.Describe(&s.CountedHours, "`extendedHours` when `extensionHours` was last counted: by what came since, an extension is known that a run sent which was killed.")
	a.Describe(&s.ExtendingFrom, "Set while it is not known whether an extension took place: `extendedHours` before it was asked for.")
	a.Describe(&s.ExtendingSince, "Set while it is not known whether an extension took place: when it was asked for (RFC 3339).")
	a.Describe(&s.Connection, "How to log in. Its fields are empty unless the instance is running.")
	a.Describe(&s.CreatedAt, "When it was rented (RFC 3339); when that was asked for, while it is not known whether it was.")
	a.Describe(&s.ExpiresAt, "When the rental period ends or renews (RFC 3339). Absent while it stands still.")
	a.Describe(&s.SSHHostKey, "The key by which the machine's SSH server is known, in OpenSSH's one-line form (`ssh-ed25519 AAAA…`), as for a `known_hosts` file. "+
		"Seen with `waitFor: ssh` at the first connection, which nothing vouches for; absent otherwise, and once the machine was stopped or has another address, until it is seen again.")
	a.Describe(&s.SSHHostKeyFingerprint, "The fingerprint of `sshHostKey` (`SHA256:…`), as `ssh` shows it.")
}

// Host is the physical machine of an offer or an instance.
type Host struct {
	ID          string  `pulumi:"id"`
	Name        string  `pulumi:"name"`
	Country     string  `pulumi:"country"`
	City        string  `pulumi:"city"`
	Reliability float64 `pulumi:"reliability"`
}

// Annotate describes a host.
func (h *Host) Annotate(a infer.Annotator) {
	a.Describe(&h, "A physical machine.")
	a.Describe(&h.ID, "The host's id.")
	a.Describe(&h.Name, "The host's name.")
	a.Describe(&h.Country, "Country (ISO 3166-1 alpha-2).")
	a.Describe(&h.City, "City.")
	a.Describe(&h.Reliability, "Share of the last 30 days in which the host was up, 0 to 1.")
}

// Connection is how to log in to an instance.
type Connection struct {
	Protocol string `pulumi:"protocol"`
	Host     string `pulumi:"host"`
	Port     int    `pulumi:"port"`
	Username string `pulumi:"username"`
	Command  string `pulumi:"command"`
}

// Annotate describes a connection.
func (c *Connection) Annotate(a infer.Annotator) {
	a.Describe(&c, "How to log in to an instance.")
	a.Describe(&c.Protocol, "`ssh` or `rdp`.")
	a.Describe(&c.Host, "IP address. May change when a stopped instance is started.")
	a.Describe(&c.Port, "TCP port.")
	a.Describe(&c.Username, "User to log in as.")
	a.Describe(&c.Command, "A command that connects, such as `ssh root@198.51.100.7`.")
}

// Annotate describes the resource.
func (i *Instance) Annotate(a infer.Annotator) {
	a.Describe(&i, `A GPU machine rented from Pictor.

The rental period is paid for in advance. Creating waits until the machine runs, for at most 30 minutes; an update may take 30 minutes too,
a delete 15, until the machine is completely gone. `+"`customTimeouts`"+` says otherwise. Whoever breaks a wait off loses nothing: once it is rented it stays in the state whatever happens, so that it is never paid for unseen. Deleting gives nothing back and destroys the storage.`)
}

// WireDependencies says which outputs a preview cannot know: those that follow
// from an input that changes. Without it switching auto-renew would seem to
// change the address. A price that the preview has found is known.
func (i *Instance) WireDependencies(f infer.FieldSelector, args *InstanceArgs, state *InstanceState) {
	moving := []infer.InputField{f.InputField(&args.DesiredStatus).Computed()}
	f.OutputField(&state.Status).DependsOn(moving...)
	f.OutputField(&state.Connection).DependsOn(moving...)
	f.OutputField(&state.ExpiresAt).DependsOn(append(moving, f.InputField(&args.ExtensionHours).Computed())...)
	f.OutputField(&state.CostSoFar).DependsOn(f.InputField(&args.ExtensionHours).Computed())
	f.OutputField(&state.ExtendedHours).DependsOn(f.InputField(&args.ExtensionHours).Computed())
	seeing := append(moving, f.InputField(&args.WaitFor).Computed())
	f.OutputField(&state.SSHHostKey).DependsOn(seeing...)
	f.OutputField(&state.SSHHostKeyFingerprint).DependsOn(seeing...)
	f.OutputField(&state.WindowsPassword).AlwaysSecret()
	if state.HourlyPrice != "" {
		f.OutputField(&state.HourlyPrice).AlwaysKnown()
		f.OutputField(&state.PrepaidTotal).AlwaysKnown()
	}
}

// observe writes what is read of an instance into the state. What the program
// asks for and the service does not tell (password, ceiling, hours of extension)
// stays.
func (s *InstanceState) observe(inst pictor.Instance) {
	if s.InstanceID == "" {
		s.judgePrice(inst)
	}
	see(&s.Name, inst.Name)
	see(&s.OS, strings.ToLower(strings.TrimSpace(string(inst.Os))))
	see(&s.GPUModel, inst.GpuModel)
	see(&s.OfferID, string(inst.OfferId))
	see(&s.GPUCount, inst.GpuCount)
	see(&s.StorageGB, inst.StorageGb)
	see(&s.Country, inst.Host.Country)
	if inst.RentalHours > 0 {
		s.RentalHours = inst.RentalHours
	}
	s.AutoRenew = &inst.AutoRenew
	s.SSHKeyIDs = keyIDs(inst.SshKeyIds)
	s.DesiredStatus = desiredStatus(inst.Status, s.DesiredStatus)

	s.InstanceID = string(inst.Id)
	s.Status = string(pictor.NormalStatus(inst.Status))
	s.StatusReason = pictor.Redact(inst.StatusReason, value(s.WindowsPassword))
	s.Host = hostOf(inst.Host)
	s.GPUVRAMGB = inst.GpuVramGb
	s.VCPUs, s.RAMGB = inst.Vcpus, inst.RamGb
	s.HourlyPrice = inst.PricePerHour.String()
	s.PrepaidTotal = (inst.PricePerHour * pictor.Credits(inst.RentalHours)).String()
	s.StoragePricePerMonth = inst.StoragePricePerMonth.String()
	s.CostSoFar = inst.CostSoFar.String()
	s.ExtendedHours = inst.ExtendedHours
	s.connect(connectionOf(inst.Connection))
	s.CreatedAt = inst.CreatedAt.Format(time.RFC3339)
	s.ExpiresAt = nil
	if inst.ExpiresAt != nil {
		s.ExpiresAt = new(inst.ExpiresAt.Format(time.RFC3339))
	}
}

// see takes over what the service tells; what it leaves out stays as it was.
func see[T comparable](known **T, told T) {
	var nothing T
	if told != nothing {
		*known = &told
	}
}

// desiredStatus is what a status amounts to as an input; a status that is
// neither up nor down leaves the old wish.
func desiredStatus(s pictor.InstanceStatus, old *string) *string {
	switch pictor.NormalStatus(s) {
	case pictor.StatusRunning, pictor.StatusStarting:
		return new(string(pictor.StatusRunning))
	case pictor.StatusStopped, pictor.StatusStopping:
		return new(string(pictor.StatusStopped))
	default:
		return old
	}
}

func hostOf(h pictor.Host) Host {
	return Host{ID: string(h.Id), Name: h.Name, Country: h.Country, City: h.City, Reliability: h.Reliability}
}

// connectionOf is empty, not absent, when there is none: a program that reads a
// field of it goes on working while the instance is stopped.
func connectionOf(c *pictor.Connection) Connection {
	if c == nil {
		return Connection{}
	}
	return Connection{Protocol: string(c.Protocol), Host: c.Host, Port: c.Port, Username: c.Username, Command: c.Command}
}

func keyIDs(ids []pictor.ID) []string {
	var out []string
	for _, id := range ids {
		out = append(out, string(id))
	}
	return out
}
