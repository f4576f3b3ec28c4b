#!/bin/sh
# apply.sh TREE - puts the worked reducer into a tree of Lido's sources.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cp "$here/pool_midrange.c" "$1/src/layers/"
cp "$here/midrange_pool.c" "$1/tests/reference/"
echo 'LIDO_LAYER(midrange_pool)' >>"$1/src/layers/registry.def"
cat "$here/cases.def" >>"$1/tests/layers/cases.def"
