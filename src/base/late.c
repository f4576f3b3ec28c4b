/* late.c - loading a shared library when it is needed; the only user of dlopen. */
#define _POSIX_C_SOURCE 200809L
#include "base/late.h"

#include <dlfcn.h>
#include <string.h>

static lido_status fail_load(const char *library, lido_error *error) {
    const char *reason = dlerror();
    return lido_fail(error, LIDO_UNSUPPORTED, "%s cannot be loaded: %s", library,
                     reason ? reason : "no reason given");
}

lido_status lido_late_load(const char *library, const lido_late_function *list, void *functions,
                           lido_error *error) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return fail_load(library, error);
    for (; list->name; list++) {
        void *function = dlsym(handle, list->name);
        if (!function) return fail_load(library, error);
        memcpy((char *)functions + list->offset, &function, sizeof function);
    }
    return LIDO_OK;
}
