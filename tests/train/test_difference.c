#include "lido_check.h"

#include "train/difference.h"

static bool difference(const char *ours, const char *theirs, const char *except, char *text) {
    lido_json *a, *b;
    lido_error error;
    assert_ok(lido_json_parse(ours, strlen(ours), "ours", &a, &error));
    assert_ok(lido_json_parse(theirs, strlen(theirs), "theirs", &b, &error));
    bool differ = lido_json_difference(a, b, except, text, 256);
    lido_json_free(a);
    lido_json_free(b);
    return differ;
}

START_TEST(equal_documents_do_not_differ) {
    char text[256];
    const char one[] = "{\"a\": [1, {\"b\": \"x\"}, null, true], \"c\": 1.0}";
    ck_assert(!difference(one, "{\"c\": 1, \"a\": [1, {\"b\": \"x\"}, null, true]}", NULL, text));
}
END_TEST

static const struct {
    const char *ours, *theirs, *text;
} cases[] = {
    {"{\"a\": 1}", "{\"a\": 2}", "a is 1, not 2"},
    {"{\"a\": {\"b\": [1, 2]}}", "{\"a\": {\"b\": [1, 3]}}", "a.b[1] is 2, not 3"},
    {"{\"a\": [1]}", "{\"a\": [1, 2]}", "a[1] is absent, not 2"},
    {"{\"a\": [1, 2]}", "{\"a\": [1]}", "a[1] is 2, not absent"},
    {"{}", "{\"a\": null}", "a is absent, not null"},
    {"{\"a\": \"x\"}", "{\"a\": 1}", "a is \"x\", not 1"},
    {"{\"a\": true}", "{\"a\": false}", "a is true, not false"},
};

START_TEST(the_first_difference_is_named) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        ck_assert(difference(cases[i].ours, cases[i].theirs, NULL, text));
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(one_place_may_be_excepted) {
    char text[256];
    ck_assert(!difference("{\"t\": {\"n\": 1}}", "{\"t\": {\"n\": 2}}", "t.n", text));
    ck_assert(
        difference("{\"t\": {\"n\": 1, \"m\": 1}}", "{\"t\": {\"n\": 2, \"m\": 2}}", "t.n", text));
    ck_assert_str_eq(text, "t.m is 1, not 2");
}
END_TEST

LIDO_TEST_MAIN("difference", equal_documents_do_not_differ, the_first_difference_is_named,
               one_place_may_be_excepted)
