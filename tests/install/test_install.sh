#!/bin/sh
# test_install.sh BUILD CMAKE CC - stages an install, checks what is in it, moves it, and builds and
# runs a program on it, once by find_package and once by pkg-config.
set -eu
build=$1
cmake=$2
cc=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" --install "$build" --prefix "$work/staged" >"$work/log" || { cat "$work/log"; exit 1; }
mv "$work/staged" "$work/prefix"
prefix=$work/prefix
spec=$prefix/share/lido/models/lenet5.json
for file in bin/lido libexec/lido/lido-f64 include/lido/lido.h share/lido/models/bench/m1.json; do
    [ -f "$prefix/$file" ] || { echo "$file is not installed"; exit 1; }
done
[ "$(find "$prefix" -name lido -type f)" = "$prefix/bin/lido" ] || { echo "not one lido"; exit 1; }
"$prefix/bin/lido" describe "$spec" >/dev/null

# check HOW PROGRAM: it runs, in a folder of its own.
check() {
    mkdir "$work/$1-run"
    (cd "$work/$1-run" && "$2" "$spec") || { echo "the consumer built by $1 failed"; exit 1; }
}

"$cmake" -S "$here/consumer" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$cc" >"$work/log" && "$cmake" --build "$work/cmake" >"$work/log" || {
    cat "$work/log"
    exit 1
}
check find_package "$work/cmake/consumer"

pc=$(dirname "$(find "$prefix" -name lido.pc)")
flags=$(PKG_CONFIG_PATH="$pc" pkg-config --static --cflags --libs lido)
# shellcheck disable=SC2086  # flags are words
"$cc" -o "$work/consumer" "$here/consumer/consumer.c" $flags -Wl,-rpath,"$(dirname "$pc")"
check pkg-config "$work/consumer"
