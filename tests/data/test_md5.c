/* test_md5.c - the test suite of RFC 1321 and lengths around the block. */
#define _GNU_SOURCE
#include "data_files.h"

#include "data/md5.h"

static const struct {
    const char *text, *digest;
} vectors[] = {
    {"", "d41d8cd98f00b204e9800998ecf8427e"},
    {"a", "0cc175b9c0f1b6a831c399e269772661"},
    {"abc", "900150983cd24fb0d6963f7d28e17f72"},
    {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
    {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
     "d174ab98d277d9f5a5611c2c9f419d9f"},
    {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
     "57edf4a22be3c955ac49da2e2107b67a"},
};

START_TEST(agrees_with_the_rfc) {
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char digest[LIDO_MD5_TEXT];
        lido_md5 md5;
        lido_md5_start(&md5);
        lido_md5_add(&md5, vectors[i].text, strlen(vectors[i].text));
        lido_md5_finish(&md5, digest);
        ck_assert_str_eq(digest, vectors[i].digest);
    }
}
END_TEST

START_TEST(does_not_depend_on_the_cuts) {
    uint8_t data[200];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)i;
    for (size_t cut = 0; cut <= sizeof data; cut++) {
        char whole[LIDO_MD5_TEXT], parts[LIDO_MD5_TEXT];
        lido_md5 md5;
        lido_md5_start(&md5);
        lido_md5_add(&md5, data, sizeof data);
        lido_md5_finish(&md5, whole);
        lido_md5_start(&md5);
        lido_md5_add(&md5, data, cut);
        lido_md5_add(&md5, data + cut, sizeof data - cut);
        lido_md5_finish(&md5, parts);
        ck_assert_str_eq(whole, parts);
    }
}
END_TEST

START_TEST(reads_files) {
    scratch s = scratch_make();
    char digest[LIDO_MD5_TEXT];
    lido_error error;
    size_t size = 1000000; /* a's; the digest by md5sum */
    char *data = malloc(size);
    memset(data, 'a', size);
    assert_ok(lido_md5_file(scratch_write(&s, "a", data, size), digest, &error));
    ck_assert_str_eq(digest, "7707d6ae4e027c70eea2a935c2296f21");
    assert_fails(lido_md5_file(scratch_path(&s, "b"), digest, &error), LIDO_NOT_FOUND,
                 "b: cannot open");
    free(data);
    scratch_free(&s);
}
END_TEST

LIDO_TEST_MAIN("md5", agrees_with_the_rfc, does_not_depend_on_the_cuts, reads_files)
