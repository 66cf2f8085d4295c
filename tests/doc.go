// Package tests holds what no single room can test: programs through the real
// Pulumi engine, the real provider binary and a simulator, and that the house
// is as its plan says.
package tests
