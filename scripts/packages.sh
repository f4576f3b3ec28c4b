# packages.sh - the one list of the Debian packages Lido needs, and need_packages, which installs
# those that are missing or names them and stops. Sourced by the other scripts.

packages_build="gcc libc6-dev make cmake pkg-config libopenblas-dev libcjson-dev zlib1g-dev
    libpng-dev libturbojpeg0-dev libcurl4-openssl-dev libarchive-dev libjs-vega"
packages_test="check g++ python3"
packages_ci="bash git clang clang-format libopenmpi-dev openmpi-bin"
packages_emulate="qemu-user-static gcc-aarch64-linux-gnu"
packages_arm64="libc6-dev libopenblas-dev libcjson-dev zlib1g-dev libpng-dev libturbojpeg0-dev check"

# A CMake from elsewhere (pip, Kitware) serves as well as Debian's if it is new enough.
has_cmake() {
    version=$(cmake --version 2>/dev/null | sed -n 's/^cmake version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    [ -n "$version" ] || return 1
    # shellcheck disable=SC2086  # two words: major and minor
    set -- $version
    [ "$1" -gt 3 ] || { [ "$1" -eq 3 ] && [ "$2" -ge 25 ]; }
}

is_installed() {
    [ "$1" = cmake ] && has_cmake && return 0
    dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'
}

# need_packages NAME...: all of them are there when it returns.
need_packages() {
    missing=
    for package in "$@"; do
        is_installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0

    if [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        echo "These Debian packages are missing:$missing" >&2
        echo "They can be installed by someone who has the right to, with:" >&2
        echo "    apt-get update && apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi

    echo "Installing:$missing"
    # shellcheck disable=SC2086  # words on purpose
    said=$({
        $as_root apt-get -qq update &&
            $as_root env DEBIAN_FRONTEND=noninteractive \
                apt-get -qq install --no-install-recommends -y $missing
    } 2>&1) || {
        echo "$said" >&2
        echo "apt-get could not install:$missing" >&2
        exit 1
    }
}
