#!/bin/sh
# test_globals.sh LIBRARY NM - the library keeps no mutable globals: no symbol lies in a section that
# can be written. (.data.rel.ro holds constants that contain pointers.)
set -eu
found=$("${2:-nm}" --format=sysv "$1" | awk -F'|' '
    { gsub(/ /, "", $7) }
    $7 ~ /^\.t?(data|bss)/ && $7 !~ /^\.data\.rel\.ro/ || $7 ~ /COM/ { print $1, $7 }')
[ -z "$found" ] || {
    echo "mutable globals in $1:"
    echo "$found"
    exit 1
}
