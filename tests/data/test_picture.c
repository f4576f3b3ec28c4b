/* test_picture.c - PNG in every kind of pixel, written chunk by chunk here, JPEG in grey and
 * colour, and both damaged. */
#define _GNU_SOURCE
#include "data_files.h"

#include "data/format.h"

#if defined(LIDO_HAVE_PNG) && defined(LIDO_HAVE_ZLIB)
#    include <zlib.h>
#endif
#ifdef LIDO_HAVE_TURBOJPEG
#    include <turbojpeg.h>
#endif

START_TEST(refuses_other_files) {
    scratch s = scratch_make();
    lido_error error;
    lido_shape shape;
    uint8_t *pixels;
    assert_fails(
        lido_picture_read(scratch_write(&s, "a.png", "GIF89a", 6), &shape, &pixels, &error),
        LIDO_CORRUPT, "a.png: neither PNG nor JPEG");
    assert_fails(lido_picture_read(scratch_write(&s, "a.png", "", 0), &shape, &pixels, &error),
                 LIDO_CORRUPT, "neither PNG nor JPEG");
    assert_fails(lido_picture_read(scratch_path(&s, "no.png"), &shape, &pixels, &error),
                 LIDO_NOT_FOUND, "no.png: cannot open");
    ck_assert_ptr_null(pixels);
    scratch_free(&s);
}
END_TEST

static lido_status read_picture(const char *path, const void *context) {
    (void)context;
    lido_shape shape, header;
    uint8_t *pixels;
    lido_error error;
    lido_status header_status = lido_picture_read(path, &header, NULL, &error);
    lido_status status = lido_picture_read(path, &shape, &pixels, &error);
    free(pixels);
    if (status) return status;
    assert_ok(header_status);
    ck_assert(lido_shape_equal(&header, &shape));
    return LIDO_OK;
}

#if defined(LIDO_HAVE_PNG) && defined(LIDO_HAVE_ZLIB)

enum { GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 };

static uint8_t *put_big_endian(uint8_t *out, uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) *out++ = (uint8_t)(value >> shift);
    return out;
}

static uint8_t *put_chunk(uint8_t *out, const char *type, const uint8_t *data, size_t size) {
    out = put_big_endian(out, (uint32_t)size);
    uint8_t *start = out;
    memcpy(out, type, 4);
    memcpy(out + 4, data, size);
    return put_big_endian(out + 4 + size, (uint32_t)crc32(0, start, (uInt)size + 4));
}

/* rows holds, for each row, a filter byte 0 and the row. Returns the file's size. */
static size_t make_png(uint32_t width, uint32_t height, int depth, int kind, const uint8_t *rows,
                       size_t size, uint8_t *out) {
    uint8_t header[13] = {0}, packed[512], *end = out;
    put_big_endian(put_big_endian(header, width), height);
    header[8] = (uint8_t)depth;
    header[9] = (uint8_t)kind;
    uLongf packed_size = sizeof packed;
    ck_assert_int_eq(compress(packed, &packed_size, rows, size), Z_OK);
    memcpy(end, "\x89PNG\r\n\x1a\n", 8);
    end = put_chunk(end + 8, "IHDR", header, sizeof header);
    if (kind == PALETTE) end = put_chunk(end, "PLTE", (const uint8_t[]){1, 2, 3, 40, 50, 60}, 6);
    end = put_chunk(end, "IDAT", packed, packed_size);
    return (size_t)(put_chunk(end, "IEND", (const uint8_t *)"", 0) - out);
}

/* Pictures of one row of two pixels. */
static const struct {
    int depth, kind;
    uint8_t row[17];
    size_t size;
    int channels;
    uint8_t expected[6];
} kinds[] = {
    {8, GREY, {0, 7, 200}, 3, 1, {7, 200}},
    {1, GREY, {0, 0x40}, 2, 1, {0, 255}},
    {4, GREY, {0, 0x3f}, 2, 1, {51, 255}},
    {16, GREY, {0, 0x12, 0x12, 0xfe, 0xfe}, 5, 1, {0x12, 0xfe}},
    {8, RGB, {0, 1, 2, 3, 253, 254, 255}, 7, 3, {1, 2, 3, 253, 254, 255}},
    {16, RGB, {0, 1, 1, 2, 2, 3, 3, 9, 9, 8, 8, 7, 7}, 13, 3, {1, 2, 3, 9, 8, 7}},
    {8, PALETTE, {0, 1, 0}, 3, 3, {40, 50, 60, 1, 2, 3}},
    {1, PALETTE, {0, 0x80}, 2, 3, {40, 50, 60, 1, 2, 3}},
    {8, GREY_ALPHA, {0, 100, 255, 100, 51}, 5, 1, {100, 20}},
    {8, RGB_ALPHA, {0, 9, 8, 7, 0, 10, 20, 250, 102}, 9, 3, {0, 0, 0, 4, 8, 100}},
};

START_TEST(reads_every_kind_of_png) {
    scratch s = scratch_make();
    lido_error error;
    uint8_t file[2048], *pixels;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        lido_shape shape;
        size_t size =
            make_png(2, 1, kinds[i].depth, kinds[i].kind, kinds[i].row, kinds[i].size, file);
        assert_ok(
            lido_picture_read(scratch_write(&s, "a.png", file, size), &shape, &pixels, &error));
        assert_ok(read_picture(scratch_path(&s, "a.png"), NULL));
        ck_assert_int_eq(shape.axis[1], 1);
        ck_assert_int_eq(shape.axis[2], 2);
        ck_assert_int_eq(shape.channels, kinds[i].channels);
        for (int p = 0; p < 2 * kinds[i].channels; p++)
            ck_assert_msg(pixels[p] == kinds[i].expected[p], "kind %zu pixel %d: %d", i, p,
                          pixels[p]);
        free(pixels);
    }
    scratch_free(&s);
}
END_TEST

START_TEST(writes_png_that_reads_back) {
    scratch s = scratch_make();
    lido_error error;
    for (int channels = 1; channels <= 3; channels += 2) {
        const lido_shape shape = {2, {1, 3, 5}, channels};
        uint8_t pixels[3 * 5 * 3], *file, *back;
        size_t size;
        for (int i = 0; i < 15 * channels; i++) pixels[i] = (uint8_t)(17 * i);
        assert_ok(lido_picture_encode(&shape, pixels, &file, &size, &error));
        lido_shape found;
        assert_ok(lido_picture_read(scratch_write(&s, "a.png", file, size), &found, &back, &error));
        ck_assert(lido_shape_equal(&shape, &found));
        ck_assert_mem_eq(pixels, back, (size_t)(15 * channels));
        free(back);
        free(file);
    }
    const lido_shape two = {2, {1, 1, 1}, 2};
    uint8_t *file;
    size_t size;
    assert_fails(lido_picture_encode(&two, (const uint8_t *)"ab", &file, &size, &error), LIDO_SHAPE,
                 "1 or 3 channels, not 2");
    ck_assert_ptr_null(file);
    scratch_free(&s);
}
END_TEST

START_TEST(survives_damaged_png) {
    scratch s = scratch_make();
    lido_error error;
    lido_shape shape;
    uint8_t rows[16 * 49], file[2048], *pixels;
    for (size_t i = 0; i < sizeof rows; i++) rows[i] = i % 49 == 0 ? 0 : (uint8_t)(i * i / 7);
    for (size_t i = 0; i < sizeof rows; i++) rows[i] &= 0x0f;
    size_t size = make_png(16, 16, 8, RGB, rows, sizeof rows, file);
    ck_assert_int_gt(read_mutated(&s, "a.png", file, size, 1000, read_picture, NULL), 900);
    read_truncated(&s, "a.png", file, size - 12, 1, read_picture, NULL); /* IEND can be missed */
    size = make_png(1 << 14, 1 << 13, 8, RGB, rows, sizeof rows, file);
    assert_fails(lido_picture_read(scratch_write(&s, "a.png", file, size), &shape, &pixels, &error),
                 LIDO_CORRUPT, "cannot hold 16384x8192 pixels");
    size = make_png(100000, 100000, 8, RGB, rows, sizeof rows, file);
    assert_fails(lido_picture_read(scratch_write(&s, "a.png", file, size), &shape, &pixels, &error),
                 LIDO_TOO_LARGE, "100000x100000 pixels, at most 2^28");
    scratch_free(&s);
}
END_TEST

#else

START_TEST(reads_every_kind_of_png) {
    scratch s = scratch_make();
    lido_error error;
    lido_shape shape;
    uint8_t *pixels;
    const char *path = scratch_write(&s, "a.png", "\x89PNG\r\n\x1a\n", 8);
    lido_status status = lido_picture_read(path, &shape, &pixels, &error);
    ck_assert(status == LIDO_UNSUPPORTED || status == LIDO_CORRUPT);
    scratch_free(&s);
}
END_TEST

START_TEST(writes_png_that_reads_back) {
    const lido_shape shape = {2, {1, 1, 1}, 1};
    uint8_t *file;
    size_t size;
    lido_error error;
    assert_fails(lido_picture_encode(&shape, (const uint8_t *)"a", &file, &size, &error),
                 LIDO_UNSUPPORTED, "libpng-dev");
    ck_assert_ptr_null(file);
}
END_TEST

START_TEST(survives_damaged_png) {
    scratch s = scratch_make();
    ck_assert_int_ne(read_picture(scratch_write(&s, "a.png", "\x89PNG", 4), NULL), LIDO_OK);
    scratch_free(&s);
}
END_TEST

#endif

#ifdef LIDO_HAVE_TURBOJPEG

enum { SIDE = 16 };

static size_t make_jpeg(int channels, uint8_t *pixels, uint8_t *out, size_t capacity) {
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            for (int c = 0; c < channels; c++)
                pixels[(y * SIDE + x) * channels + c] = (uint8_t)(60 + 6 * x + 3 * y - 20 * c);
    tjhandle coder = tjInitCompress();
    unsigned char *file = NULL;
    unsigned long size = 0;
    ck_assert_int_eq(tjCompress2(coder, pixels, SIDE, 0, SIDE, channels == 1 ? TJPF_GRAY : TJPF_RGB,
                                 &file, &size, channels == 1 ? TJSAMP_GRAY : TJSAMP_444, 95, 0),
                     0);
    ck_assert_uint_le(size, capacity);
    memcpy(out, file, size);
    tjFree(file);
    tjDestroy(coder);
    return size;
}

START_TEST(reads_jpeg) {
    scratch s = scratch_make();
    lido_error error;
    uint8_t original[SIDE * SIDE * 3], file[8192], *pixels;
    for (int channels = 1; channels <= 3; channels += 2) {
        lido_shape shape;
        size_t size = make_jpeg(channels, original, file, sizeof file);
        assert_ok(
            lido_picture_read(scratch_write(&s, "a.jpg", file, size), &shape, &pixels, &error));
        assert_ok(read_picture(scratch_path(&s, "a.jpg"), NULL));
        ck_assert_int_eq(shape.axis[1], SIDE);
        ck_assert_int_eq(shape.axis[2], SIDE);
        ck_assert_int_eq(shape.channels, channels);
        for (int p = 0; p < SIDE * SIDE * channels; p++)
            ck_assert_int_le(abs(pixels[p] - original[p]), 8);
        free(pixels);
    }
    scratch_free(&s);
}
END_TEST

START_TEST(survives_damaged_jpeg) {
    scratch s = scratch_make();
    uint8_t original[SIDE * SIDE * 3], file[8192];
    size_t size = make_jpeg(3, original, file, sizeof file);
    ck_assert_int_gt(read_mutated(&s, "a.jpg", file, size, 1000, read_picture, NULL), 100);
    read_truncated(&s, "a.jpg", file, size - 2, 1, read_picture, NULL);
    scratch_free(&s);
}
END_TEST

#else

START_TEST(reads_jpeg) {
    scratch s = scratch_make();
    lido_error error;
    lido_shape shape;
    uint8_t *pixels;
    const char *path = scratch_write(&s, "a.jpg", "\xff\xd8\xff\xe0", 4);
    assert_fails(lido_picture_read(path, &shape, &pixels, &error), LIDO_UNSUPPORTED,
                 "libturbojpeg0-dev");
    scratch_free(&s);
}
END_TEST

START_TEST(survives_damaged_jpeg) {
    scratch s = scratch_make();
    ck_assert_int_ne(read_picture(scratch_write(&s, "a.jpg", "\xff\xd8\xff", 3), NULL), LIDO_OK);
    scratch_free(&s);
}
END_TEST

#endif

LIDO_TEST_MAIN("picture", refuses_other_files, reads_every_kind_of_png, writes_png_that_reads_back,
               survives_damaged_png, reads_jpeg, survives_damaged_jpeg)
