# `make help` lists the targets. What is built goes to .bin.

BIN    := $(CURDIR)/.bin
SCHEMA := provider/cmd/pulumi-resource-pictor/schema.json
PULUMI_VERSION := $(shell sed -n 's|^\tgithub.com/pulumi/pulumi/pkg/v3 v||p' .tools/go.mod)

ifeq (,$(shell command -v go))
$(error Go is not on the PATH: install Go 1.26 or newer (https://go.dev/dl) and try again)
endif

export PATH := $(BIN):$(PATH)
# The same flags for everything: each other set would compile Pulumi again.
export GOFLAGS := $(GOFLAGS) -trimpath -tags=osusergo,grpcnotrace

# The race detector needs a C compiler.
RACE := $(if $(shell command -v cc || command -v gcc),-race)

.DEFAULT_GOAL := help
.PHONY: help build demo test test-go test-dialects test-sdk test-recipes bench-sim lint generate tools pulumi clean $(BIN)/pulumi-resource-pictor $(BIN)/pictor-sim

help: ## List the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: build pulumi ## Rent a GPU machine from the simulator, with the real Pulumi engine
	@.tools/demo.sh

build: $(BIN)/pulumi-resource-pictor $(BIN)/pictor-sim ## Build the provider and the simulator

$(BIN)/pulumi-resource-pictor:
	@go build -o $@ ./provider/cmd/pulumi-resource-pictor

$(BIN)/pictor-sim:
	@go build -o $@ ./simulator/cmd/pictor-sim

test: test-go test-dialects test-sdk test-recipes ## Run all tests

test-go: build pulumi $(BIN)/oapi-codegen $(BIN)/sdkgen ## Run the Go tests, through the real engine too
	go test $(RACE) -shuffle=on ./...

# The provider's suite against simulators that speak otherwise than the contract
# where Pictor documents nothing: every dialect that the simulator offers on its
# command line, and some of them at once.
DIALECTS = $(shell $(BIN)/pictor-sim __complete sandbox create --dialect '' 2>/dev/null | sed '/^:/d; s/\t.*//') \
  everything+laravel-errors everything+html-errors bare-arrays+numeric-ids+title-case+duplicate-names+no-idempotency

test-dialects: $(BIN)/pictor-sim ## Run the provider's tests in every dialect of the simulator
	@go test -c -o $(BIN)/provider.test ./provider
	@cd provider && for dialect in $(DIALECTS); do printf '%s: ' "provider in $$dialect"; \
	  PICTOR_SIM_DIALECT=$$dialect $(BIN)/provider.test || exit 1; done

test-sdk: ## Compile the SDKs, as far as their toolchains are here (REQUIRE_ALL=1: all must be)
	@.tools/test-sdk.sh

test-recipes: build pulumi ## Run the suites of examples/test-suite, as far as their toolchains are here
	@.tools/test-recipes.sh

# Another simulator than ours, or less of it: make bench-sim BENCH="--loads read --big 0".
bench-sim: $(BIN)/pictor-sim $(BIN)/simbench ## Measure the simulator next to a bare echo handler (Linux, about 6 minutes)
	simbench --sim $(BIN)/pictor-sim --dir $(BIN) $(BENCH)

lint: $(BIN)/staticcheck $(BIN)/gofumpt ## go vet, staticcheck and gofumpt
	go vet ./...
	staticcheck ./...
	@unformatted=$$(git ls-files -co --exclude-standard '*.go' ':!sdk' ':!*.gen.go' | xargs gofumpt -l); \
	  test -z "$$unformatted" || { printf 'run gofumpt -w on:\n%s\n' "$$unformatted"; exit 1; }

generate: $(BIN)/oapi-codegen $(BIN)/sdkgen ## Make what is generated: wire types, server, schema, SDKs
	go generate ./...

tools: pulumi $(addprefix $(BIN)/,oapi-codegen staticcheck gofumpt sdkgen) ## Build the tools that are missing

# A pulumi on the PATH serves when it is new enough; else ours is built, which
# takes about five minutes, once.
pulumi:
	@.tools/has-pulumi.sh $(PULUMI_VERSION) || $(MAKE) --no-print-directory $(BIN)/pulumi $(BIN)/pulumi-language-yaml

TOOL_pulumi               := github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
TOOL_pulumi-language-yaml := github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml
TOOL_oapi-codegen         := github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen
TOOL_staticcheck          := honnef.co/go/tools/cmd/staticcheck
TOOL_gofumpt              := mvdan.cc/gofumpt
TOOL_sdkgen               := ./sdkgen
TOOL_simbench             := ./simbench

# The version stamp is needed: Pulumi's Automation API refuses a CLI without one.
$(addprefix $(BIN)/,pulumi pulumi-language-yaml oapi-codegen staticcheck gofumpt sdkgen simbench): .tools/go.mod .tools/go.sum $(wildcard .tools/sdkgen/*.go)
	@echo "building $(notdir $@)"
	@GOBIN=$(BIN) go -C .tools install -ldflags="-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$(PULUMI_VERSION)" $(TOOL_$(notdir $@)) && touch $@

$(BIN)/simbench: $(wildcard .tools/simbench/*.go)

clean: ## Remove what was built
	rm -rf $(BIN)
