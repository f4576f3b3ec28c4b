/* machine.c - the cores this process may use, and the thread count of the BLAS. */
#define _GNU_SOURCE
#include "base/machine.h"

#include <sched.h>
#include <unistd.h>

#ifdef LIDO_OPENBLAS
int openblas_get_num_threads(void);
void openblas_set_num_threads(int threads);
char *openblas_get_config(void);
#endif

int lido_cores(void) {
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : (int)online;
}

int lido_cores_claim(int wanted) {
#ifdef __linux__
    if (lido_cores() < wanted) {
        cpu_set_t all;
        CPU_ZERO(&all);
        for (long i = 0; i < sysconf(_SC_NPROCESSORS_CONF) && i < CPU_SETSIZE; i++)
            CPU_SET(i, &all);
        sched_setaffinity(0, sizeof all, &all);
    }
#endif
    return lido_cores();
}

#ifdef LIDO_OPENBLAS
int lido_blas_threads_set(int threads) {
    int before = openblas_get_num_threads();
    openblas_set_num_threads(threads);
    return before;
}

const char *lido_blas_description(void) {
    return openblas_get_config();
}
#else
int lido_blas_threads_set(int threads) {
    return threads; /* other BLAS libraries are asked by their environment variables */
}

const char *lido_blas_description(void) {
    return "a BLAS other than OpenBLAS";
}
#endif
