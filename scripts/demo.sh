#!/bin/sh
# demo.sh - installs what is missing, builds the release preset, and trains two small networks that
# differ only in their pooling, on MNIST where it is found and on drawn digits otherwise.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh
epochs=2

# shellcheck disable=SC2086  # a list of words
need_packages $packages_build
echo "Building ..."
log=build/demo.log
mkdir -p build
{ cmake --preset release && cmake --build --preset release -j "$(nproc)" --target lido; } \
    >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
lido=build/release/lido

data=synthetic
if $lido data list --json --quiet | grep -q '"name":"mnist"[^}]*"path"'; then data=mnist; fi

# train NAME: sets accuracy, in per cent. People see the table and the bar, on standard error.
train() {
    rm -rf "runs/demo/$1"
    result=$($lido train "models/$1.json" --data "$data" --epochs $epochs --out "runs/demo/$1" --json)
    accuracy=$(echo "$result" | sed -n 's/.*"test_accuracy":\([0-9.e-]*\).*/\1/p' |
        awk '{ printf "%.2f", 100 * $1 }')
    echo >&2
}

train lenet5
max=$accuracy
train lenet5-avg
average=$accuracy

case $data in
mnist) echo "Accuracy on MNIST's 10,000 test images after $epochs epochs:" ;;
*) echo "Accuracy on the test set of drawn digits after $epochs epochs (MNIST was not found):" ;;
esac
printf '  %-16s %6s %%\n' "max pooling" "$max" "average pooling" "$average"
