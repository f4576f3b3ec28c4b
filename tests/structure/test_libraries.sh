#!/bin/sh
# test_libraries.sh OBJDUMP FILE... - libraries that few commands need are not loaded at every start:
# no FILE (the program, the library) is linked with them.
set -eu
objdump=$1
shift
! "$objdump" -p "$@" | grep -E 'NEEDED +lib(curl|archive)\.'
