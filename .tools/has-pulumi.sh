#!/bin/sh
# has-pulumi.sh VERSION: is there a pulumi on the PATH, with its YAML language
# host, at least of this version?
set -eu
command -v pulumi-language-yaml >/dev/null || exit 1
have=$(PULUMI_SKIP_UPDATE_CHECK=1 pulumi version 2>/dev/null) || exit 1
oldest=$(printf '%s\n%s\n' "$1" "${have#v}" | sort -V | head -n 1)
test "$oldest" = "$1"
