/* test_npy.c - .npy arrays: what NumPy 2.4 writes, both orders, round trips, and damage. */
#define _GNU_SOURCE
#include "data_files.h"

/* numpy.save of np.arange(6, dtype='<f4').reshape(2, 3), without the header's padding. */
#define F4 "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n"

/* A file of the given version, header and body into out[512]; returns its size. */
static size_t compose(int version, const char *header, const void *body, size_t bytes,
                      uint8_t *out) {
    size_t length = strlen(header), at = version == 1 ? 10 : 12;
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (uint8_t)version;
    out[7] = 0;
    for (size_t i = 8; i < at; i++) out[i] = (uint8_t)(length >> (8 * (i - 8)));
    memcpy(out + at, header, length);
    memcpy(out + at + length, body, bytes);
    return at + length + bytes;
}

static lido_status read_composed(scratch *s, const char *header, const void *body, size_t bytes,
                                 lido_npy *array, lido_error *error) {
    uint8_t file[512];
    size_t size = compose(1, header, body, bytes, file);
    return lido_npy_read(scratch_write(s, "a.npy", file, size), array, error);
}

static const float six[] = {0, 1, 2, 3, 4, 5};

START_TEST(reads_both_versions) {
    scratch s = scratch_make();
    for (int version = 1; version <= 2; version++) {
        uint8_t file[512];
        lido_error error;
        lido_npy array;
        size_t size = compose(version, F4, six, sizeof six, file);
        assert_ok(lido_npy_read(scratch_write(&s, "a.npy", file, size), &array, &error));
        ck_assert_int_eq(array.type, LIDO_NPY_F32);
        ck_assert_int_eq(array.rank, 2);
        ck_assert_int_eq(array.dim[0], 2);
        ck_assert_int_eq(array.dim[1], 3);
        ck_assert_int_eq(array.count, 6);
        ck_assert_mem_eq(array.data, six, sizeof six);
        lido_npy_free(&array);
        ck_assert_ptr_null(array.data);
    }
    scratch_free(&s);
}
END_TEST

START_TEST(transposes_fortran_order) {
    scratch s = scratch_make();
    lido_error error;
    lido_npy array;
    uint8_t stored[24], expected[24];
    for (int d = 0; d < 2; d++) /* a[d][h][w] of shape (2, 3, 4), element value its C index */
        for (int h = 0; h < 3; h++)
            for (int w = 0; w < 4; w++)
                stored[d + 2 * (h + 3 * w)] = (uint8_t)((d * 3 + h) * 4 + w);
    for (int i = 0; i < 24; i++) expected[i] = (uint8_t)i;
    assert_ok(read_composed(&s, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4)}",
                            stored, 24, &array, &error));
    ck_assert_mem_eq(array.data, expected, 24);
    lido_npy_free(&array);
    scratch_free(&s);
}
END_TEST

START_TEST(round_trips) {
    scratch s = scratch_make();
    lido_error error;
    int64_t numbers[] = {-1, 0, 1, 254, 70000, 5};
    lido_real converted[6];
    for (int rank = 0; rank <= 3; rank++) {
        lido_npy out = {LIDO_NPY_I64, rank, {rank == 0 ? 1 : 6, 1, 1}, rank == 0 ? 1 : 6, numbers};
        lido_npy in;
        assert_ok(lido_npy_write(scratch_path(&s, "b.npy"), &out, &error));
        assert_ok(lido_npy_read(s.path, &in, &error));
        ck_assert_int_eq(in.rank, rank);
        ck_assert_int_eq(in.count, out.count);
        ck_assert_mem_eq(in.data, numbers, (size_t)out.count * sizeof *numbers);
        lido_npy_to_real(&in, converted);
        for (int64_t i = 0; i < in.count; i++) ck_assert(converted[i] == (lido_real)numbers[i]);
        lido_npy_free(&in);
    }
    scratch_free(&s);
}
END_TEST

START_TEST(writes_as_numpy_does) {
    scratch s = scratch_make();
    lido_error error;
    uint8_t *data;
    size_t size;
    float copy[6];
    memcpy(copy, six, sizeof six);
    lido_npy array = {LIDO_NPY_F32, 2, {2, 3}, 6, copy};
    assert_ok(lido_npy_write(scratch_path(&s, "c.npy"), &array, &error));
    assert_ok(lido_file_read(s.path, 1 << 16, &data, &size, &error));
    ck_assert_uint_eq(size, 128 + sizeof six);
    ck_assert_mem_eq(data, "\x93NUMPY\x01\x00\x76\x00", 10);
    ck_assert_mem_eq(data + 10, F4, strlen(F4) - 1);
    ck_assert_int_eq(data[127], '\n');
    ck_assert_mem_eq(data + 128, six, sizeof six);
    free(data);
    scratch_free(&s);
}
END_TEST

static const struct {
    const char *header, *message;
} refused[] = {
    {"", "the header is not a dictionary"},
    {"{", "the header is not a dictionary"},
    {"{'descr': '<f4', 'fortran_order': False}", "lacks descr, fortran_order or shape"},
    {"{'descr': '>f4', 'fortran_order': False, 'shape': (6,)}", "elements of type '>f4'"},
    {"{'descr': '|O', 'fortran_order': False, 'shape': (6,)}", "elements of type '|O'"},
    {"{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (6,)}", "elements of type"},
    {"{'descr': '<f4', 'fortran_order': 0, 'shape': (6,)}", "fortran_order is not understood"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (-6,)}", "shape is not understood"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,6)}",
     "shape is not understood"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
     "shape is not understood"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "overflows"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (7,)}",
     "truncated: its shape needs 28 bytes, it holds 24"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (5,)}", "overlong"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (6,)} x", "more after"},
    {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (6,)}",
     "unexpected key 'descr'"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'x': 1}", "unexpected key 'x'"},
};

START_TEST(refuses_other_headers) {
    scratch s = scratch_make();
    lido_error error;
    lido_npy array;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_fails(read_composed(&s, refused[i].header, six, sizeof six, &array, &error),
                     LIDO_CORRUPT, refused[i].message);
        ck_assert_ptr_null(array.data);
    }
    assert_fails(
        lido_npy_read(scratch_write(&s, "a.npy", "\x93NUMPY\x03\x00..", 10), &array, &error),
        LIDO_CORRUPT, "version 3.0; read are 1.0 and 2.0");
    assert_fails(lido_npy_read(scratch_write(&s, "a.npy", "PK\x03\x04......", 10), &array, &error),
                 LIDO_CORRUPT, "not a .npy file");
    assert_fails(lido_npy_read(scratch_path(&s, "none.npy"), &array, &error), LIDO_NOT_FOUND,
                 "none.npy: cannot open");
    scratch_free(&s);
}
END_TEST

static lido_status read_array(const char *path, const void *context) {
    (void)context;
    lido_npy array;
    lido_error error;
    lido_status status = lido_npy_read(path, &array, &error);
    lido_npy_free(&array);
    return status;
}

START_TEST(survives_damage) {
    scratch s = scratch_make();
    uint8_t file[512];
    size_t size = compose(1, F4, six, sizeof six, file);
    ck_assert_int_gt(read_mutated(&s, "a.npy", file, size, 2000, read_array, NULL), 1000);
    read_truncated(&s, "a.npy", file, size, 1, read_array, NULL);
    scratch_free(&s);
}
END_TEST

LIDO_TEST_MAIN("npy", reads_both_versions, transposes_fortran_order, round_trips,
               writes_as_numpy_does, refuses_other_headers, survives_damage)
