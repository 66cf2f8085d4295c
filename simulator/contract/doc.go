// Package contract is honest about the contract: how deeply the simulator
// imitates each of its operations ([Fidelity]), how a published specification
// differs from it ([Diff]), and where a real service answers otherwise ([Probe]).
package contract
