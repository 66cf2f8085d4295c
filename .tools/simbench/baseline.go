//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// baselineCommand is the first argument with which simbench starts itself as
// the server that the simulator is held against.
const baselineCommand = "baseline"

// baseline is the least that could answer the loads: echo, a mutex, a map and
// encoding/json. It knows no API key, checks nothing, and its machines run at
// once and for good.
type baseline struct {
	mu      sync.Mutex
	byID    map[string]*instance
	ordered []*instance // oldest first, for pages
	count   int
}

func serveBaseline(readyFile string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	b := &baseline{byID: map[string]*instance{}}
	e := echo.New()
	e.POST("/api/ssh-keys", b.createSSHKey)
	e.POST("/api/gpu-instances", b.create)
	e.GET("/api/gpu-instances", b.list)
	e.GET("/api/gpu-instances/:id", b.get)
	e.POST("/api/gpu-instances/:id/stop", b.change((*instance).halt))
	e.POST("/api/gpu-instances/:id/start", b.change((*instance).wake))
	e.DELETE("/api/gpu-instances/:id", b.delete)
	ready := readiness{Endpoint: "http://" + listener.Addr().String() + "/api", APIKey: "none"}
	if err := ready.write(readyFile); err != nil {
		return err
	}
	return http.Serve(listener, e)
}

func (b *baseline) createSSHKey(c echo.Context) error {
	return c.JSON(http.StatusCreated, map[string]string{"id": "key_s8v599fw3nmj"})
}

func (b *baseline) create(c echo.Context) error {
	var body createBody
	if err := json.NewDecoder(c.Request().Body).Decode(&body); err != nil {
		return c.JSON(http.StatusBadRequest, map[string]string{"message": err.Error()})
	}
	b.mu.Lock()
	b.count++
	inst := newInstance(body, b.count)
	created := *inst
	inst.run()
	b.byID[inst.ID] = inst
	b.ordered = append(b.ordered, inst)
	b.mu.Unlock()
	return c.JSON(http.StatusCreated, created)
}

func (b *baseline) get(c echo.Context) error {
	b.mu.Lock()
	inst, ok := b.byID[c.Param("id")]
	var found instance
	if ok {
		found = *inst
	}
	b.mu.Unlock()
	if !ok {
		return c.JSON(http.StatusNotFound, map[string]string{"message": "no such instance"})
	}
	return c.JSON(http.StatusOK, found)
}

func (b *baseline) list(c echo.Context) error {
	page, perPage := 1, 15
	if n, err := strconv.Atoi(c.QueryParam("page")); err == nil {
		page = n
	}
	if n, err := strconv.Atoi(c.QueryParam("per_page")); err == nil {
		perPage = n
	}
	b.mu.Lock()
	total := len(b.ordered)
	data := make([]instance, 0, perPage)
	for _, inst := range b.ordered[min((page-1)*perPage, total):min(page*perPage, total)] {
		data = append(data, *inst)
	}
	b.mu.Unlock()
	last := max((total+perPage-1)/perPage, 1)
	answer := instancePage{Data: data, Meta: pageMeta{CurrentPage: page, LastPage: last, PerPage: perPage, Total: total}}
	answer.Links.First = pageLink(1, perPage)
	answer.Links.Last = pageLink(last, perPage)
	if page < last {
		next := pageLink(page+1, perPage)
		answer.Links.Next = &next
	}
	return c.JSON(http.StatusOK, answer)
}

func pageLink(page, perPage int) string {
	return fmt.Sprintf("/api/gpu-instances?page=%d&per_page=%d", page, perPage)
}

func (b *baseline) change(how func(*instance)) echo.HandlerFunc {
	return func(c echo.Context) error {
		b.mu.Lock()
		inst, ok := b.byID[c.Param("id")]
		var changed instance
		if ok {
			how(inst)
			changed = *inst
		}
		b.mu.Unlock()
		if !ok {
			return c.JSON(http.StatusNotFound, map[string]string{"message": "no such instance"})
		}
		return c.JSON(http.StatusAccepted, changed)
	}
}

func (b *baseline) delete(c echo.Context) error {
	b.mu.Lock()
	inst, ok := b.byID[c.Param("id")]
	if ok {
		delete(b.byID, inst.ID)
		at := slices.Index(b.ordered, inst)
		b.ordered = slices.Delete(b.ordered, at, at+1)
	}
	b.mu.Unlock()
	if !ok {
		return c.JSON(http.StatusNotFound, map[string]string{"message": "no such instance"})
	}
	return c.JSON(http.StatusAccepted, *inst)
}

func newInstance(body createBody, n int) *instance {
	return &instance{
		ID: fmt.Sprintf("ins_%012d", n), Name: body.Name, Status: "pending", OS: body.OS, OfferID: body.OfferID,
		Host:     host{ID: "hst_0112a816", Name: "nervous-ape", Country: "SG", City: "Singapore", Reliability: 0.9975},
		GPUModel: "RTX 3090", GPUVRAMGB: 24, GPUCount: body.GPUCount, VCPUs: 8, RAMGB: 32, StorageGB: body.StorageGB,
		PricePerHour: "0.18", StoragePricePerMonth: "10", CostSoFar: "4.32",
		RentalHours: body.RentalHours, AutoRenew: body.AutoRenew, SSHKeyIDs: body.SSHKeyIDs,
		RemainingSeconds: body.RentalHours * 3600, CreatedAt: time.Now().UTC(),
	}
}

func (i *instance) run() {
	expires := i.CreatedAt.Add(time.Duration(i.RentalHours) * time.Hour)
	i.Status, i.ExpiresAt = "running", &expires
	i.Connection = &access{Command: "ssh root@198.19.92.194", Host: "198.19.92.194", Port: 22, Protocol: "ssh", Username: "root"}
}

func (i *instance) halt() { i.Status, i.ExpiresAt, i.Connection = "stopping", nil, nil }

// wake leaves it on its way, as most of the simulator's are while the load lasts.
func (i *instance) wake() { i.Status = "starting" }
