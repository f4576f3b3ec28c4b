#!/bin/sh
# test.sh [OPTIONS OF CTEST] - installs what is missing, builds the release preset and runs all tests.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh

# shellcheck disable=SC2086  # lists of words
need_packages $packages_build $packages_test
cmake --preset release -DLIDO_TESTS=ON
cmake --build --preset release -j "$(nproc)"
ctest --preset release -j "$(nproc)" "$@"
