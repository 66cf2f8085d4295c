#!/usr/bin/env bash
# demo.sh: the root Pulumi.yaml through the real engine, against a simulator of
# its own. Nothing is left behind.
set -euo pipefail

say() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }

if [ "${1:-}" != steps ]; then
  root=$(cd "$(dirname "$0")/.." && pwd)
  tmp=$(mktemp -d)
  trap 'rm -rf "$tmp"' EXIT
  mkdir "$tmp/backend"
  cp "$root/Pulumi.yaml" "$tmp"
  ln -s "$root/.bin" "$tmp/.bin" # where Pulumi.yaml says the provider is
  export PULUMI_HOME="$tmp/home" PULUMI_BACKEND_URL="file://$tmp/backend" PULUMI_CONFIG_PASSPHRASE=demo
  export PULUMI_SKIP_UPDATE_CHECK=1 PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true PULUMI_STACK=demo
  cd "$tmp"
  "$root/.bin/pictor-sim" exec --check-answers -- "$root/.tools/demo.sh" steps
  exit
fi

say "A simulator of Pictor answers at $PICTOR_ENDPOINT. This is the program:"
sed -n '/^resources:/,/^outputs:/p' Pulumi.yaml | sed '$d'
pulumi stack init demo >/dev/null 2>&1

say "pulumi preview: what would be rented, and what it would cost, before anything is"
pulumi preview --suppress-progress

say "pulumi up: rent it, pay for 24 hours in advance, wait until it runs"
pulumi up --yes --skip-preview --suppress-progress

say "pulumi stack output: how to log in"
pulumi stack output

say "pulumi preview: nothing changes"
pulumi preview --expect-no-changes --suppress-progress

say "pulumi refresh: the machine is as the state says"
pulumi refresh --yes --skip-preview --expect-no-changes --suppress-progress

say "pulumi destroy: give it back"
pulumi destroy --yes --skip-preview --suppress-progress --remove
