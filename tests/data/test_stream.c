/* test_stream.c - exact reading of plain bytes and of packed stretches between them. */
#define _GNU_SOURCE
#include "data_files.h"

#include "data/stream.h"

START_TEST(reads_exactly) {
    scratch s = scratch_make();
    lido_error error;
    lido_stream stream;
    char text[16] = "";
    assert_ok(lido_stream_open(scratch_write(&s, "a", "0123456789", 10), &stream, &error));
    ck_assert_int_eq(lido_stream_bound(&stream), 10);
    assert_ok(lido_stream_read(&stream, text, 4, &error));
    ck_assert_str_eq(text, "0123");
    assert_ok(lido_stream_skip(&stream, 3, &error));
    ck_assert_int_eq(lido_stream_bound(&stream), 3);
    assert_fails(lido_stream_read(&stream, text, 5, &error), LIDO_CORRUPT,
                 "a: truncated: 2 more bytes expected");
    assert_ok(lido_stream_read(&stream, text, 3, &error));
    ck_assert_str_eq(text, "7893");
    assert_fails(lido_stream_skip(&stream, 1, &error), LIDO_CORRUPT, "truncated");
    lido_stream_close(&stream);
    scratch_free(&s);
}
END_TEST

START_TEST(opens_files_only) {
    scratch s = scratch_make();
    lido_error error;
    lido_stream stream;
    assert_fails(lido_stream_open(scratch_path(&s, "none"), &stream, &error), LIDO_NOT_FOUND,
                 "none: cannot open");
    assert_fails(lido_stream_open(s.folder, &stream, &error), LIDO_IO, "not a regular file");
    lido_stream_close(&(lido_stream){0});
    scratch_free(&s);
}
END_TEST

#ifdef LIDO_HAVE_ZLIB

/* zlib.compress(b"lido" * 3) of Python, between two bytes in the clear. */
static const uint8_t file[] = {'<',  0x78, 0x9c, 0xcb, 0xc9, 0x4c, 0xc9, 0xcf,
                               0x81, 0x62, 0x00, 0x20, 0x52, 0x04, 0xf9, '>'};
enum { PACKED = sizeof file - 2, TEXT = 12 };

static lido_stream open_packed(scratch *s) {
    lido_error error;
    lido_stream stream;
    uint8_t first;
    assert_ok(lido_stream_open(scratch_write(s, "a", file, sizeof file), &stream, &error));
    assert_ok(lido_stream_read(&stream, &first, 1, &error));
    assert_ok(lido_stream_inflate(&stream, LIDO_ZLIB, PACKED, &error));
    ck_assert_int_ge(lido_stream_bound(&stream), TEXT);
    return stream;
}

static void expect_end(lido_stream *stream) {
    char last;
    lido_error error;
    assert_ok(lido_stream_read(stream, &last, 1, &error));
    ck_assert_int_eq(last, '>');
    ck_assert_int_eq(stream->left, 0);
    lido_stream_close(stream);
}

START_TEST(inflates_a_stretch) {
    scratch s = scratch_make();
    lido_error error;
    char text[TEXT + 1] = "";
    lido_stream stream = open_packed(&s);
    assert_ok(lido_stream_read(&stream, text, 5, &error));
    assert_ok(lido_stream_read(&stream, text + 5, TEXT - 5, &error));
    ck_assert_str_eq(text, "lidolidolido");
    assert_ok(lido_stream_inflated(&stream, &error));
    expect_end(&stream);

    stream = open_packed(&s);
    assert_ok(lido_stream_read(&stream, text, 5, &error));
    assert_ok(lido_stream_leave(&stream, &error));
    expect_end(&stream);
    scratch_free(&s);
}
END_TEST

START_TEST(notices_other_lengths) {
    scratch s = scratch_make();
    lido_error error;
    char text[TEXT + 1];
    lido_stream stream = open_packed(&s);
    assert_fails(lido_stream_read(&stream, text, TEXT + 1, &error), LIDO_CORRUPT,
                 "truncated: 1 more bytes expected");
    lido_stream_close(&stream);
    stream = open_packed(&s);
    assert_ok(lido_stream_read(&stream, text, TEXT - 1, &error));
    assert_fails(lido_stream_inflated(&stream, &error), LIDO_CORRUPT,
                 "longer than its header says");
    lido_stream_close(&stream);
    assert_ok(lido_stream_open(s.path, &stream, &error));
    assert_fails(lido_stream_inflate(&stream, LIDO_ZLIB, sizeof file + 1, &error), LIDO_CORRUPT,
                 "truncated");
    assert_ok(lido_stream_inflate(&stream, LIDO_ZLIB, -1, &error));
    assert_fails(lido_stream_read(&stream, text, 1, &error), LIDO_CORRUPT,
                 "damaged compressed data: incorrect header check");
    lido_stream_close(&stream);
    scratch_free(&s);
}
END_TEST

LIDO_TEST_MAIN("stream", reads_exactly, opens_files_only, inflates_a_stretch, notices_other_lengths)

#else

START_TEST(needs_zlib) {
    scratch s = scratch_make();
    lido_error error;
    lido_stream stream;
    assert_ok(lido_stream_open(scratch_write(&s, "a", "x", 1), &stream, &error));
    assert_fails(lido_stream_inflate(&stream, LIDO_ZLIB, 1, &error), LIDO_UNSUPPORTED,
                 "a: needs zlib, which this lido is built without: install zlib1g-dev");
    lido_stream_close(&stream);
    scratch_free(&s);
}
END_TEST

LIDO_TEST_MAIN("stream", reads_exactly, opens_files_only, needs_zlib)

#endif
