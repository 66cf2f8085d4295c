package pictor

import (
	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// The nouns of the contract. They are the generated types themselves, so that
// callers import this package only.
type (
	// ID is the opaque identifier of an offer, an instance, an SSH key or a transaction.
	ID = wire.ID
	// Credits is an exact amount of money in millionths of a credit.
	Credits = wire.Credits
	// OS is an operating system: [Linux] or [Windows].
	OS = wire.OS
	// Host is the physical machine behind an offer or an instance.
	Host = wire.Host
	// Offer is a host of the market and what one of its GPUs costs.
	Offer = wire.Offer
	// OfferSort is an order of the offers.
	OfferSort = wire.ListOffersParamsSort
	// QuoteRequest is what would be rented.
	QuoteRequest = wire.QuoteRequest
	// Quote is what a rental would cost.
	Quote = wire.Quote
	// Instance is a rented machine.
	Instance = wire.Instance
	// InstanceCreate is the specification of a rental, a name, and how to log in.
	InstanceCreate = wire.InstanceCreate
	// InstanceStatus is where an instance is in its life. Names that the
	// contract does not know are kept as they came; see [NormalStatus].
	InstanceStatus = wire.InstanceStatus
	// Connection is how to log in to an instance.
	Connection = wire.Connection
	// ConnectionProtocol is [SSH] or [RDP].
	ConnectionProtocol = wire.ConnectionProtocol
	// SshKey is a public key of the account.
	SshKey = wire.SshKey
	// SshKeyCreate is a public key to add.
	SshKeyCreate = wire.SshKeyCreate
	// Account is the owner of the API key and the balance.
	Account = wire.Account
	// Transaction is one change of the balance.
	Transaction = wire.Transaction
	// TransactionType says what kind of change it was.
	TransactionType = wire.TransactionType
)

// Credit is one credit, which is one US dollar.
const Credit = wire.Credit

// Operating systems.
const (
	Linux   = wire.OSLinux
	Windows = wire.OSWindows
)

// Protocols to log in with.
const (
	SSH = wire.ConnectionProtocolSsh
	RDP = wire.ConnectionProtocolRdp
)

// Statuses of an instance.
const (
	StatusPending      = wire.InstanceStatusPending
	StatusProvisioning = wire.InstanceStatusProvisioning
	StatusRunning      = wire.InstanceStatusRunning
	StatusStopping     = wire.InstanceStatusStopping
	StatusStopped      = wire.InstanceStatusStopped
	StatusStarting     = wire.InstanceStatusStarting
	StatusDeleting     = wire.InstanceStatusDeleting
	StatusTerminated   = wire.InstanceStatusTerminated
	StatusError        = wire.InstanceStatusError
)

// Types of a transaction.
const (
	TransactionPayment    = wire.TransactionTypePayment
	TransactionCharge     = wire.TransactionTypeCharge
	TransactionPromotion  = wire.TransactionTypePromotion
	TransactionRefund     = wire.TransactionTypeRefund
	TransactionAdjustment = wire.TransactionTypeAdjustment
)

// Orders of the offers.
const (
	SortPrice           = wire.ListOffersParamsSortPrice
	SortPriceDown       = wire.ListOffersParamsSortMinusPrice
	SortReliability     = wire.ListOffersParamsSortReliability
	SortReliabilityDown = wire.ListOffersParamsSortMinusReliability
	SortVram            = wire.ListOffersParamsSortVram
	SortVramDown        = wire.ListOffersParamsSortMinusVram
)

// ParseCredits reads a decimal number of credits, such as "10.08". Money is
// never rounded: more than six decimal places are an error.
func ParseCredits(s string) (Credits, error) { return wire.ParseCredits(s) }
