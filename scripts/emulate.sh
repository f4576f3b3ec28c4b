#!/bin/sh
# emulate.sh [arm64] [x86-64] - tests on processors that this machine is not, by qemu; without an
# argument on both.
#   arm64   builds for it (cmake/aarch64-linux-gnu.cmake), and runs the tests of all floors but the
#           command's
#   x86-64  runs the tests of kernels and layers that were built for this machine, without AVX and
#           with AVX2
# Both train a network, and compare its loss with that on this machine. The registry's gradient
# checks take longer than all else and are left out, unless CK_EXCLUDE_TAGS is set to nothing.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh
sysroot=$PWD/build/arm64-root
jobs=$(nproc)
: "${CK_EXCLUDE_TAGS=slow}" "${CK_TIMEOUT_MULTIPLIER:=30}"
export CK_EXCLUDE_TAGS CK_TIMEOUT_MULTIPLIER OPENBLAS_NUM_THREADS=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# quietly COMMAND...: what it says is shown only if it fails.
quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; echo "failed: $*" >&2; exit 1; }
}

# Debian's arm64 packages, unpacked in $sysroot by an apt that knows of no installed package: this
# machine's own packages stay as they are.
unpack_arm64() {
    [ ! -f "$sysroot/complete" ] || return 0
    apt=$PWD/build/arm64-apt
    rm -rf "$sysroot" "$apt"
    mkdir -p "$sysroot" "$apt/lists/partial" "$apt/archives/partial"
    : >"$apt/status"
    cat >"$apt/conf" <<END
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "root";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
END
    quietly env APT_CONFIG="$apt/conf" apt-get update
    # shellcheck disable=SC2086  # a list of words
    quietly env APT_CONFIG="$apt/conf" apt-get -d -y --no-install-recommends install $packages_arm64
    for package in "$apt"/archives/*.deb; do dpkg -x "$package" "$sysroot"; done

    # what update-alternatives does for the BLAS
    lib=$sysroot/usr/lib/aarch64-linux-gnu
    ln -s openblas-pthread/libopenblas.so.0 openblas-pthread/libopenblas.so "$lib"
    ln -s ../openblas-pthread/pkgconfig/openblas.pc "$lib/pkgconfig"
    rm -rf "$apt"
    touch "$sysroot/complete"
}

# loss_of COMMAND...: of a small network that this lido has trained for eight steps.
loss_of() {
    "$@" train models/lenet5.json --data synthetic --limit 512 --epochs 1 --out "$work/run" --json \
        --quiet 2>"$work/log" | sed -n 's/.*"test_loss":\([0-9.e+-]*\).*/\1/p'
    rm -rf "$work/run"
}

# trains WHERE COMMAND...: to the loss that this machine gets, but for rounding.
trains() {
    where=$1
    shift
    loss=$(loss_of "$@")
    echo "$where: test loss $loss; here $loss_here"
    awk -v a="$loss" -v b="$loss_here" 'BEGIN { exit !(a > 0 && (a - b) ^ 2 < (1e-4 * b) ^ 2) }' || {
        cat "$work/log" >&2
        echo "not the same" >&2
        exit 1
    }
}

test_arm64() {
    unpack_arm64
    quietly cmake -S . -B build/arm64 --toolchain cmake/aarch64-linux-gnu.cmake \
        -DLIDO_SYSROOT="$sysroot" -DLIDO_WERROR=ON -DLIDO_TESTS=ON
    quietly cmake --build build/arm64 -j "$jobs"
    ctest --test-dir build/arm64 -j "$jobs" --output-on-failure \
        -R '^(base|kernels|layers|optim|net|data|train)/'
    trains arm64 qemu-aarch64-static -L "$sysroot" build/arm64/lido
}

# The choice of the loader's that is expected of a processor, 1, 3 or 4, is what a program without
# Lido finds there; and a processor without AVX2 does refuse it.
check_cpu() {
    cpu=$1
    generation=$2
    quietly gcc -o "$work/generation" -x c - <<'END'
int main(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("x86-64-v4") ? 4 : __builtin_cpu_supports("x86-64-v3") ? 3 : 1;
}
END
    quietly gcc -mavx2 -o "$work/avx2" -x c - <<'END'
typedef int lanes __attribute__((vector_size(32)));
volatile lanes sum;
int main(void) {
    sum = sum + sum;
    return 0;
}
END
    found=0
    qemu-x86_64-static -cpu "$cpu" "$work/generation" || found=$?
    avx2=1
    qemu-x86_64-static -cpu "$cpu" "$work/avx2" 2>/dev/null || avx2=0
    [ "$found" -eq "$generation" ] && [ "$avx2" -eq $((generation >= 3)) ] || {
        echo "$cpu is emulated as x86-64-v$found, AVX2 $avx2" >&2
        exit 1
    }
}

# on_cpu NAME GENERATION: NAME as qemu knows it.
on_cpu() {
    check_cpu "$1" "$2"
    find build/release/tests -name 'test-kernels-*' -o -name 'test-layers-*' | grep -v -e -f64 | sort |
        xargs -P "$jobs" -n 1 sh -c '
            said=$(qemu-x86_64-static -cpu "$0" "$1" 2>&1) || { echo "$said"; exit 1; }
            echo "$0: ${1##*/} passed"' "$1"
    trains "$1" qemu-x86_64-static -cpu "$1" build/release/lido
}

test_x86_64() {
    on_cpu kvm64 1
    on_cpu Haswell-noTSX 3
}

[ $# -gt 0 ] || set -- arm64 x86-64
# shellcheck disable=SC2086  # lists of words
need_packages $packages_build $packages_test $packages_emulate
quietly cmake --preset release -DLIDO_TESTS=ON
quietly cmake --build --preset release -j "$jobs"
loss_here=$(loss_of build/release/lido)
for name in "$@"; do
    case $name in
    arm64) test_arm64 ;;
    x86-64) test_x86_64 ;;
    *) echo "emulate.sh: \"$name\" is neither arm64 nor x86-64" >&2; exit 2 ;;
    esac
done
