/* places.c - where data sets are looked for: options->dir, $LIDO_DATA, ./data, the user's cache. */
#include "data/format.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool lido_folder_has(const char *folder, const char *name) {
    char path[LIDO_PATH_SIZE];
    return lido_path_join(folder, name, path, sizeof path, NULL) == LIDO_OK &&
           lido_path_exists(path);
}

/* The value of a variable, NULL when unset or empty. */
static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

lido_status lido_cache_folder(char *path, size_t size, lido_error *error) {
    const char *cache = environment("XDG_CACHE_HOME"), *home = environment("HOME");
    if (cache && *cache == '/') return lido_path_join(cache, "lido", path, size, error);
    if (home) return lido_path_join(home, ".cache/lido", path, size, error);
    return lido_fail(error, LIDO_NOT_FOUND,
                     "there is no user's cache: neither $XDG_CACHE_HOME nor $HOME is set");
}

lido_status lido_data_find(const char *name, const lido_data_options *options, char *path,
                           size_t size, lido_error *error) {
    const lido_data_source *source = lido_data_source_find(name);
    const lido_format *format = source ? lido_format_find(source->format) : NULL;
    if (!format || !format->recognise)
        return lido_fail(error, LIDO_NOT_FOUND, "%.100s: not a data set that lies in a folder",
                         name);
    char cache[LIDO_PATH_SIZE];
    const char *places[] = {options ? options->dir : NULL, environment("LIDO_DATA"), "data",
                            lido_cache_folder(cache, sizeof cache, NULL) ? NULL : cache};
    char searched[640] = "";
    size_t used = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (!places[i]) continue;
        lido_status status = lido_path_join(places[i], source->folder, path, size, error);
        if (status) return status;
        if (format->recognise(path)) return LIDO_OK;
        if (used < sizeof searched)
            used += (size_t)snprintf(searched + used, sizeof searched - used, "%s%s",
                                     used > 0 ? ", " : "", path);
    }
    if (!source->files)
        return lido_fail(error, LIDO_NOT_FOUND, "%s: not found in %s; put %s there", name, searched,
                         format->doc);
    return lido_fail(error, LIDO_NOT_FOUND,
                     "%s: not found in %s; `lido data fetch %s` downloads it", name, searched,
                     name);
}
