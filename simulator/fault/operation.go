package fault

import "slices"

// operation is what a plan has to know of an operation of the contract.
type operation struct {
	id       string
	about    bool // one thing, whose id is in the path or, when it is new, its name in the body
	instance bool // an instance that is there already
	reads    bool // and changes nothing
}

// operations are those of the contract, in its order; a test holds them against it.
var operations = []operation{
	{id: "listOffers", reads: true},
	{id: "getOffer", about: true, reads: true},
	{id: "quoteInstance", reads: true},
	{id: "listInstances", reads: true},
	{id: rent, about: true},
	{id: "getInstance", about: true, instance: true, reads: true},
	{id: "updateInstance", about: true, instance: true},
	{id: "deleteInstance", about: true, instance: true},
	{id: "stopInstance", about: true, instance: true},
	{id: "startInstance", about: true, instance: true},
	{id: "extendInstance", about: true, instance: true},
	{id: "setAutoRenew", about: true, instance: true},
	{id: "setInstanceSshKeys", about: true, instance: true},
	{id: "listSshKeys", reads: true},
	{id: "createSshKey", about: true},
	{id: "getSshKey", about: true, reads: true},
	{id: "updateSshKey", about: true},
	{id: "deleteSshKey", about: true},
	{id: "getAccount", reads: true},
	{id: "listTransactions", reads: true},
	{id: "getInvoice", about: true, reads: true},
}

// rent is the operation that rents.
const rent = "createInstance"

func find(id string) (operation, bool) {
	i := slices.IndexFunc(operations, func(o operation) bool { return o.id == id })
	if i < 0 {
		return operation{id: id}, false
	}
	return operations[i], true
}

// Reads tells whether an operation changes nothing.
func Reads(operation string) bool {
	op, _ := find(operation)
	return op.reads
}

// those are the ids of the operations that a test lets through.
func those(keep func(operation) bool) (ids []string) {
	for _, o := range operations {
		if keep(o) {
			ids = append(ids, o.id)
		}
	}
	return ids
}

// Operations are the operations that a plan can name.
func Operations() []string { return those(func(operation) bool { return true }) }
