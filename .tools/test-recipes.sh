#!/usr/bin/env bash
# test-recipes.sh: run the suites of examples/test-suite as their users do, in each
# language whose toolchain is here; with REQUIRE_ALL=1 a missing one is an error.
# They are copied out, and use the SDKs of this checkout in place of published ones.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export PATH="$root/.bin:$PATH" TMPDIR="$tmp" PICTOR_SIM_CHECK_ANSWERS=true

typed() { # typed LANGUAGE: what the README tells to type in its folder
  sed -n "s/^\$ cd $1 && //p" "$root/examples/test-suite/README.md" | grep .
}

have() { # have LANGUAGE WHAT COMMAND…: is WHAT here, as COMMAND tells?
  local language=$1 what=$2
  "${@:3}" >/dev/null 2>&1 && return
  if [ -n "${REQUIRE_ALL:-}" ]; then
    echo "$what is not here, so examples/test-suite/$language cannot be run: install it" >&2
    exit 1
  fi
  echo "examples/test-suite/$language: not run, $what is not here"
  return 1
}

if have go go command -v go; then
  cp -R examples/test-suite/go "$tmp/go"
  cd "$tmp/go"
  go mod edit -replace "github.com/pulumi-pictor/pulumi-pictor=$root" -replace "github.com/pulumi-pictor/pulumi-pictor/sdk/go=$root/sdk/go"
  go mod tidy
  go vet .
  sh -ec "$(typed go)"
  cd "$root"
fi

if have typescript npm command -v npm; then
  .tools/pack-sdk.sh nodejs "$tmp/packed"
  cp -R "$root/examples/test-suite/typescript" "$tmp/typescript"
  cd "$tmp/typescript"
  npm install --silent --no-audit --no-fund --save-exact "@pulumi-pictor/pictor@file:$(ls "$tmp"/packed/*.tgz)"
  sh -ec "$(typed typescript)"
  npx tsc
  cd "$root"
fi

if have python "python3 with venv" python3 -c "import ensurepip, venv"; then
  .tools/pack-sdk.sh python "$tmp/packed"
  cp -R examples/test-suite/python "$tmp/python"
  cd "$tmp/python"
  python3 -m venv "$tmp/venv"
  "$tmp/venv/bin/pip" install --quiet --disable-pip-version-check "$tmp"/packed/*.whl
  PATH="$tmp/venv/bin:$PATH" sh -ec "$(typed python)"
fi
