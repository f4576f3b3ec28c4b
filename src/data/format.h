/* format.h - what a data format is to the rest of the floor, and what the formats share.
 *
 * A format is one source file that ends in a `const lido_format lido_format_NAME` and one line of
 * registry.def. It turns a folder (or, for made sets, a seed) into a lido_dataset. */
#ifndef LIDO_DATA_FORMAT_H
#define LIDO_DATA_FORMAT_H

#include <lido/data.h>

typedef struct lido_load_request {
    const char *name; /* becomes the set's name */
    const char *path; /* the folder; NULL for sets that are made */
    lido_split split;
    int64_t limit; /* pictures at most, >= 1; INT64_MAX: all */
    int classes;   /* 0: as many as the training labels show */
    uint64_t seed; /* of sets that are made */
    lido_team *team;
} lido_load_request;

typedef struct lido_format {
    const char *name; /* as in "FORMAT:PATH" */
    const char *doc;  /* one line */
    /* True when the folder holds files of this format, whole or not; NULL: the set is made. */
    bool (*recognise)(const char *folder);
    lido_status (*load)(const lido_load_request *request, lido_dataset **set, lido_error *error);
    /* lido_dataset_each_size; NULL: all pictures are of one size. */
    lido_status (*each_size)(const lido_load_request *request, lido_size_group_use use,
                             void *context, lido_error *error);
} lido_format;

#define LIDO_FORMAT(name) extern const lido_format lido_format_##name;
#include "data/registry.def"
#undef LIDO_FORMAT

/* NULL when there is none of that name. */
const lido_format *lido_format_find(const char *name);

/* True when folder/name exists. */
bool lido_folder_has(const char *folder, const char *name);

/* LIDO_CORRUPT, naming `path` and the first offender, unless every label lies in [least, classes);
 * least is 0, or -1 where positions may have no label. */
lido_status lido_labels_check(const int32_t *labels, int64_t count, int least, int classes,
                              const char *path, lido_error *error);

/* 1 + the largest label (0 when there are none, or only negative ones). */
int lido_labels_classes(const int32_t *labels, int64_t count);

/* lido_picture_read of a file already in memory; `path` is for messages. */
lido_status lido_picture_decode(const char *path, const uint8_t *data, size_t size,
                                lido_shape *shape, uint8_t **pixels, lido_error *error);

/* *data = the bytes of a PNG file of an 8-bit picture (H, W, C), C = 1 grey or 3 colour; malloc'ed.
 * LIDO_SHAPE for other channels, LIDO_UNSUPPORTED when built without libpng, LIDO_MEMORY. */
lido_status lido_picture_encode(const lido_shape *shape, const uint8_t *pixels, uint8_t **data,
                                size_t *size, lido_error *error);

/* LIDO_UNSUPPORTED: `path` needs a library this build lacks; says which Debian package has it. */
lido_status lido_fail_without(lido_error *error, const char *path, const char *library,
                              const char *package);

/* The user's cache of data sets, $XDG_CACHE_HOME/lido or ~/.cache/lido; LIDO_NOT_FOUND when neither
 * variable is set. */
lido_status lido_cache_folder(char *path, size_t size, lido_error *error);

#endif
