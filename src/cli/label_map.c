/* label_map.c - classes at every position: counted, and written to .npy files. */
#include "cli/label_map.h"

#include "base/file.h"

#include <lido/data.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void lido_label_map(const lido_real *y, const lido_shape *shape, int32_t *map, lido_real *share) {
    int64_t positions = lido_shape_positions(shape), classes = shape->channels;
    for (int64_t c = 0; c < classes; c++) share[c] = 0;
    for (int64_t p = 0; p < positions; p++, y += classes) {
        map[p] = 0;
        for (int32_t c = 1; c < classes; c++)
            if (y[c] > y[map[p]]) map[p] = c;
        share[map[p]]++; /* exact below 2^24 positions */
    }
    for (int64_t c = 0; c < classes; c++) share[c] /= (lido_real)positions;
}

lido_status lido_label_map_write(const char *folder, const char *file, int64_t index,
                                 const lido_shape *shape, int32_t *map, char *path, size_t size,
                                 lido_error *error) {
    const char *slash = strrchr(file, '/'), *stem = slash ? slash + 1 : file;
    const char *dot = strrchr(stem, '.');
    int length = dot ? (int)(dot - stem) : (int)strlen(stem);
    char name[LIDO_PATH_SIZE], number[32] = "";
    if (index >= 0) snprintf(number, sizeof number, "-%" PRId64, index);
    if (snprintf(name, sizeof name, "%.*s%s.npy", length, stem, number) >= (int)sizeof name)
        return lido_fail(error, LIDO_TOO_LARGE, "%.200s: the name is too long", stem);
    lido_npy array = {.type = LIDO_NPY_I32,
                      .rank = shape->rank,
                      .count = lido_shape_positions(shape),
                      .data = map};
    for (int a = 0; a < shape->rank; a++)
        array.dim[a] = shape->axis[LIDO_MAX_AXES - shape->rank + a];
    lido_status status = lido_make_folder(folder, error);
    if (!status) status = lido_path_join(folder, name, path, size, error);
    return status ? status : lido_npy_write(path, &array, error);
}
