#!/usr/bin/env bash
# pack-sdk.sh LANGUAGE DIR: put the package of sdk/nodejs or sdk/python, as it is
# published, into DIR. sdk/ itself is left as it is.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "$2"
out=$(cd "$2" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp -R "sdk/$1" "$tmp/sdk"
cd "$tmp/sdk"

case $1 in
nodejs)
  # Exactly the version that is tested: on older Node.js a range picks an older one.
  pulumi=$(sed -n 's|^\tgithub.com/pulumi/pulumi/pkg/v3 v||p' "$OLDPWD/.tools/go.mod")
  npm install --silent --no-audit --no-fund --prefer-offline --no-save "@pulumi/pulumi@$pulumi"
  npx tsc
  cp package.json README.md LICENSE bin/
  npm pack --silent --pack-destination "$out" ./bin >/dev/null
  ;;
python)
  python3 -m venv "$tmp/venv"
  "$tmp/venv/bin/pip" install --quiet --disable-pip-version-check build
  "$tmp/venv/bin/python" -m build --outdir "$out" . >/dev/null
  ;;
*)
  echo "pack-sdk.sh packs nodejs and python; the Go module is a folder with a tag" >&2
  exit 1
  ;;
esac
