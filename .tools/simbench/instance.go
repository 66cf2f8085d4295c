//go:build linux

package main

import "time"

// The baseline's objects have the fields of the contract, so that its answers
// are as long as the simulator's. They are written out here because the tools
// are another module than the wire types.

type createBody struct {
	Name        string   `json:"name"`
	OfferID     string   `json:"offer_id"`
	OS          string   `json:"os"`
	GPUCount    int      `json:"gpu_count"`
	StorageGB   int      `json:"storage_gb"`
	RentalHours int      `json:"rental_hours"`
	AutoRenew   bool     `json:"auto_renew"`
	SSHKeyIDs   []string `json:"ssh_key_ids"`
	Password    string   `json:"password"`
}

type instance struct {
	ID                   string     `json:"id"`
	Name                 string     `json:"name"`
	Status               string     `json:"status"`
	StatusReason         string     `json:"status_reason"`
	OS                   string     `json:"os"`
	OfferID              string     `json:"offer_id"`
	Host                 host       `json:"host"`
	GPUModel             string     `json:"gpu_model"`
	GPUVRAMGB            int        `json:"gpu_vram_gb"`
	GPUCount             int        `json:"gpu_count"`
	VCPUs                int        `json:"vcpus"`
	RAMGB                int        `json:"ram_gb"`
	StorageGB            int        `json:"storage_gb"`
	PricePerHour         string     `json:"price_per_hour"`
	StoragePricePerMonth string     `json:"storage_price_per_month"`
	CostSoFar            string     `json:"cost_so_far"`
	RentalHours          int        `json:"rental_hours"`
	ExtendedHours        int        `json:"extended_hours"`
	AutoRenew            bool       `json:"auto_renew"`
	SSHKeyIDs            []string   `json:"ssh_key_ids"`
	Connection           *access    `json:"connection"`
	RemainingSeconds     int        `json:"remaining_seconds"`
	CreatedAt            time.Time  `json:"created_at"`
	ExpiresAt            *time.Time `json:"expires_at"`
}

type host struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Country     string  `json:"country"`
	City        string  `json:"city"`
	Reliability float64 `json:"reliability"`
}

type access struct {
	Command  string `json:"command"`
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Protocol string `json:"protocol"`
	Username string `json:"username"`
}

type instancePage struct {
	Data  []instance `json:"data"`
	Links pageLinks  `json:"links"`
	Meta  pageMeta   `json:"meta"`
}

type pageLinks struct {
	First string  `json:"first"`
	Last  string  `json:"last"`
	Next  *string `json:"next"`
	Prev  *string `json:"prev"`
}

type pageMeta struct {
	CurrentPage int `json:"current_page"`
	LastPage    int `json:"last_page"`
	PerPage     int `json:"per_page"`
	Total       int `json:"total"`
}
