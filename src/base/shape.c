/* shape.c - shapes of one sample, checked when made, and overflow-checked products. */
#include <lido/base.h>

#include <inttypes.h>
#include <stdio.h>

bool lido_mul(int64_t a, int64_t b, int64_t *product) {
    if (a >= 0 && b >= 0 && !__builtin_mul_overflow(a, b, product)) return true;
    *product = 0;
    return false;
}

lido_status lido_shape_make(const int64_t *dims, int count, lido_shape *shape, lido_error *error) {
    if (count < 1 || count > LIDO_MAX_AXES + 1)
        return lido_fail(error, LIDO_SHAPE,
                         "a shape has 1 to 4 numbers (spatial axes, then channels), not %d", count);
    *shape = (lido_shape){.rank = count - 1, .axis = {1, 1, 1}, .channels = dims[count - 1]};
    int64_t size = 1;
    for (int i = 0; i < count; i++) {
        if (dims[i] < 1)
            return lido_fail(error, LIDO_SHAPE, "sizes are at least 1, not %" PRId64, dims[i]);
        if (!lido_mul(size, dims[i], &size) || size > LIDO_MAX_ELEMENTS)
            return lido_fail(error, LIDO_TOO_LARGE, "a sample of more than 2^40 elements");
        if (i < count - 1) shape->axis[LIDO_MAX_AXES - (count - 1) + i] = dims[i];
    }
    return LIDO_OK;
}

int64_t lido_shape_positions(const lido_shape *shape) {
    return shape->axis[0] * shape->axis[1] * shape->axis[2];
}

int64_t lido_shape_size(const lido_shape *shape) {
    return lido_shape_positions(shape) * shape->channels;
}

bool lido_shape_equal(const lido_shape *a, const lido_shape *b) {
    return a->rank == b->rank && a->axis[0] == b->axis[0] && a->axis[1] == b->axis[1] &&
           a->axis[2] == b->axis[2] && a->channels == b->channels;
}

char *lido_shape_text(const lido_shape *shape, char *text, size_t size) {
    size_t used = 0;
    const char *opening = "[";
    for (int a = LIDO_MAX_AXES - shape->rank; a <= LIDO_MAX_AXES; a++) {
        int64_t number = a < LIDO_MAX_AXES ? shape->axis[a] : shape->channels;
        int written = snprintf(text + used, size - used, "%s%" PRId64, opening, number);
        if (written < 0 || (size_t)written >= size - used) return text;
        used += (size_t)written;
        opening = ",";
    }
    snprintf(text + used, size - used, "]");
    return text;
}
