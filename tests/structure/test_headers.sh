#!/bin/sh
# test_headers.sh INCLUDE CC - every public header compiles on its own, as C11 and as C++11, in both
# precisions.
set -eu
include=$1
cc=$2

for header in "$include"/lido/*.h; do
    name=lido/$(basename "$header")
    for define in "" -DLIDO_DOUBLE; do
        for language in "c -std=c11 -Wstrict-prototypes" "c++ -std=c++11"; do
            # shellcheck disable=SC2086  # $language and $define are words
            echo "#include <$name>" | "$cc" -x $language $define -Wall -Wextra -Wpedantic -Werror \
                -fsyntax-only -I "$include" - || {
                echo "$name does not compile as $language $define"
                exit 1
            }
        done
    done
done
