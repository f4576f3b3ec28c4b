/* sibling.c - finding this program, and finding and becoming one built otherwise. */
#define _POSIX_C_SOURCE 200809L
#include "cli/sibling.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool lido_own_path(char path[LIDO_PATH_SIZE]) {
    ssize_t length = readlink("/proc/self/exe", path, LIDO_PATH_SIZE - 1);
    if (length < 0) return false;
    path[length] = '\0';
    return true;
}

/* The folder this program lies in; false where the system does not tell. */
static bool own_folder(char folder[LIDO_PATH_SIZE]) {
    if (!lido_own_path(folder)) return false;
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
    return slash != NULL;
}

static const struct {
    const char *name, *purpose;
} siblings[] = {
    [LIDO_SIBLING_DOUBLE] = {"lido-f64",
                             "gradients are checked by the program in double precision"},
    [LIDO_SIBLING_MPI] = {"lido-mpi", "runs are shared out by the program built with MPI"},
};

lido_status lido_sibling_become(lido_sibling which, char *const *argv, lido_error *error) {
    const char *name = siblings[which].name;
    char folder[LIDO_PATH_SIZE], path[LIDO_PATH_SIZE];
    if (!own_folder(folder) || lido_path_join(folder, name, path, sizeof path, NULL) ||
        access(path, X_OK) != 0)
        snprintf(path, sizeof path, "%s/%s", LIDO_LIBEXEC, name);
    fflush(stdout);
    execv(path, argv);
    lido_status status = errno == ENOENT ? LIDO_NOT_FOUND : LIDO_IO;
    return lido_fail(error, status, "%s, which cannot be run: %s: %s", siblings[which].purpose,
                     path, strerror(errno));
}
