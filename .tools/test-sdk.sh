#!/usr/bin/env bash
# test-sdk.sh: compile each SDK, and the example programs with it, if its
# toolchain is here; with REQUIRE_ALL=1 a missing toolchain is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
pulumi=$(sed -n 's|^\tgithub.com/pulumi/pulumi/pkg/v3 v||p' .tools/go.mod)

have() { # have TOOL LANGUAGE
  command -v "$1" >/dev/null && return
  if [ -n "${REQUIRE_ALL:-}" ]; then
    echo "$1 is not on the PATH, so the $2 SDK cannot be compiled: install it" >&2
    exit 1
  fi
  echo "sdk/$2: not compiled, $1 is not on the PATH"
  return 1
}

examples() { # examples LANGUAGE: all but those that test-recipes.sh runs
  ls -d examples/*/"$1" | grep -v ^examples/test-suite/
}

if have go go; then
  (cd sdk/go && go build ./... && go vet ./...)
  for example in $(examples go); do
    cp -R "$example" "$tmp/go"
    # The SDK of this checkout in place of the published one.
    (cd "$tmp/go" && go mod edit -replace "github.com/pulumi-pictor/pulumi-pictor/sdk/go=$root/sdk/go" && go mod tidy && go vet .)
    rm -r "$tmp/go"
  done
  echo "sdk/go: compiles, and so do the examples"
fi

if have npm nodejs; then
  npm_install() { npm install --silent --no-audit --no-fund --save-exact "$@"; }
  cp -R sdk/nodejs "$tmp/sdk"
  # Exactly this version: on older Node.js a range picks an older one.
  (cd "$tmp/sdk" && npm_install "@pulumi/pulumi@$pulumi" && npx tsc && cp package.json README.md bin/)
  for example in $(examples typescript); do
    cp -R "$example" "$tmp/ts"
    (cd "$tmp/ts" && npm_install --install-links "@pulumi-pictor/pictor@file:$tmp/sdk/bin" "@pulumi/pulumi@$pulumi" && npx tsc)
    rm -r "$tmp/ts"
  done
  echo "sdk/nodejs: compiles, and so do the examples"
fi

if have python3 python; then
  PYTHONPYCACHEPREFIX="$tmp/python" python3 -m compileall -q sdk/python examples
  echo "sdk/python: compiles, and so do the examples"
fi
