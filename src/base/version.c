/* version.c - the version, as the build says it. */
#include <lido/base.h>

const char *lido_version(void) {
    return LIDO_VERSION;
}
