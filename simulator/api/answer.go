package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/pulumi-pictor/pulumi-pictor/provider/pictor/wire"
)

// The answers that are asked for most, written by way of a shared buffer: the
// generated ones grow a new one each time.

// instanceAnswer answers with one instance.
type instanceAnswer struct {
	status int
	body   *wire.Instance
}

func (a instanceAnswer) VisitGetInstanceResponse(w http.ResponseWriter) error {
	return writeJSON(w, a.status, a.body)
}

func (a instanceAnswer) VisitCreateInstanceResponse(w http.ResponseWriter) error {
	return writeJSON(w, a.status, a.body)
}

// instancesAnswer answers with a page of instances.
type instancesAnswer struct{ body *wire.InstancePage }

func (a instancesAnswer) VisitListInstancesResponse(w http.ResponseWriter) error {
	return writeJSON(w, http.StatusOK, a.body)
}

// offersAnswer answers with a page of offers.
type offersAnswer struct{ body *wire.OfferPage }

func (a offersAnswer) VisitListOffersResponse(w http.ResponseWriter) error {
	return writeJSON(w, http.StatusOK, a.body)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// writeJSON answers with a JSON body, or not at all when there is none for it.
func writeJSON(w http.ResponseWriter, status int, body any) error {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	if err := json.NewEncoder(buffer).Encode(body); err != nil {
		return err
	}
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(status)
	_, err := w.Write(buffer.Bytes())
	return err
}

// jsonType is shared by all answers; nobody changes a header's values in place.
var jsonType = []string{"application/json"}
