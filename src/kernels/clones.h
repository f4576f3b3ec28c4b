/* clones.h - one plain C loop, compiled for several generations of x86-64; the loader picks.
 *
 * Put LIDO_CLONES before a function whose loops the compiler vectorises. Functions it calls in
 * its loops are LIDO_INLINE. It takes gcc 12 or clang 19: older ones do not know the generations by
 * these names, or give the chosen function a name that other files do not find. They, and
 * sanitizers, which cannot run the loader's choice, get the plain function. */
#ifndef LIDO_KERNELS_CLONES_H
#define LIDO_KERNELS_CLONES_H

#if defined(__clang__)
#    define LIDO_KNOWS_CLONES (__clang_major__ >= 19)
#elif defined(__GNUC__)
#    define LIDO_KNOWS_CLONES (__GNUC__ >= 12)
#else
#    define LIDO_KNOWS_CLONES 0
#endif

#if LIDO_KNOWS_CLONES && defined(__x86_64__) && defined(__gnu_linux__) && !defined(LIDO_SANITIZED)
#    define LIDO_CLONED
#    define LIDO_CLONES \
        __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#    define LIDO_CLONES
#endif

/* Bytes of a vector that fits a register of what such a function is compiled for (but for the
 * oldest of the clones): a larger one would live in memory. */
#if defined(__AVX__) || defined(LIDO_CLONED)
#    define LIDO_VECTOR 32
#else
#    define LIDO_VECTOR 16
#endif

/* What such a function calls in its loops: always a part of it, and so compiled with it. */
#if defined(__GNUC__)
#    define LIDO_INLINE static inline __attribute__((always_inline))
#else
#    define LIDO_INLINE static inline
#endif

#endif
