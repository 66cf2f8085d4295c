package contract

// Depth is how deeply the simulator imitates an operation.
type Depth string

// The depths.
const (
	Full    Depth = "full"
	Partial Depth = "partial"
	None    Depth = "none"
)

// Meaning is the one sentence that a depth stands for.
func (d Depth) Meaning() string {
	return map[Depth]string{
		Full:    "State, money and errors are as the contract says.",
		Partial: "As the contract says, but for what the note says is missing.",
		None:    "The operation has a route and is always refused.",
	}[d]
}

// imitation is what is said of one operation; partial ones say what is missing.
type imitation struct {
	depth   Depth
	missing string
}

// imitations is the whole table, by operationId. A test holds it to the contract
// and to the simulator's routes.
func imitations() map[string]imitation {
	const machines = "Only with --machines can a Linux machine be logged in to, at a port of 127.0.0.1: SSH with a small simulated shell, no SFTP. Nobody can log in to Windows."
	return map[string]imitation{
		"listOffers":    {depth: Full},
		"getOffer":      {depth: Full},
		"quoteInstance": {depth: Full},

		"listInstances":      {Partial, machines},
		"createInstance":     {Partial, machines + " A Windows password is checked and then forgotten."},
		"getInstance":        {Partial, machines},
		"updateInstance":     {depth: Full},
		"deleteInstance":     {depth: Full},
		"stopInstance":       {depth: Full},
		"startInstance":      {Partial, machines},
		"extendInstance":     {depth: Full},
		"setAutoRenew":       {depth: Full},
		"setInstanceSshKeys": {Partial, "The set is kept and shown; only with --machines is there a machine that lets its owners in."},

		"listSshKeys":  {depth: Full},
		"createSshKey": {depth: Full},
		"getSshKey":    {depth: Full},
		"updateSshKey": {depth: Full},
		"deleteSshKey": {depth: Full},

		"getAccount":       {depth: Full},
		"listTransactions": {depth: Full},
		"getInvoice":       {depth: Full},
	}
}
