/* test_checkpoint.c - the safetensors format byte for byte, and files of any other form refused. */
#include "lido_check.h"
#include "base/file.h"
#include "net/checkpoint.h"

#include <stdio.h>
#include <unistd.h>

static lido_error error;
static char path[128];

static void name_file(const char *name) {
    snprintf(path, sizeof path, "/tmp/lido-checkpoint-%ld-%s", (long)getpid(), name);
}

/* ---- the format ---------------------------------------------------------------------------- */

/* Written by hand from the description of the format. */
#define GOLDEN_HEADER                                                      \
    "{\"__metadata__\":{\"epoch\":\"3\"},"                                 \
    "\"wide\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"   \
    "\"a/b\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[8,16]}," \
    "\"bytes\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[16,19]}}      "
#define GOLDEN_DATA                    \
    "\x00\x00\x00\x00\x00\x00\xF8\x3F" \
    "\x00\x00\x80\x3F\x00\x00\x20\xC0" \
    "\x01\x02\xFF"

/* The whole file into bytes; returns its size. */
static size_t golden(uint8_t *bytes) {
    size_t header = sizeof GOLDEN_HEADER - 1, data = sizeof GOLDEN_DATA - 1;
    ck_assert_uint_eq(header % 8, 0);
    memset(bytes, 0, 8);
    bytes[0] = (uint8_t)(header & 0xFF);
    bytes[1] = (uint8_t)(header >> 8);
    memcpy(bytes + 8, GOLDEN_HEADER, header);
    memcpy(bytes + 8 + header, GOLDEN_DATA, data);
    return 8 + header + data;
}

static const float floats[2] = {1, -2.5f};
static const double wide[1] = {1.5};
static const uint8_t small[3] = {1, 2, 255};
static const lido_tensor tensors[3] = {
    {.name = "a/b", .dtype = LIDO_F32, .rank = 2, .dim = {2, 1}, .data = floats},
    {.name = "bytes", .dtype = LIDO_U8, .rank = 1, .dim = {3}, .data = small},
    {.name = "wide", .dtype = LIDO_F64, .rank = 1, .dim = {1}, .data = wide}};
static const lido_text_pair metadata[1] = {{"epoch", "3"}};

START_TEST(the_bytes_are_those_of_the_format) {
    uint8_t expected[512], *found;
    size_t size = golden(expected), found_size;
    name_file("golden");
    assert_ok(lido_tensors_write(path, tensors, 3, metadata, 1, &error));
    assert_ok(lido_file_read(path, 1 << 20, &found, &found_size, &error));
    unlink(path);
    ck_assert_uint_eq(found_size, size);
    ck_assert_mem_eq(found, expected, size);
    free(found);
}
END_TEST

START_TEST(what_is_written_is_read) {
    name_file("again");
    lido_tensor_file file;
    assert_ok(lido_tensors_write(path, tensors, 3, metadata, 1, &error));
    assert_ok(lido_tensor_file_read(path, &file, &error));
    unlink(path);
    ck_assert_int_eq(file.tensors, 3);
    for (int i = 0; i < 3; i++) {
        const lido_tensor *tensor = lido_tensor_find(&file, tensors[i].name);
        ck_assert_ptr_nonnull(tensor);
        ck_assert_int_eq(tensor->dtype, tensors[i].dtype);
        ck_assert_int_eq(tensor->rank, tensors[i].rank);
        ck_assert_mem_eq(tensor->dim, tensors[i].dim, sizeof tensor->dim);
    }
    ck_assert_mem_eq(lido_tensor_find(&file, "bytes")->data, small, 3);
    lido_real values[2];
    ck_assert(lido_tensor_reals(lido_tensor_find(&file, "a/b"), values));
    ck_assert(values[0] == 1 && values[1] == (lido_real)-2.5);
    ck_assert(lido_tensor_reals(lido_tensor_find(&file, "wide"), values));
    ck_assert(values[0] == (lido_real)1.5);
    ck_assert(!lido_tensor_reals(lido_tensor_find(&file, "bytes"), values));
    ck_assert_str_eq(lido_tensor_file_text(&file, "epoch"), "3");
    ck_assert_ptr_null(lido_tensor_file_text(&file, "Epoch"));
    ck_assert_ptr_null(lido_tensor_find(&file, "a"));
    lido_tensor_file_free(&file);
}
END_TEST

START_TEST(scalars_empty_tensors_and_empty_files_are_allowed) {
    const int64_t number = -7;
    const lido_tensor odd[2] = {
        {.name = "nothing", .dtype = LIDO_F32, .rank = 2, .dim = {0, 5}, .data = &number},
        {.name = "step", .dtype = LIDO_I64, .data = &number}};
    name_file("odd");
    lido_tensor_file file;
    assert_ok(lido_tensors_write(path, odd, 2, NULL, 0, &error));
    assert_ok(lido_tensor_file_read(path, &file, &error));
    ck_assert_int_eq(lido_tensor_count(lido_tensor_find(&file, "nothing")), 0);
    ck_assert_int_eq(lido_tensor_count(lido_tensor_find(&file, "step")), 1);
    ck_assert_mem_eq(lido_tensor_find(&file, "step")->data, &number, sizeof number);
    ck_assert_ptr_null(lido_tensor_file_text(&file, "epoch"));
    lido_tensor_file_free(&file);
    assert_ok(lido_tensors_write(path, NULL, 0, NULL, 0, &error));
    assert_ok(lido_tensor_file_read(path, &file, &error));
    ck_assert_int_eq(file.tensors, 0);
    lido_tensor_file_free(&file);
    unlink(path);
}
END_TEST

START_TEST(what_cannot_be_written_is_refused) {
    lido_tensor twice[2] = {tensors[0], tensors[0]};
    name_file("refused");
    assert_fails(lido_tensors_write(path, twice, 2, NULL, 0, &error), LIDO_USAGE,
                 "\"a/b\" is already used");
    strcpy(twice[0].name, "__metadata__");
    assert_fails(lido_tensors_write(path, twice, 2, NULL, 0, &error), LIDO_USAGE, "__metadata__");
    twice[0] = tensors[0];
    twice[0].dim[0] = twice[0].dim[1] = INT64_MAX / 2;
    assert_fails(lido_tensors_write(path, twice, 1, NULL, 0, &error), LIDO_TOO_LARGE, "a/b");
    ck_assert(!lido_path_exists(path));
    assert_fails(lido_tensors_write("/nowhere/at/all", tensors, 3, NULL, 0, &error), LIDO_NOT_FOUND,
                 "/nowhere/at/all");
}
END_TEST

/* ---- files that are refused ---------------------------------------------------------------- */

/* Thousands of files: without the wait for the disk of lido_file_write. */
static lido_status read_bytes(const void *bytes, size_t size, lido_tensor_file *file) {
    FILE *stream = fopen(path, "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(bytes, 1, size, stream), size);
    ck_assert_int_eq(fclose(stream), 0);
    lido_status status = lido_tensor_file_read(path, file, &error);
    unlink(path);
    return status;
}

/* A file of this header and so many bytes of data. */
static lido_status read_header(const char *header, size_t data, lido_tensor_file *file) {
    static uint8_t bytes[1 << 12];
    uint64_t length = strlen(header);
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, &length, sizeof length);
    memcpy(bytes + 8, header, (size_t)length);
    return read_bytes(bytes, 8 + (size_t)length + data, file);
}

#define F32_ENTRY(shape, offsets) \
    "{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

START_TEST(headers_that_do_not_fit_are_refused) {
    static const struct {
        const char *header;
        size_t data;
        const char *says;
    } bad[] = {
        {"[]", 0, "must be an object"},
        {"{", 0, "the header of a safetensors file"},
        {"{\"a\":1}", 0, "expected an object of dtype, shape and data_offsets"},
        {"{\"a\":" F32_ENTRY("[1]", "[0,4]") ",\"a\":" F32_ENTRY("[1]", "[4,8]") "}", 8,
         "duplicate"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "expected an object of dtype"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"offsets\":[0,4]}}", 4, "two offsets"},
        {"{\"a\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[0,2]}}", 2, "one of F32, F64"},
        {"{\"a\":{\"dtype\":4,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "one of F32, F64"},
        {"{\"a\":" F32_ENTRY("1", "[0,4]") "}", 4, "list of at most 8 sizes"},
        {"{\"a\":" F32_ENTRY("[-1]", "[0,4]") "}", 4, "list of at most 8 sizes"},
        {"{\"a\":" F32_ENTRY("[0.5]", "[0,4]") "}", 4, "list of at most 8 sizes"},
        {"{\"a\":" F32_ENTRY("[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4, "list of at most 8 sizes"},
        {"{\"a\":" F32_ENTRY("[1]", "[4,0]") "}", 4, "outside of the file"},
        {"{\"a\":" F32_ENTRY("[1]", "[0,4]") "}", 3, "outside of the file"},
        {"{\"a\":" F32_ENTRY("[1]", "[0,4,4]") "}", 4, "two offsets"},
        {"{\"a\":" F32_ENTRY("[2]", "[0,4]") "}", 4, "do not fit"},
        {"{\"a\":" F32_ENTRY("[4611686018427387904,4]", "[0,4]") "}", 4, "list of at most 8 sizes"},
        {"{\"a\":" F32_ENTRY("[4503599627370496,4503599627370496]", "[0,0]") "}", 0, "do not fit"},
        {"{\"a\":" F32_ENTRY("[1]", "[0,4]") ",\"b\":" F32_ENTRY("[1]", "[0,4]") "}", 4,
         "overlaps"},
        {"{\"a\":" F32_ENTRY("[1]", "[4,8]") "}", 8, "hole"},
        {"{\"a\":" F32_ENTRY("[1]", "[0,4]") "}", 5,
         "5 bytes of data, of which the tensors take 4"},
        {"{\"__metadata__\":{\"a\":1}}", 0, "object of texts"},
        {"{\"__metadata__\":\"a\"}", 0, "object of texts"},
    };
    name_file("bad");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        lido_tensor_file file;
        assert_fails(read_header(bad[i].header, bad[i].data, &file), LIDO_CORRUPT, bad[i].says);
        ck_assert(strstr(error.message, path) != NULL);
        ck_assert_int_eq(error.status, LIDO_CORRUPT);
        ck_assert(!file.bytes && !file.tensor && !file.header && !file.path);
    }
}
END_TEST

START_TEST(long_names_are_refused) {
    char header[512];
    int length = 255;
    lido_tensor_file file;
    name_file("long");
    for (; length <= 256; length++) {
        snprintf(header, sizeof header, "{\"%0*d\":" F32_ENTRY("[1]", "[0,4]") "}", length, 7);
        if (length == 256) break;
        assert_ok(read_header(header, 4, &file));
        lido_tensor_file_free(&file);
    }
    assert_fails(read_header(header, 4, &file), LIDO_CORRUPT, "more than 255 bytes");
}
END_TEST

START_TEST(header_lengths_that_lie_are_refused) {
    uint8_t bytes[512];
    size_t size = golden(bytes);
    name_file("lengths");
    static const uint64_t lies[] = {0,          1,          500,        100000001,
                                    1ull << 32, 1ull << 63, UINT64_MAX, UINT64_MAX - 7};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        lido_tensor_file file;
        memcpy(bytes, &lies[i], 8);
        assert_fails(read_bytes(bytes, size, &file), LIDO_CORRUPT, path);
    }
}
END_TEST

START_TEST(a_missing_file_is_not_found) {
    lido_tensor_file file;
    assert_fails(lido_tensor_file_read("/nowhere/x.safetensors", &file, &error), LIDO_NOT_FOUND,
                 "/nowhere/x.safetensors");
    ck_assert_ptr_null(file.tensor);
}
END_TEST

START_TEST(every_truncation_is_refused) {
    uint8_t bytes[512];
    size_t size = golden(bytes);
    name_file("truncated");
    for (size_t length = 0; length < size; length++) {
        lido_tensor_file file;
        assert_fails(read_bytes(bytes, length, &file), LIDO_CORRUPT, path);
    }
    lido_tensor_file file;
    assert_ok(read_bytes(bytes, size, &file));
    lido_tensor_file_free(&file);
    bytes[size] = 0;
    assert_fails(read_bytes(bytes, size + 1, &file), LIDO_CORRUPT, "20 bytes of data");
}
END_TEST

/* Whatever a damaged file says, it is refused, or every tensor can be read. */
START_TEST(damaged_files_never_crash) {
    uint8_t whole[512], bytes[512];
    size_t size = golden(whole), header = sizeof GOLDEN_HEADER - 1;
    lido_key key = lido_key_make(1, "damage", 0);
    int accepted = 0;
    name_file("damaged");
    for (uint64_t trial = 0; trial < 3000; trial++) {
        memcpy(bytes, whole, size);
        int changes = 1 + (int)lido_random_below(key, trial, 0, 3);
        for (int c = 1; c <= changes; c++) {
            uint64_t where = lido_random_below(key, trial, 2 * (uint64_t)c, 8 + header);
            bytes[where] = (uint8_t)lido_random_below(key, trial, 2 * (uint64_t)c + 1, 256);
        }
        lido_tensor_file file;
        if (read_bytes(bytes, size, &file)) continue;
        accepted++;
        for (int i = 0; i < file.tensors; i++) {
            lido_real values[64];
            ck_assert_int_le(lido_tensor_count(&file.tensor[i]), 64);
            lido_tensor_reals(&file.tensor[i], values);
        }
        lido_tensor_file_free(&file);
    }
    ck_assert_int_gt(accepted, 0); /* a changed letter of a name is a good file */
    ck_assert_int_lt(accepted, 1000);
}
END_TEST

LIDO_TEST_MAIN("checkpoint", the_bytes_are_those_of_the_format, what_is_written_is_read,
               scalars_empty_tensors_and_empty_files_are_allowed, what_cannot_be_written_is_refused,
               headers_that_do_not_fit_are_refused, long_names_are_refused,
               header_lengths_that_lie_are_refused, a_missing_file_is_not_found,
               every_truncation_is_refused, damaged_files_never_crash)
