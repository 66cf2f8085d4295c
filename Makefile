# `make help` lists the targets. What is built goes to .bin.

BIN    := $(CURDIR)/.bin
SCHEMA := provider/cmd/pulumi-resource-pictor/schema.json
VERSION := $(shell sed -n 's/^const Version = "\(.*\)"/\1/p' provider/provider.go)
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
.PHONY: help build demo test test-go test-dialects test-recipes test-release bench-sim lint generate tools pulumi cross release-snapshot release sdk-packages clean $(BIN)/pulumi-resource-pictor $(BIN)/pictor-sim

help: ## List the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

demo: build pulumi ## Rent a GPU machine from the simulator, with the real Pulumi engine
	@.tools/demo.sh

build: $(BIN)/pulumi-resource-pictor $(BIN)/pictor-sim ## Build the provider and the simulator

$(BIN)/pulumi-resource-pictor:
	@go build -o $@ ./provider/cmd/pulumi-resource-pictor

$(BIN)/pictor-sim:
	@go build -o $@ ./simulator/cmd/pictor-sim

test: test-go test-dialects test-recipes ## Run all tests

test-go: build pulumi $(BIN)/oapi-codegen $(BIN)/sdkgen ## Run the Go tests, through the real engine too
	go test $(RACE) -shuffle=on -timeout 40m ./...

# The provider's suite against simulators that speak otherwise than the contract
# where Pictor documents nothing: every dialect that the simulator offers on its
# command line, and some of them at once.
DIALECTS = $(shell $(BIN)/pictor-sim __complete sandbox create --dialect '' 2>/dev/null | sed '/^:/d; s/\t.*//') \
  everything+laravel-errors everything+html-errors bare-arrays+numeric-ids+title-case+duplicate-names+no-idempotency

test-dialects: $(BIN)/pictor-sim ## Run the provider's tests in every dialect of the simulator
	@go test -c -o $(BIN)/provider.test ./provider
	@cd provider && for dialect in $(DIALECTS); do printf '%s: ' "provider in $$dialect"; \
	  PICTOR_SIM_DIALECT=$$dialect $(BIN)/provider.test -test.timeout 20m || exit 1; done

test-recipes: build pulumi ## Run the suites of examples/test-suite, as far as their toolchains are here
	@.tools/test-recipes.sh

test-release: release-snapshot pulumi ## Build a release and run the tests of it: installed by Pulumi, made again the same
	@PICTOR_RELEASE=$(BIN)/release go test -count=1 -run '^TestARelease' ./tests

# Another simulator than ours, or less of it: make bench-sim BENCH="--loads read --big 0".
bench-sim: $(BIN)/pictor-sim $(BIN)/simbench ## Measure the simulator next to a bare echo handler (Linux, about 6 minutes)
	simbench --sim $(BIN)/pictor-sim --dir $(BIN) $(BENCH)

lint: $(BIN)/staticcheck $(BIN)/gofumpt $(BIN)/actionlint ## go vet, staticcheck, gofumpt and actionlint
	actionlint .github/workflows/*.yml docs/guides/*.yml
	go vet ./...
	staticcheck ./...
	@unformatted=$$(git ls-files -co --exclude-standard '*.go' ':!sdk' ':!*.gen.go' | xargs gofumpt -l); \
	  test -z "$$unformatted" || { printf 'run gofumpt -w on:\n%s\n' "$$unformatted"; exit 1; }

generate: $(BIN)/oapi-codegen $(BIN)/sdkgen ## Make what is generated: wire types, server, schema, SDKs
	go generate ./...

tools: pulumi $(addprefix $(BIN)/,oapi-codegen staticcheck gofumpt actionlint sdkgen) ## Build the tools that are missing

# A pulumi on the PATH serves when it is new enough; else ours is built, which
# takes about five minutes, once.
pulumi: ## Build a pulumi with its YAML language host, unless there is one that will do
	@.tools/has-pulumi.sh $(PULUMI_VERSION) || $(MAKE) --no-print-directory $(BIN)/pulumi $(BIN)/pulumi-language-yaml

TOOL_pulumi               := github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
TOOL_pulumi-language-yaml := github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml
TOOL_oapi-codegen         := github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen
TOOL_staticcheck          := honnef.co/go/tools/cmd/staticcheck
TOOL_gofumpt              := mvdan.cc/gofumpt
TOOL_sdkgen               := ./sdkgen
TOOL_simbench             := ./simbench

# The version stamp is needed: Pulumi's Automation API refuses a CLI without one.
$(addprefix $(BIN)/,pulumi pulumi-language-yaml oapi-codegen staticcheck gofumpt sdkgen simbench): .tools/go.mod .tools/go.sum $(wildcard .tools/sdkgen/*.go .tools/sdkgen/readme/*)
	@echo "building $(notdir $@)"
	@GOBIN=$(BIN) go -C .tools install -ldflags="-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$(PULUMI_VERSION)" $(TOOL_$(notdir $@)) && touch $@

$(BIN)/simbench: $(wildcard .tools/simbench/*.go)

# goreleaser has these for itself; the same flags share what is compiled.
cross: ## Compile the provider and the simulator for all six targets
	@for target in $(foreach os,linux darwin windows,$(os)/amd64 $(os)/arm64); do \
	  echo "$$target"; CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} go build -buildvcs=false -ldflags="-s -w" \
	    -o $(BIN)/cross/$$target/ ./provider/cmd/pulumi-resource-pictor ./simulator/cmd/pictor-sim || exit 1; done

release-snapshot: $(BIN)/goreleaser ## Build what a release of this version would hold, in .bin/release
	@GOFLAGS= PICTOR_VERSION=$(VERSION) goreleaser release --snapshot --clean --parallelism 2

release: $(BIN)/goreleaser ## Publish the tag that is checked out (GITHUB_TOKEN)
	@GOFLAGS= PICTOR_VERSION=$(VERSION) goreleaser release --clean

sdk-packages: ## Pack the SDKs for npm and PyPI, in .bin/packages
	@rm -rf $(BIN)/packages
	@.tools/pack-sdk.sh nodejs $(BIN)/packages
	@.tools/pack-sdk.sh python $(BIN)/packages

$(BIN)/actionlint: .tools/actionlint/go.mod .tools/actionlint/go.sum
	@echo "building actionlint"
	@GOBIN=$(BIN) go -C .tools/actionlint install -ldflags="-s -w" github.com/rhysd/actionlint/cmd/actionlint && touch $@

$(BIN)/goreleaser: .tools/goreleaser/go.mod .tools/goreleaser/go.sum
	@echo "building goreleaser"
	@GOBIN=$(BIN) go -C .tools/goreleaser install -ldflags="-s -w" github.com/goreleaser/goreleaser/v2 && touch $@

clean: ## Remove what was built
	rm -rf $(BIN)
