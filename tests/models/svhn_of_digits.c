/* svhn_of_digits.c DIR - writes DIR/train_32x32.mat and DIR/test_32x32.mat as SVHN publishes its
 * files, but of drawn colour digits: what models/svhn.json is exercised on where the real ones are
 * not. MATLAB v5, not compressed. */
#include <lido/lido.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MI_INT8 = 1, MI_UINT8 = 2, MI_INT32 = 5, MI_UINT32 = 6, MI_MATRIX = 14, MX_UINT8 = 9 };

static void put_element(FILE *file, uint32_t type, const void *data, uint32_t bytes) {
    static const char zeros[8];
    const uint32_t tag[2] = {type, bytes};
    fwrite(tag, sizeof tag, 1, file);
    fwrite(data, 1, bytes, file);
    fwrite(zeros, 1, (8 - bytes % 8) % 8, file);
}

static uint32_t padded(uint32_t bytes) {
    return (bytes + 7) / 8 * 8;
}

/* One variable of bytes; the last dimension is the slowest. */
static void put_variable(FILE *file, const char *name, const int32_t *dim, uint32_t rank,
                         const uint8_t *data) {
    const uint32_t flags[2] = {MX_UINT8, 0}, length = (uint32_t)strlen(name);
    uint32_t bytes = 1;
    for (uint32_t i = 0; i < rank; i++) bytes *= (uint32_t)dim[i];
    const uint32_t tag[2] = {MI_MATRIX,
                             8 + 8 + 8 + padded(4 * rank) + 8 + padded(length) + 8 + padded(bytes)};
    fwrite(tag, sizeof tag, 1, file);
    put_element(file, MI_UINT32, flags, sizeof flags);
    put_element(file, MI_INT32, dim, 4 * rank);
    put_element(file, MI_INT8, name, length);
    put_element(file, MI_UINT8, data, bytes);
}

/* MATLAB's order: a picture is [C][W][H]; the digit 0 is labelled 10. */
static void turn(const lido_dataset *set, uint8_t *pixels, uint8_t *labels) {
    const int64_t h = set->shape.axis[1], w = set->shape.axis[2], c = set->shape.channels;
    const uint8_t *from = set->pixels;
    for (int64_t n = 0; n < set->count; n++) {
        labels[n] = set->labels[n] == 0 ? 10 : (uint8_t)set->labels[n];
        for (int64_t i = 0; i < h; i++)
            for (int64_t j = 0; j < w; j++)
                for (int64_t k = 0; k < c; k++)
                    pixels[((n * c + k) * w + j) * h + i] = from[((n * h + i) * w + j) * c + k];
    }
}

static int write_split(const char *folder, const char *name, lido_split split) {
    lido_error error;
    lido_dataset *set;
    if (lido_dataset_load("synthetic-color", split, NULL, &set, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return EXIT_FAILURE;
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    uint8_t *pixels = malloc((size_t)(set->count * lido_shape_size(&set->shape)));
    uint8_t *labels = malloc((size_t)set->count);
    int failed = !file || !pixels || !labels;
    if (!failed) {
        char header[128] = "MATLAB 5.0 MAT-file, drawn digits in the form of SVHN";
        const uint16_t version = 0x0100, order = 'M' << 8 | 'I';
        memcpy(header + 124, &version, sizeof version);
        memcpy(header + 126, &order, sizeof order);
        fwrite(header, sizeof header, 1, file);
        turn(set, pixels, labels);
        put_variable(file, "X", (int32_t[]){32, 32, 3, (int32_t)set->count}, 4, pixels);
        put_variable(file, "y", (int32_t[]){(int32_t)set->count, 1}, 2, labels);
    }
    if (file) failed |= fclose(file) != 0;
    free(pixels);
    free(labels);
    lido_dataset_free(set);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int count, char **argument) {
    if (count != 2) {
        fprintf(stderr, "usage: svhn_of_digits DIR\n");
        return 2;
    }
    int failed = write_split(argument[1], "train_32x32.mat", LIDO_TRAIN);
    return failed | write_split(argument[1], "test_32x32.mat", LIDO_TEST);
}
