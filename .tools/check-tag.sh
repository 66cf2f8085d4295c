#!/bin/sh
# check-tag.sh TAG: does a tag fit the version that the provider, its schema and
# the SDKs have?
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^const Version = "\(.*\)"/\1/p' provider/provider.go)
fail() {
  echo "$1 has not the version of the tag $tag: set Version in provider/provider.go and run \"make generate\"" >&2
  exit 1
}
tag=$1
test "$tag" = "v$version" || fail provider/provider.go
grep -q "\"version\": \"$version\"" provider/cmd/pulumi-resource-pictor/schema.json || fail schema.json
grep -q "\"version\": \"$version\"" sdk/nodejs/package.json || fail sdk/nodejs
grep -q "version = \"$version\"" sdk/python/pyproject.toml || fail sdk/python
grep -q "\"version\": \"$version\"" sdk/go/pictor/pulumi-plugin.json || fail sdk/go
