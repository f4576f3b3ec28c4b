/* isbi.c - the membranes of the ISBI 2012 challenge: 30 grey pictures of 512x512, image/K.png, and
 * their maps, label/K.png, white inside cells, black at membranes; in a folder or in a .tar.gz.
 * They are cut into tiles of 64x64, row by row; pictures 0..23 are for training, 24..29 for
 * testing. Classes: 0 inside, 1 membrane. */
#include "data/format.h"

#include "base/file.h"
#include "data/unpack.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 512, TILE = 64, TILES = (SIDE / TILE) * (SIDE / TILE) };
enum { TRAIN_PICTURES = 24, PICTURES = 30, CLASSES = 2, WHITE = 128 };

static const char archive_name[] = "isbi-membrane.tar.gz";

/* Where the pictures lie in what is published, and in a folder of theirs alone. */
static const char *const inner_folders[] = {"isbi-membrane/data/membrane/train",
                                            "data/membrane/train", "train", "."};

static bool find_pictures(const char *folder, char *path) {
    char inner[128];
    for (size_t i = 0; i < sizeof inner_folders / sizeof *inner_folders; i++) {
        snprintf(inner, sizeof inner, "%s/image/0.png", inner_folders[i]);
        if (lido_folder_has(folder, inner))
            return !lido_path_join(folder, inner_folders[i], path, LIDO_PATH_SIZE, NULL);
    }
    return false;
}

static bool recognise(const char *folder) {
    char path[LIDO_PATH_SIZE];
    return lido_folder_has(folder, archive_name) || find_pictures(folder, path);
}

/* ---- tiles --------------------------------------------------------------------------------- */

/* What is being filled: `first` is the picture the set begins with. */
typedef struct filling {
    lido_dataset *set;
    int64_t first, pictures;
    bool *have[2]; /* have[is a map][picture] */
} filling;

/* One picture or map, already decoded, into its tiles as far as the set reaches. */
static void cut(const filling *f, int64_t picture, bool is_map, const uint8_t *pixels) {
    for (int64_t t = 0; t < TILES && picture * TILES + t < f->set->count; t++) {
        int64_t top = t / (SIDE / TILE) * TILE, left = t % (SIDE / TILE) * TILE;
        int64_t at = (picture * TILES + t) * TILE * TILE;
        for (int64_t y = 0; y < TILE; y++) {
            const uint8_t *row = pixels + (top + y) * SIDE + left;
            for (int64_t x = 0; is_map && x < TILE; x++)
                f->set->labels[at + y * TILE + x] = row[x] < WHITE;
            if (!is_map) memcpy(f->set->pixels + at + y * TILE, row, TILE);
        }
    }
}

static lido_status take(filling *f, int64_t picture, bool is_map, const char *path,
                        const uint8_t *data, size_t size, lido_error *error) {
    lido_shape shape;
    uint8_t *pixels;
    lido_status status = lido_picture_decode(path, data, size, &shape, &pixels, error);
    if (status) return status;
    if (shape.axis[1] != SIDE || shape.axis[2] != SIDE || shape.channels != 1) {
        char text[64];
        status = lido_fail(error, LIDO_CORRUPT, "%s: is %s, expected [512,512,1]", path,
                           lido_shape_text(&shape, text, sizeof text));
    } else {
        cut(f, picture, is_map, pixels);
        f->have[is_map][picture] = true;
    }
    free(pixels);
    return status;
}

/* ---- where they come from ------------------------------------------------------------------ */

static const char *const kinds[] = {"image", "label"};

static lido_status read_folder(filling *f, const char *folder, lido_error *error) {
    for (int64_t i = 0; i < 2 * f->pictures; i++) {
        char name[64], path[LIDO_PATH_SIZE];
        uint8_t *data;
        size_t size;
        snprintf(name, sizeof name, "%s/%" PRId64 ".png", kinds[i % 2], f->first + i / 2);
        lido_status status = lido_path_join(folder, name, path, sizeof path, error);
        if (!status) status = lido_file_read(path, 1 << 24, &data, &size, error);
        if (status) return status == LIDO_NOT_FOUND ? LIDO_CORRUPT : status;
        status = take(f, i / 2, i % 2, path, data, size, error);
        free(data);
        if (status) return status;
    }
    return LIDO_OK;
}

/* A member of the archive that is one of the pictures wanted. */
static lido_status visit(void *context, const char *name, const uint8_t *data, size_t size,
                         lido_error *error) {
    filling *f = context;
    for (int64_t i = 0; i < 2 * f->pictures; i++) {
        char end[64];
        snprintf(end, sizeof end, "/train/%s/%" PRId64 ".png", kinds[i % 2], f->first + i / 2);
        size_t length = strlen(name), tail = strlen(end);
        if (length >= tail && strcmp(name + length - tail, end) == 0)
            return take(f, i / 2, i % 2, name, data, size, error);
    }
    return LIDO_OK;
}

static lido_status read_archive(filling *f, const char *folder, lido_error *error) {
    char path[LIDO_PATH_SIZE];
    lido_status status = lido_path_join(folder, archive_name, path, sizeof path, error);
    if (!status) status = lido_archive_each(path, visit, f, error);
    for (int64_t i = 0; !status && i < 2 * f->pictures; i++)
        if (!f->have[i % 2][i / 2])
            status = lido_fail(error, LIDO_CORRUPT, "%s: has no %s/%" PRId64 ".png", path,
                               kinds[i % 2], f->first + i / 2);
    return status;
}

static lido_status load(const lido_load_request *request, lido_dataset **set, lido_error *error) {
    bool train = request->split == LIDO_TRAIN, have[2][PICTURES] = {{false}};
    filling f = {.first = train ? 0 : TRAIN_PICTURES,
                 .pictures = train ? TRAIN_PICTURES : PICTURES - TRAIN_PICTURES,
                 .have = {have[0], have[1]}};
    int64_t count = f.pictures * TILES;
    if (request->limit < count) count = request->limit;
    f.pictures = (count + TILES - 1) / TILES;
    const lido_shape shape = {.rank = 2, .axis = {1, TILE, TILE}, .channels = 1};
    lido_status status =
        lido_dataset_new(request->name, &shape, count, CLASSES, TILE * TILE, set, error);
    if (status) return status;
    f.set = *set;
    char folder[LIDO_PATH_SIZE];
    status = find_pictures(request->path, folder) ? read_folder(&f, folder, error)
                                                  : read_archive(&f, request->path, error);
    if (!status) return LIDO_OK;
    lido_dataset_free(*set);
    *set = NULL;
    return status;
}

const lido_format lido_format_isbi = {
    .name = "isbi",
    .doc = "ISBI 2012 membranes (isbi-membrane.tar.gz, or its image/ and label/)",
    .recognise = recognise,
    .load = load,
};
