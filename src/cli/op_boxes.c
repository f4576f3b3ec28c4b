/* op_boxes.c - boxes sorted by sample, each sample's in the order of the file. */
#include "cli/op_boxes.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BOX_NUMBERS = 5 };

static lido_status check_samples(const lido_real *rows, int64_t count, int64_t samples,
                                 lido_error *error) {
    for (int64_t k = 0; k < count; k++) {
        const double sample = (double)rows[k * BOX_NUMBERS];
        if (sample >= 0 && sample < (double)samples && sample == floor(sample)) continue;
        return lido_fail(error, LIDO_MISMATCH,
                         "box %" PRId64 " is on sample %g, allowed: 0 to %" PRId64, k, sample,
                         samples - 1);
    }
    return LIDO_OK;
}

/* slot[k] = the place among the boxes of its sample, at first; boxes->each the most of any. */
static void count_boxes(const lido_real *rows, lido_op_boxes *boxes, int64_t *filled) {
    for (int64_t k = 0; k < boxes->count; k++) {
        const int64_t sample = (int64_t)rows[k * BOX_NUMBERS];
        boxes->slot[k] = filled[sample]++;
        if (filled[sample] > boxes->each) boxes->each = filled[sample];
    }
    for (int64_t k = 0; k < boxes->count; k++)
        boxes->slot[k] += (int64_t)rows[k * BOX_NUMBERS] * boxes->each;
}

lido_status lido_op_boxes_make(const lido_real *rows, int64_t count, int64_t samples,
                               lido_op_boxes *boxes, lido_error *error) {
    int64_t all;
    lido_status status = check_samples(rows, count, samples, error);
    if (status) return status;
    if (!lido_mul(count, samples, &all) || all > LIDO_MAX_ELEMENTS / BOX_NUMBERS)
        return lido_fail(error, LIDO_TOO_LARGE, "too many boxes");
    *boxes = (lido_op_boxes){.count = count, .samples = samples};
    boxes->slot = calloc((size_t)count, sizeof *boxes->slot);
    int64_t *filled = calloc((size_t)samples, sizeof *filled);
    if (boxes->slot && filled)
        count_boxes(rows, boxes, filled);
    else
        status = lido_fail(error, LIDO_MEMORY, "no memory for the boxes");
    free(filled);
    return status;
}

void lido_op_boxes_free(lido_op_boxes *boxes) {
    free(boxes->slot);
    *boxes = (lido_op_boxes){0};
}

void *lido_op_boxes_spread(const lido_op_boxes *boxes, size_t bytes, const void *from) {
    char *made = calloc((size_t)(boxes->samples * boxes->each), bytes);
    for (int64_t k = 0; made && k < boxes->count; k++)
        memcpy(made + (size_t)boxes->slot[k] * bytes, (const char *)from + (size_t)k * bytes,
               bytes);
    return made;
}

void *lido_op_boxes_gather(const lido_op_boxes *boxes, size_t bytes, const void *from) {
    char *made = calloc((size_t)boxes->count, bytes);
    for (int64_t k = 0; made && k < boxes->count; k++)
        memcpy(made + (size_t)k * bytes, (const char *)from + (size_t)boxes->slot[k] * bytes,
               bytes);
    return made;
}
