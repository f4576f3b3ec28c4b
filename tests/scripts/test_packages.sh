#!/bin/sh
# test_packages.sh SCRIPTS - need_packages with the system's commands replaced: it names what is
# missing and stops without the right to install, and otherwise installs just that.
set -eu
scripts=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"

# command NAME BODY: a stand-in for a system command.
command_is() {
    printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

# need NAME...: runs need_packages; sets status; what it wrote is in $work/out and $work/err.
need() {
    : >"$work/apt"
    status=0
    (
        PATH="$work/bin:$PATH"
        . "$scripts/packages.sh"
        need_packages "$@"
        echo "went on"
    ) >"$work/out" 2>"$work/err" || status=$?
}

# expect FILE PATTERN: a line of the file matches.
expect() {
    grep -q -e "$2" "$work/$1" || {
        echo "expected \"$2\" in $1:"
        cat "$work/$1"
        exit 1
    }
}

expect_status() {
    [ "$status" -eq "$1" ] || { echo "status $status, expected $1"; cat "$work/err"; exit 1; }
}

command_is dpkg-query 'for last; do :; done
case $last in present | also) echo "install ok installed" ;; removed) echo "deinstall ok config-files" ;;
*) exit 1 ;; esac'
command_is apt-get "echo \"\$*\" >>'$work/apt'"
command_is sudo 'exit 1'
command_is id 'echo 1000'

need present also
expect_status 0
expect out 'went on'

need present absent removed
expect_status 1
expect err 'missing: absent removed$'
expect err 'apt-get install --no-install-recommends absent removed$'
[ ! -s "$work/apt" ] || { echo "apt-get was called"; exit 1; }
[ ! -s "$work/out" ] || { echo "it went on"; exit 1; }

command_is sudo '[ "$1" = -n ] && shift && exec "$@"'
need present absent
expect_status 0
expect apt 'update'
expect apt 'install .* absent$'
expect out 'went on'

command_is sudo 'exit 1'
command_is id 'echo 0'
need absent
expect_status 0
expect apt 'install .* absent$'

command_is apt-get 'exit 100'
need absent
expect_status 1
expect err 'could not install: absent'

# a CMake from elsewhere will do, if it is new enough
command_is cmake 'echo "cmake version 3.25.1"'
need cmake
expect_status 0
command_is cmake 'echo "cmake version 3.24.9"'
need cmake
expect_status 1
command_is cmake 'echo "cmake version 4.0.2"'
need cmake
expect_status 0
