//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
)

// learnMarket lists the offers of the simulator's market, which is the same at
// each start. The result names an offer once for each GPU that it has free, in
// turns, so that the instances spread over all hosts.
func (b *bench) learnMarket(ctx context.Context) (offers []string, err error) {
	s, err := b.start(ctx, b.contenders()[1])
	if err != nil {
		return nil, err
	}
	defer s.close()
	c, err := dial(ctx, s.addr)
	if err != nil {
		return nil, err
	}
	defer c.close()

	type offer struct {
		ID            string `json:"id"`
		GPUsAvailable int    `json:"gpus_available"`
	}
	var market []offer
	for page, last := 1, 1; page <= last; page++ {
		answer, err := c.do(s.get(fmt.Sprintf("/gpu-instances/offers?os=linux&per_page=100&page=%d", page)))
		if err != nil {
			return nil, err
		}
		var got struct {
			Data []offer  `json:"data"`
			Meta pageMeta `json:"meta"`
		}
		if err := json.Unmarshal(answer, &got); err != nil {
			return nil, fmt.Errorf("list the market: %w", err)
		}
		market = append(market, got.Data...)
		last = got.Meta.LastPage
	}
	for turn, found := 0, true; found; turn++ {
		found = false
		for _, o := range market {
			if o.GPUsAvailable > turn {
				offers, found = append(offers, o.ID), true
			}
		}
	}
	return offers, nil
}
