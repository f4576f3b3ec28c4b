/* catalog.c - the known data sets as tables; what is known lies in data/catalog.def. */
#include "data/format.h"

#include <string.h>

#define LIDO_FILE(folder, name, md5, bytes) \
    { name, folder name, md5, bytes, NULL }
#define LIDO_ARCHIVE(folder, name, md5, bytes, members) \
    { name, folder name, md5, bytes, members }
#define LIDO_FILES(...) ((const lido_data_file[]){__VA_ARGS__, {NULL, NULL, NULL, 0, NULL}})
#define LIDO_MEMBERS(...) ((const lido_data_member[]){__VA_ARGS__, {NULL, 0}})

static const lido_data_source sources[] = {
#include "../../data/catalog.def"
};

enum { SOURCES = sizeof sources / sizeof *sources };

const lido_data_source *lido_data_sources(size_t *count) {
    *count = SOURCES;
    return sources;
}

const lido_data_source *lido_data_source_find(const char *name) {
    for (size_t i = 0; i < SOURCES; i++)
        if (strcmp(sources[i].name, name) == 0) return &sources[i];
    return NULL;
}
