//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// request is one whose bytes are ready to be sent.
type request struct {
	bytes []byte
	want  int // the status of its answer
}

// String is the request line without the protocol, for messages.
func (r request) String() string {
	line, _, _ := bytes.Cut(r.bytes, []byte(" HTTP/1.1"))
	return string(line)
}

func (s *server) get(path string) request {
	return s.request(http.MethodGet, path, "", nil, http.StatusOK)
}

func (s *server) getInstance(id string) request { return s.get("/gpu-instances/" + id) }

func (s *server) stopInstance(id string) request {
	return s.request(http.MethodPost, "/gpu-instances/"+id+"/stop", "", nil, http.StatusAccepted)
}

func (s *server) startInstance(id string) request {
	return s.request(http.MethodPost, "/gpu-instances/"+id+"/start", "", nil, http.StatusAccepted)
}

func (s *server) deleteInstance(id string) request {
	return s.request(http.MethodDelete, "/gpu-instances/"+id, "", nil, http.StatusAccepted)
}

// createInstance is the request for the server's next instance. Each takes a GPU
// of the next offer, so that no host is used up before the market is. With token,
// it carries what the provider's does beyond what must be there: an SSH key, and
// an Idempotency-Key, for which the simulator keeps the answer.
func (s *server) createInstance(token bool) (request, error) {
	n := s.created.Add(1)
	gpus := int64(len(s.offers))
	if n > gpus && s.name != bareEcho { // which counts no GPUs
		return request{}, fmt.Errorf("all %d GPUs of the market are rented: choose more --hosts (at most 100000) or a shorter --duration", gpus)
	}
	keys, idempotency := "", ""
	if token {
		keys, idempotency = fmt.Sprintf(`,"ssh_key_ids":["%s"]`, s.sshKey), fmt.Sprintf("Idempotency-Key: %032x\r\n", n)
	}
	body := fmt.Appendf(nil, `{"name":"bench-%07d","offer_id":"%s","os":"linux","gpu_count":1,"storage_gb":50,"rental_hours":24%s}`,
		n, s.offers[n%gpus], keys)
	return s.request(http.MethodPost, "/gpu-instances", idempotency, body, http.StatusCreated), nil
}

func (s *server) request(method, path, headers string, body []byte, want int) request {
	b := fmt.Appendf(nil, "%s %s%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nUser-Agent: simbench\r\nAccept: application/json\r\n%s",
		method, s.base, path, s.addr, s.apiKey, headers)
	if method != http.MethodGet {
		b = fmt.Appendf(b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b = append(append(b, "\r\n"...), body...)
	return request{bytes: b, want: want}
}

// idOf is the id of the instance that an answer shows.
func idOf(answer []byte) (string, error) {
	var inst struct{ ID string }
	if err := json.Unmarshal(answer, &inst); err != nil || inst.ID == "" {
		return "", fmt.Errorf("the answer shows no instance: %s", answer)
	}
	return inst.ID, nil
}
