# Builds for 64-bit ARM with Debian's cross compiler, and runs what was built, tests too, by qemu:
#
#     cmake -S . -B build/arm64 --toolchain cmake/aarch64-linux-gnu.cmake -DLIDO_SYSROOT=FOLDER
#
# FOLDER holds the libraries, unpacked from their arm64 packages; scripts/emulate.sh makes one.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)

set(LIDO_SYSROOT "" CACHE PATH "Folder with the libraries of the target")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LIDO_SYSROOT)
set(CMAKE_SYSROOT ${LIDO_SYSROOT})
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static -L ${LIDO_SYSROOT})

# Programs come from this machine, all else from the sysroot.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${LIDO_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${LIDO_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig)
