/* test_mat_file.c - going through the variables of a MATLAB file, and what stored elements mean;
 * whole sets and damage are tested by test_mat.c. */
#define _GNU_SOURCE
#include "data_files.h"

#include "data/mat_file.h"

static const char *golden(const char *name) {
    static char path[LIDO_PATH_SIZE];
    snprintf(path, sizeof path, "%s/tests/golden/mat/%s", LIDO_SOURCE_DIR, name);
    return path;
}

/* In the order make_mat.py gives them; which are real numeric arrays, and their sizes. */
static const struct {
    const char *name;
    int64_t count; /* -1: not numeric */
} variables[] = {
    {"y", 6},        {"text", -1},   {"cell", -1}, {"structure", -1},
    {"complex", -1}, {"sparse", -1}, {"empty", 0}, {"a_variable_with_a_long_name_of_31", -1},
    {"X", 360},      {"last", 1},
};

START_TEST(goes_through_all_variables) {
    lido_error error;
    lido_stream stream;
    lido_mat_array array;
    bool found;
    assert_ok(lido_mat_open(golden("others_plain.mat"), &stream, &error));
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        assert_ok(lido_mat_next(&stream, &array, &found, &error));
        ck_assert(found);
        ck_assert_str_eq(array.name, variables[i].name);
        if (variables[i].count >= 0) {
            ck_assert(array.numeric);
            ck_assert_int_eq(array.count, variables[i].count);
        }
        assert_ok(lido_mat_leave(&stream, &array, &error));
    }
    assert_ok(lido_mat_next(&stream, &array, &found, &error));
    ck_assert(!found);
    lido_stream_close(&stream);
}
END_TEST

START_TEST(reads_elements_in_parts) {
    lido_error error;
    lido_stream stream;
    lido_mat_array array;
    bool found;
    uint8_t bytes[6];
    assert_ok(lido_mat_open(golden("one.mat"), &stream, &error));
    assert_ok(lido_mat_next(&stream, &array, &found, &error));
    ck_assert_str_eq(array.name, "X");
    ck_assert_int_eq(array.type, LIDO_MAT_U8);
    assert_ok(lido_mat_read(&stream, &array, bytes, 4, &error)); /* down the first column */
    ck_assert_mem_eq(bytes, ((uint8_t[]){0, 7, 14, 21}), 4);
    assert_fails(lido_mat_end(&stream, &array, &error), LIDO_CORRUPT, "more behind");
    assert_ok(lido_mat_leave(&stream, &array, &error));
    assert_ok(lido_mat_next(&stream, &array, &found, &error));
    ck_assert_str_eq(array.name, "y"); /* one byte: a small element, inside its tag */
    assert_fails(lido_mat_read(&stream, &array, bytes, 2, &error), LIDO_CORRUPT, "too short");
    assert_ok(lido_mat_read(&stream, &array, bytes, 1, &error));
    ck_assert_int_eq(bytes[0], 1);
    assert_ok(lido_mat_end(&stream, &array, &error));
    lido_stream_close(&stream);
}
END_TEST

static const struct {
    lido_mat_type type;
    int64_t size;
    uint8_t stored[8];
    double value;
} values[] = {
    {LIDO_MAT_I8, 1, {0xfe}, -2},
    {LIDO_MAT_U8, 1, {0xfe}, 254},
    {LIDO_MAT_I16, 2, {0xfe, 0xff}, -2},
    {LIDO_MAT_U16, 2, {0xfe, 0xff}, 65534},
    {LIDO_MAT_I32, 4, {0xfe, 0xff, 0xff, 0xff}, -2},
    {LIDO_MAT_U32, 4, {0xfe, 0xff, 0xff, 0xff}, 4294967294.0},
    {LIDO_MAT_F32, 4, {0, 0, 0xc0, 0xbf}, -1.5},
    {LIDO_MAT_F64, 8, {0, 0, 0, 0, 0, 0, 0x24, 0x40}, 10},
};

START_TEST(converts_every_type) {
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        ck_assert_int_eq(lido_mat_size(values[i].type), values[i].size);
        ck_assert_double_eq(lido_mat_value(values[i].type, values[i].stored), values[i].value);
    }
}
END_TEST

LIDO_TEST_MAIN("mat_file", goes_through_all_variables, reads_elements_in_parts, converts_every_type)
