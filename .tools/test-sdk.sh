#!/usr/bin/env bash
# test-sdk.sh: compile each SDK whose toolchain is here; with REQUIRE_ALL=1 a
# missing toolchain is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

have() { # have TOOL LANGUAGE
  command -v "$1" >/dev/null && return
  if [ -n "${REQUIRE_ALL:-}" ]; then
    echo "$1 is not on the PATH, so the $2 SDK cannot be compiled: install it" >&2
    exit 1
  fi
  echo "sdk/$2: not compiled, $1 is not on the PATH"
  return 1
}

if have go go; then
  (cd sdk/go && go build ./... && go vet ./...)
  echo "sdk/go: compiles"
fi

if have npm nodejs; then
  cp -R sdk/nodejs "$tmp/nodejs"
  pulumi=$(sed -n 's|^\tgithub.com/pulumi/pulumi/pkg/v3 v||p' .tools/go.mod)
  # Exactly this version: on older Node.js a range picks an older one.
  (cd "$tmp/nodejs" && npm install --silent --no-audit --no-fund --save-exact "@pulumi/pulumi@$pulumi" && npx tsc --noEmit)
  echo "sdk/nodejs: compiles"
fi

if have python3 python; then
  PYTHONPYCACHEPREFIX="$tmp/python" python3 -m compileall -q sdk/python
  echo "sdk/python: compiles"
fi
