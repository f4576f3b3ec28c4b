/* version.c - the version, as the build says it. */
#include <lido/lido.h>

const char *lido_version(void) {
    return LIDO_VERSION;
}
