/* Tests of data_uri.c: base64 by the vectors of RFC 4648, and a picture that comes back. */
#include "lido_check.h"

#include "study/data_uri.h"

#include <stdio.h>

START_TEST(base64_as_in_the_rfc) {
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "Zg=="},
                                             {"fo", "Zm8="},
                                             {"foo", "Zm9v"},
                                             {"foob", "Zm9vYg=="},
                                             {"fooba", "Zm9vYmE="},
                                             {"foobar", "Zm9vYmFy"},
                                             {"\xff\xfe\xfd", "//79"}};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const char *from = vectors[i][0];
        char expected[32];
        snprintf(expected, sizeof expected, "x:%s", vectors[i][1]);
        char *text = lido_base64("x:", (const uint8_t *)from, strlen(from));
        ck_assert_str_eq(text, expected);
        free(text);
    }
}
END_TEST

START_TEST(pictures_become_png) {
    const lido_shape shape = {2, {1, 2, 2}, 1};
    const uint8_t pixels[] = {0, 85, 170, 255};
    char *uri;
    lido_error error;
#ifdef LIDO_HAVE_PNG
    static const char start[] = "data:image/png;base64,iVBORw0KGgo";
    assert_ok(lido_data_uri(&shape, pixels, &uri, &error));
    ck_assert_int_eq(strncmp(uri, start, strlen(start)), 0);
#else
    assert_fails(lido_data_uri(&shape, pixels, &uri, &error), LIDO_UNSUPPORTED, "libpng");
    ck_assert_ptr_null(uri);
#endif
    free(uri);
}
END_TEST

LIDO_TEST_MAIN("data_uri", base64_as_in_the_rfc, pictures_become_png)
