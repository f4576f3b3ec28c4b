/* lido/data.h - the data floor: labelled pictures in memory, where they are found, how they are
 * fetched, and how a batch of network input is made of them.
 *
 * Pixels stay 8-bit in memory (the SVHN extra set, 531,131 pictures, takes 1.6 GB) and become
 * lido_real only in a batch. A data format is one source file of src/data and one line of
 * src/data/registry.def.
 */
#ifndef LIDO_DATA_H
#define LIDO_DATA_H

#include <lido/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum lido_split { LIDO_TRAIN, LIDO_TEST } lido_split;

/* A labelled set. Owned by the caller of the function that made it; lido_dataset_free releases. */
typedef struct lido_dataset {
    char name[LIDO_TEXT_SIZE];
    lido_shape shape;    /* of one picture, [H, W, C] */
    int64_t count;       /* pictures, >= 1 */
    int classes;         /* labels lie in [0, classes); in a map also -1: does not count */
    uint8_t *pixels;     /* (count, H, W, C) */
    int32_t *labels;     /* (count, labels_each) */
    int64_t labels_each; /* 1: a class a picture; H * W: a label map; with boxes: one a box */
    float *boxes;        /* (count, labels_each, 5): rows (0, x1, y1, x2, y2) in pixels; NULL: none.
                            A box that is not used has the label -1 */
} lido_dataset;

enum { LIDO_BOX_NUMBERS = 5 };

/* Where sets are looked for and what is made of them. */
typedef struct lido_data_options {
    const char *dir; /* --data-dir: searched first; NULL: none */
    int64_t limit;   /* at most so many pictures, the first; the rest is not looked at; 0: all */
    uint64_t seed;   /* of the synthetic sets */
    lido_team *team; /* draws them */
} lido_data_options;

/* Loads one split of a set named as in a spec: mnist, fashion-mnist, svhn, svhn-extra (its training
 * split is train + extra), cifar10, isbi-membrane, one that is drawn (synthetic, synthetic-color,
 * synthetic-map, synthetic-scenes, synthetic-texture, synthetic-shape), or "FORMAT:PATH" (idx:,
 * mat:, mat-extra:, cifar10:, folder:, npy:; the classes are then those of the training labels). A
 * named set is a folder of its name in options->dir, $LIDO_DATA, ./data, then the user's cache
 * ($XDG_CACHE_HOME/lido or ~/.cache/lido): the first folder that holds it wins; a corrupt one is an
 * error, never skipped. The synthetic sets lie nowhere: picture i of a split is a function of
 * (seed, split, i). options may be NULL. Errors: LIDO_NOT_FOUND (says where it looked and how to
 * fetch), LIDO_CORRUPT (file, what was expected), LIDO_UNSUPPORTED, LIDO_IO, LIDO_MEMORY. */
lido_status lido_dataset_load(const char *name, lido_split split, const lido_data_options *options,
                              lido_dataset **set, lido_error *error);

/* The pictures of one size of a split, as a set of their own. */
typedef struct lido_size_group {
    const lido_dataset *set; /* until the call returns */
    int64_t sizes;           /* in the split */
    int64_t pictures;        /* of all sizes */
} lido_size_group;

/* Anything but LIDO_OK ends the walk and becomes its result. */
typedef lido_status (*lido_size_group_use)(void *context, const lido_size_group *group,
                                           lido_error *error);

/* As lido_dataset_load, for pictures of several sizes, which only "folder:" can hold: calls `use`
 * for each size in the order in which the sizes first appear, with one size in memory at a time.
 * Pictures keep their order and their labels; the limit is that of all sizes together. */
lido_status lido_dataset_each_size(const char *name, lido_split split,
                                   const lido_data_options *options, lido_size_group_use use,
                                   void *context, lido_error *error);

/* Allocates a set of the given geometry with uninitialised pixels and labels, sizes checked. */
lido_status lido_dataset_new(const char *name, const lido_shape *shape, int64_t count, int classes,
                             int64_t labels_each, lido_dataset **set, lido_error *error);

/* Gives the set a box for each of its labels, all 0. */
lido_status lido_dataset_add_boxes(lido_dataset *set, lido_error *error);

/* NULL is allowed. */
void lido_dataset_free(lido_dataset *set);

/* ---- what is known ------------------------------------------------------------------------- */

/* A file inside an archive, and its exact size. */
typedef struct lido_data_member {
    const char *name; /* in the archive; its last part is the name in the set's folder */
    int64_t bytes;
} lido_data_member;

/* One file of a known set as its makers publish it. */
typedef struct lido_data_file {
    const char *name; /* in the set's folder */
    const char *url;
    const char *md5; /* 32 hexadecimal digits of the published file */
    int64_t bytes;   /* as published, for display; 0: not known */
    /* NULL: kept as it is; otherwise an archive of which these are unpacked (ended by a NULL name)
     * and which is then removed. */
    const lido_data_member *members;
} lido_data_file;

typedef struct lido_data_source {
    const char *name, *doc, *licence, *home;
    const char *shape; /* "28x28x1" */
    int64_t train, test;
    int classes;
    const char *folder;          /* the name of its folder; "" for a set that is made */
    const char *format;          /* "idx", "mat", ... */
    const lido_data_file *files; /* ended by a NULL name; NULL: not fetched */
} lido_data_source;

/* The known sets, in the order of `lido data list`; *count is set to their number. */
const lido_data_source *lido_data_sources(size_t *count);
/* NULL when there is no known set of that name. */
const lido_data_source *lido_data_source_find(const char *name);
/* The folder that holds the named set by the search order above, into path[size]; LIDO_NOT_FOUND
 * with the places searched otherwise. */
lido_status lido_data_find(const char *name, const lido_data_options *options, char *path,
                           size_t size, lido_error *error);

/* Progress of a download; return false to stop it (LIDO_INTERRUPTED; what came so far is kept and
 * resumed next time). total is 0 when the server does not say. */
typedef bool (*lido_fetch_progress)(void *context, const char *file, int64_t done, int64_t total);

typedef struct lido_fetch_options {
    const char *dir; /* where the set's folder is made; NULL: the user's cache */
    const char
        *base_url; /* replaces everything before the file's name in the url: a mirror; NULL */
    int tries;     /* attempts for each file, each resuming the last; 0: 5 */
    lido_fetch_progress progress;
    void *context;
} lido_fetch_options;

/* Downloads the files of a known set over HTTP(S): each into NAME.part, resumed by a range request,
 * checked against its md5, renamed into place only when whole; files already there with the right
 * md5 are kept. Archives are unpacked, all members or none. Errors: LIDO_USAGE (a made set),
 * LIDO_NETWORK, LIDO_CORRUPT (a checksum that does not match: the part is removed), LIDO_IO,
 * LIDO_UNSUPPORTED (built without libcurl), LIDO_INTERRUPTED. */
lido_status lido_data_fetch(const lido_data_source *source, const lido_fetch_options *options,
                            lido_error *error);

/* ---- batches ------------------------------------------------------------------------------- */

enum { LIDO_MAX_INPUT_CHANNELS = 16 };

/* Input normalisation by channel: x = (pixel / 255 - mean) / deviation. */
typedef struct lido_normalisation {
    int channels;
    double mean[LIDO_MAX_INPUT_CHANNELS], deviation[LIDO_MAX_INPUT_CHANNELS];
} lido_normalisation;

/* Mean and (population) deviation of each channel over the listed samples (NULL: all, count =
 * set->count), of pixel / 255, exactly (integer sums); a constant channel gets deviation 1. */
void lido_normalisation_measure(const lido_dataset *set, const int64_t *samples, int64_t count,
                                lido_normalisation *normalisation);

/* Random changes of the training pictures. */
typedef struct lido_augment {
    int64_t shift; /* by -shift..shift whole pixels on each axis, black moving in */
    bool crop;     /* pictures larger than the input: a random crop, else centred */
    bool flip;     /* left-right with probability 1/2 */
} lido_augment;

extern const lido_option lido_augment_options[];

/* How a batch is made. augment NULL: none (evaluation: centre crop when pictures are larger). */
typedef struct lido_batch_rule {
    const lido_dataset *set;
    lido_shape input; /* [H, W, C] of the network; at most the set's H, W; the same C */
    lido_normalisation normalisation;
    const lido_augment *augment;
    uint64_t seed;
    lido_team *team;
} lido_batch_rule;

/* LIDO_SHAPE when the set's pictures cannot become the network's input (says both shapes); larger
 * pictures are accepted only when `crop` is set in the rule's augment or crop_allowed. LIDO_SPEC:
 * whatever would move the pictures of a set with boxes. */
lido_status lido_batch_check(const lido_batch_rule *rule, bool crop_allowed, lido_error *error);

/* x[i] (count, H, W, C) and labels[i] from samples[i], i < count; labels[i] is a map of the input's
 * H * W, moved with its picture, where the set has label maps; what moves in from outside has the
 * label -1, as has what does not count. The draws of sample s are a function of (seed, epoch, s):
 * not of its place in the batch nor of threads. x or labels may be NULL. */
void lido_batch_fill(const lido_batch_rule *rule, uint64_t epoch, const int64_t *samples,
                     int64_t count, lido_real *x, int32_t *labels);

/* ---- pictures and arrays ------------------------------------------------------------------- */

/* An 8-bit picture (H, W, C), C = 1 grey or 3 colour (alpha is blended onto black, palettes are
 * expanded, 16 bits are reduced to 8). PNG by libpng, JPEG by libjpeg-turbo, told apart by their
 * first bytes. *pixels is malloc'ed, the caller frees it; pixels NULL: only the shape is read, from
 * the file's header. LIDO_UNSUPPORTED when built without the library, LIDO_CORRUPT, LIDO_NOT_FOUND,
 * LIDO_TOO_LARGE (more than 2^28 pixels). */
lido_status lido_picture_read(const char *path, lido_shape *shape, uint8_t **pixels,
                              lido_error *error);

/* NumPy .npy files, versions 1 and 2, little-endian, C order (Fortran order is transposed on
 * reading): float32, float64, uint8, int32 and int64. */
typedef enum lido_npy_type {
    LIDO_NPY_U8,
    LIDO_NPY_I32,
    LIDO_NPY_I64,
    LIDO_NPY_F32,
    LIDO_NPY_F64
} lido_npy_type;

enum { LIDO_NPY_MAX_DIMS = 8 };

typedef struct lido_npy {
    lido_npy_type type;
    int rank;
    int64_t dim[LIDO_NPY_MAX_DIMS];
    int64_t count; /* elements */
    void *data;    /* malloc'ed; lido_npy_free releases */
} lido_npy;

lido_status lido_npy_read(const char *path, lido_npy *array, lido_error *error);
/* Writes to a temporary name beside path, fsyncs, renames. */
lido_status lido_npy_write(const char *path, const lido_npy *array, lido_error *error);
/* Elements as lido_real (from any type) into out[array->count]. */
void lido_npy_to_real(const lido_npy *array, lido_real *out);
/* Sets data to NULL; a zeroed struct is allowed. */
void lido_npy_free(lido_npy *array);

#ifdef __cplusplus
}
#endif

#endif
