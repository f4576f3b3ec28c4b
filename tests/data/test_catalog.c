/* test_catalog.c - the table of known sets says what can be true. */
#define _GNU_SOURCE
#include "data_files.h"

#include "data/format.h"

static void check_file(const lido_data_source *source, const lido_data_file *file) {
    ck_assert_msg(strlen(file->md5) == 32 && strspn(file->md5, "0123456789abcdef") == 32, "%s: %s",
                  source->name, file->name);
    ck_assert_ptr_eq(strstr(file->url, "http"), file->url);
    ck_assert_str_eq(strrchr(file->url, '/') + 1, file->name);
    ck_assert_ptr_null(strchr(file->name, '/'));
    for (const lido_data_member *m = file->members; m && m->name; m++)
        ck_assert_int_gt(m->bytes, 0);
}

START_TEST(is_complete) {
    size_t count;
    const lido_data_source *source = lido_data_sources(&count);
    ck_assert_uint_gt(count, 1);
    for (size_t i = 0; i < count; i++, source++) {
        ck_assert_ptr_eq(lido_data_source_find(source->name), source);
        ck_assert_ptr_nonnull(source->doc);
        ck_assert_ptr_nonnull(source->licence);
        ck_assert_ptr_nonnull(source->home);
        ck_assert_int_gt(source->train, 0);
        ck_assert_int_gt(source->test, 0);
        ck_assert_int_ge(source->classes, 2);
        const lido_format *format = lido_format_find(source->format);
        ck_assert_ptr_nonnull(format);
        if (source->files) ck_assert_ptr_nonnull(format->recognise);
        ck_assert_int_eq(format->recognise != NULL, source->folder[0] != '\0');
        for (const lido_data_file *f = source->files; f && f->name; f++) check_file(source, f);
    }
    ck_assert_ptr_null(lido_data_source_find("MNIST"));
}
END_TEST

/* data/README.md says the same. */
START_TEST(agrees_with_the_readme) {
    uint8_t *readme;
    size_t size, count;
    lido_error error;
    assert_ok(lido_file_read(LIDO_SOURCE_DIR "/data/README.md", 1 << 20, &readme, &size, &error));
    const lido_data_source *source = lido_data_sources(&count);
    for (size_t i = 0; i < count; i++) {
        char row[512];
        snprintf(row, sizeof row, "| `%s` | ", source[i].name);
        ck_assert_msg(strstr((char *)readme, row) != NULL, "no row %s", row);
        for (const lido_data_file *f = source[i].files; f && f->name; f++) {
            snprintf(row, sizeof row, "| %s | %s |\n", f->name, f->md5);
            ck_assert_msg(strstr((char *)readme, row) != NULL, "no row %s", row);
        }
    }
    free(readme);
}
END_TEST

LIDO_TEST_MAIN("catalog", is_complete, agrees_with_the_readme)
